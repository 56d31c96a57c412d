"""Refuses an engine in a process that was forked from the one that it ran in: it would wait for ever.

A fork copies the memory and none of the threads but one, so that the pools of the runtimes have nobody who works.
Leaves out: processes that are started anew (`spawn`), which have nothing of the engine.
"""

from __future__ import annotations

import os

from classifier.errors import EngineError


class OneProcess:
    """The process that an engine belongs to; none before it enters one."""

    def __init__(self) -> None:
        self._id: int | None = None

    def enter(self) -> None:
        """Notes the process the first time, and allows no other from then on.

        Raises:
            EngineError: In another process.
        """
        here = os.getpid()
        if self._id is None:
            self._id = here
        elif self._id != here:
            raise EngineError(
                f"this classifier belongs to process {self._id}; its threads did not come along into process {here}, "
                "which was forked from that. Load the classifier in each process, and start them by 'spawn': "
                "multiprocessing.get_context('spawn')."
            )
