"""The input of a job: which files it is, and its records in chunks, those done before left out, read by a thread.

Each chunk comes with the digest of all input up to its end, chained from chunk to chunk, so that a resumed job can
tell in constant memory whether the records that it skips are those that were done. Leaves out: how records are read
(stories.py), what is done with them (jobs.py).
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from classifier.errors import InputError
from classifier.printed import counted
from classifier.rows import json_line
from classifier.scorable import chunks
from classifier.sources import STDIN, Source
from classifier.stopping import Stopped
from classifier.stories import Story

DIGEST_VERSION = 2  # 1 left the records' own columns out
_ADVICE = "Bring the input back as it was, or start over with --restart (so after an update that reads it otherwise)."
_SAMPLES, _SAMPLE_BYTES = 64, 4096
_ASK_EVERY_S = 0.2


def identity(source: Source) -> str:
    """Size and a hash of 64 samples of a file: enough to see that it was replaced, appended to or cut.

    Raises:
        InputError: If it cannot be read.
    """
    if source.name == STDIN:
        return "stdin"
    if source.is_stream:
        return "stream"
    digest = blake2b(digest_size=8)
    try:
        with open(source.name, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            for sample in range(_SAMPLES):
                file.seek(max(0, size - _SAMPLE_BYTES) * sample // (_SAMPLES - 1))
                digest.update(file.read(_SAMPLE_BYTES))
    except OSError as error:
        raise InputError(f"{source.name}: cannot be read ({error.strerror}).") from error
    return f"{size} bytes, {digest.hexdigest()}"


@dataclass(frozen=True, slots=True)
class Done:
    """What earlier runs of a job have done of its input.

    Attributes:
        records: How many records; always whole chunks.
        digest: The digest of these.
        version: How it was made: `DIGEST_VERSION`, or an earlier one, with which that job goes on to its end.
        is_all: True if there were no more.
    """

    records: int
    digest: bytes
    version: int = DIGEST_VERSION
    is_all: bool = False


def chunks_left(stories: Iterator[Story], folder: Path, done: Done) -> Iterator[tuple[list[Story], bytes]]:
    """Chunks with the digest of all input up to their end; those already done are read, compared and left out.

    Args:
        stories: All records, from the first on.
        folder: The job's, for messages.
        done: What is left out.

    Raises:
        InputError: If the records that were done are not these.
    """
    digest, read = b"", 0
    for part in chunks(stories):
        is_new = read >= done.records
        digest = _chain(digest, part, done.version)
        read += len(part)
        if done.is_all and read > done.records:
            before = counted(done.records, "record that there was", "records that there were")
            raise InputError(f"{folder}: the input has more than the {before}. {_ADVICE}")
        if is_new:
            yield part, digest
        elif read > done.records or (read == done.records and digest != done.digest):
            first = counted(done.records, "record is not the one", "records are not those")
            raise InputError(f"{folder}: the first {first} that the job was started with. {_ADVICE}")
    if read < done.records:
        found, before = counted(read, "record"), counted(done.records, "was", "were")
        raise InputError(f"{folder}: the input has {found}, {before} done before. {_ADVICE}")


def _chain(digest: bytes, part: Sequence[Story], version: int) -> bytes:
    """The digest of all input up to the end of this chunk: of all that is in its rows."""
    chained = blake2b(digest, digest_size=16)
    for story in part:
        fields = (str(story.id), story.title, story.text, story.error or "")
        chained.update("\0".join(fields).encode("utf-8", "surrogatepass") + b"\1")
        if version > 1:
            chained.update(json_line(story.columns).encode("utf-8"))
    return chained.digest()


def ahead(items: Iterator[Any], most: int, should_stop: Callable[[], bool] = lambda: False) -> Iterator[Any]:
    """The same items, made by a thread of its own while at most `most` wait; an error comes where it belongs.

    While no item is there, None comes a few times a second, so that the caller can do something else.

    Raises:
        Stopped: If `should_stop` says so while none is there.
    """
    waiting: queue.Queue[tuple[bool, Any]] = queue.Queue(most)
    gone = threading.Event()

    def put(item: tuple[bool, Any]) -> None:
        while not gone.is_set():
            try:
                waiting.put(item, timeout=_ASK_EVERY_S)
                return
            except queue.Full:
                continue

    def work() -> None:
        try:
            for item in items:
                put((True, item))
                if gone.is_set():
                    return
            put((False, None))
        except BaseException as error:  # handed to the thread that asks for the items
            put((False, error))

    threading.Thread(target=work, daemon=True).start()
    try:
        while True:
            try:
                is_item, item = waiting.get(timeout=_ASK_EVERY_S)
            except queue.Empty:
                if should_stop():
                    raise Stopped from None
                yield None
                continue
            if is_item:
                yield item
            elif item is None:
                return
            else:
                raise item
    finally:
        gone.set()
