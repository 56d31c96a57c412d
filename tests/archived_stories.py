"""Stories as news archives lay them out, and what is left of them, for the tests of texts saved from archives."""

from __future__ import annotations

from classifier.pages import split_page

SHELLING = ["Rebels shell base near Odrava", "Rebels fired rockets at an army base near Odrava on Sunday,"]
SHELLING += ["killing six soldiers and wounding twenty, the ministry said.", "", "The attack came before dawn."]
FLOOD = [
    "Flood sweeps bridge away",
    "A bridge over the Luma was swept away on Sunday night after",
    "three days of rain.",
]
TENNIS = ["Qualifier beats second seed", "Teenage qualifier Mirela saved five match points in Linz."]
STORIES = [SHELLING, FLOOD, TENNIS]


def texts(page: list[str]) -> list[str]:
    """The stories of a page."""
    return [segment.text for segment in split_page("\n".join(page))]


def bodies(stories: list[list[str]]) -> list[str]:
    """What is left of stories without blank lines."""
    return ["\n".join(line for line in story if line) for story in stories]


def nexis_uni(story: list[str]) -> list[str]:
    """A document as Nexis Uni lays it out."""
    labels = ["Section: NEWS; Pg. 3", "Length: 90 words", "Byline: Ana Petrov", "Body", ""]
    return [story[0], *labels, *story[1:], "", "Load-Date: January 11, 2010", "", "End of Document", ""]


def proquest(story: list[str]) -> list[str]:
    """A document as ProQuest lays it out."""
    above = ["_" * 60, "", story[0], "", "Author: Petrov, Ana", "", "ProQuest document link", ""]
    below = ["", "Publication title: The Kaldor Times; Velmara", "", "Pages: 3", "", "ISSN: 1234-5678", ""]
    return [*above, *story[1:], *below, "ProQuest document ID: 123456789", "", "Database: Kaldor Newsstream", ""]


def factiva(number: int, story: list[str]) -> list[str]:
    """A document as Factiva lays it out."""
    header = ["By Ana Petrov", "1,090 words", "11 January 2010", "07:15 GMT", "The Kaldor Times", "KTV", "English"]
    return [
        story[0],
        *header,
        "(c) 2010 Kaldor Press",
        "",
        *story[1:],
        "",
        f"Document KTV0000020100111e61b0001{number}",
        "",
    ]


def coded(number: int, story: list[str], form: str = "{:<12}{}") -> list[str]:
    """A document as Factiva lays it out with its codes, each in front of a text."""
    above = ["SE News", f"HD {story[0]}", "BY By Ana Petrov", "CR Kaldor Press", "WC 1,090 words", "PD 11 January 2010"]
    above += ["ET 07:15", "SN The Kaldor Times", "SC KTV", "ED 2", "PG 3", "VOL 40", "LA English"]
    above += ["CY Copyright Kaldor-Press, 2010 All rights reserved"]
    below = ["CO klpr : Kaldor Press", "IN i1 : Tugs", "NS gvio : Military Action | gcat : Political News"]
    below += ["RE velm : Velmara", "IPC KTV", "IPD Armies", "PUB Kaldor Press", "AN Document KTV0000020100111e61b0001"]
    below[-1] += str(number)
    leads = [" ".join(pair) for pair in zip(("LP", "TD"), story[1:], strict=False)]
    above, below = ([form.format(*field.split(" ", 1)) for field in part] for part in (above + leads, below))
    return [*above, *story[3:], *below, ""]
