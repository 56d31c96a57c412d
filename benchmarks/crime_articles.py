"""Articles on organised crime that readers filed as InSight Crime does: finds their texts in your copies of archives.

    python -m benchmarks.crime_articles runs/crime ARCHIVE [ARCHIVE ...]

They are what a model learns from before it is trained on insightCrime, a task of `benchmarks.conflibert`; the commands
are in docs/experiments.md. The labels stand here without texts, in crime_articles.csv: the probability of each topic,
from what two readers marked, TF-IDF with logistic regression and a small model of the published file, weighed on the
development file. No article has eight words in a row of a development or test article. A story is known as
`benchmarks.feed_outlets` knows it; its text is the headline and the first 800 words. The archives are named in
docs/experiments.md. Leaves out: where to get them.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.feed_outlets import find_stories
from benchmarks.other_outlets import write_with_readings
from classifier.command import run_command
from classifier.stories import Story

LABELS = Path(__file__).with_suffix(".csv")
TOPICS = ("drugs", "corruption", "law_enforcement", "homicide", "extortion", "natural_resources", "contraband")
WORDS = 800
_MARK = "\nText\n"  # stands before the text in one archive


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 a problem that the user can solve."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.crime_articles", description="Articles on organised crime, with seven topics."
    )
    parser.add_argument("out", type=Path, help="folder for stories.jsonl and readings.csv, for training.train")
    parser.add_argument("archives", nargs="+", help="files with stories: title and text")
    return run_command(partial(_run, parser.parse_args(argv)))


def _run(arguments: argparse.Namespace) -> int:
    wanted = known()
    stories = list(labelled_stories(arguments.archives, wanted))
    write_with_readings(arguments.out, stories, TOPICS, {story["id"]: wanted[story["id"]] for story in stories})
    print(f"{arguments.out}: {len(stories):,} of {len(wanted):,} stories found")
    return 0


def known(labels: Path = LABELS) -> Mapping[str, tuple[float, ...]]:
    """The probability of each of `TOPICS` for each article by its key."""
    with labels.open(encoding="utf-8", newline="") as file:
        return {row["key"]: tuple(float(row[topic]) for topic in TOPICS) for row in csv.DictReader(file)}


def labelled_stories(archives: Sequence[str], wanted: Mapping[str, Sequence[float]]) -> Iterator[dict[str, Any]]:
    """The articles of the archives that are wanted, each once, with 0 or 1 a topic.

    Raises:
        InputError: If an archive cannot be read.
    """
    for key, story in find_stories(archives, wanted):
        topics = {topic: int(share > 0.5) for topic, share in zip(TOPICS, wanted[key], strict=True)}
        yield {"id": key, "text": as_published(story), **topics}


def as_published(story: Story) -> str:
    """Headline and text of a story on one line, as the published files have it, cut to `WORDS` words of text.

    >>> as_published(Story(title="Gold mine raided", text="Police said\\nso."))
    'Gold mine raided. Police said so.'
    """
    title = " ".join(story.title.split())
    if title and not title.endswith((".", "?", "!")):
        title += "."
    text = story.text.partition(_MARK)[2] or story.text
    return " ".join([title, *text.split()[:WORDS]]).strip()


if __name__ == "__main__":
    raise SystemExit(main())
