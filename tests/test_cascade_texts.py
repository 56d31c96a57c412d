"""What is said of the texts that a cascade is fitted on: all that is left out, without options of predict."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifier.errors import InputError
from training.cascade_texts import read_unlabelled_texts
from training.config import DataConfig

pytestmark = pytest.mark.usefixtures("in_tmp")


def texts(*names: str) -> list[str]:
    return read_unlabelled_texts(names, DataConfig(train="none", labels=("talks",)))


def test_sheets_that_are_left_out_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("python_calamine")
    book = pytest.importorskip("openpyxl").Workbook()
    for row in (["text"], ["talks"]):
        book.active.append(row)
    book.create_sheet("Older").append(["text", "note"])
    book.save("book.xlsx")
    assert texts("book.xlsx") == ["talks"]
    said = "warning: book.xlsx: read the sheet 'Sheet'; left out 'Older', with other columns.\n"
    assert capsys.readouterr() == ("", said)


def test_no_message_names_an_option_of_predict(capsys: pytest.CaptureFixture[str]) -> None:
    Path("folder/notes").mkdir(parents=True)
    Path("folder/notes/a.md").write_text("talks", encoding="utf-8")
    with pytest.raises(InputError, match=r" in this folder or below\. Rename its other files\.$"):
        texts("folder")
    Path("folder/a.txt").write_text("text\tid\ntalks of the river\t7\n", encoding="utf-8")
    texts("folder")
    assert capsys.readouterr().err == (
        "warning: folder: left out 1 .md, of a kind that is not read. Rename a text to .txt.\n"
        "warning: folder/a.txt: begins like a table, and is read as a page. If it is one, rename it to .csv.\n"
    )
    with pytest.raises(InputError, match=r"not a file \(File name too long\)\. Name a file\.$"):
        texts("a" * 300)
