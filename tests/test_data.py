"""Labelled stories are loaded, checked and rid of duplicates across splits."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from classifier.errors import DataError, InputError
from training.config import DataConfig
from training.data import drop_duplicates, load_split, load_splits

LONG = (
    "The committee of ministers met for nine hours in the old town hall and left without a word to the reporters "
    "who had waited in the rain since the early morning of what was a very long day"
)


def jsonl(path: Path, records: Sequence[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return str(path)


def config(train: str, validation: str = "", **more: Any) -> DataConfig:
    return DataConfig(train=train, validation=validation or train, labels=("talks", "storm"), **more)


def story(text: str, *labels: str, **more: Any) -> dict[str, Any]:
    return {"text": text, "labels": list(labels), **more}


def test_labels_become_targets_in_the_order_of_the_config(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl", [story("one", "storm"), story("two"), story("three", "storm", "talks")])
    split = load_split("train", path, config(path))
    assert split.targets(2).tolist() == [[0, 1], [0, 0], [1, 1]]


def test_csv_labels_are_joined_by_a_bar(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["text", "labels"], ["one", "storm|talks"], ["two", ""]])
    split = load_split("train", str(path), config(str(path)))
    assert [set(labelled.topics) for labelled in split.stories] == [{0, 1}, set()]


def test_all_unknown_labels_and_broken_records_are_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "x", "labels": ["stom"]}\nbroken\n{"text": "y"}\n{"text": "z", "labels": 3}\n')
    with pytest.raises(DataError) as caught:
        load_split("train", str(path), config(str(path)))
    message = str(caught.value)
    assert "4 problems" in message
    assert "a.jsonl:1: unknown label 'stom'. Did you mean 'storm'? Known: talks, storm." in message
    assert "a.jsonl:2: not JSON" in message
    assert "a.jsonl:3: no field 'labels'. Found: text. Name it with data.labels_field." in message
    assert "a.jsonl:4: field 'labels' is 3, expected a list of topic names." in message


def test_empty_texts_are_dropped_and_counted(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl", [story("one"), story(" "), story("&nbsp;\u200b")])
    split = load_split("train", path, config(path))
    assert (len(split.stories), dict(split.dropped)) == (1, {"empty": 2})


def test_training_stories_that_stand_in_validation_are_dropped(tmp_path: Path) -> None:
    near = LONG.replace("nine hours", "nine full hours") + " for everyone"
    other = "Floods cut the coast road near the ferry harbour, and the school stayed closed for a second day"
    train = jsonl(tmp_path / "a.jsonl", [story(LONG), story(near), story(other), story(other), story("short one")])
    validation = jsonl(tmp_path / "b.jsonl", [story(LONG.upper()), story("another short one")])
    settings = config(train, validation)
    split = drop_duplicates(
        load_split("train", train, settings), [load_split("validation", validation, settings)], settings.near_duplicate
    )
    assert [labelled.story.text for labelled in split.stories] == [other, "short one"]
    assert dict(split.dropped) == {"exact duplicate in train": 1, "near-duplicate of validation or test": 2}


def test_a_thin_topic_is_refused(tmp_path: Path) -> None:
    train = jsonl(tmp_path / "a.jsonl", [story(f"story number {n} of its own", "talks") for n in range(5)])
    validation = jsonl(tmp_path / "b.jsonl", [story("quite another thing", "storm")])
    with pytest.raises(DataError, match="topic 'storm' has 0 training stories, at least 3 are needed"):
        load_splits(config(train, validation, min_examples=3))


def test_a_missing_title_column_is_fine_and_a_named_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,labels\none,storm\n", encoding="utf-8")
    assert len(load_split("train", str(path), config(str(path))).stories) == 1
    with pytest.raises(InputError, match="no field 'head'"):
        load_split("train", str(path), config(str(path), title_field="head"))


def test_a_name_that_is_neither_file_nor_hub_id_is_refused() -> None:
    with pytest.raises(InputError, match=r"expected a \.jsonl, \.csv, \.tsv or \.parquet file, or a hub id"):
        load_split("train", "stories", config("stories"))


def test_a_datasets_folder_is_read_with_its_class_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    datasets = pytest.importorskip("datasets")
    features = datasets.Features(
        {
            "text": datasets.Value("string"),
            "labels": datasets.List(datasets.ClassLabel(names=["talks", "storm"])),
        }
    )
    rows = {"text": ["one", "two"], "labels": [[1], [0, 1]]}
    datasets.Dataset.from_dict(rows, features=features).to_parquet(tmp_path / "owner" / "name" / "train.parquet")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    split = load_split("train", "owner/name:train", config("owner/name:train"))
    assert [set(labelled.topics) for labelled in split.stories] == [{1}, {0, 1}]
    assert split.stories[0].story.id == "owner/name:train:1"
