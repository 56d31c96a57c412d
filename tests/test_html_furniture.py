"""Dialogs about cookies: nothing of them is a title or a story, and they take none away."""

from __future__ import annotations

import pytest

from classifier.html_text import MainText, main_text

SAID = (
    "Hundreds slept in the open after a quake shook the coast of Ost on Monday night, officials said.",
    "At least 12 people died when a market hall fell in, and rescuers still searched the rubble.",
)
STORY = f"<h1>Quake shakes coast</h1>{''.join(f'<p>{one}</p>' for one in SAID)}"
ASKED = (
    "We and our partners store information on your device, such as identifiers in cookies, and read it there.",
    "You may accept these purposes, refuse them or choose among them, now or at any later time, on our privacy page.",
    "Cookies of this kind count visits, so that we learn which of our pages are read often and which hardly ever.",
)
CHOICES = "".join(
    f"<div class=choice><h2>Choice {number}</h2><p>{one}</p></div>" for number, one in enumerate(ASKED * 2)
)
DIALOG = f"<div role=dialog><h1>This site asks for your consent</h1>{CHOICES}</div>"


def read(body: str, attributes: str = "") -> MainText:
    title = "Quake shakes coast - The Post"
    return main_text(f"<html><head><title>{title}</title></head><body {attributes}>{body}</body></html>")


@pytest.mark.parametrize("tag", ["article", "div"])
@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(
    "named",
    [
        "class=fc-consent-root",
        "id=onetrust-consent-sdk",
        "id=onetrust-banner-sdk class=otFlat",
        "id=CybotCookiebotDialog name=CybotCookiebotDialog",
        "class='qc-cmp2-container css-1'",
        "id=didomi-host",
        "class='cky-consent-container cky-box-bottom-left'",
        "id=sp_message_container_1234567",
    ],
)
def test_a_dialog_about_cookies_is_neither_title_nor_text(named: str, place: int, tag: str) -> None:
    parts = [f"<div {named}>{DIALOG}</div>"]
    parts.insert(place, f"<{tag}>{STORY}</{tag}>")
    found = read("".join(parts))
    assert found.title == "Quake shakes coast"
    assert [line for line in found.text.split("\n") if line != found.title] == list(SAID)


@pytest.mark.parametrize(
    "body",
    [
        f"<div class=didomi-popup-open>{STORY}</div>",
        f"<div id=onetrust-consent-sdk-fine><div>{STORY}</div></div>",
        f"<div class='fc-consent-root'><main>{STORY}</main></div>",
        f"<div class=cky-consent-container><article>{STORY}</article></div>",
        f"<div class='cookie-law'>{STORY}</div>",
    ],
)
def test_a_story_in_what_is_named_alike_is_read(body: str) -> None:
    for attributes in ("", "class=didomi-popup", "id=onetrust-consent-sdk"):
        assert read(body, attributes).text.split("\n")[-2:] == list(SAID)


def test_what_follows_a_dialog_is_read() -> None:
    assert SAID[1] in read(f"<div><p>{SAID[0]}</p><div id=didomi-host>{DIALOG}</div>{SAID[1]}</div>").text
