"""`python -m training.train CONFIG [key=value …]`: labelled stories → a model folder.

The same command goes on after an interruption, from the last finished epoch; with other settings or data it
refuses, unless nothing was trained yet, and `--restart` starts over. Leaves out: everything but the order of the steps.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from classifier.errors import ClassifierError, ModelError
from classifier.manifest import load_manifest
from classifier.scripts import scripts_in
from training.loading import loading

with loading("training"):
    from training.checkpoints import remove_damaged
    from training.config import Config, load_config
    from training.new_head import new_head_note
    from training.preflight import (
        check_earlier_run,
        check_model_is_ours,
        describe,
        fingerprint,
        has_trained,
        read_data,
    )
    from training.run_folder import held, write_json, writing
    from training.splits import Splits


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 a problem that the user can solve, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="python -m training.train", description="Train a model from a config.")
    parser.add_argument("config", help="a YAML file, such as configs/quickstart.yaml")
    parser.add_argument("overrides", nargs="*", default=[], metavar="key=value", help="such as training.num_epochs=2")
    parser.add_argument("--restart", action="store_true", help="forget an earlier run in output_dir")
    arguments = parser.parse_intermixed_args(argv)
    warnings.filterwarnings("ignore", module=r"torch|transformers|nncf|openvino|accelerate")
    try:
        train(load_config(arguments.config, arguments.overrides), restart=arguments.restart)
    except ClassifierError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        again = " without --restart" if arguments.restart else ""
        print(f"\ninterrupted. The same command{again} goes on from the last finished epoch.", file=sys.stderr)
        return 130
    return 0


def train(config: Config, *, restart: bool = False) -> Path:
    """Runs a whole training and returns the model folder.

    Raises:
        ClassifierError: If config, data, base model or an earlier run in the folder stand against it, another run is
            using the folder, it cannot be written, or the exported engines disagree.
    """
    output = Path(config.output_dir)
    check_model_is_ours(output)
    splits = read_data(config)
    print("\n".join(describe(splits, config)), flush=True)
    with held(output):
        return _train(config, splits, output, restart=restart)


def _train(config: Config, splits: Splits, output: Path, *, restart: bool) -> Path:
    """The same with data that was read, in a folder that no other run uses."""
    now = fingerprint(config, splits)
    if not restart:
        check_earlier_run(output, now)

    # Everything below needs torch: imported late, so that a mistake in config or data shows at once.
    from training.model import base_labels
    from training.seeds import forget_seeds, train_seeds

    others = 0 if splits.unlabelled is None else len(splits.unlabelled.stories)
    if note := new_head_note(base_labels(config), config, len(splits.train.stories) + others):
        print(note, flush=True)
    with writing(output, "Make room: the same command without --restart goes on from the last finished epoch."):
        earlier = (output / "run.json").is_file()
        for lost in remove_damaged(output / "checkpoints") if earlier and not restart else ():
            print(f"removed {lost}: it, or the best epoch before it, is damaged or was cut short", flush=True)
        if restart or (earlier and not has_trained(output)):
            forget_seeds(output)
        (output / "checkpoints").mkdir(exist_ok=True)  # the run has begun: an older model does not end it
        write_json(output / "run.json", now)
        model, tokenizer, seeds = train_seeds(splits, config, output)
        if config.seeds > 1:
            print(seeds.sentence(), flush=True)
        folder = ship(model, tokenizer, splits, config, seeds=seeds.record())
    forget_seeds(output)
    print(f"\nmodel folder: {folder}\nuse it: python -m classifier.predict --model {folder} FILE", flush=True)
    return folder


def ship(model: Any, tokenizer: Any, splits: Splits, config: Config, *, seeds: Mapping[str, Any]) -> Path:
    """Exports, fits the decision rule on validation, compares the engines, measures, writes the card.

    Args:
        model: The trained Transformers model.
        tokenizer: Its Transformers tokenizer.
        splits: What it was trained on, and what it is measured on.
        config: The run's.
        seeds: What the seeds came to, for the manifest.

    Raises:
        ExportError: If the engines disagree or the folder is too large.
    """
    from classifier import Classifier
    from training import export
    from training.calibrate import fit_decision
    from training.class_decision import fit_class_decision
    from training.late_evidence import late_windows
    from training.measured_folder import data_record, write_measured
    from training.model import licence_of, pad_id
    from training.outcomes import window_logits
    from training.report import guess_warning, summary
    from training.review_band import Aim, review_lines, review_record

    target = Path(config.output_dir) / "model"
    folder = target.with_name("model.part")
    export.remove(folder)
    export.write_weights(model, tokenizer, folder)
    labels, settings = config.data.labels, config.model
    contents: dict[str, Any] = {
        "name": config.name,
        "max_length": settings.max_length,
        "stride": settings.stride,
        "pad_id": pad_id(tokenizer),
        "problem_type": config.data.problem_type,
    }
    export.write_manifest(folder, export.neutral_decision(labels, config.data.problem_type), contents)

    if config.data.codebook is not None:
        shutil.copyfile(config.data.codebook, folder / "TOPICS.md")
    print("fitting calibration and thresholds on validation, comparing the engines", flush=True)
    ours, reference = (Classifier.load(folder, engine=engine, device="cpu") for engine in ("openvino", "torch"))
    texts = [labelled.text for labelled in splits.validation.stories]
    rules = config.decision.pooling
    fitted_on = window_logits(ours, texts, splits.validation.targets(len(labels)) >= 0.5, rules)
    aim = Aim(config.decision.review_target, config.decision.review_confidence)
    if config.data.problem_type == "multi_class":
        decision = fit_class_decision(fitted_on, labels, review_target=aim.target, rules=rules)
    else:
        decision, review = fit_decision(
            fitted_on,
            labels,
            aim=aim,
            rules=rules,
            late=late_windows(ours, splits.validation.stories) if config.decision.late_evidence else None,
            late_share=config.decision.late_evidence,
        )
        contents["review"] = review_record(review, labels)
        print("\n".join(review_lines(contents["review"])), flush=True)
    decision = replace(decision, problem_type=config.data.problem_type)
    logits = window_logits(reference, texts, fitted_on.true, rules).logits
    parity = export.measure_parity(fitted_on.logits, logits, fitted_on.counts, decision)
    contents |= {
        "scripts": list(scripts_in(labelled.text for labelled in splits.train.stories)),
        "base_model": {"name": settings.base, "licence": licence_of(config)},
        "training_data": {split.role: data_record(split) for split in splits.all},
        "config": public_config(config),
        "seeds": dict(seeds),
        "parity": export.parity_figures(parity),
    }
    measured = write_measured(folder, decision, contents, [one for one in splits.labelled if one.role != "train"])
    for role, metrics in measured.items():
        print(f"\n{role}, through the exported folder:\n{summary(metrics)}", flush=True)
    one_class = config.data.problem_type == "multi_class"
    if warning := guess_warning(measured["validation"], one_class=one_class):
        print(f"\n{warning}", flush=True)
    print(
        f"\nopenvino against torch: {parity.agreement:.2%} of decisions the same, "
        f"probabilities within {parity.largest_difference:.4f}",
        flush=True,
    )
    export.check_export(folder, parity, settings.largest_mib)
    export.move_into_place(folder, target)
    return target


def public_config(config: Config) -> dict[str, Any]:
    """The resolved config without where this run lay on its machine."""
    contents = config.model_dump(mode="json")
    contents["model"].pop("base_dir")
    contents.pop("output_dir")
    if config.training.merge is not None:
        contents["training"]["merge"] = _known_as(config.training.merge)
    if config.training.teacher is not None:
        names = [_known_as(name) for name in config.training.teachers]
        contents["training"]["teacher"] = names[0] if isinstance(config.training.teacher, str) else names
    for key in (
        "train",
        "validation",
        "test",
        "unlabelled",
        "codebook",
        "corrections",
        "readings",
        "validation_readings",
    ):
        contents["data"].pop(key)
    return contents


def _known_as(model: str) -> str:
    """The model's id ("news@4807b8f2"), or the end of its path where it is no longer there."""
    try:
        return load_manifest(model).id
    except ModelError:
        return "/".join(Path(model).parts[-2:])


if __name__ == "__main__":
    raise SystemExit(main())
