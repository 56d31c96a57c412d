"""A record's label columns → topics, in the ways in which data sets write them.

    names:    {"labels": ["storm", "talks"]}, in a table "storm|talks"   several, one or none (also "none" in a table)
    numbers:  {"labels": "3"}, also 3, 3.0 and "3.0"                     the place in the label list, from 0
    columns:  {"storm": "1", "talks": "0"}                               one 0/1 column a topic, also TRUE/FALSE

A null (JSON, Parquet) says nothing, as a missing field does: none of the topics is [], or an empty text or cell.

Leaves out: reading records (data.py, tables.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from classifier.error_cells import ERRORS
from classifier.errors import nearest
from classifier.review import NONE
from classifier.stories import Story
from training.config import DataConfig

_BOOLEANS = {"true": 1, "false": 0}  # as Excel, R and pandas write them


def topics_of(story: Story, config: DataConfig, *, in_table: bool = False) -> frozenset[int] | str:
    """The story's topics as indices into the label list, or what is wrong with them: in a table `none` is a word."""
    if problem := _error_of_formula(story, config):
        return problem
    if config.labels_as == "columns":
        topics = _from_columns(story, config)
    elif config.labels_field not in story.columns:
        found = ", ".join(map(str, story.columns))
        return f"{story.id}: no field '{config.labels_field}'. Found: {found}. Name it with data.labels_field."
    elif config.labels_as == "numbers":
        topics = _from_number(story, config)
    else:
        topics = _from_names(story, config, in_table=in_table)
    problem = None if isinstance(topics, str) else wrong_count(topics, config)
    return f"{story.id}: {problem}" if problem else topics


def wrong_count(topics: frozenset[int], config: DataConfig) -> str | None:
    """What is wrong with how many topics a story has; None where that is fine."""
    if config.problem_type == "multi_class" and len(topics) != 1:
        return f"has {len(topics)} topics, data.problem_type multi_class needs exactly one."
    return None


def has_labels(story: Story, config: DataConfig) -> bool:
    """True for a record with a column of labels, whatever is in it but null."""
    return any(story.columns.get(column) is not None for column in _label_columns(config))


def _label_columns(config: DataConfig) -> tuple[str, ...]:
    return config.labels if config.labels_as == "columns" else (config.labels_field,)


def _error_of_formula(story: Story, config: DataConfig) -> str | None:
    """Which cell of labels holds an error of a spreadsheet, by its row and column; None where none does."""
    for column in _label_columns(config):
        value = story.columns.get(column)
        if isinstance(value, str) and (error := value.strip()) in ERRORS:
            return f"{story.where or story.id}: '{column}' holds {error}, an error of a spreadsheet. Correct the cell."
    return None


def names_in(cell: str) -> list[str]:
    """The names in a cell of labels: "storm| talks" -> ["storm", "talks"]."""
    return [name.strip() for name in cell.split("|") if name.strip()]


def says_none(names: Sequence[str], config: DataConfig) -> bool:
    """True for the word `none` alone, where it can only mean none of the topics."""
    return set(names) == {NONE} and NONE not in config.labels and config.problem_type != "multi_class"


def wrong_names(names: Sequence[str], config: DataConfig, *, in_table: bool) -> str | None:
    """What is wrong with the names of a story's topics; None where all are known.

    Args:
        names: As they were written.
        config: Has the known ones.
        in_table: They stand in a table, where `none` alone stands for none of the topics.
    """
    unknown = [name for name in names if name not in config.labels]
    if not unknown:
        return None
    found, may_have_none = unknown[0], config.problem_type != "multi_class"
    nones = [name for name in unknown if name.lower() == NONE]
    others = [name for name in names if name not in nones]
    if nones and others:
        return f"'{nones[0]}' stands alone, here it is beside '{others[0]}'. Remove one of them."
    if nones and may_have_none and not in_table:
        return f"unknown label '{nones[0]}'. For none of the topics leave the cell empty ([] in JSON)."
    if not nones and (problem := _joined_otherwise(found, config, in_table=in_table)):
        return problem
    found = next((name for name in nones if name != NONE), found)  # "None": the word itself is known
    known = (*config.labels, NONE) if in_table and may_have_none and NONE not in config.labels else config.labels
    like = nearest(found.lower() if found in nones else found, known)
    return f"unknown label '{found}'.{like} Known: {', '.join(known)}."


def _joined_otherwise(found: str, config: DataConfig, *, in_table: bool) -> str | None:
    """What to write in place of names joined by ; or , or a list as text; None where it is neither.

    '["storm", "talks"]' -> unknown label '["storm", "talks"]'. Names are joined by '|': write storm|talks.
    """
    is_list = found.startswith("[") and found.endswith("]")
    inner = found[1:-1] if is_list else found
    names = [part.strip().strip("\"'") for part in re.split("[;,]", inner)] if inner.strip() else []
    if not all(name in config.labels for name in names) or not (is_list or len(names) > 1):
        return None
    if not names and config.problem_type != "multi_class":
        return f"unknown label '{found}'. For none of the topics leave the cell empty ([] in JSON)."
    if problem := wrong_count(frozenset(map(config.labels.index, names)), config):
        return problem
    instead = f"write {'|'.join(names)}" + ("" if in_table else f", or a list: {json.dumps(names, ensure_ascii=False)}")
    return f"unknown label '{found}'. Names are joined by '|': {instead}."


def _from_names(story: Story, config: DataConfig, *, in_table: bool) -> frozenset[int] | str:
    value = story.columns[config.labels_field]
    if value is None:
        instead = (
            "expected a topic" if config.problem_type == "multi_class" else "[] or an empty text for none of the topics"
        )
        return f"{story.id}: field '{config.labels_field}' is null; {instead}."
    if isinstance(value, str):
        value = names_in(value)
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        return f"{story.id}: field '{config.labels_field}' is {value!r}, expected a list of topic names."
    if in_table and says_none(value, config):
        return frozenset()
    if problem := wrong_names(value, config, in_table=in_table):
        return f"{story.id}: {problem}"
    return frozenset(config.labels.index(name) for name in value)


def _from_number(story: Story, config: DataConfig) -> frozenset[int] | str:
    is_binary = config.problem_type == "binary"
    value = (_yes_or_no if is_binary else _whole_number)(story.columns[config.labels_field])
    highest = 1 if is_binary else len(config.labels) - 1
    if value is None or not 0 <= value <= highest:
        found = story.columns[config.labels_field]
        return f"{story.id}: field '{config.labels_field}' is {found!r}, expected a number from 0 to {highest}."
    if is_binary:
        return frozenset([0] if value else [])
    return frozenset([value])


def _from_columns(story: Story, config: DataConfig) -> frozenset[int] | str:
    topics = []
    for index, label in enumerate(config.labels):
        if label not in story.columns:
            found = ", ".join(map(str, story.columns))
            return f"{story.id}: no field '{label}'. Found: {found}. data.labels_as columns needs one a topic."
        value = _yes_or_no(story.columns[label])
        if value not in (0, 1):
            return f"{story.id}: field '{label}' is {story.columns[label]!r}, expected 0 or 1."
        topics += [index] * value
    return frozenset(topics)


def _yes_or_no(value: Any) -> int | None:
    """As `_whole_number`, and "TRUE" -> 1, "false" -> 0."""
    word = value.strip().lower() if isinstance(value, str) else ""
    return _BOOLEANS[word] if word in _BOOLEANS else _whole_number(value)


def _whole_number(value: Any) -> int | None:
    """3, True, 3.0, "3", "3.0" -> an int; None for anything else: a table with an empty cell may have floats alone."""
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return int(value)
    text = value.strip() if isinstance(value, str) else ""
    return int(text.partition(".")[0]) if re.fullmatch(r"[0-9]+(\.0+)?", text) else None
