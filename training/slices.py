"""The figures of parts of the data: by source, year, length, what a story consists of, or any other field.

The mean hides the part that a user may live in; so the worst part stands beside it. Pure functions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from classifier.errors import InputError, nearest
from classifier.stories import Story
from training.metrics import Outcome, evaluate

OTHER = "(smaller ones)"
UNKNOWN = "(not known)"
YEAR, LENGTH, PARTS = "year", "length in tokens", "parts"
_LENGTHS = ((32, "1 to 32"), (64, "33 to 64"), (128, "65 to 128"), (256, "129 to 256"), (512, "257 to 512"))
_LONGEST = "513 and more"
_YEAR = re.compile(  # alone, or in a date without marks between its parts, as 20240301 and 20240301235959
    r"(?<!\d)(?:19|20)\d\d(?=(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:(?:[01]\d|2[0-3])[0-5]\d[0-5]\d)?)?(?!\d))"
)


def slice_names(
    stories: Sequence[Story], tokens: Sequence[int], *, fields: Sequence[str], date_field: str
) -> dict[str, list[str]]:
    """The slice of every story in each grouping, such as {"year": ["2025", "2004", "(not known)"]}.

    Args:
        stories: With their columns.
        tokens: Content tokens of each story.
        fields: Columns whose values are slices; one that no story has gives no grouping. One called as a computed
            grouping keeps its name, and the computed one is marked.
        date_field: The column of the date, in any notation that has the year in four digits.
    """
    groups = {field: [_value(story, field) for story in stories] for field in fields}
    groups = {group: names for group, names in groups.items() if set(names) - {UNKNOWN}}
    computed = {
        YEAR: [year(story.columns.get(date_field)) for story in stories],
        LENGTH: [length(count) for count in tokens],
        PARTS: [_parts(story) for story in stories],
    }
    for group, names in computed.items():
        if set(names) - {UNKNOWN}:
            groups[f"{group} (computed)" if group in groups else group] = names
    return groups


def check_fields(stories: Sequence[Story], asked: Sequence[tuple[str, str]], date_field: str) -> None:
    """Refuses to slice by a column in which no story has a value; what is computed may be named as well.

    Args:
        stories: With their columns.
        asked: Each column behind the option that names it.
        date_field: As in `slice_names`.

    Raises:
        InputError: With every such column.
    """
    found = dict.fromkeys(field for story in stories for field in story.columns if _value(story, field) != UNKNOWN)
    known = {*found, LENGTH, PARTS, *([YEAR] if date_field in found else [])}
    problems = [
        f"{option} {field}: no story has a '{field}'.{nearest(field, found)} Found: {', '.join(found)}."
        for option, field in asked
        if field not in known
    ]
    if problems:
        raise InputError("\n".join(problems))


def _value(story: Story, field: str) -> str:
    value = story.columns.get(field)
    return UNKNOWN if value is None or value == "" else str(value)


def year(date: Any) -> str:
    """The first year in a date: "24-Aug-2023" -> "2023", "20230824" -> "2023", None -> "(not known)"."""
    found = _YEAR.search(str(date))
    return found[0] if found else UNKNOWN


def length(tokens: int) -> str:
    """The length bucket: 70 -> "65 to 128"."""
    return next((name for most, name in _LENGTHS if tokens <= most), _LONGEST)


def _parts(story: Story) -> str:
    if not story.text.strip():
        return "headline only"
    return "headline and text" if story.title.strip() else "text only"


def evaluate_slices(outcome: Outcome, names: Sequence[str], *, least: int, samples: int) -> dict[str, dict[str, Any]]:
    """The metrics of every slice of one grouping, smaller slices pooled.

    Args:
        outcome: Of all stories.
        names: The slice of each story.
        least: Slices with fewer stories are taken together, where there are several.
        samples: Of the bootstrap.
    """
    counts = Counter(names)
    small = [name for name, count in counts.items() if count < least]
    pooled = np.array([OTHER if len(small) > 1 and name in small else name for name in names])
    order = sorted(set(pooled.tolist()), key=lambda name: (_leading_number(name), -counts[name], name))
    return {name: evaluate(outcome.at(pooled == name), samples=samples) for name in order}


def _leading_number(name: str) -> float:
    """Years and lengths by their number, then other names, then what is no name."""
    found = re.match(r"\d+", name)
    return float(found[0]) if found else float("inf") if name in (OTHER, UNKNOWN) else 1e9


def worst_slice(slices: Mapping[str, Mapping[str, Any]], *, least: int) -> str | None:
    """The slice with the lowest F1 over all topics (micro), of those with `least` stories; None for fewer than two.

    What was pooled for being small, or has no name, is no slice; where no story has a topic, F1 is 0 with one false
    alarm as with a hundred, and says nothing of how bad a slice is.
    """
    scored = {
        name: metrics["micro_f1"]
        for name, metrics in slices.items()
        if metrics["stories"] >= least
        and name not in (OTHER, UNKNOWN)
        and any(found["stories"] for found in metrics["by_topic"].values())
    }
    return min(scored, key=lambda name: scored[name]) if len(scored) > 1 else None
