"""Delimited text: one broken row at a time, and none swallows the rest."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import InputError, table_lines
from classifier.lines import LONGEST_RECORD_BYTES
from classifier.tables import read_table

Records = list[tuple[int, dict[str, str] | str]]


def records(raw: str | bytes, encoding: str = "utf-8") -> Records:
    """The records below the header of a table."""
    data = raw.encode("utf-8") if isinstance(raw, str) else raw
    return list(read_table(io.BytesIO(data), "feed.csv", encoding).records)


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_the_delimiter_is_the_one_that_the_header_has_most_of(delimiter: str, line_break: str) -> None:
    table = [["id", "title", "text"], ["1", "a.b", "c d"], ["2", "", "e"]]
    raw = "".join(delimiter.join(row) + line_break for row in table)
    assert records(raw) == [
        (2, {"id": "1", "title": "a.b", "text": "c d"}),
        (3, {"id": "2", "title": "", "text": "e"}),
    ]


def test_a_quote_that_a_far_line_closes_swallows_no_rows() -> None:
    rows = "".join(f"A-{number},story {number}\n" for number in range(3, 20))
    found = records('id,text\nA-1,one\nA-2,"open\n' + rows + 'A-20,last"\nA-21,end\n')
    assert found[1] == (3, "broken quoting (a quote that is closed in line 21 holds lines that look like rows).")
    assert [record["id"] for _, record in found if isinstance(record, dict)] == [
        f"A-{number}" for number in (1, *range(3, 22))
    ]


def test_lines_of_a_story_that_look_like_fields_stay_its_lines() -> None:
    for line in ("Adams, {}", "20{},0"):
        lines = "\n".join(line.format(age) for age in range(20, 40))
        [(_, record)] = records(f'id,text\n7,"The figures:\n{lines}"\n')
        assert record == {"id": "7", "text": f"The figures:\n{lines}"}


def test_a_row_with_a_stray_quote_stays_one_behind_a_row_that_is_broken_otherwise() -> None:
    found = records(b'id,title,text\n1,caf\xe9,a\n2,a 12" pipe,b\n')
    assert found[1] == (3, {"id": "2", "title": 'a 12" pipe', "text": "b"})
    found = records('id,title,text\n1,a,b\n2,"a"b,c\n3,a 12" pipe,b\n')
    assert found[2] == (4, {"id": "3", "title": 'a 12" pipe', "text": "b"})


def test_the_end_of_a_broken_row_is_no_row() -> None:
    found = records('id,title,text\n1,A,"a\nhe said "stop" there\nSoldiers, tanks, and guns"\n2,B,5" guns\n')
    problems = [str(record) for _, record in found[:3]]
    assert problems[0].startswith("broken quoting")
    assert problems[1].startswith("1 field, ")
    assert problems[2] == "one quote too many: this looks like the end of the broken row in line 2."
    assert found[3] == (5, {"id": "2", "title": "B", "text": '5" guns'})


@pytest.mark.parametrize("row", ["1,a,,,", "1,a", "1,a,", "1,a, ,,"])
def test_columns_at_the_end_without_a_name_and_a_value_are_left_out(row: str) -> None:
    table = read_table(io.BytesIO(f"id,text,,,\r\n{row}\r\n".encode()), "feed.csv")
    assert (table.header, list(table.records)) == (("id", "text"), [(2, {"id": "1", "text": "a"})])


def test_a_value_in_a_column_without_a_name_is_a_problem_of_its_row() -> None:
    assert records("id,text,,,\n1,a,,x,\n2,b,,,\n3,c,,,,\n4\n") == [
        (2, "'x' stands in a column without a name. Name it in the header, or empty it."),
        (3, {"id": "2", "text": "b"}),
        (4, "6 fields, the header has 5. Check quotes and delimiters."),
        (5, "1 field, the header has 5. Check quotes and delimiters."),
    ]
    assert records("id,text,\n1,a,x\n") == [(2, {"id": "1", "text": "a", "": "x"})]  # one alone keeps its values


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', "\ufeffsep=;", "\n\nsep=;"])
def test_the_first_line_of_excel_names_the_delimiter(first: str) -> None:
    found = records(f"{first}\r\nid;a,b,c,d;text\r\n1;x;y\r\n")
    assert [record for _, record in found] == [{"id": "1", "a,b,c,d": "x", "text": "y"}]
    assert records("sep=\t\nid\ttext\n1\ta\n") == [(3, {"id": "1", "text": "a"})]


def test_a_line_that_names_the_delimiter_alone_is_no_table() -> None:
    with pytest.raises(InputError, match=r"^feed\.csv: empty file, expected a header line with column names\.$"):
        records("sep=;\r\n")


def test_one_column_needs_no_delimiter() -> None:
    assert records("text\na; b\n") == [(2, {"text": "a; b"})]


def test_a_quoted_field_holds_delimiters_quotes_and_line_breaks() -> None:
    raw = 'id,text\n1,"a, ""b""\nc\r\nd"\n2,e\n'
    assert records(raw) == [(2, {"id": "1", "text": 'a, "b"\nc\r\nd'}), (5, {"id": "2", "text": "e"})]


def test_a_byte_order_mark_blank_lines_and_a_missing_last_line_break_do_not_matter() -> None:
    assert records("\ufeff\n  \nid;text\n\n1;a\n\r\n\n2;b") == [
        (5, {"id": "1", "text": "a"}),
        (8, {"id": "2", "text": "b"}),
    ]


def test_the_rows_behind_an_open_quote_survive() -> None:
    raw = 'id,text\n1,good\n2,"open\n3,after\n4,"fine, too"\n5,last\n'
    found = records(raw)
    assert [(number, record["text"] if isinstance(record, dict) else "") for number, record in found] == [
        (2, "good"),
        (3, ""),
        (4, "after"),
        (5, "fine, too"),
        (6, "last"),
    ]
    assert isinstance(found[1][1], str)
    assert re.fullmatch(r"broken quoting or an over-long field \(.+\)\.", found[1][1])


def test_an_open_quote_in_the_last_row_is_that_rows_problem() -> None:
    found = records('id,text\n1,good\n2,"open')
    assert found[0] == (2, {"id": "1", "text": "good"})
    assert found[1] == (3, "broken quoting or an over-long field (unexpected end of data).")


def test_a_row_without_end_is_given_up_at_the_size_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_lines, "LONGEST_RECORD_BYTES", 100)
    raw = 'id,text\n1,"open\n' + "".join(f"{n},row\n" for n in range(2, 60))
    found = records(raw)
    assert found[0] == (2, "broken quoting or an over-long field (a quote is not closed).")
    assert [record for _, record in found[1:]] == [{"id": str(n), "text": "row"} for n in range(2, 60)]


@pytest.mark.parametrize(("row", "count"), [("1", "1 field"), ("1,a,b", "3 fields"), ("1,a,", "3 fields")])
def test_a_row_with_another_number_of_fields_is_named(row: str, count: str) -> None:
    assert records(f"id,text\n{row}\n2,b\n") == [
        (2, f"{count}, the header has 2. Check quotes and delimiters."),
        (3, {"id": "2", "text": "b"}),
    ]


def test_broken_utf_8_is_that_rows_problem() -> None:
    found = records(b"id,text\n1,a\n2,caf\xe9\n3,c\n")
    assert found[0] == (2, {"id": "1", "text": "a"})
    assert found[1] == (3, "not UTF-8 (byte 0xe9 at 6). Name the encoding with --encoding, for example cp1252.")
    assert found[2] == (4, {"id": "3", "text": "c"})


def test_broken_utf_8_inside_a_field_of_several_lines_is_one_problem() -> None:
    found = records(b'id,text\n1,"caf\xe9\nsecond line\nthird"\n2,b\n')
    assert [number for number, _ in found] == [2, 5]
    assert found[1] == (5, {"id": "2", "text": "b"})


def test_an_encoding_is_used() -> None:
    assert records(b"id,text\n1,caf\xe9\n", "cp1252") == [(2, {"id": "1", "text": "café"})]


def test_nul_bytes_are_kept() -> None:
    assert records("id,text\n1,a\x00b\n") == [(2, {"id": "1", "text": "a\x00b"})]


@pytest.mark.parametrize("raw", [b"", b"\n", b"\r\n \n\t\n", b"\xef\xbb\xbf"])
def test_a_table_without_a_header_is_refused(raw: bytes) -> None:
    with pytest.raises(InputError, match=r"^feed\.csv: empty file, expected a header line with column names\.$"):
        records(raw)


def test_a_header_alone_has_no_records() -> None:
    table = read_table(io.BytesIO(b"id,text\n"), "feed.csv")
    assert (table.header, list(table.records)) == (("id", "text"), [])


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"id,,,text\n", "feed.csv:1: the header names '' twice. Rename one of them."),
        (b"id,text,id,text\n", "feed.csv:1: the header names 'id', 'text' twice. Rename one of them."),
        (
            b"\nid,t\xe9xt\n",
            "feed.csv:2: not UTF-8 (byte 0xe9 at 5). Name the encoding with --encoding, for example cp1252.",
        ),
        (
            b'id,"text\n1,a\n',
            "feed.csv:1: the header cannot be read (broken quoting or an over-long field (unexpected end of data)).",
        ),
    ],
)
def test_a_header_that_cannot_be_read(raw: bytes, message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        records(raw)


def test_a_line_over_the_limit_is_that_rows_problem() -> None:
    raw = b"id,text\n1,a\n2," + b"x" * LONGEST_RECORD_BYTES + b"\n3,c\n"
    assert records(raw) == [
        (2, {"id": "1", "text": "a"}),
        (3, "a line that is too long."),
        (4, {"id": "3", "text": "c"}),
    ]


FIELDS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('",;\t\n\r'), max_size=20)


@given(st.lists(st.tuples(FIELDS, FIELDS), max_size=6), st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n"]))
def test_what_the_standard_library_writes_is_read(rows: list[tuple[str, str]], delimiter: str, end: str) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([("id", "text"), *rows])
    assert [record for _, record in records(file.getvalue())] == [{"id": a, "text": b} for a, b in rows]


@given(st.binary(max_size=200))
def test_any_bytes_are_rows_problems_or_an_input_error(raw: bytes) -> None:
    try:
        found = records(b"id,text\n" + raw)
    except InputError:
        return
    numbers = [number for number, _ in found]
    assert numbers == sorted(set(numbers))


def test_empty_rows_at_the_end_are_left_out_and_others_are_rows() -> None:
    """As Excel writes the cells below a table that once were used; between rows they keep the places of the others."""
    assert records("id;text\n1;a\n;\n;\n2;b\n;\n\n;\n") == [
        (2, {"id": "1", "text": "a"}),
        (3, {"id": "", "text": ""}),
        (4, {"id": "", "text": ""}),
        (5, {"id": "2", "text": "b"}),
    ]
    assert records("id;text;;\n1;a;;\n;;;\n") == [(2, {"id": "1", "text": "a"})]
    assert records('id;text\n1;a\n"";""\n; \n')[1:] == [(3, {"id": "", "text": ""}), (4, {"id": "", "text": " "})]
    assert records('text\na\n""\n') == [(2, {"text": "a"}), (3, {"text": ""})]  # the only column
    assert records("id;text\n;\n") == []


def test_a_header_that_comes_again_is_no_record() -> None:
    assert records("text\ntext\n") == [(2, {"text": "text"})]  # of one column, it may be a story
    found = records(b"id,text\n1,Quake\nid,text\n1,Flood\n")
    assert [record for _, record in found if not isinstance(record, str)] == [
        {"id": "1", "text": "Quake"},
        {"id": "1", "text": "Flood"},
    ]
    assert [(number, record) for number, record in found if isinstance(record, str)] == [
        (3, "repeats the header: another table begins here, whose rows are read on. Remove this line.")
    ]
