"""A job that several processes label gives the bytes of one that a single process labels, and loses as little."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from classifier import Classifier, EngineError, Story
from classifier.errors import ModelError
from classifier.job_workers import Workers, share_of
from classifier.jobs import Job, run_job
from classifier.outputs import output_for
from classifier.scorable import CHUNK
from classifier.stopping import Stopped

WORDS = ["talks", "troops", "flood", "truce", "the", "a", "of", "said", "river", "minister"]
COUNT = 6 * CHUNK + 17
SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "evidence": {"evidence": True},
    "later": {"later": True},
    "near copies": {"near_duplicates": True, "prefix": "news_"},
}


def stories() -> list[Story]:
    """Texts that come again in their own chunk, the next, and a late one; errors; a column that turns up late."""
    rng = random.Random(0)
    texts = [" ".join(rng.choices(WORDS, k=rng.randint(3, 40))) + "." for _ in range(COUNT)]
    for number in range(7, COUNT, 4):
        texts[number] = texts[number - rng.choice([1, 3, CHUNK, min(number, 3 * CHUNK)])] + " " * rng.randint(0, 1)
    return [
        Story(
            text=text if number % 97 else " ",
            id=number,
            columns={"text": text, "date": f"2024-03-{1 + number % 28:02d}", **({"late": 1} if number > 2000 else {})},
            error=f"feed:{number}: not JSON (at column {number})." if number % 101 == 50 else None,
        )
        for number, text in enumerate(texts)
    ]


def job(path: Path, **settings: Any) -> Job:
    return Job(output=output_for(str(path)), fingerprint={}, **{"checkpoint_s": 0.0, **settings})


@pytest.fixture(scope="module")
def load(tiny_model: Path) -> partial[Classifier]:
    return partial(Classifier.load, tiny_model, engine="openvino", device="cpu")


@pytest.fixture(scope="module")
def classifier(load: partial[Classifier]) -> Classifier:
    return load()


@pytest.fixture(scope="module")
def workers(load: partial[Classifier]) -> Iterator[Workers]:
    with Workers(load, 2) as pool:
        yield pool


class Crash(BaseException):
    """Stands for a power cut."""


def crashing(at: int) -> Iterator[Story]:
    yield from stories()[:at]
    raise Crash


@pytest.mark.parametrize("name", SETTINGS)
def test_the_rows_are_those_of_one_process(tmp_path: Path, classifier: Classifier, workers: Workers, name: str) -> None:
    settings = SETTINGS[name]
    one = run_job(job(tmp_path / "one.jsonl", **settings), classifier, iter(stories()))
    two = run_job(job(tmp_path / "two.jsonl", **settings), classifier, iter(stories()), labeller=workers)
    assert (tmp_path / "two.jsonl").read_bytes() == (tmp_path / "one.jsonl").read_bytes()
    assert (two.rows, two.duplicates, two.near_duplicates) == (one.rows, one.duplicates, one.near_duplicates)
    assert two.tally.counts == one.tally.counts
    assert one.duplicates > COUNT / 5
    assert one.tally.counts["error"] > COUNT / 60


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.parquet"])
def test_a_job_goes_on_with_another_number_of_processes(
    tmp_path: Path, classifier: Classifier, workers: Workers, name: str
) -> None:
    settings = {"near_duplicates": True, "evidence": True}
    (tmp_path / "undisturbed").mkdir()
    whole = run_job(job(tmp_path / "undisturbed" / name, **settings), classifier, iter(stories()))
    for at, labeller in ((2 * CHUNK + 9, workers), (4 * CHUNK + 1, None), (6 * CHUNK, workers)):
        with pytest.raises(Crash):
            run_job(job(tmp_path / name, **settings), classifier, crashing(at), labeller=labeller)
    progress = run_job(job(tmp_path / name, **settings), classifier, iter(stories()), labeller=workers)
    assert (tmp_path / name).read_bytes() == (tmp_path / "undisturbed" / name).read_bytes()
    assert (progress.duplicates, progress.near_duplicates) == (whole.duplicates, whole.near_duplicates)
    assert 0 < progress.resumed < COUNT


def test_a_job_that_is_told_to_stop_saves_and_goes_on(
    tmp_path: Path, classifier: Classifier, load: partial[Classifier]
) -> None:
    done: list[int] = []
    with pytest.raises(Stopped), Workers(load, 2) as pool:
        run_job(
            job(tmp_path / "out.jsonl", checkpoint_s=1e9),
            classifier,
            iter(stories()),
            show=lambda progress: done.append(progress.rows),
            should_stop=lambda: len(done) == 2,
            labeller=pool,
        )
    progress = run_job(job(tmp_path / "out.jsonl"), classifier, iter(stories()))
    run_job(job(tmp_path / "whole.jsonl"), classifier, iter(stories()))
    assert progress.resumed >= 2 * CHUNK  # and what workers had done besides
    assert progress.resumed % CHUNK == 0
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_what_is_labelled_is_taken_over_while_the_input_is_waited_for(
    tmp_path: Path, classifier: Classifier, load: partial[Classifier]
) -> None:
    done: list[int] = []

    def slow() -> Iterator[Story]:
        yield from stories()[: 2 * CHUNK + 3]
        deadline = time.monotonic() + 60
        while len(done) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert done == [CHUNK, 2 * CHUNK]
        yield from stories()[2 * CHUNK + 3 :]

    with Workers(load, 2) as pool:
        run_job(
            job(tmp_path / "out.jsonl"),
            classifier,
            slow(),
            show=lambda progress: done.append(progress.rows),
            labeller=pool,
        )
    assert done[-1] == COUNT


def test_a_worker_that_is_killed_is_said_and_nothing_done_is_lost(
    tmp_path: Path, classifier: Classifier, load: partial[Classifier]
) -> None:
    def kill(_: object) -> None:
        for process, _ in pool._workers:
            process.kill()

    with Workers(load, 2) as pool, pytest.raises(EngineError, match=r"ended from outside.*fewer --processes"):
        run_job(job(tmp_path / "out.jsonl"), classifier, iter(stories()), show=kill, labeller=pool)
    progress = run_job(job(tmp_path / "out.jsonl"), classifier, iter(stories()))
    assert progress.resumed >= CHUNK
    assert progress.rows == COUNT


def no_memory() -> Classifier:
    raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB")


def no_model() -> Classifier:
    raise ModelError("models/news: no such folder.")


def broken() -> Classifier:
    raise RuntimeError("a bug")


def test_a_worker_that_is_killed_in_the_middle_of_an_answer_is_said(
    tmp_path: Path, classifier: Classifier, load: partial[Classifier]
) -> None:
    waiting = stories()[:CHUNK] + [
        Story(text=f"the flood {number} " + "a " * 9000, id=number) for number in range(CHUNK)
    ]

    class Slow:
        """Lets a worker's answer stand in the pipe, which holds a part of it, and kills the worker then."""

        def __init__(self, connection: Any, process: Any) -> None:
            self.connection, self.process = connection, process

        def send(self, work: Any) -> None:
            self.connection.send(work)

        def recv(self) -> Any:
            assert self.connection.poll(60)
            self.process.kill()
            return self.connection.recv()

        def close(self) -> None:
            self.connection.close()

    with Workers(load, 1) as pool:
        start = pool._start
        pool._start = lambda: Slow(start(), pool._workers[-1][0])  # type: ignore[method-assign]
        with pytest.raises(EngineError, match="ended from outside"):
            run_job(job(tmp_path / "out.jsonl"), classifier, iter(waiting), labeller=pool)


@pytest.mark.parametrize(
    ("loads", "error", "said"),
    [
        (no_memory, EngineError, r"has no memory left on its device .*20\.00 MiB.*fewer --processes"),
        (no_model, ModelError, "no such folder"),
        (broken, RuntimeError, "a bug"),
    ],
)
def test_what_goes_wrong_in_a_worker_is_said_here(
    tmp_path: Path, classifier: Classifier, loads: Any, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said), Workers(loads, 2) as pool:
        run_job(job(tmp_path / "out.jsonl"), classifier, iter(stories()), labeller=pool)


def test_every_core_has_a_worker_and_every_worker_a_core() -> None:
    for cores in range(1, 20):
        for count in range(1, 12):
            shares = [share_of(range(cores), turn, count) for turn in range(count)]
            assert all(shares)
            assert {core for share in shares for core in share} == set(range(cores))
            if count <= cores:
                assert sum(map(len, shares)) == cores


# The command


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("feed") / "feed.parquet"
    table = {"id": list(range(8 * COUNT)), "text": [f"{story.text} {n}" for n in range(8) for story in stories()]}
    parquet.write_table(pyarrow.table({**table, "raw": [b"\x00\xff"] * (8 * COUNT)}), path)
    return path


def command(feed: Path, output: Path, model: Path) -> list[str]:
    options = ["--model", str(model), "--device", "cpu", "--checkpoint", "0", "--processes", "2"]
    return [sys.executable, "-m", "classifier.predict", str(feed), "-o", str(output), *options]


def has_rows(output: Path) -> bool:
    """True once a few chunks are done, so that there is a checkpoint."""
    rows = Path(f"{output}.job", "rows.jsonl")
    return rows.exists() and rows.stat().st_size > 1_000_000


def children(process: int) -> list[int]:
    """Those that any of its threads has started."""
    lists = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for each in lists for child in each.read_text().split()]


@pytest.mark.skipif(not Path(f"/proc/{os.getpid()}/task").exists(), reason="processes are looked for in /proc")
def test_kill_9_leaves_no_worker_behind_and_changes_no_byte(feed: Path, tmp_path: Path, tiny_model: Path) -> None:
    output, whole = tmp_path / "out.parquet", tmp_path / "whole.parquet"
    one = [*command(feed, whole, tiny_model), "--processes", "1"]
    assert subprocess.run(one, capture_output=True, check=False).returncode == 0
    with subprocess.Popen(command(feed, output, tiny_model), stderr=subprocess.DEVNULL) as process:
        while not has_rows(output):
            time.sleep(0.01)
        workers = children(process.pid)
        process.kill()
    assert len(workers) >= 2
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{worker}").exists() for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    done = subprocess.run(command(feed, output, tiny_model), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert b"going on after" in done.stderr
    assert output.read_bytes() == whole.read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="signals to a group are POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_all_processes_saves_and_says_how_to_go_on(
    feed: Path, tmp_path: Path, tiny_model: Path, number: signal.Signals
) -> None:
    output = tmp_path / "out.jsonl"
    with subprocess.Popen(command(feed, output, tiny_model), stderr=subprocess.PIPE, start_new_session=True) as process:
        while not has_rows(output):
            time.sleep(0.01)
        os.killpg(process.pid, number)  # as a terminal does at Ctrl-C
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert stderr.decode() == "stopped, and all that was done is saved: the same command goes on from there\n"
    done = subprocess.run(command(feed, output, tiny_model), capture_output=True, check=False)
    assert b"going on after" in done.stderr
    rows = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == list(range(8 * COUNT))


@pytest.mark.skipif(os.name != "posix", reason="signals to a group are POSIX")
@pytest.mark.parametrize("wait_s", [0.5, 0.7, 0.9, 1.2])
def test_a_signal_while_workers_start_is_none_for_them(
    feed: Path, tmp_path: Path, tiny_model: Path, wait_s: float
) -> None:
    asked = [*command(feed, tmp_path / "out.jsonl", tiny_model), "--processes", "3"]
    with subprocess.Popen(asked, stderr=subprocess.PIPE, start_new_session=True) as process:
        time.sleep(wait_s)
        os.killpg(process.pid, signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode in (130, -signal.SIGINT)  # the latter before Python asks for signals
    if b"stopped, and all that was done is saved" in stderr:
        assert b"Traceback" not in stderr
        assert b"worker" not in stderr


@pytest.mark.skipif(os.name != "posix", reason="limits of a process are POSIX")
def test_a_limit_of_the_system_is_said_as_that(feed: Path, tmp_path: Path, tiny_model: Path) -> None:
    import resource

    def few_files() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))

    asked = [*command(feed, tmp_path / "out.jsonl", tiny_model), "--processes", "12"]
    done = subprocess.run(asked, capture_output=True, preexec_fn=few_files, check=False, timeout=120)
    assert done.returncode == 1
    assert b"cannot start 12 processes (Too many open files)" in done.stderr
    assert b"fewer --processes" in done.stderr


def test_processes_are_for_jobs(tmp_path: Path) -> None:
    asked = [sys.executable, "-m", "classifier.predict", "--text", "talks", "--processes", "2"]
    done = subprocess.run(asked, capture_output=True, cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert b"--processes needs -o FILE" in done.stderr
