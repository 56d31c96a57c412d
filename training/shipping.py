"""A trained checkpoint → the model folder: exported, its decision rule fitted, its engines compared, measured.

Leaves out: the weights and the parity gate (export.py), how a rule is fitted (calibrate.py, class_decision.py), the
figures and the card (measured_folder.py).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from classifier import Classifier
from classifier.decide import Decision
from classifier.scripts import scripts_in
from training import export
from training.calibrate import WindowLogits, fit_decision
from training.class_decision import fit_class_decision
from training.config import Config
from training.late_evidence import late_windows
from training.measured_folder import data_record, write_measured
from training.model import licence_of, pad_id
from training.outcomes import window_logits
from training.public_config import public_config
from training.report import guess_warning, summary
from training.review_band import Aim, Review, review_lines, review_record
from training.splits import Splits


def ship(
    model: Any,
    tokenizer: Any,
    splits: Splits,
    config: Config,
    *,
    seeds: Mapping[str, Any],
    say: Callable[[str], None] = lambda line: None,
) -> Path:
    """The model folder, in its place only if it passes the parity gate.

    Args:
        model: The trained Transformers model.
        tokenizer: Its Transformers tokenizer.
        splits: What it was trained on, and what it is measured on.
        config: The run's.
        seeds: What the seeds came to, for the manifest.
        say: Told how far it is, and what was found.

    Raises:
        ExportError: If the engines disagree or the folder is too large.
    """
    target = Path(config.output_dir) / "model"
    folder = target.with_name("model.part")
    labels, kind = config.data.labels, config.data.problem_type
    contents: dict[str, Any] = {
        "name": config.name,
        "max_length": config.model.max_length,
        "stride": config.model.stride,
        "pad_id": pad_id(tokenizer),
        "problem_type": kind,
    }
    export.remove(folder)
    export.write_weights(model, tokenizer, folder)
    export.write_manifest(folder, export.neutral_decision(labels, kind), contents)
    if config.data.codebook is not None:
        shutil.copyfile(config.data.codebook, folder / "TOPICS.md")

    say("fitting calibration and thresholds on validation, comparing the engines")
    ours, reference = (Classifier.load(folder, engine=engine, device="cpu") for engine in ("openvino", "torch"))
    texts = [labelled.text for labelled in splits.validation.stories]
    true, rules = splits.validation.targets(len(labels)) >= 0.5, config.decision.pooling
    fitted_on = window_logits(ours, texts, true, rules)
    decision, review = _fit_rule(ours, fitted_on, splits, config)
    contents["review"] = review_record(review, labels)
    say("\n".join(review_lines(contents["review"])))
    logits = window_logits(reference, texts, true, rules).logits
    parity = export.measure_parity(fitted_on.logits, logits, fitted_on.counts, decision)
    contents |= {
        "scripts": list(scripts_in(labelled.text for labelled in splits.train.stories)),
        "base_model": {"name": config.model.base, "licence": licence_of(config)},
        "training_data": {split.role: data_record(split) for split in splits.all},
        "config": public_config(config),
        "seeds": dict(seeds),
        "parity": export.parity_figures(parity),
    }
    measured = write_measured(folder, decision, contents, [one for one in splits.labelled if one.role != "train"])
    for role, metrics in measured.items():
        say(f"\n{role}, through the exported folder:\n{summary(metrics)}")
    if warning := guess_warning(measured["validation"], one_class=kind == "multi_class"):
        say(f"\n{warning}")
    say(
        f"\nopenvino against torch: {parity.agreement:.2%} of decisions the same, "
        f"probabilities within {parity.largest_difference:.4f}"
    )
    export.check_export(folder, parity, config.model.largest_mib)
    export.move_into_place(folder, target)
    return target


def _fit_rule(
    classifier: Classifier, fitted_on: WindowLogits, splits: Splits, config: Config
) -> tuple[Decision, Review]:
    """The decision rule, and what its review bands are good for."""
    labels, kind, settings = config.data.labels, config.data.problem_type, config.decision
    aim = Aim(settings.review_target, settings.review_confidence)
    if kind == "multi_class":
        return fit_class_decision(fitted_on, labels, aim=aim, rules=settings.pooling)
    decision, review = fit_decision(
        fitted_on,
        labels,
        aim=aim,
        rules=settings.pooling,
        threshold=settings.threshold,
        late=late_windows(classifier, splits.validation.stories) if settings.late_evidence else None,
        late_share=settings.late_evidence,
    )
    return replace(decision, problem_type=kind), review
