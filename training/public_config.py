"""The config of a run as its model folder shows it to others: without paths, models by their ids."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from classifier.errors import ModelError
from classifier.manifest import load_manifest
from training.config import Config

_FILES = ("train", "validation", "test", "unlabelled", "codebook", "corrections", "readings", "validation_readings")


def public_config(config: Config) -> dict[str, Any]:
    """The resolved config without the paths of the machine that it was run on."""
    contents = config.model_dump(mode="json")
    contents["model"].pop("base_dir")
    contents.pop("output_dir")
    if config.training.merge is not None:
        contents["training"]["merge"] = _known_as(config.training.merge)
    if config.training.teacher is not None:
        names = [_known_as(name) for name in config.training.teachers]
        contents["training"]["teacher"] = names[0] if isinstance(config.training.teacher, str) else names
    for key in _FILES:
        contents["data"].pop(key)
    return contents


def _known_as(model: str) -> str:
    """The model's id ("news@4807b8f2"), or the end of its path where it is no longer there."""
    try:
        return load_manifest(model).id
    except ModelError:
        return "/".join(Path(model).parts[-2:])
