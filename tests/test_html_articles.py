"""Pages of several <article>s: whatever the layout, none is lost, each once, in order, and each starts a story."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from classifier.html_text import MainText, main_text

PLACES = ("Alpha", "Beta", "Gamma", "Delta")


def said(place: str) -> str:
    return f"The {place} council said on Monday that it would go on with the plan, discussed for months by its members."


def paragraphs(place: str, count: int = 2) -> str:
    parts = ("town", "district", "port", "valley", "north", "south", "coast", "hills")
    return "".join(f"<p>{said(f'{place} {part}')}</p>" for part in parts[:count])


def read(body: str) -> MainText:
    return main_text(
        f"<html><head><title>News</title></head><body><nav>Home</nav>{body}<footer>©</footer></body></html>"
    )


def openings(found: MainText) -> list[str]:
    lines = found.text.split("\n")
    return [lines[number - 1] for number in found.starts]


LAYOUTS: dict[str, Callable[[str], str]] = {
    "in sections": lambda place: f"<section><article><h2>Talks in {place}</h2>{paragraphs(place)}</article></section>",
    "in columns": lambda place: (
        f"<div class='row'><div class='col'><article><h2>Talks in {place}</h2>{paragraphs(place)}</article></div></div>"
    ),
    "of a blog": lambda place: (
        f"<article class='post'><h2>Talks in {place}</h2><div class='entry-content'>{paragraphs(place)}</div></article>"
    ),
    "of a blog, long": lambda place: (
        f"<article><h2>Talks in {place}</h2><div class='post-content'>{paragraphs(place, 8)}</div></article>"
    ),
    "one under the other": lambda place: f"<article><h2>Talks in {place}</h2>{paragraphs(place)}</article>",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_article_is_read_once_and_in_order(layout: str) -> None:
    found = read("<main>" + "".join(map(LAYOUTS[layout], PLACES)) + "</main>")
    count = 8 if layout.endswith("long") else 2
    parts = ("town", "district", "port", "valley", "north", "south", "coast", "hills")[:count]
    assert [line for line in found.text.split("\n") if not line.startswith("Talks in")] == [
        said(f"{place} {part}") for place in PLACES for part in parts
    ]
    assert found.text.startswith("Talks in Alpha\n")
    assert openings(found) == [f"Talks in {place}" for place in PLACES[1:]]


def test_an_article_and_the_openings_of_others_are_all_stories() -> None:
    cards = [f"<article class='card'><h3>Talks in {place}</h3><p>{said(place)}</p></article>" for place in PLACES[1:]]
    found = read(f"<main><article><h1>Talks in Alpha</h1>{paragraphs('Alpha', 4)}</article>{''.join(cards)}</main>")
    assert openings(found) == [f"Talks in {place}" for place in PLACES[1:]]
    assert found.text.split("\n")[-2:] == ["Talks in Delta", said("Delta")]
    before = read(f"<main>{''.join(cards)}<article><h1>Talks in Alpha</h1>{paragraphs('Alpha', 4)}</article></main>")
    assert before.text.split("\n").index(said("Delta")) < before.text.split("\n").index(said("Alpha town"))


def test_what_stands_behind_a_line_break_is_read_once() -> None:
    kind = "<section><article><h2>Talks in {0}</h2>{1}<br><br>{2}</article></section>"
    found = read("".join(kind.format(place, said(place), said(f"{place} north")) for place in PLACES)).text
    assert all(found.count(said(f"{place}{part}")) == 1 for place in PLACES for part in ("", " north"))


def test_an_article_that_stands_there_twice_is_read_once() -> None:
    one = f"<article><h1>Talks in Alpha</h1>{paragraphs('Alpha', 4)}</article>"
    found = read(f"<div class='mobile'>{one}</div><div class='desktop'>{one}</div>").text
    assert found.count(said("Alpha town")) == 1


def test_short_paragraphs_of_an_added_article_stay() -> None:
    kind = (
        "<section><article><h2>Talks in {0}</h2><p>{1}</p><p>Nobody was hurt in {0}.</p><p>{2}</p></article></section>"
    )
    found = read("".join(kind.format(place, said(place), said(f"{place} north")) for place in PLACES)).text
    assert all(f"Nobody was hurt in {place}." in found for place in PLACES)


@pytest.mark.parametrize(
    "paragraph",
    ["A quake hit Beta, police said.", "A quake hit Beta.<br>It was felt in Ost.<br>Nobody was hurt there."],
)
def test_an_article_of_short_sentences_is_read(paragraph: str) -> None:
    kind = "<section><article><h2>Talks in {}</h2>{}</article></section>"
    found = read(kind.format("Alpha", paragraphs("Alpha", 5)) + kind.format("Beta", f"<p>{paragraph}</p>"))
    assert found.text.split("\n")[-paragraph.count("<br>") - 1 :] == paragraph.split("<br>")
    assert openings(found) == ["Talks in Beta"]


@pytest.mark.parametrize(
    "more",
    [
        f"<article class='cookie-banner'><p>{said('Beta')}</p></article>",
        f"<article class='newsletter-signup'><p>{said('Beta')}</p></article>",
        f"<article class='related-card'><h3>Talks</h3><p>{said('Beta')}</p></article>",
        f"<article><a href='/b'><h3>Talks in Beta</h3><p>{said('Beta')}</p></a></article>",
        f"<section id='discussion'><article class='message'><p>{said('Beta')}</p></article></section>",
        f"<div class='author-box'><article><p>{said('Beta')}</p></article></div>",
        f"<div style='Display: none'><article><p>{said('Beta')}</p></article></div>",
        f"<div hidden><article><p>{said('Beta')}</p></article></div>",
        f"<template><article><p>{said('Beta')}</p></article></template>",
        f"<div aria-hidden='true'><article><p>{said('Beta')}</p></article></div>",
        "<article><h3><a href='/a'>Talks in Beta</a></h3><p>4 May</p></article>",  # a link
        "<article><h3><a href='/a'>Talks in Beta</a></h3><p>Updated on Monday at 10 a.m.</p><p>Ann Lee</p></article>",
        f"<aside><article><h3>Talks in Beta</h3><p>{said('Beta')}</p></article></aside>",
        f"<div class='related'><article><h3>Talks in Beta</h3><p>{said('Beta')}</p></article></div>",
        f"<ol class='comment-list'><li><article><p>{said('Beta')}</p></article></li></ol>",
    ],
)
def test_links_furniture_and_remarks_are_no_articles(more: str) -> None:
    found = read(f"<article><h1>Talks in Alpha</h1>{paragraphs('Alpha', 4)}</article>{more}")
    assert "Beta" not in found.text
    assert found.starts == ()


def test_bylines_and_captions_of_an_article_that_was_left_out_stay_out() -> None:
    some = "<p class='byline'>By Ann Lee</p><figure><img src='x'/><figcaption>A port</figcaption></figure><p>Share</p>"
    body = [
        f"<section><article><h2>Talks in {place}</h2>{some}{paragraphs(place)}</article></section>" for place in PLACES
    ]
    assert not {"By Ann Lee", "A port", "Share"} & set(read("".join(body)).text.split("\n")[4:])
