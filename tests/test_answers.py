"""What is said of stories beside them, by id: corrections and readings, and to which story they go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from classifier.errors import DataError
from training.config import DataConfig
from training.data import load_split, load_splits
from training.splits import Splits

LABELS = ("talks", "storm")


@pytest.fixture(autouse=True)
def _in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def config(**changes: Any) -> DataConfig:
    return DataConfig.model_validate({"train": "train.jsonl", "labels": LABELS, "min_examples": 1} | changes)


def jsonl(name: str, *records: dict[str, Any]) -> str:
    Path(name).write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return name


def table(name: str, header: str, *rows: str) -> str:
    Path(name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return name


def corrections(*rows: str) -> str:
    return table("corrections.csv", "id,split,labels", *rows)


def readings(*rows: str, name: str = "readings.csv") -> str:
    return table(name, "id,talks,storm", *rows)


def sheet(*rows: str, name: str = "sheet.csv") -> str:
    return table(name, "labels,suggested,why,value,id,text", *rows)


def test_a_correction_that_would_meet_a_persons_answer_about_another_story_is_refused() -> None:
    path = jsonl("train.jsonl", {"id": 17, "text": "Envoys met.", "labels": ["storm"]})
    said = config(corrections=corrections("17,train,none"))
    with pytest.raises(DataError) as caught:
        load_split("train", [path, sheet("talks,,,,17,Floods rose.")], said)
    message = (
        "story '17' stands twice, with another text in a review sheet: what is said of it cannot tell which. "
        "Change one id."
    )
    assert message in str(caught.value)
    with pytest.raises(DataError, match="story '17' stands twice, with another text in a review sheet"):
        load_split("train", [sheet("talks,,,,17,Floods rose."), sheet("storm,,,,17,Hail.", name="more.csv")], said)
    with pytest.raises(DataError, match="story '17' stands twice, with another text in a review sheet"):
        load_split("train", [path, sheet("talks,,,,17,Floods rose.", "talks,,,,2,Envoys met.")], said)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (["talks,,,,17,Envoys  met."], {"Envoys met.": set()}),  # the story itself, whose training labels go
        ([",,,,17,Floods rose."], {"Envoys met.": set()}),  # of which nobody said anything
        (["talks,,,,18,Floods rose."], {"Floods rose.": {0}, "Envoys met.": set()}),
    ],
)
def test_a_correction_goes_to_one_story_beside_a_review_sheet(rows: list[str], found: dict[str, set[int]]) -> None:
    path = jsonl("train.jsonl", {"id": 17, "text": "Envoys met.", "labels": ["storm"]})
    split = load_split("train", [path, sheet(*rows)], config(corrections=corrections("17,train,none")))
    assert {labelled.text: set(labelled.topics) for labelled in split.stories} == found
    assert split.corrections == (1, 1)


def test_readings_never_meet_a_persons_answer() -> None:
    path = jsonl("train.jsonl", {"id": 17, "text": "Envoys met.", "labels": []})
    split = load_split("train", [path, sheet("storm,,,,17,Floods rose.")], config(readings=readings("17,1,0")))
    assert {labelled.text: set(labelled.topics) for labelled in split.stories} == {
        "Floods rose.": {1},
        "Envoys met.": {0},
    }


def divided(**changes: Any) -> DataConfig:
    """A config over one file of both roles, of which two stories are of train, one of validation and one of nobody."""
    rows = [{"id": n, "text": text, "labels": ["talks"]} for n, text in enumerate(("One.", "Two.", "Three.", "Four."))]
    said = {"readings": readings("0,1,0", "1,0,1"), "validation_readings": readings("2,0,1", name="validation.csv")}
    return config(validation=jsonl("train.jsonl", *rows), **said | changes)


def texts(splits: Splits) -> list[list[str]]:
    return [[labelled.text for labelled in split.stories] for split in (splits.train, splits.validation)]


@pytest.mark.parametrize("drop_duplicates", [True, False])
def test_of_a_file_of_both_roles_each_has_the_stories_of_its_readings(*, drop_duplicates: bool) -> None:
    splits = load_splits(divided(drop_duplicates=drop_duplicates))
    assert texts(splits) == [["One.", "Two."], ["Three."]]
    assert splits.train.left_out == "2 not in the readings"
    assert splits.validation.left_out == "3 not in the readings"


def test_other_files_of_a_role_are_taken_whole() -> None:
    own = jsonl("own.jsonl", {"id": 7, "text": "Seven.", "labels": ["storm"]})
    more = jsonl("more.jsonl", {"id": 2, "text": "Eight.", "labels": ["talks"]})
    names = {"train": [own, "./train.jsonl", more], "validation": ["train.jsonl"]}
    settings = DataConfig.model_validate(divided().model_dump() | names | {"corrections": corrections("2,train,storm")})
    splits = load_splits(settings)
    assert texts(splits) == [["Seven.", "One.", "Two.", "Eight."], ["Three."]]
    assert splits.train.corrections == (1, 1)  # of the story of more.jsonl


def test_a_correction_of_a_story_that_readings_give_to_the_other_role_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        load_splits(divided(corrections=corrections("0,train,none", "2,train,none", "2,validation,none")))
    assert str(caught.value) == (
        "train.jsonl: 1 problem\n  - corrections.csv: story '2' is not in readings.csv, which says which stories of a "
        "file of both train and validation are of this split. Remove the row."
    )


def test_what_is_said_of_a_story_without_text_goes_nowhere_and_stops_nothing() -> None:
    path = jsonl("train.jsonl", {"id": 1, "text": "Envoys met."}, {"id": 2, "text": " "}, {"id": 3, "text": "&nbsp;"})
    said = {"readings": readings("1,1,0", "2,0,1"), "corrections": corrections("3,train,storm")}
    split = load_split("train", path, config(**said))
    assert [(labelled.text, labelled.topics) for labelled in split.stories] == [("Envoys met.", {0})]
    assert split.dropped == {"empty": 2}
    assert split.corrections == (1, 0)


def test_of_a_record_that_cannot_be_read_it_is_not_said_that_it_is_not_there() -> None:
    path = jsonl("train.jsonl", {"id": 1, "text": "Envoys met."}, {"id": 2, "body": "Floods rose."})
    with pytest.raises(DataError) as caught:
        load_split("train", path, config(readings=readings("1,1,0", "2,0,1", "4,0,1")))
    assert "2 problems" in str(caught.value)
    assert "no field 'text'" in str(caught.value)
    assert "readings.csv: story '4' is in none of the files." in str(caught.value)
