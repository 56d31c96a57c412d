"""The header of a table: which delimiter it has, and what its columns are called."""

from __future__ import annotations

import io

import pytest

from classifier.errors import CommandError
from classifier.fields import check_columns
from classifier.stories import ReadOptions
from classifier.tables import read_table


def header(raw: str) -> tuple[str, ...]:
    return read_table(io.BytesIO(raw.encode()), "feed.csv").header


@pytest.mark.parametrize("phrase", ["village, camp, site, or river", '"a,b,c,d"', '"a,b,\nc,d"'])
def test_commas_in_the_name_of_a_column_are_no_delimiters(phrase: str) -> None:
    assert header(f"id;text;{phrase}\n1;Quake;x\n") == ("id", "text", phrase.strip('"').replace("\n", " "))


@pytest.mark.parametrize("delimiter", ",;\t|")
def test_a_name_in_quotes_may_go_on_in_the_next_line(delimiter: str) -> None:
    """As Excel writes a cell with a line break in it."""
    assert header(delimiter.join(('"Date\nof event"', "text", "title")) + "\n") == ("Date of event", "text", "title")


def test_delimiters_may_have_blanks_behind_them_where_there_are_no_others() -> None:
    assert header("id, title, text\n") == ("id", "title", "text")
    assert header("id; title; text, whole\n") == ("id", "title", "text, whole")


def test_the_line_below_says_which_delimiter_it_is_where_names_hold_others() -> None:
    assert header("id, text, actor1|actor2\n7, Envoys met, 2\n") == ("id", "text", "actor1|actor2")
    assert header("id, text, lat;lon\n") == ("id, text, lat", "lon")


def test_a_quote_that_nothing_closes_leaves_the_first_line_to_say() -> None:
    assert header('size 12";text;title\n' + "1;a,b,c,d,e,f;x\n" * 99) == ('size 12"', "text", "title")


def test_names_have_no_blanks_around_them_and_stand_on_one_line() -> None:
    """As nobody sees them in a spreadsheet, and hardly anybody can type a line break behind an option."""
    table = read_table(io.BytesIO(b'ID; Title ;"Full \r\nText\xc2\xa0"\n1;a; b \n'), "feed.csv")
    assert list(table.records) == [(3, {"ID": "1", "Title": "a", "Full Text": " b "})]


def test_two_names_that_only_blanks_tell_apart_stay_as_they_are() -> None:
    assert header("id,text,text \n") == ("id", "text", "text ")
    assert header("id,two  words,two words\n") == ("id", "two  words", "two words")


def test_a_header_with_blanks_that_comes_again_is_no_record() -> None:
    found = list(read_table(io.BytesIO(b"id,text \n1,Quake\nid,text \n"), "feed.csv").records)
    assert [isinstance(record, dict) for _, record in found] == [True, False]


@pytest.mark.parametrize(
    ("raw", "found", "said"),
    [
        ("Sahel monitor 2024\n\nid,text\n1,Quake\n", "Sahel monitor 2024", True),
        ("Sahel monitor,,\nid,text,x\n", "Sahel monitor", True),
        ("Event,,Story\nid,text,x\n", "Event, , Story", True),  # cells that were merged
        (",id,body\n1,7,Quake\n", ", id, body", False),  # as R writes the names of rows
    ],
)
def test_a_title_above_the_table_is_told_from_its_header(raw: str, found: str, said: bool) -> None:
    with pytest.raises(CommandError) as caught:
        check_columns("feed.csv:1", header(raw), ReadOptions())
    hint = " If that stands above the table, delete it: the first line is to name the columns."
    assert str(caught.value) == (
        f"feed.csv:1: no field 'text'. Found: {found}. Name it with --text-field.{hint * said}"
    )
