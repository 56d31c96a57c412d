"""`python -m training.evaluate --model DIR --data FILE [--compare DIR] [--out REPORT/]`: how good a model is.

Leaves out: the figures themselves (evaluation.py, compare.py), what they look like (report.py for the terminal,
report_folder.py). Exit codes: 0 done, 1 a problem that the user can solve, 2 a wrong command line.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from classifier import Classifier
from classifier.command import run_command
from classifier.engines import ENGINES
from classifier.errors import DataError, InputError, bullet_list
from classifier.pipeline import DEFAULT_MODEL
from classifier.printed import printable
from training.loading import loading

with loading("evaluation"):
    from training.ceiling import agreement, stated
    from training.compare import compare
    from training.evaluation import Settings, evaluation
    from training.labelled_files import add_options, data_config, load, load_second
    from training.metrics import SAMPLES
    from training.outcomes import score
    from training.report import text_report
    from training.slices import check_fields


_SLICED = ("source", "date")


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code."""
    return run_command(partial(_run, _parser().parse_args(argv)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate",
        description="Measure a model on labelled stories: JSONL, CSV, a spreadsheet, Parquet, or a datasets hub id.",
    )
    option = parser.add_argument
    option("--model", default=DEFAULT_MODEL, metavar="DIR", help="a model folder, or news-fast (default: news)")
    option("--data", required=True, metavar="FILE", help="labelled stories that the model has not seen")
    option("--compare", metavar="DIR", help="the old model: is --model better than it?")
    option("--out", metavar="FOLDER", type=Path, help="writes report.md, report.json, plots and sheets there")
    ceiling = parser.add_mutually_exclusive_group().add_argument
    ceiling("--ceiling", action="append", type=_ceiling, metavar="F1", help="labellers' agreement: F1, or TOPIC=F1")
    ceiling("--second-labels", metavar="F", help="column with another labeller's topics: the agreement is computed")
    option(
        "--slice", action="append", default=[], metavar="F", help="a column to slice by, beside source, year, length"
    )
    option("--min-slice", type=_at_least(1), default=20, metavar="N", help="fewest stories of a slice (default: 20)")
    option(
        "--samples",
        type=_at_least(100),
        default=SAMPLES,
        metavar="N",
        help=f"draws for the intervals (default: {SAMPLES})",
    )
    option("--engine", default="auto", metavar="NAME", help=f"one of {', '.join(ENGINES)} (default: auto)")
    option("--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)")
    option("--no-cascade", action="store_true", help="measure the whole model alone")
    add_options(parser)
    for name in _SLICED:
        option(f"--{name}-field", default=name, metavar="F", help=f"column of the {name} (default: {name})")
    return parser


def _ceiling(value: str) -> tuple[str, float]:
    topic, _, number = value.rpartition("=")
    try:
        f1 = float(number)
    except ValueError:
        f1 = -1.0
    if not 0 < f1 <= 1:
        raise argparse.ArgumentTypeError(f"expected an F1 above 0, up to 1, such as 0.96 or sports=0.96, got '{value}'")
    return topic, f1


def _at_least(least: int) -> Any:
    def parse(value: str) -> int:
        if not value.isdecimal() or int(value) < least:
            raise argparse.ArgumentTypeError(f"expected a whole number of at least {least}, got '{value}'")
        return int(value)

    return parse


def _run(arguments: argparse.Namespace) -> int:
    """Measures, writes the report folder where one is named, and prints the text for the terminal."""
    names = [arguments.model, *([arguments.compare] if arguments.compare else [])]
    how = {"engine": arguments.engine, "device": arguments.device, "cascade": not arguments.no_cascade}
    models = [Classifier.load(name, **how) for name in names]
    _check_same_labels(models)
    labels = models[0].labels
    settings = _settings(arguments, labels)
    if arguments.labels_as == "columns" and arguments.second_labels is not None:
        raise InputError("--second-labels names one column: it does not go with --labels-as columns.")
    config = data_config(arguments, models[0].manifest)
    split = load("test", arguments.data, config)
    check_fields([labelled.story for labelled in split.stories], _asked(arguments), arguments.date_field)
    if arguments.second_labels is not None:
        second = load_second(split, arguments.second_labels, config)
        settings = replace(settings, ceiling=agreement(split, second, labels, arguments.second_labels))
    scored = [score(model, split.stories, labels) for model in models]
    if not scored[0].stories:
        raise DataError(bullet_list(f"{split.origin}: no story can be scored", scored[0].errors))
    contents = evaluation(models[0], split, scored[0], settings)
    if arguments.compare:
        found = compare(scored[1].outcome, scored[0].outcome, samples=settings.samples)
        contents["comparison"] = {"old_model": models[1].manifest.id, **found}
    text = text_report(contents)
    if arguments.out is not None:
        from training.report_folder import write_report  # Matplotlib takes a second

        old = scored[1].outcome if arguments.compare else None
        write_report(arguments.out, contents, models[0].manifest.decision, scored[0], old)
        text += f"\n\nreport: {arguments.out / 'report.md'}"
    print(printable(text))
    return 0


def _asked(arguments: argparse.Namespace) -> list[tuple[str, str]]:
    """Each column that the command line names to slice by, behind its option."""
    given = {name: getattr(arguments, f"{name}_field") for name in _SLICED}
    named = [(f"--{name}-field", field) for name, field in given.items() if field != name]  # a default may be missing
    return [*(("--slice", field) for field in arguments.slice), *named]


def _settings(arguments: argparse.Namespace, labels: Sequence[str]) -> Settings:
    return Settings(
        samples=arguments.samples,
        least=arguments.min_slice,
        fields=tuple(dict.fromkeys([arguments.source_field, *arguments.slice])),
        date_field=arguments.date_field,
        ceiling=stated(dict(arguments.ceiling), labels) if arguments.ceiling else None,
    )


def _check_same_labels(models: Sequence[Classifier]) -> None:
    """Refuses to compare models that answer different questions.

    Raises:
        InputError: With the labels of both.
    """
    if len({frozenset(model.labels) for model in models}) > 1:
        shown = "; ".join(f"{model.manifest.id} has {', '.join(model.labels)}" for model in models)
        raise InputError(f"--compare: the models have different labels: {shown}. Compare models with the same labels.")


if __name__ == "__main__":
    raise SystemExit(main())
