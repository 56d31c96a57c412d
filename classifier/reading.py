"""Files and pages → stories for a program in Python, as `python -m classifier.predict` reads them.

    read_files("feed.csv", "pages/")  ->  Story, Story, …      read_page(html)  ->  [Story, Story]

Leaves out: what is in a format (stories.py), which files a name stands for (sources.py), labels (pipeline.py).
"""

from __future__ import annotations

import io
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence

from classifier.errors import CommandError, InputError
from classifier.formats import FORMATS
from classifier.meter import Meter
from classifier.printed import printable
from classifier.rewording import in_other_words, reworded, stories_in_other_words
from classifier.source_check import broken_sources
from classifier.sources import Source, find_sources
from classifier.stories import ReadOptions, Story, read_stories, stories_in
from classifier.unread_files import no_text

_BOM = "\ufeff"
SPLITS = ("auto", "all", "none")
_ONLY_FILES = ("docx", "parquet", "spreadsheet")
_IN_PYTHON = {  # options of predict, in messages: the arguments that they are here
    r"--(text|title|id)-field": r"\1_field",
    r"--input-format (\w+)": r'input_format="\1"',
    r"--input-format": "input_format",
    r"--encoding, for example ([\w-]+)": r'encoding="\1"',
    r"--encoding": "encoding",
    r"Give a story itself with --text, or to '-'\.": "Give a story itself to Classifier.classify.",
}


class InputWarning(UserWarning):
    """What is most likely a mistake, and is read all the same: a sheet that is left out, a field that no record has."""


def read_files(
    *inputs: str | os.PathLike[str],
    split: str = "auto",
    text_field: str | None = None,
    title_field: str | None = None,
    id_field: str | None = None,
    input_format: str | None = None,
    encoding: str | None = None,
) -> Iterator[Story]:
    """The stories of files, in order, read as they are asked for.

    A record that cannot be labelled, and a source that breaks off, is a Story with `error`. What is most likely a
    mistake is an InputWarning.

    Args:
        inputs: Files, folders, patterns such as "pages/**/*.html"; "-" is standard input. Formats go by the names.
        split: Cut into stories: pages ("auto"), the texts of records as well ("all"), nothing ("none").
        text_field: The column of the body; None means "text".
        title_field: The column of the headline; None means "title", where there is one.
        id_field: The column of the id; None means "id", where there is one.
        input_format: That of all inputs, such as "csv" or "html"; None goes by the names.
        encoding: Of files that do not say theirs; None means UTF-8, or what an HTML page or feed declares. One that is
            named is asked before the page.

    Raises:
        InputError: At once if there is no input, for what is missing, unreadable or of an unknown format, and for
            records without the named columns; while it is read, for records in a stream that all lack them.
        MissingExtraError: If the extra for a format is not installed.
        ValueError: If `split` or `input_format` is none that there is.
    """
    options = read_options(split, encoding, text_field=text_field, title_field=title_field, id_field=id_field)
    _check_format(input_format)
    if not inputs:
        raise InputError("nothing to read: name a file, a folder or '-' for standard input.")
    with in_other_words(_IN_PYTHON):
        sources = find_sources([os.fspath(name) for name in inputs], input_format, warn=_warn)
        broken_sources(sources, options)
    return stories_in_other_words(stories_of(sources, options, Meter(), _warn), _IN_PYTHON)


def read_page(
    page: str | bytes,
    *,
    name: str = "page",
    split: str = "auto",
    text_field: str | None = None,
    title_field: str | None = None,
    id_field: str | None = None,
    input_format: str | None = None,
    encoding: str | None = None,
) -> list[Story]:
    """The stories of a page that a program holds: text or HTML, or a feed, or the JSON answer of a news service.

    Args:
        page: As it came. Of bytes HTML may declare the encoding; text is text, whatever it declares.
        name: What it is called in ids and messages, perhaps its address: a story cut out of it is `name#2`, a record of
            it without an id `name:2`.
        split: As of `read_files`; "none" keeps a page whole, without its menus if it is HTML.
        text_field: As of `read_files`, like the two below, for records alone: stories of an answer, rows of CSV.
        title_field: The column of the headline.
        id_field: The column of the id.
        input_format: "html", "txt", "feed", "json", "jsonl" or "csv"; None goes by how the page begins.
        encoding: As of `read_files`, for bytes alone.

    Returns:
        The stories in order. A page that is empty or cannot be read, such as a PDF, is a Story with `error`; a feed or
        list without items has none.

    Raises:
        InputError: If the encoding is not known, or CSV lacks the columns.
        MissingExtraError: If it is HTML or a feed, and the extra is not installed.
        TypeError: If the page is neither text nor bytes, or the name no text.
        ValueError: If `split` or `input_format` is none that there is.
    """
    if not isinstance(page, str | bytes) or not isinstance(name, str):
        raise TypeError(f"expected a page as str or bytes, got {type(page).__name__}, and a name as str, got {name!r}")
    _check_format(input_format, but=_ONLY_FILES)
    if isinstance(page, str):
        raw, encoding = f"{_BOM}{page.removeprefix(_BOM)}".encode("utf-8", "surrogatepass"), None
    else:
        raw, input_format = page, "txt" if no_text(page) else input_format
    source = Source(name, input_format or "")
    options = read_options(split, encoding, text_field=text_field, title_field=title_field, id_field=id_field)
    found = stories_in(io.BufferedReader(io.BytesIO(raw)), source, options, _warn)
    return list(stories_in_other_words(_errors_as_rows(source, found), _IN_PYTHON))


def stories_of(
    sources: Sequence[Source], options: ReadOptions, meter: Meter, warn: Callable[[str], None]
) -> Iterator[Story]:
    """The stories of all sources, in order; one that is broken, or breaks off, is a row like a broken record.

    Raises:
        CommandError: If the options do not fit.
        MissingExtraError: If the extra for a format is not installed.
    """
    for source in sources:
        before = meter.read_bytes
        yield from _errors_as_rows(source, read_stories(source, options, meter, warn=warn))
        meter.read_bytes = before + source.size_bytes


def read_options(
    split: str,
    encoding: str | None,
    *,
    text_field: str | None,
    title_field: str | None,
    id_field: str | None,
) -> ReadOptions:
    """How records become stories, the arguments as of `read_files`.

    Raises:
        ValueError: If `split` is none that there is.
    """
    _check("split", split, SPLITS)
    encoding = "utf-8" if encoding is None else encoding
    return ReadOptions(text_field, title_field, id_field, split != "none", split == "all", encoding)


def _errors_as_rows(source: Source, stories: Iterator[Story]) -> Iterator[Story]:
    try:
        yield from stories
    except CommandError:
        raise
    except InputError as error:
        yield Story(id=source.shown, error=str(error))


def _check_format(name: str | None, but: Sequence[str] = ()) -> None:
    if name is not None:
        _check("input_format", name, [known for known in sorted(set(FORMATS.values())) if known not in but])


def _check(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise ValueError(f"{name} is {value!r}, expected one of {', '.join(map(repr, known))}")


def _warn(message: str) -> None:
    """An InputWarning at the line outside of this package that asked for the stories."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "classifier":
        level, frame = level + 1, frame.f_back
    warnings.warn(printable(reworded(message, _IN_PYTHON)), InputWarning, stacklevel=level)
