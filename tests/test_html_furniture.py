"""Dialogs about cookies and menus: nothing of them is a title or a story, and they take none away."""

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


HEADLINES = (
    "Over 30 killed and several kidnapped in the central hills, police say",
    "Council to meet on Monday over the dam",
    "Border guards told to watch the river after armed groups crossed it",
)
CARDS = "".join(f"<div><h3><a href='/{number}'>{one}</a></h3></div>" for number, one in enumerate(HEADLINES))
ENTRIES = "".join(f"<li><a href='/{one}'>{one}</a></li>" for one in ("Habitat", "Big Picture", "Supplement", "Stocks"))


@pytest.mark.parametrize(
    "menu",
    [
        f"<nav><ul>{ENTRIES}</ul></nav>",
        f"<div role=navigation><span>Sections</span><ul>{ENTRIES}</ul><button>Open all of our sections</button></div>",
        f"<div id=responsive-menu><ul id=main-menu class='menu dropdown' role=menubar>{ENTRIES}</ul></div>",
        f"<div class=site_nav>{ENTRIES.replace('li>', 'b>')}</div>",
        f"<div class=top-menu><p>{SAID[0]}</p><ul class='submenu vertical'>{ENTRIES}</ul></div>",
    ],
)
def test_a_menu_above_a_list_of_headlines_is_left_out(menu: str) -> None:
    found = read(f"{menu}<div class=list>{CARDS}</div>").text.split("\n")
    assert found[-3:] == list(HEADLINES)
    assert not {"Habitat", "Stocks", "- Habitat"}.intersection(found)


@pytest.mark.parametrize(
    "around",
    [
        "<nav>{}</nav>",
        "<div class=story-menu>{}</div>",
        "<div role=navigation>{}</div>",
        "<header class=main-nav><h1>The Post</h1><ul>{}</ul></header>",
    ],
)
def test_headlines_and_prose_in_what_is_named_a_menu_stay(around: str) -> None:
    import trafilatura

    from classifier.html_furniture import drop_menus

    for inner in (CARDS, "".join(f"<p>{one}</p>" for one in SAID), f"{ENTRIES}<li>{SAID[0]} {SAID[1]}</li>"):
        tree = trafilatura.load_html(f"<html><body>{around.format(inner)}</body></html>")
        before = tree.text_content()
        drop_menus(tree)
        assert tree.text_content() == before


def test_links_of_a_story_are_no_menu() -> None:
    linked = "<p>The ministry named <a href='/o'>Ost</a> and <a href='/b'>Beta</a> as the places that were hit.</p>"
    found = read(f"<div class='nav'><div>{STORY}{linked}</div></div>").text
    assert "named Ost and Beta as" in found
