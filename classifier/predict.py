"""`python -m classifier.predict`: read stories, label them, write rows.

Results go to standard output or `-o FILE`, everything else to standard error. With `-o` it is a job that survives
whatever stops it (job_command.py). Exit codes: 0 done, 1 a problem that the user can solve, 2 a wrong command line, 3
done but some records could not be labelled, 130 and 143 stopped, 141 nobody reads standard output any more. Leaves out:
the options (arguments.py), streams and signals (process.py).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import NoReturn

from classifier.arguments import parse_arguments
from classifier.command import run_command
from classifier.errors import InputError
from classifier.formats import TABLE_FORMATS
from classifier.meter import Meter
from classifier.pipeline import Classifier
from classifier.process import (
    Warnings,
    as_utf8,
    exit_code,
    leave,
    output_path,
    write_errors,
)
from classifier.reading import read_options, stories_of
from classifier.rows import CsvWriter, JsonlWriter, Writer, places_asked
from classifier.scorable import CHUNK
from classifier.source_check import broken_sources
from classifier.sources import Source, find_sources, refuse_overwriting
from classifier.stories import ReadOptions, Story
from classifier.terminal import TableWriter


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code."""
    return run_command(lambda: _run(parse_arguments(argv)))


def _run(arguments: argparse.Namespace) -> int:
    if arguments.summary is not None:
        return _summarise(arguments)
    if arguments.review_first is not None:
        return _review_first(arguments)
    options = read_options(
        arguments.split,
        arguments.encoding,
        text_field=arguments.text_field,
        title_field=arguments.title_field,
        id_field=arguments.id_field,
    )
    target = None if arguments.output is None else output_path(arguments.output)
    sources = find_sources(arguments.inputs, arguments.input_format, target, warn=Warnings("further ones are not said"))
    broken = broken_sources(sources, options)
    if target is None:
        return _label_to_stdout(arguments, sources, options)
    from classifier.job_command import label_into
    from classifier.outputs import output_for
    from classifier.records import parquet_types

    output = output_for(arguments.output, arguments.format)
    refuse_overwriting(arguments.output, target, sources)
    types = parquet_types([source for source in sources if source not in broken], options.text_fields)
    output = replace(output, path=target, types=types)
    stories = partial(_stories, arguments.text, sources, options)
    return label_into(output, arguments, sources, options, load=_loader(arguments), stories=stories)


def _loader(arguments: argparse.Namespace) -> Callable[[], Classifier]:
    return partial(
        Classifier.load,
        arguments.model,
        engine=arguments.engine,
        device=arguments.device,
        max_windows=arguments.max_windows,
        cascade=not arguments.no_cascade,
    )


def _stories(text: str | None, sources: Sequence[Source], options: ReadOptions, meter: Meter) -> Iterator[Story]:
    """The stories of all sources, in order."""
    if text is not None:
        yield Story(text=text, id="text", columns={"text": text})
    yield from stories_of(sources, options, meter, Warnings("further warnings of this kind are not shown"))


def _label_to_stdout(arguments: argparse.Namespace, sources: Sequence[Source], options: ReadOptions) -> int:
    """Labels and prints as it goes."""
    if sys.stdout is None:
        raise InputError("standard output: closed, so that no row can be written. Leave it open, or use -o FILE.")
    output_format = arguments.format or ("table" if sys.stdout.isatty() else "jsonl")
    classifier = _loader(arguments)()
    as_utf8(sys.stdout)
    is_table = len(sources) == 1 and sources[0].format in TABLE_FORMATS
    one_table = arguments.text is None and is_table and not options.split_records
    writer = _writer(output_format, classifier.labels, arguments, one_table=one_table)
    rows, warn = 0, Warnings("further errors are only counted")
    stories = _stories(arguments.text, sources, options, Meter())
    results = classifier.stream(stories, evidence=arguments.evidence, later=arguments.later_topics)
    with write_errors("standard output"):
        while part := list(islice(results, CHUNK)):
            errors = [(number, made.error) for number, (_, made) in enumerate(part) if made.error is not None]
            if errors and arguments.strict:
                first, error = errors[0]
                writer.write(part[:first])
                raise InputError(f"{error} Stopped there (--strict).")
            writer.write(part)
            rows += len(part)
            for _, error in errors:
                warn(error)
    return exit_code(rows, warn.count)


def _summarise(arguments: argparse.Namespace) -> int:
    from classifier.tally import print_summary, tally_output

    print_summary(tally_output(arguments.summary, arguments.prefix, arguments.encoding), to_stdout=True)
    return 0


def _review_first(arguments: argparse.Namespace) -> int:
    from classifier.manifest import load_manifest
    from classifier.review import Fields, write_review

    text, title = arguments.text_field or "text", arguments.title_field or "title"
    fields = Fields(text, title, arguments.prefix, arguments.encoding)
    manifest = load_manifest(arguments.model)
    said = write_review(arguments.review_first, arguments.output, manifest, most=arguments.most, fields=fields)
    if not arguments.quiet:
        print(said, file=sys.stderr)
    return 0


def _writer(output_format: str, labels: Sequence[str], arguments: argparse.Namespace, *, one_table: bool) -> Writer:
    prefix = arguments.prefix
    if output_format == "jsonl":
        return JsonlWriter(sys.stdout, prefix=prefix)
    if output_format == "csv":
        more = places_asked(evidence=arguments.evidence, later=arguments.later_topics)
        return CsvWriter(sys.stdout, labels, one_table=one_table, prefix=prefix, more=more)
    return TableWriter(sys.stdout, labels)


def command() -> NoReturn:
    """Ends the process with the exit code: what `news-topics` runs."""
    leave(main())


if __name__ == "__main__":
    command()
