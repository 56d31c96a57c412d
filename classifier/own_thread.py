"""A call in a thread of its own, also where the main thread of the program has ended and others go on.

Leaves out: pools. Those of `concurrent.futures` take no call any more from the moment at which the main thread ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")


@contextmanager
def own_thread(call: Callable[[], Result]) -> Iterator[Future[Result]]:
    """What the call gives or raises, begun here and waited for at the end of the block at the latest."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # raised where the result is asked for
            future.set_exception(error)

    thread = Thread(target=run, daemon=False)  # a thread that is cut off within a library ends the process
    thread.start()
    try:
        yield future
    finally:
        thread.join()
