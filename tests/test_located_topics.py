"""Where in a document a topic stands: labelled sentences and unlabelled gaps become pieces with shares."""

from __future__ import annotations

from itertools import pairwise

from benchmarks.located_topics import PIECE_LETTERS, pieces

FIRED = "The police fired at a crowd of people."
CALM = "Elsewhere the whole town was calm."
SENTENCES = [(FIRED, (1, 0)), (CALM, (0, 0)), ("Short.", (1, 1))]


def test_a_piece_has_what_its_labelled_sentences_have() -> None:
    document = f"{FIRED}  {CALM}"
    assert list(pieces([(document, (1, 0))], SENTENCES, [])) == [("d0-0", f"{FIRED}   {CALM}", (1.0, 0.0))]


def test_long_documents_are_cut_into_pieces_that_share_a_sentence() -> None:
    rows = [
        (f"Sentence number {number} is about nothing but the weather in this very town.", (0,)) for number in range(24)
    ]
    rows[20] = ("In the end police shot at the crowd that had come.", (1,))
    found = list(pieces([(" ".join(text for text, _ in rows), (1,))], rows, []))
    assert len(found) > 2
    assert all(sum(map(str.isalnum, text)) <= PIECE_LETTERS for _, text, _ in found)
    assert [shares for _, text, shares in found] == [(1.0 if "shot" in text else 0.0,) for _, text, _ in found]
    assert all(last.split(".")[-2].strip() in text for (_, last, _), (_, text, _) in pairwise(found))


def test_text_without_labels_may_have_what_no_sentence_has() -> None:
    unknown = "Nobody said what this sentence is about."
    (piece,) = pieces([(f"{CALM} {unknown}", (1, 0))], SENTENCES, [])
    assert piece[2] == (0.45, 0.0)
    (piece,) = pieces([(f"{CALM} {unknown} {FIRED}", (1, 1))], [*SENTENCES, ("The police fired", (0, 0))], [])
    assert piece[2] == (1.0, 0.45)


def test_a_long_gap_is_cut_at_words() -> None:
    found = list(pieces([("word " * 400, (1,))], [], []))
    assert len(found) > 2
    assert sum(len(text.split()) for _, text, _ in found) >= 400
    assert all(0 < shares[0] <= 0.45 for _, _, shares in found)


def test_labels_of_sentences_of_held_out_documents_are_not_used() -> None:
    (piece,) = pieces([(FIRED, (1, 0))], SENTENCES, [f"Before. {FIRED} After."])
    assert piece[2] == (0.45, 0.0)


def test_a_document_without_letters_has_no_piece() -> None:
    assert list(pieces([("—", (0, 0))], SENTENCES, [])) == []
