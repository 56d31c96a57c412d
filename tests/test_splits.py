"""What training makes of the splits: a tenth held out, and no story twice, nor on both sides."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from classifier.errors import DataError
from classifier.review import MARKS
from training.config import DataConfig
from training.data import held_out, load_split, load_splits
from training.holding_out import held_out_of

WORDS = ["river", "house", "minister", "monday", "people", "market", "harbour", "school", "letter", "bridge"]


def text(number: int) -> str:
    """Forty words unlike those of any other number."""
    draw = random.Random(number)
    return " ".join(f"{draw.choice(WORDS)}{draw.randrange(1000)}" for _ in range(40))


def story(text: str, *labels: str) -> dict[str, Any]:
    return {"text": text, "labels": list(labels)}


def stories(first: int, count: int) -> list[dict[str, Any]]:
    return [story(text(number), "talks" if number % 2 else "storm") for number in range(first, first + count)]


def jsonl(path: Path, records: Sequence[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return str(path)


def sheet(path: Path, answers: dict[str, str]) -> str:
    """A review sheet with what a person said of these texts."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*MARKS, "text"])
        writer.writerows([labels, "talks", "", "1.0", text] for text, labels in answers.items())
    return str(path)


def config(train: Any, **more: Any) -> DataConfig:
    values = {"train": train, "labels": ("talks", "storm"), "min_examples": 1}
    return DataConfig.model_validate(values | more)


def test_without_a_validation_file_the_same_tenth_of_every_topic_is_held_out(tmp_path: Path) -> None:
    records = [story(f"{n} ships left", "talks" if n % 4 else "storm") for n in range(200)]
    ways = []
    for name, ordered in (("a", records), ("b", records[::-1])):
        path = jsonl(tmp_path / f"{name}.jsonl", ordered)
        settings = DataConfig(train=path, labels=("talks", "storm"), drop_duplicates=False)
        splits = load_splits(settings)
        assert (len(splits.train.stories), len(splits.validation.stories)) == (180, 20)
        assert splits.validation.targets(2).sum(axis=0).tolist() == [15, 5]
        ways.append({labelled.text for labelled in splits.validation.stories})
        assert not ways[-1] & {labelled.text for labelled in splits.train.stories}
    assert ways[0] == ways[1]
    split = load_split("train", path, settings)
    assert len(held_out(split, 0.25)[1].stories) == 50


def test_a_tenth_is_held_out_of_every_topic_however_many_sets_of_topics_there_are() -> None:
    draw = random.Random(1)
    topics = [frozenset(draw.sample(range(12), draw.randint(1, 4))) for _ in range(600)]
    texts = [text(number) for number in range(600)]
    held = held_out_of(topics, texts, 0.1)
    assert len(held) == 60
    for topic in range(12):
        has = {story for story in range(600) if topic in topics[story]}
        assert len(held & has) == pytest.approx(len(has) / 10, abs=5)
    rarest = min(range(12), key=lambda topic: sum(topic in own for own in topics))
    has = {story for story in range(600) if rarest in topics[story]}
    assert len(held & has) == pytest.approx(len(has) / 10, abs=1)
    assert {len(topics[story]) for story in held} == {1, 2, 3, 4}


def test_what_is_held_out_does_not_depend_on_the_order() -> None:
    topics = [frozenset(pair) for pair in combinations(range(20), 2)]
    texts = [text(number) for number in range(len(topics))]
    forth, back = held_out_of(topics, texts, 0.25), held_out_of(topics[::-1], texts[::-1], 0.25)
    assert {texts[number] for number in forth} == {texts[::-1][number] for number in back}
    assert held_out_of([], [], 0.5) == set()


def test_no_story_is_held_out_twice_and_a_persons_answer_holds(tmp_path: Path) -> None:
    records = stories(0, 200)
    answers = {text(number): "talks|storm" for number in range(50)}
    paths = [jsonl(tmp_path / "train.jsonl", records), sheet(tmp_path / "sheet.csv", answers)]
    for settings in (config(paths), config(paths, drop_duplicates=False)):
        splits = load_splits(settings)
        every = [*splits.train.stories, *splits.validation.stories]
        assert len({labelled.text for labelled in every}) == len(every) == 200
        assert len(splits.validation.stories) == 20
        assert splits.train.dropped == {"answered in a review sheet": 50}
        told = [labelled.topics for labelled in every if labelled.text in answers]
        assert told == [{0, 1}] * 50
        assert {0, 1} in [labelled.topics for labelled in splits.validation.stories]


def test_a_sheet_goes_before_readings_and_a_correction_before_both(tmp_path: Path) -> None:
    for name, rows in (("readings.csv", "{0},0,1\n{1},0,1\n{2},0,1\n"), ("corrections.csv", "{0},train,none\n")):
        header = {"readings.csv": "id,talks,storm\n", "corrections.csv": "id,split,labels\n"}[name]
        paths = [str(tmp_path / "sheet.csv") + f":{line}" for line in (2, 3)]
        (tmp_path / name).write_text(header + rows.format(*paths, "own"), encoding="utf-8")
    answers = sheet(tmp_path / "sheet.csv", {"one": "talks", "two": "talks"})
    train = jsonl(tmp_path / "train.jsonl", [story("three", "talks") | {"id": "own"}])
    beside = {"readings": str(tmp_path / "readings.csv"), "corrections": str(tmp_path / "corrections.csv")}
    split = load_split("train", [train, answers], config([train, answers], **beside))
    assert [(labelled.text, labelled.topics, labelled.shares) for labelled in split.stories] == [
        ("one", frozenset(), None),
        ("two", frozenset({0}), None),
        ("three", frozenset({1}), (0.0, 1.0)),
    ]


def test_nothing_is_held_out_that_stands_in_test_and_no_copy_of_it_is_trained_on(tmp_path: Path) -> None:
    records = stories(0, 200)
    near = [record | {"text": record["text"] + " again"} for record in records[:100]]
    train = jsonl(tmp_path / "train.jsonl", [*records, *near, *records[:10]])
    test = jsonl(tmp_path / "test.jsonl", records[150:])
    splits = load_splits(config(train, test=test))
    held = {labelled.text for labelled in splits.validation.stories}
    assert len(held) == 25  # of 250 that are left
    assert not held & {record["text"] for record in records[150:]}
    opening = {labelled.text[:100] for labelled in splits.validation.stories}
    assert not opening & {labelled.text[:100] for labelled in splits.train.stories}
    assert splits.train.dropped["exact duplicate in train"] == 10
    assert splits.train.dropped["near-duplicate of validation or test"] == 50 + 225 - len(splits.train.stories)


def test_a_sheet_is_known_beside_tables_without_a_header(tmp_path: Path) -> None:
    table = tmp_path / "train.csv"
    table.write_text("one,talks\ntwo,storm\n", encoding="utf-8")
    answers = sheet(tmp_path / "sheet.csv", {"two": "talks", "three": "none"})
    split = load_split("train", [str(table), answers], config([str(table), answers], columns=("text", "labels")))
    assert {labelled.text: set(labelled.topics) for labelled in split.stories} == {
        "two": {0},
        "three": set(),
        "one": {0},
    }


def test_a_split_that_is_empty_or_thin_is_refused_with_what_was_left_out(tmp_path: Path) -> None:
    train = jsonl(tmp_path / "train.jsonl", [*stories(0, 4), story(" ")])
    with pytest.raises(DataError) as caught:
        load_splits(config(train, min_examples=2, validation_share=0.5))
    assert str(caught.value) == (
        f"{train}: 2 problems\n"
        "  - topic 'talks' has 1 training story, at least 2 are needed.\n"
        "  - topic 'storm' has 1 training story, at least 2 are needed.\n"
        "Left out of train: 1 empty, 2 held out for validation.\n"
        "Label more stories, or lower data.min_examples."
    )
    with pytest.raises(DataError, match=r"1 problem\n  - .*train\.jsonl: no story to validate on\."):
        load_splits(config(train, validation_share=0.1))
