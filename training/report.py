"""An evaluation in short, as text for the terminal.

Leaves out: the figures (metrics.py, slices.py, compare.py), the long form (markdown.py), the model card (card.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from classifier.printed import counted


def figure(value: float | None) -> str:
    """0.9123 -> "0.912", None -> "–"."""
    return "–" if value is None else f"{value:.3f}"


def with_interval(metrics: Mapping[str, Any], name: str) -> str:
    """A figure and its interval: "0.912 (0.892 to 0.929)"."""
    around = metrics[f"{name}_95"]
    return figure(metrics[name]) + (f" ({around[0]:.3f} to {around[1]:.3f})" if around else "")


def summary(metrics: Mapping[str, Any], ceiling: Mapping[str, Any] | None = None) -> str:
    """The metrics as a text table.

    Args:
        metrics: What `metrics.evaluate` gives.
        ceiling: The agreement between labellers, shown beside F1: `macro_f1`, and `by_topic`.
    """
    width = max(14, *map(len, metrics["by_topic"]))
    header = f"{'precision':>9} {'recall':>7} {'F1':>7}  {'95 % interval':<15} {'AP':>7} {'stories':>8}"
    lines = [f"{'topic':<{width}} {header}"]
    lines += [_line(label, found, "", found["stories"], width) for label, found in metrics["by_topic"].items()]
    lines += [_line(mean, metrics, f"{mean}_", metrics["stories"], width) for mean in ("macro", "micro")]
    if ceiling is not None:
        known = ceiling["by_topic"]
        values = [known.get(label) for label in metrics["by_topic"]] + [ceiling["macro_f1"], None]
        longest = max(map(len, lines))
        marks = ["  ceiling", *(f"  {figure(value):>7}" for value in values)]
        lines = [line.ljust(longest) + mark for line, mark in zip(lines, marks, strict=True)]
    none = metrics["none_of_the_topics"]
    lines += [*undefined(metrics), *without_width(metrics)]
    lines.append(f"exact sets of topics {with_interval(metrics, 'exact_match')}")
    if metrics["primary_accuracy"] is not None:
        lines[-1] += f", primary topic {with_interval(metrics, 'primary_accuracy')}"
    lines.append(f"none of the topics: precision {figure(none['precision'])}, recall {figure(none['recall'])}")
    lines.append(f"calibration: ECE {figure(metrics['ece'])}, Brier score {figure(metrics['brier'])}")
    return "\n".join(lines)


def guess_warning(metrics: Mapping[str, Any], *, one_class: bool) -> str | None:
    """A warning where macro-F1 is not clearly above what is had without reading; None where it is.

    Args:
        metrics: What `metrics.evaluate` gives on validation.
        one_class: A story has exactly one topic: without reading all get the same, else every topic.
    """
    counts = [found["stories"] for found in metrics["by_topic"].values() if found["stories"]]
    guessed = [2 * count / (metrics["stories"] + count) for count in counts]
    around = metrics["macro_f1_95"]
    if not guessed or not around:
        return None
    guess = (max(guessed) if one_class else sum(guessed)) / len(guessed)
    if around[0] > guess:
        return None
    what = "one topic" if one_class else "every topic"
    if metrics["macro_f1"] > guess:
        advice = "it is not shown that the model has learned much. Add validation stories, or train longer."
    else:
        advice = "the model has learned little. Train longer or at a higher learning_rate, or label more stories."
    return (
        f"warning: macro-F1 {with_interval(metrics, 'macro_f1')} on validation is not clearly above {guess:.3f}, which "
        f"{what} for every story has: {advice}"
    )


def undefined(metrics: Mapping[str, Any]) -> list[str]:
    """A line for each figure that topics do not have, with what the macro mean makes of it."""
    topics = metrics["by_topic"].items()
    neither = [label for label, found in topics if found["f1"] is None]
    without = {
        name: [label for label, found in topics if found[name] is None and label not in neither]
        for name in ("precision", "recall")
    }
    said = (
        (without["precision"], "given to no story, no precision (0 in the macro mean)"),
        (without["recall"], "no story has it, no recall (0 in the macro mean)"),
        (neither, "no story has it or was given it (left out of the macro mean)"),
    )
    return [f"{', '.join(labels)}: {what}" for labels, what in said if labels]


def without_width(metrics: Mapping[str, Any]) -> list[str]:
    """A line that says what few stories without a mistake show: resampled ones are all right again."""
    stories = {label: found["stories"] for label, found in metrics["by_topic"].items() if found["f1"] == 1}
    if not stories:
        return []
    shown = ", ".join(
        f"{_least_f1(count):.3f} for {label} ({counted(count, 'story', 'stories')})" for label, count in stories.items()
    )
    return [f"without a mistake an interval has no width; with 95 % confidence F1 is above {shown}"]


def _least_f1(count: int) -> float:
    """Above what F1 is, with 95 % confidence, where `count` stories have or are given a topic, all of them rightly.

    F1 is 2 s / (1 + s), with s the share of hits among these stories; n of n show that s is above 0.05 ** (1 / n)
    (Clopper and Pearson 1934, one-sided): of 20 stories, F1 above 0.925. It is rounded down.
    """
    share: float = 0.05 ** (1 / count)
    return math.floor(2000 * share / (1 + share)) / 1000


def _line(name: str, metrics: Mapping[str, Any], prefix: str, stories: int, width: int) -> str:
    around = metrics[f"{prefix}f1_95"]
    shown = f"{around[0]:.3f} to {around[1]:.3f}" if around else "–"
    values = [figure(metrics[f"{prefix}{key}"]) for key in ("precision", "recall", "f1")]
    average = figure(metrics.get(f"{prefix}average_precision"))
    return f"{name:<{width}} {values[0]:>9} {values[1]:>7} {values[2]:>7}  {shown:<15} {average:>7} {stories:>8}"


def text_report(contents: Mapping[str, Any]) -> str:
    """The whole evaluation in short."""
    lines = [what(contents), *(f"note: {note}" for note in contents["notes"]), ""]
    lines += [summary(contents["overall"], contents["ceiling"]), *ceiling_lines(contents), *_review_lines(contents)]
    lines += ["", *(line for group in contents["slices"] for line in worst_lines(contents, group))]
    if contents["comparison"] is not None:
        lines += ["", *verdict_lines(contents)]
    return "\n".join(lines)


def what(contents: Mapping[str, Any]) -> str:
    data = contents["data"]
    left_out = ", ".join(f"{count} left out: {reason}" for reason, count in data["left_out"].items())
    stories = counted(data["stories"], "story", "stories")
    return (
        f"{contents['model']} ({contents['engine']}) on {data['origin']}: {stories}"
        f"{f' ({left_out})' if left_out else ''}"
    )


def ceiling_lines(contents: Mapping[str, Any]) -> list[str]:
    """How far the model is from the agreement between labellers."""
    ceiling, found = contents["ceiling"], contents["overall"]["macro_f1"]
    if ceiling is None or ceiling["macro_f1"] is None or found is None:
        return []
    gap = ceiling["macro_f1"] - found
    return [
        f"ceiling: labellers agree at macro-F1 {ceiling['macro_f1']:.3f} ({ceiling['from']}); the model is at "
        f"{found:.3f}, {abs(gap):.3f} {'below' if gap >= 0 else 'above'}"
    ]


def _review_lines(contents: Mapping[str, Any]) -> list[str]:
    review = contents["review"]
    lines = [f"review: {review['share']:.1%} of the stories are flagged"]
    for name in ("unflagged", "flagged"):
        if (metrics := review[name]) is not None:
            lines[0] += f"; {name}: exact sets {figure(metrics['exact_match'])}, macro-F1 {figure(metrics['macro_f1'])}"
    return lines


def worst_lines(contents: Mapping[str, Any], group: str) -> list[str]:
    """The worst slice of a grouping beside the mean, both as F1 over all topics."""
    name = contents["worst"][group]
    if name is None:
        return []
    metrics = contents["slices"][group][name]
    return [
        f"worst by {group}: {name}, micro-F1 {with_interval(metrics, 'micro_f1')} on "
        f"{counted(metrics['stories'], 'story', 'stories')}; "
        f"all stories {figure(contents['overall']['micro_f1'])}"
    ]


def verdict_lines(contents: Mapping[str, Any]) -> list[str]:
    found = contents["comparison"]
    has = "has" if found["changed"] == 1 else "have"
    return [
        f"{contents['model']} (new) against {found['old_model']} (old): {found['verdict'].upper()}",
        f"{found['because']}.",
        f"{found['changed']:,} of {counted(found['stories'], 'story', 'stories')} {has} other topics.",
    ]
