"""The plots of an evaluation, as Matplotlib figures: nothing here computes a figure that the report does not have.

Leaves out: where they are written (report.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from textwrap import wrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import binomtest
from sklearn.metrics import precision_recall_curve

from classifier.decide import Decision
from training.metrics import Outcome

BLUE, ORANGE, GREY, LIGHT = "#0072B2", "#D55E00", "#767676", "#d9d9d9"  # told apart by colour-blind readers too
_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
_COLUMNS = 4
_MOST_SLICES = 30  # of a grouping; the table has all
_TITLE, _LEGEND = 34, 24  # the most characters of a line over a panel, and in it
_TICK, _ROW = 26, 44  # and beside a matrix, and beside an interval


def precision_recall(outcome: Outcome, metrics: Mapping[str, Any], old: Outcome | None = None) -> Figure:
    """A curve for each topic, the point of the decisions, and lines of equal F1; the old model's curve in grey."""
    figure, panels = _panels(len(outcome.labels))
    for k, (axes, label) in enumerate(zip(panels, outcome.labels, strict=True)):
        found = metrics["by_topic"][label]
        _equal_f1(axes)
        if outcome.true[:, k].any():
            if old is not None:
                precision, recall, _ = precision_recall_curve(old.true[:, k], old.probabilities[:, k])
                axes.plot(recall, precision, color=GREY, drawstyle="steps-post", lw=1, label="old")
            precision, recall, _ = precision_recall_curve(outcome.true[:, k], outcome.probabilities[:, k])
            axes.plot(recall, precision, color=BLUE, drawstyle="steps-post", lw=1.5, label="new" if old else None)
            if found["precision"] is not None:
                axes.plot(found["recall"], found["precision"], "o", color=ORANGE, ms=6, label="decisions")
            if axes.get_legend_handles_labels()[0]:
                axes.legend(loc="lower left", fontsize=7, frameon=False)
        axes.set(xlim=(0, 1.02), ylim=(0, 1.02))
        _name(axes, _titled(label, "AP", found["average_precision"]), "recall")
    panels[0].set_ylabel("precision", fontsize=8)
    return figure


def _equal_f1(axes: Axes) -> None:
    recall = np.linspace(0.01, 1, 200)
    for f1 in (0.6, 0.7, 0.8, 0.9):
        with np.errstate(divide="ignore"):
            precision = np.where(2 * recall > f1, f1 * recall / (2 * recall - f1), np.nan)
        precision = np.where(precision <= 1, precision, np.nan)
        axes.plot(recall, precision, color=LIGHT, lw=0.8, zorder=0)
        if f1 < 0.9:  # that of a good model is behind its curve
            axes.text(f1, f1, f"F1 {f1}", ha="center", va="center", fontsize=6, color=GREY, zorder=0, bbox=_PAPER)


def reliability(bins: Mapping[str, Sequence[Mapping[str, float]]], metrics: Mapping[str, Any]) -> Figure:
    """How often a topic is true at each probability, with Wilson 95 % intervals; the diagonal is perfect."""
    figure, panels = _panels(len(bins))
    for axes, (label, parts) in zip(panels, bins.items(), strict=True):
        axes.plot([0, 1], [0, 1], color=LIGHT, lw=1, zorder=0)
        x, y = (np.array([part[name] for part in parts]) for name in ("probability", "share"))
        around = np.array([_wilson(part) for part in parts])
        axes.errorbar(x, y, yerr=np.abs(around.T - y), fmt="o", color=BLUE, ms=4, ecolor=GREY, elinewidth=0.8)
        for part in parts:
            low_half = part["probability"] < 0.5
            axes.annotate(
                _short(int(part["stories"])),
                (part["probability"], 1.03 if low_half else -0.03),
                ha="center",
                va="bottom" if low_half else "top",
                fontsize=6,
                color=GREY,
            )
        ece = metrics["by_topic"][label]["ece"]
        axes.set(xlim=(-0.05, 1.05), ylim=(-0.12, 1.12))
        _name(axes, _titled(label, "ECE", ece), "probability (small figures: stories)")
    panels[0].set_ylabel("share of the stories that have the topic", fontsize=8)
    return figure


def _short(count: int) -> str:
    """A count that fits beside its neighbours: 846 -> "846", 4684 -> "4.7k", 12345 -> "12k"."""
    if count < 1000:
        return str(count)
    return f"{count / 1000:.1f}k" if count < 9950 else f"{count / 1000:.0f}k"


def _wilson(part: Mapping[str, float]) -> tuple[float, float]:
    count = int(part["stories"])
    bounds = binomtest(round(part["share"] * count), count).proportion_ci(method="wilson")
    return float(bounds.low), float(bounds.high)


def scores(outcome: Outcome, decision: Decision) -> Figure:
    """How many stories have each probability, with and without the topic; the threshold and the review band."""
    figure, panels = _panels(len(outcome.labels))
    edges = np.linspace(0, 1, 26).tolist()
    for k, (axes, label) in enumerate(zip(panels, outcome.labels, strict=True)):
        true, column, rule = outcome.true[:, k], outcome.probabilities[:, k], decision.labels.index(label)
        if decision.problem_type != "multi_class":  # there the most probable is given
            low, high = decision.review_low[rule], decision.review_high[rule]
            axes.axvspan(low, high, color=LIGHT, alpha=0.5, lw=0, label="review band")
            threshold = decision.thresholds[rule]
            axes.axvline(threshold, color=ORANGE, lw=1.2, label=f"threshold {threshold:.2f}")
        axes.hist(column[~true], edges, color=GREY, alpha=0.6, label=f"not {_cut(label, _LEGEND)}")
        axes.hist(column[true], edges, histtype="step", color=BLUE, lw=1.5, label=_cut(label, _LEGEND))
        axes.set_yscale("symlog", linthresh=1)
        axes.set(xlim=(0, 1))
        _name(axes, _cut(label, _TITLE, lines=2), "probability")
        axes.set_yticks([0, 1, 10, 100, 1000], ["0", "1", "10", "100", "1,000"])
        axes.set_ylim(
            0, 1.5 * max(2, np.histogram(column[~true], edges)[0].max(), np.histogram(column, edges)[0].max())
        )
        axes.legend(loc="upper center", fontsize=6.5, edgecolor="none", framealpha=0.9)
    panels[0].set_ylabel("stories", fontsize=8)
    return figure


def confusion(tables: Mapping[str, Any]) -> Figure:
    """The tables of `report.confusion`, each cell with its count, shaded by the share of its row."""
    found = [tables[name] for name in ("topics", "primary") if name in tables]
    names = [*tables["labels"], "none"]
    shown = [_cut(name, _TICK, lines=2) for name in names]
    longest = max(len(line) for name in shown for line in name.splitlines())
    side = 1.8 + 0.62 * len(names) + 0.06 * max(0, longest - 12)
    figure = Figure(figsize=(side * len(found), side), layout="constrained")
    for axes, table in zip(np.atleast_1d(figure.subplots(1, len(found))), found, strict=True):
        counts = np.array(table["counts"], dtype=np.float64)
        share = counts / np.maximum(np.array(table["stories"], dtype=np.float64), 1)[:, None]
        axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
        for row, column in np.ndindex(counts.shape):
            shade = "white" if share[row, column] > 0.55 else "black"
            axes.text(column, row, f"{counts[row, column]:.0f}", ha="center", va="center", color=shade, fontsize=8)
        axes.set_xticks(range(len(names)), shown, rotation=40, ha="right", fontsize=8)
        rows = [f"{name} ({stories})" for name, stories in zip(shown, table["stories"], strict=True)]
        axes.set_yticks(range(len(names)), rows, fontsize=8)
        axes.set_title(table["title"], fontsize=9)
        axes.set_xlabel(table["given"], fontsize=8)
        axes.set_ylabel(table["true"], fontsize=8)
    return figure


def f1(
    metrics: Mapping[str, Any], slices: Mapping[str, Mapping[str, Any]], ceiling: Mapping[str, Any] | None
) -> Figure:
    """F1 with 95 % intervals: each topic and the macro mean, then (all topics pooled) every slice; the ceiling."""
    topics = [_row(label, found, "f1") for label, found in metrics["by_topic"].items()]
    groups = {"topics": [*topics, _row("macro", metrics, "macro_f1")]}
    groups |= {
        f"by {group} (micro)": [_row(name, parts[name], "micro_f1") for name in _largest(parts)]
        for group, parts in slices.items()
    }
    heights = [len(rows) + 1.2 for rows in groups.values()]
    figure = Figure(figsize=(7.5, 0.25 * sum(heights) + 0.6), layout="constrained")
    panels = np.atleast_1d(figure.subplots(len(groups), 1, sharex=True, height_ratios=heights))
    for axes, (group, rows) in zip(panels, groups.items(), strict=True):
        known = [(y, value, around) for y, (_, value, around) in enumerate(rows) if value is not None]
        for y, value, (low, high) in known:
            axes.plot([low, high], [y, y], color=GREY, lw=1.2, zorder=1)
            axes.plot(value, y, "o", color=BLUE, ms=5, zorder=2)
        mean = metrics["macro_f1"] if group == "topics" else metrics["micro_f1"]
        if mean is not None:
            axes.axvline(mean, color=BLUE, lw=0.8, ls=":")
        axes.set_yticks(range(len(rows)), [name for name, *_ in rows], fontsize=8)
        axes.set(ylim=(len(rows) - 0.4, -0.6))
        axes.set_title(group, fontsize=8, loc="left", pad=3)
        axes.spines[["top", "right"]].set_visible(False)
        if group == "topics" and ceiling is not None:
            _draw_ceiling(axes, list(metrics["by_topic"]), ceiling)
    figure.supxlabel("F1 with 95 % interval (in brackets: stories; dotted: F1 of all stories)", fontsize=8)
    panels[-1].tick_params(axis="x", labelsize=8)
    return figure


def _row(name: str, metrics: Mapping[str, Any], key: str) -> tuple[str, float | None, list[float]]:
    return f"{_cut(name, _ROW)} ({metrics['stories']:,})", metrics[key], metrics[f"{key}_95"]


def _largest(parts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The slices with the most stories, in the order of the table."""
    largest = sorted(parts, key=lambda name: -parts[name]["stories"])[:_MOST_SLICES]
    return [name for name in parts if name in largest]


def _draw_ceiling(axes: Axes, labels: Sequence[str], ceiling: Mapping[str, Any]) -> None:
    """A mark at the agreement between labellers, in each row that has one: the topics, then the mean."""
    values = [*(ceiling["by_topic"].get(label) for label in labels), ceiling["macro_f1"]]
    marks = [(value, y) for y, value in enumerate(values) if value is not None]
    if marks:
        x, y = zip(*marks, strict=True)
        axes.plot(x, y, "|", color=ORANGE, ms=12, mew=2, label="agreement between labellers")
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0, fontsize=7, frameon=False)


def _panels(count: int) -> tuple[Figure, list[Axes]]:
    """A figure with one square panel a topic."""
    columns = min(_COLUMNS, count)
    rows = ceil(count / columns)
    figure = Figure(figsize=(max(3.2, 2.9 * columns), 2.9 * rows), layout="constrained")
    panels = list(np.atleast_1d(figure.subplots(rows, columns)).flat)
    for axes in panels:
        axes.tick_params(labelsize=7)
        axes.spines[["top", "right"]].set_visible(False)
    for axes in panels[count:]:
        axes.remove()
    return figure, panels[:count]


def _name(axes: Axes, title: str, x: str) -> None:
    axes.set_title(title, fontsize=9)
    axes.set_xlabel(x, fontsize=8)


def _titled(label: str, name: str, value: float | None) -> str:
    """A label and a figure: on one line where they fit, else the label on up to two lines, and the figure below."""
    shown, behind = _cut(label, _TITLE, lines=2), "" if value is None else f"({name} {value:.3f})"
    between = " " if len(shown) + len(behind) < _TITLE else "\n"
    return f"{shown}{between}{behind}" if behind else shown


def _cut(name: str, width: int, lines: int = 1) -> str:
    """A name that fits: broken into lines of `width` characters, and cut where these are not enough."""
    broken = wrap(name, width)
    if len(broken) > lines:
        broken = [*broken[: lines - 1], f"{broken[lines - 1][: width - 1]}…"]
    return "\n".join(broken)
