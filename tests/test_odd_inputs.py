"""Odd inputs through whole jobs: one row a record, in order, whatever a record is; nothing crashes, nothing is lost."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from classifier.predict import main

BIG = "talks of the river " * 550_000  # 10 MB
DEEP = "[" * 100_000 + "]" * 100_000
csv.field_size_limit(64 << 20)

Rows = list[dict[str, Any]]


@pytest.fixture
def label(tiny_model: Path, tmp_path: Path) -> Callable[..., tuple[int, Rows]]:
    """Bytes of a file → exit code and rows of the job on it, read back from JSON lines or from CSV."""

    def run(name: str, content: bytes, output: str = "out.jsonl", *more: str) -> tuple[int, Rows]:
        (tmp_path / name).write_bytes(content)
        path = tmp_path / output
        code = main([str(tmp_path / name), "-o", str(path), "--model", str(tiny_model), "--quiet", *more])
        if path.suffix == ".csv":
            with path.open(encoding="utf-8", newline="") as file:
                return code, list(csv.DictReader(file))
        return code, [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]

    return run


def jsonl(*records: Any) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def test_a_byte_order_mark_and_windows_line_ends(label: Callable[..., tuple[int, Rows]]) -> None:
    records = jsonl({"id": 1, "text": "talks"}, {"id": 2, "text": "flood"}).replace(b"\n", b"\r\n")
    code, rows = label("feed.jsonl", b"\xef\xbb\xbf" + records)
    assert (code, [row["id"] for row in rows]) == (0, [1, 2])
    code, rows = label("feed.csv", b"\xef\xbb\xbfid,text\r\n1,talks\r\n2,flood\r\n", "out.csv")
    assert (code, [(row["id"], row["text"]) for row in rows]) == (0, [("1", "talks"), ("2", "flood")])


def test_line_breaks_quotes_and_commas_inside_csv_fields(label: Callable[..., tuple[int, Rows]]) -> None:
    text = 'talks,\r\nthe "truce"\n\nof the river'
    quoted = text.replace('"', '""')
    content = f'id,text,note\n1,"{quoted}","a\nb"\n2,flood,\n'.encode()
    for output in ("out.csv", "out.jsonl"):
        code, rows = label("feed.csv", content, output)
        assert (code, [row["text"] for row in rows]) == (0, [text, "flood"])
        assert rows[0]["note"] == "a\nb"


def test_fields_of_ten_megabytes_and_lines_beyond_all_measure(label: Callable[..., tuple[int, Rows]]) -> None:
    too_long = b'{"id": 3, "text": "' + b"x" * (33 << 20) + b'"}\n'
    content = jsonl({"id": 1, "text": "talks"}, {"id": 2, "text": BIG}) + too_long + jsonl({"id": 4, "text": "flood"})
    code, rows = label("feed.jsonl", content)
    assert (code, len(rows), rows[0]["error"], rows[3]["error"]) == (3, 4, None, None)
    assert "text too long (10,450,000 characters" in rows[1]["error"]
    assert rows[1]["text"] == BIG
    assert "longer than" in rows[2]["error"]
    code, rows = label("feed.csv", f"id,text\n1,talks\n2,{BIG}\n3,flood\n".encode(), "out.csv")
    assert (code, [row["id"] for row in rows]) == (3, ["1", "2", "3"])
    assert (len(rows[1]["text"]), rows[2]["error"]) == (len(BIG), "")


def test_nul_bytes_and_broken_utf8(label: Callable[..., tuple[int, Rows]]) -> None:
    content = b'{"id": 1, "text": "talks\x00"}\n{"id": 2, "text": "tr\\u0000uce"}\n{"id": 3, "text": "\xff\xfe"}\n'
    code, rows = label("feed.jsonl", content + jsonl({"id": 4, "text": "flood"}))
    assert (code, len(rows)) == (3, 4)
    assert [row["error"] is None for row in rows] == [False, True, False, True]
    assert rows[1]["text"] == "tr\0uce"
    code, rows = label("feed.csv", b"id,text\n1,ta\x00lks\n2,\xff\xfe river\n3,flood\n", "out.csv")
    assert [row["id"] for row in rows if row["id"]][-1] == "3"
    assert (code, len(rows)) == (3, 3)


def test_json_nested_beyond_reason_is_an_error_row(label: Callable[..., tuple[int, Rows]]) -> None:
    deep_text = f'{{"id": 2, "text": {DEEP}}}\n'.encode()
    kept = b'{"id": 3, "text": "flood", "extra": ' + b"[" * 50 + b"]" * 50 + b"}\n"
    code, rows = label("feed.jsonl", jsonl({"id": 1, "text": "talks"}) + deep_text + kept)
    assert (code, [row["error"] is None for row in rows]) == (3, [True, False, True])
    assert json.dumps(rows[2]["extra"]) == "[" * 50 + "]" * 50


def test_wrong_types_missing_columns_and_records_that_are_no_objects(label: Callable[..., tuple[int, Rows]]) -> None:
    content = jsonl({"id": 1, "text": "talks"}, {"id": 2}, [1, 2], {"id": 4, "text": 5}, {"id": 5, "body": "flood"})
    content += b'\n{"id": 6, "text": "flood"\n' + jsonl(None, "talks", {"id": 9, "text": None}, {"id": 10, "text": "a"})
    code, rows = label("feed.jsonl", content)
    assert code == 3
    assert [row["error"] is None for row in rows] == [
        True,
        False,
        False,
        False,
        False,
        False,
        False,
        False,
        False,
        True,
    ]
    code, rows = label("feed.csv", b"id,text,note\n1,talks,a\n2\n3,flood,b,c,d\n4,truce,d\n", "out.csv")
    assert (code, [bool(row["error"]) for row in rows]) == (3, [False, True, True, False])
    assert [row["id"] for row in rows][::3] == ["1", "4"]


def test_ids_given_twice_and_columns_that_come_and_go(label: Callable[..., tuple[int, Rows]]) -> None:
    records = [
        {"id": 7, "text": "talks"},
        {"id": 7, "text": "flood", "late": True},
        {"id": 7, "text": "talks", "x": [1]},
    ]
    for output in ("out.jsonl", "out.csv"):
        code, rows = label("feed.jsonl", jsonl(*records), output)
        assert (code, [str(row["id"]) for row in rows]) == (0, ["7", "7", "7"])
        assert [row["text"] for row in rows] == ["talks", "flood", "talks"]
        assert json.loads(str(rows[1]["late"]).lower()) is True


def test_nothing_but_line_breaks_and_an_empty_file(label: Callable[..., tuple[int, Rows]]) -> None:
    assert label("feed.jsonl", b"") == (0, [])
    assert label("feed.jsonl", b"\n\r\n\n") == (0, [])
    for name in ("feed.csv", "page.txt"):
        for content in (b"", b"\n\r\n\n"):
            code, [row] = label(name, content)
            assert (code, row["topics"]) == (3, [])
            assert row["error"].startswith(f"{row['id']}: empty")
    assert label("feed.csv", b"id,text\n", "out.csv") == (0, [])


@pytest.mark.skipif(os.name != "posix" or not Path("/proc/self/ns/user").exists(), reason="needs Linux namespaces")
def test_a_small_disk_fills_and_the_job_goes_on_when_there_is_room(tiny_model: Path, tmp_path: Path) -> None:
    """A real tmpfs of 1 MB, mounted in a namespace of its own, then made larger."""
    feed = tmp_path / "feed.jsonl"
    feed.write_bytes(jsonl(*({"id": number, "text": f"talks of the river {number}"} for number in range(6000))))
    command = f"{sys.executable} -m classifier.predict {feed} --model {tiny_model} --checkpoint 0 --quiet"
    script = f"""
        mkdir -p {tmp_path}/disk && mount -t tmpfs -o size=1m none {tmp_path}/disk || exit 77
        {command} -o {tmp_path}/disk/out.jsonl
        echo "first: $?; $(ls {tmp_path}/disk)" >&2
        mount -o remount,size=64m {tmp_path}/disk
        {command} -o {tmp_path}/disk/out.jsonl
        echo "second: $?" >&2
        cp {tmp_path}/disk/out.jsonl {tmp_path}/resumed.jsonl
        {command} -o {tmp_path}/whole.jsonl
    """
    done = subprocess.run(["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, check=False)
    if done.returncode == 77 or "unshare failed" in done.stderr:
        pytest.skip("no right to mount a tmpfs")
    assert "No space left on device" in done.stderr or "disk is full" in done.stderr
    assert "first: 1; out.jsonl.job" in done.stderr
    assert "second: 0" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "resumed.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
