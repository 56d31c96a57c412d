"""The measurement: all systems in turn, round after round, each in its own process, one at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import TypeVar

import numpy as np

from benchmarks.figures import Measured
from benchmarks.peers import System
from benchmarks.processes import (
    PeerError,
    Worker,
    first_label_command,
    peer_folder,
    prepare,
    seconds_to_first_line,
)
from benchmarks.stories import Texts
from classifier.manifest import load_manifest
from training.calibrate import fit_threshold

Say = Callable[[str], None]
Item = TypeVar("Item")
PAUSE_S = 0.5  # the threads of the system before may spin for 0.2 s (OpenMP) before they sleep


@dataclass(frozen=True, slots=True)
class Plan:
    """What every system gets.

    Attributes:
        train, validation, test: The stories.
        tune_on: How many validation stories a peer chooses its batch size on.
        one_story: The text that is scored alone.
        rounds: How often all stories are scored.
        latency_runs: How often the one story is scored, all rounds together.
        cold_starts: How often a fresh process labels the one story.
        cache: The folder of trained peers.
        work: A folder for files that pass between the processes.
        environment: Variables that every process gets.
        isa: The instruction set to keep to; None for that of the processor.
    """

    train: Texts
    validation: Texts
    test: Texts
    tune_on: int
    one_story: str
    rounds: int
    latency_runs: int
    cold_starts: int
    cache: Path
    work: Path
    environment: Mapping[str, str]
    isa: str | None

    def folder(self, system: System) -> Path:
        """Where a system keeps what it trained."""
        return peer_folder(self.cache, system, self.train.sha256)


def measure(systems: Sequence[System], plan: Plan, say: Say) -> tuple[list[Measured], dict[str, str]]:
    """What was measured, and why a system was left out, by name."""
    files = {texts.role: texts.write(plan.work) for texts in (plan.train, plan.validation, plan.test)}
    tune_on = Texts("tune", plan.validation.texts[: plan.tune_on], plan.validation.targets[: plan.tune_on])
    files["tune"] = tune_on.write(plan.work)
    left_out: dict[str, str] = {}
    running: list[tuple[System, Worker, Measured]] = []
    with contextlib.ExitStack() as stack:
        for system in systems:
            try:
                worker, measured = _start(system, plan, files, stack, say)
            except PeerError as error:
                left_out[system.name] = str(error)
                say(f"left out: {error}")
                continue
            running.append((system, worker, measured))
        for number in range(plan.rounds):
            say(f"round {number + 1} of {plan.rounds}")
            for _, worker, measured in rotated(running, number):
                _one_round(worker, measured, files["test"]["texts"], plan)
        for _, worker, measured in running:
            measured.peak_mb = float(worker.ask("memory")["peak_mb"])
    _cold_starts([(system, measured) for system, _, measured in running], plan, say)
    return [measured for _, _, measured in running], left_out


def _start(
    system: System, plan: Plan, files: Mapping[str, Mapping[str, str]], stack: contextlib.ExitStack, say: Say
) -> tuple[Worker, Measured]:
    """A worker that has trained, loaded, chosen its settings and scored once, and its thresholds."""
    if missing := system.missing():
        packages = ", ".join(missing)
        raise PeerError(f'{system.name}: not installed: {packages}. Install the peers: pip install -e ".[bench]"')
    folder, notes = plan.folder(system), {}
    say(f"{system.name}: {'load' if folder.is_dir() or not system.prepared else 'prepare'}")
    if (seconds := prepare(system, folder, files["train"], plan.environment)) is not None:
        say(f"{system.name}: prepared in {seconds:.0f} s, kept in {folder}")
    worker = Worker(system, folder, plan.work / f"{folder.name}.log", plan.environment, plan.isa)
    stack.callback(worker.close)
    worker.ask("load")
    notes.update(worker.ask("tune", **files["tune"])["chosen"])
    if system.model is not None:
        worker.ask("score", **files["tune"])  # warm
        manifest = load_manifest(system.model)
        thresholds = (manifest.rule if system.options.get("cascade") else manifest.decision).thresholds
    else:
        scored = np.array(worker.ask("score", **files["validation"])["probabilities"])
        true = plan.validation.targets > 0
        thresholds = np.array([fit_threshold(scored[:, topic], true[:, topic]) for topic in range(true.shape[1])])
    model = "" if system.model is None else system.model.name
    return worker, Measured(system.name, model, np.zeros((0, len(thresholds))), thresholds, notes=notes)


def rotated(items: Sequence[Item], by: int) -> list[Item]:
    """The items in the same order from another start, so that none is always first."""
    start = by % len(items) if items else 0
    return [*items[start:], *items[:start]]


def _one_round(worker: Worker, measured: Measured, texts: str, plan: Plan) -> None:
    sleep(PAUSE_S)
    answer = worker.ask("score", texts=texts)
    measured.seconds.append(float(answer["seconds"]))
    if not len(measured.probabilities):
        measured.probabilities = np.array(answer["probabilities"])
    repeats = -(-plan.latency_runs // plan.rounds)
    measured.latency_ms += worker.ask("latency", text=plan.one_story, repeats=repeats)["ms"]


def _cold_starts(systems: Sequence[tuple[System, Measured]], plan: Plan, say: Say) -> None:
    """Fresh processes in turn; the first turn only fills the disk cache and is not counted."""
    for number in range(plan.cold_starts + 1 if plan.cold_starts else 0):
        say(f"cold starts {number} of {plan.cold_starts}" + ("" if number else " (not counted)"))
        for system, measured in systems:
            command = first_label_command(system, plan.folder(system), plan.one_story, isa=plan.isa)
            try:
                seconds = seconds_to_first_line(command, plan.environment)
            except PeerError as error:
                measured.notes["cold start"] = str(error)
                continue
            if number:
                measured.first_label_s.append(seconds)
