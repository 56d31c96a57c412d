"""The checks speak of what training comes to: copies dropped, sheets read, a part held out, one class a story."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from checked_data import found, stories, story, write

from classifier import Story
from classifier.decide import ProblemType
from classifier.errors import DataError
from classifier.review import MARKS
from training.annotation import read_corrections
from training.check import check
from training.config import Config, DataConfig, load_config
from training.data import load_splits
from training.doubts import Doubt, Kind, Placed, sheet_rows
from training.label_issues import LabelIssues
from training.splits import Labelled

ONE_CLASS = "data.problem_type=multi_class"


def of_one_class(first: int, count: int) -> list[dict[str, object]]:
    return [record for record in stories(first, count) if record["labels"]]


def write_classes(folder: Path, train: list[dict[str, object]], *overrides: str) -> Config:
    path = write(folder, train=train, validation=of_one_class(1000, 60), test=of_one_class(2000, 60))
    return load_config(path, [ONE_CLASS, *overrides])


def test_topics_are_counted_as_training_counts_them(tmp_path: Path) -> None:
    train = [*stories(0, 75), *(record | {"id": f"c{record['id']}"} for record in stories(0, 75))]
    config = load_config(write(tmp_path, train=train), ["data.min_examples=26", "data.near_duplicate=1.0"])
    assert found(config, "problem") == [
        f"thin topics: train: '{label}' has 25 stories, 26 are needed for training (data.min_examples); "
        "left out: 75 exact duplicate in train"
        for label in ("talks", "storm")
    ]
    with pytest.raises(DataError, match="topic 'storm' has 25 training stories, at least 26 are needed"):
        load_splits(config.data)


def test_a_part_that_will_be_held_out_is_counted_for_validation(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, train=stories(0, 150)), ["data.validation=null"])
    report = check(config)
    assert [split.role for split in report.splits] == ["train", "test"]
    texts = [finding.text for finding in report.findings]
    assert "15 training stories are held out (data.validation_share 0.1), 135 are left" in texts
    assert "validation: 'talks' has 5 stories, 10 are needed for its threshold" in texts
    assert not report.has_problems


def test_copies_that_a_review_sheet_supersedes_are_neither_conflicts_nor_ids_given_twice(tmp_path: Path) -> None:
    train = stories(0, 90)
    path, sheet = write(tmp_path, train=train), tmp_path / "review.csv"
    with sheet.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*MARKS, "id", "text"])
        writer.writerows(["talks|storm", "talks", "", "1.0", record["id"], record["text"]] for record in train[:50])
    config = load_config(path, [f"data.train=[{tmp_path / 'train.jsonl'}, {sheet}]"])
    assert found(config, "problem") == []
    assert len(check(config).splits[0].stories) == 90


def test_of_classes_another_one_is_suggested_and_no_story_without(tmp_path: Path) -> None:
    train = of_one_class(0, 120)
    train[0]["labels"], train[1]["labels"] = ["storm"], ["talks"]  # the other way round
    report = check(write_classes(tmp_path, train))
    suggested = {row.id: (row.given, row.suggested) for row in report.rows if row.suggested is not None}
    assert suggested["s0"] == (["storm"], ["talks"])
    assert suggested["s1"] == (["talks"], ["storm"])
    assert all(len(row.suggested or [""]) == 1 for row in report.rows)
    assert not [finding for finding in report.findings if finding.check == "no topic"]
    alone = [story(number, "talks") for number in range(40)]
    assert "thin topics: train: every story has 'talks'. Add stories of other topics." in found(
        write_classes(tmp_path, alone), "problem"
    )


@pytest.mark.parametrize(
    ("kind", "doubt", "suggested"),
    [
        ("multi_class", [0.2, 0.9, 0.4], ["rally"]),
        ("multi_class", [0.0, 0.9, 0.0], None),
        ("multi_label", [0.2, 0.9, 0.4], []),
    ],
)
def test_what_is_suggested_for_a_wrong_label(
    kind: ProblemType, doubt: list[float], suggested: list[str] | None
) -> None:
    data = DataConfig(train="x", labels=("talks", "storm", "rally"), problem_type=kind)
    flagged, judged = np.array([[False, True, False]]), np.ones(3, dtype=bool)
    placed = [Placed("train", Labelled(Story(text="one", id="s0"), frozenset({1})))]
    doubts = [Doubt(0, Kind.LABELS, "storm looks wrong", 0.9)]
    [row] = sheet_rows(placed, doubts, LabelIssues(flagged, np.array([doubt]), judged), data)
    assert (row.given, row.suggested) == (["storm"], suggested)


def test_a_correction_gives_exactly_one_class_where_each_story_needs_one(tmp_path: Path) -> None:
    corrections = tmp_path / "corrections.csv"
    corrections.write_text("id,split,labels\ns0,train,none\ns1,train,talks|storm\ns3,train,talks\n", encoding="utf-8")
    config = write_classes(tmp_path, of_one_class(0, 90), f"data.corrections={corrections}")
    with pytest.raises(DataError) as caught:
        read_corrections(config.data, "train")
    assert str(caught.value) == (
        f"{corrections}: 2 problems\n"
        f"  - {corrections}:2: unknown label 'none'. Known: talks, storm.\n"
        f"  - {corrections}:3: story 's1' has 2 topics, data.problem_type multi_class needs exactly one."
    )


def test_copies_that_training_keeps_are_a_problem(tmp_path: Path) -> None:
    validation = stories(1000, 45)
    path = write(tmp_path, train=[*stories(0, 90), validation[0] | {"id": "a"}], validation=validation)
    assert found(load_config(path), "problem") == []
    as_published = load_config(path, ["data.drop_duplicates=false"])
    assert found(as_published, "problem") == [
        "leaks: nearly the text of one in validation or test (data.drop_duplicates is false: training keeps it, so "
        "that the figures flatter the model): 1 story (train a)"
    ]
    assert not [note for note in found(as_published, "note") if "training leaves it out" in note]
    assert [labelled.story.id for labelled in load_splits(as_published.data).train.stories][-1] == "a"
