"""What police did, in short passages: pieces of the documents of IndiaPoliceEvents, and passages that readers labelled.

    python -m benchmarks.police_passages SUITE runs/police [ARCHIVE ...] [--round 1]

They are what a model learns from before it is trained on IndiaPoliceEvents_docs, a task of `benchmarks.conflibert`; the
commands are in docs/experiments.md. Pieces of the published training documents come with the topics of the published
training sentences (`located_topics`). The passages are of newspapers of India, Pakistan, Nigeria and others, of about
95 words; their labels stand here without texts, in police_passages.csv: 5,600 of a first round, picked by words, and
4,000 of a second, of which a model that had learned from the first was not sure. A share is what a reader marked: 1
sure, 0.7 and 0.25 torn. None has two runs of eight words in common with a development or test document. A passage is
known by its first 14 words, and is as long as it was when it was read. Texts are written as the published files have
them. The archives are named in docs/experiments.md. Leaves out: where to get them.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.located_topics import Topics, pieces
from benchmarks.other_outlets import columns_of, short_hash, write_with_readings
from classifier.command import run_command
from classifier.errors import InputError
from classifier.stories import ReadOptions, Story
from training.reading import read_origin

LABELS = Path(__file__).with_suffix(".csv")
TOPICS = ("killing", "arrest", "any_action", "failure_to_act", "use_of_force")
DOCUMENTS, SENTENCES = "IndiaPoliceEvents_docs", "IndiaPoliceEvents_sents"
OPENING = 14  # words by which a passage is known
_WORD = re.compile(r"[a-z0-9]+")
_AS_PUBLISHED = {"’": "aEUR(tm)", "‘": "aEUR~", "“": "aEURoe", "”": "aEUR"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What readers said of a passage: its length in words, and the share of each of `TOPICS`."""

    words: int
    shares: tuple[float, ...]


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 a problem that the user can solve."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.police_passages", description="What police did, in short passages."
    )
    parser.add_argument("suite", type=Path, help="the folder of the conflict-news suite, with a folder a task")
    parser.add_argument("out", type=Path, help="folder for stories.jsonl and readings.csv, for training.train")
    parser.add_argument("archives", nargs="*", help="files with stories: title and text (none: the pieces alone)")
    parser.add_argument("--round", choices=("1", "all"), default="all", help="of readings (default: all)")
    return run_command(partial(_run, parser.parse_args(argv)))


def _run(arguments: argparse.Namespace) -> int:
    wanted = known(arguments.round)
    published = list(published_pieces(arguments.suite))
    found = list(labelled_passages(arguments.archives, wanted))
    rows = [*published, *found]
    readings = {key: shares for key, _, shares in rows}
    write_with_readings(arguments.out, [_story(*row) for row in rows], TOPICS, readings)
    passages = f", {len(found):,} of {len(wanted):,} passages found" if arguments.archives else ""
    print(f"{arguments.out}: {len(published):,} pieces of documents{passages}")
    return 0


def known(which: str, labels: Path = LABELS) -> Mapping[str, Reading]:
    """The reading of each passage by its key: of those of the first round, or all."""
    with labels.open(encoding="utf-8", newline="") as file:
        return {
            row["key"]: Reading(int(row["words"]), tuple(float(row[topic]) for topic in TOPICS))
            for row in csv.DictReader(file)
            if which in ("all", row["round"])
        }


def published_pieces(suite: Path) -> Iterator[tuple[str, str, tuple[float, ...]]]:
    """Id, text and shares of each piece of the training documents.

    Raises:
        InputError: If a file of the suite is not there or cannot be read, or holds something else.
    """
    held_out = [text for part in ("dev", "test") for text, _ in _records(suite, DOCUMENTS, part)]
    return pieces(_records(suite, DOCUMENTS, "train"), _records(suite, SENTENCES, "train"), held_out)


def labelled_passages(
    archives: Sequence[str], wanted: Mapping[str, Reading]
) -> Iterator[tuple[str, str, tuple[float, ...]]]:
    """Key, text and shares of each passage of the archives that is wanted, each once, as the published files write it.

    Raises:
        InputError: If an archive cannot be read.
    """
    found: set[str] = set()
    for name in archives:
        for story in read_origin("train", name, ReadOptions(split=False)):
            words = story.text.split()
            for start in sentence_starts(story.text):
                key = passage_key(words[start : start + 3 * OPENING])
                if key in found or key not in wanted or len(words) < start + wanted[key].words:
                    continue
                found.add(key)
                passage = words[start : start + wanted[key].words]
                yield key, as_published(" ".join(passage)), wanted[key].shares


def sentence_starts(text: str) -> Iterator[int]:
    """The number of the word that each sentence of a text begins with, and each line.

    >>> list(sentence_starts("Police fired. Two\\nwere hurt."))
    [0, 2, 3]
    """
    at = 0
    for line in text.splitlines():
        begins = True
        for word in line.split():
            if begins:
                yield at
            begins = word.endswith((".", "!", "?"))
            at += 1


def passage_key(words: Sequence[str]) -> str:
    """12 hexadecimal digits for the passage that begins with these words, however they are cased and punctuated."""
    opening = _WORD.findall(" ".join(words[: 3 * OPENING]).lower())
    return short_hash(" ".join(opening[:OPENING]))


def as_published(text: str) -> str:
    """A text in the manner of the published files: in lower case, with their broken quotation marks.

    >>> as_published("Police “fired”.")
    'police aEURoefiredaEUR.'
    """
    text = text.lower()
    for character, broken in _AS_PUBLISHED.items():
        text = text.replace(character, broken)
    return text


def _story(key: str, text: str, shares: Sequence[float]) -> dict[str, Any]:
    return {"id": key, "text": text, **{topic: int(share > 0.5) for topic, share in zip(TOPICS, shares, strict=True)}}


def _records(suite: Path, task: str, part: str) -> list[tuple[str, Topics]]:
    path = suite / task / f"{part}.tsv"
    if not path.exists():
        raise InputError(f"{path}: No such file or directory. Name the folder of the suite, with a folder a task.")
    found = read_origin("train", str(path), ReadOptions(split=False), columns_of(task))
    return [(story.text, _topics(story, path)) for story in found]


def _topics(story: Story, path: Path) -> Topics:
    given = [str(story.columns.get(topic)) for topic in TOPICS]
    if not {"0", "1"}.issuperset(given):  # a row without text, of which there is one, has them
        problem = story.error or f"record {story.id}: labels are {', '.join(given)}, expected 0 or 1."
        raise InputError(f"{path}: {problem} Use the files as published (eventdata/ConfliBERT).")
    return tuple(map(int, given))


if __name__ == "__main__":
    raise SystemExit(main())
