"""Story, and the sources it is read from: text pages, JSON lines, CSV; files, folders, globs, standard input.

Every record becomes at least one Story, in the order of the input. A record that cannot be labelled becomes a Story
with `error` set, so that nothing is lost and the caller decides whether to go on. What makes a whole source
unreadable (a missing file, a table without the named columns) raises before its first story.
Leaves out: models and tokens; how a page is cut into stories (pages.py); the syntax of tables (tables.py).
"""

from __future__ import annotations

import glob
import io
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from classifier.errors import InputError, bullet_list, nearest
from classifier.lines import LONGEST_RECORD_BYTES, decode, read_lines
from classifier.tables import read_table

FORMATS: Mapping[str, str] = {".txt": "txt", ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv"}
STDIN = "-"


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
        input_format: "txt", "jsonl" or "csv" for all sources; None goes by the name.
        encoding: The encoding of the files; a byte order mark is dropped.
    """

    text_field: str | None = None
    title_field: str | None = None
    id_field: str | None = None
    split: bool = True
    input_format: str | None = None
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class Source:
    """One file, or standard input: its name as the user wrote it, and its format ("" is still to be found out)."""

    name: str
    format: str


def find_sources(inputs: Sequence[str], options: ReadOptions) -> list[Source]:
    """The files behind names, folders (with all below them, sorted) and globs; "-" is standard input.

    Raises:
        InputError: For everything that is missing or of an unknown format, all at once.
    """
    sources: list[Source] = []
    problems: list[str] = []
    for name in inputs:
        if name == STDIN:
            sources.append(Source(STDIN, options.input_format or ""))
            continue
        paths = _expand(name)
        if isinstance(paths, str):
            problems.append(paths)
            continue
        for path in paths:
            known = options.input_format or FORMATS.get(path.suffix.lower())
            if known:
                sources.append(Source(str(path), known))
            else:
                problems.append(
                    f"{path}: format not known from its name. Known: {', '.join(FORMATS)}. "
                    "Rename it or name the format with --input-format."
                )
    if len(problems) == 1:
        raise InputError(problems[0])
    if problems:
        raise InputError(bullet_list("input", problems))
    return sources


def _expand(name: str) -> list[Path] | str:
    """The files that a name stands for, or what is wrong with it."""
    path = Path(name)
    if path.is_dir():
        inside = (item for item in path.rglob("*") if not any(part.startswith(".") for part in item.parts[1:]))
        found = sorted(item for item in inside if item.is_file() and item.suffix.lower() in FORMATS)
        return found or f"{name}: no {', '.join(FORMATS)} file in this folder or below."
    if path.exists():
        return [path]
    if any(char in name for char in "*?["):
        matches = sorted(Path(match) for match in glob.glob(name, recursive=True))
        return [match for match in matches if match.is_file()] or f"{name}: no file matches this pattern."
    beside = [item.name for item in path.parent.iterdir()] if path.parent.is_dir() else []
    return f"{name}: no such file.{nearest(path.name, beside)}"


def read_stories(source: Source, options: ReadOptions) -> Iterator[Story]:
    """The stories of one source, read as they are asked for.

    Raises:
        InputError: If the source cannot be opened, or is a table without the named columns.
    """
    with _open(source) as file:
        kind = source.format or _sniff(file)
        name = "stdin" if source.name == STDIN else source.name
        if kind == "txt":
            yield from _read_page(file, name, options)
        elif kind == "jsonl":
            yield from _read_jsonl(file, name, options)
        else:
            yield from _read_csv(file, name, options)


def _open(source: Source) -> IO[bytes]:
    if source.name == STDIN:
        return io.BufferedReader(sys.stdin.buffer.raw) if hasattr(sys.stdin.buffer, "raw") else sys.stdin.buffer
    try:
        return open(source.name, "rb")
    except OSError as error:
        raise InputError(f"{source.name}: cannot be read ({error.strerror}).") from error


def _sniff(file: IO[bytes]) -> str:
    """JSON lines if the input begins like a JSON object, else a text page."""
    start: bytes = file.peek(64) if hasattr(file, "peek") else b""
    return "jsonl" if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") else "txt"


def _read_page(file: IO[bytes], name: str, options: ReadOptions) -> Iterator[Story]:
    raw = file.read(LONGEST_RECORD_BYTES + 1)
    if len(raw) > LONGEST_RECORD_BYTES:
        yield Story(id=name, error=f"{name}: longer than {LONGEST_RECORD_BYTES >> 20} MiB. Cut it into smaller files.")
        return
    text, problem = decode(raw, options.encoding)
    if problem:
        yield Story(id=name, error=f"{name}: {problem}")
        return
    if not options.split:
        yield Story(text=text, id=name, columns={"text": text})
        return
    from classifier.pages import split_page

    segments = split_page(text)
    if not segments:
        yield Story(id=name, columns={"text": text}, error=f"{name}: empty, nothing to label.")
    for number, segment in enumerate(segments, 1):
        columns = {"page_id": name, "first_line": segment.first_line, "last_line": segment.last_line}
        if segment.title:
            columns["title"] = segment.title
        columns["text"] = segment.text
        story_id = name if len(segments) == 1 else f"{name}#{number}"
        yield Story(text=segment.text, title=segment.title, id=story_id, columns=columns)


def _read_jsonl(file: IO[bytes], name: str, options: ReadOptions) -> Iterator[Story]:
    for number, raw in read_lines(file):
        where = f"{name}:{number}"
        if raw is None:
            yield Story(id=where, error=f"{where}: longer than {LONGEST_RECORD_BYTES >> 20} MiB.")
            continue
        line, problem = decode(raw, options.encoding)
        if problem:
            yield Story(id=where, error=f"{where}: {problem}")
        elif line.strip():
            yield _parse_json(line, where, options)


def _parse_json(line: str, where: str, options: ReadOptions) -> Story:
    try:
        record = json.loads(line, parse_constant=lambda _: None)  # NaN and Infinity are not JSON, but common
    except json.JSONDecodeError as error:
        return Story(id=where, error=f"{where}: not JSON ({error.msg} at column {error.colno}).")
    except (ValueError, RecursionError) as error:
        return Story(id=where, error=f"{where}: JSON that cannot be read ({type(error).__name__}).")
    if not isinstance(record, dict):
        return Story(id=where, error=f"{where}: expected a JSON object, found {_kind(record)}.")
    return story_from_record(record, where, options)


def _read_csv(file: IO[bytes], name: str, options: ReadOptions) -> Iterator[Story]:
    table = read_table(file, name, options.encoding)
    named = {"--text-field": options.text_field, "--title-field": options.title_field, "--id-field": options.id_field}
    for option, column in named.items():
        if column is not None and column not in table.header:
            raise InputError(_no_field(f"{name}:1", column, table.header, option))
    text_field, title_field = options.text_field or "text", options.title_field or "title"
    if not {text_field, title_field} & set(table.header):
        raise InputError(_no_field(f"{name}:1", text_field, table.header, "--text-field"))
    for number, record in table.records:
        where = f"{name}:{number}"
        if isinstance(record, str):
            yield Story(id=where, error=f"{where}: {record}")
        else:
            yield story_from_record(record, where, options)


def story_from_record(record: Mapping[str, Any], where: str, options: ReadOptions) -> Story:
    """One JSON object or table row as a Story; a wrong field becomes the story's `error`."""
    story_id = record.get(options.id_field or "id")
    if not isinstance(story_id, str | int) or isinstance(story_id, bool) or story_id == "":
        story_id = where
    text_field, title_field = options.text_field or "text", options.title_field or "title"
    missing = text_field not in record and title_field not in record
    error = _no_field(where, text_field, record, "--text-field") if missing else None
    for name in (text_field, title_field):
        value = record.get(name)
        if value is not None and not isinstance(value, str):
            error = f"{where}: field '{name}' is {_kind(value)}, not text."
    text, title = (record.get(name) or "" for name in (text_field, title_field))
    if error is None and not text.strip() and not title.strip():
        error = f"{where}: empty text, nothing to label."
    if error is not None:
        return Story(id=story_id, columns=record, error=error)
    return Story(text=text, title=title, id=story_id, columns=record)


def _no_field(where: str, wanted: str, found: Sequence[str] | Mapping[str, Any], option: str) -> str:
    listed = ", ".join(list(found)[:20]) or "nothing"
    return f"{where}: no field '{wanted}'. Found: {listed}.{nearest(wanted, found)} Name it with {option}."


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), f"a number ({str(value)[:20]})")
