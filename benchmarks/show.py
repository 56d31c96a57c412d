"""The table and the picture of the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.figures import AGREEMENT_TARGET

OURS, PEER, INK, GRID = "#c2410c", "#475569", "#1e293b", "#e2e8f0"
COLUMNS = (
    "system", "macro-F1", "labels as fp32", "stories/s", "tokens/s", "× pipeline", "first label", "peak", "p50", "p99",
)  # fmt: skip


def cells(row: Mapping[str, Any]) -> list[str]:
    """The cells of one system, in the order of COLUMNS; what was not measured is empty."""
    times, first, latency = row["times_baseline"], row["first_label_s"], row["latency_ms"]
    same = row["agreement"].get("decisions")
    return [
        row["name"],
        f"{row['macro_f1']['value']:.3f}",
        "" if same is None else f"{100 * same:.2f} %" + (" !" if same < AGREEMENT_TARGET else ""),
        f"{row['stories_per_s']['median']:,.0f}",
        f"{row['tokens_per_s']['median']:,.0f}",
        f"{_times(times['median'])} ({_times(times['min'])}-{_times(times['max'])})" if times else "",
        f"{first['median']:.2f} s" if first else "",
        f"{row['peak_mb']:,.0f} MB" if row["peak_mb"] else "",
        *(f"{_short(latency[name])} ms" if latency else "" for name in ("p50", "p99")),
    ]


def table(rows: Sequence[Mapping[str, Any]], title: str) -> Table:
    """One row a system, the fastest first."""
    shown = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in COLUMNS:
        shown.add_column(column, justify="left" if column == "system" else "right", no_wrap=True)
    for row in by_speed(rows):
        shown.add_row(*cells(row), style="bold" if row["ours"] else "")
    return shown


def print_table(rows: Sequence[Mapping[str, Any]], title: str) -> None:
    """The table on standard output, as wide as it needs to be."""
    Console(width=150, highlight=False).print(table(rows, title))


def by_speed(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The fastest first."""
    return sorted(rows, key=lambda row: -row["stories_per_s"]["median"])


def _short(value: float) -> str:
    """Three significant digits: 0.0312, 4.13, 27.5, 133."""
    return f"{value:#.3g}".rstrip(".") if value < 1000 else f"{value:,.0f}"


def _times(ratio: float) -> str:
    """Two decimals below 10, one below 100: 6.13, 27.5, 2,147."""
    return f"{ratio:,.{2 if ratio < 10 else 1 if ratio < 100 else 0}f}"


def draw(rows: Sequence[Mapping[str, Any]], path: Path, *, title: str, subtitle: str) -> None:
    """Writes the picture: speed (logarithmic) against macro-F1, this project's models in colour."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.ticker import FuncFormatter

    figure, axes = pyplot.subplots(figsize=(9.6, 5.6), dpi=160)
    figure.subplots_adjust(left=0.08, right=0.975, top=0.885, bottom=0.1)
    for row in rows:
        _point(axes, row)
    _limits(axes, rows)
    _labels(figure, axes, rows)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}"))
    axes.set_xlabel("stories per second, from texts in memory to labels (logarithmic)", color=INK)
    axes.set_ylabel("macro-F1 (bar: 95 % interval)", color=INK)
    axes.grid(which="major", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=PEER, which="both", length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    figure.text(0.08, 0.955, title, fontsize=13, fontweight="bold", color=INK)
    figure.text(0.08, 0.915, subtitle, fontsize=9, color=PEER)
    figure.savefig(path)
    pyplot.close(figure)


def _point(axes: Any, row: Mapping[str, Any]) -> None:
    """A dot at the median, with the range over the runs and the 95 % interval of the quality."""
    x, y, color = row["stories_per_s"], row["macro_f1"], OURS if row["ours"] else PEER
    axes.errorbar(
        x["median"],
        y["value"],
        xerr=[[x["median"] - x["min"]], [x["max"] - x["median"]]],
        yerr=[[y["value"] - y["low"]], [y["high"] - y["value"]]],
        fmt="none",
        ecolor=color,
        alpha=0.3,
        linewidth=1.2,
    )
    axes.scatter([x["median"]], [y["value"]], s=64, color=color, zorder=3, edgecolors="white", linewidths=1)


def _limits(axes: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Room for the names at the right, and for the intervals above and below."""
    speeds = [row["stories_per_s"]["median"] for row in rows]
    axes.set_xscale("log")
    axes.set_xlim(min(speeds) / 1.8, max(speeds) * 3.5)
    low = min(row["macro_f1"]["low"] for row in rows)
    high = max(row["macro_f1"]["high"] for row in rows)
    axes.set_ylim(low - 0.02, min(1.0, high) + 0.02)


def _labels(figure: Any, axes: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Names beside their dots, each at the first place around it where it covers neither a dot nor another name."""
    from matplotlib.text import Text

    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    dots = [axes.transData.transform((row["stories_per_s"]["median"], row["macro_f1"]["value"])) for row in rows]
    taken: list[Any] = []
    for row, _ in sorted(zip(rows, dots, strict=True), key=lambda pair: -pair[1][1]):
        text = None
        for dx, dy, side in _places():
            if text is not None:
                text.remove()
            text = axes.annotate(
                _name(row),
                (row["stories_per_s"]["median"], row["macro_f1"]["value"]),
                xytext=(dx, dy),
                textcoords="offset points",
                ha=side,
                va="center",
                fontsize=8.5,
                color=OURS if row["ours"] else INK,
                fontweight="bold" if row["ours"] else "normal",
                arrowprops={"arrowstyle": "-", "color": PEER, "alpha": 0.4, "lw": 0.6} if abs(dy) > 14 else None,
                bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.75},
            )
            text.update_positions(renderer)
            box = Text.get_window_extent(text, renderer).expanded(1.02, 1.15)  # without its line
            inside = axes.bbox.containsx(box.x0) and axes.bbox.containsx(box.x1)
            inside = inside and axes.bbox.containsy(box.y0) and axes.bbox.containsy(box.y1)
            if inside and not any(box.overlaps(other) for other in taken) and not _covers(box, dots):
                break
        taken.append(box)


def _name(row: Mapping[str, Any]) -> str:
    name, times = str(row["name"]), row["times_baseline"].get("median")
    if not times:
        return name
    return f"{name}  {times:.1f}×" if times < 10 else f"{name}  {times:,.0f}×"


def _places() -> list[tuple[float, float, str]]:
    """Offsets in points, the nearest first, and the side of the name that is at the dot."""
    near = [(8, 9, "left"), (8, -9, "left"), (-8, 9, "right"), (-8, -9, "right")]
    return near + [
        (sign * 14.0, up * away, side)
        for away in range(20, 140, 8)
        for up in (1, -1)
        for sign, side in ((1, "left"), (-1, "right"))
    ]


def _covers(box: Any, dots: Sequence[Any]) -> bool:
    """True if the box lies over a dot."""
    return any(box.x0 - 6 < x < box.x1 + 6 and box.y0 - 5 < y < box.y1 + 5 for x, y in dots)
