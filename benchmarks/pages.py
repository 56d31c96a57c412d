"""Quality and speed of `classifier.pages.split_page` on pages whose stories are known.

    python -m benchmarks.pages ../shared/pages/dev.jsonl

One JSON object a line: `text`, `owner` (the story of each line, -1 for boilerplate) and `style`. A boundary
is the first line of every story after the first on its page; predicted are the first lines of the segments
after the first. Boilerplate is every non-blank line that no story owns. Not measured: titles.

The labels count what came with an article as its story, furniture too. pages_reread.csv lists, by page `id`, the lines
of shared/pages/dev.jsonl that two blind readers both call furniture although a story owns them; where the file has such
pages, a second row counts these lines as boilerplate as well.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from classifier.command import run_command
from classifier.errors import InputError
from classifier.pages import Segment, split_page
from training.page_stories import read_objects

REREAD = Path(__file__).with_name("pages_reread.csv")
_FIELDS = ("text", "owner", "style")


@dataclass(frozen=True, slots=True)
class Counts:
    """Right, predicted and true marks (boundaries or boilerplate lines) of some pages."""

    right: int = 0
    predicted: int = 0
    true: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Counts of both together."""
        return Counts(self.right + other.right, self.predicted + other.predicted, self.true + other.true)

    def report(self) -> str:
        """Precision, recall and F1 as text; 1 where nothing was to be found and nothing was."""
        precision = self.right / self.predicted if self.predicted else float(not self.true)
        recall = self.right / self.true if self.true else float(not self.predicted)
        f1 = 2 * self.right / (self.predicted + self.true) if self.predicted + self.true else 1.0
        return f"precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}  ({self.true} true)"


@dataclass(frozen=True, slots=True)
class PageScore:
    """What `split_page` did with one page."""

    style: str
    boundaries: Counts
    boilerplate: Counts
    reread: Counts | None  # boilerplate with the lines that two readers call furniture; None if none are listed
    stories: int
    segments: int
    seconds: float


def count(predicted: set[int], true: set[int]) -> Counts:
    """Counts of two sets of line numbers."""
    return Counts(len(predicted & true), len(predicted), len(true))


def true_starts(owner: list[int]) -> set[int]:
    """Line numbers, from 1, of the first line of every story after the first: [0, 0, -1, 1] -> {4}."""
    first = {story: number for number, story in reversed(list(enumerate(owner, 1))) if story >= 0}
    return set(sorted(first.values())[1:])


def left_out(lines: list[str], segments: list[Segment]) -> set[int]:
    """Numbers of the non-blank lines that no segment kept, told by counting kept lines in order."""
    missing = {number for number, line in enumerate(lines, 1) if line.strip()}
    for segment in segments:
        kept = segment.text.split("\n")
        for number in range(segment.first_line, segment.last_line + 1):
            if kept and lines[number - 1].strip() == kept[0].strip():
                missing.discard(number)
                kept.pop(0)
    return missing


def read_reread(path: Path) -> dict[str, set[int]]:
    """Page id -> numbers of the lines that two readers call furniture."""
    lines: dict[str, set[int]] = defaultdict(set)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            lines[row["page"]].add(int(row["line"]))
    return dict(lines)


def score(page: dict[str, Any], furniture: Collection[int] = ()) -> PageScore:
    """Score of one page; `furniture` are the lines of stories that two readers call furniture."""
    started = time.perf_counter()
    segments = split_page(page["text"])
    seconds = time.perf_counter() - started
    owner, lines = page["owner"], page["text"].split("\n")
    boilerplate = {number for number, story in enumerate(owner, 1) if story < 0 and lines[number - 1].strip()}
    dropped = left_out(lines, segments)
    return PageScore(
        style=page["style"],
        boundaries=count({segment.first_line for segment in segments[1:]}, true_starts(owner)),
        boilerplate=count(dropped, boilerplate),
        reread=count(dropped, boilerplate.union(furniture)) if furniture else None,
        stories=len({story for story in owner if story >= 0}),
        segments=len(segments),
        seconds=seconds,
    )


def report(scores: list[PageScore]) -> Iterable[str]:
    """Lines of the report: boundaries by style, single-story pages split, boilerplate, time."""
    for style in sorted({score.style for score in scores}):
        some = [score.boundaries for score in scores if score.style == style]
        yield f"boundaries {style:16s} {sum(some, Counts()).report()}  {len(some)} pages"
    yield f"boundaries {'all':16s} {sum((score.boundaries for score in scores), Counts()).report()}"
    single = [score for score in scores if score.stories == 1]
    split = sum(score.segments > 1 for score in single)
    yield f"single-story pages split: {split} of {len(single)} ({split / max(len(single), 1):.1%})"
    yield f"boilerplate {'as labelled':16s} {sum((score.boilerplate for score in scores), Counts()).report()}"
    if any(score.reread for score in scores):
        reread = sum((score.reread or score.boilerplate for score in scores), Counts())
        yield f"boilerplate {'re-read':16s} {reread.report()}, with what two readers call furniture"
    times_ms = [1e3 * score.seconds for score in scores]
    yield f"time per page: mean {sum(times_ms) / len(times_ms):.2f} ms, slowest {max(times_ms):.2f} ms"


def read_pages(path: Path) -> list[dict[str, Any]]:
    """The pages of a file, one a line.

    Raises:
        InputError: If it cannot be read, has no pages, or a line is none.
    """
    pages = list(read_objects(path, _FIELDS, texts=("text", "style")))
    if not pages:
        raise InputError(f"{path}: no pages. Name a file of JSON lines with {', '.join(_FIELDS)}.")
    for number, page in enumerate(pages, 1):
        owner, lines = page["owner"], page["text"].count("\n") + 1
        if not isinstance(page.get("id", ""), str):
            raise InputError(f"{path}, page {number}: id is no text.")
        if not isinstance(owner, list) or not all(isinstance(story, int) for story in owner):
            raise InputError(f"{path}, page {number}: owner is no list of whole numbers.")
        if len(owner) != lines:
            raise InputError(f"{path}, page {number}: {len(owner)} owners, but {lines} lines of text.")
    return pages


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 a problem that the user can solve."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.pages", description="Score page splitting against known pages."
    )
    parser.add_argument("pages", type=Path, help="JSONL with text, owner and style")
    return run_command(partial(_run, parser.parse_args(argv).pages))


def _run(path: Path) -> int:
    reread = read_reread(REREAD)
    for line in report([score(page, reread.get(page.get("id"), ())) for page in read_pages(path)]):
        print(line)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
