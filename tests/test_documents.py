"""Word documents as pages: which text is read, in which lines, and what is said of files that are none."""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from classifier.documents import document_text
from classifier.errors import CommandError, MissingExtraError
from classifier.source_check import broken_sources
from classifier.sources import find_sources
from classifier.stories import ReadOptions, Story, read_stories

docx = pytest.importorskip("docx")
pytestmark = pytest.mark.usefixtures("in_tmp")

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def raw(*paragraphs: str, xml: str = "") -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if xml:
        document.element.body.insert(0, docx.oxml.parse_xml(f"<w:sdt {W} {MC}>{xml}</w:sdt>"))
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def stories(name: str, content: bytes, **options: Any) -> list[Story]:
    Path(name).write_bytes(content)
    [source] = find_sources([name])
    return list(read_stories(source, ReadOptions(**options)))


def test_a_paragraph_is_a_line_and_a_break_another() -> None:
    assert document_text(raw("Talks resume", "", "Envoys met.\nThey\tspoke.")) == (
        "Talks resume\n\nEnvoys met.\nThey\tspoke.",
        None,
    )


def test_cells_boxes_controls_and_insertions_are_read_in_order_and_deletions_left_out() -> None:
    def run(text: str) -> str:
        return f"<w:r><w:t>{text}</w:t></w:r>"

    box = f"<w:txbxContent><w:p>{run('in a box')}</w:p></w:txbxContent>"
    drawn = f"<w:r><mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
    xml = (
        f"<w:sdtContent><w:p>{run('around ')}{drawn}</mc:AlternateContent></w:r>{run('it')}</w:p>"
        f"<w:p>{run('Envoys ')}<w:ins>{run('have ')}</w:ins><w:del><w:r><w:delText>had </w:delText></w:r></w:del>"
        f"<w:moveFrom>{run('away ')}</w:moveFrom><w:hyperlink>{run('met')}</w:hyperlink></w:p>"
        f"<w:tbl><w:tr><w:tc><w:p>{run('HD')}</w:p></w:tc><w:tc><w:p>{run('Storm')}</w:p></w:tc></w:tr></w:tbl>"
        "</w:sdtContent>"
    )
    assert document_text(raw("The end.", xml=xml)) == (
        "around it\nin a box\nEnvoys have met\nHD\nStorm\nThe end.",
        None,
    )


def test_tab_stops_are_no_tabs_and_a_box_goes_with_the_text_that_was_deleted() -> None:
    stops = '<w:pPr><w:tabs><w:tab w:val="left" w:pos="720"/><w:tab w:val="right" w:pos="900"/></w:tabs></w:pPr>'
    box = "<w:r><w:txbxContent><w:p><w:r><w:t>gone</w:t></w:r></w:p></w:txbxContent></w:r>"
    xml = f"<w:p>{stops}<w:r><w:t>Envoys</w:t><w:tab/><w:t>met.</w:t></w:r><w:del>{box}</w:del></w:p>"
    assert document_text(raw("The end.", xml=f"<w:sdtContent>{xml}</w:sdtContent>")) == ("Envoys\tmet.\nThe end.", None)


def test_the_documents_of_an_archive_are_stories() -> None:
    page = []
    for title, text in (("Truce holds", "Guns were silent on Monday."), ("Flood recedes", "The river fell on Monday.")):
        page += [
            title,
            "The Odrava Herald",
            "March 4, 2024 Monday",
            "Copyright 2024 The Odrava Herald",
            "Section: NEWS",
        ]
        page += ["Length: 312 words", "Body", text, "Load-Date: March 5, 2024", "End of Document"]
    found = stories("nexis.docx", raw(*page))
    assert [(story.id, story.text) for story in found] == [
        ("nexis.docx#1", "Truce holds\nThe Odrava Herald\nGuns were silent on Monday."),
        ("nexis.docx#2", "Flood recedes\nThe Odrava Herald\nThe river fell on Monday."),
    ]
    assert len(stories("nexis.docx", raw(*page), split=False)) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            b"",
            "page.docx: not a Word document, or damaged (File is not a zip file). Open it and save it anew, or",
        ),
        (b"\xd0\xcf\x11\xe0 old", "page.docx: a document of Word before 2007, or one with a password."),
        (raw("Envoys met.")[:9000], "page.docx: not a Word document, or damaged"),
        (raw(), "page.docx: empty, nothing to label."),
    ],
)
def test_what_cannot_be_read_is_a_row_with_an_error(content: bytes, said: str) -> None:
    [story] = stories("page.docx", content)
    assert (story.error or "").startswith(said)


def test_what_is_said_of_a_workbook_with_the_wrong_name_is_always_the_same() -> None:
    file = io.BytesIO()
    pytest.importorskip("openpyxl").Workbook().save(file)
    [story] = stories("page.docx", file.getvalue())
    assert story.error == (
        "page.docx: not a Word document, or damaged (not a Word file, content type is "
        "'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml'). Open it and save it anew, or "
        "as .txt."
    )


def test_a_zip_that_is_no_document_is_an_error_of_its_row() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "Envoys met.")
    [story] = stories("page.docx", file.getvalue())
    assert "page.docx: not a Word document, or damaged" in (story.error or "")


def test_a_document_that_unpacks_to_more_than_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.unpacked._MOST_BYTES", 1 << 9)
    [story] = stories("page.docx", raw("Envoys met."))
    assert (story.error or "").endswith(" GiB, more than 4.76837e-07 GiB. Save it as .txt.")


def test_a_document_may_be_large_by_its_pictures_but_not_by_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.stories.LONGEST_RECORD_BYTES", 1 << 10)
    assert [story.text for story in stories("page.docx", raw("Envoys met."))] == ["Envoys met."]
    monkeypatch.setattr("classifier.documents.LONGEST_RECORD_BYTES", 10)
    [story] = stories("page.docx", raw("Envoys met."))
    assert story.error == "page.docx: a text longer than 0 MiB. Cut it into smaller files."
    monkeypatch.setattr("classifier.page_files.LONGEST_DOCUMENT_BYTES", 1 << 10)
    [story] = stories("page.docx", raw("Envoys met."))
    assert story.error == "page.docx: longer than 0 MiB. Cut it into smaller files."


def test_columns_that_are_named_of_documents_alone_are_refused() -> None:
    Path("page.docx").write_bytes(raw("Envoys met."))
    with pytest.raises(CommandError, match=r"^page\.docx: pages have no columns for --text-field\."):
        broken_sources(find_sources(["page.docx"]), ReadOptions(text_field="body"))


def test_a_missing_extra_is_said_before_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "docx", None)
    for name in ("a.txt", "b.docx"):
        Path(name).touch()
    with pytest.raises(MissingExtraError, match=r"^a Word document needs the extra 'office'\."):
        broken_sources(find_sources(["."]), ReadOptions())
    assert broken_sources(find_sources(["a.txt"]), ReadOptions()) == []


def test_documents_are_read_beside_pages_and_left_out_beside_records() -> None:
    for name in ("a.docx", "b.txt"):
        Path(name).write_bytes(raw("Envoys met.") if name == "a.docx" else b"Envoys met.")
    said: list[str] = []
    assert [source.name for source in find_sources(["."], warn=said.append)] == ["a.docx", "b.txt"]
    Path("c.csv").write_text("text\nEnvoys met.\n", encoding="utf-8")
    assert [source.name for source in find_sources(["."], warn=said.append)] == ["b.txt", "c.csv"]
    assert said == [".: left out 1 .docx, most likely about the other files. Name them to read them."]
    Path("both").mkdir()
    for name in ("both/a.docx", "both/b.xlsx"):
        Path(name).touch()
    assert [Path(source.name).name for source in find_sources(["both"])] == ["a.docx", "b.xlsx"]
