"""The plots of a report hold long names: nothing overlaps, and nothing sticks out of the picture."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from made_outcomes import outcome
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from classifier.decide import Decision
from training import plots
from training.confusion import confusion
from training.metrics import evaluate
from training.reliability import reliability

LONG = (
    "natural disasters and extreme weather ev",
    "international diplomacy and trade policy",
    "LABOUR_MARKET_AND_EMPLOYMENT_REGULATIONS",
    "health, medicine and public care service",
    "ceasefires, truces and peace negotiation",
    "military operations and weapons deliveries, and whatever else is to be said of armies",
)
SHORT = ("diplomacy", "military", "disaster", "ceasefire")


def drawn(names: tuple[str, ...]) -> dict[str, Figure]:
    """Every plot of a made-up model."""
    count, draw = len(names), np.random.default_rng(0)
    true = draw.random((120, count)) < 0.3
    probabilities = np.clip(true * 0.5 + draw.random((120, count)) * 0.6, 0, 1)
    given = probabilities >= 0.5
    primary = [np.where(topics.any(axis=1), topics.argmax(axis=1), -1) for topics in (true, given)]
    made = outcome(given, true, probabilities, labels=names, true_primary=primary[0], primary=primary[1])
    metrics, ones = evaluate(made, samples=5), np.ones(count)
    rule = Decision(names, ("first",) * count, ones, 0 * ones, 0.5 * ones, 0.4 * ones, 0.6 * ones)
    bins = {label: reliability(true[:, k], probabilities[:, k]) for k, label in enumerate(names)}
    slices = {"source": {f"a source that is called {names[0]} and more": metrics, "wire": metrics}}
    ceiling = {"macro_f1": 0.97, "by_topic": {names[0]: 0.95}}
    return {
        "f1": plots.f1(metrics, slices, ceiling),
        "precision_recall": plots.precision_recall(made, metrics, made),
        "reliability": plots.reliability(bins, metrics),
        "scores": plots.scores(made, rule),
        "confusion": plots.confusion(confusion(made)),
    }


def named(figure: Figure) -> list[Text]:
    """What names something: titles, labels of axes and of their ticks on the left, entries of legends."""
    found = [] if figure._supxlabel is None else [figure._supxlabel]
    for axes in figure.axes:
        legend = axes.get_legend()
        found += [axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label]
        low, high = sorted(axes.get_ylim())
        found += [tick for tick in axes.get_yticklabels() if low <= tick.get_position()[1] <= high]  # others are hidden
        found += [] if legend is None else legend.get_texts()
    return [text for text in found if text.get_text() and text.get_visible()]


@pytest.mark.parametrize("names", [SHORT, LONG], ids=["short", "long"])
def test_names_neither_overlap_nor_stick_out(names: tuple[str, ...]) -> None:
    for plot, figure in drawn(names).items():
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        boxes = {text: text.get_window_extent(canvas.get_renderer()) for text in named(figure)}
        assert len(boxes) > 3
        for text, box in boxes.items():
            assert box.x0 >= -1, (plot, text)
            assert box.x1 <= figure.bbox.x1 + 1, (plot, text)
        for (one, first), (other, second) in combinations(boxes.items(), 2):
            assert not first.padded(-1).overlaps(second.padded(-1)), (plot, one, other)


@pytest.mark.parametrize("stories", [9, 846, 4684, 123456])
def test_counts_of_neighbouring_bins_do_not_overlap(stories: int) -> None:
    parts = [{"probability": 0.05 + k / 10, "share": 0.05 + k / 10, "stories": stories} for k in range(10)]
    figure = plots.reliability(dict.fromkeys(SHORT, parts), {"by_topic": {name: {"ece": 0.0} for name in SHORT}})
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    for axes in figure.axes:
        boxes = [text.get_window_extent(canvas.get_renderer()) for text in axes.texts]
        assert len(boxes) == 10
        assert not any(one.padded(0.5).overlaps(other.padded(0.5)) for one, other in combinations(boxes, 2))


def test_counts_are_short() -> None:
    assert [plots._short(count) for count in (999, 1000, 4684, 9949, 9950)] == ["999", "1.0k", "4.7k", "9.9k", "10k"]


def test_names_are_broken_at_words_and_cut_where_they_are_too_long() -> None:
    assert plots._cut("ceasefire", 9) == "ceasefire"
    assert plots._cut("extreme weather events", 15) == "extreme weathe…"
    assert plots._cut("extreme weather events", 15, lines=2) == "extreme weather\nevents"
    assert plots._cut("a" * 99, 10, lines=2) == f"{'a' * 10}\n{'a' * 9}…"
    assert plots._titled("storm", "AP", 0.5) == "storm (AP 0.500)"
    assert plots._titled(LONG[0], "AP", 0.5) == "natural disasters and extreme\nweather ev\n(AP 0.500)"
