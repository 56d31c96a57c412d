"""Shares of readers beside the data: soft targets, labels for stories that have none, clear errors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from classifier import ClassifierError
from training.config import DataConfig
from training.data import load_split

LABELS = ("storm", "talks")


def config(folder: Path, readings: str, records: list[dict[str, object]]) -> DataConfig:
    (folder / "train.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    (folder / "readings.csv").write_text(readings, encoding="utf-8")
    return DataConfig(
        train=str(folder / "train.jsonl"), validation="v", labels=LABELS, readings=str(folder / "readings.csv")
    )


RECORDS: list[dict[str, object]] = [
    {"id": "a", "text": "one", "labels": ["talks"], "primary": "talks"},
    {"id": "b", "text": "two", "labels": ["storm"], "primary": "storm"},
    {"id": "c", "text": "three"},
    {"id": "d", "text": "four"},
]


def test_shares_replace_and_give_labels(tmp_path: Path) -> None:
    data = config(tmp_path, "id,storm,talks\nb,0.25,0.75\nc,1,0\n", RECORDS)
    split = load_split("train", data.train, data)
    assert [labelled.topics for labelled in split.stories] == [{1}, {1}, {0}]
    assert [labelled.primary for labelled in split.stories] == ["talks", None, None]
    np.testing.assert_allclose(split.soft_targets(2), [[0, 1], [0.25, 0.75], [1, 0]])
    np.testing.assert_allclose(split.targets(2), [[0, 1], [0, 1], [1, 0]])
    assert split.dropped == {"without labels": 1}


def test_null_beside_readings_is_a_missing_label(tmp_path: Path) -> None:
    records = [{**record, "labels": record.get("labels")} for record in RECORDS]
    data = config(tmp_path, "id,storm,talks\nc,1,0\n", records)
    split = load_split("train", data.train, data)
    assert [labelled.topics for labelled in split.stories] == [{1}, {0}, {0}]
    assert split.dropped == {"without labels": 1}
    with pytest.raises(ClassifierError, match="'labels' is null; "):
        load_split("test", data.train, data)


def test_validation_has_readings_of_its_own_and_several_files(tmp_path: Path) -> None:
    data = config(tmp_path, "id,storm,talks\nb,0.25,0.75\nc,1,0\n", RECORDS)
    more = tmp_path / "more.jsonl"
    more.write_text('{"id": "e", "text": "five", "labels": ["storm"]}\n')
    data = data.model_copy(
        update={"validation": (data.train, str(more)), "validation_readings": data.readings, "readings": None}
    )
    split = load_split("validation", data.validation or "", data)
    assert [labelled.topics for labelled in split.stories] == [{1}, {1}, {0}, {0}]
    assert split.origin == f"{data.train} + {more}"
    with pytest.raises(ClassifierError, match="no field 'labels'"):
        load_split("train", data.train, data)
    more.write_text('{"id": "b", "text": "another"}\n')
    with pytest.raises(ClassifierError, match="story 'b' stands twice: what is said of it cannot tell which"):
        load_split("validation", data.validation or "", data)
    with pytest.raises(ClassifierError, match="is named more than once"):
        load_split("validation", (str(more), str(more)), data)


def test_a_story_is_labelled_if_it_has_a_column_a_topic(tmp_path: Path) -> None:
    records: list[dict[str, object]] = [
        {"id": "a", "text": "one", "storm": 1, "talks": 0},
        {"id": "b", "text": "two", "storm": 0, "talks": 0},
        {"id": "c", "text": "three"},
        {"id": "d", "text": "four"},
    ]
    data = config(tmp_path, "id,storm,talks\nb,0,1\nc,1,0\n", records).model_copy(update={"labels_as": "columns"})
    split = load_split("train", data.train, data)
    assert [labelled.topics for labelled in split.stories] == [{0}, {1}, {0}]
    assert split.dropped == {"without labels": 1}


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ("0.6,0.2", "readings.csv:2: the shares add up to 0.8, data.problem_type multi_class needs 1."),
        ("0,0", "readings.csv:2: the shares add up to 0, data.problem_type multi_class needs 1."),
        (
            "0.5,0.5",
            "readings.csv:2: the highest share is 0.5, data.problem_type multi_class needs one above 0.5. "
            "Remove the row, or have one more reader look.",
        ),
    ],
)
def test_readers_agree_on_a_class_where_each_story_needs_one(tmp_path: Path, shares: str, message: str) -> None:
    one_class = {"problem_type": "multi_class"}
    data = config(tmp_path, f"id,storm,talks\nb,{shares}\n", RECORDS[:2]).model_copy(update=one_class)
    with pytest.raises(ClassifierError) as caught:
        load_split("train", data.train, data)
    assert message in str(caught.value)
    data = config(tmp_path, "id,storm,talks\nb,0.33,0.66\n", RECORDS[:2]).model_copy(update=one_class)
    assert load_split("train", data.train, data).stories[1].topics == {1}


def test_other_splits_keep_their_labels(tmp_path: Path) -> None:
    data = config(tmp_path, "id,storm,talks\nb,0,1\n", RECORDS[:2])
    assert [labelled.topics for labelled in load_split("validation", data.train, data).stories] == [{1}, {0}]


def test_other_shares_are_other_data(tmp_path: Path) -> None:
    found = []
    for shares in ("0,1", "0.5,1"):
        data = config(tmp_path, f"id,storm,talks\nb,{shares}\n", RECORDS[:2])
        found.append(load_split("train", data.train, data).sha256)
    assert found[0] != found[1]


@pytest.mark.parametrize(
    ("readings", "message"),
    [
        ("id,storm\nb,1\n", "no column 'talks'"),
        ("id,storm,talks\nb,1,2\n", "readings.csv:2: expected a share from 0 to 1 for each topic."),
        ("id,storm,talks\nb,1,x\n", "readings.csv:2: expected a share"),
        ("id,storm,talks\nb,1,0\nb,0,1\n", "story 'b' is given twice"),
        ("id,storm,talks\nz,1,0\n", "story 'z' is in none of the files"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, readings: str, message: str) -> None:
    data = config(tmp_path, readings, RECORDS[:2])
    with pytest.raises(ClassifierError, match=message.replace(".", r"\.")):
        load_split("train", data.train, data)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    data = config(tmp_path, "", RECORDS[:2]).model_copy(update={"readings": str(tmp_path / "none.csv")})
    with pytest.raises(ClassifierError, match="cannot be read"):
        load_split("train", data.train, data)
