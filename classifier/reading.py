"""Files and pages → stories for a program in Python, as `python -m classifier.predict` reads them.

    read_files("feed.csv", "pages/")  ->  Story, Story, …      read_page(html)  ->  [Story, Story]

Leaves out: what is in a format (stories.py), which files a name stands for (sources.py), labels (pipeline.py).
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from classifier.errors import CommandError, InputError
from classifier.formats import FORMATS
from classifier.meter import Meter
from classifier.rewording import in_other_words, reworded
from classifier.source_check import broken_sources
from classifier.sources import Source, find_sources
from classifier.stories import ReadOptions, Story, read_stories, stories_in
from classifier.unread_files import no_text

SPLITS = ("auto", "all", "none")
_IN_PYTHON = {  # options of predict, in messages: the arguments that they are here
    r"--(text|title|id)-field": r"\1_field",
    r"--input-format (\w+)": r'input_format="\1"',
    r"--input-format": "input_format",
    r"--encoding, for example ([\w-]+)": r'encoding="\1"',
    r"--encoding": "encoding",
    r"Give a story itself with --text, or to '-'\.": "Give a story itself to Classifier.classify.",
}


def read_files(
    *inputs: str | os.PathLike[str],
    split: str = "auto",
    text_field: str | None = None,
    title_field: str | None = None,
    id_field: str | None = None,
    input_format: str | None = None,
    encoding: str = "utf-8",
) -> Iterator[Story]:
    """The stories of files, in order, read as they are asked for.

    A record that cannot be labelled, and a source that breaks off, is a Story with `error`. What is most likely a
    mistake, such as a sheet that is not read, is a UserWarning.

    Args:
        inputs: Files, folders, patterns such as "pages/**/*.html"; "-" is standard input. Formats go by the names.
        split: Cut into stories: pages ("auto"), the texts of records as well ("all"), nothing ("none").
        text_field: The column of the body; None means "text".
        title_field: The column of the headline; None means "title", where there is one.
        id_field: The column of the id; None means "id", where there is one.
        input_format: That of all inputs, such as "csv" or "html"; None goes by the names.
        encoding: Of files that do not say theirs.

    Raises:
        InputError: At once for what is missing, unreadable or of an unknown format, and for records without the named
            columns; while it is read, for records in a stream or JSON lines that all lack them.
        MissingExtraError: If the extra for a format is not installed.
        ValueError: If `split` or `input_format` is none that there is.
    """
    options = read_options(split, encoding, text_field, title_field, id_field)
    if input_format is not None:
        _check("input_format", input_format, sorted(set(FORMATS.values())))
    with in_other_words(_IN_PYTHON):
        sources = find_sources([os.fspath(name) for name in inputs], input_format, warn=_warn)
        broken_sources(sources, options)
    return _in_python(stories_of(sources, options, Meter(), _warn))


def read_page(page: str | bytes, *, name: str = "page", split: str = "auto", encoding: str = "utf-8") -> list[Story]:
    """The stories of a page that a program holds: text or HTML, or a feed, or the JSON answer of a news service.

    Args:
        page: What it is shows in how it begins. HTML in bytes may declare its encoding.
        name: The id of its only story; several are `name#1`, `name#2` and so on. Perhaps its address.
        split: As of `read_files`; "none" keeps a page whole, without its menus if it is HTML.
        encoding: Of bytes that do not say theirs.

    Returns:
        At least one; a page that is empty or cannot be read, such as a PDF, is a Story with `error`.

    Raises:
        InputError: If the encoding is not known.
        MissingExtraError: If it is HTML or a feed, and the extra is not installed.
        TypeError: If it is neither text nor bytes.
        ValueError: If `split` is none that there is.
    """
    options = read_options(split, encoding)
    if not isinstance(page, str | bytes):
        raise TypeError(f"expected a page as str or bytes, got {type(page).__name__}")
    raw = page.encode("utf-8", "surrogatepass") if isinstance(page, str) else page
    if problem := no_text(raw):
        return [Story(id=name, error=f"{name}: {problem}")]
    source = Source(name, "")
    stories = _errors_as_rows(source, stories_in(io.BufferedReader(io.BytesIO(raw)), source, options, _warn))
    return list(_in_python(stories))


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


def _errors_as_rows(source: Source, stories: Iterator[Story]) -> Iterator[Story]:
    try:
        yield from stories
    except CommandError:
        raise
    except InputError as error:
        yield Story(id=source.shown, error=str(error))


def _in_python(stories: Iterator[Story]) -> Iterator[Story]:
    """The same, with arguments where messages have options."""
    with in_other_words(_IN_PYTHON):
        for story in stories:
            yield story if story.error is None else replace(story, error=reworded(story.error, _IN_PYTHON))


def read_options(
    split: str,
    encoding: str,
    text_field: str | None = None,
    title_field: str | None = None,
    id_field: str | None = None,
) -> ReadOptions:
    """How records become stories, `split` as of `read_files`.

    Raises:
        ValueError: If `split` is none that there is.
    """
    _check("split", split, SPLITS)
    return ReadOptions(text_field, title_field, id_field, split != "none", split == "all", encoding)


def _check(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise ValueError(f"{name} is {value!r}, expected one of {', '.join(map(repr, known))}")


def _warn(message: str) -> None:
    warnings.warn(reworded(message, _IN_PYTHON), stacklevel=2)
