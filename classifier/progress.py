"""How far a job is: a bar on a terminal, a plain line every 30 seconds elsewhere; both on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from classifier.job_progress import Progress
from classifier.printed import counted

_LINE_EVERY_S = 30.0


@contextmanager
def show_progress(total_bytes: int, *, quiet: bool = False) -> Iterator[Callable[[Progress], None]]:
    """What to call after every chunk.

    Args:
        total_bytes: The size of the input; 0 if it is not known.
        quiet: Show nothing.
    """
    if quiet:
        yield lambda progress: None
        return
    clock = _Clock(total_bytes)
    if not sys.stderr.isatty():
        yield clock.line
        return
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(file=sys.stderr), refresh_per_second=4, transient=True) as live:
        yield lambda progress: live.update(clock.describe(progress))


class _Clock:
    """Speed and time left, from the bytes of what is labelled; what is only read counts for nothing."""

    def __init__(self, total_bytes: int) -> None:
        self._total_bytes = total_bytes
        self._started = self._printed = time.monotonic()
        self._first: tuple[float, int] | None = None
        self._greeted = False

    def describe(self, progress: Progress) -> str:
        """Rows, share, rows/s, time left, errors."""
        now, position = time.monotonic(), progress.position_bytes
        if self._first is None:  # the first chunk: what was resumed counts for no speed
            self._first = (now, position)
        rate = (progress.rows - progress.resumed) / max(now - self._started, 1e-9)
        parts = [counted(progress.rows, "row"), f"{rate:,.0f} rows/s"]
        if self._total_bytes:
            share = min(1.0, position / self._total_bytes)
            parts.insert(1, f"{share:.0%}")
            since, at = self._first
            if position > at:
                left = (self._total_bytes - position) * (now - since) / (position - at)
                parts.append(f"{_duration(max(0.0, left))} left")
        if progress.tally.counts["error"]:
            parts.append(counted(progress.tally.counts["error"], "error"))
        return ", ".join(parts)

    def line(self, progress: Progress) -> None:
        """Prints a line if it is time for one, and at once where an earlier run is continued."""
        described, now = self.describe(progress), time.monotonic()
        if progress.resumed and not self._greeted:
            print(f"going on after {counted(progress.resumed, 'row')} of an earlier run", file=sys.stderr, flush=True)
        self._greeted = True
        if now - self._printed >= _LINE_EVERY_S:
            self._printed = now
            print(described, file=sys.stderr, flush=True)


def _duration(seconds: float) -> str:
    """1:02:03, or 2:03 below an hour."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
