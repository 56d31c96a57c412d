"""The model folder: load its manifest, verify its files, fail closed.

A model folder is data (safetensors, OpenVINO IR, JSON), never code. `manifest.json` holds how logits become topics,
where the model comes from, and the SHA-256 of every other file; `config.json` beside it must give the same topics in
the same order. Leaves out: running the model (engines/).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classifier.decide import POOLINGS, PROBLEM_TYPES, Decision, ProblemType
from classifier.errors import ModelError, bullet_list

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"
SHIPPED_MODELS = Path(__file__).parent / "models"
_PER_TOPIC = ("pooling", "temperature", "bias", "thresholds", "review_band")
_PER_TOPIC_OR_ABSENT = ("late_margin",)
_REQUIRED = ("schema_version", "name", "labels", "max_length", "stride", "pad_id", *_PER_TOPIC, "files")
_TYPES: Mapping[str, tuple[type, str]] = {
    "name": (str, "text"),
    "labels": (list, "a list"),
    **dict.fromkeys(("max_length", "stride", "pad_id"), (int, "a whole number")),
    **dict.fromkeys((*_PER_TOPIC, *_PER_TOPIC_OR_ABSENT), (list, "a list")),
    "files": (dict, "an object"),
}
_EARLIER_PROBLEM_TYPE = "multi_label_classification"  # what manifests of this schema said before there were others
_REPAIR = "The folder is damaged or hand-edited; export it again."


@dataclass(frozen=True, slots=True)
class Manifest:
    """A verified `manifest.json`.

    Attributes:
        model_dir: The folder.
        id: Name and the first 8 hex digits of the manifest's SHA-256, such as "news@1f3a9c2b".
        decision: How logits become topics.
        max_length: Tokens of a window, special tokens included.
        stride: Tokens that neighbouring windows share.
        pad_id: The tokenizer's padding id.
        files: SHA-256 of every other file of the folder, by name.
        contents: The whole JSON.
    """

    model_dir: Path
    id: str
    decision: Decision
    max_length: int
    stride: int
    pad_id: int
    files: Mapping[str, str]
    contents: Mapping[str, Any]

    @property
    def labels(self) -> tuple[str, ...]:
        """The topics, in the order of the logits."""
        return self.decision.labels

    def verify(self, names: Iterable[str]) -> None:
        """Compares these files with their SHA-256.

        Raises:
            ModelError: If one is missing, not listed or different.
        """
        problems = []
        for name in names:
            path = self.model_dir / name
            if name not in self.files:
                problems.append(f"{name}: not listed in {MANIFEST}")
            elif not path.is_file():
                problems.append(f"{name}: missing")
            elif (found := sha256(path)) != self.files[name]:
                problems.append(f"{name}: SHA-256 is {found[:12]}…, {MANIFEST} says {self.files[name][:12]}…")
        if problems:
            raise ModelError(bullet_list(str(self.model_dir), problems) + f"\n{_REPAIR}")


def sha256(path: Path) -> str:
    """The SHA-256 of a file, 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def find_model(model: str | Path) -> Path:
    """The folder of a model given as a folder or as the name of a shipped model.

    Raises:
        ModelError: If there is neither.
    """
    folder = Path(model)
    if folder.is_dir():
        return folder
    if (SHIPPED_MODELS / model / MANIFEST).is_file():
        return SHIPPED_MODELS / model
    shipped = sorted(path.parent.name for path in SHIPPED_MODELS.glob(f"*/{MANIFEST}"))
    raise ModelError(
        f"{model}: no such model folder. Shipped models: {', '.join(shipped) or 'none'}. "
        "Name one of them, or a folder that training.train wrote."
    )


def load_manifest(model: str | Path) -> Manifest:
    """Reads and checks the manifest of a model folder; the other files are verified when they are used.

    Raises:
        ModelError: If the folder, the manifest or a value of it is missing or wrong, with all problems at once.
    """
    folder = find_model(model)
    path = folder / MANIFEST
    if not path.is_file():
        hint = " It looks like a plain Transformers checkpoint." if (folder / "config.json").is_file() else ""
        raise ModelError(f"{folder}: no {MANIFEST}.{hint} Name a folder that training.train wrote.")
    raw = path.read_bytes()
    try:
        contents = json.loads(raw)
    except ValueError as error:
        raise ModelError(f"{path}: not JSON ({error}). {_REPAIR}") from error
    _check_schema(folder, contents)
    problems = _problems(contents)
    if len(problems) == 1:
        raise ModelError(f"{folder}: {problems[0]} {_REPAIR}")
    if problems:
        raise ModelError(bullet_list(str(folder), problems) + f"\n{_REPAIR}")
    _check_label_order(folder, contents["labels"])
    return Manifest(
        model_dir=folder,
        id=f"{contents['name']}@{hashlib.sha256(raw).hexdigest()[:8]}",
        decision=_decision(contents),
        max_length=contents["max_length"],
        stride=contents["stride"],
        pad_id=contents["pad_id"],
        files=contents["files"],
        contents=contents,
    )


def _check_schema(folder: Path, contents: Any) -> None:
    """Refuses a folder of another version of this package, which may be in good order."""
    found = contents.get("schema_version", SCHEMA_VERSION) if isinstance(contents, dict) else SCHEMA_VERSION
    if found != SCHEMA_VERSION:
        raise ModelError(
            f"{folder}: schema_version of {MANIFEST} is {found!r}, this version of the package reads {SCHEMA_VERSION}. "
            "Use the version that wrote the folder, or export it again."
        )


def _problems(contents: Any) -> list[str]:
    """What is wrong with a manifest, one sentence each."""
    if not isinstance(contents, dict):
        return [f"{MANIFEST} holds {type(contents).__name__}, not an object."]
    missing = [key for key in _REQUIRED if key not in contents]
    if missing:
        return [f"{MANIFEST} lacks {', '.join(missing)}."]
    wrong = [
        f"{key} is {contents[key]!r}, expected {expected}."
        for key, (kind, expected) in _TYPES.items()
        if key in contents and not isinstance(contents[key], kind)
    ]
    return wrong or _wrong_entries(contents) or [*_wrong_problem_type(contents), *_out_of_range(contents)]


def _wrong_entries(contents: Mapping[str, Any]) -> list[str]:
    """Lists of the wrong length or with entries of the wrong kind."""
    count = len(contents["labels"])
    problems = [
        f"{key} has {len(contents[key])} entries, labels has {count}."
        for key in (*_PER_TOPIC, *_PER_TOPIC_OR_ABSENT)
        if key in contents and len(contents[key]) != count
    ]
    if not count or not all(isinstance(label, str) for label in contents["labels"]):
        problems.append(f"labels is {contents['labels']}, expected names.")
    for key in ("temperature", "bias", "thresholds", "late_margin"):
        if key in contents and not all(map(_is_number, contents[key])):
            problems.append(f"{key} is {contents[key]}, expected numbers.")
    bands = contents["review_band"]
    if not all(isinstance(band, list) and len(band) == 2 and all(map(_is_number, band)) for band in bands):
        problems.append(f"review_band is {bands}, expected pairs of numbers.")
    return problems


def _problem_type(contents: Mapping[str, Any]) -> Any:
    """As written; multi-label where the manifest is older than the other types."""
    found = contents.get("problem_type", _EARLIER_PROBLEM_TYPE)
    return "multi_label" if found == _EARLIER_PROBLEM_TYPE else found


def _wrong_problem_type(contents: Mapping[str, Any]) -> list[str]:
    """An unknown type, or one that does not go with the number of labels."""
    found, count = _problem_type(contents), len(contents["labels"])
    if found not in PROBLEM_TYPES:
        return [f"problem_type is {found!r}, allowed are {', '.join(PROBLEM_TYPES)}."]
    if (found == "binary" and count != 1) or (found == "multi_class" and count < 2):
        return [f"problem_type is {found}, labels has {count} {'entry' if count == 1 else 'entries'}."]
    if found == "multi_class" and len(set(contents["pooling"])) > 1:
        return [f"pooling is {contents['pooling']}, classes that exclude each other need the same rule for all."]
    return []


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _out_of_range(contents: Mapping[str, Any]) -> list[str]:
    """Values that no decision can be made with."""
    problems = []
    if any(rule not in POOLINGS for rule in contents["pooling"]):
        problems.append(f"pooling is {contents['pooling']}, allowed are {', '.join(POOLINGS)}.")
    if "lead" in contents["pooling"] and "late_margin" not in contents:
        problems.append("pooling has lead, late_margin is missing.")
    if any(value < 0 for value in contents.get("late_margin", ())):
        problems.append(f"late_margin is {contents['late_margin']}, each must be at least 0.")
    if not all(value > 0 for value in contents["temperature"]):
        problems.append(f"temperature is {contents['temperature']}, each must be above 0.")
    if not all(0 < value < 1 for value in contents["thresholds"]):
        problems.append(f"thresholds is {contents['thresholds']}, each must lie between 0 and 1.")
    if not 0 <= contents["stride"] < contents["max_length"] - 2:
        problems.append(f"stride is {contents['stride']}, max_length is {contents['max_length']}.")
    return problems


def _check_label_order(folder: Path, labels: list[str]) -> None:
    """Refuses a folder whose `config.json` names other topics, or the same in another order."""
    path = folder / "config.json"
    if not path.is_file():
        raise ModelError(f"{folder}: config.json: missing. {_REPAIR}")
    try:
        id2label = json.loads(path.read_bytes())["id2label"]
        found = [str(id2label[key]) for key in sorted(id2label, key=int)]
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: no readable id2label ({type(error).__name__}: {error}). {_REPAIR}") from error
    if found != labels:
        raise ModelError(
            f"{folder}: config.json has the labels {', '.join(found)}, {MANIFEST} has {', '.join(labels)}. {_REPAIR}"
        )


def _decision(contents: Mapping[str, Any]) -> Decision:
    problem_type: ProblemType = _problem_type(contents)
    band = np.asarray(contents["review_band"], dtype=np.float64).reshape(-1, 2)
    return Decision(
        labels=tuple(contents["labels"]),
        pooling=tuple(contents["pooling"]),
        temperature=np.asarray(contents["temperature"], dtype=np.float64),
        bias=np.asarray(contents["bias"], dtype=np.float64),
        thresholds=np.asarray(contents["thresholds"], dtype=np.float64),
        review_low=band[:, 0],
        review_high=band[:, 1],
        problem_type=problem_type,
        late_margin=np.asarray(contents.get("late_margin", [0.0]), dtype=np.float64),
    )
