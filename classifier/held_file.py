"""A file that one process holds alone, until it closes it or ends, however it ends.

The lock is SQLite's, and so the operating system's: nothing is left of it after a crash. Leaves out: what is kept in
the file (checkpoints.py; a training keeps nothing there).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from classifier.errors import InputError


def hold(path: Path, busy: str, schema: str = "") -> sqlite3.Connection:
    """Opens or creates the file and holds it alone, in a transaction that has begun.

    Args:
        path: The file.
        busy: What to say, after the name of the folder, where another process holds it.
        schema: Statements that make the tables.

    Raises:
        InputError: If another process holds it, or it cannot be written.
    """
    with database_errors(path, busy):
        database = sqlite3.connect(path, isolation_level=None, timeout=0, check_same_thread=False)
        try:
            database.execute("PRAGMA locking_mode=EXCLUSIVE")
            database.execute("PRAGMA synchronous=FULL")
            database.execute("PRAGMA cache_size=-32768")  # KiB: bounded, however many texts
            database.executescript(schema)
            database.execute("BEGIN EXCLUSIVE")
        except BaseException:
            database.close()
            raise
        return database


@contextmanager
def database_errors(path: Path, busy: str) -> Iterator[None]:
    """What SQLite says of the file, as an InputError."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if "locked" in str(error):
            raise InputError(f"{path.parent}: {busy}") from error
        raise InputError(f"{path}: cannot be written ({error}).") from error
