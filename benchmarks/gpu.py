"""`python -m benchmarks.gpu FILE.jsonl`: how much of the model's own speed is left from file to file.

In one process and in alternating rounds, for the whole model alone and, where the folder has one, for the cascade:

    forward      batches made beforehand go through the engine, and nothing else
    texts        from stories in memory to predictions (`classify_many`)
    end to end   from FILE to a JSONL output, as `python -m classifier.predict FILE -o OUT` does once it has loaded
    host         end to end with an engine that answers at once: all that is not the model
    processes    end to end with `--processes N` workers, which are there before the clock starts

Prints stories and tokens per second, and the ratio of end to end to forward, round by round; writes them as JSON. With
`--repeat N` the stories are taken N times, each time with another number behind the text, since equal texts are scored
once. Works on any device. Leaves out: other ways to run the model (speed.py), whole processes and resuming (batch.py).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import ratios, spread
from benchmarks.gpu_report import device_name, shown
from benchmarks.isa import processor
from benchmarks.rounds import rotated
from classifier import Classifier, Story
from classifier.batching import Batch, batches
from classifier.command import run_command
from classifier.decide import probabilities_of
from classifier.engines import Engine
from classifier.errors import InputError
from classifier.job_labels import Labeller
from classifier.job_workers import Workers
from classifier.jobs import Job, run_job
from classifier.manifest import load_manifest
from classifier.outputs import output_for
from classifier.scorable import read_texts
from classifier.sources import find_sources
from classifier.stories import ReadOptions, read_stories

Run = Callable[[], object]
FORWARD, TEXTS, END_TO_END, HOST, PROCESSES = "forward", "texts", "end to end", "host", "processes"
WARM = 2048  # stories


class InstantEngine:
    """Logits of zero at once, in batches of another engine's size."""

    name = "instant"

    def __init__(self, like: Engine, labels: int) -> None:
        self.token_budget, self._labels = like.token_budget, labels

    def logits(self, batch: Batch) -> NDArray[np.float32]:
        """Shape (batch, topics)."""
        return np.zeros((len(batch.indices), self._labels), dtype=np.float32)

    def run(self, batches: Iterable[Batch]) -> Iterator[tuple[Batch, NDArray[np.float32]]]:
        """One after the other."""
        for batch in batches:
            yield batch, self.logits(batch)


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 a problem that the user can solve."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__.split("\n")[0])
    option = parser.add_argument
    option("file", metavar="FILE", help="stories as JSON lines")
    option("--model", default="news", metavar="DIR", help="a model folder (default: news)")
    option("--engine", default="auto", metavar="NAME", help="default: torch on a GPU, else openvino")
    option("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    option("--rounds", type=int, default=5, metavar="N", help="default: 5")
    option(
        "--repeat", type=int, default=1, metavar="N", help="take the stories N times, each time changed (default: 1)"
    )
    option("--processes", type=int, default=1, metavar="N", help="also label with N workers (default: 1, none)")
    option("-o", "--output", type=Path, default=Path("runs/gpu.json"), metavar="FILE", help="default: runs/gpu.json")
    arguments = parser.parse_args(argv)
    if min(arguments.rounds, arguments.repeat, arguments.processes) < 1:
        parser.error("--rounds, --repeat and --processes must be 1 or more")
    return run_command(partial(_run, arguments))


def _run(arguments: argparse.Namespace) -> int:
    report = run(arguments)
    print("\n".join(shown(report)))
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """What was measured.

    Raises:
        ClassifierError: If the file or the model cannot be used.
    """
    loaders = loaders_of(arguments.model, arguments.engine, arguments.device)
    models = {name: load() for name, load in loaders.items()}
    with tempfile.TemporaryDirectory() as work, ExitStack() as pools:
        feed = Path(work) / "feed.jsonl"
        write_feed(Path(arguments.file), feed, arguments.repeat)
        stories = [story for source in find_sources([str(feed)]) for story in read_stories(source, ReadOptions())]
        if not any(story.error is None for story in stories):
            raise InputError(f"{arguments.file}: no story to score.")
        out = Path(work) / "out.jsonl"
        runs = {
            (name, what): run
            for name, classifier in models.items()
            for what, run in runs_of(classifier, feed, stories, out).items()
        }
        if arguments.processes > 1:
            for name, load in loaders.items():
                workers = pools.enter_context(Workers(load, arguments.processes))
                runs[name, PROCESSES] = partial(end_to_end, models[name], feed, out, workers)
                runs[name, PROCESSES]()  # so that all of them have loaded the model
        seconds = measured(runs, arguments.rounds)
    whole = next(iter(models.values()))
    return {
        "machine": {"processor": processor(), "cores": os.cpu_count(), "device": device_name(whole.engine)},
        "versions": {
            "python": platform.python_version(),
            "numpy": version("numpy"),
            "tokenizers": version("tokenizers"),
        },
        "model": whole.manifest.id,
        "engine": whole.engine.name,
        "stories": len(stories),
        "tokens": sum(read.tokens_read for read in whole.tokenizer.windows(read_texts(stories)[0], max_windows=1)),
        "rounds": arguments.rounds,
        "processes": arguments.processes,
        "seconds": [{"model": name, "what": what, "runs_s": taken} for (name, what), taken in seconds.items()],
        "end to end / forward": {
            f"{name}, {what}": spread(ratios(seconds[name, FORWARD], seconds[name, what]))
            for name, what in seconds
            if what in (END_TO_END, PROCESSES)
        },
    }


def loaders_of(model: str, engine: str, device: str) -> dict[str, Callable[[], Classifier]]:
    """What loads the whole model alone, and the cascade where there is one."""
    load = partial(Classifier.load, model, engine=engine, device=device)
    loaders: dict[str, Callable[[], Classifier]] = {"whole model": partial(load, cascade=False)}
    return loaders if load_manifest(model).cascade is None else {**loaders, "cascade": load}


def write_feed(source: Path, feed: Path, repeat: int) -> None:
    """The records of a file `repeat` times, no two with the same text: "Talks open", "Talks open (1)", …

    Raises:
        InputError: If the file cannot be read.
    """
    try:
        records = [json.loads(line) for line in source.read_text(encoding="utf-8").split("\n") if line.strip()]
    except (OSError, ValueError) as error:
        raise InputError(f"{source}: cannot be read ({error}). Name a file of JSON lines.") from error
    if not all(isinstance(record, dict) for record in records):
        raise InputError(f"{source}: a line is no JSON object. Name a file of JSON lines.")
    with feed.open("w", encoding="utf-8", errors="replace") as file:
        for number in range(repeat):
            for record in records:
                changed = {**record, "text": f"{record.get('text') or ''} ({number})"} if number else record
                file.write(json.dumps(changed, ensure_ascii=False) + "\n")


def runs_of(classifier: Classifier, feed: Path, stories: Sequence[Story], out: Path) -> dict[str, Run]:
    """What is measured of one classifier; warm, so that no first call is in it."""
    classifier.classify_many(stories[:WARM])
    forward = forward_only(classifier, stories)
    forward()
    runs: dict[str, Run] = {
        FORWARD: forward,
        TEXTS: lambda: classifier.classify_many(stories),
        END_TO_END: lambda: end_to_end(classifier, feed, out),
    }
    if classifier.first is None:
        instant = InstantEngine(classifier.engine, len(classifier.labels))
        host = Classifier(classifier.manifest, classifier.tokenizer, instant, max_windows=classifier.max_windows)
        runs[HOST] = lambda: end_to_end(host, feed, out)
    return runs


def forward_only(classifier: Classifier, stories: Sequence[Story]) -> Run:
    """All batches of the stories through the engine, or through both of a cascade; they are made now."""
    texts, errors = read_texts(stories)
    good = list(dict.fromkeys(text for text, error in zip(texts, errors, strict=True) if error is None))
    read = classifier.tokenizer.windows(good, max_windows=classifier.max_windows)
    made: list[tuple[Engine, list[Batch]]] = []
    if classifier.first is not None and (cascade := classifier.manifest.cascade) is not None:
        openings = [classifier.tokenizer.shortened(windows.input_ids[0], cascade.max_length) for windows in read]
        made.append((classifier.first.engine, batches_of(classifier.first, openings)))
        logits = cascade.on_scale(classifier.first.window_logits(openings))
        is_sure = cascade.is_sure(probabilities_of(logits, classifier.manifest.decision))
        read = [windows for windows, sure in zip(read, is_sure.tolist(), strict=True) if not sure]
    rest = [window for windows in read for window in windows.input_ids]
    made.append((classifier.engine, batches_of(classifier, rest)))

    def forward() -> None:
        for engine, its_batches in made:
            for _ in engine.run(its_batches):
                pass

    return forward


def batches_of(classifier: Classifier, windows: Sequence[Sequence[int]]) -> list[Batch]:
    """Batches as the classifier makes them, of all windows at once."""
    manifest, budget = classifier.manifest, classifier.engine.token_budget
    return list(batches(windows, token_budget=budget, pad_id=manifest.pad_id, max_length=manifest.max_length))


def end_to_end(classifier: Classifier, feed: Path, out: Path, labeller: Labeller | None = None) -> None:
    """The job of a file, from its first byte to the finished output."""
    out.unlink(missing_ok=True)
    [source] = find_sources([str(feed)])
    stories = read_stories(source, ReadOptions())
    run_job(Job(output_for(str(out)), fingerprint={}), classifier, stories, labeller=labeller)


def measured(runs: Mapping[tuple[str, str], Run], rounds: int) -> dict[tuple[str, str], list[float]]:
    """Seconds of every run, once a round; every round begins with another one."""
    seconds: dict[tuple[str, str], list[float]] = {key: [] for key in runs}
    for number in range(rounds):
        for key in rotated(list(runs), number):
            started = perf_counter()
            runs[key]()
            seconds[key].append(perf_counter() - started)
        print(f"round {number + 1} of {rounds}", file=sys.stderr, flush=True)
    return seconds


if __name__ == "__main__":
    raise SystemExit(main())
