"""Story, and how it is read: text and HTML pages, JSON lines, CSV, Parquet.

Every record becomes at least one Story, in the order of the input. A record that cannot be labelled becomes a Story
with `error` set, so that nothing is lost and the caller decides whether to go on. What makes a whole source
unreadable (a missing file, a table without the named columns) raises before its first story. A record of JSON lines
may lack a field, so that a field which no record had is a warning at the end of the source.
Leaves out: where the bytes come from (sources.py); the syntax of records (records.py, tables.py); how a page is cut
into stories (pages.py); models.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import IO, Any

from classifier.errors import InputError, MissingExtraError, nearest
from classifier.lines import LONGEST_RECORD_BYTES, decode
from classifier.records import Records, kind_of, open_records, records_in
from classifier.sources import Meter, Source, open_source

_SHOWN_FIELDS, _SHOWN_CHARACTERS = 20, 60  # of a record, in a message
_MOST_FOUND = 200  # names of fields that are remembered of a source


@dataclass(frozen=True, slots=True)
class Story:
    """One piece of news.

    Attributes:
        text: The body; may be empty where there is a title.
        title: The headline; may be empty.
        id: The record's own id, or where it stands ("feed.csv:17").
        columns: The record's own columns, kept in the output row.
        error: Why the record cannot be labelled; None for a good one.
    """

    text: str = ""
    title: str = ""
    id: str | int | None = None
    columns: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How records become stories.

    Attributes:
        text_field: The column of the body; None means "text".
        title_field: The column of the headline; None means "title", where there is one.
        id_field: The column of the id; None means "id", where there is one.
        split: Cut a text page into its stories.
        encoding: The encoding of the files; a byte order mark is dropped.
    """

    text_field: str | None = None
    title_field: str | None = None
    id_field: str | None = None
    split: bool = True
    encoding: str = "utf-8"

    @property
    def named(self) -> dict[str, str]:
        """The columns that were named, by the option that names them."""
        columns = {"--text-field": self.text_field, "--title-field": self.title_field, "--id-field": self.id_field}
        return {option: column for option, column in columns.items() if column is not None}


def read_stories(
    source: Source,
    options: ReadOptions,
    meter: Meter | None = None,
    *,
    warn: Callable[[str], None] = lambda message: None,
) -> Iterator[Story]:
    """The stories of one source, read as they are asked for.

    Args:
        source: Where they are.
        options: How records become stories.
        meter: Counts the bytes.
        warn: Told at the end what is most likely a mistake: a named field that no record had.

    Raises:
        InputError: If the source cannot be read, or is a table without the named columns.
        MissingExtraError: If it is HTML and the extra is not installed.
    """
    try:
        if source.format == "parquet":
            with open_records(source, options.encoding, meter) as records:
                yield from _record_stories(records, options, warn)
            return
        with open_source(source, meter) as file:
            source = replace(source, format=source.format or _sniff(file))
            if source.format in ("txt", "html"):
                yield from _read_page(file, source, options)
            else:
                yield from _record_stories(records_in(file, source, options.encoding), options, warn)
    except OSError as error:
        raise InputError(f"{source.shown}: cannot be read ({error.strerror or error}).") from error


def _sniff(file: IO[bytes]) -> str:
    """JSON lines if the input begins like a JSON object, else a text page."""
    start: bytes = file.peek(64) if hasattr(file, "peek") else b""
    return "jsonl" if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") else "txt"


def _read_page(file: IO[bytes], source: Source, options: ReadOptions) -> Iterator[Story]:
    """The stories of a whole text or HTML file."""
    name, raw = source.shown, file.read(LONGEST_RECORD_BYTES + 1)
    if len(raw) > LONGEST_RECORD_BYTES:
        yield Story(id=name, error=f"{name}: longer than {LONGEST_RECORD_BYTES >> 20} MiB. Cut it into smaller files.")
        return
    text, problem = decode(raw, options.encoding)
    if problem:
        yield Story(id=name, error=f"{name}: {problem}")
        return
    title = ""
    if source.format == "html":
        title, text = main_text(text)
    yield from _page_stories(text, title, name, options)


def _page_stories(text: str, title: str, name: str, options: ReadOptions) -> Iterator[Story]:
    """The stories of a page; `title` is that of the first."""
    if not options.split:
        yield Story(text=text, title=title, id=name, columns={**({"title": title} if title else {}), "text": text})
        return
    from classifier.pages import split_page

    segments = split_page(text)
    if not segments:
        yield Story(title=title, id=name, columns={"text": text}, error=f"{name}: empty, nothing to label.")
    for number, segment in enumerate(segments, 1):
        headline = segment.title or (title if number == 1 else "")
        columns = {"page_id": name, "first_line": segment.first_line, "last_line": segment.last_line}
        columns |= {"title": headline} if headline else {}
        columns["text"] = segment.text
        story_id = name if len(segments) == 1 else f"{name}#{number}"
        yield Story(text=segment.text, title=headline, id=story_id, columns=columns)


def main_text(page: str) -> tuple[str, str]:
    """Title and main text, a paragraph a line, of an HTML page.

    Raises:
        MissingExtraError: If trafilatura is not installed.
    """
    try:
        import trafilatura
    except ImportError as error:
        raise MissingExtraError("reading HTML", "html") from error
    found = trafilatura.bare_extraction(page, include_comments=False, favor_recall=True, with_metadata=True)
    if found is None:
        return "", ""
    fields = found.as_dict()
    return fields.get("title") or "", fields.get("text") or ""


def _record_stories(records: Records, options: ReadOptions, warn: Callable[[str], None]) -> Iterator[Story]:
    if records.columns is not None:
        _check_columns(records.where, records.columns, options)
    unseen = _UnseenFields(options)
    for where, record in records.rows:
        if isinstance(record, str):
            yield Story(id=where, error=f"{where}: {record}")
            continue
        story = story_from_record(record, where, options)
        unseen.see(record, story)
        yield story
    for warning in unseen.warnings(records.where):
        warn(warning)


class _UnseenFields:
    """The named fields that no record of a source has had so far, and some that the records had instead."""

    def __init__(self, options: ReadOptions) -> None:
        self._unseen = options.named
        self._found: dict[str, None] = {}
        self._any_good = False

    def see(self, record: Mapping[str, Any], story: Story) -> None:
        """Notes the fields of a record, and whether it became a good story."""
        if not self._unseen:
            return
        self._unseen = {option: name for option, name in self._unseen.items() if name not in record}
        self._any_good |= story.error is None
        for name in record:
            if len(self._found) < _MOST_FOUND:
                self._found[name[:_SHOWN_CHARACTERS]] = None

    def warnings(self, where: str) -> list[str]:
        """One for each field; none where no record was good, since then each has an error of its own."""
        unseen = self._unseen.items() if self._any_good else ()
        return [_no_field(where, name, self._found, option, among=" in any record") for option, name in unseen]


def _check_columns(where: str, found: Collection[str], options: ReadOptions) -> None:
    """Refuses a table without the columns that were named, or without any text.

    Raises:
        InputError: With the columns found and the nearest name.
    """
    for option, column in options.named.items():
        if column not in found:
            raise InputError(_no_field(where, column, found, option))
    text_field, title_field = options.text_field or "text", options.title_field or "title"
    if not {text_field, title_field} & set(found):
        raise InputError(_no_field(where, text_field, found, "--text-field"))


def story_from_record(record: Mapping[str, Any], where: str, options: ReadOptions) -> Story:
    """One JSON object or table row as a Story; a wrong field becomes the story's `error`."""
    story_id = record.get(options.id_field or "id")
    if not isinstance(story_id, str | int) or isinstance(story_id, bool) or story_id == "":
        story_id = where
    text_field, title_field = options.text_field or "text", options.title_field or "title"
    missing = text_field not in record and (options.text_field is not None or title_field not in record)
    error = _no_field(where, text_field, record, "--text-field") if missing else None
    for name in (text_field, title_field):
        value = record.get(name)
        if value is not None and not isinstance(value, str):
            error = f"{where}: field '{name}' is {kind_of(value)}, not text."
    text, title = (record.get(name) or "" for name in (text_field, title_field))
    if error is None and not text.strip() and not title.strip():
        error = f"{where}: empty text, nothing to label."
    columns = record
    if "id" in record and (options.id_field not in (None, "id") or record["id"] not in (None, "", story_id)):
        columns = {"input_id" if name == "id" else name: value for name, value in record.items()}
    if error is not None:
        return Story(id=story_id, columns=columns, error=error)
    return Story(text=text, title=title, id=story_id, columns=columns)


def _no_field(where: str, wanted: str, found: Collection[str], option: str, *, among: str = "") -> str:
    listed = ", ".join(name[:_SHOWN_CHARACTERS] for name in islice(found, _SHOWN_FIELDS)) or "nothing"
    return f"{where}: no field '{wanted}'{among}. Found: {listed}.{nearest(wanted, found)} Name it with {option}."
