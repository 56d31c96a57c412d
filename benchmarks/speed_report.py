"""What `benchmarks.speed` writes: the table, the JSON and the picture, and what its figures are set beside.

Leaves out: how it was measured (rounds.py), the form of rows, table and picture (figures.py, show.py).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.figures import Measured, all_rows
from benchmarks.isa import processor
from benchmarks.peers import PIPELINES, System, reference
from benchmarks.rounds import Plan
from benchmarks.show import by_speed, draw, print_table

BASELINE = PIPELINES["float32"]
PACKAGES = (
    "openvino", "tokenizers", "torch", "transformers", "sentence-transformers", "onnxruntime", "spacy",
    "fasttext-community", "scikit-learn", "numpy",
)  # fmt: skip
NOT_LIMITED = "its arithmetic is not limited by --isa"


def baselines(device: str) -> tuple[str, ...]:
    """The systems that speeds may be compared with: one on the CPU, the fastest of several on a GPU."""
    return tuple(PIPELINES.values()) if device == "cuda" else (BASELINE,)


def make_report(
    arguments: argparse.Namespace,
    measured: Sequence[Measured],
    left_out: Mapping[str, str],
    plan: Plan,
    *,
    tokens: int,
) -> dict[str, Any]:
    """Everything that the JSON holds."""
    baseline = compared_with(measured, arguments.device)
    references = references_of(measured, arguments.device)
    return {
        "machine": {
            "processor": processor(),
            "cores": os.cpu_count(),
            "system": platform.platform(),
            "isa": arguments.isa,
            **({"gpu": _gpu_name()} if arguments.device == "cuda" else {}),
        },
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}},
        "data": {
            "scored": {"file": Path(arguments.data).name, "stories": len(plan.test.texts), "tokens": tokens},
            "train": {"file": Path(arguments.train).name, "stories": len(plan.train.texts)},
            "validation": {"file": Path(arguments.validation).name, "stories": len(plan.validation.texts)},
        },
        "rounds": plan.rounds,
        "baseline": baseline,
        "left_out": dict(left_out),
        "systems": all_rows(measured, plan.test.targets > 0, tokens, baseline=baseline, references=references),
    }


def compared_with(measured: Sequence[Measured], device: str) -> str:
    """The name of the system that speeds are compared with: of several the fastest."""
    names = baselines(device)
    there = [one for one in measured if one.name in names]
    return min(there, key=lambda one: statistics.median(one.seconds)).name if there else names[0]


def references_of(measured: Sequence[Measured], device: str) -> dict[str, str]:
    """The name of the float32 run of each system's weights.

    On a GPU ours run in half precision, so that it is the pipeline's, also for the cascade of the same whole model.
    """
    names = [one.name for one in measured]
    if device != "cuda":
        return {one.name: reference(one.name, one.model, names) for one in measured if one.model}
    model = next((one.model for one in measured if one.name == BASELINE), None)
    return {one.name: BASELINE for one in measured if one.model == model}


def _gpu_name() -> str:
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"


def write_report(report: dict[str, Any], systems: Mapping[str, System], output: Path) -> None:
    """Prints the table; writes NAME.json and NAME.png."""
    for row in report["systems"]:
        system = systems[row["name"]]
        row["ours"] = system.module == "ours"
        if report["machine"]["isa"] and not system.isa_limited:
            row["name"] += " *"
            row["notes"]["isa"] = NOT_LIMITED
    report["systems"] = list(by_speed(report["systems"]))
    title, subtitle = headings(report)
    print_table(report["systems"], f"{title}\n{subtitle}")
    if any("isa" in row["notes"] for row in report["systems"]):
        print(f"* {NOT_LIMITED}")
    for reason in report["left_out"].values():
        print(f"left out: {reason}")
    output.parent.mkdir(parents=True, exist_ok=True)
    Path(f"{output}.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draw(
        report["systems"], Path(f"{output}.png"), title="Speed and quality (in orange: this project)", subtitle=subtitle
    )
    print(f"{output}.json, {output}.png")


def headings(report: Mapping[str, Any]) -> tuple[str, str]:
    """The title, and what the figures stand for."""
    scored, machine = report["data"]["scored"], report["machine"]
    limit = f", limited to {machine['isa']}" if machine["isa"] else ""
    name = machine.get("gpu") or machine["processor"]
    return (
        f"{scored['stories']:,} stories of {scored['file']}, {scored['tokens']:,} tokens, {report['rounds']} rounds",
        f"{name}, {machine['cores']} cores{limit}; {scored['stories']:,} stories, "
        f"× = times as fast as {report['baseline']} (median, least to most of {report['rounds']} rounds)",
    )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
