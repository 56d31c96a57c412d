"""`python -m benchmarks.conflibert`: the conflict-news tasks of ConfliBERT, beside its published figures.

Trains every config in configs/benchmarks/ with `--seeds` seeds (a finished run is read, an interrupted one goes on),
scores each exported model once on the test file, and prints the mean over the seeds: on the test file as published, and
without the test stories that also stand in the training file (the same words in the same order; case and punctuation
do not count). Figures are those of the published evaluation code (eventdata/ConfliBERT, finetune_data.py): F1 of the
yes for a binary task, macro-F1 over the classes for a multi-class one, `example_based_f1` for a multi-label one. A test
story without text, of which there is one, is not scored. The published figures are means of three seeds of models of
110 M parameters (Hu et al. 2022, NAACL).
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifier import Classifier
from classifier.command import run_command
from classifier.decide import ProblemType
from classifier.errors import ConfigError, bullet_list, differences, nearest
from classifier.manifest import load_manifest
from training.config import Config, load_config
from training.data import load_split
from training.metrics import f1_scores
from training.outcomes import score
from training.public_config import public_config
from training.splits import Split
from training.train import train

Bools = NDArray[np.bool_]
CONFIGS = Path(__file__).parents[1] / "configs" / "benchmarks"
PUBLISHED: Mapping[str, float] = {
    "BBC_News": 0.981,
    "IndiaPoliceEvents_docs": 0.708,
    "IndiaPoliceEvents_sents": 0.686,
    "insightCrime": 0.696,
    "satp_relevant": 0.894,
    "cameo_class": 0.895,
}
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run on its test file.

    Attributes:
        seed: Of the training.
        validation: Macro-F1 on validation, on which nothing but the choice of a seed depends here.
        published: The task's figure on the test file as published.
        unseen: The same without the stories that also stand in the training file.
        stories: In the test file.
        seen: Of these, how many also stand in the training file.
    """

    seed: int
    validation: float
    published: float
    unseen: float
    stories: int
    seen: int


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 a problem that the user can solve, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.conflibert", description="Conflict-news benchmarks.")
    tasks = f"of {', '.join(PUBLISHED)} (default: all)"
    parser.add_argument("--tasks", nargs="+", default=list(PUBLISHED), metavar="TASK", help=tasks)
    parser.add_argument("--seeds", type=int, default=3, metavar="N", help="trainings of each task (default: 3)")
    parser.add_argument("--results", type=Path, metavar="FILE", help="writes all figures there, as JSON")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="such as model.base_dir=FOLDER")
    arguments = parser.parse_args(argv)
    warnings.filterwarnings("ignore", module=r"torch|transformers|nncf|openvino|accelerate")
    goes_on = "interrupted. The same command goes on from the last finished epoch."
    return run_command(partial(_run, arguments), interrupted=goes_on)


def _run(arguments: argparse.Namespace) -> int:
    results = {task: run_task(task, arguments.seeds, arguments.set) for task in _known(arguments.tasks)}
    print(table(results))
    if arguments.results is not None:
        contents = {task: [asdict(run) for run in runs] for task, runs in results.items()}
        arguments.results.write_text(json.dumps(contents, indent=2) + "\n", encoding="utf-8")
    return 0


def _known(tasks: Sequence[str]) -> Sequence[str]:
    for task in tasks:
        if task not in PUBLISHED:
            raise ConfigError(f"task '{task}' is not known.{nearest(task, PUBLISHED)} Known: {', '.join(PUBLISHED)}.")
    return tasks


def run_task(task: str, seeds: int, overrides: Sequence[str]) -> list[Run]:
    """One run a seed, trained where it is not finished yet.

    Raises:
        ClassifierError: If config or data stand against it, or a finished run had other settings.
    """
    config = load_config(CONFIGS / f"{task}.yaml", overrides)
    runs = []
    for seed in range(config.seed, config.seed + seeds):
        folder = Path(config.output_dir) / f"seed-{seed}"
        one = config.model_copy(update={"seed": seed, "seeds": 1, "output_dir": str(folder)})
        if not (folder / "model").is_dir():
            print(f"\n{task}, seed {seed}", flush=True)
            train(one)
        runs.append(measure(one))
    return runs


def measure(config: Config) -> Run:
    """What a finished run has on its test file.

    Raises:
        ConfigError: If its settings were others, or the config names no test file.
    """
    folder = Path(config.output_dir) / "model"
    contents = load_manifest(folder).contents
    other = differences(_flat(contents["config"]), _flat(public_config(config)))
    if other:
        raise ConfigError(
            bullet_list(f"{folder} was trained with other settings", other) + "\nRemove it to train again."
        )
    if config.data.test is None:
        raise ConfigError("data.test: missing, nothing to measure on.")
    train_split, test = (
        load_split(role, origin, config.data)
        for role, origin in (("train", config.data.train), ("test", config.data.test))
    )
    outcome = score(Classifier.load(folder, engine="openvino"), test.stories, config.data.labels).outcome
    figure, fresh = FIGURES[config.data.problem_type], ~seen_in(test, train_split)
    return Run(
        seed=config.seed,
        validation=contents["metrics"]["validation"]["macro_f1"],
        published=figure(outcome.predicted, outcome.true),
        unseen=figure(outcome.predicted[fresh], outcome.true[fresh]),
        stories=len(test.stories),
        seen=int((~fresh).sum()),
    )


def _flat(config: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    """Sections and keys as one level, lists as JSON writes them."""
    sections = {key: value if isinstance(value, Mapping) else {"": value} for key, value in config.items()}
    return {f"{section}.{key}".rstrip("."): value for section, keys in sections.items() for key, value in keys.items()}


def seen_in(test: Split, train_split: Split) -> Bools:
    """Which test stories have the words of a training story, in the same order; shape (stories,)."""
    known = {words(labelled.text) for labelled in train_split.stories}
    return np.array([words(labelled.text) in known for labelled in test.stories], dtype=bool)


def words(text: str) -> str:
    """Lower-case words with a blank between them: "It's  ON." -> "it s on"."""
    return " ".join(_WORD.findall(text.lower()))


def example_based_f1(predicted: Bools, true: Bools) -> float:
    """Mean over the stories of 2 |predicted and true| / (|predicted| + |true|).

    As in the published code (example_based.py), a story with neither a true nor a predicted topic is left out: it is
    neither right nor wrong. A story with only one of the two counts 0. Without any story left the figure is 0.

        true {a, b}, predicted {a} -> 2/3;  true {}, predicted {a} -> 0;  true {}, predicted {} -> left out

    Args:
        predicted: Shape (stories, topics).
        true: Shape (stories, topics).
    """
    sizes = predicted.sum(axis=1) + true.sum(axis=1)
    counted = sizes > 0
    if not counted.any():
        return 0.0
    return float((2 * (predicted & true).sum(axis=1)[counted] / sizes[counted]).mean())


def mean_f1(predicted: Bools, true: Bools) -> float:
    """Mean F1 over the topics; of one topic, its F1."""
    return float(f1_scores(predicted, true).mean())


FIGURES: Mapping[ProblemType, Callable[[Bools, Bools], float]] = {
    "binary": mean_f1,
    "multi_class": mean_f1,
    "multi_label": example_based_f1,
}


def table(results: Mapping[str, Sequence[Run]]) -> str:
    """Tasks down; published, ours (mean and standard deviation), the seed that validation keeps, ours on unseen."""
    lines = [
        f"{'task':<24} {'stories':>7} {'published':>9}  {'ours':<15} {'kept':>6} {'better':>7}  {'in train':>8} "
        f"{'ours without these':>18}"
    ]
    for task, runs in results.items():
        kept = max(runs, key=lambda run: run.validation)
        ours = statistics.mean(run.published for run in runs)
        lines.append(
            f"{task:<24} {runs[0].stories:>7} {PUBLISHED[task]:>9.3f}  {_spread([run.published for run in runs]):<15} "
            f"{kept.published:>6.3f} {ours - PUBLISHED[task]:>+7.3f}  {runs[0].seen:>8} "
            f"{_spread([run.unseen for run in runs]):>18}"
        )
    counts = sorted({len(runs) for runs in results.values()})
    lines.append(
        f"ours: mean (standard deviation) of {', '.join(map(str, counts))} seeds; kept: the best by validation"
    )
    return "\n".join(lines)


def _spread(values: Sequence[float]) -> str:
    deviation = f" ({statistics.stdev(values):.3f})" if len(values) > 1 else ""
    return f"{statistics.mean(values):.3f}{deviation}"


if __name__ == "__main__":
    raise SystemExit(main())
