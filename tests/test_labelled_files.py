"""The labelled stories of a command line: where it says that labels stand, and what is wrong in its own words."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from classifier.errors import DataError, InputError
from classifier.manifest import load_manifest
from training.labelled_files import add_fitting_data, add_options, data_config, load, load_fitting_data
from training.splits import Split


def stories(path: Path, model: Path, *options: str, role: str = "test") -> Split:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data")
    add_options(parser)
    arguments = parser.parse_args(["--data", str(path), *options])
    return load(role, str(path), data_config(arguments, load_manifest(model)))


def fitting(*options: str, model: Path) -> list[Split]:
    parser = argparse.ArgumentParser()
    add_fitting_data(parser)
    add_options(parser)
    arguments = parser.parse_args(options)
    return load_fitting_data(arguments, data_config(arguments, load_manifest(model)))


def write(path: Path, *records: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def test_columns_of_a_table_may_be_named_with_blanks(tiny_model: Path, tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text("talks,military\nflood,\n", encoding="utf-8")
    found = stories(table, tiny_model, "--columns", "text, labels")
    assert [(labelled.story.text, set(labelled.topics)) for labelled in found.stories] == [
        ("talks", {1}),
        ("flood", set()),
    ]


def test_columns_without_a_name_are_refused(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        stories(Path("a.csv"), tiny_model, "--columns", "text,,labels")
    message = "expected names joined by commas, such as text,labels, got 'text,,labels'"
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("record", "options", "message"),
    [
        (
            {"text": "x", "topics": []},
            [],
            "a.jsonl:1: no field 'labels'. Found: text, topics. Name it with --labels-field.",
        ),
        ({"text": "x", "labels": ["militry"]}, [], "a.jsonl:1: unknown label 'militry'. Did you mean 'military'?"),
        ({"text": "x", "labels": [], "primary": "war"}, [], "unknown primary topic 'war'. Known: diplomacy"),
        (
            {"text": "x", "labels": [], "primary": "truce"},
            [],
            "Correct it, or name another column with --primary-field ('' for none).",
        ),
        ({"text": "x"}, ["--labels-as", "columns"], "Found: text. --labels-as columns needs one a topic."),
        (
            {"text": "x", "labels": None},
            [],
            "a.jsonl:1: field 'labels' is null; [] or an empty text for none of the topics.",
        ),
        (
            {"text": "x", "labels": [], "again": None},
            ["--labels-field", "again"],
            "a.jsonl:1: field 'again' is null; [] or an empty text for none of the topics.",
        ),
        ({"text": " ", "labels": []}, [], "a.jsonl: no story to evaluate on. Left out: 1 empty."),
    ],
)
def test_data_that_cannot_be_used_is_refused_with_the_options_of_the_command_line(
    tiny_model: Path, tmp_path: Path, record: dict[str, Any], options: list[str], message: str
) -> None:
    with pytest.raises(DataError) as caught:
        stories(write(tmp_path / "a.jsonl", record), tiny_model, *options)
    assert message in str(caught.value)


def test_what_the_stories_are_for_is_said(tiny_model: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", {"text": "", "labels": []})
    with pytest.raises(DataError, match=r"a\.jsonl: no story to fit on\. Left out: 1 empty\."):
        stories(path, tiny_model, role="validation")
    path = tmp_path / "a.csv"
    path.write_text("text,labels\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.csv: no story to evaluate on\. There is no record in it\."):
        stories(path, tiny_model)


def test_numbers_are_refused_where_a_story_has_several_topics(tiny_model: Path) -> None:
    message = r"^--labels-as numbers: the model gives several topics\. Use names or columns\.$"
    with pytest.raises(InputError, match=message):
        stories(Path("a.csv"), tiny_model, "--labels-as", "numbers")


@pytest.mark.parametrize(
    ("data", "test"),
    [
        (["b.jsonl", "a.jsonl"], "a.jsonl"),
        (["a.jsonl"], "./sub/../a.jsonl"),
        (["linked.jsonl"], "a.jsonl"),
        (["one/two:test"], "one/two"),
    ],
)
def test_nothing_is_measured_on_what_it_was_fitted_on(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: list[str], test: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    (tmp_path / "linked.jsonl").symlink_to(write(tmp_path / "a.jsonl", {"text": "talks", "labels": ["military"]}))
    with pytest.raises(InputError) as caught:
        fitting("--data", *data, "--test", test, model=tiny_model)
    assert str(caught.value) == (
        f"--test: {test} is one of --data too. Name other stories, or leave --test out: figures on stories that a rule "
        "was fitted on say little."
    )


def test_other_files_are_measured_on(tiny_model: Path, tmp_path: Path) -> None:
    paths = [write(tmp_path / name, {"text": name, "labels": []}) for name in ("a.jsonl", "b.jsonl", "a.json")]
    splits = fitting("--data", str(paths[0]), str(paths[1]), "--test", str(paths[2]), model=tiny_model)
    assert [(split.role, len(split.stories)) for split in splits] == [("validation", 2), ("test", 1)]
