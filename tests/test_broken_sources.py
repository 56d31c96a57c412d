"""One broken source among others is one row and the rest is labelled; a wrong command stops before the work."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from classifier.predict import main
from classifier.scorable import CHUNK
from classifier.sources import Source
from classifier.streams import open_source

GOOD = "".join(json.dumps({"id": number, "text": f"talks {number}"}) + "\n" for number in range(CHUNK)).encode()
Run = tuple[int, list[dict[str, Any]], str]


pytestmark = pytest.mark.usefixtures("in_tmp")


@pytest.fixture
def predict(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    """Exit code, rows (of standard output, or of out.jsonl) and standard error, with the tiny model."""

    def run(*arguments: str) -> Run:
        code = main([*arguments, "--model", str(tiny_model)])
        out, err = capsys.readouterr()
        written = Path("out.jsonl").read_text(encoding="utf-8") if "-o" in arguments and not code % 3 else out
        return code, [json.loads(line) for line in written.split("\n")[:-1]], err

    return run


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bytes], None]]:
    """Puts bytes into standard input, through a pipe."""
    read, write = os.pipe()

    def give(raw: bytes) -> None:
        os.write(write, raw)
        os.close(write)

    with open(read, encoding="utf-8") as file:
        monkeypatch.setattr(sys, "stdin", file)
        yield give


def damaged() -> bytes:
    """A .gz file with broken bytes after its header."""
    return gzip.compress(GOOD)[:10] + b"\xff" * 50


def zstd(raw: bytes) -> bytes:
    return bytes(pyarrow.Codec("zstd").compress(raw, asbytes=True))


BROKEN: dict[str, tuple[bytes, str]] = {
    "b.csv": (b"", "b.csv: empty file, expected a header line with column names."),
    "b.txt": (b"", "b.txt: empty, nothing to label."),
    "b.tsv": (b"text\ttext\n", "b.tsv:1: the header names 'text' twice. Rename one of them."),
    "b.jsonl.gz": (damaged(), "b.jsonl.gz: cannot be read (the compressed data is damaged)."),
    "b.csv.gz": (gzip.compress(b"id,text\n")[:-4], "b.csv.gz: cannot be read (the compressed data is cut off)."),
    "b.parquet": (b"PAR1 nothing", "b.parquet: not Parquet, or damaged ("),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("more", [(), ("-o", "out.jsonl", "--quiet")])
def test_a_broken_source_is_a_row_and_the_next_is_read(
    predict: Callable[..., Run], name: str, more: tuple[str, ...]
) -> None:
    content, message = BROKEN[name]
    Path("a.jsonl").write_bytes(b'{"id": 1, "text": "talks"}\n')
    Path(name).write_bytes(content)
    Path("c.csv").write_bytes(b"id,text\n2,flood\n")
    code, rows, err = predict("a.jsonl", name, "c.csv", *more)
    assert (code, [row["id"] for row in rows]) == (3, [1, name, "2"])
    assert [row["error"] is None for row in rows] == [True, False, True]
    assert rows[1]["error"].startswith(message)
    assert err.endswith("1 record could not be labelled; see the column 'error'.\n")


def test_what_was_read_before_a_source_broke_off_is_kept(predict: Callable[..., Run]) -> None:
    Path("a.jsonl.gz").write_bytes(gzip.compress(GOOD)[:-4])
    code, rows, _ = predict("a.jsonl.gz")
    assert (code, [row["id"] for row in rows]) == (3, [*range(CHUNK), "a.jsonl.gz"])
    assert rows[-1]["error"] == "a.jsonl.gz: cannot be read (the compressed data is cut off)."


@pytest.mark.parametrize(
    "last", [b"rubbish\n", zstd(GOOD)[:-6], b"\xff" * 20 + zstd(GOOD)], ids=["rubbish", "cut", "in the middle"]
)
@pytest.mark.parametrize("more", [(), ("-o", "out.jsonl", "--quiet")])
def test_whole_frames_in_front_of_damage_are_kept(
    predict: Callable[..., Run], last: bytes, more: tuple[str, ...]
) -> None:
    Path("a.jsonl.zst").write_bytes(zstd(GOOD) * 2 + last)
    code, rows, _ = predict("a.jsonl.zst", *more)
    assert (code, [row["id"] for row in rows]) == (3, [*range(CHUNK), *range(CHUNK), "a.jsonl.zst"])
    assert rows[-1]["error"].startswith("a.jsonl.zst: cannot be read (")


def all_of(read: Callable[[int], bytes], size: int) -> bytes:
    """What can be read until it fails, which it does."""
    parts = []
    with contextlib.suppress(OSError):
        while True:
            parts.append(read(size))
            assert parts[-1], "ended without an error"
    return b"".join(parts)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_all_that_a_cut_frame_gives_is_kept(encoding: str, share: float) -> None:
    packed = zstd("".join(f'{{"text": "\uffff talks {number}"}}\n' for number in range(12_000)).encode(encoding))
    Path("a.jsonl.zst").write_bytes(packed[: int(len(packed) * share)])
    single_bytes = all_of(pyarrow.CompressedInputStream(pyarrow.OSFile("a.jsonl.zst"), "zstd").read, 1)
    with open_source(Source("a.jsonl.zst", "jsonl", "zst")) as file:
        assert all_of(file.read1, 1 << 20) == single_bytes != b""


def test_a_job_that_is_resumed_after_a_broken_source_ends_with_the_same_bytes(
    predict: Callable[..., Run], interrupted: Callable[[int], AbstractContextManager[None]]
) -> None:
    Path("feed").mkdir()
    for name, content in (("a.csv", b""), ("b.jsonl", GOOD), ("c.jsonl.gz", damaged()), ("d.jsonl", GOOD * 2)):
        Path("feed", name).write_bytes(content)
    command = ("feed", "-o", "out.jsonl", "--quiet", "--checkpoint", "0")
    assert predict(*command)[0] == 3
    whole = Path("out.jsonl").read_bytes()
    assert len(whole.splitlines()) == 3 * CHUNK + 2
    Path("out.jsonl").unlink()
    for chunk in (3, 2):
        with interrupted(chunk):
            assert predict(*command)[0] == 130
    assert predict(*command)[0] == 3
    assert Path("out.jsonl").read_bytes() == whole


# What is wrong with the command itself


@pytest.mark.parametrize("more", [(), ("-o", "out.jsonl")])
def test_tables_without_a_named_column_stop_before_the_work(
    predict: Callable[..., Run], more: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classifier.predict._loader", lambda _: pytest.fail("the model was loaded"))
    Path("a.jsonl").write_bytes(GOOD)
    Path("b.csv").write_bytes(b"id,txt\n1,a\n")
    Path("c.csv").write_bytes(b"")
    parquet.write_table(pyarrow.table({"id": [1], "body": ["a"]}), "d.parquet")
    assert predict("a.jsonl", "b.csv", "c.csv", "d.parquet", *more) == (
        1,
        [],
        "error: input: 2 problems\n"
        "  - b.csv:1: no field 'text'. Found: id, txt. Did you mean 'txt'? Name it with --text-field.\n"
        "  - d.parquet: no field 'text'. Found: id, body. Name it with --text-field.\n",
    )


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.csv"])
def test_an_unknown_encoding_stops(predict: Callable[..., Run], name: str) -> None:
    Path(name).write_bytes(b"text\ntalks\n")
    message = "error: encoding 'utf-9' is not known. Try utf-8, cp1252, latin-1 or utf-16.\n"
    assert predict(name, "--encoding", "utf-9") == (1, [], message)


# Streams


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_the_input_of_a_job(predict: Callable[..., Run]) -> None:
    os.mkfifo("pipe")
    writer = threading.Thread(target=lambda: Path("pipe").write_bytes(GOOD))
    writer.start()
    code, rows, err = predict("pipe", "--input-format", "jsonl", "-o", "out.jsonl", "--quiet")
    writer.join(timeout=30)
    assert (code, err, [row["id"] for row in rows]) == (0, "", list(range(CHUNK)))


@pytest.mark.parametrize("more", [(), ("-o", "out.jsonl")])
def test_a_closed_standard_input_is_an_error(
    predict: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    message = "error: stdin: cannot be read (it is closed). Give '-' something to read, or name a file.\n"
    assert predict("-", *more) == (1, [], message)


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
@pytest.mark.parametrize("more", [(), ("--input-format", "jsonl")])
def test_compressed_standard_input_is_unpacked(
    predict: Callable[..., Run],
    stdin: Callable[[bytes], None],
    pack: Callable[[bytes], bytes],
    more: tuple[str, ...],
) -> None:
    stdin(pack(GOOD))
    code, rows, err = predict("-", *more)
    assert (code, err, [row["id"] for row in rows]) == (0, "", list(range(CHUNK)))


def test_parquet_on_standard_input_is_refused(predict: Callable[..., Run], stdin: Callable[[bytes], None]) -> None:
    stdin(b"PAR1\x15\x04\x15")
    message = "error: stdin: Parquet is read from files. Write it to one first: cat > feed.parquet\n"
    assert predict("-") == (1, [], message)


@pytest.mark.parametrize(
    ("raw", "said"),
    [(b'id,"text"\r\n1,talks\r\n', True), (b"id\ttitle\n", True), (b"talks, troops and text\nflood\n", False)],
)
def test_a_table_that_is_read_as_a_page_is_said(
    predict: Callable[..., Run], stdin: Callable[[bytes], None], raw: bytes, said: bool
) -> None:
    stdin(raw)
    message = "begins like a table, and is read as a page. Read it as a table with --input-format csv."
    code, _, err = predict("-")
    assert (code, err) == (0, f"warning: stdin: {message}\n" * said)


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        ("id\tnotes\tplace\r\n1\tTroops moved.\tOst\r\n", "utf-16", True),  # Excel's "Unicode Text"
        ("id;text\n1;talks\n", "utf-8", True),
        ("WORLD\tTalks resume\nTroops moved on Monday.\n", "utf-8", False),
        ("Text and talks\n\nTroops moved; a truce held.\n", "utf-8", False),
    ],
)
def test_a_table_in_a_text_file_is_said(predict: Callable[..., Run], text: str, encoding: str, said: bool) -> None:
    Path("a.txt").write_text(text, encoding=encoding)
    message = "begins like a table, and is read as a page. Read it as a table with --input-format csv."
    code, _, err = predict("a.txt")
    assert (code, err) == (0, f"warning: a.txt: {message}\n" * said)
