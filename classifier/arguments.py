"""The command line of `python -m classifier.predict`: its options, and what may stand together.

Leaves out: what the options do (predict.py). What is wrong with a command line ends the process with exit code 2.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

from classifier.engines import ENGINES
from classifier.formats import FORMATS
from classifier.pipeline import DEFAULT_MODEL
from classifier.reading import SPLITS

_OUTPUT_FORMATS = ("table", "jsonl", "csv", "parquet")
_SETUP = ("model", "engine", "device", "max_windows", "no_cascade", "quiet")  # how it runs, as an alias may hold it
_WITH_SUMMARY = ("summary", "prefix", "encoding", *_SETUP)
_WITH_REVIEW = ("review_first", "output", "most", "prefix", "text_field", "title_field", "encoding", *_SETUP)
_OF_INPUTS = ("text_field", "title_field", "id_field", "input_format", "encoding")


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The options, checked; `argv` is that of the process unless it is given."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    given = _given(arguments, parser.parse_args([]))
    if arguments.summary is not None and (beside := _shown(given, but=_WITH_SUMMARY)):
        parser.error(f"--summary FILE counts what is in that output alone: leave out {beside}")
    finished = arguments.summary or arguments.review_first
    if not arguments.inputs and arguments.text is None and finished is None:
        parser.error("nothing to read: name a file, a folder, '-' for standard input, or --text")
    if arguments.output is None and (arguments.format == "parquet" or arguments.restart or arguments.near_duplicates):
        parser.error("--format parquet, --restart and --near-duplicates need -o FILE")
    if arguments.output is None and arguments.processes > 1:
        parser.error("--processes needs -o FILE: only a job is labelled in several")
    if arguments.review_first is not None and (arguments.output is None or arguments.inputs or arguments.most < 1):
        parser.error("--review-first FILE reads that output alone, needs -o SHEET.csv, and --most of at least 1")
    if arguments.review_first is not None and (beside := _shown(given, but=_WITH_REVIEW)):
        parser.error(f"--review-first FILE reads that output alone: leave out {beside}")
    if arguments.review_first is None and "most" in given:
        parser.error("--most needs --review-first FILE")
    if arguments.output is None and "checkpoint" in given:
        parser.error("--checkpoint needs -o FILE: only a job has checkpoints")
    if not arguments.inputs and (of_inputs := [name for name in given if name in _OF_INPUTS]) and finished is None:
        parser.error(f"--text is read as it is: leave out {_shown(of_inputs)}")
    if arguments.text is not None and arguments.split == "all":
        parser.error("--split all cuts records and pages: give the text to '-' or in a file, not with --text")
    if arguments.output is not None and arguments.format == "table":
        parser.error("a table is for the terminal: choose jsonl, csv or parquet for -o FILE")
    return arguments


def _given(arguments: argparse.Namespace, unset: argparse.Namespace) -> list[str]:
    """The names of the options whose values are not the defaults."""
    return [name for name, value in vars(arguments).items() if value != getattr(unset, name)]


def _shown(names: Sequence[str], *, but: Sequence[str] = ()) -> str:
    """The options as they are written, without some: `-o, --text-field`."""
    written = {"inputs": "INPUT", "output": "-o"}
    return ", ".join(written.get(name, f"--{name.replace('_', '-')}") for name in names if name not in but)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="Label news stories with topics. Results go to standard output, everything else to standard error.",
        epilog="Exit codes: 0 done, 1 error, 2 wrong command line, 3 done but some records could not be labelled, "
        "130 or 143 stopped (the same command goes on).",
    )
    if Path(parser.prog).stem != "news-topics":  # installed under that name; else called as a module
        parser.prog = "python -m classifier.predict"
    option = parser.add_argument
    formats = ", ".join(FORMATS)
    option("inputs", nargs="*", metavar="INPUT", help=f"{formats} (also .gz, .zst), folders or globs of them, or '-'")
    option("--text", help="one story, given here")
    option("-o", "--output", metavar="FILE", help="a job: .jsonl, .csv (also .gz, .zst), .parquet; whole or not at all")
    option("--format", choices=_OUTPUT_FORMATS, help="default: table on a terminal, else by FILE's name, else jsonl")
    option("--model", default=DEFAULT_MODEL, metavar="DIR", help="a model folder, or news-fast (default: news)")
    option("--engine", default="auto", metavar="NAME", help=f"one of {', '.join(ENGINES)} (default: auto)")
    option("--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)")
    option(
        "--split",
        choices=SPLITS,
        default="auto",
        help="cut into stories: pages (auto, the default), the texts of records as well (all), nothing (none)",
    )
    option("--no-cascade", action="store_true", help="score every story with the whole model (slower)")
    option("--max-windows", type=_count, metavar="N", help="read at most N windows of a story (default: as the model)")
    option("--text-field", metavar="F", help="column of the body (default: text)")
    option("--title-field", metavar="F", help="column of the headline (default: title)")
    option("--id-field", metavar="F", help="column of the id (default: id)")
    option("--input-format", choices=sorted(set(FORMATS.values())), help="of all inputs (default: by their names)")
    option("--encoding", default="utf-8", help="of files that do not say theirs (default: utf-8)")
    option(
        "--prefix", default="", metavar="P", help="put before the names of the label columns: with news_, news_topic"
    )
    option("--evidence", action="store_true", help="also give the sentences that carried each topic")
    option("--later-topics", action="store_true", help="also give topics that a long story turns to only later")
    option("--near-duplicates", action="store_true", help="with -o: number the groups of near copies")
    option(
        "--checkpoint",
        type=_seconds,
        default=5.0,
        metavar="S",
        help="at least S seconds between checkpoints, which are made between chunks of 512 stories (default: 5)",
    )
    option("--processes", type=_count, default=1, metavar="N", help="with -o: label in N processes (default: 1)")
    option("--strict", action="store_true", help="stop at the first record that cannot be labelled")
    option("--restart", action="store_true", help="forget an unfinished job on FILE")
    option("--quiet", action="store_true", help="no progress and no counts at the end")
    option("--summary", metavar="FILE", help="count what is in an output file: by topic, review, error, day")
    option("--review-first", metavar="FILE", help="put the flagged stories of an output file into -o SHEET.csv to fill")
    option("--most", type=int, default=1000, metavar="N", help="with --review-first: stories, by value (default: 1000)")
    return parser


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise argparse.ArgumentTypeError(f"'{value}': expected seconds, 0 or more")
    return seconds


def _count(value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise argparse.ArgumentTypeError(f"'{value}': expected a whole number from 1 on")
    return int(value)
