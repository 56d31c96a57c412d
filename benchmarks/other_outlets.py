"""Stories of other outlets than those of the news data: how good a model is where news is written otherwise.

    python -m benchmarks.other_outlets ../shared/benchmarks/conflibert runs/other_outlets.jsonl
    python -m training.evaluate --data runs/other_outlets.jsonl [--compare OLD]

3,980 texts of the public conflict-news suite (eventdata/ConfliBERT on GitHub; its training files alone, no near copy
of validation and test), labelled under docs/TOPICS.md: sentences of political news, reports on insurgency in South
Asia, on organised crime in Latin America, an Indian daily of March 2002. Two readers labelled each blind;
`other_outlets.csv` holds the result by task and record, and no text. 1,200 of them (`test`; a third reader where two
differed) measure, and trained nothing. `--part train` gives the other 2,780 (the first reader's topics where two
differed), of which the shipped models learned: these outlets are no longer unknown to them, and the 1,200 were looked
at while that was planned.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.conflibert import CONFIGS
from classifier.command import run_command
from classifier.errors import InputError
from classifier.process import write_errors
from classifier.stories import ReadOptions
from training.config import load_config
from training.reading import read_origin

LABELS = Path(__file__).with_name("other_outlets.csv")


def main() -> int:
    """The exit code: 0 done, 1 a problem that the user can solve."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.other_outlets", description="Labelled stories of other outlets."
    )
    parser.add_argument("suite", type=Path, help="the folder of the conflict-news suite, with a folder a task")
    parser.add_argument("out", type=Path, help="JSON lines for training.evaluate")
    parser.add_argument("--part", choices=("test", "train"), default="test", help="default: test")
    arguments = parser.parse_args()
    return run_command(partial(_run, arguments))


def _run(arguments: argparse.Namespace) -> int:
    stories = list(labelled_stories(arguments.suite, arguments.part))
    write_stories(arguments.out, stories)
    print(f"{arguments.out}: {len(stories):,} stories")
    return 0


def labelled_stories(suite: Path, part: str, labels: Path = LABELS) -> Iterator[dict[str, Any]]:
    """The texts of the suite with the labels of `labels`; `source` is the task.

    Args:
        suite: Holds TASK/train.tsv, tab-separated without a header line, the text first.
        part: "test" or "train".
        labels: CSV: task, record (from 0), part, sha256 (the first 12 digits of the text's), topics (joined by "|").

    Raises:
        InputError: If a file is missing, or holds another text than the one that was labelled.
    """
    texts: dict[str, list[str]] = {}
    with labels.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            task, record = row["task"], int(row["record"])
            if row["part"] != part:
                continue
            if task not in texts:
                texts[task] = _texts(suite / task / "train.tsv", task)
            text = texts[task][record] if record < len(texts[task]) else ""
            if short_hash(text) != row["sha256"]:
                raise InputError(
                    f"{suite / task / 'train.tsv'}: record {record} is not the text that was labelled. "
                    "Use the files as published (eventdata/ConfliBERT)."
                )
            topics = row["topics"].split("|") if row["topics"] else []
            yield {"id": f"{task}:{record}", "text": text, "labels": topics, "source": task}


def write_stories(path: Path, stories: Iterable[Mapping[str, Any]]) -> None:
    """Writes stories as JSON lines.

    Raises:
        InputError: If the file cannot be written.
    """
    lines = (json.dumps(story, ensure_ascii=False) + "\n" for story in stories)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}. Name a file that can be written.") from error


def write_with_readings(
    folder: Path, stories: Iterable[Mapping[str, Any]], topics: Sequence[str], readings: Mapping[str, Sequence[float]]
) -> None:
    """Writes stories.jsonl, and readings.csv beside it, for `data.train` and `data.readings` of a config.

    Args:
        folder: Made where it is not there.
        stories: Each with its `id`.
        topics: The columns of the readings.
        readings: The share of each topic by the id of each story.

    Raises:
        InputError: If a file cannot be written.
    """
    write_stories(folder / "stories.jsonl", stories)
    rows = [(key, *(f"{share:g}" for share in shares)) for key, shares in readings.items()]
    with write_errors(str(folder / "readings.csv")):
        (folder / "readings.csv").write_text(
            "".join(",".join(row) + "\n" for row in [("id", *topics), *rows]), encoding="utf-8"
        )


def short_hash(text: str) -> str:
    """The first 12 hexadecimal digits of the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _texts(path: Path, task: str) -> list[str]:
    if not path.exists():
        raise InputError(f"{path}: No such file or directory. Name the folder of the suite, with a folder a task.")
    return [story.text for story in read_origin("train", str(path), ReadOptions(split=False), columns_of(task))]


def columns_of(task: str) -> Sequence[str] | None:
    """Those of the files of a task, which have no header line."""
    return load_config(CONFIGS / f"{task}.yaml").data.columns


if __name__ == "__main__":
    raise SystemExit(main())
