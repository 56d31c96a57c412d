"""Story, and how it is read: pages (text, HTML, Word), JSON, tables, spreadsheets, Parquet and feeds.

Every record becomes at least one Story, in the order of the input. A record that cannot be labelled becomes a Story
with `error` set, so that nothing is lost and the caller decides whether to go on. A source that cannot be read (it
breaks off, or is empty) raises where that shows; if it is the command that is wrong (a table without the named
columns, an unknown encoding), the error is a CommandError. A record of JSON lines may lack a field, so that a field
which no record had is a warning at the end of the source.
Leaves out: where the bytes come from (streams.py); what an input without a name holds (sniffing.py); the syntax of
records (records.py, tables.py); which columns are there (fields.py); how a page is cut into stories (pages.py); models.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import IO, Any

from classifier.column_names import renamed
from classifier.error_cells import ERRORS
from classifier.errors import InputError
from classifier.fields import UnseenFields, check_columns, lacks_text, no_field, text_within, texts_in_list
from classifier.formats import PAGE_FORMATS
from classifier.html_text import MainText
from classifier.json_lists import StoryFields
from classifier.json_records import kind_of
from classifier.lines import LONGEST_RECORD_BYTES, decode, opening
from classifier.markup import markup_format
from classifier.meter import Meter
from classifier.page_files import read_page_file
from classifier.record_types import Records
from classifier.records import open_records, records_in
from classifier.sniffing import sniffed, warn_of_table
from classifier.sources import Source
from classifier.streams import open_source
from classifier.text_fields import text_in_parts

_PLACE_COLUMNS = ("page_id", "first_line", "last_line")
# What programs write where there is none: R, pandas, SQL, spreadsheets.
_NO_TEXTS = ERRORS.union(("NA", "N/A", "n/a", "NaN", "nan", "<NA>", "None", "NULL", "null"))
_NO_IDS = ERRORS.union(("",))


@dataclass(frozen=True, slots=True)
class Story:
    """One piece of news.

    Attributes:
        text: The body; may be empty where there is a title.
        title: The headline; may be empty.
        id: The record's own id, or where it stands ("feed.csv:17").
        columns: The record's own columns, kept in the output row.
        error: Why the record cannot be labelled; None for a good one.
        where: Where it stands, for messages; None where it was not read from a file.
    """

    text: str = ""
    title: str = ""
    id: str | int | None = None
    columns: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    where: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How records become stories.

    Attributes:
        text_field: The column of the body; None means "text".
        title_field: The column of the headline; None means "title", where there is one.
        id_field: The column of the id; None means "id", where there is one.
        split: Cut a text page into its stories.
        split_records: Cut the text of a record into its stories as well.
        encoding: The encoding of the files, unless they say theirs (page_text.py).
    """

    text_field: str | None = None
    title_field: str | None = None
    id_field: str | None = None
    split: bool = True
    split_records: bool = False
    encoding: str = "utf-8"

    @property
    def named(self) -> dict[str, str]:
        """The columns that were named, by the option that names them."""
        columns = {"--text-field": self.text_field, "--title-field": self.title_field, "--id-field": self.id_field}
        return {option: column for option, column in columns.items() if column is not None}

    @property
    def text_fields(self) -> tuple[str, str]:
        """The columns of the body and of the headline."""
        return self.text_field or "text", self.title_field or "title"

    @property
    def story_fields(self) -> StoryFields:
        """What tells a story from a JSON object around stories."""
        return StoryFields(self.text_fields[0], lambda record: not lacks_text(record, self))


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
        warn: Told at the end what is most likely a mistake: a named field that no record had, sheets that are not read.

    Raises:
        CommandError: If the options do not fit: an unknown encoding, a table without the named columns.
        InputError: If the source cannot be read, or breaks off, or there is nothing in it.
        MissingExtraError: If the extra for its format is not installed.
    """
    try:
        if source.format in ("parquet", "spreadsheet"):
            with open_records(source, options.encoding, meter, options.story_fields) as records:
                yield from _record_stories(records, options, warn)
            return
        with open_source(source, meter) as file:
            yield from stories_in(file, source, options, warn)
    except OSError as error:
        raise InputError(f"{source.shown}: cannot be read ({error.strerror or error}).") from error


def stories_in(
    file: Any, source: Source, options: ReadOptions, warn: Callable[[str], None] = lambda message: None
) -> Iterator[Story]:
    """The stories in the bytes of a source, as of `read_stories`; `file` is a stream with `peek`."""
    source = replace(source, format=source.format or sniffed(file, source.shown, options, warn))
    if source.format == "txt":
        warn_of_table(file, source.shown, options, warn)
    if source.format == "markup":
        file = io.BytesIO(file.read(LONGEST_RECORD_BYTES + 1))
        source = replace(source, format=markup_format(opening(file.getvalue(), options.encoding)))
    if source.format in PAGE_FORMATS:
        yield from _read_page(file, source, options)
    else:
        yield from _record_stories(records_in(file, source, options.encoding, options.story_fields), options, warn)


def _read_page(file: IO[bytes], source: Source, options: ReadOptions) -> Iterator[Story]:
    """The stories of a whole text, HTML or Word file."""
    name, place = source.shown, {"page_id": source.shown} if options.split else {}
    page, problem = read_page_file(file, source.format, options.encoding)
    if problem:
        yield Story(id=name, columns=place, error=f"{name}: {problem}")
        return
    yield from _page_stories(page, name, options)


def _page_stories(page: MainText, name: str, options: ReadOptions) -> Iterator[Story]:
    """The stories of a page; its title is that of the first."""
    title, text = page.title, page.text
    if not options.split:
        error = None if text.strip() or title else f"{name}: empty, nothing to label."
        yield Story(text=text, title=title, id=name, columns={**_title_column(title), "text": text}, error=error)
        return
    from classifier.pages import split_page

    segments = split_page(text, page.starts)
    if not segments:
        empty = None if title else f"{name}: empty, nothing to label."
        yield Story(title=title, id=name, columns={"page_id": name, **_title_column(title), "text": text}, error=empty)
    for number, segment in enumerate(segments, 1):
        headline = segment.title or (title if number == 1 else "")
        columns = {"page_id": name, "first_line": segment.first_line, "last_line": segment.last_line}
        columns |= {**_title_column(headline), "text": segment.text}
        story_id = name if len(segments) == 1 else f"{name}#{number}"
        yield Story(text=segment.text, title=headline, id=story_id, columns=columns)


def _title_column(title: str) -> dict[str, str]:
    return {"title": title} if title else {}


def _record_stories(records: Records, options: ReadOptions, warn: Callable[[str], None]) -> Iterator[Story]:
    if records.columns is not None:
        check_columns(records.where, records.columns, options)
    unseen = UnseenFields(options)
    for where, record in records.rows:
        if isinstance(record, str):
            yield Story(id=where, error=f"{where}: {record}")
            continue
        story = story_from_record(record, where, options)
        unseen.see(record, story)
        yield from _parts(story, options) if options.split_records else [story]
    for warning in [*unseen.warnings(records.where), *filter(None, [records.left_out])]:
        warn(warning)


def _parts(story: Story, options: ReadOptions) -> Iterator[Story]:
    """The stories in a record's text, each with the record's columns; the record's title is that of the first."""
    from classifier.pages import split_page

    text_field, title_field = options.text_fields
    segments = split_page(story.text) if story.error is None else []
    columns = renamed(story.columns, _PLACE_COLUMNS) | {"page_id": story.id}
    if not segments:
        yield replace(story, columns=columns)
    for number, segment in enumerate(segments, 1):
        title = segment.title if number > 1 else story.title or segment.title
        own = {**columns, text_field: segment.text}
        if title or story.title:
            own[title_field] = title
        own |= {"first_line": segment.first_line, "last_line": segment.last_line}
        story_id = story.id if len(segments) == 1 else f"{story.id}#{number}"
        yield replace(story, text=segment.text, title=title, id=story_id, columns=own)


def story_from_record(record: Mapping[str, Any], where: str, options: ReadOptions) -> Story:
    """One JSON object or table row as a Story; a wrong field becomes its `error`, and bytes as text are decoded."""
    story_id = record.get(options.id_field or "id")
    if isinstance(story_id, float) and story_id.is_integer():  # a table with a missing id holds all of them as 1.0
        story_id = int(story_id)
    if not isinstance(story_id, str | int) or isinstance(story_id, bool) or story_id in _NO_IDS:
        story_id = where
    text_field, title_field = options.text_fields
    error = None
    if lacks_text(record, options):
        error = no_field(where, text_field, record, "--text-field") + text_within(record)
    for name in (text_field, title_field):
        value = record.get(name)
        if isinstance(value, bytes):
            value, problem = decode(value, options.encoding)
            if problem:
                error = f"{where}: field '{name}' holds bytes, {problem}"
            else:
                record = {**record, name: value}
        elif (joined := text_in_parts(value)) is not None:
            record = {**record, name: joined}
        elif value is not None and not isinstance(value, str):
            error = f"{where}: field '{name}' is {kind_of(value)}, not text.{texts_in_list({name: value})}"
    found = [record.get(name) or "" for name in (text_field, title_field)]
    text, title = ("" if value.strip() in _NO_TEXTS else value for value in found) if error is None else found
    if error is None and not text.strip() and not title.strip():
        what = next((f"'{value}' in place of a text" for value in found if value.strip() in _NO_TEXTS), "empty text")
        error = f"{where}: {what}, nothing to label."
    columns, given = record, record.get("id")
    if isinstance(given, str) and given in _NO_IDS:
        given = None
    if "id" in record and (options.id_field not in (None, "id") or given not in (None, story_id)):
        columns = renamed(record, ["id"])
    if error is not None:
        return Story(id=story_id, columns=columns, error=error)
    return Story(text=text, title=title, id=story_id, columns=columns, where=where)
