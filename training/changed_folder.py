"""A copy of a model folder with the same weights and another rule, its figures and its card measured anew.

Leaves out: what changes (refit.py, cascade.py); folders with new weights (export.py).
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from classifier.decide import Decision
from classifier.manifest import Manifest
from training import export
from training.card import model_card
from training.data import Split
from training.train import data_record, measure


def write_changed(
    out: Path, manifest: Manifest, decision: Decision, changes: Mapping[str, Any], splits: Sequence[Split]
) -> dict[str, Any]:
    """Writes the folder whole or not at all; its metrics on each split, by role.

    Args:
        out: The new folder.
        manifest: Of the folder that is copied.
        decision: The rule of the new one.
        changes: Entries of its manifest; None takes one out.
        splits: What it is measured on. Figures and data of the old rule, but for what it was trained on, are left out.
    """
    part = out.with_name(f"{out.name}.part")
    export.remove(part)
    shutil.copytree(manifest.model_dir, part)
    contents = {**manifest.contents, "problem_type": decision.problem_type, **changes}
    contents = {key: value for key, value in contents.items() if value is not None}
    data = contents.get("training_data", {})
    contents["training_data"] = {
        **({"train": data["train"]} if "train" in data else {}),
        **{split.role: data_record(split) for split in splits},
    }
    export.write_manifest(part, decision, contents)
    contents["metrics"] = {split.role: measure(part, split) for split in splits}
    (part / "README.md").write_text(model_card(contents), encoding="utf-8")
    export.write_manifest(part, decision, contents)
    part.rename(out)
    return dict(contents["metrics"])
