"""Outputs that a person has opened in a spreadsheet and saved: `--summary` and `--review-first` still read them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from classifier.tally import tally_output

pytestmark = pytest.mark.usefixtures("in_tmp")


@pytest.fixture
def output(command: Callable[..., tuple[int, str, str]]) -> str:
    """out.csv with one row, which is flagged."""
    Path("in.csv").write_text("id,text\n7,Café talks\n", encoding="utf-8")
    assert command("in.csv", "-o", "out.csv", "--quiet")[0] == 0
    return Path("out.csv").read_text(encoding="utf-8").replace(",false,", ",TRUE,")


def test_another_encoding_is_named_as_the_message_says(
    command: Callable[..., tuple[int, str, str]], output: str
) -> None:
    """As Excel's plain CSV is in cp1252."""
    Path("out.csv").write_text(output, encoding="cp1252")
    for arguments in (["--summary", "out.csv"], ["--review-first", "out.csv", "-o", "sheet.csv"]):
        code, _, err = command(*arguments)
        assert (code, "Name the encoding with --encoding" in err) == (1, True)
        assert command(*arguments, "--encoding", "cp1252")[0] == 0
    assert "Café talks" in Path("sheet.csv").read_text(encoding="utf-8")


def test_empty_rows_are_none_of_the_stories(command: Callable[..., tuple[int, str, str]], output: str) -> None:
    header, row = output.splitlines()
    empty = "," * header.count(",")
    Path("out.csv").write_text("\n".join([header, empty, row, empty, ""]), encoding="utf-8")
    counts = tally_output("out.csv").counts
    assert (counts["rows"], counts["none"] + len(counts["topic"])) == (1, 1)
    assert command("--review-first", "out.csv", "-o", "sheet.csv")[0] == 0


def test_a_row_of_sums_is_named_as_none_of_ours(command: Callable[..., tuple[int, str, str]], output: str) -> None:
    Path("out.csv").write_text(f"{output}Total" + "," * output.splitlines()[0].count(","), encoding="utf-8")
    for arguments in (["--summary", "out.csv"], ["--review-first", "out.csv", "-o", "sheet.csv"]):
        code, _, err = command(*arguments)
        assert (code, err) == (1, "error: out.csv:3: no model, as in no row that predict wrote. Delete the row.\n")
