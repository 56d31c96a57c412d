"""What `benchmarks.gpu` measured, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.figures import spread
from classifier.engines import Engine


def shown(report: Mapping[str, Any]) -> Iterator[str]:
    """The report as lines of text."""
    machine, stories, tokens = report["machine"], report["stories"], report["tokens"]
    where = f"{machine['device']}, {machine['processor']}, {machine['cores']} cores"
    yield f"{report['model']} ({report['engine']}), {where}; median (least-most) of {report['rounds']} rounds"
    yield f"{stories:,} stories, {tokens:,} tokens in their first windows"
    for row in report["seconds"]:
        a_second = spread([stories / taken for taken in row["runs_s"]])
        yield (
            f"{row['model']:<12} {row['what']:<11} {a_second['median']:>9,.0f} stories/s "
            f"({a_second['min']:,.0f}-{a_second['max']:,.0f}) {tokens / stories * a_second['median']:>12,.0f} tokens/s"
        )
    for name, ratio in report["end to end / forward"].items():
        yield f"{name} / forward: {ratio['median']:.1%} ({ratio['min']:.1%}-{ratio['max']:.1%})"


def device_name(engine: Engine) -> str:
    """The GPU that an engine runs on, or "cpu"."""
    device = getattr(engine, "device", None)
    if device is None or device.type != "cuda":
        return "cpu"
    import torch

    return torch.cuda.get_device_name(device)
