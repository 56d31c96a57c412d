"""Pages of several stories: their headlines, which trafilatura leaves out in many layouts, and their <article>s."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest

from classifier.html_headings import article_starts, page_blocks, with_headings
from classifier.html_text import MainText, main_text
from classifier.sources import Source
from classifier.stories import ReadOptions, Story, read_stories

PLACES = ("Alpha", "Beta", "Gamma")


def said(place: str) -> str:
    return f"The {place} council said on Monday that it would go on with the plan, discussed for months by its members."


def page(body: str, title: str = "News") -> str:
    return f"<html><head><title>{title}</title></head><body>{body}</body></html>"


def lines(markup: str) -> list[str]:
    return main_text(markup).text.split("\n")


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
    blocks = list(page_blocks(trafilatura.load_html(page(body))))
    text = "\n".join(map(said, PLACES))
    [first, *others] = with_headings(text, "Talks in Alpha | Daily", blocks)[0]
    assert first == said("Alpha")
    assert others == ["Talks in Beta", said("Beta"), "Talks in Gamma", said("Gamma")]
    assert with_headings(text, "News", blocks)[0][0] == "Talks in Alpha"


def body_of(place: str) -> str:
    return "".join(f"<p>{said(f'{place} {part}')}</p>" for part in ("town", "district", "port"))


def opening(found: MainText) -> list[str]:
    """The lines at which another article starts."""
    text = found.text.split("\n")
    return [text[number - 1] for number in found.starts]


def starts(body: str) -> list[str]:
    """What `opening` gives of a page whose every paragraph and heading is kept."""
    import trafilatura

    tree = trafilatura.load_html(page(body))
    text = "\n".join(element.text for element in tree.iter("h1", "h2", "h3", "h4", "p"))
    found, origins = with_headings(text, "News", list(page_blocks(tree)))
    return opening(MainText("News", "\n".join(found), tuple(article_starts(origins))))


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("<article><h2>Talks in {0}</h2>{1}</article>", "Talks in {0}"),
        ("<article><h2><a href='/a'>Talks in {0}</a></h2><p>4 May</p>{1}</article>", "Talks in {0}"),
        ("<article><p>By Our Staff</p><h2>Talks in {0}</h2>{1}</article>", "By Our Staff"),
        ("<h2><a href='/a'>Talks in {0}</a></h2><article>{1}</article>", "Talks in {0}"),
        ("<h2>News of {0}</h2><h3>All day</h3><article>{1}</article>", "News of {0}"),
        ("<article>{1}</article>", said("{0} town")),
    ],
)
def test_an_article_starts_where_it_follows_another_with_the_headings_above(kind: str, first: str) -> None:
    body = "".join(kind.format(place, body_of(place)) for place in PLACES)
    assert opening(main_text(page(body))) == [first.format(place) for place in PLACES[1:]]


CARDS = "".join(f"<article><h3>Talks in {place}</h3>{body_of(place)}</article>" for place in PLACES[1:])
STORY = f"<h1>Talks in Alpha</h1>{body_of('Alpha')}"


@pytest.mark.parametrize(
    "body",
    [
        STORY,
        f"<article>{STORY}</article>",
        f"<p>{said('Delta')}</p><article>{STORY}</article><h2>Talks in Delta</h2><p>{said('Delta again')}</p>",
        f"<article>{STORY}{CARDS}<p>{said('Delta')}</p></article>",
        f"<article>{STORY}<div><div>{CARDS}</div></div></article><p>{said('Delta')}</p>",
        f"<article></article><article>{STORY}</article><article><nav>{CARDS}</nav></article>",
    ],
)
def test_no_article_starts_where_there_is_none_or_one_or_one_in_another(body: str) -> None:
    assert starts(body) == []


def test_an_article_after_one_with_cards_and_text_outside_starts() -> None:
    body = f"<article>{STORY}{CARDS}</article><p>{said('Delta')}</p><article><p>{said('Epsilon')}</p></article>"
    assert starts(body) == [said("Epsilon")]


@pytest.mark.parametrize(
    "comments",
    [
        "<article class='user-comment'>{0}</article>",
        "<article id='Reply7'>{0}</article>",
        "<article class='c1 responses'>{0}</article>",
        "<article class=comment>{0}<article>{0}</article></article>",
        "<div class='commentList'><article>{0}</article></div>",
        "<section id=responses><ol><li><article>{0}</article></li></ol></section>",
        "<div class='all-replies'><div><article>{0}<article>{0}</article></article></div></div>",
    ],
)
def test_comments_of_readers_start_nothing(comments: str) -> None:
    below = "".join(comments.format(f"<h4>Anna</h4><p>I was there, and {said(place)}</p>") for place in PLACES)
    assert starts(f"<article>{STORY}</article>{below}") == []
    later = f"<article><p>{said('Delta')}</p></article>"
    assert starts(f"<article>{STORY}</article>{below}{later}") == [said("Delta")]


@pytest.mark.parametrize("name", ["commentary", "responsive", "post"])
def test_what_is_only_named_alike_is_no_comment(name: str) -> None:
    cards = CARDS.replace("<article>", f"<article class={name}>")
    assert starts(f"<article>{STORY}</article>{cards}") == ["Talks in Beta", "Talks in Gamma"]
    assert starts(f"<main class=has-comments><article>{STORY}</article>{CARDS}</main>")


def test_rows_of_a_page_of_articles_hold_its_lines_in_order(tmp_path: Path) -> None:
    file = tmp_path / "a.html"
    file.write_text(page(f"<article>{STORY}</article>{CARDS}<p>© 2024 The Post</p>"), encoding="utf-8")

    def read(split: bool) -> list[Story]:
        return list(read_stories(Source(str(file), "html"), ReadOptions(split=split)))

    [whole], stories = read(split=False), read(split=True)
    text = whole.text.split("\n")
    assert [(story.columns["first_line"], story.columns["last_line"]) for story in stories] == [(1, 4), (5, 8), (9, 12)]
    assert [story.text.split("\n") for story in stories] == [text[:4], text[4:8], text[8:12]]
    assert [story.title for story in stories] == [f"Talks in {place}" for place in PLACES]
