"""Cells of a spreadsheet with an error of a formula: seen as one in labels, none in texts and ids."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from classifier.error_cells import error_cells
from classifier.errors import DataError
from classifier.sources import find_sources
from classifier.stories import ReadOptions, Story, read_stories
from training.config import DataConfig
from training.data import load_split

pytest.importorskip("python_calamine")
openpyxl = pytest.importorskip("openpyxl")
pytestmark = pytest.mark.usefixtures("in_tmp")

LABELS = ("talks", "storm")


def saved(*rows: Sequence[Any], sheet: str = "Sheet1", name: str = "book.xlsx") -> str:
    """A workbook; openpyxl writes #N/A and the like as errors."""
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    book.save(name)
    return name


def stories(name: str) -> list[Story]:
    [source] = find_sources([name])
    return list(read_stories(source, ReadOptions()))


def problem(name: str, **more: Any) -> str:
    with pytest.raises(DataError) as caught:
        load_split("train", name, DataConfig(train=name, labels=LABELS, **more))
    return str(caught.value)


def test_an_error_in_labels_is_one_of_its_cell() -> None:
    rows = ["id", "text", "labels"], [7, "Envoys met.", "talks"], [8, "Gales blew.", "#N/A"], [9, "A fair.", None]
    said = "'labels' holds #N/A, an error of a spreadsheet. Correct the cell."
    assert problem(saved(*rows)) == f"book.xlsx: 1 problem\n  - book.xlsx:3: {said}"
    columns = saved(["text", *LABELS], ["Envoys met.", 1, 0], ["Gales blew.", 0, "#REF!"])
    assert "book.xlsx:3: 'storm' holds #REF!, an error" in problem(columns, labels_as="columns")


def test_an_error_in_a_filled_sheet_or_correction_is_no_empty_cell() -> None:
    sheet = saved(["labels", "suggested", "why", "value", "id", "text"], ["#NAME?", "", "", 0.5, 7, "Rain fell."])
    assert "book.xlsx:2: 'labels' holds #NAME?, an error" in problem(sheet)
    saved(["id", "split", "labels"], [7, "train", "#VALUE!"], name="corrections.xlsx")
    Path("a.csv").write_text("id,text,labels\n7,Rain fell.,storm\n", encoding="utf-8")
    assert "corrections.xlsx:2: unknown label '#VALUE!'." in problem("a.csv", corrections="corrections.xlsx")


def test_an_empty_cell_and_a_text_with_a_mark_are_what_they_were() -> None:
    name = saved(["text", "labels"], ["#N/A for the river gauge", None], ["Gales blew.", "storm"])
    split = load_split("train", name, DataConfig(train=name, labels=LABELS))
    assert [(one.story.text, one.topics) for one in split.stories] == [
        ("#N/A for the river gauge", frozenset()),
        ("Gales blew.", frozenset({1})),
    ]


def test_an_error_in_place_of_a_text_or_id_is_none() -> None:
    rows = ["id", "title", "text"], [7, "Storm", "#NAME?"], ["#N/A", None, "Rain fell."], [9, None, "#REF!"]
    assert [(one.id, one.title, one.text, one.error) for one in stories(saved(*rows))] == [
        ("7", "Storm", "", None),
        ("book.xlsx:3", "", "Rain fell.", None),
        ("9", "", "", "book.xlsx:4: '#REF!' in place of a text, nothing to label."),
    ]
    assert "input_id" not in stories("book.xlsx")[1].columns


def test_rows_of_formulas_below_the_table_are_passed_over() -> None:
    name = saved(["text", "desk"], ["Rain fell.", "#N/A"], [None, "#N/A"], ["#N/A", "#N/A"])
    assert [dict(story.columns) for story in stories(name)] == [{"text": "Rain fell.", "desk": "#N/A"}]


def test_errors_are_found_whatever_the_sheet_is_called_and_starts_with() -> None:
    saved([], [], [None, "text", "desk"], [None, "Rain fell.", "#DIV/0!"], sheet="März & <Co>", name="a.xlsx")
    with open("a.xlsx", "rb") as file:
        assert error_cells(file) == {"März & <Co>": {4: {2: "#DIV/0!"}}}
    assert dict(stories("a.xlsx")[0].columns) == {"text": "Rain fell.", "desk": "#DIV/0!"}


def test_cells_that_do_not_say_where_they_are_follow_each_other() -> None:
    saved(["text"], sheet="Sheet", name="a.xlsx")
    with zipfile.ZipFile("a.xlsx") as archive, zipfile.ZipFile("b.xlsx", "w") as made:
        for part in archive.namelist():
            raw = archive.read(part)
            if part == "xl/worksheets/sheet1.xml":
                raw = (
                    b'<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
                    b"<x:row><x:c/></x:row><x:row><x:c/><x:c t='e'><x:f>NA()</x:f><x:v>#N/A</x:v></x:c></x:row>"
                    b"</x:sheetData></x:worksheet>"
                )
            made.writestr(part, raw)
    with open("b.xlsx", "rb") as file:
        assert error_cells(file) == {"Sheet": {2: {1: "#N/A"}}}


@pytest.mark.parametrize("raw", [b"", b"<html>", b"PK\x03\x04 and no more"])
def test_what_is_no_workbook_has_no_errors(raw: bytes) -> None:
    Path("a.xlsx").write_bytes(raw)
    with open("a.xlsx", "rb") as file:
        assert error_cells(file) == {}
