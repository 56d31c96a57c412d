"""The locale of the process as it was, whatever a runtime does to it while it compiles a model.

OpenVINO sets the locale to "C" while it reads a model, and then back to what it found. Of two threads that do so at the
same time one can find the "C" of the other, and leaves it behind: text files are then read and written as ASCII. Leaves
out: the moment while a model is compiled, in which other threads see "C".
"""

from __future__ import annotations

import locale
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_inside = 0  # threads
_found = ""  # by the first of them


@contextmanager
def kept_locale() -> Iterator[None]:
    """The last thread that leaves puts back the locale that the first one found; none waits for another."""
    global _inside, _found
    with _lock:
        if not _inside:
            _found = locale.setlocale(locale.LC_ALL)
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                locale.setlocale(locale.LC_ALL, _found)
