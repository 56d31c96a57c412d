"""An evaluation as Markdown, for the folder that also holds its plots.

Leaves out: the figures, the plots (plots.py), the short form for a terminal (report.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from training.report import (
    ceiling_lines,
    figure,
    undefined,
    verdict_lines,
    what,
    with_interval,
    without_width,
    worst_lines,
)


def markdown(contents: Mapping[str, Any]) -> str:
    """The report.

    Args:
        contents: What `training.evaluation.evaluation` gives.
    """
    sections = [f"# Evaluation of {contents['model']}", what(contents) + "."]
    sections += [f"> Note: {note}" for note in contents["notes"]]
    if contents["comparison"] is not None:
        sections += _comparison(contents)
    sections += [
        "## Quality",
        _quality(contents),
        *map(_sentence, [*undefined(contents["overall"]), *without_width(contents["overall"])]),
        _sentences(contents["overall"]),
        *map(_sentence, ceiling_lines(contents)),
    ]
    sections += ["![F1 by topic and slice](f1.png)", "![Precision and recall](precision_recall.png)"]
    sections += ["## Calibration", _calibration(contents["overall"]), "![Reliability](reliability.png)"]
    sections += ["![Distribution of the scores](scores.png)", "## Review flag", _review(contents)]
    sections += ["## Confusion", _CONFUSION, "![Confusion](confusion.png)", "## Slices", _SLICES]
    for group in contents["slices"]:
        sections += [f"### By {group}", _slices(contents, group), *map(_sentence, worst_lines(contents, group))]
    sections += ["## Files", _files(contents)]
    return "\n\n".join(sections) + "\n"


_CONFUSION = (
    "Left: of the stories with the row's topic, how many were given it (diagonal) and how many were wrongly given the "
    "column's. Right, where the data names a primary topic: that topic against the one that the model puts first."
)
_SLICES = (
    "Micro-F1 (all topics pooled), since most slices have too few stories of each topic for a mean over topics; then "
    "the F1 of each topic. Intervals are 95 %; the lowest of many small slices is low by chance too, and without a "
    "mistake an interval has no width, however few the stories. Where no story has a topic, F1 is 0 with one false "
    "alarm as with many, and the slice is never called the worst: see its exact sets."
)


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; a bar in a cell is escaped, and a cell is one line."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")


def _sentence(line: str) -> str:
    return f"{line[0].upper()}{line[1:]}."


def _quality(contents: Mapping[str, Any]) -> str:
    metrics, ceiling = contents["overall"], contents["ceiling"]
    keys = ("precision", "recall", "f1", "average_precision")
    header = ["topic", "precision", "recall", "F1", "average precision", "stories"]
    rows = [
        [label, *(with_interval(found, key) for key in keys), found["stories"]]
        for label, found in metrics["by_topic"].items()
    ]
    rows.append(["**macro**", *(with_interval(metrics, f"macro_{key}") for key in keys), metrics["stories"]])
    rows.append(["micro", *(with_interval(metrics, f"micro_{key}") for key in keys[:3]), "", metrics["stories"]])
    none = metrics["none_of_the_topics"]
    rows.append(["none of the topics", *(with_interval(none, key) for key in keys[:3]), "", none["stories"]])
    if ceiling is not None:
        values = [*(ceiling["by_topic"].get(label) for label in metrics["by_topic"]), ceiling["macro_f1"], None, None]
        header.append("agreement between labellers (F1)")
        rows = [[*row, figure(value)] for row, value in zip(rows, values, strict=True)]
    return table(header, rows)


def _sentences(metrics: Mapping[str, Any]) -> str:
    found = f"The whole set of topics is right for {with_interval(metrics, 'exact_match')} of the stories"
    if metrics["primary_accuracy"] is not None:
        found += f", the primary topic for {with_interval(metrics, 'primary_accuracy')} of those that name one"
    return found + ". Intervals are 95 %, from resampled stories."


def _calibration(metrics: Mapping[str, Any]) -> str:
    rows = [
        [label, figure(found["ece"]), with_interval(found, "brier")] for label, found in metrics["by_topic"].items()
    ]
    rows.append(["**mean**", figure(metrics["ece"]), with_interval(metrics, "brier")])
    return table(["topic", "expected calibration error (10 bins)", "Brier score"], rows)


def _review(contents: Mapping[str, Any]) -> str:
    review = contents["review"]
    parts = {name: review[name] for name in ("unflagged", "flagged") if review[name] is not None}
    rows = [
        [name, metrics["stories"], with_interval(metrics, "exact_match"), label]
        + [figure(found[key]) for key in ("precision", "recall", "f1")]
        for name, metrics in parts.items()
        for label, found in metrics["by_topic"].items()
    ]
    header = ["stories that are", "stories", "exact sets", "topic", "precision", "recall", "F1"]
    return f"{review['share']:.1%} of the stories are flagged.\n\n" + table(header, rows)


def _slices(contents: Mapping[str, Any], group: str) -> str:
    labels = list(contents["overall"]["by_topic"])
    parts = {"**all**": contents["overall"], **contents["slices"][group]}
    rows = [
        [
            f"{name} (worst)" if name == contents["worst"][group] else name,
            metrics["stories"],
            with_interval(metrics, "micro_f1"),
            figure(metrics["exact_match"]),
            figure(metrics["primary_accuracy"]),
            figure(metrics["ece"]),
            *(figure(metrics["by_topic"][label]["f1"]) for label in labels),
        ]
        for name, metrics in parts.items()
    ]
    return table([group, "stories", "micro-F1", "exact sets", "primary topic", "ECE", *labels], rows)


def _comparison(contents: Mapping[str, Any]) -> list[str]:
    found = contents["comparison"]
    names = {
        "macro_f1": "macro-F1",
        "micro_f1": "micro-F1",
        "macro_average_precision": "mean average precision",
        "exact_match": "exact sets",
        "primary_accuracy": "primary topic",
        "brier": "Brier score (lower is better)",
    }
    exact = found["exact_sets"]
    tests = {"exact_match": [_test(exact), f"{exact['p']:.3g}"]}
    rows = [
        [name, *_difference(found[key]), *tests.get(key, ["", ""])]
        for key, name in names.items()
        if found[key]["new"] is not None
    ]
    rows += [
        [f"F1 {label}", *_difference(part), _test(part["mcnemar"]), f"{part['p_holm']:.3g}"]
        for label, part in found["by_topic"].items()
    ]
    header = ["figure", "old", "new", "difference (95 %)", "right in new / old alone", "McNemar p"]
    verdict, because, changed = verdict_lines(contents)
    note = (
        "Intervals are from a paired bootstrap; McNemar's test is exact, for the topics corrected for their number "
        "(Holm). The stories whose topics changed are in `changes.csv`."
    )
    return ["## Comparison", f"**{verdict}**", f"{_sentence(because[:-1])} {changed}", table(header, rows), note]


def _difference(part: Mapping[str, Any]) -> list[str]:
    if part["difference"] is None:
        return [figure(part["old"]), figure(part["new"]), "–"]
    low, high = part["difference_95"]
    return [figure(part["old"]), figure(part["new"]), f"{part['difference']:+.4f} ({low:+.4f} to {high:+.4f})"]


def _test(found: Mapping[str, Any]) -> str:
    return f"{found['only_new_right']} / {found['only_old_right']}"


def _files(contents: Mapping[str, Any]) -> str:
    lines = ["`report.json`: all figures.", "`mistakes.csv`: every story with a wrong topic, the surest first."]
    if contents["comparison"] is not None:
        lines.append("`changes.csv`: every story whose topics differ between the two models, old -> new.")
    return "\n".join(f"- {line}" for line in lines)
