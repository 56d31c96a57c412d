"""The epochs that a training leaves on disk, to go on from.

    checkpoints/seed-13/checkpoint-25/trainer_state.json    what Transformers writes last: the checkpoint is whole

A run that is killed while it writes one leaves a part of it, which nothing can go on from.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

_LAST_FILE = "trainer_state.json"


def newest_checkpoint(folder: Path) -> Path | None:
    """The youngest checkpoint that was written to its end, if any; younger ones, which were not, are removed."""
    for checkpoint in sorted(folder.glob("checkpoint-[0-9]*"), key=_step, reverse=True):
        if _is_whole(checkpoint):
            return checkpoint
        shutil.rmtree(checkpoint)
    return None


def is_any_whole(checkpoints: Path) -> bool:
    """True if a seed has a checkpoint to go on from, below the folder of all seeds."""
    return any(map(_is_whole, checkpoints.glob("seed-*/checkpoint-[0-9]*")))


def _step(checkpoint: Path) -> int:
    """checkpoint-25 -> 25."""
    return int(checkpoint.name.rpartition("-")[2])


def _is_whole(checkpoint: Path) -> bool:
    try:
        json.loads((checkpoint / _LAST_FILE).read_bytes())
    except (FileNotFoundError, ValueError):
        return False
    return True


def forget(checkpoints: Path) -> None:
    """Removes the checkpoints of a finished or abandoned run."""
    shutil.rmtree(checkpoints, ignore_errors=True)
