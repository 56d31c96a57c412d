"""Empty cells and the word `none` in tables of labels: sheets that a person filled, sheets cut short, plain tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import LABELS

from classifier.errors import DataError
from training.config import DataConfig
from training.data import load_split


@pytest.fixture(autouse=True)
def _in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def config(**changes: Any) -> DataConfig:
    return DataConfig.model_validate({"train": "cut.csv", "labels": LABELS} | changes)


@pytest.mark.parametrize("columns", [None, ("labels", "text")])
def test_a_table_with_none_and_empty_labels_is_refused_as_a_sheet_without_its_marks(
    columns: tuple[str, ...] | None,
) -> None:
    rows = ["none,It rained.", ",Talks.", "military,Troops.", *(f",Story {n}." for n in range(6))]
    header = [] if columns else ["labels,text"]
    Path("cut.csv").write_text("\n".join([*header, *rows]), encoding="utf-8")
    places = [f"'cut.csv:{number + len(header)}'" for number in (1, 2, 4, 5, 6, 7)]
    with pytest.raises(DataError) as caught:
        load_split("train", "cut.csv", config(columns=columns))
    assert str(caught.value) == (
        f"cut.csv: 1 problem\n  - cut.csv: story {places[0]} has the label 'none', and {', '.join(places[1:])} … "
        "(7 stories) have no label, as in a review sheet without its columns suggested, why, value, where nobody "
        "looked at them. Write none where a story is about none of the topics, and delete rows that nobody looked at; "
        "or put these columns back."
    )
    Path("cut.csv").write_text("\n".join([*header, rows[0], rows[2]]), encoding="utf-8")
    found = load_split("train", "cut.csv", config(columns=columns)).stories
    assert [labelled.topics for labelled in found] == [frozenset(), frozenset({1})]


def test_a_sheet_that_was_saved_as_a_spreadsheet_is_one() -> None:
    pytest.importorskip("python_calamine")
    book = pytest.importorskip("openpyxl").Workbook()
    for row in (["labels", "suggested", "why", "value", "id", "text"], ["none", "", "", 0.5, 7, "'=Rain fell."],
                [None, "", "", 0.4, 8, "Snow."], ["military|ceasefire", "", "", 0.3, 9, "Troops left."]):  # fmt: skip
        book.active.append(row)
    book.save("sheet.xlsx")
    split = load_split("train", "sheet.xlsx", config())
    assert [(one.story.id, one.story.text, one.topics) for one in split.stories] == [
        ("7", "=Rain fell.", frozenset()),
        ("9", "Troops left.", frozenset({1, 3})),
    ]
    book = pytest.importorskip("openpyxl").Workbook()
    for row in (["id", "split", "labels"], [9, "train", "military"]):
        book.active.append(row)
    book.save("corrections.xlsx")
    split = load_split("train", "sheet.xlsx", config(corrections="corrections.xlsx"))
    assert [one.topics for one in split.stories] == [frozenset(), frozenset({1})]


def test_a_sheet_is_known_behind_others_of_its_workbook_which_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("python_calamine")
    book = pytest.importorskip("openpyxl").Workbook()
    book.active.append(["topic", "meaning"])
    filled = book.create_sheet("Filled")
    for row in (["labels", "suggested", "why", "value", "id", "text"], [None, "", "", 0.5, 7, "Rain fell."],
                ["military", "", "", 0.3, 9, "Troops left."]):  # fmt: skip
        filled.append(row)
    book.save("sheet.xlsx")
    split = load_split("train", "sheet.xlsx", config())
    assert [(one.story.id, one.topics) for one in split.stories] == [("9", frozenset({1}))]
    said = "warning: sheet.xlsx: read the sheet 'Filled'; left out 'Sheet', with other columns.\n"
    assert capsys.readouterr() == ("", said)


def test_corrections_are_found_behind_other_sheets_of_their_workbook(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("python_calamine")
    book = pytest.importorskip("openpyxl").Workbook()
    book.active.append(["who", "when"])
    filled = book.create_sheet("Filled")
    for row in (["id", "split", "labels"], [1, "train", "military"]):
        filled.append(row)
    book.save("corrections.xlsx")
    Path("cut.csv").write_text("id,labels,text\n1,disaster,Troops left.\n", encoding="utf-8")
    split = load_split("train", "cut.csv", config(corrections="corrections.xlsx"))
    assert [one.topics for one in split.stories] == [frozenset({1})]
    assert "corrections.xlsx: read the sheet 'Filled'; left out 'Sheet'" in capsys.readouterr().err


def test_empty_labels_of_which_a_correction_speaks_are_no_riddle() -> None:
    Path("cut.csv").write_text("id,labels,text\n1,none,It rained.\n2,,Talks.\n", encoding="utf-8")
    with pytest.raises(DataError, match="'1' has the label 'none', and '2' has no label"):
        load_split("train", "cut.csv", config())
    Path("corrections.csv").write_text("id,split,labels\n2,train,none|none\n", encoding="utf-8")
    found = load_split("train", "cut.csv", config(corrections="corrections.csv")).stories
    assert [labelled.topics for labelled in found] == [frozenset()] * 2
    with_topic = config(labels=("none", "talks"))
    assert [labelled.topics for labelled in load_split("train", "cut.csv", with_topic).stories] == [{0}, frozenset()]


def test_empty_labels_of_a_story_that_a_sheet_answers_are_no_riddle() -> None:
    Path("cut.csv").write_text("labels,text\nnone,It rained.\n,Talks.\n", encoding="utf-8")
    Path("sheet.csv").write_text("labels,suggested,why,value,text\ndiplomacy,,,,Talks.\n", encoding="utf-8")
    split = load_split("train", ["cut.csv", "sheet.csv"], config())
    assert [labelled.topics for labelled in split.stories] == [{0}, frozenset()]
    assert split.dropped == {"answered in a review sheet": 1}


def test_none_twice_is_none_and_a_bar_alone_is_no_answer() -> None:
    rows = ["labels,suggested,why,value,text", "none | none,,,,It rained.", " | ,,,,Talks.", "military,,,,Troops."]
    Path("sheet.csv").write_text("\n".join(rows), encoding="utf-8")
    split = load_split("train", "sheet.csv", config())
    assert [labelled.topics for labelled in split.stories] == [frozenset(), frozenset({1})]
    assert split.dropped == {"not filled in": 1}
