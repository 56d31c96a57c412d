"""Spreadsheets: which sheets, rows and columns are read, and as what."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from classifier import InputError
from classifier.errors import CommandError
from classifier.sources import find_sources
from classifier.stories import ReadOptions, Story, read_stories

pytest.importorskip("python_calamine")
openpyxl = pytest.importorskip("openpyxl")
pytestmark = pytest.mark.usefixtures("in_tmp")

HEADER = ["id", "title", "text"]


def saved(sheets: Mapping[str, Sequence[Sequence[Any]]], name: str = "book.xlsx", hidden: str = "") -> str:
    book = openpyxl.Workbook(write_only=True)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        sheet.sheet_state = "hidden" if title == hidden else "visible"
        for row in rows:
            sheet.append(row)
    book.save(name)
    return name


def stories(name: str, said: list[str] | None = None, **options: str) -> list[Story]:
    [source] = find_sources([name])
    warn = (said if said is not None else []).append
    return list(read_stories(source, ReadOptions(**options), warn=warn))


def columns(*rows: Sequence[Any]) -> list[dict[str, str]]:
    return [dict(story.columns) for story in stories(saved({"Sheet1": rows}))]


# Cells


def test_cells_are_what_a_csv_file_would_hold() -> None:
    cells = [17, 2.5, 0.1 + 0.2, 1e-7, True, False, datetime(2024, 3, 4), datetime(2024, 3, 4, 10, 5), date(2024, 3, 4)]
    cells += [time(9, 30), timedelta(hours=30), None, "#N/A", "é\nü", 1234567890123456, 10**16]
    written = ["17", "2.5", "0.3", "1e-07", "TRUE", "FALSE", "2024-03-04", "2024-03-04 10:05:00", "2024-03-04"]
    written += ["09:30:00", "30:00:00", "", "#N/A", "é\nü", "1234567890123456", "1e+16"]
    names = [f"c{number}" for number in range(len(cells))]
    [found] = columns(["text", *names], ["Envoys met.", *cells])
    assert found == {"text": "Envoys met.", **dict(zip(names, written, strict=True))}


def test_a_number_as_headline_is_text() -> None:
    [story] = stories(saved({"Sheet1": [HEADER, [7, 2024, "Envoys met."]]}))
    assert (story.id, story.title, story.text, story.error) == ("7", "2024", "Envoys met.", None)


# Rows and columns


def test_rows_go_by_their_numbers_in_the_sheet_and_empty_ones_are_passed_over() -> None:
    name = saved({"Sheet1": [[], ["text", "note"], ["Envoys met.", 1], [], ["", 2], ["Rain fell.", 3]]})
    assert [(story.id, story.error) for story in stories(name)] == [
        ("book.xlsx:3", None),
        ("book.xlsx:5", "book.xlsx:5: empty text, nothing to label."),
        ("book.xlsx:6", None),
    ]


def test_titles_above_the_header_are_left_out() -> None:
    expected = [{"id": "1", "title": "Talks", "text": "Envoys met."}]
    assert columns(["Reports of March"], [], ["Source: our desk"], HEADER, [1, "Talks", "Envoys met."]) == expected
    assert columns([None, "Reports"], [None, *HEADER], [None, 1, "Talks", "Envoys met."]) == expected


def test_the_header_is_found_below_narrower_lines_of_several_cells() -> None:
    expected = [{"id": "1", "title": "Talks", "text": "Envoys met."}]
    above = [["Reports of March"], ["Source", "our desk"], ["Period", datetime(2024, 3, 4)], [], ["", "Story"]]
    assert columns(*above, HEADER, [1, "Talks", "Envoys met."]) == expected
    fields = [["headline", "body"], ["title", "of the story"], ["text", "its body"]]
    with pytest.raises(CommandError, match=r"^book\.xlsx:1: no field 'text'\. Found: headline, body\."):
        columns(*fields)
    with pytest.raises(CommandError, match=r"^book\.xlsx:1: no field 'text'\. Found: id, kind, body\."):
        columns(["id", "kind", "body"], [1, "text", "Envoys met."])


def test_a_header_with_a_text_is_found_below_one_with_a_title_alone() -> None:
    expected = [{"id": "1", "title": "Talks", "text": "Envoys met."}]
    for above in ([["title", "Reports of March"], ["author", "our desk"]], [["title"], ["Reports of March"]]):
        assert columns(*above, HEADER, [1, "Talks", "Envoys met."]) == expected
    assert columns(["title", "kind"], ["Talks resume", "text"]) == [{"title": "Talks resume", "kind": "text"}]
    assert columns(["text"], ["of", "text", "text"])[0]["text"] == "of"


def test_a_header_of_one_cell_is_a_header() -> None:
    assert columns(["text"], ["Envoys met."], ["Rain fell."]) == [{"text": "Envoys met."}, {"text": "Rain fell."}]
    assert columns(["text"], ["Envoys met.", "seen"]) == [{"text": "Envoys met.", "column B": "seen"}]
    with pytest.raises(CommandError, match=r"^book\.xlsx:1: no field 'text'\. Found: body\."):
        columns(["body"], ["Envoys met."])


def test_cells_of_blanks_are_no_names() -> None:
    expected = [{"text": "Envoys met.", "column B": "seen"}]
    assert columns([" ", " "], ["text", " ", "\n"], ["Envoys met.", "seen"]) == expected


def test_a_column_without_a_name_is_kept_where_it_holds_something() -> None:
    rows = [["id", None, "text ", None], [1, None, "Envoys met.", None], [2, None, "Rain fell.", "to check"]]
    assert columns(*rows) == [
        {"id": "1", "text": "Envoys met.", "column D": ""},
        {"id": "2", "text": "Rain fell.", "column D": "to check"},
    ]


def test_names_that_stand_twice_are_refused() -> None:
    with pytest.raises(InputError, match=r"^book\.xlsx:1: the header names 'note' twice\. Rename one of them\.$"):
        columns(["text", "note", "note"], ["Envoys met.", 1, 2])


@pytest.mark.parametrize("header", [HEADER, ["id ", "title", "text", None]])
def test_a_header_that_comes_again_is_a_row_with_an_error(header: Sequence[str]) -> None:
    name = saved({"Sheet1": [header, [1, "Talks", "Envoys met.", "new"], header, [2, "Storm", "Rain fell."]]})
    assert [story.error for story in stories(name)] == [
        None,
        "book.xlsx:3: repeats the header: another table begins here, whose rows are read on. Remove this line.",
        None,
    ]


# Sheets


def test_sheets_with_the_same_columns_are_read_one_after_the_other_and_the_others_named() -> None:
    sheets = {
        "Notes": [["field", "meaning"], ["text", "the body"]],
        "Jan": [HEADER, [None, "Talks", "Envoys met."]],
        "Empty": [],
        "Feb": [["text", "title", "id"], ["Rain fell.", "Storm", None]],
        "Old": [["text"], ["Snow fell."]],
    }
    said: list[str] = []
    found = stories(saved(sheets), said)
    assert [(story.id, story.text) for story in found] == [
        ("book.xlsx:Jan:2", "Envoys met."),
        ("book.xlsx:Feb:2", "Rain fell."),
    ]
    assert said == ["book.xlsx: read the sheets 'Jan', 'Feb'; left out 'Notes', 'Old', with other columns."]


def test_a_note_beside_a_table_makes_it_no_other_one() -> None:
    sheets = {"Jan": [["text"], ["Envoys met."]], "Feb": [["text"], ["Rain fell.", None, "checked"]]}
    said: list[str] = []
    for one in (sheets, dict(reversed(sheets.items()))):
        found = sorted(stories(saved(one), said), key=lambda story: story.text)
        assert [dict(story.columns) for story in found] == [
            {"text": "Envoys met.", "column C": ""},
            {"text": "Rain fell.", "column C": "checked"},
        ]
    assert said == []


def test_a_hidden_sheet_comes_last() -> None:
    sheets = {"lists": [["text"], ["yes"]], "Data": [HEADER, [1, "Talks", "Envoys met."]]}
    said: list[str] = []
    assert [story.text for story in stories(saved(sheets, hidden="lists"), said)] == ["Envoys met."]
    assert said == ["book.xlsx: read the sheet 'Data'; left out 'lists', with other columns."]


def test_a_hidden_sheet_with_the_same_columns_is_read_and_named() -> None:
    said: list[str] = []
    sheets = {"Old": [["text"], ["Snow fell."]], "Now": [["text"], ["Envoys met."]]}
    assert [story.text for story in stories(saved(sheets, hidden="Old"), said)] == ["Envoys met.", "Snow fell."]
    assert said == ["book.xlsx: read the sheets 'Now', 'Old'; hidden: 'Old'."]


def test_the_sheet_with_the_named_column_is_found() -> None:
    sheets = {"a": [["text"], ["Snow fell."]], "b": [["body", "n"], ["Envoys met.", 1]]}
    assert [story.text for story in stories(saved(sheets), text_field="body")] == ["Envoys met."]


def test_a_sheet_with_texts_goes_before_one_with_headlines_alone() -> None:
    sheets = {
        "About": [["title", "Reports of March"], ["author", "Our desk"]],
        "Data": [HEADER, [1, "Talks", "Envoys met."]],
        "More": [["text"], ["Snow fell."]],
    }
    said: list[str] = []
    assert [story.text for story in stories(saved(sheets), said)] == ["Envoys met."]
    assert said == ["book.xlsx: read the sheet 'Data'; left out 'About', 'More', with other columns."]
    del sheets["More"]
    assert [story.title for story in stories(saved(sheets, hidden="Data"))] == ["author"]


# Files


def test_the_kind_is_found_whatever_the_ending_says() -> None:
    cells = "".join(
        f"<table:table-row>{''.join(f'<table:table-cell><text:p>{cell}</text:p></table:table-cell>' for cell in row)}"
        "</table:table-row>"
        for row in (["id", "text"], ["a", "Envoys met."])
    ).replace("<table:table-cell>", '<table:table-cell office:value-type="string">')
    names = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("table", "text"))
    office = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    body = f'<office:body><office:spreadsheet><table:table table:name="s">{cells}</table:table></office:spreadsheet>'
    manifest = 'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
    for name in ("book.ods", "book.xls"):
        with zipfile.ZipFile(name, "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr("META-INF/manifest.xml", f"<manifest:manifest {manifest}/>")
            archive.writestr("content.xml", f"<office:document-content {office} {names}>{body}</office:body>"
                             "</office:document-content>")  # fmt: skip
        assert [(story.id, story.text) for story in stories(name)] == [("a", "Envoys met.")]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "not a spreadsheet, or damaged"),
        (b"PK\x03\x04 and no more", "Open it and save it anew, or as CSV UTF-8."),
        (b"<html><table>", "It begins like markup, most likely HTML. Rename it to .html"),
        (b"\xff\xfei\x00d\x00", "It begins like text. Rename it to .csv."),
    ],
)
def test_what_is_no_spreadsheet_is_an_error(raw: bytes, said: str) -> None:
    Path("book.xls").write_bytes(raw)
    with pytest.raises(InputError) as caught:
        stories("book.xls")
    assert str(caught.value).startswith("book.xls: ")
    assert said in str(caught.value)


def test_a_workbook_without_values_and_one_that_is_packed_are_errors() -> None:
    with pytest.raises(InputError, match=r"^book\.xlsx: empty, expected a sheet with column names in its first row\.$"):
        stories(saved({"Sheet1": [], "Sheet2": [[None]]}))
    Path("book.xlsx.gz").write_bytes(b"\x1f\x8b")
    with pytest.raises(InputError, match=r"^book\.xlsx\.gz: a spreadsheet is read from a file that is not packed\."):
        stories("book.xlsx.gz")


def test_a_workbook_that_unpacks_to_more_than_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.unpacked._MOST_BYTES", 1 << 10)
    with pytest.raises(
        InputError, match=r"^book\.xlsx: unpacks to 0\.0 GiB, more than 9\.53674e-07 GiB\. Save the sheet as CSV\.$"
    ):
        stories(saved({"Sheet1": [HEADER, [1, "Talks", "Envoys met."]]}))


def test_a_job_labels_each_row_once(predict_code: Callable[..., tuple[int, str]]) -> None:
    saved({"Sheet1": [HEADER, [7, "Talks", "Envoys met in the capital."], [8, None, None]], "Key": [["a", "b"]]})
    code, said = predict_code("book.xlsx", "-o", "out.jsonl")
    rows = [json.loads(line) for line in Path("out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(row["id"], row["title"], row["error"]) for row in rows] == [
        ("7", "Talks", None),
        ("8", "", "book.xlsx:3: empty text, nothing to label."),
    ]
    assert code == 3  # not all rows have labels
    assert "read the sheet 'Sheet1'; left out 'Key', with other columns." in said


def test_a_workbook_of_notes_beside_data_is_left_out(predict_code: Callable[..., tuple[int, str]]) -> None:
    Path("all").mkdir()
    Path("all/a.csv").write_text("text\nEnvoys met.\n", encoding="utf-8")
    Path("all/~$book.xlsx").write_bytes(b"lock")
    saved({"Sheet1": [["variable", "meaning"]]}, "all/book.xlsx")
    said = "warning: all: left out 1 .xlsx, most likely about the other files. Name them to read them.\n"
    assert predict_code("all") == (0, said)
    Path("all/a.csv").unlink()
    assert [source.name for source in find_sources(["all"])] == ["all/book.xlsx"]
