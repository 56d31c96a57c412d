"""`rows.jsonl`, the rows of a job that is not done yet: written by a thread of its own, made durable when asked.

A full disk is reported by the call after the one that met it; what was saved before is kept.
Leaves out: what is in a row (rows.py), which bytes count (jobs.py).
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from pathlib import Path
from typing import IO

from classifier.errors import InputError


class RowsFile:
    """The file as a context; its thread ends with it."""

    def __init__(self, path: Path, size: int, waiting: int) -> None:
        """Opens the file.

        Args:
            path: Made where it is missing.
            size: Bytes that stay; what is beyond belongs to no checkpoint and is cut off.
            waiting: Calls of `write` that may be ahead of the disk.
        """
        self._path = path
        self._file: IO[bytes] = path.open("r+b" if path.exists() else "w+b")
        self._file.truncate(size)
        self._file.seek(size)
        self._queue: queue.Queue[list[str] | None] = queue.Queue(waiting)
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def __enter__(self) -> RowsFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._queue.put(None)
        self._thread.join()
        with contextlib.suppress(OSError):  # a full disk: what could not be flushed belongs to no checkpoint
            self._file.close()

    def write(self, lines: list[str]) -> None:
        """Hands some rows over."""
        self._raise_failure()
        self._queue.put(lines)

    def sync(self) -> int:
        """Waits until all rows are on the disk; the size of the file, bytes.

        Raises:
            InputError: If the disk is full or gone.
        """
        self._queue.join()
        self._raise_failure()
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            self._failure = error
        self._raise_failure()
        return self._file.tell()

    def _work(self) -> None:
        while (lines := self._queue.get()) is not None:
            try:
                if self._failure is None:
                    self._file.write("".join(lines).encode("utf-8"))
            except OSError as error:
                self._failure = error
            finally:
                self._queue.task_done()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise InputError(
                f"{self._path}: cannot be written ({self._failure.strerror}). "
                "What was saved is kept: make room and give the same command again."
            ) from self._failure
