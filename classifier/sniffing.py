"""The format of an input that has no name, from how it begins; and whether a text page begins like a table.

Leaves out: formats that go by a file's name (sources.py), what XML or HTML is (markup.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from classifier.errors import CommandError
from classifier.json_records import looks_like_document
from classifier.lines import opening
from classifier.streams import is_next
from classifier.unread_files import no_text

if TYPE_CHECKING:
    from classifier.stories import ReadOptions

_DELIMITERS = re.compile(r"[,;\t|]")


def sniffed(file: Any, name: str, options: ReadOptions, warn: Callable[[str], None]) -> str:
    """JSON if the input begins like a JSON object or a list of them, "markup" if like XML or HTML, else a text page.

    Args:
        file: With `peek`.
        name: For messages.
        options: How records become stories.
        warn: Told what may be read in another way.

    Raises:
        CommandError: If it is Parquet, or the encoding is not known.
    """
    if is_next(file, b"PAR1"):
        raise CommandError(f"{name}: Parquet is read from files. Write it to one first: cat > feed.parquet")
    start = opening(file.peek(4096), options.encoding).lstrip()
    if looks_like_document(start, options.story_fields):
        return "json"
    if no_text(file.peek(4096)):
        return "txt"
    if start.startswith("{"):
        return "jsonl"
    if start.startswith("<"):
        return "markup"
    return "txt"


def warn_of_table(file: Any, name: str, options: ReadOptions, warn: Callable[[str], None]) -> None:
    """Says that a text page begins like a table: with the column of text or title, or with tabs as Excel's .txt does.

    Raises:
        CommandError: If the encoding is not known.
    """
    first, second, *_ = [*opening(file.peek(4096), options.encoding).lstrip().split("\n", 2), "", ""]
    header = {part.strip(" \"'\r") for part in _DELIMITERS.split(first)}
    has_columns = len(header) > 1 and not header.isdisjoint(options.text_fields)
    if has_columns or 1 < first.count("\t") == second.count("\t"):
        warn(f"{name}: begins like a table, and is read as a page. Read it as a table with --input-format csv.")
