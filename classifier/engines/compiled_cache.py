"""Where OpenVINO keeps compiled models, and how much of them: a cache in the user's cache folder that does not grow.

    ~/.cache/news-topic-classifier/openvino-2026.4.1/<hash of the model>/<form>.blob

A form is known by path, size and time of the model's files, so that each installation leaves its own. Leaves out: what
is in them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LARGEST = 512 * 2**20  # bytes of all forms together; those of one model that is used in every way have 90 MB


@contextmanager
def compiled_forms(version: str, model: str) -> Iterator[Path | None]:
    """The folder for the compiled forms of one model; None where no such folder can be made or written.

    Where a form was added, those that were longest not used make room for it, of other models and versions too.

    Args:
        version: OpenVINO's.
        model: What tells it from all others.
    """
    base = cache_base()
    folder = base / f"openvino-{version}" / model
    try:
        folder.mkdir(parents=True, exist_ok=True)
        before = set(folder.iterdir())
    except OSError:
        yield None
        return
    if not os.access(folder, os.W_OK):
        yield None
        return
    yield folder
    with suppress(OSError):  # another process may be at the same
        if not before.issuperset(folder.iterdir()):
            make_room(base)


def make_room(base: Path, largest: int = LARGEST) -> None:
    """Removes the forms that were longest not used until the others have at most `largest` bytes."""
    found = sorted(
        ((file, file.stat()) for file in base.glob("openvino-*/*/*") if file.is_file()),
        key=lambda pair: -max(pair[1].st_mtime, pair[1].st_atime),
    )
    total = 0
    for file, about in found:
        total += about.st_size
        if total > largest:
            with suppress(OSError):  # in use, on Windows
                file.unlink()
    for folder in [*base.glob("openvino-*/*"), *base.glob("openvino-*")]:
        with suppress(OSError):  # not empty
            folder.rmdir()


def cache_base() -> Path:
    """The folder for this program in the user's cache folder."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "news-topic-classifier"
