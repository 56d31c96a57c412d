"""Evidence: the sentences that carried each topic, the same alone, in a batch, in a job and from its store."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import LABELS, CountingEngine, counting, decision
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from classifier import Classifier, Prediction, Story
from classifier.checkpoints import JobState
from classifier.evidence import MOST, choose, find_evidence, story_sentences
from classifier.jobs import Job, run_job
from classifier.outputs import output_for
from classifier.predict import main
from classifier.prediction import Evidence
from classifier.rows import CsvWriter, output_row
from classifier.scorable import CHUNK
from classifier.terminal import TableWriter

PARTS = ("The troops said.", "A truce\u00a0held.", "The river of the flood.", "Talks!", "a", "\r\n", "<br>", "troops ")
ODD = ("\ufeff", "\u00a0", "\u00ad", "\r\n", "👩\u200d🚀 ", "e\u0301 ", "&nbsp;", "&amp;#39;", "<b>")
TEXTS = st.lists(st.sampled_from([*PARTS, *ODD]), max_size=14).map(" ".join)
STORIES = st.lists(
    st.builds(Story, text=TEXTS, title=st.sampled_from(["", " Truce talks ", "\ufeffTroops"])), max_size=8
)


def texts(prediction: Prediction) -> dict[str, list[str]]:
    """The sentences of each topic."""
    return {topic: [one.text for one in some] for topic, some in prediction.evidence.items()}


def test_every_topic_has_the_sentence_that_carried_it(counting_classifier: Classifier) -> None:
    story = "The river rose. Troops and troops left. The minister said a. A truce was said."
    prediction = counting_classifier.classify(story, evidence=True)
    assert prediction.evidence == {
        "military": (Evidence("Troops and troops left.", 16, 39, pytest.approx(0.8808, abs=1e-4)),),
        "ceasefire": (Evidence("A truce was said.", 61, 78, pytest.approx(0.7311, abs=1e-4)),),
    }
    assert list(prediction.evidence) == list(prediction.topics)


def test_without_asking_there_is_none_and_nothing_more_is_scored(counting_classifier: Classifier) -> None:
    engine = counting_classifier.engine
    assert isinstance(engine, CountingEngine)
    assert counting_classifier.classify("Troops left. The river rose.").evidence == {}
    assert len(engine.batches) == 1


def test_a_story_without_topics_or_with_an_error_has_none(counting_classifier: Classifier) -> None:
    stories = ["The river rose. The minister said.", Story(text="Troops left.", error="a: broken"), ""]
    assert [one.evidence for one in counting_classifier.classify_many(stories, evidence=True)] == [{}, {}, {}]
    assert isinstance(counting_classifier.engine, CountingEngine)
    assert len(counting_classifier.engine.batches) == 1


def test_the_only_sentence_has_the_score_of_the_story_and_is_not_scored_again(counting_classifier: Classifier) -> None:
    prediction = counting_classifier.classify("Troops left.", evidence=True)
    assert prediction.evidence["military"] == (Evidence("Troops left.", 0, 12, prediction.scores["military"]),)
    assert isinstance(counting_classifier.engine, CountingEngine)
    assert len(counting_classifier.engine.batches) == 1


def test_a_title_is_evidence_with_places_in_the_title(counting_classifier: Classifier) -> None:
    story = Story(title=" Troops leave", text="The river rose. A minister said.")
    [evidence] = counting_classifier.classify(story, evidence=True).evidence["military"]
    assert (evidence.field, evidence.start, evidence.end, evidence.text) == ("title", 1, 13, "Troops leave")


def test_a_title_that_the_text_repeats_is_evidence_in_the_text(counting_classifier: Classifier) -> None:
    story = Story(title="Troops leave", text="Troops leave\nThe river rose.")
    [evidence] = counting_classifier.classify(story, evidence=True).evidence["military"]
    assert (evidence.field, evidence.start, evidence.end) == ("text", 0, 12)


@given(STORIES)
def test_places_count_the_characters_of_the_input(stories: list[Story]) -> None:
    for story, prediction in counting(decision()).stream(stories, evidence=True):
        assert list(prediction.evidence) == list(prediction.topics)
        for some in prediction.evidence.values():
            assert 1 <= len(some) <= MOST
            for one in some:
                assert getattr(story, one.field)[one.start : one.end] == one.text
                assert one.text == one.text.strip() != ""


@given(STORIES)
def test_a_batch_gives_the_evidence_of_each_story_alone(stories: list[Story]) -> None:
    classifier = counting(decision(pooling=("first", "max", "mean", "mean")))
    together = classifier.classify_many(stories, evidence=True)
    assert together == [classifier.classify(story, evidence=True) for story in stories]


def test_only_what_was_read_is_evidence() -> None:
    story = "troops. " + "The river rose. " * 20 + "Troops troops troops."
    first = counting(decision(pooling=("first",) * 4)).classify(story, evidence=True)
    whole = counting(decision()).classify(story, evidence=True)
    assert texts(first) == {"military": ["troops."]}
    assert texts(whole)["military"][0] == "Troops troops troops."


def test_it_costs_no_more_tokens_than_the_story_and_the_ends_of_its_windows() -> None:
    classifier = counting(decision(pooling=("first",) * 4))
    story = "Troops left. " + "The river of the minister rose. " * 40
    classifier.classify(story, evidence=True)
    assert isinstance(classifier.engine, CountingEngine)
    plain, *more = [int(batch.attention_mask.sum()) for batch in classifier.engine.batches]
    assert plain == 32
    assert sum(more) <= plain


def test_a_sentence_that_stands_in_many_stories_is_scored_once(counting_classifier: Classifier) -> None:
    stories = [f"Troops left. The river rose {number}." for number in range(5)]
    counting_classifier.classify_many(stories, evidence=True)
    assert isinstance(counting_classifier.engine, CountingEngine)
    assert sum(len(batch.indices) for batch in counting_classifier.engine.batches) == 5 + 1 + 5


def test_a_sentence_longer_than_a_window_is_scored_by_all_its_windows(counting_classifier: Classifier) -> None:
    story = "The river rose. " + "a " * 60 + "troops. A minister said."
    [evidence] = counting_classifier.classify(story, evidence=True).evidence["military"]
    assert evidence.text.endswith("a troops.")


@pytest.mark.parametrize(
    ("scores", "chosen"),
    [
        ([0.2], [0]),
        ([0.2, 0.1], [0]),
        ([0.9, 0.95], [1]),
        ([0.02, 0.91, 0.4, 0.05], [1, 2]),
        ([0.02, 0.3, 0.2, 0.05], [1]),
        ([0.9] * 10, [0, 1, 2]),
    ],
)
def test_the_sentences_that_have_the_topic_alone_are_chosen(scores: list[float], chosen: list[int]) -> None:
    assert choose(np.array(scores), np.array(scores) >= 0.36) == chosen


def test_with_classes_that_exclude_each_other_only_sentences_of_the_class_are_chosen() -> None:
    classifier = counting(decision(problem_type="multi_class", thresholds=np.zeros(4)))
    story = "Troops troops left. The flood rose. A flood of a river. The troops said."
    prediction = classifier.classify(story, evidence=True)
    assert texts(prediction) == {"military": ["Troops troops left.", "The troops said."]}


def test_a_text_that_the_model_reads_as_nothing_is_no_sentence() -> None:
    story = Story(title="\u200b", text="Talks.\n&amp;nbsp;\nTroops.")
    assert [sentence.read for sentence in story_sentences(story)] == ["Talks.", "Troops."]


def test_no_stories_have_no_evidence(counting_classifier: Classifier) -> None:
    assert find_evidence(counting_classifier, [], []) == []


def test_the_runtime_gives_every_topic_a_sentence(tiny_model: Path) -> None:
    classifier = Classifier.load(tiny_model, engine="openvino", device="cpu")
    rng = random.Random(3)
    stories = [" ".join(rng.choices([*PARTS[:4], "The river said."], k=rng.randint(1, 12))) for _ in range(40)]
    for prediction in classifier.classify_many(stories, evidence=True):
        assert set(prediction.evidence) == set(prediction.topics)
        assert all(0 <= one.score <= 1 for some in prediction.evidence.values() for one in some)


# Rows and files


STORY = Story(text="Troops left. The river rose.", id=7, columns={"id": 7, "text": "Troops left. The river rose."})
IN_JSON = {"text": "Troops left.", "field": "text", "start": 0, "end": 12, "score": 0.7311}


def test_a_row_has_the_evidence_by_topic(counting_classifier: Classifier) -> None:
    row = output_row(STORY, counting_classifier.classify(STORY, evidence=True))
    assert row["evidence"] == {"military": [IN_JSON]}


def test_csv_has_the_evidence_as_json_where_it_is_asked_for(counting_classifier: Classifier) -> None:
    file = io.StringIO(newline="")
    writer = CsvWriter(file, LABELS, one_table=True, more=["evidence"])
    writer.write([(STORY, counting_classifier.classify(STORY, evidence=True))])
    [row] = csv.DictReader(io.StringIO(file.getvalue(), newline=""))
    assert json.loads(row["evidence"]) == [{"topic": "military", **IN_JSON}]


def job(path: Path, **settings: Any) -> Job:
    return Job(output=output_for(str(path)), fingerprint={}, checkpoint_s=0.0, evidence=True, **settings)


def feed() -> list[Story]:
    """Three chunks; most texts stand in more than one of them."""
    rng = random.Random(0)
    made = [" ".join(rng.choices(PARTS, k=rng.randint(1, 9))) for _ in range(40)]
    return [Story(text=text, id=number) for number, text in enumerate(rng.choices(made, k=2 * CHUNK + 9))]


def test_parquet_has_the_evidence_as_a_list_of_structs(tmp_path: Path, counting_classifier: Classifier) -> None:
    surrogate = Story(text="Troops \ud800. The river rose.", id=8)
    run_job(job(tmp_path / "out.parquet"), counting_classifier, iter([STORY, Story(text="The river", id=9), surrogate]))
    rows = parquet.read_table(tmp_path / "out.parquet").column("evidence").to_pylist()
    assert rows[:2] == [[{"topic": "military", **IN_JSON}], []]
    assert rows[2][0]["text"] == "Troops ?."


def test_a_text_seen_before_has_the_same_evidence_and_is_not_scored_again(
    tmp_path: Path, counting_classifier: Classifier
) -> None:
    run_job(job(tmp_path / "out.jsonl"), counting_classifier, iter(feed()))
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]
    fresh = counting(decision()).classify_many(feed(), evidence=True)
    by_text: dict[str, Any] = {}
    for row, story, prediction in zip(rows, feed(), fresh, strict=True):
        assert row["evidence"] == output_row(story, prediction)["evidence"]
        assert row["evidence"] == by_text.setdefault(story.text, row["evidence"])
    assert any(row["evidence"] for row in rows)
    assert isinstance(counting_classifier.engine, CountingEngine)
    assert sum(len(batch.indices) for batch in counting_classifier.engine.batches) < 200


class Crash(BaseException):
    """Stands for a power cut."""


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.parquet"])
def test_a_job_that_goes_on_gives_the_same_bytes(tmp_path: Path, tiny_model: Path, name: str) -> None:
    def crashing() -> Iterator[Story]:
        yield from feed()[: CHUNK + 5]
        raise Crash

    classifier = Classifier.load(tiny_model, engine="openvino", device="cpu")
    (tmp_path / "undisturbed").mkdir()
    run_job(job(tmp_path / "undisturbed" / name), classifier, iter(feed()))
    with pytest.raises(Crash):
        run_job(job(tmp_path / name), classifier, crashing())
    run_job(job(tmp_path / name), classifier, iter(feed()))
    assert (tmp_path / name).read_bytes() == (tmp_path / "undisturbed" / name).read_bytes()


def test_the_store_keeps_evidence_by_the_very_characters_of_a_story(tmp_path: Path) -> None:
    state = JobState(tmp_path / "state.sqlite", len(LABELS))
    evidence = {"military": (Evidence("Troops left.", 0, 12, 0.7311),)}
    state.put_places("evidence", [(STORY, evidence), (Story(text="The river"), {})])
    others = [Story(text="Troops left. The river rose.\n"), Story(title="Troops", text=" left. The river rose.")]
    asked = [STORY, *others, Story(text="The river")]
    assert [state.places("evidence", story) for story in asked] == [evidence, None, None, {}]
    assert state.places("later_topics", STORY) is None
    state.close()


# The command


def test_the_command_gives_evidence_only_if_asked(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--text", "talks of the river. truce truce.", "--model", str(tiny_model), "--device", "cpu"]
    assert main(arguments) == 0
    [plain] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert main([*arguments, "--evidence"]) == 0
    [row] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert plain["evidence"] == {}
    assert set(row["evidence"]) == set(row["topics"])
    assert {**row, "evidence": {}} == plain


def test_a_job_does_not_go_on_without_the_evidence_that_it_was_started_with(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "feed.jsonl").write_text('{"text": "truce"}\n' * CHUNK + '{"text": ""}\n', encoding="utf-8")
    arguments = ["feed.jsonl", "-o", "out.jsonl", "--model", str(tiny_model), "--device", "cpu", "--quiet"]
    assert main([*arguments, "--checkpoint", "0", "--strict", "--evidence"]) == 1
    assert main(arguments) == 1
    assert "evidence: was True, is False" in capsys.readouterr().err


def shown(*results: tuple[Story, Prediction], colour: bool = False, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", "600")
    if colour:
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("TERM", "xterm-256color")
    file = io.StringIO()
    TableWriter(file, LABELS).write(results)
    return file.getvalue()


def test_the_table_shows_evidence_from_further_on_with_its_topic(
    counting_classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story(text="The river rose. " * 20 + "Troops left \x1b[31m now.", id=1)
    out = shown((story, counting_classifier.classify(story, evidence=True)), monkeypatch=monkeypatch)
    assert "military: Troops left [31m now." in out
    assert "\x1b" not in out


def test_the_table_highlights_evidence_within_the_opening(
    counting_classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story(text="The river rose. Troops left.\nA minister said.", id=1)
    out = shown((story, counting_classifier.classify(story, evidence=True)), colour=True, monkeypatch=monkeypatch)
    assert "The river rose. \x1b[1;36mTroops left.\x1b[0m A minister said." in out
    assert "\x1b[1;36mmilitary 0.73" in out


def test_a_sentence_that_begins_in_the_opening_is_shown_to_its_end(
    counting_classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story(text="The river rose. Troops " + "of the minister " * 12 + "left. A minister said.", id=1)
    out = shown((story, counting_classifier.classify(story, evidence=True)), monkeypatch=monkeypatch)
    assert "of the minister left. …" in out
    assert out.count("Troops") == 1
