"""`python -m training.refit --model DIR --data FILE … --out DIR`: the decision rule of a finished model, fitted anew.

For news that differs from what the rule was fitted on: other sources, or topics that are rarer or more common. The
weights stay; pooling, calibration, thresholds and review bands are fitted on the labelled stories of FILE, and a new
folder is written. Give stories as they come, not those picked for being hard; a few hundred, some 50 of each topic.
Leaves out: models with exactly one class a story.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from classifier import Classifier
from classifier.command import run_command
from classifier.decide import POOLINGS, Pooling
from classifier.errors import InputError
from training.loading import loading

with loading("training.refit"):
    from training.calibrate import fit_decision
    from training.labelled_files import (
        add_fitting_data,
        add_options,
        data_config,
        decision_settings,
        load_fitting_data,
        review_aim,
        share_above,
    )
    from training.late_evidence import late_windows
    from training.measured_folder import refuse_existing, write_changed
    from training.outcomes import window_logits
    from training.preflight import thin_topics
    from training.report import summary
    from training.review_band import Aim, review_lines, review_record
    from training.splits import Split

BEST = "best"


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 a problem that the user can solve, 130 interrupted."""
    parser = argparse.ArgumentParser(
        prog="python -m training.refit",
        description="Fit calibration, thresholds and review bands of a model to your stories, without training it.",
    )
    parser.add_argument("--model", default="news", metavar="DIR", help="a model folder (default: the shipped model)")
    add_fitting_data(parser)
    parser.add_argument("--out", required=True, metavar="DIR", help="the new model folder")
    a_share = share_above(0.5, 0.9)
    parser.add_argument(
        "--target",
        type=a_share,
        metavar="SHARE",
        help="precision and recall of what is not flagged for review, as 0.95 (default: as before)",
    )
    parser.add_argument(
        "--confidence", type=a_share, metavar="SHARE", help="how sure that is to be, as 0.9 (default: as before)"
    )
    parser.add_argument(
        "--pooling",
        nargs="+",
        choices=POOLINGS,
        metavar="RULE",
        help=f"how windows may be joined, of {', '.join(POOLINGS)} (default: as the model's config)",
    )
    parser.add_argument(
        "--threshold",
        type=lambda value: value if value == BEST else share_above(0.0, 0.5)(value),
        metavar="P",
        help=f"a topic is given from P on, as 0.5, or each from where its F1 is best: {BEST} (default: as before; kept "
        "for later fits)",
    )
    add_options(parser)
    arguments = parser.parse_args(argv)
    return run_command(partial(_run, arguments))


def _run(arguments: argparse.Namespace) -> int:
    """Prints what `refit` tells; everything that can be checked is checked first.

    Raises:
        ClassifierError: If model or data cannot be used, or the folder exists.
    """
    model, out = arguments.model, Path(arguments.out)
    refuse_existing(out)
    classifier = Classifier.load(model, engine="openvino", cascade=False)
    manifest = classifier.manifest
    if manifest.decision.problem_type == "multi_class":
        raise InputError(f"{model}: gives exactly one class a story, which has no thresholds to fit. Train it again.")
    manifest.verify(manifest.files)
    splits = load_fitting_data(arguments, data_config(arguments, manifest))
    earlier = review_aim(manifest)
    aim = Aim(arguments.target or earlier.target, arguments.confidence or earlier.confidence)
    print("\n".join(refit(classifier, splits, out, aim, arguments.pooling, arguments.threshold)))
    return 0


def refit(
    classifier: Classifier,
    splits: Sequence[Split],
    out: Path,
    aim: Aim,
    pooling: Sequence[Pooling] | None = None,
    threshold: float | str | None = None,
) -> list[str]:
    """Writes the new folder, and returns what to tell about it.

    Args:
        classifier: The model, without a cascade.
        splits: What the rule is fitted on and, after it, what the new folder is measured on besides.
        out: The new folder.
        aim: Of the review bands.
        pooling: The rules to choose from; None for those of the model's config.
        threshold: Of all topics, or `BEST` for the best one of each; None for what the model's config says.
    """
    manifest = classifier.manifest
    settings = decision_settings(manifest)
    if threshold is not None:
        settings = settings.model_copy(update={"threshold": None if threshold == BEST else threshold})
    rules, split = pooling or settings.pooling, splits[0]
    true = split.targets(len(manifest.labels)) >= 0.5
    decision, review = fit_decision(
        window_logits(classifier, [labelled.text for labelled in split.stories], true, rules),
        manifest.labels,
        aim=aim,
        rules=rules,
        threshold=settings.threshold,
        late=late_windows(classifier, split.stories) if settings.late_evidence else None,
        late_share=settings.late_evidence,
    )
    decision = replace(decision, problem_type=manifest.decision.problem_type)
    record = review_record(review, manifest.labels)
    config = manifest.contents.get("config", {})
    told = {} if threshold is None else {"config": {**config, "decision": settings.model_dump(mode="json")}}
    metrics = write_changed(out, manifest, decision, {"review": record, "cascade": None, **told}, splits)
    warnings = thin_topics(split, manifest.labels)
    if manifest.cascade is not None:
        warnings.append("the new folder has no cascade: python -m training.cascade makes one for the new rule")
    measured = [line for role, found in metrics.items() for line in ("", f"{role}:", summary(found))]
    return [*warnings, *review_lines(record), *measured, "", f"model folder: {out}"]


if __name__ == "__main__":
    raise SystemExit(main())
