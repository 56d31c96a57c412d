"""What a training leaves on disk to go on from: after each epoch, and every ten minutes between (callbacks.py).

    checkpoints/seed-13/checkpoint-25/trainer_state.json    what Transformers writes last; names the best epoch so far
                                     /model.safetensors     a header that says how long the file is
                                     /optimizer.pt, …       zip archives, whose directory stands at their end
                                     /config.json           read at every resume

A run that is killed while it writes one leaves a part of it, and a power cut or a full disk files that are too short;
nothing can go on from these. Leaves out: bytes that changed in the middle of a file.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

_LAST_FILE, _WEIGHTS, _CONFIG = "trainer_state.json", "model.safetensors", "config.json"


def newest_checkpoint(folder: Path) -> Path | None:
    """The youngest checkpoint that a run can go on from, if any."""
    return max(filter(_is_usable, folder.glob("checkpoint-[0-9]*")), key=_step, default=None)


def is_any_whole(checkpoints: Path) -> bool:
    """True if a seed has a checkpoint to go on from, below the folder of all seeds."""
    return any(map(_is_usable, _of_all_seeds(checkpoints)))


def remove_damaged(checkpoints: Path) -> list[Path]:
    """Removes the checkpoints that no run can go on from, below the folder of all seeds, and returns them."""
    found = [checkpoint for checkpoint in _of_all_seeds(checkpoints) if not _is_usable(checkpoint)]
    for checkpoint in found:
        shutil.rmtree(checkpoint)
    return found


def forget(checkpoints: Path) -> None:
    """Removes the checkpoints of a finished or abandoned run."""
    shutil.rmtree(checkpoints, ignore_errors=True)


def _of_all_seeds(checkpoints: Path) -> list[Path]:
    return sorted(checkpoints.glob("seed-*/checkpoint-[0-9]*"), key=lambda path: (path.parent, _step(path)))


def _step(checkpoint: Path) -> int:
    """checkpoint-25 -> 25."""
    return int(checkpoint.name.rpartition("-")[2])


def _is_usable(checkpoint: Path) -> bool:
    """True for one that is whole, and the best epoch before it too: the run ends with the weights of the best."""
    state = _state(checkpoint)
    best = None if state is None else state.get("best_model_checkpoint")
    return state is not None and (best is None or _state(checkpoint.with_name(Path(best).name)) is not None)


def _state(checkpoint: Path) -> dict[str, Any] | None:
    """What stands in the last file of a checkpoint; None if that or another file is missing or not whole."""
    try:
        state: Any = json.loads((checkpoint / _LAST_FILE).read_bytes())
        json.loads((checkpoint / _CONFIG).read_bytes())
        with safe_open(checkpoint / _WEIGHTS, framework="numpy"):
            pass
        for archive in [*checkpoint.glob("*.pt"), *checkpoint.glob("*.pth")]:
            zipfile.ZipFile(archive).close()
    except (FileNotFoundError, ValueError, SafetensorError, zipfile.BadZipFile):
        return None
    return state if isinstance(state, dict) else None
