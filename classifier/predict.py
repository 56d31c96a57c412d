"""`python -m classifier.predict`: read stories, label them, write rows.

Results go to standard output or `-o FILE`, everything else to standard error. Exit codes: 0 done, 1 a problem that the
user can solve, 2 a wrong command line, 3 done but some records could not be labelled.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any

from classifier.engines import ENGINES
from classifier.errors import ClassifierError, InputError, nearest
from classifier.pipeline import CHUNK, DEFAULT_MODEL, Classifier
from classifier.rows import CsvWriter, JsonlWriter, TableWriter, Writer
from classifier.stories import FORMATS, ReadOptions, Source, Story, find_sources, read_stories

OUTPUT_FORMATS = ("table", "jsonl", "csv")
_SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv"}
_SHOWN_ERRORS = 10


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    if not arguments.inputs and arguments.text is None:
        parser.error("nothing to read: name a file, a folder, '-' for standard input, or --text")
    try:
        return _run(arguments)
    except ClassifierError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader, such as head, has what it wanted
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m classifier.predict",
        description="Label news stories with topics. Results go to standard output, everything else to standard error.",
        epilog="Exit codes: 0 done, 1 error, 2 wrong command line, 3 done but some records could not be labelled.",
    )
    formats = ", ".join(FORMATS)
    option = parser.add_argument
    option("inputs", nargs="*", metavar="INPUT", help=f"{formats} files, folders or globs of them, or '-'")
    option("--text", help="one story, given here")
    option("-o", "--output", metavar="FILE", help="write here (.jsonl or .csv), complete or not at all")
    option("--format", choices=OUTPUT_FORMATS, help="default: table on a terminal, else by FILE's name, else jsonl")
    option("--model", default=DEFAULT_MODEL, metavar="DIR", help="a model folder (default: the shipped model)")
    option("--engine", default="auto", metavar="NAME", help=f"one of {', '.join(ENGINES)}")
    option("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    option("--split", choices=("auto", "none"), default="auto", help="auto cuts a text page into its stories")
    option("--text-field", metavar="F", help="column of the body (default: text)")
    option("--title-field", metavar="F", help="column of the headline (default: title)")
    option("--id-field", metavar="F", help="column of the id (default: id)")
    option("--input-format", choices=sorted(set(FORMATS.values())), help="default: by name")
    option("--encoding", default="utf-8", help="of the input files (default: utf-8)")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    options = ReadOptions(
        text_field=arguments.text_field,
        title_field=arguments.title_field,
        id_field=arguments.id_field,
        split=arguments.split == "auto",
        input_format=arguments.input_format,
        encoding=arguments.encoding,
    )
    output_format = _output_format(arguments)
    sources = find_sources(arguments.inputs, options)
    _refuse_overwriting(arguments.output, sources)
    classifier = Classifier.load(arguments.model, engine=arguments.engine, device=arguments.device)
    one_table = len(sources) == 1 and sources[0].format == "csv"
    errors = 0
    with _opened(arguments.output) as file:
        writer = _writer(output_format, file, classifier.labels, one_table=one_table)
        results = classifier.stream(_stories(arguments.text, sources, options))
        while part := list(islice(results, CHUNK)):
            writer.write(part)
            for _, prediction in part:
                if prediction.error is not None:
                    errors += 1
                    _report(errors, prediction.error)
    if errors:
        print(f"{errors} record{'s' * (errors > 1)} could not be labelled; see the column 'error'.", file=sys.stderr)
    return 3 if errors else 0


def _stories(text: str | None, sources: Sequence[Source], options: ReadOptions) -> Iterator[Story]:
    if text is not None:
        yield Story(text=text, id="text", columns={"text": text})
    for source in sources:
        yield from read_stories(source, options)


def _output_format(arguments: argparse.Namespace) -> str:
    """The format asked for, else that of the file's name, else a table on a terminal and JSON lines elsewhere.

    Raises:
        InputError: If the file's name tells none.
    """
    if arguments.format is not None:
        return str(arguments.format)
    if arguments.output is None:
        return "table" if sys.stdout.isatty() else "jsonl"
    suffix = Path(arguments.output).suffix.lower()
    if suffix not in _SUFFIXES:
        raise InputError(
            f"{arguments.output}: format not known from its name.{nearest(suffix, _SUFFIXES)} "
            f"Known: {', '.join(_SUFFIXES)}. Rename it or name the format with --format."
        )
    return _SUFFIXES[suffix]


def _refuse_overwriting(output: str | None, sources: Sequence[Source]) -> None:
    if output is not None and any(Path(source.name).resolve() == Path(output).resolve() for source in sources):
        raise InputError(f"{output}: is also an input. Write to another file.")


def _writer(output_format: str, file: IO[str], labels: Sequence[str], *, one_table: bool) -> Writer:
    if output_format == "jsonl":
        return JsonlWriter(file)
    if output_format == "csv":
        return CsvWriter(file, labels, one_table=one_table)
    return TableWriter(file, labels)


@contextmanager
def _opened(output: str | None) -> Iterator[IO[str]]:
    """Standard output, or a file that appears under its name only when all is written.

    Raises:
        InputError: If the file cannot be written.
    """
    if output is None:
        _as_utf8(sys.stdout)
        yield sys.stdout
        return
    path = Path(output)
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            yield file
        part.replace(path)
    except OSError as error:
        raise InputError(f"{output}: cannot be written ({error.strerror}). What was done is in {part.name}.") from error


def _as_utf8(stream: Any) -> None:
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(encoding="utf-8", newline="")


def _report(number: int, error: str) -> None:
    if number <= _SHOWN_ERRORS:
        print(f"warning: {error}", file=sys.stderr)
    if number == _SHOWN_ERRORS:
        print("warning: further errors are only counted", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
