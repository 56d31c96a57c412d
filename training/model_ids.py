"""Which models a run is made from, so that another one put in the same place is told from the first.

    {"base": "news@1f3a9c2b", "teacher": ["large@07c1d2e3"], "merge": "other@5b6a7988"}

A base that is no model folder but a plain checkpoint has the SHA-256 of its weights. Leaves out: a base of the hub, of
which the config has the name.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from classifier.errors import ModelError
from classifier.manifest import MANIFEST, load_manifest, sha256
from training.config import Config, base_location

_WEIGHTS = ("model*.safetensors", "pytorch_model*.bin")  # whole or in parts; Transformers reads the first kind it finds


def model_ids(config: Config) -> dict[str, str | list[str]]:
    """Of base, teachers and merged model, those that the config names and that are here.

    Raises:
        ModelError: If a teacher or the merged model is missing or damaged.
    """
    merged = config.training.merge
    ids = {
        "base": _base_id(Path(base_location(config))),
        "teacher": [load_manifest(name).id for name in config.training.teachers],
        "merge": None if merged is None else load_manifest(merged).id,
    }
    return {role: found for role, found in ids.items() if found}


def _base_id(folder: Path) -> str | None:
    """None where there are no weights that can be read: loading the base says why."""
    try:
        if (folder / MANIFEST).is_file():
            manifest = load_manifest(folder)
            manifest.verify([name for name in manifest.files if name.endswith((".safetensors", ".bin"))])
            return manifest.id
    except ModelError:  # any checkpoint may be a base, also the folder of another version, or with other weights
        pass
    return _weights_id(folder)


def _weights_id(folder: Path) -> str | None:
    files = next((found for pattern in _WEIGHTS if (found := sorted(folder.glob(pattern)))), [])
    try:
        parts = [sha256(file) for file in files]
    except OSError:
        return None
    whole = parts[0] if len(parts) == 1 else hashlib.sha256("".join(parts).encode()).hexdigest()
    return f"SHA-256 {whole[:16]}" if parts else None
