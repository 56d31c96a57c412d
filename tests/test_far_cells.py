"""Sheets with a value far from the others, which calamine would lay out in full."""

from __future__ import annotations

import doctest
import io
import zipfile
from pathlib import Path

import pytest

import classifier.far_cells
from classifier import InputError
from classifier.far_cells import says_far_cells
from classifier.sources import Source
from classifier.stories import ReadOptions, read_stories


def said_of(sheet: str) -> str | None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{sheet}</sheetData></worksheet>")
    return says_far_cells(file)


def cell(place: str, *, filled: bool = True, end: str = "</c>") -> str:
    return f'<c r="{place}" s="1" t="n"><v>7</v></c>' if filled else f'<c r="{place}" s="1"{end}'


def test_a_value_far_to_the_right_of_a_long_table_is_said() -> None:
    rows = "".join(f'<row r="{number}">{cell(f"A{number}")}</row>' for number in range(1, 50001))
    assert said_of(rows) is None
    assert said_of(f'<row r="1">{cell("XFD1")}</row>{rows}') == (
        "a sheet reaches to column XFD and row 50,000, which is 819,200,000 cells. Delete what stands far from the "
        "table (Ctrl+End shows it)."
    )


@pytest.mark.parametrize(
    "far",
    [
        cell("XFD1048576", filled=False, end="/>"),
        cell("XFD1048576", filled=False, end=" />"),
        cell("XFD1048576", filled=False, end="></c>"),
        cell("DX1048576"),
        cell("XFD8192"),
        "",
    ],
)
def test_cells_without_a_value_and_what_fits_are_passed_over(far: str) -> None:
    assert said_of(f'<row r="1">{cell("A1")}</row><row r="9">{far}</row>') is None


@pytest.mark.parametrize("begin", ['<c r="XFD1048576">', '<c s="1" r="XFD1048576">', '<c r="XFD1048576" t="str">'])
def test_a_value_is_seen_whatever_its_cell_says_besides(begin: str) -> None:
    assert said_of(f'<row r="1">{cell("A1")}</row><row r="1048576">{begin}<v>7</v></c></row>') is not None


def test_a_tag_that_two_blocks_share_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    for size in range(300, 400):
        monkeypatch.setattr(classifier.far_cells, "_BLOCK_BYTES", size)
        assert said_of(" " * 280 + cell("A1048576") + cell("ZZ1")) is not None


def test_a_workbook_with_such_a_value_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    book = pytest.importorskip("openpyxl").Workbook()
    book.active.append(["text"])
    book.active["XFD200000"] = "x"
    book.save(tmp_path / "book.xlsx")
    with pytest.raises(InputError, match=r"book\.xlsx: a sheet reaches to column XFD .+ Save the sheet as CSV\.$"):
        list(read_stories(Source(str(tmp_path / "book.xlsx"), "spreadsheet"), ReadOptions()))


def test_what_is_no_workbook_is_passed_over() -> None:
    assert says_far_cells(io.BytesIO(b"PK\x03\x04 and no more")) is None
    assert doctest.testmod(classifier.far_cells).failed == 0
