"""Stories and what is left of them, for the tests of texts that were saved from news archives."""

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
