"""Quality and speed of `classifier.pages.split_page` on pages whose stories are known.

    python -m benchmarks.pages ../shared/pages/dev.jsonl

One JSON object a line: `text`, `owner` (the story of each line, -1 for boilerplate) and `style`. A boundary
is the first line of every story after the first on its page; predicted are the first lines of the segments
after the first. Boilerplate is every non-blank line that no story owns. Not measured: titles.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifier.pages import Segment, split_page


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


def score(page: dict[str, Any]) -> PageScore:
    """Score of one page."""
    started = time.perf_counter()
    segments = split_page(page["text"])
    seconds = time.perf_counter() - started
    owner, lines = page["owner"], page["text"].split("\n")
    boilerplate = {number for number, story in enumerate(owner, 1) if story < 0 and lines[number - 1].strip()}
    return PageScore(
        style=page["style"],
        boundaries=count({segment.first_line for segment in segments[1:]}, true_starts(owner)),
        boilerplate=count(left_out(lines, segments), boilerplate),
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
    yield f"boilerplate {'':15s} {sum((score.boilerplate for score in scores), Counts()).report()}"
    times_ms = [1e3 * score.seconds for score in scores]
    yield f"time per page: mean {sum(times_ms) / len(times_ms):.2f} ms, slowest {max(times_ms):.2f} ms"


def main() -> None:
    """Print the report on a file of pages."""
    parser = argparse.ArgumentParser(description="Score page splitting against known pages.")
    parser.add_argument("pages", type=Path, help="JSONL with text, owner and style")
    lines = parser.parse_args().pages.read_text(encoding="utf-8").split("\n")
    for line in report([score(json.loads(line)) for line in lines if line.strip()]):
        print(line)


if __name__ == "__main__":
    main()
