"""Several processes that label the stories of a job, each with the model in its memory (`--processes`).

    main process                      a worker, on its share of the cores
    new stories of a chunk ─pickle→   windows → scores → predictions → JSON lines   ─pickle→ main process

Everything is known to the main process alone: which texts are new, what is written, in which order. Workers touch no
file of the job, so that one that dies, or outlives the main process for a moment, spoils nothing. Leaves out: what they
do with the stories (job_labels.py).
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from classifier.errors import EngineError
from classifier.job_labels import Labelled, Pending, Work, label_new
from classifier.pipeline import Classifier
from classifier.stopping import Stopped, stoppable

_CHUNKS_EACH = 2  # under way for each worker: one that it is at, one that waits for it
_ASK_EVERY_S = 0.2
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
        context = multiprocessing.get_context("spawn")
        self.most, self._count = _CHUNKS_EACH * count, count
        with self._starting():
            self._stop = context.Event()
            settings = (load, self._stop, context.Value("i", 0), count)
            self._pool = ProcessPoolExecutor(count, context, initializer=_prepare, initargs=settings)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._stop.set()
        self._pool.shutdown(cancel_futures=True)

    def begin(self, work: Work) -> Pending:
        """Hands the stories to the next worker that is free.

        Raises:
            EngineError: If no worker can be started, or one is gone.
        """
        try:
            with self._starting(), _signals_held():
                return _Remote(self._pool.submit(_work, work), self._stop)
        except BrokenProcessPool as error:
            raise _gone() from error

    @contextmanager
    def _starting(self) -> Iterator[None]:
        """What the system says of new processes becomes an EngineError."""
        try:
            yield
        except OSError as error:
            raise EngineError(f"cannot start {self._count} processes ({error.strerror or error}). {_FEWER}") from error


@contextmanager
def _signals_held() -> Iterator[None]:
    """Signals wait; a process that is started meanwhile never gets them, not even before it could say so itself."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _FOR_MAIN)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@dataclass(frozen=True, slots=True)
class _Remote:
    future: Future[Labelled]
    stop: Any

    def done(self) -> bool:
        """True if a worker has answered."""
        return self.future.done()

    def get(self, should_stop: Callable[[], bool]) -> Labelled:
        """Waits for the answer; once it is asked to stop, all workers give up before their next batch."""
        while True:
            try:
                return self.future.result(_ASK_EVERY_S)
            except BrokenProcessPool as error:
                if should_stop():
                    raise Stopped from error
                raise _gone() from error
            except TimeoutError:
                if self.future.done():
                    raise
            if should_stop():
                self.stop.set()
                raise Stopped


def _gone() -> EngineError:
    return EngineError(f"a worker process was ended from outside: killed, or for want of memory. {_FEWER}")


# In a worker

_mine: dict[str, Any] = {}


def _prepare(load: Callable[[], Classifier], stop: Any, started: Any, count: int) -> None:
    """Makes this process a worker: it ends with the main process, leaves signals to it, and keeps to its cores."""
    for number in _FOR_MAIN:
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with started.get_lock():
        turn, started.value = started.value, started.value + 1
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, share_of(sorted(os.sched_getaffinity(0)), turn, count))
    _mine.update(load=load, stop=stop)


def share_of(cores: Sequence[int], turn: int, count: int) -> Sequence[int]:
    """The cores of one of `count` workers: all are given out, and one is shared where there are fewer than workers.

    >>> [share_of([0, 1, 2, 3, 4], turn, 2) for turn in range(2)]
    [[0, 1], [2, 3, 4]]
    """
    start, end = turn * len(cores) // count, (turn + 1) * len(cores) // count
    return cores[start : max(end, start + 1)]


def _end_with_parent() -> None:
    """A worker that waits for stories would otherwise outlive a main process that was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(work: Work) -> Labelled:
    try:
        if "classifier" not in _mine:
            _mine["classifier"] = stoppable(_mine["load"](), _mine["stop"].is_set)
        return label_new(_mine["classifier"], work)
    except RuntimeError as error:
        if "out of memory" not in str(error):
            raise
        raise EngineError(f"a worker process has no memory left on its device ({error}). {_FEWER}") from error
