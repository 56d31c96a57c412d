"""Importing large libraries: Ctrl-C waits until they are there, and a missing one says which extra brings it.

Left to itself, Ctrl-C in the middle of such an import is taken for a failure of the library ("initialization failed"),
for a missing one, or is swallowed.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from classifier.errors import MissingExtraError


@contextmanager
def held_interrupts() -> Iterator[None]:
    """Ctrl-C in this block takes effect at its end, a second one at once. Handlers that are not Python's own stay."""
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    noted: list[int] = []

    def note(number: int, frame: Any) -> None:
        if noted:
            signal.default_int_handler(number, frame)
        noted.append(number)

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if noted:
        raise KeyboardInterrupt


@contextmanager
def importing(feature: str, extra: str) -> Iterator[None]:
    """For imports of what an extra brings.

    Raises:
        MissingExtraError: If a library is missing that `feature` needs.
    """
    try:
        with held_interrupts():
            yield
    except ImportError as missing:
        raise MissingExtraError(feature, extra, str(missing)) from missing
