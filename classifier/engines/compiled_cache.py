"""Where OpenVINO keeps compiled models, and how much of them: a cache in the user's cache folder that does not grow.

    ~/.cache/news-topic-classifier/openvino-2026.4.1/<hash of the model>/<form>.blob

A form is known by path, size and time of the model's files, so that each installation leaves its own. Processes take
turns with the forms of a model: one that is still being written must be neither read nor removed. Leaves out: what is
in them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":  # there nobody waits, and the engine does without the cache where that goes wrong
    import fcntl

LARGEST = 512 * 2**20  # bytes of all forms together; those of one model that is used in every way have 90 MB


@contextmanager
def compiled_forms(version: str, model: str) -> Iterator[Path | None]:
    """The folder for the compiled forms of one model, this process's alone; None where it cannot be made or written.

    Where a form was added, those of other models and versions that were longest not used make room for it.

    Args:
        version: OpenVINO's.
        model: What tells it from all others.
    """
    try:
        base = cache_base()
        folder = base / f"openvino-{version}" / model
        folder.mkdir(parents=True, exist_ok=True)
        before = set(folder.iterdir())
    except (OSError, RuntimeError):
        yield None
        return
    if not os.access(folder, os.W_OK):
        yield None
        return
    with _alone(folder):
        yield folder
        with suppress(OSError):  # another process may be at the same
            now = set(folder.iterdir())
            for form in now:
                os.utime(form)  # many file systems do not note when a file is read
            if not before.issuperset(now):
                make_room(base, folder)


@contextmanager
def _alone(folder: Path, *, wait: bool = True) -> Iterator[bool]:
    """Keeps other processes and threads from the folder; False where one has it and nobody is to `wait` for it.

    Where the file system has no locks, nobody is kept out.
    """
    if sys.platform == "win32":
        yield True
        return
    descriptor, alone = os.open(folder, os.O_RDONLY), True
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            alone = False
        except OSError:
            pass
        yield alone
    finally:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # else a process forked meanwhile has it
        os.close(descriptor)


def make_room(base: Path, kept: Path, largest: int = LARGEST) -> None:
    """Removes the forms that were longest not used until all have at most `largest` bytes.

    Never those in `kept`, nor those that another process is at.
    """
    forms = [(file, file.stat()) for file in base.glob("openvino-*/*/*") if file.is_file()]
    forms.sort(key=lambda pair: (pair[0].parent != kept, -pair[1].st_mtime))
    total = 0
    for file, about in forms:
        if file.parent == kept or total + about.st_size <= largest:
            total += about.st_size
        else:
            with suppress(OSError), _alone(file.parent, wait=False) as alone:  # in use, on Windows
                if alone:
                    file.unlink()
    for folder in [*base.glob("openvino-*/*"), *base.glob("openvino-*")]:
        with suppress(OSError), _alone(folder, wait=False) as alone:
            if alone:  # one in use is about to get its first form
                folder.rmdir()


def cache_base() -> Path:
    """The folder for this program in the user's cache folder.

    Raises:
        RuntimeError: If the user has no home, as one who is a mere number in a container.
    """
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        named = Path(os.environ.get("XDG_CACHE_HOME", ""))
        base = named if named.is_absolute() else Path.home() / ".cache"  # else what lies about here would be loaded
    return base / "news-topic-classifier"
