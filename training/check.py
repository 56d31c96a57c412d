"""`python -m training.check CONFIG [--out SHEET.csv] [key=value …]`: what is wrong with the data, before a run.

Prints what it found, and writes a sheet of doubtful stories for annotators. The exit code is 0 where nothing stands
against training, 3 where there are problems that training refuses or would not notice. Notes (long texts, copies that
training leaves out, doubtful labels) do not change it: real data always has some. A model judges the labels of
training and validation; those of test it does not, since a test set that was corrected where a model disagreed
flatters models.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from classifier.command import run_command
from classifier.manifest import SHIPPED_MODELS
from classifier.printed import counted, printable
from classifier.tokens import Tokenizer, Windows
from training.loading import loading

with loading("training.check"):
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    from training.annotation import Row, check_new, joined, opening, write_sheet
    from training.config import Config, base_location, load_config
    from training.data import load_named, parted
    from training.doubts import Placed, sheet_rows
    from training.findings import (
        Finding,
        check_codebook,
        check_copies,
        check_held_out,
        check_ids,
        check_labels,
        check_setup,
        check_texts,
        check_topics,
        check_unlabelled,
    )
    from training.label_issues import find_label_issues
    from training.near_pairs import near_pairs
    from training.preflight import check_settings, read_with
    from training.splits import Split, Splits
    from training.unlabelled import with_unlabelled

_SHOWN = 10
_STAND_IN = "news"  # the shipped model whose tokenizer counts where that of the base cannot be loaded
_STYLES = {"ok": "green", "note": "yellow", "problem": "bold red"}


@dataclass(frozen=True, slots=True)
class Report:
    """What the checks found.

    Attributes:
        splits: The data that was read.
        findings: The results, in the order of the checks.
        rows: The sheet, worst first.
    """

    splits: Sequence[Split]
    findings: Sequence[Finding]
    rows: Sequence[Row]

    @property
    def has_problems(self) -> bool:
        """True where training would refuse the data, or not notice what is wrong with it."""
        return any(finding.level == "problem" for finding in self.findings)


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code: 0 no problem, 1 config or data cannot be read, 3 there are problems, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="python -m training.check", description="Check the data of a config.")
    parser.add_argument("config", help="a YAML file, such as configs/quickstart.yaml")
    parser.add_argument(
        "overrides",
        nargs="*",
        default=[],
        metavar="key=value",
        help="in place of the file's, such as data.train=new.jsonl",
    )
    parser.add_argument("--out", metavar="SHEET.csv", help="write the doubtful stories for annotators, worst first")
    arguments = parser.parse_intermixed_args(argv)
    return run_command(partial(_run, arguments))


def _run(arguments: argparse.Namespace) -> int:
    if arguments.out is not None:
        check_new(Path(arguments.out))
    report = check(load_config(arguments.config, arguments.overrides))
    _print(report)
    if arguments.out is not None:
        write_sheet(Path(arguments.out), report.rows)
        print(f"{counted(len(report.rows), 'doubtful story', 'doubtful stories')}, worst first: {arguments.out}")
    return 3 if report.has_problems else 0


def check(config: Config) -> Report:
    """Everything that can be said about the data of a config.

    Raises:
        ClassifierError: If a split cannot be read.
    """
    data = config.data
    settings = check_settings(config)
    loaded = read_with(settings, lambda: load_named(data))
    splits, trained = list(loaded.values()), parted(loaded, data)
    placed = [Placed(split.role, labelled) for split in splits for labelled in split.stories]
    pairs = near_pairs([story.labelled.text for story in placed], data.near_duplicate)
    findings = check_setup(settings) + check_codebook(data)
    windows, notes = _windows(config, splits)
    findings += notes
    findings += check_ids(splits)
    findings += check_unlabelled(with_unlabelled(Splits(**trained), data))
    findings += check_held_out(trained["train"], trained["validation"], data)
    findings += check_topics(trained.values(), data)
    findings += check_texts(splits, windows, config.model.max_length)
    copies, doubts = check_copies(placed, pairs, data)

    judged = [split for split in splits if split.role != "test"]  # they come first, so that numbers stay valid
    given = np.concatenate([split.targets(len(data.labels)) >= 0.5 for split in judged])
    inner = [pair for pair in pairs if pair.second < len(given)]
    issues = find_label_issues([story.labelled.text for story in placed[: len(given)]], given, inner, config.seed)
    labels, doubtful = check_labels(issues, given, data.labels)
    rows = sheet_rows(placed, [*doubts, *doubtful], issues, data)
    return Report(splits, [*findings, *copies, *labels], rows)


def _windows(config: Config, splits: Sequence[Split]) -> tuple[Mapping[str, Sequence[Windows]], list[Finding]]:
    """The first window of every story by split, and a note where they are cut by another model's tokenizer."""
    path, notes = _tokenizer_file(config), []
    if path is None:
        text = f"'{config.model.base}' is not on this machine: tokens are counted as by '{_STAND_IN}'"
        notes.append(Finding("note", "tokenizer", text))
        path = SHIPPED_MODELS / _STAND_IN / "tokenizer.json"
    tokenizer = Tokenizer.from_file(path, max_length=config.model.max_length, stride=config.model.stride)
    texts = {split.role: [labelled.text for labelled in split.stories] for split in splits}
    return {role: tokenizer.windows(found, max_windows=1) for role, found in texts.items()}, notes


def _tokenizer_file(config: Config) -> Path | None:
    """The base's `tokenizer.json` in a folder or the hub's cache; the hub itself is not asked."""
    location = base_location(config)
    if Path(location, "tokenizer.json").is_file():
        return Path(location, "tokenizer.json")
    try:
        cached = try_to_load_from_cache(location, "tokenizer.json")
    except HFValidationError:  # a folder, not a hub id
        return None
    return Path(cached) if isinstance(cached, str) else None


def _print(report: Report) -> None:
    """The findings and the most doubtful labels as tables, on standard output."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    sizes = ", ".join(f"{split.role} {len(split.stories):,}" for split in report.splits)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=f"stories: {sizes}", title_justify="left")
    for name in ("", "check", "found"):
        table.add_column(name)
    for finding in report.findings:
        table.add_row(Text(finding.level, style=_STYLES[finding.level]), finding.check, Text(printable(finding.text)))
    console.print(table)
    worst = [row for row in report.rows if row.suggested is not None][:_SHOWN]
    if worst:
        table = Table(
            box=box.SIMPLE_HEAD, pad_edge=False, expand=True, title="most doubtful labels", title_justify="left"
        )
        table.add_column("story", ratio=3)
        table.add_column("labels", ratio=2)
        for row in worst:
            place, text = f"{row.split} {row.id}\n", opening(f"{row.title}\n{row.text}", 160)
            story = Text.assemble((printable(place), "dim"), printable(text))
            labels = Text.assemble(f"given     {joined(row.given)}\nsuggested ", (joined(row.suggested or ()), "bold"))
            table.add_row(story, labels)
        console.print(table)


if __name__ == "__main__":
    raise SystemExit(main())
