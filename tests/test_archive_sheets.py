"""Sheets of archives that hold no document → they are left out, and what stands around them is not."""

from __future__ import annotations

import pytest
from archived_stories import FLOOD, SHELLING, TENNIS, bodies, coded, factiva, proquest, texts

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
