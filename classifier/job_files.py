"""The folder of a job: held by one run alone, and removed by none but the run that holds it.

Leaves out: what is in its files (checkpoints.py, job_rows.py), how they become the output (outputs.py).
"""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from pathlib import Path
from typing import Protocol

from classifier.checkpoints import BUSY
from classifier.errors import InputError
from classifier.held_file import hold

ROWS = "rows.jsonl"
STATE = "state.sqlite"
_DAMAGED = ("SQLITE_NOTADB", "SQLITE_CORRUPT")


class Held(Protocol):
    """The state of a job, opened."""

    def close(self) -> None:
        """Gives the job up."""
        ...


def remove_job(folder: Path, state: Held) -> None:
    """Removes the folder of a job that this process holds, and gives the job up."""
    with closing(state):
        if os.name == "nt":  # which removes no open file
            state.close()
        shutil.rmtree(folder)


def forget_job(folder: Path) -> None:
    """Removes what an earlier, unfinished run left.

    Raises:
        InputError: If another job is writing there.
    """
    path = folder / STATE
    if not path.exists():
        return
    try:
        state = hold(path, BUSY)
    except InputError as error:
        if getattr(error.__cause__, "sqlite_errorname", "") not in _DAMAGED:  # what nobody can go on with, may go
            raise
        path.unlink()
        state = hold(path, BUSY)
    remove_job(folder, state)
