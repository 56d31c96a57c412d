"""What a command does while its libraries are loaded, which takes seconds: a missing one and Ctrl-C are one line.

Leaves out: the same while it works (run_command in classifier/command.py).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from classifier.errors import MissingExtraError
from classifier.imports import importing


@contextmanager
def loading(command: str) -> Iterator[None]:
    """Imports in this block end the process where a library is missing (exit code 1) or on Ctrl-C (130)."""
    try:
        with importing(command, "train"):
            yield
    except MissingExtraError as missing:
        print(f"error: {missing}", file=sys.stderr)
        raise SystemExit(1) from missing
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        raise SystemExit(130) from None
