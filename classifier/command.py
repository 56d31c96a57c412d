"""How a command ends, whichever it is: its exit code, and what it says where it cannot go on.

Leaves out: arguments and output of each command, and what a job does when it is asked to stop (jobs.py).
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from classifier.errors import ClassifierError, InputError
from classifier.printed import print_error
from classifier.process import discard, open_standard_error, write_errors

_READER_GONE = 141  # 128 and the number of SIGPIPE, as a shell says it of other commands


def run_command(run: Callable[[], int], *, interrupted: str = "interrupted") -> int:
    """The exit code of a command: what `run` returns, 1 where it ends with a problem that the user can solve.

    130 where it is interrupted, of which `interrupted` is said; 141 where nobody reads standard output any more.
    """
    open_standard_error()
    try:
        code = run()
        _flush_standard_output()
    except ClassifierError as error:
        print_error(error)
        return 1
    except BrokenPipeError:  # the reader, such as head, has what it wanted
        discard(sys.stdout)
        return _READER_GONE
    except KeyboardInterrupt:
        print(f"\n{interrupted}", file=sys.stderr)
        return 130
    return code


def _flush_standard_output() -> None:
    if sys.stdout is None:
        return
    try:
        with write_errors("standard output"):
            sys.stdout.flush()
    except InputError:
        discard(sys.stdout)
        raise
