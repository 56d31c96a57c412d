"""A folder or a pattern → the files behind it, each once, and what could not be looked into.

Links to folders are followed, a folder that several paths lead to is read once, and the folder of an unfinished job
is no input. A link that leads nowhere counts as a file, so that it is not left out in silence. Leaves out: in which of
the files there are stories (sources.py).
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatch
from itertools import takewhile
from pathlib import Path

JOB_SUFFIX = ".job"
OFFICE_LOCK = "~$"  # begins the name of the file by which Office locks one that is open
_NO_DATA = re.compile(r"_.*|.*\.crc|(readme|licen[cs]e)(\.(md|rst|txt))?", re.IGNORECASE)


def job_folder(output: Path) -> Path:
    """Where the job on an output keeps its rows and its state until it is done."""
    return output.with_name(output.name + JOB_SUFFIX)


def files_below(folder: Path) -> tuple[list[Path], list[str]]:
    """All files in a folder and below, sorted, hidden ones left out; and one sentence for each unreadable folder."""
    found: list[Path] = []
    errors: list[OSError] = []
    seen: set[str] = set()
    starts = [folder]
    for start in starts:  # grows by the links, so that a folder goes by its own name where it has one here
        if start is not folder and _is_around(start, folder):
            continue
        for here, folders, files in os.walk(start, onerror=errors.append):
            if os.path.realpath(here) in seen:
                folders.clear()
                continue
            seen.add(os.path.realpath(here))
            folders[:] = [name for name in folders if not _is_left_out(name)]
            starts += [Path(here, name) for name in sorted(folders) if os.path.islink(os.path.join(here, name))]
            found += [Path(here, name) for name in files if not _is_left_out(name)]
    return sorted(path for path in found if _may_be_file(path)), [
        f"{error.filename}: cannot be read ({error.strerror})." for error in errors
    ]


def files_matching(pattern: str) -> tuple[list[Path], list[str]]:
    """The files that a pattern stands for, sorted; and, for `**`, one sentence for each unreadable folder."""
    parts = Path(pattern).parts
    fixed = len(list(takewhile(lambda part: not glob.has_magic(part), parts)))
    if "**" in parts:  # the library's own way through links that lead in a circle takes forever
        found, problems = files_below(Path(*parts[:fixed]))
        return [path for path in found if _fits(path.parts[fixed:], parts[fixed:])], problems
    matches = [Path(match) for match in glob.glob(pattern)]
    matches = [path for path in matches if _may_be_file(path) and not path.name.startswith(OFFICE_LOCK)]
    return sorted(path for path in matches if not _is_in_job(path.parts[fixed:])), []


def is_beside_data(path: Path, folder: Path) -> bool:
    """True for what is no data by its name or that of a folder around it: Spark's `_SUCCESS` and `.crc`, a README."""
    return any(_NO_DATA.fullmatch(part) for part in path.relative_to(folder).parts)


def why_unreadable(path: Path) -> str | None:
    """Why a file that was found cannot be read; None where it can."""
    try:
        os.stat(path)
    except OSError as error:
        is_lost = isinstance(error, FileNotFoundError) and os.path.islink(path)
        return f"the link to {os.readlink(path)} leads nowhere" if is_lost else error.strerror
    return None if os.access(path, os.R_OK) else "Permission denied"


def _fits(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """True if the parts of a path fit those of a pattern, in which `**` is any number of parts."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return _fits(parts, pattern[1:]) or (bool(parts) and _fits(parts[1:], pattern))
    return bool(parts) and fnmatch(parts[0], pattern[0]) and _fits(parts[1:], pattern[1:])


def _may_be_file(path: Path) -> bool:
    """True for a file, and for a link that cannot be followed."""
    return os.path.isfile(path) or (os.path.islink(path) and not os.path.exists(path))


def _is_in_job(parts: Iterable[str]) -> bool:
    return any(part.endswith(JOB_SUFFIX) for part in parts)


def _is_left_out(name: str) -> bool:
    return name.startswith((".", OFFICE_LOCK)) or name.endswith(JOB_SUFFIX)


def _is_around(link: Path, folder: Path) -> bool:
    """True for a link to a folder that holds this one: following it would read all that lies beside."""
    return Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(link))
