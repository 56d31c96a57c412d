"""Parquet in, Parquet out: every column kept with its type, and where that cannot be, as text; never a failure."""

from __future__ import annotations

import datetime
import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from conftest import counting, decision
from pyarrow import parquet

from classifier import InputError, arrow_values
from classifier.arrow_values import plain, python_values, restorer
from classifier.jobs import Job, run_job
from classifier.outputs import output_for
from classifier.records import open_records, parquet_types
from classifier.sources import Source
from classifier.stories import ReadOptions, read_stories

ROOT = Path(arrow_values.__file__).parent.parent
NS = 1_709_294_400_000_000_001  # 2024-03-01T12:00:00 and one nanosecond
MOMENT = datetime.datetime(2024, 3, 1, 12, 0, 0, 5, tzinfo=datetime.UTC)
UTC = pyarrow.timestamp("us", "UTC")
TYPED = {
    "time": ([datetime.time(12, 30, 1, 5), None], pyarrow.time64("us")),
    "time of nanoseconds": ([1, None], pyarrow.time64("ns")),
    "time of milliseconds": ([datetime.time(23, 59, 59), None], pyarrow.time32("ms")),
    "duration": ([datetime.timedelta(days=-1, microseconds=5), None], pyarrow.duration("us")),
    "duration of nanoseconds": ([-1, 10**18 + 1], pyarrow.duration("ns")),
    "nanoseconds": ([NS, -1], pyarrow.timestamp("ns")),
    "nanoseconds elsewhere": ([NS, None], pyarrow.timestamp("ns", "Asia/Tokyo")),
    "times": ([[MOMENT, None], []], pyarrow.list_(UTC)),
    "structs": ([{"at": MOMENT, "raw": b"\xff"}, None], pyarrow.struct({"at": UTC, "raw": pyarrow.binary()})),
    "map": ([[("a", NS)], []], pyarrow.map_(pyarrow.string(), pyarrow.timestamp("ns"))),
    "bytes": ([[b"\x00\xff", b""], None], pyarrow.list_(pyarrow.binary())),
    "two bytes": ([b"\x00\xff", None], pyarrow.binary(2)),
    "days": ([[datetime.date(2024, 3, 1)], None], pyarrow.large_list(pyarrow.date32())),
    "prices": ([{"net": Decimal("1.50")}, None], pyarrow.struct({"net": pyarrow.decimal128(9, 2)})),
    "pair": ([[1.5, None], None], pyarrow.list_(pyarrow.float32(), 2)),
    "half": ([1.5, None], pyarrow.float16()),
    "large": ([2**64 - 1, None], pyarrow.uint64()),
    "words": (["a", "b"], pyarrow.dictionary(pyarrow.int8(), pyarrow.string())),
    "nothing": ([None, None], pyarrow.null()),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def labelled(columns: dict[str, Any], name: str = "out.parquet", **options: Any) -> Any:
    """The output for a Parquet input of these columns; a text is added."""
    count = len(next(iter(columns.values())))
    texts = pyarrow.array(["talks"] * count, pyarrow.string())
    parquet.write_table(pyarrow.table({"text": texts, **columns}), "in.parquet")
    source = Source("in.parquet", "parquet")
    output = replace(output_for(name), types=parquet_types([source]))
    job = Job(output, fingerprint={}, near_duplicates=options.pop("near_duplicates", False))
    run_job(job, counting(decision()), read_stories(source, ReadOptions(**options)))
    return parquet.read_table(name) if output.format == "parquet" else Path(name).read_text(encoding="utf-8")


def held(out: Any, name: str) -> tuple[Any, list[Any]]:
    return out.schema.field(name).type, out.column(name).to_pylist()


@pytest.mark.parametrize("name", TYPED)
def test_a_column_keeps_its_type_and_its_values(name: str) -> None:
    column = pyarrow.array(*TYPED[name])
    out = labelled({"own": column})
    assert out.column("own").combine_chunks().equals(column)


@pytest.mark.parametrize(
    "kind", [pyarrow.binary(), pyarrow.large_binary(), pyarrow.dictionary("int8", pyarrow.binary())]
)
def test_bytes_that_were_read_as_text_are_text_in_the_output(kind: Any) -> None:
    parquet.write_table(pyarrow.table({"text": pyarrow.array([b"talks", b"talk\xff"]).cast(kind)}), "in.parquet")
    source = Source("in.parquet", "parquet")
    types = parquet_types([source], ["text"])
    assert types == {"text": pyarrow.string()}
    run_job(
        Job(replace(output_for("out.parquet"), types=types), {}),
        counting(decision()),
        read_stories(source, ReadOptions()),
    )
    assert held(parquet.read_table("out.parquet"), "text") == (pyarrow.string(), ["talks", "dGFsa/8="])
    assert parquet_types([source]) == {"text": kind}


def test_nanoseconds_are_read_without_pandas() -> None:
    Path("pandas.py").write_text("raise ImportError\n", encoding="utf-8")
    script = f"""
import pyarrow
from classifier.arrow_values import python_values
for kind in (pyarrow.timestamp("ns", "UTC"), pyarrow.time64("ns"), pyarrow.duration("ns")):
    print(*python_values(pyarrow.array([{NS} % (86_400 * 10**9), None], kind)))
"""
    paths = os.pathsep.join((os.getcwd(), str(ROOT)))
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "1970-01-01T12:00:00.000000001+00:00 None",
        "12:00:00.000000001 None",
        "PT43200.000000001S None",
    ]


def test_values_go_through_json_and_come_back() -> None:
    for values, kind in TYPED.values():
        column = pyarrow.array(values, kind)
        as_json = json.loads(json.dumps(python_values(column), default=plain, allow_nan=False))
        assert pyarrow.array([restorer(kind)(value) for value in as_json], kind).equals(column)


@pytest.mark.parametrize(
    ("ids", "kind", "moved"),
    [
        (pyarrow.array([1, None]), pyarrow.string(), None),
        (pyarrow.array([1.5, 2.5]), pyarrow.string(), pyarrow.float64()),
        (pyarrow.array([1.0, 2.0]), pyarrow.float64(), None),
        (pyarrow.array([b"a", b"b"]), pyarrow.string(), pyarrow.binary()),
        (pyarrow.array([1, 2], pyarrow.int16()), pyarrow.int16(), None),
    ],
)
def test_an_id_has_the_type_of_the_input_if_every_id_fits(ids: Any, kind: Any, moved: Any) -> None:
    out = labelled({"id": ids})
    assert out.schema.field("id").type == kind
    places = [f"in.parquet:{number}" for number in (1, 2)]
    own = ids.to_pylist() if moved is None else places
    assert out.column("id").to_pylist() == [
        value if kind != pyarrow.string() else str(value or place) for value, place in zip(own, places, strict=True)
    ]
    if moved is not None:
        assert held(out, "input_id") == (moved, ids.to_pylist())


def test_an_id_from_another_column_leaves_the_first_its_type() -> None:
    urls = ["a", "2024-03-01"]
    out = labelled({"id": pyarrow.array([7, None], pyarrow.int16()), "url": urls}, id_field="url")
    assert held(out, "id") == (pyarrow.string(), urls)
    assert held(out, "input_id") == (pyarrow.int16(), [7, None])


def test_a_column_whose_name_was_taken_keeps_its_type() -> None:
    days = pyarrow.array([datetime.date(2024, 3, 1)])
    columns = {"topic": days, "score_military": days, "near_duplicate_group": days}
    out = labelled(columns, near_duplicates=True)
    assert {held(out, f"input_{name}")[0] for name in columns} == {pyarrow.date32()}
    assert held(out, "near_duplicate_group") == (pyarrow.int64(), [0])


def test_what_cannot_be_built_is_text() -> None:
    beyond = pyarrow.array([253_402_300_800, 0], pyarrow.timestamp("s")).cast(pyarrow.timestamp("ms"))  # the year 10000
    out = labelled({"beyond": beyond, "n": [1, 2]})
    assert held(out, "beyond") == (pyarrow.string(), ["10000-01-01 00:00:00.000", "1970-01-01T00:00:00"])
    assert held(out, "n") == (pyarrow.int64(), [1, 2])


def test_a_float_that_is_not_finite_is_null() -> None:
    columns = {"a": [math.nan, 1.5, -math.inf], "b": [[math.inf], [], None], "c": [{"x": math.nan}, {"x": 2.0}, None]}
    rows = [json.loads(line, parse_constant=pytest.fail) for line in labelled(columns, "out.jsonl").splitlines()]
    assert [row["a"] for row in rows] == [None, 1.5, None]
    assert [row["b"] for row in rows] == [[None], [], None]
    assert [row["c"] for row in rows] == [{"x": None}, {"x": 2.0}, None]


def test_json_lines_hold_times_in_iso_8601() -> None:
    columns = {
        name: pyarrow.array(*TYPED[name]) for name in ("nanoseconds elsewhere", "duration", "time of nanoseconds")
    }
    row = json.loads(labelled(columns, "out.jsonl").splitlines()[0])
    assert [row[name] for name in columns] == [
        "2024-03-01T21:00:00.000000001+09:00",
        "-PT86399.999995S",
        "00:00:00.000000001",
    ]


def test_a_file_without_rows_keeps_its_columns() -> None:
    columns = {"id": pyarrow.array([], pyarrow.int16()), "topic": pyarrow.array([], pyarrow.date32())}
    out = labelled(columns)
    assert out.num_rows == 0
    assert [held(out, name)[0] for name in ("id", "text", "input_topic", "topic")] == [
        pyarrow.int16(),
        pyarrow.string(),
        pyarrow.date32(),
        pyarrow.string(),
    ]
    assert labelled(columns, "out.csv").startswith("id,text,input_topic,topic,topics,")


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        ("abc", pyarrow.list_(pyarrow.string()), "expected list, found 'abc'"),
        (5, pyarrow.string(), "expected str, found 5"),
        ("1 day", pyarrow.duration("us"), "expected a duration such as PT90.5S, found '1 day'"),
    ],
)
def test_a_value_of_another_type_is_not_bent(value: Any, kind: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=f"^{message}$"):
        restorer(kind)(value)


def test_what_utf8_cannot_hold_is_replaced_in_names_and_values() -> None:
    own = {"k\ud800": "v", "k?": "w"} | {
        "k\udfff": 1,
        "list": ["\ud800"],
        "nest": {"\ud800": ["\ud801"]},
        "topic\ud800": 2,
    }
    records = [{"text": "talks", **own}, {"text": "\ud800", "mixed": [1, "\ud800"], "list": None, "\ud800": "\ud800"}]
    Path("in.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    stories = read_stories(Source("in.jsonl", "jsonl"), ReadOptions())
    run_job(Job(output_for("out.parquet"), fingerprint={}), counting(decision()), stories)
    first, second = parquet.read_table("out.parquet").to_pylist()
    assert list(first)[:10] == (
        ["id", "text", "input_k?", "k?", "input_input_k?", "list", "nest", "topic?", "mixed", "?"]
    )
    assert list(first.values())[2:8] == ["v", "w", 1, ["?"], '{"\\ud800": ["\\ud801"]}', 2]
    assert (second["text"], second["mixed"], second["?"]) == ("?", '[1, "\\ud800"]', "?")


@pytest.mark.parametrize("content", [b"", b"PAR1 and no more", b"plain words, no table at all"])
def test_a_broken_file_is_refused_before_the_work_as_while_reading(content: bytes) -> None:
    Path("in.parquet").write_bytes(content)
    source = Source("in.parquet", "parquet")
    for read in (parquet_types, lambda sources: open_records(sources[0]).__enter__()):
        with pytest.raises(InputError, match=r"^in\.parquet: not Parquet, or damaged \(.+\)$"):
            read([source])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (Source("-", "parquet"), r"stdin: Parquet is read from files, and is compressed inside\."),
        (Source("gone.parquet", "parquet"), r"gone\.parquet: cannot be read \(.+\)\."),
    ],
)
def test_what_cannot_be_opened_is_said_before_the_work(source: Source, message: str) -> None:
    with pytest.raises(InputError, match=f"^{message}$"):
        parquet_types([source])
