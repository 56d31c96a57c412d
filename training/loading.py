"""What a command does while its libraries are loaded, which takes seconds: a missing one and Ctrl-C are one line.

Leaves out: the same while it works, which each command says in its own words.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from classifier.errors import MissingExtraError
from classifier.imports import held_interrupts


@contextmanager
def loading(command: str) -> Iterator[None]:
    """Imports in this block end the process where a library is missing (exit code 1) or on Ctrl-C (130)."""
    try:
        with held_interrupts():
            yield
    except ImportError as missing:
        print(f"error: {MissingExtraError(command, 'train')} ({missing})", file=sys.stderr)
        raise SystemExit(1) from missing
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        raise SystemExit(130) from None
