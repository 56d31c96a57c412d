"""Tables whose header is one name short of their rows, as R writes them, and those that only look like one."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from itertools import islice

import pytest

from classifier.table_lines import TableLines
from classifier.tables import Table, read_table

STORIES = [("Truce", "Envoys met."), ("Flood", "Rivers rose, and 20 people drowned.")]


def table(raw: str) -> Table:
    return read_table(io.BytesIO(raw.encode()), "feed.csv")


def written(header: Sequence[str], rows: Sequence[Sequence[str | int]], delimiter: str = ",") -> str:
    """A table as R writes it: words in quotes, numbers without."""
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerows([header, *rows])
    return file.getvalue()


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
@pytest.mark.parametrize("names", [("1", "2"), ("3", "17"), ("text1", "text2"), ("1",)])
def test_the_names_of_rows_are_a_first_column_without_a_name(delimiter: str, names: Sequence[str]) -> None:
    rows = [(name, number, *story) for number, (name, story) in enumerate(zip(names, STORIES, strict=False), 40)]
    found = table(written(("id", "title", "text"), rows, delimiter))
    assert found.header == ("", "id", "title", "text")
    assert [record for _, record in found.records] == [
        dict(zip(found.header, map(str, row), strict=True)) for row in rows
    ]
    found = table(written(("text", "title"), [(name, text, title) for name, _, title, text in rows], delimiter))
    assert found.header == ("", "text", "title")


def test_tabs_tell_names_of_rows_without_quotes_too() -> None:
    assert table("id\ttext\n1\tA-7\tEnvoys met.\n2\tA-8\tRivers rose.\n").header == ("", "id", "text")
    many = "".join(f'"{number}","a","They met."\n' for number in range(1, 30))
    found = table(f'"title","text"\n{many}"30","a"\n')
    *records, (line, problem) = found.records
    assert [record for _, record in records] == [
        {"": str(number), "title": "a", "text": "They met."} for number in range(1, 30)
    ]
    assert (line, problem) == (31, "2 fields, the header has 3. Check quotes and delimiters.")


@pytest.mark.parametrize(
    "raw",
    [
        "id,title,text\n1,Truce,They met.,\n2,Flood,It rained.,\n",  # a delimiter behind each row
        '"id","title","text"\n"1","Truce","They met.",\n"2","Flood","It rained.",\n',
        "id\ttitle\ttext\n1\tTruce\tThey met.\t\n2\tFlood\tIt rained.\t\n",
        "id,text\n1,Truce, they say\n",  # a comma in a text
        "id,text\n1,Truce, they say\n2,Flood, they say\n",
        "id\ttext\n1\tTruce\tthey say\n2\tFlood\tthey say\n",
        '"id","text"\n"1","Truce","they say"\n"2","Flood"\n',  # one row that is broken
        '"id","text"\n"1","They met.","talks"\n"2","It rained.","storm"\n',  # the last column has no name
        '"id","text"\n"1","Envoys-7","talks"\n"2","Envoys-8","storm"\n',
        '"place","text"\n"Odrava","North","They met."\n"Calvera","South","It rained."\n',
        "id,score,text\n1,0,5,They met.\n2,0,7,It rained.\n",  # decimal commas
        "text\n1\tThey met.\n2\tIt rained.\n",
    ],
)
def test_rows_that_are_too_long_otherwise_are_problems_as_before(raw: str) -> None:
    found = table(raw)
    assert "" not in found.header
    longer = f"{len(found.header) + 1} fields, the header has {len(found.header)}. Check quotes and delimiters."
    records = [record for _, record in found.records]
    assert records[0] == longer or len(found.header) == 1


def test_what_breaks_off_while_the_first_rows_are_looked_at_keeps_them() -> None:
    class Broken(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            line = super().readline(size)
            if not line:
                raise OSError(5, "damaged")
            return line

    found = read_table(Broken(b'"title","text"\n"1","Truce","They met."\n"2","Flood","It rained."\n'), "feed.csv")
    assert [record for _, record in islice(found.records, 2)] == [
        {"": "1", "title": "Truce", "text": "They met."},
        {"": "2", "title": "Flood", "text": "It rained."},
    ]
    with pytest.raises(OSError, match="damaged"):
        next(found.records)


def test_rows_ahead_are_read_again() -> None:
    lines = TableLines(io.BytesIO(b'1,"a\nb"\n\n2,c\n3\n'), "utf-8")
    assert lines.ahead(",", 2) == ([], [])
    assert list(lines) == ['1,"a\n', 'b"\n', "\n", "2,c\n", "3\n"]
