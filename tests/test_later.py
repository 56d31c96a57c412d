"""Later topics: what only a later part of a long story is about, with its place; the label stays."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest
from conftest import LABELS, counting, decision
from pyarrow import parquet

from classifier import Classifier, Prediction, Story
from classifier.jobs import Job, run_job
from classifier.later import MOST
from classifier.outputs import output_for
from classifier.page_cues import Line
from classifier.rows import CsvWriter
from classifier.scorable import CHUNK
from classifier.terminal import TableWriter

LONG = "The river of the minister said.\n" * 6  # 42 tokens, a window has 30
DIGEST = f"{LONG}  Troops left a river. \r\nThe troops.\nTalks.\n"


@pytest.fixture(autouse=True)
def _parts_begin_with_a_topic(monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of the network: a part begins at every line whose first word is not "The"."""

    def starts(lines: list[Line]) -> Any:
        return np.array([0.0 if line.text.startswith("The") else 1.0 for line in lines], dtype=np.float32)

    monkeypatch.setattr("classifier.later.start_probabilities", starts)


@pytest.fixture
def classifier() -> Classifier:
    """Topics by counting words in the first window."""
    return counting(decision(pooling=("first",) * 4))


def places(prediction: Prediction) -> dict[str, list[str]]:
    """The line of each later topic."""
    return {topic: [one.text for one in some] for topic, some in (prediction.later_topics or {}).items()}


def test_a_topic_of_a_later_part_is_found_with_its_line_and_the_label_stays(classifier: Classifier) -> None:
    plain, found = classifier.classify(DIGEST), classifier.classify(DIGEST, later=True)
    assert (plain.topics, plain.later_topics) == ((), None)
    assert (found.topics, found.scores, found.review, found.tokens_read) == (
        plain.topics,
        plain.scores,
        plain.review,
        plain.tokens_read,
    )
    assert places(found) == {"military": ["Troops left a river."], "diplomacy": ["Talks."]}
    assert found.later_topics is not None
    for [place] in found.later_topics.values():
        assert DIGEST[place.start : place.end] == place.text


def test_a_topic_that_the_story_has_is_no_later_topic(classifier: Classifier) -> None:
    assert places(classifier.classify("Troops.\n" + DIGEST, later=True)) == {"diplomacy": ["Talks."]}


def test_a_part_is_read_up_to_its_first_window(classifier: Classifier) -> None:
    story = LONG + "A river said.\n" + "The river said.\n" * 12 + "The flood."
    assert places(classifier.classify(story, later=True)) == {}


def test_a_story_of_one_window_has_no_later_part(classifier: Classifier) -> None:
    assert classifier.classify("The river said.\nTroops.", later=True).later_topics == {}
    assert classifier.classify("", later=True).later_topics == {}


def test_a_text_of_one_line_is_cut_at_sentences(classifier: Classifier) -> None:
    story = "The river of the minister said. " * 60 + "Troops left. " + "The river said. " * 60
    prediction = classifier.classify(story, later=True)
    assert places(prediction) == {"military": ["Troops left."]}
    [place] = (prediction.later_topics or {})["military"]
    assert story[place.start : place.end] == "Troops left."


@pytest.mark.parametrize("before", range(60, 76, 3))
def test_a_sentence_that_is_shown_is_whole(classifier: Classifier, before: int) -> None:
    story = "The river of the minister said. " * before + "The troops of the river left the minister. " * 20
    for [place] in (classifier.classify(story, later=True).later_topics or {}).values():
        assert place.text == "The troops of the river left the minister."


@pytest.mark.parametrize("story", ["The river.\n{long}", "{long}\nThe river.", "The river.\n{long}\nThe river."])
def test_a_long_line_among_others_is_cut_at_sentences(classifier: Classifier, story: str) -> None:
    long = "The river of the minister said. " * 60 + "Troops left. " * 20 + "The river said. " * 60
    assert list(places(classifier.classify(story.format(long=long), later=True))) == ["military"]


@pytest.mark.parametrize("more", ["\n" * 9000, " " * 20_000])
def test_blank_space_moves_no_part(classifier: Classifier, more: str) -> None:
    assert list(places(classifier.classify(DIGEST + more, later=True))) == ["diplomacy", "military"]


def test_a_title_longer_than_a_window_leaves_the_whole_text_behind_it(classifier: Classifier) -> None:
    story = Story(title="The river of a minister " * 12, text="The river.\nTroops left.\nThe river.")
    assert places(classifier.classify(story, later=True)) == {"military": ["Troops left."]}


def test_a_very_long_text_has_no_more_parts_than_are_read(classifier: Classifier) -> None:
    assert classifier.classify(LONG + "A river.\n" * MOST + "Troops.", later=True).later_topics == {}
    assert classifier.classify(LONG + "A river.\n" * (MOST - 1) + "Troops.", later=True).later_topics


def test_stories_do_not_meet(classifier: Classifier) -> None:
    stories = [DIGEST, "Talks.", LONG + "Flood.", "", DIGEST]
    together = classifier.classify_many(stories, later=True, evidence=True)
    assert together == [classifier.classify(story, later=True, evidence=True) for story in stories]
    assert [places(one) for one in together][2] == {"disaster": ["Flood."]}


def test_a_job_looks_for_them_once_in_equal_stories(tmp_path: Path, classifier: Classifier) -> None:
    texts = [DIGEST, LONG + "Flood.", LONG + "A river."]
    engine: Any = classifier.engine

    def scored(repeats: int) -> tuple[int, list[str]]:
        before = sum(len(batch.indices) for batch in engine.batches)
        stories = (Story(text=text, id=0) for text in texts * repeats)
        run_job(Job(output_for(str(tmp_path / "out.jsonl")), {}, later=True), classifier, stories)
        rows = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
        return sum(len(batch.indices) for batch in engine.batches) - before, rows

    windows, rows = scored(1)
    assert windows > len(texts)
    assert scored(CHUNK) == (windows, rows * CHUNK)  # within a chunk, and from chunk to chunk


def test_the_shipped_network_finds_where_another_story_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    page = (Path(__file__).parents[1] / "examples" / "page.txt").read_text(encoding="utf-8")
    found = Classifier.load("news", engine="openvino").classify(page, later=True)
    assert found.topics == ("military", "diplomacy")
    assert {topic: part.text[:10] for topic, [part] in (found.later_topics or {}).items()} == {
        "disaster": "SWEPT AWAY",
        "ceasefire": "Negotiator",
    }


@pytest.fixture
def rows(tmp_path: Path, classifier: Classifier) -> Callable[[str], list[dict[str, Any]]]:
    """The rows of a job's output."""

    def run(name: str) -> list[dict[str, Any]]:
        job = Job(output=output_for(str(tmp_path / name)), fingerprint={}, later=True, prefix="x_")
        run_job(job, classifier, iter([Story(text=DIGEST, id=1), Story(text="talks", id=2, columns={"x_topic": "a"})]))
        path = tmp_path / name
        if path.suffix == ".parquet":
            return list(parquet.read_table(path).to_pylist())
        if path.suffix == ".csv":
            return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    return run


def test_every_output_has_them_in_a_column(rows: Callable[[str], list[dict[str, Any]]]) -> None:
    [lines, last] = [row["x_later_topics"] for row in rows("out.jsonl")]
    assert (list(lines), last) == (["diplomacy", "military"], {})
    [flat, last] = [row["x_later_topics"] for row in rows("out.parquet")]
    assert ([part["topic"] for part in flat], last) == (["diplomacy", "military"], [])
    [text, last] = [row["x_later_topics"] for row in rows("out.csv")]
    assert (json.loads(text), last) == (flat, "")


def test_nobody_asked_has_no_column(classifier: Classifier, tmp_path: Path) -> None:
    file = io.StringIO()
    CsvWriter(file, LABELS, one_table=True).write([(Story(text=DIGEST), classifier.classify(DIGEST))])
    assert "later_topics" not in file.getvalue()


def test_an_own_column_of_that_name_is_kept(classifier: Classifier) -> None:
    file = io.StringIO()
    story = Story(text="talks", columns={"later_topics": "mine"})
    CsvWriter(file, LABELS, one_table=True, more=["later_topics"]).write(
        [(story, classifier.classify(story, later=True))]
    )
    [row] = csv.DictReader(io.StringIO(file.getvalue()))
    assert (row["input_later_topics"], row["later_topics"]) == ("mine", "")


def test_a_terminal_shows_them(classifier: Classifier) -> None:
    file = io.StringIO()
    TableWriter(file, LABELS).write([(Story(text=DIGEST), classifier.classify(DIGEST, later=True))])
    assert "later on: military 0.88" in file.getvalue()


def test_parquet_without_rows_with_an_own_column_of_that_name_gives_a_table(
    tmp_path: Path, predict_code: Callable[..., tuple[int, str]]
) -> None:
    empty = pyarrow.table({"text": pyarrow.array([], "string"), "later_topics": pyarrow.array([], "string")})
    parquet.write_table(empty, tmp_path / "empty.parquet")
    out = tmp_path / "out.parquet"
    assert predict_code(str(tmp_path / "empty.parquet"), "--later-topics", "-o", str(out), "--quiet")[0] == 0
    assert {"later_topics", "input_later_topics"} < set(parquet.read_schema(out).names)
