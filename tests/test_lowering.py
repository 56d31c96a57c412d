"""Texts without the tokenizer's normaliser: the ids are those that the library gives with it."""

from __future__ import annotations

import pytest
import tokenizers
from conftest import word_pieces
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import AddedToken, normalizers

from classifier.lowering import without_normaliser
from classifier.tokens import Tokenizer

PARTS = ["Talks", "TROOPS", " ", "\n", "’", "“", "—", "…", "é", "É", "İ", "ß", "中", "\u0301", "\u200b", "\t", "\x07"]
TOKENS = ["[SEP]", "[sep]", "[CLS", "[PAD]", "##s", "flood"]
TEXTS = st.lists(st.sampled_from([*PARTS, *TOKENS]) | st.characters(codec="utf-8")).map("".join)


def spelled(lowercase: bool, accents: bool | None = None) -> tokenizers.Tokenizer:
    tokenizer = word_pieces()
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase, strip_accents=accents)
    return tokenizer


def ids_after(tokenizer: tokenizers.Tokenizer, text: str) -> list[int]:
    prepared = without_normaliser(tokenizer)
    return list(tokenizer.encode_batch_fast([prepared(text)], add_special_tokens=False)[0].ids)


@given(text=TEXTS, lowercase=st.booleans(), accents=st.sampled_from([None, True, False]))
def test_ids_are_those_of_the_tokenizer_with_its_normaliser(text: str, lowercase: bool, accents: bool | None) -> None:
    theirs = spelled(lowercase, accents).encode(text, add_special_tokens=False).ids
    assert ids_after(spelled(lowercase, accents), text) == theirs


@given(text=TEXTS)
def test_added_words_are_found_as_the_library_finds_them(text: str) -> None:
    def tokenizer() -> tokenizers.Tokenizer:
        made = word_pieces()
        made.add_tokens([AddedToken("##s", normalized=False), AddedToken("flood", normalized=True)])
        return made

    theirs = tokenizer().encode(text, add_special_tokens=False).ids
    assert ids_after(tokenizer(), text) == theirs


@pytest.mark.parametrize(
    ("normaliser", "added"),
    [
        pytest.param(normalizers.Lowercase(), [], id="another normaliser"),
        pytest.param(normalizers.BertNormalizer(), [AddedToken("[Word]", normalized=True)], id="a word to be lowered"),
        pytest.param(None, [], id="no normaliser"),
    ],
)
def test_other_tokenizers_stay_as_they_are(normaliser: normalizers.Normalizer | None, added: list[AddedToken]) -> None:
    tokenizer = word_pieces()
    tokenizer.add_tokens(added)
    tokenizer.normalizer = normaliser  # type: ignore[assignment]
    before = tokenizer.to_str()
    prepared = without_normaliser(tokenizer)
    assert tokenizer.to_str() == before
    assert prepared("Café TALKS") == "Café TALKS"


def test_special_tokens_of_any_processor_are_put_around_a_window() -> None:
    plain = word_pieces()
    plain.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] [CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    [windows] = Tokenizer(plain, max_length=6, stride=1).windows(["a b c d"])
    assert [len(window) for window in windows.input_ids] == [6, 5]
    assert all(list(window[:2]) == [2, 2] and window[-1] == 3 for window in windows.input_ids)
    bare = word_pieces()
    bare.post_processor = None  # type: ignore[assignment]
    [windows] = Tokenizer(bare, max_length=3, stride=1).windows(["a b c d"])
    assert [len(window) for window in windows.input_ids] == [3, 2]
