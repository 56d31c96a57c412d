"""All figures of a model on labelled stories, as they stand in report.json.

Leaves out: the command (evaluate.py), the comparison with another model (compare.py), how figures are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from classifier import Classifier
from training.confusion import confusion
from training.metrics import SAMPLES, Outcome, evaluate
from training.outcomes import ScoredStories
from training.reliability import reliability
from training.slices import evaluate_slices, slice_names, worst_slice
from training.splits import Split

_FITTED = {
    "train": "the model was trained on these stories: the figures say nothing about new ones.",
    "validation": "the thresholds and the calibration were fitted on these stories: the figures are a little too good.",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """How an evaluation is made.

    Attributes:
        samples: Resampled sets of stories behind an interval.
        least: The fewest stories of a slice of its own.
        fields: Columns whose values are slices.
        date_field: The column of the date.
        ceiling: The agreement between labellers (ceiling.py), where it is known.
    """

    samples: int = SAMPLES
    least: int = 20
    fields: tuple[str, ...] = ("source",)
    date_field: str = "date"
    ceiling: Mapping[str, Any] | None = None


def evaluation(model: Classifier, split: Split, scored: ScoredStories, settings: Settings) -> dict[str, Any]:
    """All figures of one model, as they stand in report.json.

    Args:
        model: The one that gave `scored`.
        split: The data.
        scored: At least one story.
        settings: How the evaluation is made.
    """
    outcome, samples = scored.outcome, settings.samples
    stories = [labelled.story for labelled in scored.stories]
    groups = slice_names(stories, scored.tokens, fields=settings.fields, date_field=settings.date_field)
    slices = {
        group: evaluate_slices(outcome, names, least=settings.least, samples=samples) for group, names in groups.items()
    }
    trained_on = model.manifest.contents.get("training_data", {})
    left_out = {**split.dropped, **({"cannot be scored": len(scored.errors)} if scored.errors else {})}
    return {
        "model": model.manifest.id,
        "engine": model.engine.name,
        "data": {
            "origin": split.origin,
            "sha256": split.sha256,
            "stories": len(stories),
            "left_out": left_out,
            "errors": list(scored.errors),
        },
        "notes": [note for role, note in _FITTED.items() if trained_on.get(role, {}).get("sha256") == split.sha256],
        "settings": {"samples": samples, "least_stories_of_a_slice": settings.least},
        "overall": evaluate(outcome, samples=samples),
        "ceiling": settings.ceiling,
        "review": _review(outcome, samples),
        "reliability": {
            label: reliability(outcome.true[:, k], outcome.probabilities[:, k])
            for k, label in enumerate(outcome.labels)
        },
        "confusion": confusion(outcome),
        "slices": slices,
        "worst": {group: worst_slice(parts, least=settings.least) for group, parts in slices.items()},
        "comparison": None,
    }


def _review(outcome: Outcome, samples: int) -> dict[str, Any]:
    """The share that is flagged for a person, and the metrics of the two parts."""
    parts = {"unflagged": ~outcome.review, "flagged": outcome.review}
    return {
        "share": float(outcome.review.mean()),
        **{name: evaluate(outcome.at(rows), samples=samples) if rows.any() else None for name, rows in parts.items()},
    }
