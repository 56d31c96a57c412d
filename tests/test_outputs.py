"""What a job writes can be read again: every value of every record, in every format."""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from conftest import counting, decision
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from classifier import InputError, MissingExtraError, Story
from classifier.jobs import Job, run_job
from classifier.layout import Columns
from classifier.outputs import output_for
from classifier.rows import OUTPUT_COLUMNS

TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
FINITE = st.floats(allow_nan=False, allow_infinity=False)  # readers make null of the others
SCALARS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | FINITE | TEXTS
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3))
NAMES = st.sampled_from(["title", "date", "tags", "count", "Ünïcode", "a|b", 'quo"te', "line\nbreak", "score_military"])
RECORDS = st.lists(st.dictionaries(NAMES, VALUES, max_size=5), min_size=1, max_size=8)


def written(records: list[dict[str, Any]], name: str) -> tuple[Path, tempfile.TemporaryDirectory[str]]:
    folder = tempfile.TemporaryDirectory()
    output = output_for(str(Path(folder.name, name)))
    items = [Story(text="talks", id=number, columns=columns) for number, columns in enumerate(records)]
    run_job(Job(output, fingerprint={}), counting(decision()), iter(items))
    return output.path, folder


@settings(max_examples=60)
@given(RECORDS)
def test_json_lines_hold_every_value(records: list[dict[str, Any]]) -> None:
    path, folder = written(records, "out.jsonl")
    with folder:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]
    own = [{name: row[name] for name in row if name not in ("id", *OUTPUT_COLUMNS)} for row in rows]
    assert own == records


@settings(max_examples=60)
@given(RECORDS)
def test_csv_holds_every_value_as_text(records: list[dict[str, Any]]) -> None:
    path, folder = written(records, "out.csv")
    with folder, path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == [str(number) for number in range(len(records))]
    for row, record in zip(rows, records, strict=True):
        for name, value in record.items():
            cell = row["input_score_military" if name == "score_military" else name]
            if isinstance(value, str):
                assert cell == value
            elif isinstance(value, list) and all(isinstance(item, str) and "|" not in item for item in value):
                assert cell == "|".join(value)
            elif value is None:
                assert cell == ""
            else:
                assert json.loads(cell) == value


@settings(max_examples=60)
@given(RECORDS)
def test_parquet_holds_every_value(records: list[dict[str, Any]]) -> None:
    path, folder = written(records, "out.parquet")
    with folder:
        rows = parquet.read_table(path).to_pylist()
    assert [row["id"] for row in rows] == list(range(len(records)))
    for row, record in zip(rows, records, strict=True):
        for name, value in record.items():
            cell = row["input_score_military" if name == "score_military" else name]
            assert cell == value or json.loads(cell) == value


def test_columns_of_csv_that_become_the_same_name_stay_apart() -> None:
    path, folder = written([{"k\ud800": "v", "k?": "w"} | {"k\udfff": "x"}], "out.csv")
    with folder, path.open(encoding="utf-8", newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["input_k?"], row["k?"], row["input_input_k?"]) == ("v", "w", "x")


def test_the_kind_of_a_column_holds_all_of_its_values() -> None:
    columns = Columns()
    for record in ({"a": None, "b": 1, "c": "x", "d": [], "e": ["x"]}, {"a": True, "b": 2.5, "c": 3, "e": None}):
        columns.see(record)
    assert columns.kinds == {"a": "bool", "b": "float", "c": "json", "d": "strings", "e": "strings"}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2**53], "int"),
        ([1, 2**53 + 1, None, 2], "long"),
        ([2**53, 0.5], "float"),
        ([2**53 + 1, 0.5], "json"),
        ([0.5, -(2**53) - 1, 1], "json"),
        ([2**63], "json"),
        ([["a"], [], None], "strings"),
        ([[], ["a"]], "strings"),
        ([[], [1]], "json"),
    ],
)
def test_a_mixture_has_a_kind_that_loses_nothing(values: list[Any], kind: str) -> None:
    columns = Columns()
    for value in values:
        columns.see({"a": value})
    assert columns.kinds == {"a": kind}


def test_parquet_holds_large_numbers_beside_fractions_and_empty_lists_beside_names() -> None:
    records = [{"n": 1_700_000_000_123_456_789, "tags": ["a"], "m": 2**60}, {"n": 1.5, "tags": [], "m": 1}]
    path, folder = written(records, "out.parquet")
    with folder:
        out = parquet.read_table(path)
    assert out.column("n").to_pylist() == ["1700000000123456789", "1.5"]
    assert (out.column("tags").to_pylist(), out.column("m").to_pylist()) == ([["a"], []], [2**60, 1])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("out", r"out: format not known from its name\. Known: \.jsonl, \.ndjson, \.csv, \.parquet"),
        ("out.jsnl", r"Did you mean '\.jsonl'\?"),
        ("out.parquet.gz", r"Parquet is compressed inside\. Name it out\.parquet\."),
    ],
)
def test_an_output_of_unknown_format_is_refused(name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        output_for(name)


@pytest.mark.parametrize("name", ["out.parquet", "out.csv.zst"])
def test_a_missing_extra_is_said_before_the_work(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"needs the extra 'parquet'"):
        output_for(name)
