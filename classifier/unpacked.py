"""Files of Office, which are zip archives: whether they unpack to more than memory should hold."""

from __future__ import annotations

import contextlib
import zipfile
from typing import IO

_MOST_BYTES = 4 << 30


def says_too_large(file: IO[bytes]) -> str | None:
    """A sentence where the parts of an archive are too large, by what they say of themselves; None otherwise.

    The libraries that read the parts read no more than they say. Nothing is said of what is no archive.
    """
    with contextlib.suppress(zipfile.BadZipFile, NotImplementedError, ValueError):
        unpacked = sum(part.file_size for part in zipfile.ZipFile(file).infolist())
        if unpacked > _MOST_BYTES:
            return f"unpacks to {unpacked / 2**30:.1f} GiB, more than {_MOST_BYTES / 2**30:g} GiB."
    return None
