"""Several processes that label the stories of a job, each with the model in its memory (`--processes`).

    main process, a thread a worker                    a worker, on its share of the cores
    new stories of a chunk ─pickle─ its own pipe─→     windows → scores → predictions → JSON lines ─pickle→ the thread

Everything is known to the main process alone: which texts are new, what is written, in which order. Workers touch no
file of the job, so that one that dies, or is killed when the job stops, spoils nothing. Each has a pipe of its own: the
workers of `concurrent.futures.ProcessPoolExecutor` share one, and where one is killed in the middle of an answer, the
rest of it is waited for without end. Leaves out: what they do with the stories (job_labels.py).
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import resource_tracker
from typing import Any

from classifier.errors import EngineError
from classifier.job_labels import LabelledWork, Pending, Work, label_new
from classifier.pipeline import Classifier
from classifier.stopping import Stopped

_CHUNKS_EACH = 2  # under way for each worker: one that it is at, one that waits for it
_ASK_EVERY_S = 0.2
_END_S = 5.0  # a worker that has nothing to do is gone at once
_FOR_MAIN = (signal.SIGINT, signal.SIGTERM)
_FEWER = "What was saved is kept: give the same command again with fewer --processes."


class Workers:
    """Processes that label, as a context; they are gone when it ends.

    They are started as they are needed, each as a fresh interpreter (CUDA and the threads of the runtimes survive no
    fork), and load the model for their first stories.
    """

    def __init__(self, load: Callable[[], Classifier], count: int) -> None:
        """Starts nothing yet.

        Args:
            load: Gives the classifier; can be pickled, as a function of a module or a `functools.partial` of one.
            count: How many processes.
        """
        self.most, self._load, self._count = _CHUNKS_EACH * count, load, count
        self._threads = ThreadPoolExecutor(count)
        self._of_thread, self._starting = threading.local(), threading.Lock()
        self._workers: list[tuple[Any, Any]] = []  # process and connection
        self._has_ended = False

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._starting:
            self._has_ended = True
        if kind is not None:
            self._kill()
        self._threads.shutdown(cancel_futures=True)
        for _, connection in self._workers:
            connection.close()
        for process, _ in self._workers:
            process.join(_END_S)
        self._kill()

    def begin(self, work: Work) -> Pending:
        """Hands the stories to the next worker that is free."""
        return _Remote(self._threads.submit(self._ask, work))

    def _kill(self) -> None:
        for process, _ in self._workers:
            process.kill()
            process.join()

    def _ask(self, work: Work) -> LabelledWork:
        """What the worker of this thread makes of the stories; raises what it raised."""
        if not hasattr(self._of_thread, "connection"):
            self._of_thread.connection = self._start()
        try:
            self._of_thread.connection.send(work)
            answer = self._of_thread.connection.recv()
        except (EOFError, OSError) as error:
            raise EngineError(
                f"a worker process was ended from outside: killed, or for want of memory. {_FEWER}"
            ) from error
        if isinstance(answer, Exception):
            raise answer
        labelled: LabelledWork = answer
        return labelled

    def _start(self) -> Any:
        """The connection to a new worker."""
        context = multiprocessing.get_context("spawn")
        with self._starting:
            if self._has_ended:
                raise Stopped
            try:
                if os.name == "posix":
                    resource_tracker.ensure_running()  # which else starts now, and lets signals through again
                _hold_signals()
                here, there = context.Pipe()
                settings = (there, self._load, len(self._workers), self._count)
                process = context.Process(target=_serve, args=settings, daemon=True)
                process.start()
            except OSError as error:
                said = f"cannot start {self._count} processes ({error.strerror or error}). {_FEWER}"
                raise EngineError(said) from error
            there.close()  # so that the end of the worker is the end of what can be read
            self._workers.append((process, here))
        return here


@dataclass(frozen=True, slots=True)
class _Remote:
    future: Future[LabelledWork]

    def done(self) -> bool:
        """True if a worker has answered."""
        return self.future.done()

    def get(self, should_stop: Callable[[], bool]) -> LabelledWork:
        """Waits for the answer."""
        while True:
            try:
                return self.future.result(_ASK_EVERY_S)
            except TimeoutError:
                if self.future.done():
                    raise
            if should_stop():
                raise Stopped


def _hold_signals() -> None:
    """Signals are for the main thread: what this one starts never gets them, not even in its first moments."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, _FOR_MAIN)


def share_of(cores: Sequence[int], turn: int, count: int) -> Sequence[int]:
    """The cores of one of `count` workers: all are given out, and one is shared where there are fewer than workers.

    >>> [share_of([0, 1, 2, 3, 4], turn, 2) for turn in range(2)]
    [[0, 1], [2, 3, 4]]
    """
    start, end = turn * len(cores) // count, (turn + 1) * len(cores) // count
    return cores[start : max(end, start + 1)]


# In a worker


def _serve(connection: Any, load: Callable[[], Classifier], turn: int, count: int) -> None:
    """Answers until the main process closes the connection, or is gone."""
    for number in _FOR_MAIN:
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, share_of(sorted(os.sched_getaffinity(0)), turn, count))
    classifier = None
    while True:
        try:
            work = connection.recv()
        except (EOFError, OSError):
            return
        try:
            classifier = classifier or load()
            answer: Any = label_new(classifier, work)
        except Exception as error:  # told to the main process, which raises it
            answer = _sendable(error)
        connection.send(answer)


def _sendable(error: Exception) -> Exception:
    """The error, with where it came from for what is a bug; a lack of memory as what a user can do about it."""
    if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and "out of memory" in str(error)):
        return EngineError(f"a worker process has no memory left on its device ({error}). {_FEWER}")
    error.add_note("In a worker process:\n" + "".join(traceback.format_exception(error)))
    return error


def _end_with_parent() -> None:
    """A worker that is at its stories would otherwise outlive a main process that was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
