"""The report as Markdown stays what it is, whatever the data calls its sources."""

from __future__ import annotations

from training.markdown import table


def test_a_line_break_in_the_name_of_a_slice_does_not_break_its_table() -> None:
    lines = ["| source | stories |", "| --- | --- |", "| Sport desk | 3 |", "| A\\|B | 4 |"]
    assert table(["source", "stories"], [["Sport\ndesk", 3], ["A|B", 4]]).splitlines() == lines
