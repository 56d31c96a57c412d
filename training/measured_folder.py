"""A model folder with its figures: measured through the folder itself, and told in its manifest and its card.

Leaves out: the weights and the manifest's form (export.py), what the card says (card.py), where a rule comes from
(shipping.py, refit.py, cascade.py).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from classifier import Classifier
from classifier.decide import Decision
from classifier.errors import InputError
from classifier.manifest import Manifest
from training import export
from training.card import model_card
from training.metrics import evaluate
from training.outcomes import score
from training.run_folder import check_writable, writing
from training.splits import Split


def write_measured(
    folder: Path, decision: Decision, contents: Mapping[str, Any], splits: Sequence[Split]
) -> dict[str, Any]:
    """Writes manifest and card with the metrics on each split, which it returns, by role.

    Args:
        folder: The model folder, with weights, tokenizer and all other files.
        decision: The rule of the model.
        contents: The manifest without the rule and the metrics.
        splits: What it is measured on.
    """
    export.write_manifest(folder, decision, contents)
    metrics = {split.role: measure(folder, split) for split in splits}
    contents = {**contents, "metrics": metrics}
    (folder / "README.md").write_text(model_card(contents), encoding="utf-8")
    export.write_manifest(folder, decision, contents)
    return metrics


def refuse_existing(out: Path) -> None:
    """Refuses a new folder that is there already, or that could not be made.

    Raises:
        InputError: If so.
    """
    if os.path.lexists(out):
        raise InputError(f"{out}: exists. Name a new folder.")
    check_writable(out)


def write_changed(
    out: Path, manifest: Manifest, decision: Decision, changes: Mapping[str, Any], splits: Sequence[Split]
) -> dict[str, Any]:
    """Writes a copy with the same weights and another rule, whole or not at all; its metrics on each split, by role.

    Args:
        out: The new folder.
        manifest: Of the folder that is copied.
        decision: The rule of the new one.
        changes: Entries of its manifest; None takes one out.
        splits: What it is measured on. Figures and data of the old rule, but for what it was trained on, are left out.

    Raises:
        InputError: If it cannot be written; what was is removed.
    """
    part = out.with_name(f"{out.name}.part")
    export.remove(part)
    contents = {**manifest.contents, "problem_type": decision.problem_type, "scripts": list(manifest.scripts) or None}
    contents |= changes
    contents = {key: value for key, value in contents.items() if value is not None}
    data = contents.get("training_data", {})
    contents["training_data"] = {
        **{role: data[role] for role in ("train", "unlabelled") if role in data},
        **{split.role: data_record(split) for split in splits},
    }
    try:
        with writing(out, "Make room or name another folder, and give the command again."):
            shutil.copytree(manifest.model_dir, part)
            metrics = write_measured(part, decision, contents, splits)
            part.rename(out)
    except (InputError, KeyboardInterrupt):
        export.remove(part)
        raise
    return metrics


def measure(folder: Path, split: Split) -> dict[str, Any]:
    """The metrics of a model folder, on its default engine, over a split."""
    classifier = Classifier.load(folder, engine="openvino")
    return evaluate(score(classifier, split.stories, classifier.labels).outcome)


def data_record(split: Split) -> dict[str, Any]:
    """What the manifest says of a split: its files by name, without their folders, its hash and its counts."""
    name = " + ".join(Path(one).name if Path(one).suffix else one for one in split.origin.split(" + "))
    return {"name": name, "sha256": split.sha256, "stories": len(split.stories), "dropped": dict(split.dropped)}
