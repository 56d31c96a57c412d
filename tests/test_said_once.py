"""What is wrong is said once, however many records, splits or arguments it stands in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from classifier.errors import DataError, InputError, alike_as_one
from training import check, train
from training.config import DataConfig
from training.config_errors import explained
from training.data import load_splits


def write(path: Path, *records: dict[str, Any]) -> str:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return str(path)


def config(train: str, **more: Any) -> DataConfig:
    return DataConfig(train=train, labels=("storm",), **more)


@pytest.mark.parametrize("command", [train, check], ids=["train", "check"])
def test_only_the_config_is_required(command: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main([])
    assert capsys.readouterr().err.endswith("the following arguments are required: config\n")


def test_what_is_wrong_beside_the_data_is_said_once(tmp_path: Path) -> None:
    good = write(tmp_path / "a.jsonl", {"text": "one", "labels": ["storm"]})
    with pytest.raises(InputError, match=r"^\S*none\.csv: cannot be read \(No such file or directory\)\.$"):
        load_splits(config(good, validation=good, test=good, corrections=str(tmp_path / "none.csv")))


def test_a_field_that_many_records_lack_is_said_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *[{"text": f"story {number}", "topics": []} for number in range(30)])
    places = ", ".join(f"{path}:{number}" for number in (1, 2, 3))
    with pytest.raises(DataError) as caught:
        load_splits(config(path))
    assert str(caught.value).splitlines() == [
        f"{path}: 1 problem",
        f"  - {places} and 27 more: no field 'labels'. Found: text, topics. Name it with data.labels_field.",
    ]


def test_other_problems_keep_their_lines(tmp_path: Path) -> None:
    lacking: list[dict[str, Any]] = [{"labels": []}] * 30
    path = write(tmp_path / "a.jsonl", {"text": "x"}, {"text": "y", "labels": ["a"]}, *lacking)
    with pytest.raises(DataError) as caught:
        load_splits(config(path))
    message = str(caught.value)
    assert message.startswith(f"{path}: 3 problems\n")
    assert "a.jsonl:1: no field 'labels'." in message
    assert "a.jsonl:2: unknown label 'a'." in message
    assert "a.jsonl:5 and 27 more: no field 'text'" in message


@pytest.mark.parametrize("key", ["str", "tuple[str, ...]"])
def test_an_unknown_key_is_said_whatever_its_name(key: str) -> None:
    with pytest.raises(ValidationError) as caught:
        DataConfig.model_validate({"train": ["a.jsonl", 5], "labels": ["storm"], key: [1]})
    assert explained(caught.value.errors(), DataConfig) == [
        "train.1: expected text, got 5 (a number).",
        f"{key}: unknown key.",
    ]


def test_a_few_alike_keep_their_places_and_those_without_a_place_stay() -> None:
    assert alike_as_one(["a: x.", "b: x.", "c: x."]) == ["a: x.", "b: x.", "c: x."]
    assert alike_as_one(["a: x: y.", "b: x: y.", "z: y.", "c: x: y.", "d: x: y."]) == [
        "a, b, c and 1 more: x: y.",
        "z: y.",
    ]
    assert alike_as_one(["one", "two", "three", "four"]) == ["one", "two", "three", "four"]


def test_sheets_that_are_left_out_are_said_once_and_headlines_alone_where_the_splits_are(
    in_tmp: None, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("python_calamine")
    openpyxl = pytest.importorskip("openpyxl")
    tables: dict[str, list[list[Any]]] = {
        "stories.xlsx": [["id", "title", "body", "labels"], [1, "Rain fell.", "It rained.", "storm"]],
        "corrected.xlsx": [["id", "split", "labels"], [1, "test", "none"]],
    }
    for name, rows in tables.items():
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.create_sheet("Notes").append(["a", "b"])
        book.save(name)
    same = {"validation": "stories.xlsx", "test": "stories.xlsx", "corrections": "corrected.xlsx"}
    load_splits(config("stories.xlsx", **same, min_examples=1, drop_duplicates=False))
    assert capsys.readouterr().err == "".join(
        f"warning: {name}: read the sheet 'Sheet'; left out 'Notes', with other columns.\n"
        for name in ("corrected.xlsx", "stories.xlsx")
    )
