"""British articles that readers filed under politics or not: finds their texts in your copies of public archives.

    python -m benchmarks.british_papers runs/british ARCHIVE [ARCHIVE ...] [--round 1]

They are what a model learns from before it is trained on BBC_News, a task of `benchmarks.conflibert`; the commands are
in docs/experiments.md. The labels stand here without texts, in british_papers.csv: 5,351 articles of the first round,
and 2,533 of the second, most of them such that a model which had learned from the first was not sure. A share is what a
reader marked: 1 politics, 0.7 and 0.25 torn, 0 another section. None of the articles has two runs of eight words in
common with one development or test file of the task. Texts are written as the published files have them: in lower case,
without quotation marks and commas. A story is known as `benchmarks.feed_outlets` knows it. The archives are named in
docs/experiments.md. Leaves out: where to get them.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.feed_outlets import find_stories
from benchmarks.other_outlets import write_with_readings
from classifier.command import run_command
from classifier.stories import Story

LABELS = Path(__file__).with_suffix(".csv")
TOPIC = "politics"


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 a problem that the user can solve."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.british_papers", description="British articles, about politics or not."
    )
    parser.add_argument("out", type=Path, help="folder for stories.jsonl and readings.csv, for training.train")
    parser.add_argument("archives", nargs="+", help="files with stories: title and text")
    parser.add_argument("--round", choices=("1", "all"), default="all", help="of readings (default: all)")
    return run_command(partial(_run, parser.parse_args(argv)))


def _run(arguments: argparse.Namespace) -> int:
    wanted = known(arguments.round)
    stories = list(labelled_stories(arguments.archives, wanted))
    write_with_readings(arguments.out, stories, (TOPIC,), {story["id"]: (wanted[story["id"]],) for story in stories})
    print(f"{arguments.out}: {len(stories):,} of {len(wanted):,} stories found")
    return 0


def known(which: str, labels: Path = LABELS) -> Mapping[str, float]:
    """The share of each article by its key: of those of the first round, or all."""
    with labels.open(encoding="utf-8", newline="") as file:
        return {row["key"]: float(row[TOPIC]) for row in csv.DictReader(file) if which in ("all", row["round"])}


def labelled_stories(archives: Sequence[str], wanted: Mapping[str, float]) -> Iterator[dict[str, Any]]:
    """The articles of the archives that are wanted, each once, as the published files write them.

    Raises:
        InputError: If an archive cannot be read.
    """
    for key, story in find_stories(archives, wanted):
        yield {"id": key, "text": as_published(story), "label": int(wanted[key] > 0.5)}


def as_published(story: Story) -> str:
    """Headline and text of a story in the manner of the files of BBC_News.

    >>> as_published(Story(title="PM’s “deal”", text="It isn't over, £5m says."))
    'pm s  deal  it isn t over  5m says.'
    """
    text = f"{story.title} {story.text}" if story.title else story.text
    text = text.lower().replace("’", "'").replace("n't", "n t")
    text = re.sub(r"['\"“”‘,?]", " ", text).replace("£", "").replace("€", "")
    return re.sub(r"[^\x20-\x7e]", " ", text)


if __name__ == "__main__":
    raise SystemExit(main())
