"""The folder of a job: held by one run alone, and removed by none but the run that holds it.

Whatever else lies in it stays; a folder of that name that no job made is refused. Leaves out: what is in its
files (checkpoints.py, job_rows.py), how they become the output (outputs.py).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Protocol

from classifier.checkpoints import BUSY, JobState
from classifier.errors import InputError, bullet_list, differences
from classifier.held_file import hold
from classifier.job_input import DIGEST_VERSION
from classifier.outputs import FINISHED

ROWS = "rows.jsonl"
STATE = "state.sqlite"
_FILES = (ROWS, FINISHED, f"{STATE}-journal", STATE)
_ADVICE = "Move it away, or name another output."
_DAMAGED = ("SQLITE_NOTADB", "SQLITE_CORRUPT")


class Held(Protocol):
    """The state of a job, opened."""

    def close(self) -> None:
        """Gives the job up."""
        ...


def open_job(folder: Path, labels: int) -> JobState:
    """Makes the folder or takes one that a job has left, and holds it.

    Raises:
        InputError: If no job made what is there, or another job holds it.
    """
    try:
        folder.mkdir(exist_ok=True)
    except FileExistsError as error:
        raise InputError(f"{folder}: is no folder, and a job needs one of that name. {_ADVICE}") from error
    _refuse_links(folder)
    if not (folder / STATE).exists():
        no_matter = (".", STATE)  # hidden files, a desktop's; the state's journal, of a run that died as it tidied up
        found = sorted(path.name for path in folder.iterdir() if not path.name.startswith(no_matter))
        if found:
            raise InputError(f"{folder}: holds no job (no {STATE}), but {', '.join(found[:3])}. {_ADVICE}")
    return JobState(folder / STATE, labels)


def _refuse_links(folder: Path) -> None:
    """Refuses a folder with a symbolic link in place of a file: who else may write here could name any."""
    if links := [name for name in _FILES if (folder / name).is_symlink()]:
        raise InputError(f"{folder}: {links[0]} is a link, which no job makes. {_ADVICE}")


def check_same_job(folder: Path, state: JobState, fingerprint: Mapping[str, Any]) -> None:
    """Keeps what a new job is started with.

    Raises:
        InputError: If the job was started with something else.
    """
    now, earlier = json.loads(json.dumps(fingerprint)), state.read("fingerprint")
    if earlier is None:
        state.commit({"fingerprint": now, "digest_version": DIGEST_VERSION})
        return
    differing = differences(earlier, now)
    if differing:
        raise InputError(
            bullet_list(f"{folder} holds a job that was started with something else", differing)
            + "\nGo on with the same command as before, or start over with --restart."
        )


def check_rows(folder: Path, state: JobState, output: Path) -> None:
    """Makes sure that the rows which the state counts as saved are there.

    Raises:
        InputError: If some are not: a backup that missed them, a file that was cut.
    """
    rows, size = folder / ROWS, (state.read("progress") or {}).get("size", 0)
    if not rows.exists() and output.exists() and (state.read("written") or output.stat().st_size == size):
        return  # an earlier run moved them into place, or made the output of them, and died before it could clean up
    found = rows.stat().st_size if rows.exists() else 0
    if found < size:
        raise InputError(
            f"{rows}: {found:,} of the {size:,} bytes that were saved are there. "
            "Bring the file back, or start over with --restart."
        )


def remove_job(folder: Path, state: Held) -> None:
    """Removes the files of a job that this process holds, and its folder if nothing else is there; gives the job up.

    The state goes last: a run that dies before that finds a job that is complete, and has only to tidy up.
    """
    with closing(state):
        for name in _FILES:
            if name.startswith(STATE) and os.name == "nt":  # which removes no open file
                state.close()
            (folder / name).unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def forget_job(folder: Path) -> None:
    """Removes what an earlier, unfinished run left.

    Raises:
        InputError: If another job is writing there, or one of its files is a link.
    """
    path = folder / STATE
    _refuse_links(folder)
    if not path.exists():
        return
    try:
        state = hold(path, BUSY)
    except InputError as error:
        if getattr(error.__cause__, "sqlite_errorname", "") not in _DAMAGED:  # what nobody can go on with, may go
            raise
        path.unlink()
        state = hold(path, BUSY)
    os.truncate(path, 0)  # what an empty state leaves is a new job's to go on with, should this run die here
    remove_job(folder, state)
    if folder.exists():  # for what was put beside the job's files: a job's folder all the same
        path.touch()
