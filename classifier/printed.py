"""Text of others → text that a terminal shows, and does not obey.

    an escape character, "[31m.csv"  ->  "\\x1b[31m.csv"

File names, names of fields and values stand in messages as they were given. Leaves out: stories in the table for
people, of which nothing of the kind is shown (terminal.py), and rows, which hold what they were given (rows.py).
"""

from __future__ import annotations

import re
import sys

# Control characters but for tabs and line feeds, and what changes the direction in which a line is read.
STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    r"""The text with what could steer a terminal written out.

    >>> printable("a\x1b[2Jb")
    'a\\x1b[2Jb'
    """
    return STEERING.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def on_one_line(name: str) -> str:
    r"""A name with its line breaks written out, so that it forges no line of a message."""
    return name.replace("\n", "\\n")


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun, the plural of which has an s where `many` names no other.

    >>> counted(1, "story", "stories"), counted(2000, "record")
    ('1 story', '2,000 records')
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def print_error(error: Exception) -> None:
    """Says on standard error why a command ends."""
    print(f"error: {printable(str(error))}", file=sys.stderr)
