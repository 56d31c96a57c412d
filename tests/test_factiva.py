"""Texts saved from Factiva → their documents."""

from __future__ import annotations

import pytest
from archived_stories import FLOOD, SHELLING, STORIES, TENNIS, bodies, coded, factiva, texts

from classifier.pages import split_page


def test_a_document_of_factiva_is_a_story() -> None:
    assert texts([line for number, story in enumerate(STORIES) for line in factiva(number, story)]) == bodies(STORIES)


def test_the_codes_of_factiva_are_left_out_and_its_texts_kept() -> None:
    above = [
        "HD",
        SHELLING[0],
        "BY\tBy Ana Petrov",
        "WC\t90 words",
        "PD\t11 January 2010",
        "SN\tThe Kaldor Times",
        "LP",
    ]
    below = ["NS\tgcat : Political News | gdef : Armies", "IN\ti1 : Tugs", "AN\tDocument KTV0000020100111e61b00011"]
    page = [*above, *SHELLING[1:], *below, "", "Document KTV0000020100111e61b00011", "", *factiva(2, FLOOD)]
    assert texts(page) == bodies([SHELLING, FLOOD])
    assert "IN THE port" in texts([*SHELLING, "IN THE port all was quiet.", *factiva(1, FLOOD)])[0]


FORMS = ["{:<12}{}", "{}\t{}", "{} {}", "| {} | {} | ", "{}\n{}"]


@pytest.mark.parametrize("form", FORMS)
def test_codes_are_left_out_whatever_stands_behind_them(form: str) -> None:
    page = [line for number, story in enumerate(STORIES) for line in coded(number, story, form)]
    assert texts(page) == bodies(STORIES)
    assert [segment.title for segment in split_page("\n".join(page))] == [story[0] for story in STORIES]


@pytest.mark.parametrize("form", FORMS)
def test_a_line_of_a_text_that_begins_like_a_code_is_kept(form: str) -> None:
    lines = ["IN THE port all was quiet.", "LA police sent help.", "PUB LANDLORDS CHEER", "AN army tug sank."]
    lines += ["CO 2 rose.", "HD screens showed it.", "RE: tugs", "IN", "TD Bank lent money.", "NS ships left : two."]
    lines += [form.format(*row).strip() for row in (("CO", "Denver 5"), ("PUB", "Crown 7"), ("LA", "Monroe 2"))]
    story = [*SHELLING, *lines, "The harbour opened again."]
    assert texts([*coded(1, story, form), *coded(2, FLOOD, form)]) == bodies([story, FLOOD])
    assert texts([*factiva(1, story), *coded(2, FLOOD, form)]) == bodies([story, FLOOD])
    assert texts([lines[1], *coded(1, FLOOD, form)]) == bodies([[lines[1], *FLOOD]])


def test_fields_that_go_on_in_indented_lines_are_left_out_or_kept_as_a_whole() -> None:
    page = [f"{line}\n{' ' * 12}and more of it" if line else "" for line in coded(1, FLOOD)]
    assert texts(page[:-2] + coded(1, FLOOD)[-2:]) == ["\n".join(f"{line}\nand more of it" for line in FLOOD)]


@pytest.mark.parametrize("form", FORMS)
def test_documents_with_a_headline_or_a_text_alone_lose_nothing(form: str) -> None:
    headline = [line for line in coded(1, FLOOD[:2], form) if "swept" not in line and line != form.format("LP", "")]
    assert FLOOD[0] in texts([*headline, *coded(2, TENNIS, form)])[0]
    unlabelled = [FLOOD[1] if FLOOD[1] in line else line for line in coded(1, FLOOD[:2], form)]
    found = texts([*unlabelled, *coded(2, TENNIS, form)])
    assert FLOOD[1] in found[0]
    assert found[1:] == bodies([TENNIS])


def test_other_stories_below_a_document_that_ends_are_cut_as_ever() -> None:
    others = [f"{text} The harbour authority and the health ministry said so on Monday." for text in bodies(STORIES)]
    others = [other.replace("\n", " ") for other in others]
    assert texts([*factiva(1, FLOOD), *others]) == [*bodies([FLOOD]), *texts(others)]
    assert texts([*factiva(1, FLOOD), *TENNIS]) == bodies([FLOOD, TENNIS])


def test_a_short_story_of_factiva_is_no_header_where_its_copyright_stands_below() -> None:
    header = ["Flood sweeps bridge away", "24 words", "11 January 2010", "English"]
    number = ["(c) 2010 Kaldor Press", "Document KTV0000020100111e61b00011"]
    for body in ([" ".join(FLOOD[1:])], FLOOD[1:], [FLOOD[1] * 20]):
        assert "swept away on Sunday" in "\n".join(texts([*header, "", *body, "", *number]))


def test_a_copyright_in_two_forms_ends_the_header_of_factiva() -> None:
    page = factiva(1, FLOOD)
    assert texts([line.replace("(c) 2010", "Copyright (c) 2010") for line in page]) == bodies([FLOOD])


COPYRIGHTS = """
(c) Copyright 2010, The Kaldor Times
(Copyright (c) 2010, Kaldor, Luma & Company, Inc.)
(c) The Times of Kaldor Group
Copyright Agence Kaldor-Press, 2010 All reproduction and presentation rights reserved
Copyright The Kaldor Times Limited 2010.
Copyright, 2010, Kalnet
Copyright 2010. The Kaldor Times
"""


@pytest.mark.parametrize("line", COPYRIGHTS.strip().split("\n"))
def test_a_copyright_ends_the_header_of_factiva_whatever_its_form(line: str) -> None:
    page = [line if text == "(c) 2010 Kaldor Press" else text for text in factiva(1, FLOOD)]
    assert texts(page) == bodies([FLOOD])
    assert texts([text for text in page if text != "English"]) == bodies([FLOOD])


@pytest.mark.parametrize(
    "line",
    [
        "Copyright law changes in 2010 anger artists",
        "Copyright Office staff walk out",
        "(c) company of the army fled",
        "English",
        "200 words",
    ],
)
def test_the_language_ends_a_header_of_factiva_without_copyright(line: str) -> None:
    page = [text for text in factiva(1, [FLOOD[0], line, *FLOOD[1:]]) if text != "(c) 2010 Kaldor Press"]
    assert texts(page) == bodies([[FLOOD[0], line, *FLOOD[1:]]])


def test_rare_codes_below_a_text_are_left_out_as_well() -> None:
    page = coded(1, FLOOD, "{}\t{}")
    at = next(number for number, line in enumerate(page) if line.startswith(("CO\t", "IN\t", "NS\t", "RE\t")))
    assert texts([*page[:at], "RF\tReleased: 2010-1-11", *page[at:]]) == bodies([FLOOD])


def test_codes_in_an_unknown_layout_are_left_out_line_by_line() -> None:
    page = [
        "Flood sweeps Ost",
        "SN   The Kaldor Times",
        "LA   English",
        "The river rose on Monday.",
        "PUB   Kaldor Press",
    ]
    assert texts([*page, "Document KTV0000020100111e61b00011"]) == ["Flood sweeps Ost\nThe river rose on Monday."]
