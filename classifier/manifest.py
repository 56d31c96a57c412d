"""The model folder: load its manifest, verify its files, fail closed.

A model folder is data (safetensors, OpenVINO IR, JSON), never code. `manifest.json` holds how logits become topics,
where the model comes from, and the SHA-256 of every other file; `config.json` beside it must give the same topics in
the same order. Leaves out: what values a manifest may hold (manifest_checks.py), running the model (engines/).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classifier.cascade import Cascade
from classifier.decide import Decision, ProblemType
from classifier.errors import ModelError, bullet_list, unreadable_as
from classifier.manifest_checks import problem_type_of, problems_of

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"
_TOKENIZER = "tokenizer.json"
SHIPPED_MODELS = Path(__file__).parent / "models"
WITHOUT_CASCADE = "Put the right one there, or do without: --no-cascade, in Python cascade=False."
_REPAIR = "The folder is damaged or hand-edited. Install, copy or train it again."


@dataclass(frozen=True, slots=True)
class Manifest:
    """A verified `manifest.json`.

    Attributes:
        model_dir: The folder.
        id: Name and the first 8 hex digits of the manifest's SHA-256, such as "news@1f3a9c2b".
        decision: How logits of the whole model become topics; those of a cascade may have a rule of their own.
        max_length: Tokens of a window, special tokens included.
        stride: Tokens that neighbouring windows share.
        pad_id: The tokenizer's padding id.
        files: SHA-256 of every other file of the folder, by name.
        contents: The whole JSON.
        cascade: The smaller model that looks first; None where there is none.
        scripts: Those that the model has learned to read, such as "Latin"; none where that is not known.
    """

    model_dir: Path
    id: str
    decision: Decision
    max_length: int
    stride: int
    pad_id: int
    files: Mapping[str, str]
    contents: Mapping[str, Any]
    cascade: Cascade | None = None
    scripts: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """The topics, in the order of the logits."""
        return self.decision.labels

    @property
    def rule(self) -> Decision:
        """How logits become topics where the cascade is used: by its own rule, else by that of the whole model."""
        own = None if self.cascade is None else self.cascade.decision
        return self.decision if own is None else own

    @unreadable_as(ModelError)
    def verify(self, names: Iterable[str]) -> None:
        """Compares these files with their SHA-256.

        Raises:
            ModelError: If one is missing, not listed, different or unreadable.
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

    A folder that happens to be called like a shipped model counts only if it holds a manifest; `./news` is always the
    folder.

    Raises:
        ModelError: If there is neither.
    """
    folder = Path(model)
    shipped = sorted(path.parent.name for path in SHIPPED_MODELS.glob(f"*/{MANIFEST}"))
    is_name = str(model) in shipped
    if folder.is_dir() and (not is_name or (folder / MANIFEST).is_file()):
        return folder
    if is_name:
        return SHIPPED_MODELS / model
    raise ModelError(
        f"{model}: no such model folder. Shipped models: {', '.join(shipped) or 'none'}. "
        "Name one of them, or a folder that training.train wrote."
    )


@unreadable_as(ModelError)
def load_first(whole: Manifest) -> Manifest:
    """The manifest of the model that looks first, in a cascade.

    Raises:
        ModelError: If its folder is missing, unreadable, another one, or does not go with the whole model.
    """
    assert whole.cascade is not None
    folder = whole.model_dir / whole.cascade.model
    if not (folder / MANIFEST).is_file():
        raise ModelError(f"{whole.model_dir}: the first model of its cascade is not in {folder}. {WITHOUT_CASCADE}")
    if (found := sha256(folder / MANIFEST)) != whole.cascade.manifest_sha256:
        expected = whole.cascade.manifest_sha256[:12]
        raise ModelError(
            f"{folder}: SHA-256 of {MANIFEST} is {found[:12]}…, {whole.id} needs {expected}…. {WITHOUT_CASCADE}"
        )
    try:
        first = load_manifest(folder)
    except ModelError as error:
        raise ModelError(f"{error}\n{WITHOUT_CASCADE}") from error
    if first.labels != whole.labels or first.files.get(_TOKENIZER) != whole.files.get(_TOKENIZER):
        raise ModelError(f"{folder}: has other topics or another tokenizer than {whole.model_dir}. {WITHOUT_CASCADE}")
    return first


@unreadable_as(ModelError)
def load_manifest(model: str | Path) -> Manifest:
    """Reads and checks the manifest of a model folder; the other files are verified when they are used.

    Raises:
        ModelError: If the folder, the manifest or a value of it is missing, unreadable or wrong, with all problems at
            once.
    """
    folder = find_model(model)
    path = folder / MANIFEST
    if not path.is_file():
        hint = " It looks like a plain Transformers checkpoint." if (folder / "config.json").is_file() else ""
        raise ModelError(f"{folder}: no {MANIFEST}.{hint} Name a folder that training.train wrote.")
    raw = path.read_bytes()
    try:
        contents = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: not JSON ({error}). {_REPAIR}") from error
    _check_schema(folder, contents)
    problems = problems_of(contents)
    if len(problems) == 1:
        raise ModelError(f"{folder}: {problems[0]} {_REPAIR}")
    if problems:
        raise ModelError(bullet_list(str(folder), problems) + f"\n{_REPAIR}")
    _check_config(folder, contents["labels"], contents["max_length"])
    model_id = f"{contents['name']}@{hashlib.sha256(raw).hexdigest()[:8]}"
    return Manifest(
        model_dir=folder,
        id=model_id,
        decision=_decision(contents),
        max_length=contents["max_length"],
        stride=contents["stride"],
        pad_id=contents["pad_id"],
        files=contents["files"],
        contents=contents,
        cascade=_cascade(contents),
        scripts=tuple(contents.get("scripts", ())),
    )


def _check_schema(folder: Path, contents: Any) -> None:
    """Refuses a folder of another version of this package, which may be in good order."""
    found = contents.get("schema_version", SCHEMA_VERSION) if isinstance(contents, dict) else SCHEMA_VERSION
    if found != SCHEMA_VERSION:
        raise ModelError(
            f"{folder}: schema_version of {MANIFEST} is {found!r}, this version of the package reads {SCHEMA_VERSION}. "
            "Use the version that wrote the folder, or train it again."
        )


def _check_config(folder: Path, labels: list[str], max_length: int) -> None:
    """Refuses a folder whose `config.json` has fewer positions, other topics, or the same in another order."""
    path = folder / "config.json"
    if not path.is_file():
        raise ModelError(f"{folder}: config.json: missing. {_REPAIR}")
    try:
        config = json.loads(path.read_bytes())
        id2label = config["id2label"]
        found = [str(id2label[key]) for key in sorted(id2label, key=int)]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(f"{path}: no readable id2label ({type(error).__name__}: {error}). {_REPAIR}") from error
    if found != labels:
        raise ModelError(
            f"{folder}: config.json has the labels {', '.join(found)}, {MANIFEST} has {', '.join(labels)}. {_REPAIR}"
        )
    positions = config.get("max_position_embeddings")
    if isinstance(positions, int) and positions < max_length:
        raise ModelError(f"{folder}: max_length is {max_length}, config.json has {positions} positions. {_REPAIR}")


def _decision(contents: Mapping[str, Any]) -> Decision:
    problem_type: ProblemType = problem_type_of(contents)
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
        curve=np.asarray(contents["curve"] if contents.get("curve") else np.zeros((0, 2, 0)), dtype=np.float64),
    )


def _cascade(contents: Mapping[str, Any]) -> Cascade | None:
    found = contents.get("cascade")
    if found is None:
        return None
    return Cascade(
        model=found["model"],
        manifest_sha256=found["manifest_sha256"],
        max_length=found["max_length"],
        scale=np.asarray(found["scale"], dtype=np.float64),
        shift=np.asarray(found["shift"], dtype=np.float64),
        sure_below=found["sure_below"],
        sure_from=found["sure_from"],
        share=found.get("share", 0.0),
        decision=_decision({**contents, **found["rule"]}) if "rule" in found else None,
    )
