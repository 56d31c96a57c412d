"""The folders that a training writes: held alone by one run, and said in words where they cannot be written.

Leaves out: what is written there (seeds.py, export.py, measured_folder.py), whether an earlier run may go on
(preflight.py).
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from classifier.errors import InputError
from classifier.held_file import hold

LOCK = "run.lock"  # stays when the run is over: a file that is removed could be held by one and made anew by another
_BUSY = "another run is using this folder. Wait for it or stop it, or set another output_dir."
_TORCH_WRITING = ("PytorchStreamWriter", "inline_container", "iostream error")  # how torch says that a disk is full


@contextmanager
def held(output: Path) -> Iterator[None]:
    """Makes the folder of a run and holds it alone.

    Raises:
        InputError: If another run holds it, or it cannot be written.
    """
    with writing(output, "Set another output_dir."):
        output.mkdir(parents=True, exist_ok=True)
        _try(output)
    with closing(hold(output / LOCK, _BUSY)):
        yield


@contextmanager
def writing(folder: Path, advice: str) -> Iterator[None]:
    """A file that cannot be written in this block becomes an InputError about the folder, which ends in the advice."""
    try:
        yield
    except BrokenPipeError:
        raise  # of the terminal
    except (OSError, SafetensorError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and not any(sign in str(error) for sign in _TORCH_WRITING):
            raise
        if isinstance(error, SafetensorError) and "deserializ" in str(error):
            raise
        named = Path(str(getattr(error, "filename", None) or folder)).absolute()
        if not named.is_relative_to(folder.absolute().parent):
            raise InputError(f"{named}: {_reason(error)}.") from error
        raise InputError(f"{folder}: cannot be written ({_reason(error)}). {advice}") from error


def check_writable(out: Path) -> None:
    """Refuses a new folder that could not be made, before the work whose results go there.

    Raises:
        InputError: If the nearest folder above that is there is none, or cannot be written.
    """
    with writing(out, "Name another folder."):
        above = next(folder for folder in out.absolute().parents if os.path.lexists(folder))
        _try(above)


def write_json(path: Path, contents: Mapping[str, Any]) -> None:
    """Writes a file whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(contents, indent=2) + "\n", encoding="utf-8")
    part.replace(path)


def _try(folder: Path) -> None:
    """Makes a folder there and removes it: what permissions allow says little of a read-only disk, or to root."""
    Path(tempfile.mkdtemp(prefix=".writable-", dir=folder)).rmdir()


def _reason(error: Exception) -> str:
    """In one line: what the system says, where it is known."""
    found: Any = getattr(error, "strerror", None) or (error.args[0] if error.args else type(error).__name__)
    if isinstance(found, list):  # of shutil.copytree: source, target, reason of each file
        found = found[-1][-1]
    return str(found).splitlines()[0]
