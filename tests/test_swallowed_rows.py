"""A quotation that goes over two rows of a table with tabs, which was written without quoting."""

from __future__ import annotations

import io

import pytest

from classifier.tables import read_table


def records(raw: str, name: str = "feed.tsv") -> list[tuple[int, dict[str, str] | str]]:
    return list(read_table(io.BytesIO(raw.encode()), name).records)


def broken(last: int) -> str:
    return f"broken quoting (a quote that is closed in line {last} holds lines that look like rows)."


def test_a_row_that_a_quotation_goes_on_in_is_not_swallowed() -> None:
    assert records('id\ttext\n1\tRain.\n2\t"We stay.\n3\tThey go."\n4\tSun.\n') == [
        (2, {"id": "1", "text": "Rain."}),
        (3, broken(4)),
        (4, {"id": "3", "text": 'They go."'}),
        (5, {"id": "4", "text": "Sun."}),
    ]


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\nS-5\ta\tSun.\n"])
def test_the_first_and_the_last_row_may_be_broken_and_several_swallowed(end: str) -> None:
    found = records('id\tday\ttext\nS-1\ta\t"We stay.\nS-2\tb\tThey say.\nS-3\tc\tThey go."' + end)
    assert found[:3] == [
        (2, broken(4)),
        (3, {"id": "S-2", "day": "b", "text": "They say."}),
        (4, {"id": "S-3", "day": "c", "text": 'They go."'}),
    ]
    assert len(found) == 3 + ("Sun" in end)


def test_the_column_of_the_quotation_may_have_others_behind_it() -> None:
    assert records('id\ttext\tday\n1\t"We stay.\ta\n2\tThey go."\tb\n3\tSun.\tc\n') == [
        (2, broken(3)),
        (3, {"id": "2", "text": 'They go."', "day": "b"}),
        (4, {"id": "3", "text": "Sun.", "day": "c"}),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "We stay.\nThey go.",
        "We stay.\n3 they go",
        "The figures:\n1\tfor\n2\tagainst",
        "The figures:\n3\tfor",  # the next row of the table has the next id as well
        "The figures:\n3\tfor\tnone",
        "The figures:\n4\tfor",
        "The figures:\nA-3\tfor",
    ],
)
def test_a_text_of_several_lines_stays_one(text: str) -> None:
    rows = f'id\ttext\n2\t"{text}"\n3\t"Sun.\nAnd ""rain""."\n4\tWind.\n'
    assert records(rows) == [
        (2, {"id": "2", "text": text}),
        (2 + text.count("\n") + 1, {"id": "3", "text": 'Sun.\nAnd "rain".'}),
        (2 + text.count("\n") + 3, {"id": "4", "text": "Wind."}),
    ]


@pytest.mark.parametrize("end", ["", "\n", "\n5\tSun.\n"])  # of a file of which rows were taken out
def test_a_numbered_list_in_a_table_of_two_columns_stays_one_text(end: str) -> None:
    text = "Medals:\n2\tOst 12\n3\tKaldor 9"
    assert records(f'id\ttext\n1\t"{text}"{end}')[0] == (2, {"id": "1", "text": text})


def test_commas_in_a_text_of_two_lines_are_no_next_row() -> None:
    assert records('id,text\n2,"They met on\n3, 4 and 5 May."\n', "feed.csv") == [
        (2, {"id": "2", "text": "They met on\n3, 4 and 5 May."})
    ]
