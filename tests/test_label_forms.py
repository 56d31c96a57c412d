"""Labels as other programs write them: whole numbers as floats, names in one text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from classifier.errors import DataError
from training.config import DataConfig
from training.data import load_split

LABELS = ("talks", "storm", "sport, women")


def config(path: Path, **more: Any) -> DataConfig:
    return DataConfig(train=str(path), labels=LABELS, **more)


def written(path: Path, record: dict[str, Any]) -> Path:
    """A file of one record, as its name says."""
    if path.suffix == ".jsonl":
        path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    else:
        path.write_text("\t".join(record) + "\n" + "\t".join(map(str, record.values())) + "\n", encoding="utf-8")
    return path


def topics(path: Path, **more: Any) -> list[str]:
    (labelled,) = load_split("train", str(path), config(path, **more)).stories
    return [LABELS[topic] for topic in sorted(labelled.topics)]


def problem(path: Path, **more: Any) -> str:
    with pytest.raises(DataError) as caught:
        load_split("train", str(path), config(path, **more))
    return str(caught.value)


@pytest.mark.parametrize("name", ["a.jsonl", "a.tsv"])
@pytest.mark.parametrize("value", [1, 1.0, "1", "1.0", " 1.00 "])
def test_a_whole_number_may_be_written_as_a_float(tmp_path: Path, name: str, value: Any) -> None:
    columns = written(tmp_path / name, {"text": "x", "talks": 0.0, "storm": value, "sport, women": "0.0"})
    assert topics(columns, labels_as="columns") == ["storm"]
    numbers = written(tmp_path / name, {"text": "x", "labels": value})
    assert topics(numbers, labels_as="numbers", problem_type="multi_class") == ["storm"]


@pytest.mark.parametrize(
    "value", [0.5, "0.5", "1.05", "1,0", "1.", ".0", "", "-1.0", "1e0", float("nan"), "inf", 1e300]
)
def test_what_is_no_whole_number_is_refused(tmp_path: Path, value: Any) -> None:
    columns = written(tmp_path / "a.jsonl", {"text": "x", "talks": 0, "storm": value, "sport, women": 0})
    assert "field 'storm' is" in problem(columns, labels_as="columns")
    numbers = written(tmp_path / "a.jsonl", {"text": "x", "labels": value})
    assert "expected a number from 0 to 2." in problem(numbers, labels_as="numbers", problem_type="multi_class")


@pytest.mark.parametrize(
    "value",
    ["storm;talks", "storm, talks", "storm ; talks", '["storm", "talks"]', "['storm', 'talks']", "[storm,talks]"],
)
def test_names_that_are_joined_otherwise_are_told_how_to_join_them(tmp_path: Path, value: str) -> None:
    table = problem(written(tmp_path / "a.tsv", {"text": "x", "labels": value}))
    assert table.endswith(f"a.tsv:2: unknown label '{value}'. Names are joined by '|': write storm|talks.")
    records = problem(written(tmp_path / "a.jsonl", {"text": "x", "labels": value}))
    assert records.endswith("""Names are joined by '|': write storm|talks, or a list: ["storm", "talks"].""")


def test_a_list_as_text_may_hold_one_name_or_none(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    assert "write storm." in problem(written(path, {"text": "x", "labels": "[storm]"}))
    nothing = written(path, {"text": "x", "labels": "[]"})
    assert "unknown label '[]'. For none of the topics leave the cell empty" in problem(nothing)
    several = problem(written(path, {"text": "x", "labels": "storm;talks"}), problem_type="multi_class")
    assert "a.tsv:2: has 2 topics, data.problem_type multi_class needs exactly one." in several


@pytest.mark.parametrize("value", ["storm;stom", "storms, talks", "[stom]", "storm;", ";", "women, sport", '"storm"'])
def test_a_text_with_another_unknown_name_is_an_unknown_label(tmp_path: Path, value: str) -> None:
    found = problem(written(tmp_path / "a.jsonl", {"text": "x", "labels": value}))
    assert f"unknown label '{value}'." in found
    assert "Known: talks, storm, sport, women." in found


def test_a_name_may_have_a_comma(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tsv", {"text": "x", "labels": "sport, women|storm"})
    assert topics(path) == ["storm", "sport, women"]
