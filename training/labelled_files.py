"""The labelled stories that a command line names: its options, and what is wrong with them in its own words.

Leaves out: reading and checking them (data.py), where a config names them (config.py).
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from classifier.errors import DataError, InputError, alike_as_one, bullet_list
from classifier.manifest import Manifest
from classifier.stories import Story
from training.config import DataConfig, DecisionConfig
from training.data import load_split
from training.filled import is_sheet, sheet_fields
from training.labels import names_in, topics_of
from training.named_fields import check_named_fields
from training.reading import same_data
from training.review_band import Aim
from training.splits import Labelled, Split

_FIELDS = ("text", "title", "labels", "primary")
_SETTING = re.compile(r"\bdata\.(\w+_field|labels_as|columns)\b")  # of a config, in messages
_LABELS_FIELD = re.compile(r"(data\.labels_field|--labels-field)\b")
_PURPOSES = {"test": "evaluate", "validation": "fit"}


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that say where in the file what stands."""
    option = parser.add_argument
    option(
        "--labels-as",
        choices=("names", "numbers", "columns"),
        default="names",
        help="names of topics, their places from 0, or a 0/1 (TRUE/FALSE) column for each (default: names)",
    )
    option("--columns", type=_names, metavar="A,B", help="the columns of a table without a header line")
    for name in _FIELDS:
        option(f"--{name}-field", default=name, metavar="F", help=f"column of the {name} (default: {name})")


def add_fitting_data(parser: argparse.ArgumentParser) -> None:
    """The options that name the stories that something is fitted on."""
    option = parser.add_argument
    option(
        "--data",
        required=True,
        nargs="+",
        metavar="FILE",
        help="labelled stories to fit on: text, labels, perhaps title",
    )
    option("--readings", metavar="FILE", help="what readers said of them, by id, as in data.validation_readings")
    option("--test", metavar="FILE", help="labelled stories that the new folder is measured on once")


def share_above(least: float, example: float) -> Callable[[str], float]:
    """The type of an option that is a share, above this and below 1."""

    def parsed(value: str) -> float:
        with suppress(ValueError):
            if least < float(value) < 1:
                return float(value)
        raise argparse.ArgumentTypeError(f"{value}: expected a share above {least:g} and below 1, such as {example}")

    return parsed


def _names(value: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in value.split(","))
    if not all(names):
        raise argparse.ArgumentTypeError(f"expected names joined by commas, such as text,labels, got '{value}'")
    return names


def decision_settings(manifest: Manifest) -> DecisionConfig:
    """What the model's config says of its decision rule: defaults where it says nothing."""
    return DecisionConfig(**manifest.contents.get("config", {}).get("decision", {}))


def review_aim(manifest: Manifest) -> Aim:
    """What the model's review bands are to reach: by their record, else by its config, else by default."""
    settings, record = decision_settings(manifest), manifest.contents.get("review") or {}
    return Aim(
        record.get("target", settings.review_target),
        record.get("confidence", settings.review_confidence),
    )


def data_config(arguments: argparse.Namespace, manifest: Manifest) -> DataConfig:
    """How the file is read: labels and kind of problem are the model's.

    Raises:
        InputError: If the labels cannot stand there in that way.
    """
    kind = manifest.decision.problem_type
    if arguments.labels_as == "numbers" and kind == "multi_label":
        raise InputError("--labels-as numbers: the model gives several topics. Use names or columns.")
    return DataConfig(
        train=arguments.data,
        validation_readings=getattr(arguments, "readings", None),
        labels=manifest.labels,
        problem_type=kind,
        labels_as=arguments.labels_as,
        columns=arguments.columns,
        **{f"{name}_field": getattr(arguments, f"{name}_field") for name in _FIELDS},
    )


def load_fitting_data(arguments: argparse.Namespace, config: DataConfig) -> list[Split]:
    """What `add_fitting_data` names: the stories to fit on and, where there are some, those to measure on.

    Raises:
        InputError: If both name the same stories.
        ClassifierError: As `load` does.
    """
    test = arguments.test
    if test is not None and any(same_data(("validation", one), ("test", test)) for one in arguments.data):
        raise InputError(
            f"--test: {test} is one of --data too. Name other stories, or leave --test out: figures on stories that a "
            "rule was fitted on say little."
        )
    named = {"validation": arguments.data, "test": test}
    return _load({role: origin for role, origin in named.items() if origin is not None}, config)


def load(role: str, origin: str | Sequence[str], config: DataConfig) -> Split:
    """The labelled stories of a file or hub dataset.

    Args:
        role: "test" for stories to evaluate on, "validation" for stories to fit on.
        origin: The file, or "owner/name:split"; or several.
        config: What `data_config` gives.

    Raises:
        DataError: With all unreadable records, unknown labels and unknown primary topics; or if there is no story, or
            none has a field that was named.
        InputError: If it cannot be read.
    """
    return _load({role: origin}, config)[0]


def load_second(split: Split, field: str, config: DataConfig) -> Split:
    """The stories of a split with another labeller's topics, which stand in a column of their own.

    Raises:
        DataError: With all stories of which the column says nothing, or names unknown topics.
    """
    try:
        if is_sheet(split.origin):  # whose labels stand in `labels`, whatever a config names
            return _second_of_sheet(split, sheet_fields(config).model_copy(update={"labels_field": field}))
        return load(split.role, split.origin, config.model_copy(update={"labels_field": field}))
    except DataError as error:
        raise DataError(_LABELS_FIELD.sub("--second-labels", str(error))) from error


def _second_of_sheet(split: Split, fields: DataConfig) -> Split:
    kept: list[Labelled] = []
    problems: list[str] = []
    for story in (labelled.story for labelled in split.stories):
        topics = _topics_in_sheet(story, fields)
        if isinstance(topics, str):
            problems.append(topics)
        else:
            kept.append(Labelled(story, topics))
    if problems:
        raise DataError(bullet_list(split.origin, alike_as_one(problems)))
    return replace(split, stories=kept)


def _topics_in_sheet(story: Story, fields: DataConfig) -> frozenset[int] | str:
    """The topics of a row, or what is wrong with them: in a review sheet an empty cell is no answer."""
    if (cell := story.columns.get(fields.labels_field)) is not None and not names_in(str(cell)):
        return f"{story.id}: no label in '{fields.labels_field}', as if nobody had looked. Fill it, or delete the row."
    return topics_of(story, fields, in_table=True)


def _load(named: Mapping[str, str | Sequence[str]], config: DataConfig) -> list[Split]:
    try:
        splits = [_filled(load_split(role, origin, config)) for role, origin in named.items()]
        check_named_fields(splits, config)
    except (DataError, InputError) as error:
        raise type(error)(_SETTING.sub(_option, str(error))) from error
    return splits


def _filled(split: Split) -> Split:
    if not split.stories:
        found = f"Left out: {split.left_out}." if split.left_out else "There is no record in it."
        raise DataError(f"{split.origin}: no story to {_PURPOSES[split.role]} on. {found}")
    return split


def _option(setting: re.Match[str]) -> str:
    """data.labels_field -> --labels-field."""
    return "--" + setting[1].replace("_", "-")
