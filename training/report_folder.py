"""The report of an evaluation as a folder: report.md with its plots, report.json, and sheets of stories to read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib import rc_context

from classifier.decide import Decision
from classifier.errors import InputError
from training import plots
from training.markdown import markdown
from training.metrics import Outcome
from training.outcomes import ScoredStories
from training.sheets import write_changes, write_mistakes

_DPI = 130


def write_report(
    folder: Path, contents: Mapping[str, Any], decision: Decision, scored: ScoredStories, old: Outcome | None
) -> None:
    """Writes all files, over those of an earlier report.

    Args:
        folder: Made where it does not exist.
        contents: What `training.evaluation.evaluation` gives.
        decision: Of the model, for thresholds and review bands.
        scored: What the model says.
        old: What the model that it is compared with says of the same stories.

    Raises:
        InputError: If the folder cannot be written.
    """
    outcome, overall = scored.outcome, contents["overall"]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with rc_context({"text.parse_math": False}):  # a dollar sign in the name of a topic is one
            drawn = {
                "f1": plots.f1(overall, contents["slices"], contents["ceiling"]),
                "precision_recall": plots.precision_recall(outcome, overall, old),
                "reliability": plots.reliability(contents["reliability"], overall),
                "scores": plots.scores(outcome, decision),
                "confusion": plots.confusion(contents["confusion"]),
            }
            for name, figure in drawn.items():
                figure.savefig(folder / f"{name}.png", dpi=_DPI)
        text = json.dumps(contents, indent=2, ensure_ascii=False, allow_nan=False)
        (folder / "report.json").write_text(text + "\n", encoding="utf-8")
        (folder / "report.md").write_text(markdown(contents), encoding="utf-8")
        write_mistakes(folder / "mistakes.csv", scored.stories, outcome)
        (folder / "changes.csv").unlink(missing_ok=True)
        if old is not None:
            write_changes(folder / "changes.csv", scored.stories, old, outcome)
    except OSError as error:
        raise InputError(f"--out {folder}: cannot be written ({error.strerror or error}).") from error
