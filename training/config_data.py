"""What must go together in the section `data` of a config: labels and kind of problem, and which files have which role.

Leaves out: each setting by itself (config.py), what stands in the files (data.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from classifier.printed import STEERING
from training.reading import same_data

if TYPE_CHECKING:
    from training.config import DataConfig


def check_labels(data: DataConfig) -> None:
    """Refuses names of topics that no table could hold and give back, and names that stand twice.

    Raises:
        ValueError: With every such name.
    """
    found = [f"{name!r} {problem}." for name in dict.fromkeys(data.labels) if (problem := _wrong_name(name))]
    if found:
        raise ValueError(f"data.labels: {' '.join(found)} Choose another name, without blanks around it.")
    twice = sorted({label for label in data.labels if data.labels.count(label) > 1})
    if twice:
        raise ValueError(f"data.labels: {', '.join(twice)} given twice.")


def _wrong_name(name: str) -> str | None:
    if not name.strip():
        return "is empty"
    if "|" in name:
        return "has a '|', which stands between the topics of a story in CSV"
    if len(f"{name}.".splitlines()) > 1:
        return "has a line break"
    if STEERING.search(name):
        return "has a control character"
    return None if name == name.strip() else "begins or ends with a blank"


def check_problem_type(data: DataConfig) -> None:
    """Refuses labels that do not go with the problem type, or with how the files give them.

    Raises:
        ValueError: With the setting, what was found and what is needed.
    """
    kind, count = data.problem_type, len(data.labels)
    if (kind == "binary" and count != 1) or (kind == "multi_class" and count < 2):
        wanted = "exactly one topic (the stories without it are the no)" if kind == "binary" else "two topics or more"
        raise ValueError(f"data.labels: {count} given. data.problem_type {kind} needs {wanted}.")
    if data.labels_as == "numbers" and kind == "multi_label":
        raise ValueError("data.labels_as: numbers needs data.problem_type multi_class or binary.")
    missing = [label for label in data.labels if data.columns and label not in data.columns]
    if data.labels_as == "columns" and missing:
        raise ValueError(f"data.columns: no column {', '.join(missing)}. data.labels_as columns needs one a topic.")


def check_roles(data: DataConfig) -> None:
    """Refuses stories that two of train, validation and test would share.

    Train and validation may name one file where both have readings: these say which of its stories are whose, and one
    that stands in neither is nobody's. Test has none, and takes every story of its file. What data.unlabelled names
    plays no part here.

    Raises:
        ValueError: With every file that is named for two roles.
    """
    origins = _origins(data)
    found = [
        f"data.{second}: {origin} is one of data.{first} too. {_ADVICE[second]}"
        for first, second in combinations(origins, 2)
        if not (_is_divided(data) and second == "validation")
        for origin in origins[second]
        if any(same_data((first, other), (second, origin)) for other in origins[first])
    ]
    if found:
        raise ValueError(" ".join(found))


def shared_origins(data: DataConfig, role: str) -> frozenset[str]:
    """What train and validation both name, as the role names it: its readings say which of the stories are its own."""
    other = {"train": "validation", "validation": "train"}.get(role)
    if other is None or not _is_divided(data):
        return frozenset()
    origins = _origins(data)
    return frozenset(
        origin for origin in origins[role] if any(same_data((role, origin), (other, name)) for name in origins[other])
    )


def _origins(data: DataConfig) -> dict[str, Sequence[str]]:
    named = {"train": data.train, "validation": data.validation, "test": data.test}
    return {role: (given,) if isinstance(given, str) else given or () for role, given in named.items()}


def _is_divided(data: DataConfig) -> bool:
    return data.readings is not None and data.validation_readings is not None


_ADVICE = {
    "validation": "Name other stories, or leave data.validation out: a part of the training stories is then held out.",
    "test": "Name other stories, or leave data.test out: figures on stories that a model was fitted on say little.",
}
