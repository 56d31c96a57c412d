"""Sheets of archives that hold no document → they are left out, and what stands around them is not."""

from __future__ import annotations

import time

import pytest
from archived_stories import FLOOD, SHELLING, STORIES, TENNIS, bodies, coded, factiva, nexis_uni, proquest, texts

from classifier.archives import find_documents

BIBLIOGRAPHY = ["Bibliography", "", "Citation style: APA 6th - American Psychological Association, 6th Edition", ""]
BIBLIOGRAPHY += [f"{FLOOD[0]}. (2010, Jan 11). The Kaldor Times Retrieved from https://example.com/docview/1", ""]
CONTACT = ["Contact ProQuest", "", "Copyright © 2010 ProQuest LLC. All rights reserved. - Terms and Conditions", ""]
SUMMARY = ["Search Summary", "Text", "odrava or floods", "Date", "In the last year", "Source", "All Sources", "Author"]
SUMMARY += ["All Authors", "Results Found", "2", "Timestamp", "14 March 2010 10:20"]
CLOSING = ["© 2010 Factiva, Inc. All rights reserved."]
RULER = ["_" * 60, ""]


@pytest.mark.parametrize("between", [RULER, []])
@pytest.mark.parametrize("above", [RULER, []])
def test_proquests_bibliography_and_address_are_no_story(above: list[str], between: list[str]) -> None:
    export = [*proquest(SHELLING), *proquest(FLOOD), *above, *BIBLIOGRAPHY, *between, *CONTACT]
    assert texts(export) == bodies([SHELLING, FLOOD])
    assert texts([*export, *proquest(TENNIS)]) == bodies([SHELLING, FLOOD, TENNIS])
    assert texts([*export, *RULER, *TENNIS]) == bodies([SHELLING, FLOOD, TENNIS])


def test_a_bibliography_in_a_story_of_proquest_is_kept() -> None:
    story = [
        *FLOOD,
        "Bibliography",
        "A history of the Luma, in two volumes.",
        "Contact ProQuest",
        "The library says so.",
    ]
    assert texts([*proquest(story), *proquest(TENNIS)]) == bodies([story, TENNIS])


@pytest.mark.parametrize("closing", [CLOSING, []])
def test_factivas_summary_of_a_search_is_no_story(closing: list[str]) -> None:
    assert texts([*factiva(1, SHELLING), *factiva(2, FLOOD), *SUMMARY, *closing]) == bodies([SHELLING, FLOOD])
    rows = ["| Search Summary |", "| Text | odrava or floods |", "| Date | In the last year |", "| Source | All |"]
    assert texts([*coded(2, FLOOD, "| {} | {} | "), "Page 2 of 2", *rows, *closing]) == bodies([FLOOD])


def test_what_stands_below_a_summary_of_a_search_is_kept() -> None:
    export = [*factiva(1, SHELLING), *SUMMARY, *CLOSING]
    for other in (factiva(2, FLOOD), coded(2, FLOOD), FLOOD):
        assert texts([*export, "", *other]) == bodies([SHELLING, FLOOD])
    for other in (factiva(2, FLOOD), coded(2, FLOOD)):
        assert texts([*factiva(1, SHELLING), *SUMMARY, *other, *CLOSING])[1].endswith(bodies([FLOOD[1:]])[0])


def test_a_story_that_is_headed_like_a_summary_of_a_search_is_kept() -> None:
    for story in (
        ["Search Summary", *FLOOD[1:]],
        ["Search Summary", "Text", *FLOOD[1:], "Date of the next flood: open"],
    ):
        assert texts([*factiva(1, SHELLING), *factiva(2, story)]) == bodies([SHELLING, story])
    story = [*FLOOD, *SUMMARY[:4], "Source", "The Luma"]
    assert "odrava or floods" in texts([*factiva(1, story), *factiva(2, TENNIS)])[0]


TOP = ["User Name: ana@example.com", "Date and Time: Monday, January 11, 2010 10:22:00 AM EDT", "Job Number: 219234567"]
LABELS = ["Client/Matter: -None-", "Search Terms: odrava", "Search Type: Natural Language"]
NARROWED = ["Narrowed by:", "Content Type Narrowed by", "News Timeline: Jan 01, 2010 to Mar 01, 2010"]
FOOTER = ["| About LexisNexis | Privacy Policy | Terms & Conditions | Copyright © 2010 LexisNexis", "Ana Petrov"]


def cover(labels: list[str], stories: list[list[str]] = STORIES) -> list[str]:
    """A cover sheet as Nexis Uni lays it out."""
    entries = [line for number, story in enumerate(stories, 1) for line in (f"{number}. {story[0]}", *labels)]
    return [*TOP, f"Documents ({len(stories)})", *entries]


@pytest.mark.parametrize("footer", [FOOTER, []])
@pytest.mark.parametrize("labels", [[*LABELS, *NARROWED], LABELS, []])
def test_the_cover_sheet_of_nexis_uni_is_left_out(labels: list[str], footer: list[str]) -> None:
    documents = [line for story in STORIES for line in nexis_uni(story)]
    export = [*cover(labels), *footer, "", *documents]
    assert texts(export) == bodies(STORIES)
    assert texts([*documents, *export]) == bodies(STORIES) * 2
    assert texts([TENNIS[1], *export])[0].startswith(TENNIS[1])


def test_a_headline_that_goes_on_in_the_next_line_ends_a_cover_sheet_as_well() -> None:
    wrapped = [SHELLING[0][:24], SHELLING[0][25:], *SHELLING[1:]]
    listed = cover([*LABELS, *NARROWED])
    assert texts([*listed, *nexis_uni(wrapped)]) == bodies([wrapped])
    broken = [part for line in listed for part in line.replace("base near", "base\nnear").split("\n")]
    assert texts([*broken, *nexis_uni(SHELLING)]) == bodies([SHELLING])


@pytest.mark.parametrize("labels", [LABELS, [*LABELS, *NARROWED], []])
def test_a_document_below_a_cover_sheet_that_does_not_list_it_loses_nothing(labels: list[str]) -> None:
    story = [*SHELLING, "Search Terms: odrava", FLOOD[0], "1. Rebels fled."]
    assert texts([*cover(labels, [FLOOD, TENNIS]), *nexis_uni(story)])[0].endswith(bodies([story])[0])


@pytest.mark.parametrize("lines", [["Documents (3)", *TOP], [TOP[2], "Documents (3)"], [*TOP, "Apply by Monday."]])
def test_a_document_that_begins_like_a_cover_sheet_is_kept(lines: list[str]) -> None:
    story = [*lines, *LABELS, "Cooks wanted."]
    found = texts(["Army tug seeks a cook", *story, "Load-Date: January 11, 2010", "End of Document"])[0]
    assert all(line in found for line in ("Army tug seeks a cook", lines[0], *LABELS, "Cooks wanted."))


def test_a_cover_sheet_of_three_thousand_headlines_takes_seconds_at_most() -> None:
    listed = cover(LABELS, [[f"Rebels shell base near Odrava {number}"] for number in range(3000)])
    lines = [*listed, *["A line of it"] * 3000, *nexis_uni(FLOOD)]
    started = time.perf_counter()
    find_documents(lines)
    assert time.perf_counter() - started < 5  # well under one on an idle machine
