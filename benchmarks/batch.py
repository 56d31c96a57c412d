"""`python -m benchmarks.batch`: what a batch job costs, against a plain loop over Transformers' pipeline.

Makes feeds from the invented stories in examples/ (each row another story with a number in it; one in five is an exact
copy of an earlier row) and measures, in one process tree:

1. throughput and peak memory of `classifier.predict FEED -o OUT` at the row counts of `--rows`;
2. the share of its time that checkpoints take, and its speed as a share of scoring the same stories from memory;
3. peak memory on a file of `--large-mb` megabytes (few texts, many copies: what is measured is reading and writing);
4. how long a job that was killed half-way needs until it labels again;
5. the same feed, its first rows, through a plain loop over Transformers' text-classification pipeline writing JSONL.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from classifier import Classifier, Story
from classifier.command import run_command
from classifier.manifest import find_model

EXAMPLES = Path(__file__).parents[1] / "examples"
COMMAND = [sys.executable, "-m", "classifier.predict", "--quiet"]
PIPELINE_LOOP = """
import json, sys
from transformers import pipeline
model, feed, out, rows, batch_size = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
classify = pipeline("text-classification", model=model, top_k=None, function_to_apply="sigmoid", dtype="float32")
records = [json.loads(line) for _, line in zip(range(rows), open(feed, encoding="utf-8"))]
texts = (f"{record['title']}\\n{record['text']}" for record in records)
with open(out, "w", encoding="utf-8") as file:
    for record, scores in zip(records, classify(texts, batch_size=batch_size, truncation=True, max_length=256)):
        file.write(json.dumps({**record, "scores": scores}) + "\\n")
"""


def make_feed(path: Path, rows: int, *, words: int, seed: int = 0) -> None:
    """JSON lines of about `words` words each; one row in five repeats an earlier one."""
    stories = [json.loads(line) for line in (EXAMPLES / "train.jsonl").read_text(encoding="utf-8").splitlines()]
    rng, recent = random.Random(seed), []
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            if recent and rng.random() < 0.2:
                title, text = rng.choice(recent)
            else:
                story = rng.choice(stories)
                title = story["title"]
                text = f"{' '.join(story['text'].split()[:words])} ({number})"
                recent = [*recent[-999:], (title, text)]
            file.write(json.dumps({"id": number, "title": title, "text": text}) + "\n")


def make_large_feed(path: Path, size_bytes: int, *, texts: int = 500) -> int:
    """JSON lines of about 3,000 characters, `texts` different ones again and again; how many lines."""
    stories = [json.loads(line) for line in (EXAMPLES / "train.jsonl").read_text(encoding="utf-8").splitlines()]
    rng, rows = random.Random(1), 0
    bodies = ["\n".join(story["text"] for story in rng.sample(stories, 10))[:3000] for _ in range(texts)]
    with path.open("w", encoding="utf-8") as file:
        while file.tell() < size_bytes:
            for body in bodies:
                file.write(json.dumps({"id": rows, "text": body}) + "\n")
                rows += 1
    return rows


def run(command: list[str]) -> tuple[float, float]:
    """Wall seconds and peak resident MB of a command."""
    started = time.monotonic()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    return time.monotonic() - started, usage.ru_maxrss / 1024


def job(model: str, feed: Path, out: Path) -> list[str]:
    return [*COMMAND, str(feed), "-o", str(out), "--model", model]


def checkpoint_share(model: str, feed: Path, folder: Path) -> tuple[float, float]:
    """The share of a job's time that checkpoints take, and its rows/s, measured inside this process."""
    from classifier.jobs import Job, run_job
    from classifier.outputs import output_for
    from classifier.sources import find_sources
    from classifier.stories import ReadOptions, read_stories

    classifier = Classifier.load(model)
    classifier.classify("warm")
    [source] = find_sources([str(feed)])
    started = time.monotonic()
    task = Job(output_for(str(folder / "in_process.jsonl")), fingerprint={})
    progress = run_job(task, classifier, read_stories(source, ReadOptions()))
    took = time.monotonic() - started
    return progress.checkpoint_time_s / took, progress.rows / took


def from_memory(model: str, feed: Path) -> float:
    """Rows/s of scoring the stories of a feed that are already in memory, each text once."""
    records = [json.loads(line) for line in feed.read_text(encoding="utf-8").splitlines()]
    stories = [Story(title=record["title"], text=record["text"]) for record in records]
    unique = list({(story.title, story.text): story for story in stories}.values())
    classifier = Classifier.load(model)
    classifier.classify("warm")
    started = time.monotonic()
    for _ in classifier.stream(unique):
        pass
    return len(stories) / (time.monotonic() - started)


def resume(model: str, feed: Path, folder: Path, whole_s: float) -> tuple[int, float]:
    """Rows done when a job was killed half-way, and seconds from its restart to its next new rows."""
    out = folder / "resumed.jsonl"
    process = subprocess.Popen(job(model, feed, out))
    time.sleep(whole_s / 2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    rows = folder / "resumed.jsonl.job" / "rows.jsonl"
    with subprocess.Popen(job(model, feed, out)) as again:
        started, before = time.monotonic(), None
        while again.poll() is None:
            size = rows.stat().st_size if rows.exists() else 0
            before = size if before is None or size < before else before  # the job cuts the file first
            if size > before:
                break
            time.sleep(0.005)
        took = time.monotonic() - started
        again.send_signal(signal.SIGTERM)
    done = sum(1 for _ in rows.open("rb")) if rows.exists() else 0
    return done, took


def measure(arguments: argparse.Namespace, folder: Path) -> Iterator[tuple[str, Any]]:
    """(what, figure) of every measurement."""
    feeds, model = {}, arguments.model
    for rows in arguments.rows:
        feeds[rows] = folder / f"feed{rows}.jsonl"
        make_feed(feeds[rows], rows, words=arguments.words)
        took, peak = run(job(model, feeds[rows], folder / f"out{rows}.jsonl"))
        yield f"job, {rows:,} rows", f"{rows / took:,.0f} rows/s, peak {peak:,.0f} MB"
    if arguments.large_mb:
        large = folder / "large.jsonl"
        rows = make_large_feed(large, arguments.large_mb << 20)
        took, peak = run(job(model, large, folder / "large_out.jsonl"))
        yield f"job, a file of {large.stat().st_size >> 20:,} MB, {rows:,} rows", f"{took:,.0f} s, peak {peak:,.0f} MB"
        large.unlink()
        (folder / "large_out.jsonl").unlink()
    smallest = min(arguments.rows)
    share, in_job = checkpoint_share(model, feeds[smallest], folder)
    yield "checkpoints", f"{share:.2%} of the job's time"
    memory = from_memory(model, feeds[smallest])
    yield "end to end against from memory", f"{in_job / memory:.0%} ({in_job:,.0f} against {memory:,.0f} rows/s)"
    done, took = resume(model, feeds[smallest], folder, smallest / in_job)
    yield "resume after kill -9", f"{took:.1f} s from the command to new rows, {done:,} rows were done"
    ratios = []
    few = folder / "few.jsonl"
    make_feed(few, arguments.pipeline_rows, words=arguments.words)
    for repeat in range(arguments.repeats):
        ours, _ = run(job(model, few, folder / f"few{repeat}.jsonl"))
        plain = [
            sys.executable,
            "-c",
            PIPELINE_LOOP,
            str(find_model(model)),
            str(few),
            str(folder / "pipeline.jsonl"),
        ]
        theirs, peak = run([*plain, str(arguments.pipeline_rows), str(arguments.batch_size)])
        ratios.append(theirs / ours)
        yield (
            f"pipeline loop, {arguments.pipeline_rows:,} rows",
            f"{arguments.pipeline_rows / theirs:,.0f} rows/s, peak {peak:,.0f} MB",
        )
    yield (
        "job against pipeline loop, whole processes",
        f"{statistics.median(ratios):.1f} times as fast ({min(ratios):.1f} to {max(ratios):.1f})",
    )


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 a problem that the user can solve, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch", description=__doc__.split("\n")[0])
    parser.add_argument("--model", default="news", help="of job and pipeline (default: news)")
    parser.add_argument(
        "--rows", type=int, nargs="+", default=[100_000, 1_000_000], help="rows of each feed (default: 100000 1000000)"
    )
    parser.add_argument("--words", type=int, default=20, help="words of a row's text (default: 20)")
    parser.add_argument(
        "--large-mb", type=int, default=1024, help="MB of the large file, 0 leaves it out (default: 1024)"
    )
    parser.add_argument("--pipeline-rows", type=int, default=5_000, help="rows that the pipeline gets (default: 5000)")
    parser.add_argument("--batch-size", type=int, default=32, help="of the pipeline (default: 32)")
    parser.add_argument("--repeats", type=int, default=3, help="of job and pipeline in turn (default: 3)")
    return run_command(partial(_run, parser.parse_args(argv)))


def _run(arguments: argparse.Namespace) -> int:
    find_model(arguments.model)
    with tempfile.TemporaryDirectory() as folder:
        for what, figure in measure(arguments, Path(folder)):
            print(f"{what}: {figure}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
