"""Front pages and section pages: every headline is a story with its teaser; the list beside an article is none."""

from __future__ import annotations

import pytest

from classifier.html_headings import page_blocks
from classifier.html_lists import list_of
from classifier.html_text import MainText, main_text
from classifier.html_tree import page_trees

PLACES = ("Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta", "Eta", "Theta", "Iota", "Kappa")
NOTE = (
    "<p>The Odrava Courier is a newspaper of the valley. It was founded by three printers, and is read in every "
    "village between the two rivers. Its reporters live where they write about, and answer every letter.</p>"
)


def headline(place: str) -> str:
    return f"Flood in {place} cuts off villages"


def teaser(place: str) -> str:
    return f"Boats brought bread to {place}, where the river has risen by two metres since Monday."


def links(card: str = "<div><h3><a href='/{0}'>{1}</a></h3></div>", places: tuple[str, ...] = PLACES) -> str:
    return "".join(card.format(place, headline(place), teaser(place)) for place in places)


def read(body: str, head: str = "") -> MainText:
    return main_text(f"<html><head><title>The Odrava Courier</title>{head}</head><body>{body}</body></html>")


def stories(found: MainText) -> list[list[str]]:
    lines = found.text.split("\n")
    ends = [*(number - 1 for number in found.starts[1:]), len(lines)]
    return [lines[number - 1 : end] for number, end in zip(found.starts, ends, strict=True)]


BARE = [[headline(place)] for place in PLACES]
WITH_TEASERS = [[headline(place), teaser(place)] for place in PLACES]


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ("<div><h3><a href='/{0}'>{1}</a></h3></div>", BARE),
        ("<a href='/{0}'><span>World</span><h3>{1}</h3><p>{2}</p><span>3 hours ago</span></a>", WITH_TEASERS),
        (
            "<li><a href='/{0}'>{1}</a> <p>{2}</p> <span>By Ana Novak</span> <a href='/{0}#talk'>12</a></li>",
            WITH_TEASERS,
        ),
        ("<div><a href='/{0}'>Our reporters in the valley</a><h2><a href='/{0}'>{1}</a></h2></div>", BARE),
        ("<div><h3><a href='/{0}'>{1}</a></h3><div><a href='/{0}'>{2}</a></div></div>", WITH_TEASERS),
        ("<aside class='promo share'><h3><a href='/{0}'>{1}</a></h3></aside>" * 2, None),
    ],
)
def test_each_headline_is_a_story_with_its_teaser(card: str, expected: list[list[str]] | None) -> None:
    found = read(f"<h1>World</h1>{NOTE}<nav><a href='/about'>About the Odrava Courier and us</a></nav>{links(card)}")
    if expected is None:
        assert found.text.startswith("The Odrava Courier is a newspaper")
    else:
        assert stories(found) == expected


def test_a_headline_counts_once_and_stands_where_it_came_first() -> None:
    most_read = f"<h2>Most read</h2>{links(places=PLACES[3:6])}"
    assert stories(read(NOTE + links() + most_read)) == BARE


def test_headlines_of_a_list_are_read_in_what_is_named_like_a_rail_as_well() -> None:
    lead = "<section class='zone-share'><h2><a href='/lead'>Bridge at Nova falls into river</a></h2></section>"
    menu = "<div class='main-navigation'><h2><a href='/nav'>All of our stories about rivers</a></h2></div>"
    assert stories(read(NOTE + menu + lead + links())) == [["Bridge at Nova falls into river"], *BARE]


def test_a_heading_of_few_words_is_a_headline_if_a_teaser_stands_below_it() -> None:
    short = f"<h3><a href='/x'>High water</a></h3><p>{teaser('Nova')}</p><h3><a href='/rubric'>More news</a></h3>"
    assert stories(read(NOTE + short + links())) == [["High water", teaser("Nova")], *BARE]


def test_a_heading_of_lower_rank_is_the_second_line_of_its_headline() -> None:
    page = links("<a href='/{0}'><h3>{1}</h3><h4>Boats bring bread and water</h4></a>")
    tree = page_trees(f"<html><body>{page}</body></html>")[0]
    found = list_of(tree, list(page_blocks(tree)), "", "")
    assert found is not None
    assert found[0] == [line for [headline] in BARE for line in (headline, "Boats bring bread and water")]


def test_a_short_report_above_a_list_is_kept() -> None:
    report = [teaser("Nova"), teaser("Stara")]
    found = read(f"<h2>Two villages</h2><div>{''.join(f'<p>{line}</p>' for line in report)}</div>{links()}")
    assert found.text.split("\n")[:3] == [*report, headline("Alpha")]
    assert stories(found) == BARE


def test_headlines_of_one_address_are_all_kept() -> None:
    assert stories(read(NOTE + links("<h3><a href='/live'>{1}</a></h3><p>{2}</p>"))) == WITH_TEASERS


@pytest.mark.parametrize(
    ("head", "above"),
    [
        ("", f"<h1>Bridge at Nova falls into river</h1>{NOTE}"),
        ("<meta property='og:type' content='article'>", f"<h2>Bridge falls</h2>{NOTE}"),
        ("", f"<h2>Bridge falls</h2>{''.join(f'<p>{teaser(place)}</p>' for place in PLACES[:3])}"),
    ],
)
def test_the_list_beside_an_article_is_no_part_of_it(head: str, above: str) -> None:
    found = read(f"<main>{above}</main><div>{links()}</div>", head)
    assert headline("Alpha") not in found.text
    assert len(found.starts) == 0


def test_a_page_of_few_links_is_no_list() -> None:
    assert read(f"<main>{NOTE}</main><div>{links(places=PLACES[:7])}</div>").starts == ()
