"""What one way of doing a thing costs beside another: CPU time, the two in turns, so that a slow minute meets both."""

from __future__ import annotations

import time
from collections.abc import Callable


def cpu_ratios(costly: Callable[[], object], plain: Callable[[], object], rounds: int) -> list[float]:
    """CPU time of `costly` over that of `plain`, once a round; each goes first in every other round."""
    return [_ratio(costly, plain, plain_first=number % 2 == 0) for number in range(rounds)]


def _ratio(costly: Callable[[], object], plain: Callable[[], object], *, plain_first: bool) -> float:
    if plain_first:
        below = _seconds(plain)
        return _seconds(costly) / below
    above = _seconds(costly)
    return above / _seconds(plain)


def _seconds(run: Callable[[], object]) -> float:
    started = time.process_time()
    run()
    return time.process_time() - started
