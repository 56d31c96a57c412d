"""`python -m training.train CONFIG [key=value …]`: labelled stories → a model folder.

The same command goes on after an interruption, from the last finished epoch; with other settings or data it
refuses, and `--restart` starts over. Leaves out: everything but the order of the steps.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from classifier.errors import ClassifierError, ConfigError, MissingExtraError, bullet_list, differences

try:
    from training.config import Config, load_config
    from training.data import Split, Splits, load_splits
except ImportError as missing:
    print(f"error: {MissingExtraError('training', 'train')} ({missing})", file=sys.stderr)
    raise SystemExit(1) from missing


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 a problem that the user can solve, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="python -m training.train", description="Train a model from a config.")
    parser.add_argument("config", help="a YAML file, such as configs/quickstart.yaml")
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="such as training.num_epochs=2")
    parser.add_argument("--restart", action="store_true", help="forget an earlier run in output_dir")
    arguments = parser.parse_args(argv)
    warnings.filterwarnings("ignore", module=r"torch|transformers|nncf|openvino|accelerate")
    try:
        train(load_config(arguments.config, arguments.overrides), restart=arguments.restart)
    except ClassifierError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted. The same command goes on from the last finished epoch.", file=sys.stderr)
        return 130
    return 0


def train(config: Config, *, restart: bool = False) -> Path:
    """Runs a whole training and returns the model folder.

    Raises:
        ClassifierError: If config, data, base model or an earlier run in the folder stand against it, or the
            exported engines disagree.
    """
    output = Path(config.output_dir)
    if config.data.codebook is not None and not Path(config.data.codebook).is_file():
        raise ConfigError(f"data.codebook: {config.data.codebook}: no such file.")
    splits = load_splits(config.data)
    for line in _describe(splits, config.data.labels):
        print(line, flush=True)
    fingerprint = _fingerprint(config, splits)
    _check_earlier_run(output, fingerprint, restart=restart)

    # Everything below needs torch: imported late, so that a mistake in config or data shows at once.
    from training.seeds import forget_seeds, train_seeds

    if restart:
        forget_seeds(output)
    output.mkdir(parents=True, exist_ok=True)
    (output / "run.json").write_text(json.dumps(fingerprint, indent=2) + "\n", encoding="utf-8")
    model, tokenizer, seeds = train_seeds(splits, config, output)
    if config.seeds > 1:
        print(seeds.sentence(), flush=True)
    folder = ship(model, tokenizer, splits, config, seeds=seeds.record())
    forget_seeds(output)
    print(f"\nmodel folder: {folder}\nuse it: python -m classifier.predict --model {folder} page.txt", flush=True)
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
    from training.card import model_card
    from training.class_decision import fit_class_decision
    from training.late_evidence import late_windows, window_logits
    from training.model import licence_of, pad_id
    from training.report import summary
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
    fitted_on = window_logits(ours, texts, splits.validation.targets(len(labels)) >= 0.5)
    aim = Aim(config.decision.review_target, config.decision.review_confidence)
    if config.data.problem_type == "multi_class":
        decision = fit_class_decision(
            fitted_on.logits, fitted_on.counts, fitted_on.true, labels, review_target=aim.target
        )
    else:
        decision, review = fit_decision(
            fitted_on,
            labels,
            aim=aim,
            rules=config.decision.pooling,
            late=late_windows(ours, splits.validation.stories),
            late_share=config.decision.late_evidence,
        )
        contents["review"] = review_record(review, labels)
        print("\n".join(review_lines(contents["review"])), flush=True)
    decision = replace(decision, problem_type=config.data.problem_type)
    logits = window_logits(reference, texts, fitted_on.true).logits
    parity = export.measure_parity(fitted_on.logits, logits, fitted_on.counts, decision)
    contents |= {
        "base_model": {"name": settings.base, "licence": licence_of(config)},
        "training_data": {split.role: data_record(split) for split in _each(splits)},
        "config": public_config(config),
        "seeds": dict(seeds),
        "parity": export.parity_figures(parity),
    }
    export.write_manifest(folder, decision, contents)
    contents["metrics"] = {split.role: measure(folder, split) for split in _each(splits) if split.role != "train"}
    (folder / "README.md").write_text(model_card(contents), encoding="utf-8")
    export.write_manifest(folder, decision, contents)
    for role, metrics in contents["metrics"].items():
        print(f"\n{role}, through the exported folder:\n{summary(metrics)}", flush=True)
    print(
        f"\nopenvino against torch: {parity.agreement:.2%} of decisions the same, "
        f"probabilities within {parity.largest_difference:.4f}",
        flush=True,
    )
    export.check_export(folder, parity, settings.largest_mib)
    export.move_into_place(folder, target)
    return target


def measure(folder: Path, split: Split) -> dict[str, Any]:
    """The metrics of a model folder, on its default engine, over a split."""
    from classifier import Classifier
    from training.metrics import evaluate
    from training.outcomes import score

    classifier = Classifier.load(folder, engine="openvino")
    return evaluate(score(classifier, split.stories, classifier.labels).outcome)


def _each(splits: Splits) -> list[Split]:
    return [split for split in (splits.train, splits.validation, splits.test) if split is not None]


def _describe(splits: Splits, labels: Sequence[str]) -> list[str]:
    """One line a split: how many stories, of which topics, what was dropped."""
    lines = []
    for split in _each(splits):
        counts = split.targets(len(labels)).sum(axis=0).astype(int)
        topics = ", ".join(f"{label} {count}" for label, count in zip(labels, counts, strict=True))
        dropped = "".join(f"; dropped {count} {reason}" for reason, count in split.dropped.items())
        none = sum(not labelled.topics for labelled in split.stories)
        lines.append(f"{split.role}: {len(split.stories)} stories ({topics}, none {none}){dropped}")
    return lines


def data_record(split: Split) -> dict[str, Any]:
    name = " + ".join(Path(one).name if Path(one).suffix else one for one in split.origin.split(" + "))
    return {"name": name, "sha256": split.sha256, "stories": len(split.stories), "dropped": dict(split.dropped)}


def public_config(config: Config) -> dict[str, Any]:
    """The resolved config without where this run lay on its machine."""
    contents = config.model_dump(mode="json")
    contents["model"].pop("base_dir")
    contents.pop("output_dir")
    if config.training.teacher is not None:
        contents["training"]["teacher"] = Path(config.training.teacher).name
    for key in ("train", "validation", "test", "codebook", "corrections", "readings"):
        contents["data"].pop(key)
    return contents


def _fingerprint(config: Config, splits: Splits) -> dict[str, Any]:
    data = {split.role: f"{split.sha256[:16]} ({len(split.stories)} stories)" for split in _each(splits)}
    return {"config": config.model_dump(mode="json"), "data": data}


def _check_earlier_run(output: Path, fingerprint: Mapping[str, Any], *, restart: bool) -> None:
    """Refuses to go on from a run with other settings, or over a finished one."""
    if restart or not (output / "run.json").is_file():
        return
    earlier = _flat(json.loads((output / "run.json").read_bytes()))
    differing = differences(earlier, _flat(fingerprint))
    if differing:
        raise ConfigError(
            bullet_list(f"{output} holds a run with other settings or data", differing)
            + "\nStart over with --restart, or set another output_dir."
        )
    if (output / "model").is_dir():
        raise ConfigError(f"{output}/model: this run is finished. Start over with --restart.")


def _flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """Nested objects as one level, keys joined by dots."""
    if not isinstance(value, Mapping):
        return {prefix: value}
    return {k: v for key, inner in value.items() for k, v in _flat(inner, f"{prefix}.{key}" if prefix else key).items()}


if __name__ == "__main__":
    raise SystemExit(main())
