"""What is said of stories beside them, by id: corrections and readings, and to which story they go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from classifier.errors import DataError
from training.config import DataConfig
from training.data import load_split

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
