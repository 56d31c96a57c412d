"""Whether the rows of a table begin with a name that the header has no column for, as R writes them.

    "id"    "text"
    "1"     17      "Envoys met."

Leaves out: reading the rows (tables.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from classifier.swallowed_rows import are_alike, running
from classifier.text_fields import BODIES, bare


def has_row_names(header: Sequence[str], rows: Sequence[Sequence[str]], *, are_quoted: bool) -> bool:
    """True if the columns of the header are those behind the first one of these rows.

    Their first fields are running numbers, or made alike with one in them. The text is not longer one column before,
    and an id is told from a word. It takes two rows, or one with the number 1 in quotes: a delimiter that should be in
    quotes makes a row longer, too.

    Args:
        header: The names of the columns.
        rows: The first ones, each with one field more.
        are_quoted: Whether the header and all these rows begin with a quote.
    """
    if len(header) < 2 or not all(header) or not rows or (len(rows) == 1 and not (are_quoted and rows[0][0] == "1")):
        return False
    names = [row[0] for row in rows]
    if not all(are_alike(name, names[0]) for name in names) or any(
        running(before) >= running(name) for before, name in pairwise(names)
    ):
        return False
    known = [bare(name) for name in header]
    ids = [row[1] for row in rows]
    if known[0].endswith("id") and (len(set(ids)) < len(ids) or any(running(one) < 0 or " " in one for one in ids)):
        return False
    texts = sorted((column for column, name in enumerate(known) if name in BODIES), key=lambda at: known[at] != "text")
    return all(sum(len(row[at + 1]) - len(row[at]) for row in rows) >= 0 for at in texts[:1]) and any(
        row[-1].strip() for row in rows
    )
