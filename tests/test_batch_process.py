"""Jobs as processes: killed at random, out of room, interrupted; the finished bytes are those of an undisturbed run."""

from __future__ import annotations

import csv
import datetime
import decimal
import json
import os
import random
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

COMMAND = [sys.executable, "-m", "classifier.predict"]
WORDS = ["talks", "troops", "flood", "truce", "the", "a", "of", "said", "river", "minister"]
ROWS = 12_000
KILLS = {"jsonl": 8, "csv": 8, "parquet": 8}


@pytest.fixture(scope="module")
def feeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same records as JSON lines, CSV and Parquet, some of them broken."""
    folder, rng = tmp_path_factory.mktemp("feeds"), random.Random(0)
    texts = [" ".join(rng.choice(WORDS) for _ in range(rng.randint(3, 30))) for _ in range(ROWS)]
    texts[100::97] = [""] * len(texts[100::97])
    with (folder / "feed.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"id": number, "text": text}) + "\n" for number, text in enumerate(texts))
        file.write('{"id": "cut off\n')
    with (folder / "feed.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text"])
        writer.writerows(enumerate(texts))
    parquet.write_table(pyarrow.table({"id": range(ROWS), "text": texts}), folder / "feed.parquet")
    return folder


def arguments(feed: Path, output: Path, model: Path) -> list[str]:
    return [*COMMAND, str(feed), "-o", str(output), "--model", str(model), "--checkpoint", "0", "--quiet"]


@pytest.mark.parametrize("kind", KILLS)
def test_kill_9_at_any_moment_changes_no_byte(feeds: Path, tmp_path: Path, tiny_model: Path, kind: str) -> None:
    feed, rng = feeds / f"feed.{kind}", random.Random(kind)
    started = time.monotonic()
    done = subprocess.run(arguments(feed, tmp_path / f"whole.{kind}", tiny_model), capture_output=True, check=False)
    whole_s = time.monotonic() - started
    assert done.returncode == 3, done.stderr
    whole = (tmp_path / f"whole.{kind}").read_bytes()
    output = tmp_path / f"killed.{kind}"
    killed = 0
    while killed < KILLS[kind]:
        with subprocess.Popen(arguments(feed, output, tiny_model), stderr=subprocess.PIPE) as process:
            time.sleep(rng.uniform(0.2, 0.9) * whole_s)
            process.kill()
        if process.returncode != -signal.SIGKILL:  # it was faster than the kill: begin again
            assert process.returncode == 3
            output.unlink()
            continue
        killed += 1
        is_done = output.exists()  # killed between the last step and tidying up
        assert not is_done or output.read_bytes() == whole
        output.unlink(missing_ok=True)
        if is_done or killed % 3 == 0:  # else the job would be done before its kills are
            subprocess.run(["rm", "-r", f"{output}.job"], check=False)
    done = subprocess.run(arguments(feed, output, tiny_model), capture_output=True, check=False)
    assert done.returncode == 3, done.stderr
    assert output.read_bytes() == whole
    assert not Path(f"{output}.job").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_saves_and_says_how_to_go_on(
    feeds: Path, tmp_path: Path, tiny_model: Path, number: signal.Signals
) -> None:
    output = tmp_path / "out.jsonl"
    command = arguments(feeds / "feed.jsonl", output, tiny_model)
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        rows = Path(f"{output}.job", "rows.jsonl")
        while not rows.exists() or not rows.stat().st_size:
            time.sleep(0.01)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert b"stopped, and all that was done is saved: the same command goes on" in stderr
    command.remove("--quiet")
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 3
    assert b"going on after" in done.stderr
    assert len(output.read_bytes().splitlines()) == ROWS + 1


def installed_command() -> list[str]:
    """What pip makes of the entry in pyproject.toml."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, function = project["scripts"]["news-topics"].partition(":")
    return [sys.executable, "-c", f"import sys; from {module} import {function}; sys.exit({function}())"]


@pytest.mark.parametrize("called", [COMMAND, installed_command()], ids=["module", "installed"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_job_that_waits_for_a_pipe(
    tmp_path: Path, tiny_model: Path, number: signal.Signals, called: list[str]
) -> None:
    output = tmp_path / "out.jsonl"
    command = [*called, *arguments(Path("-"), output, tiny_model)[len(COMMAND) :], "--input-format", "jsonl"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(b'{"text": "talks"}\n')
        process.stdin.flush()
        while not Path(f"{output}.job").exists():
            time.sleep(0.01)
        time.sleep(0.5)  # it reads now, and nothing comes
        process.send_signal(number)
        assert process.wait(timeout=30) == 128 + number  # while the pipe is still open
        assert b"stopped, and all that was done is saved" in process.stderr.read()


@pytest.mark.skipif(os.name != "posix", reason="what a process ignores is handed on by POSIX")
def test_in_the_background_of_a_script_a_job_ignores_ctrl_c(feeds: Path, tmp_path: Path, tiny_model: Path) -> None:
    def ignore() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    output = tmp_path / "out.jsonl"
    command = arguments(feeds / "feed.jsonl", output, tiny_model)
    with subprocess.Popen(command, stderr=subprocess.PIPE, preexec_fn=ignore) as process:
        while not Path(f"{output}.job").exists():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 3
    assert len(output.read_bytes().splitlines()) == ROWS + 1


def limited(size_bytes: int) -> Any:
    """Runs in the child: no file may grow beyond this, as on a full disk."""
    import resource

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, size_bytes))

    return limit


@pytest.mark.skipif(os.name != "posix", reason="limits of a process are POSIX")
def test_a_full_disk_is_said_and_resumed(feeds: Path, tmp_path: Path, tiny_model: Path) -> None:
    output = tmp_path / "out.jsonl"
    command = arguments(feeds / "feed.jsonl", output, tiny_model)
    full = subprocess.run(command, capture_output=True, check=False, preexec_fn=limited(2_000_000))
    assert full.returncode == 1
    assert b"cannot be written (File too large)" in full.stderr or b"disk is full" in full.stderr, full.stderr
    assert b"Traceback" not in full.stderr
    assert not output.exists()
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 3, done.stderr
    subprocess.run(arguments(feeds / "feed.jsonl", tmp_path / "whole.jsonl", tiny_model), check=False)
    assert output.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_a_resume_with_other_settings_is_refused_and_restart_starts_over(
    feeds: Path, tmp_path: Path, tiny_model: Path
) -> None:
    output = tmp_path / "out.jsonl"
    command = arguments(feeds / "feed.jsonl", output, tiny_model)
    assert subprocess.run(command, check=False, capture_output=True, preexec_fn=limited(2_000_000)).returncode == 1
    other = subprocess.run([*command, "--prefix", "x_"], capture_output=True, check=False)
    assert other.returncode == 1
    assert b"prefix: was '', is 'x_'" in other.stderr
    assert b"--restart" in other.stderr
    assert subprocess.run([*command, "--prefix", "x_", "--restart"], check=False).returncode == 3
    assert "x_topics" in json.loads(output.read_text(encoding="utf-8").splitlines()[0])


def test_parquet_keeps_the_types_of_its_columns(tmp_path: Path, tiny_model: Path) -> None:
    table = pyarrow.table(
        {
            "id": pyarrow.array([1, 2], pyarrow.int32()),
            "text": ["talks of the river", "flood"],
            "seen": pyarrow.array([datetime.datetime(2024, 3, 1, 12), None], pyarrow.timestamp("us", tz="UTC")),
            "day": pyarrow.array([datetime.date(2024, 3, 1)] * 2),
            "price": pyarrow.array([decimal.Decimal("1.50"), None], pyarrow.decimal128(9, 2)),
            "raw": [b"\x00\xff", None],
            "points": pyarrow.array([[{"x": 1}], []], pyarrow.list_(pyarrow.struct({"x": pyarrow.int8()}))),
        }
    )
    parquet.write_table(table, tmp_path / "in.parquet")
    done = subprocess.run(arguments(tmp_path / "in.parquet", tmp_path / "out.parquet", tiny_model), check=False)
    assert done.returncode == 0
    out = parquet.read_table(tmp_path / "out.parquet")
    assert out.select(table.column_names).equals(table)
    assert out.schema.field("topics").type == pyarrow.list_(pyarrow.string())
