"""Headlines and stories of 2025 and 2026: finds in your copies of public news feeds those that were labelled.

    python -m benchmarks.feed_outlets runs/feed_outlets.jsonl ARCHIVE [ARCHIVE ...] [--part check | train]
    python -m training.evaluate --data runs/feed_outlets.jsonl [--compare OLD]

The labels stand here without texts. `feed_outlets.csv` has 1,600 stories of outlets whose feeds were kept out of
training (France 24, The Hindu, Al-Monitor, CNA, The Daily Star, CGTN, NBC News and others): half of them stories that
the `news` of November 2026 was not sure of to 0.03, half others. Two readers labelled each blind under docs/TOPICS.md;
where they differed, a third decided. Part `test` (800) was looked at once for each model that was shipped; `check`
(800) was looked at while it was made. Part `train` are the 98,800 of other outlets in
configs/news-feeds-readings.csv, of which the shipped models learned. A story is known by the letters and digits of its
headline, or of its text without one. The archives that the texts came from are named in docs/experiments.md. Leaves
out: where to get them.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.other_outlets import short_hash, write_stories
from classifier.command import run_command
from classifier.stories import ReadOptions, Story
from training.reading import read_origin

LABELS = Path(__file__).with_name("feed_outlets.csv")
READINGS = Path(__file__).parents[1] / "configs" / "news-feeds-readings.csv"
PREFIX = "feed-"  # of the ids in READINGS


def main() -> int:
    """The exit code: 0 done, 1 a problem that the user can solve."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.feed_outlets", description="Labelled stories of public news feeds."
    )
    parser.add_argument("out", type=Path, help="JSON lines for training.evaluate")
    parser.add_argument("archives", nargs="+", help="files with stories: title and text")
    parser.add_argument("--part", choices=("test", "check", "train"), default="test", help="default: test")
    arguments = parser.parse_args()
    return run_command(partial(_run, arguments))


def _run(arguments: argparse.Namespace) -> int:
    wanted = known(arguments.part)
    stories = list(labelled_stories(arguments.archives, wanted))
    write_stories(arguments.out, stories)
    print(f"{arguments.out}: {len(stories):,} of {len(wanted):,} stories found")
    return 0


def known(part: str, labels: Path = LABELS, readings: Path = READINGS) -> Mapping[str, Sequence[str]]:
    """The topics of each labelled story of a part by its key; those of `train` are the ones that most readers gave."""
    if part == "train":
        with readings.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["id"].startswith(PREFIX)]
        return {row.pop("id").removeprefix(PREFIX): [topic for topic in row if float(row[topic]) > 0.5] for row in rows}
    with labels.open(encoding="utf-8", newline="") as file:
        return {
            row["key"]: row["topics"].split("|") if row["topics"] else []
            for row in csv.DictReader(file)
            if row["part"] == part
        }


def labelled_stories(archives: Sequence[str], wanted: Mapping[str, Sequence[str]]) -> Iterator[dict[str, Any]]:
    """The stories of the archives that are wanted, each once, with their topics.

    Raises:
        InputError: If an archive cannot be read.
    """
    for key, story in find_stories(archives, wanted):
        yield {"id": PREFIX + key, "title": story.title, "text": story.text, "labels": list(wanted[key])}


def find_stories(archives: Sequence[str], keys: Collection[str]) -> Iterator[tuple[str, Story]]:
    """The first story of each of these keys in the archives, behind its key.

    Raises:
        InputError: If an archive cannot be read.
    """
    found: set[str] = set()
    for name in archives:
        for story in read_origin("train", name, ReadOptions(split=False)):
            key = story_key(story)
            if key in keys and key not in found:
                found.add(key)
                yield key, story


def story_key(story: Story) -> str:
    """12 hexadecimal digits for a story, the same however its headline is spaced, quoted or punctuated."""
    kept = "".join(character for character in (story.title or story.text).casefold() if character.isalnum())
    return short_hash(kept)


if __name__ == "__main__":
    raise SystemExit(main())
