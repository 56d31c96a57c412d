"""Workers as the parent sees them: start, ask, end; and the cache of trained peers."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import IO, Any

from benchmarks.peers import System
from classifier.errors import ClassifierError

ROOT = Path(__file__).parents[1]


class PeerError(ClassifierError):
    """A peer that cannot be measured, and why."""


class Worker:
    """A process that holds one peer; its standard error goes to a log file."""

    def __init__(
        self, system: System, folder: Path, log: Path, environment: Mapping[str, str], isa: str | None = None
    ) -> None:
        self.system, self.log = system, log
        with log.open("w", encoding="utf-8") as errors:
            self._process = subprocess.Popen(
                command(system, folder, isa=isa),
                cwd=ROOT,
                env={**os.environ, **environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def ask(self, do: str, **request: Any) -> dict[str, Any]:
        """The worker's answer.

        Raises:
            PeerError: If the worker ended instead, with the last line that it wrote.
        """
        stdin, stdout = _open(self._process.stdin), _open(self._process.stdout)
        try:
            print(json.dumps({"do": do, **request}), file=stdin, flush=True)
            line = stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise PeerError(f"{self.system.name}: {do} failed: {last_line(self.log)}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            _open(stream).close()


def _open(stream: IO[Any] | None) -> IO[Any]:
    if stream is None:
        raise ValueError("the worker has no pipes")
    return stream


def command(system: System, folder: Path, *more: str, isa: str | None = None) -> list[str]:
    """The command line of a system's worker."""
    options = json.dumps(dict(system.options))
    flags = ["--isa", isa] if isa else []
    return [sys.executable, "-m", "benchmarks.worker", system.module, str(folder.resolve()), options, *flags, *more]


def first_label_command(system: System, folder: Path, text: str, *, isa: str | None) -> list[str]:
    """A command that labels one text in a fresh process: this project's own, or the worker for a peer."""
    if system.module != "ours":
        return command(system, folder, "--first", text, isa=isa)
    start = ["-m", "classifier.predict"]
    if isa:
        start = ["-c", f"from benchmarks.isa import limited_predict; limited_predict({isa!r})"]
    model, engine, device = (system.options[name] for name in ("model", "engine", "device"))
    return [sys.executable, *start, "--text", text, "--model", model, "--engine", engine, "--device", device]


def seconds_to_first_line(command: list[str], environment: Mapping[str, str]) -> float:
    """From the start of a process to the first line on its standard output.

    Raises:
        PeerError: If it ends without one.
    """
    started = perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        line = _open(process.stdout).readline()
        seconds = perf_counter() - started
        process.communicate()
    if not line:
        raise PeerError(f"{' '.join(command[:4])} printed no label (exit code {process.returncode})")
    return seconds


def last_line(log: Path) -> str:
    """The last line of a log with something on it."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it wrote nothing"


def peer_folder(cache: Path, system: System, train_sha256: str) -> Path:
    """Where a trained peer is kept: another folder for other options or another training file."""
    data = train_sha256 if system.model is None else ""
    key = hashlib.sha256(json.dumps([system.module, dict(system.options), data]).encode()).hexdigest()[:12]
    return cache / f"{re.sub('[^a-z0-9]+', '-', system.name.lower()).strip('-')}-{key}"


def prepare(system: System, folder: Path, train: Mapping[str, str], environment: Mapping[str, str]) -> float | None:
    """Trains a peer into its folder unless it is there; the seconds that took.

    Args:
        system: The peer.
        folder: Appears only when training has succeeded.
        train: Paths of the JSON files `texts` and `targets`.
        environment: Variables to add.

    Raises:
        PeerError: If training fails.
    """
    if not system.prepared or folder.is_dir():
        return None
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    worker = Worker(system, part, folder.with_name(folder.name + ".log"), environment)
    try:
        seconds = float(worker.ask("train", **train)["seconds"])
    finally:
        worker.close()
    part.rename(folder)
    return seconds
