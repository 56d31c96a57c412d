"""Texts saved from news archives → their documents."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from archived_stories import FLOOD, SHELLING, STORIES, TENNIS, bodies, nexis_uni, proquest, texts

from classifier.archives import Documents, find_documents
from classifier.boilerplate import is_boilerplate
from classifier.pages import split_page
from classifier.sources import Source
from classifier.stories import ReadOptions, read_stories


def lexis(number: int, story: list[str], indent: str = " " * 30) -> list[str]:
    """A document as LexisNexis lays it out."""
    above = [f"{indent}{number} of 3 DOCUMENTS", "", "", f"{indent}The Kaldor Times (Velmara)", ""]
    above += [f"{indent}January 11, 2010 Monday", *([f"{indent}Edition 1;", f"{indent}Scotland"] if indent else [])]
    labels = ["BYLINE: Ana Petrov, in Velmara", "", "SECTION: NEWS; Pg. 3", "", "LENGTH: 1,090 words", ""]
    below = ["", "LOAD-DATE: January 11, 2010", "", "LANGUAGE: ENGLISH", "", "GRAPHIC: Smoke over the base after the"]
    below += ["attack, seen from the", "harbour", "", "SUBJECT: ARMIES (90%); REBELLIONS", "(78%)", ""]
    below += ["PUBLICATION-TYPE: Newspaper", "", "JOURNAL-CODE: KTV", "", f"{indent}Copyright 2010 Kaldor Press"]
    return [*above, "", story[0], "", *labels, *story[1:], *below, f"{indent}All Rights Reserved", ""]


@pytest.mark.parametrize("indent", [" " * 30, ""])
def test_a_document_of_lexisnexis_is_a_story_without_its_metadata(indent: str) -> None:
    page = [line for number, story in enumerate(STORIES, 1) for line in lexis(number, story, indent)]
    assert texts(page) == bodies(STORIES)
    assert [segment.title for segment in split_page("\r\n".join(page))] == [story[0] for story in STORIES]


def test_a_document_of_lexisnexis_loses_no_text_with_its_blank_lines() -> None:
    page = [line for number, story in enumerate(STORIES, 1) for line in lexis(number, story, "") if line]
    assert texts(page) == bodies(STORIES)


def test_the_cover_sheet_of_an_order_is_left_out_and_a_story_above_a_mark_is_not() -> None:
    sheet = ["Download Request: Selected Items: 1-3", "", "Send To:", "VELMARA LIBRARY", "", "Terms: (rebels"]
    documents = [*lexis(1, SHELLING), *lexis(2, FLOOD)]
    assert texts([*sheet, "and army)", *documents]) == bodies([SHELLING, FLOOD])
    assert texts([TENNIS[1], "", *documents]) == bodies([[TENNIS[1]], SHELLING, FLOOD])


def test_lines_of_a_document_that_only_look_like_metadata_are_kept() -> None:
    story = ["Court hears of forged papers", "SUBJECT: the minister wrote to the judge.", "Length: a mile, they said."]
    story += ["2 of 3 documents were forged.", "HIGHLIGHT: A judge rules on Monday.", "January 11, 2010 was a Monday."]
    assert texts(lexis(1, story)) == bodies([story])
    assert texts(["1 of 3 DOCUMENTS", "", *story]) == bodies([story])


def test_a_file_of_lexisnexis_gives_a_row_a_document(tmp_path: Path) -> None:
    path = tmp_path / "export.txt"
    path.write_text("\n".join([*lexis(1, SHELLING), *lexis(2, FLOOD)]), encoding="utf-8")
    stories = list(read_stories(Source(str(path), "txt"), ReadOptions()))
    assert [(story.title, story.text) for story in stories] == [
        (story[0], text) for story, text in zip([SHELLING, FLOOD], bodies([SHELLING, FLOOD]), strict=True)
    ]


def test_a_document_of_nexis_uni_is_a_story() -> None:
    assert texts([line for story in STORIES for line in nexis_uni(story)]) == bodies(STORIES)
    assert find_documents([*SHELLING, "End of Document", *FLOOD]) == Documents()


def test_a_document_of_proquest_is_a_story_and_a_ruler_alone_marks_none() -> None:
    page = [line for story in STORIES for line in proquest(story)]
    page += ["_" * 60, "Contact us at: http://about.example.com", "Copyright 2020 Kaldor LLC. All rights reserved."]
    assert texts(page) == bodies(STORIES)
    assert find_documents([*SHELLING, "_" * 60, *FLOOD]) == Documents()


@pytest.mark.parametrize(
    "separator",
    ["News number : {}", "News nunber : {}", "NEWS {}", "Story #{}:", "Article {} of 3", "Document {} of 3"],
)
def test_numbered_separators_start_a_story_each(separator: str) -> None:
    page = [line for number, story in enumerate(STORIES, 1) for line in (separator.format(number), "", *story)]
    assert texts(page) == bodies(STORIES)
    assert texts([*page, *page]) == bodies(STORIES) * 2


@pytest.mark.parametrize(
    "separators",
    [
        ["Article 1", "Article 2", "Article 3"],  # of a treaty
        ["Day 1", "Day 2", "Day 3"],
        ["Document 1", "Document 2", "Document 3"],
        ["News 24", "News 24", "News 24"],  # a channel
        ["Story 3", "Story 2", "Story 1"],
        ["Story 1", "News 2", "Story 3"],
        ["Story 1 of the evening", "Story 2 of the evening", "Story 3 of the evening"],
    ],
)
def test_other_numbers_separate_nothing(separators: list[str]) -> None:
    lines = [line for separator, story in zip(separators, STORIES, strict=True) for line in (separator, *story)]
    assert find_documents(lines) == Documents()


def test_a_single_number_and_a_list_of_numbers_separate_nothing() -> None:
    assert find_documents(["Story 1 of 3", *SHELLING]) == Documents()
    assert find_documents(["Story 1", "Story 2", "", "Story 3", *SHELLING]) == Documents()


METADATA = """
BYLINE: Ana Petrov and Li Wen
SECTION: NEWS; Pg. 3
LENGTH: 1,090 words
Load-Date: January 11, 2010
LANGUAGE: ENGLISH
PUBLICATION-TYPE: Newspaper
JOURNAL-CODE: KTV
12 of 300 DOCUMENTS
"""
KICKERS = """
BYLINE: How a reporter found the wreck
SECTION: The coast road reopens
LENGTH: 30 words of praise for tugs
LANGUAGE: Ministry wants lessons in Tarvian
2 of 10 documents were forged
"""


@pytest.mark.parametrize("line", METADATA.strip().split("\n"))
def test_metadata_is_boilerplate_without_a_mark_as_well(line: str) -> None:
    assert is_boilerplate(line)


@pytest.mark.parametrize("line", KICKERS.strip().split("\n"))
def test_kickers_are_no_metadata(line: str) -> None:
    assert not is_boilerplate(line)


def test_a_paragraph_of_any_length_is_a_story_between_numbers() -> None:
    paragraphs = ["Rebels fired rockets at the army base near Odrava on Sunday. " * 30, "The Luma rose again. " * 90]
    assert texts(["Story1", paragraphs[0], "Story2", paragraphs[1]]) == [text.strip() for text in paragraphs]


def test_ten_thousand_documents_take_seconds_at_most() -> None:
    lines = [line for number in range(10_000) for line in (f"{number} of 9 DOCUMENTS", "90 words", "GRAPHIC: A", "B")]
    lines += [line for _ in range(10_000) for line in ("90 words", "Document KTV0000020100111e61b00011", "")]
    started = time.perf_counter()
    find_documents(lines)
    find_documents(lines[40_000:])
    for line in ("SUBJECT: TALKS (90%)", "1 of 9 DOCUMENTS\nJanuary 11, 2010"):
        find_documents([*lines[:4], *("\n".join([line] * 20_000).split("\n"))])
    assert time.perf_counter() - started < 5  # well under one on an idle machine
