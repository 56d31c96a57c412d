"""What tests of the checks share: stories whose words give their topics, a config over them, what is found in it."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.check import check
from training.config import Config

TALKS = ["envoys", "summit", "treaty", "embassy", "minister", "accord", "protocol", "delegation", "visit", "consul"]
STORM = ["gale", "flood", "roof", "hail", "river", "dyke", "shelter", "lightning", "rain", "mudslide"]
PLAIN = ["bakery", "choir", "ticket", "violin", "garden", "market", "recipe", "museum", "bicycle", "league"]


def story(number: int, *labels: str, words: Sequence[str] | None = None) -> dict[str, Any]:
    """A story of 14 words on its labels, unlike any other."""
    draw = random.Random(number)
    chosen = words or [word for label in labels for word in {"talks": TALKS, "storm": STORM}[label]] or PLAIN
    text = " ".join(f"{draw.choice(chosen)} {draw.choice('abcdefgh')}{number}" for _ in range(7))
    return {"id": f"s{number}", "text": text, "labels": list(labels)}


def stories(first: int, count: int) -> list[dict[str, Any]]:
    """A third of them each on talks, on a storm, on neither."""
    return [story(number, *(["talks"], ["storm"], [])[number % 3]) for number in range(first, first + count)]


def write(folder: Path, **splits: Sequence[dict[str, Any]]) -> Path:
    """A config over the splits; those not given are sound."""
    sound = {"train": stories(0, 90), "validation": stories(1000, 45), "test": stories(2000, 45)}
    for role, records in (sound | splits).items():
        (folder / f"{role}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    lines = "\n".join(f"  {role}: {folder / role}.jsonl" for role in sound)
    path = folder / "config.yaml"
    path.write_text(
        f"name: tiny\noutput_dir: {folder / 'run'}\ndata:\n{lines}\n  labels: [talks, storm]\n"
        "model: {base: news, max_length: 64, stride: 8}\n",
        encoding="utf-8",
    )
    return path


def found(config: Config, level: str) -> list[str]:
    return [f"{finding.check}: {finding.text}" for finding in check(config).findings if finding.level == level]
