"""A command as a process: outputs that cannot be there, break or are full, signals that ask it to stop.

Leaves out: what is written (predict.py), and what a job does when it is asked to stop (jobs.py).
"""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NoReturn

from classifier.errors import InputError
from classifier.printed import counted, printable

_SHOWN_WARNINGS = 10
_STOPPED = (130, 143)  # 128 and the number of the signal, as a shell says it


def output_path(name: str) -> Path:
    """Where the output file of this name is to be written: where a link leads to.

    Raises:
        InputError: If no file can be put there, or something else than a file would be replaced.
    """
    named = Path(name)
    if named.is_dir():
        raise InputError(f"{name}: cannot be written (Is a directory). Name a file in it.")
    if named.exists() and not named.is_file():
        raise InputError(f"{name}: cannot be written (no regular file). Name another, or use standard output: no -o.")
    path = named.resolve() if named.is_symlink() else named
    if not path.parent.is_dir():
        raise InputError(f"{name}: cannot be written (no folder {path.parent}).")
    return path


def open_standard_error() -> None:
    """Messages go nowhere where the caller closed it; Python would print them to standard output in its place."""
    if sys.stderr is None:
        sys.stderr = io.StringIO()


@contextmanager
def write_errors(name: str) -> Iterator[None]:
    """A full or lost disk under `name` becomes an InputError; a reader that has gone away stays a BrokenPipeError."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InputError(f"{name}: cannot be written ({error.strerror}).") from error


@contextmanager
def stop_signals() -> Iterator[list[int]]:
    """SIGINT and SIGTERM are noted in the list; a second SIGINT interrupts at once.

    What is ignored stays so: a shell's script lets its background commands ignore SIGINT.
    """
    noted: list[int] = []

    def note(number: int, _: Any) -> None:
        if noted and number == signal.SIGINT:
            raise KeyboardInterrupt
        noted.append(number)

    asked = [number for number in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, note) for number in asked}
    try:
        yield noted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def exit_code(rows: int, errors: int) -> int:
    """The exit code of a command that has labelled this many records; says what a user should look at."""
    if not rows:
        print("warning: no record in the input", file=sys.stderr)
    if errors:
        print(f"{counted(errors, 'record')} could not be labelled; see the column 'error'.", file=sys.stderr)
    return 3 if errors else 0


def leave(code: int) -> NoReturn:
    """Ends the process; one that was stopped does not wait for a thread that reads from a pipe that says nothing.

    The interpreter would abort when it ends, since that thread holds the lock of standard input.
    """
    if code in _STOPPED:
        for stream in (sys.stderr, sys.__stdout__):
            if stream is not None:
                with suppress(OSError, ValueError):
                    stream.flush()
        os._exit(code)
    raise SystemExit(code)


def discard(stream: IO[str]) -> None:
    """What is still in the buffer goes nowhere, so that the interpreter does not fail on it when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def as_utf8(stream: Any) -> None:
    """The stream writes UTF-8 and line breaks as they are, whatever the locale; one without an encoding is left."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(encoding="utf-8", newline="")


class Warnings:
    """Warnings of one kind on standard error: the first ten, and that there are more."""

    def __init__(self, further: str) -> None:
        """`further` is what is said once, instead of the others."""
        self._further = further
        self.count = 0

    def __call__(self, message: str) -> None:
        """Counts a warning, and shows it if it is one of the first."""
        self.count += 1
        if self.count <= _SHOWN_WARNINGS:
            sys.stderr.write(f"warning: {printable(message)}\n")  # in one piece: another thread may print as well
        elif self.count == _SHOWN_WARNINGS + 1:
            sys.stderr.write(f"warning: {self._further}\n")
