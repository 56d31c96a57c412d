"""Headlines of HTML pages of several stories, which trafilatura leaves out in many layouts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

import pytest

from classifier.html_headings import with_headings
from classifier.html_text import main_text

PLACES = ("Alpha", "Beta", "Gamma")


def said(place: str) -> str:
    return f"The {place} council said on Monday that it would go on with the plan, discussed for months by its members."


def page(body: str, title: str = "News") -> str:
    return f"<html><head><title>{title}</title></head><body>{body}</body></html>"


def lines(markup: str) -> list[str]:
    return main_text(markup)[1].split("\n")


LAYOUTS: dict[str, Callable[[str], str]] = {
    "plain": lambda place: f"<h2>Talks in {place}</h2><p>{said(place)}</p>",
    "link": lambda place: f"<h2><a href='/a'>Talks in {place}</a></h2><p>{said(place)}</p>",
    "icon": lambda place: f"<h2><svg><title>icon</title></svg>Talks in {place}</h2><p>{said(place)}</p>",
    "script": lambda place: f"<h2>Talks in {place}<script>var x=1</script></h2><p>{said(place)}</p>",
    "soft hyphen": lambda place: f"<h2>Tal&shy;ks in {place}</h2><p>{said(place)}</p>",
    "share link": lambda place: f"<h2><a>Talks in {place}</a></h2><ul><li><a>Share</a></li></ul><p>{said(place)}</p>",
    "empty heading": lambda place: f"<h2><a>Talks in {place}</a></h2><h3> </h3><p>{said(place)}</p>",
    "noscript": lambda place: f"<h2><a>Talks in {place}</a></h2><p><noscript>n</noscript>{said(place)}</p>",
    "comment": lambda place: f"<h2><!-- n --><a>Talks in {place}</a></h2><!-- n --><p><!-- n -->{said(place)}</p>",
    "div": lambda place: f"<h2><a>Talks in {place}</a></h2><div>{said(place)}</div>",
}


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_each_headline_stands_above_its_story_once(layout: str) -> None:
    found = lines(page("".join(f"<div>{LAYOUTS[layout](place)}</div>" for place in PLACES)))
    assert found == list(chain.from_iterable((f"Talks in {place}", said(place)) for place in PLACES))


@pytest.mark.parametrize("tag", ["article", "div", "section"])
@pytest.mark.parametrize("count", [1, 2, 6])
def test_whatever_holds_the_stories(tag: str, count: int) -> None:
    stories = {place: [said(f"{place} {part}") for part in range(count)] for place in PLACES}
    body = "".join(
        f"<{tag}><h2>Talks in {place}</h2>{''.join(f'<p>{one}</p>' for one in some)}</{tag}>"
        for place, some in stories.items()
    )
    assert lines(page(body)) == list(chain.from_iterable((f"Talks in {place}", *stories[place]) for place in PLACES))


@pytest.mark.parametrize("between", ["<p>By Our Staff</p>", "<p>By Our Staff</p><p>4 May</p>", "<h3><a>Sub</a></h3>"])
def test_bylines_that_repeat_and_subheadings_lose_no_headline(between: str) -> None:
    found = lines(page("".join(f"<div><h2><a>Talks in {p}</a></h2>{between}<p>{said(p)}</p></div>" for p in PLACES)))
    assert [found.count(f"Talks in {place}") for place in PLACES] == [1, 1, 1]
    assert [found.index(f"Talks in {place}") < found.index(said(place)) for place in PLACES] == [True] * 3


def test_stories_that_open_with_the_same_words_keep_their_own() -> None:
    opening = "The ministry of foreign affairs said on Monday in a short statement that"
    body = "".join(f"<div><h2><a>Talks in {p}</a></h2><p>{opening} {p} had been heard.</p></div>" for p in PLACES)
    assert [line for line in lines(page(body)) if line.startswith("Talks")] == [f"Talks in {p}" for p in PLACES]


@pytest.mark.parametrize(
    ("kind", "mark"), [("<ul><li>{}</li></ul>", "- "), ("<table><tr><td>{}</td></tr></table>", "| ")]
)
def test_stories_in_lists_and_tables(kind: str, mark: str) -> None:
    found = lines(page("".join(f"<div><h2><a>Talks in {p}</a></h2>{kind.format(said(p))}</div>" for p in PLACES)))
    assert [line.removeprefix(mark)[:12] for line in found if line.startswith(("Talks", mark))] == [
        start for place in PLACES for start in (f"Talks in {place}"[:12], said(place)[:12])
    ]


@pytest.mark.parametrize(
    "furniture",
    [
        "<aside><h2>Most read</h2></aside>",
        "<div class='site-nav main'><h2>Sections</h2></div>",
        "<div id='cookie'><h3>We value your privacy</h3></div>",
        "<h3>Weather</h3>",
    ],
)
def test_a_page_of_one_story_stays_as_it_was(furniture: str) -> None:
    body = f"{furniture}<main><article><p>{said('A')}</p><p>{said('B')}</p></article></main>"
    assert lines(page(body)) == [said("A"), said("B")]


def test_a_headline_of_two_lines_is_not_said_twice() -> None:
    body = f"<article><h1>Flood cuts<br>the road</h1><p>{said('A')}</p><p>{said('B')}</p></article>"
    assert "".join(lines(page(body, "Flood | Daily"))).count("the road") == 1


def test_the_title_of_the_page_is_not_put_above_the_first_story_again() -> None:
    import trafilatura

    body = "".join(f"<h2>Talks in {place}</h2><p>{said(place)}</p>" for place in PLACES)
    tree, text = trafilatura.load_html(page(body)), "\n".join(map(said, PLACES))
    [first, *others] = with_headings(text, "Talks in Alpha | Daily", tree).split("\n")
    assert first == said("Alpha")
    assert others == ["Talks in Beta", said("Beta"), "Talks in Gamma", said("Gamma")]
    assert with_headings(text, "News", tree).split("\n")[0] == "Talks in Alpha"
