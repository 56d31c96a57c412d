"""Pages of several stories that are no <article>s: each is read and starts a story; sections and comments are none."""

from __future__ import annotations

import pytest

from classifier.html_text import MainText, main_text

PLACES = ("Alpha", "Beta", "Gamma", "Delta")
PARTS = ("town", "district", "port", "valley", "north", "south", "coast", "hills")


def said(place: str) -> str:
    return f"The {place} council said on Monday that it would go on with the plan, discussed for months by its members."


def body(place: str, count: int) -> list[str]:
    return [said(f"{place} {part}") for part in PARTS * 4][:count]


def paragraphs(place: str, count: int = 4) -> str:
    return "".join(f"<p>{line}</p>" for line in body(place, count))


def read(content: str, head: str = "") -> MainText:
    return main_text(
        f"<html><head><title>The Odrava News</title>{head}</head><body><div id=top><h1>Odrava News</h1></div>"
        f"<div id=main>{content}</div><div class=footer>©</div></body></html>"
    )


def openings(found: MainText) -> list[str]:
    lines = found.text.split("\n")
    return [lines[number - 1] for number in found.starts]


LAYOUTS = {
    "Blogger": "<div class='post hentry'><h3 class='post-title entry-title'><a href='/{0}'>Talks are on in {0}</a></h3>"
    "<div class='post-body entry-content'>{1}</div></div>",
    "WordPress": "<div id='post-1' class='post-1 post type-post hentry'><h2>Talks are on in {0}</h2>"
    "<div class='entry-meta'>12 March 2024</div><div class='entry-content'>{1}</div></div>",
    "h-entry": "<section class='h-entry'><h2 class='p-name'>Talks are on in {0}</h2><div>{1}</div></section>",
    "schema.org": "<div itemscope itemtype='https://schema.org/NewsArticle'><h2>Talks are on in {0}</h2>"
    "<div itemprop='articleBody'>{1}</div></div>",
    "item of a blog": "<li itemscope itemtype='http://schema.org/BlogPosting'><h2>Talks are on in {0}</h2>{1}</li>",
    "body of schema.org": "<div class='box'><h2>Talks are on in {0}</h2><div itemprop='articleBody'>{1}</div></div>",
    "class post": "<div class='post'><h2>Talks are on in {0}</h2>{1}</div>",
    "class story": "<div class='row'><div class='story'><h2>Talks are on in {0}</h2>{1}</div></div>",
    "class of the body": "<div class='live-blog-entry'><h3>Talks are on in {0}</h3>"
    "<div class='entry-content'>{1}</div></div>",
}


@pytest.mark.parametrize("count", [3, 8, 30])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_story_is_read_once_and_in_order(layout: str, count: int) -> None:
    found = read("".join(LAYOUTS[layout].format(place, paragraphs(place, count)) for place in PLACES))
    lines = [line for place in PLACES for line in (f"Talks are on in {place}", *body(place, min(count, 32)))]
    kept = [line for line in found.text.split("\n") if line.startswith(("Talks", "The"))]
    assert list(dict.fromkeys(kept)) == list(dict.fromkeys(lines))
    assert openings(found) == [f"Talks are on in {place}" for place in PLACES[1:]]


def test_text_with_line_breaks_and_a_brief_among_long_stories_are_read() -> None:
    kind = "<div class='post hentry'><h3>Talks are on in {0}</h3><div class='post-body entry-content'>{1}</div></div>"
    texts = ["<br><br>".join(body(place, 8)) for place in PLACES[:3]] + [said("Delta")]
    found = read("".join(kind.format(*one) for one in zip(PLACES, texts, strict=True)))
    assert openings(found) == [f"Talks are on in {place}" for place in PLACES[1:]]
    assert found.text.split("\n")[-1] == said("Delta")


def test_posts_whose_headlines_are_links_are_stories_below_the_headline_of_a_list() -> None:
    kind = "<div class=post><h2><a href='/{0}'>Talks are on in {0}</a></h2>{1}</div>"
    posts = "".join(kind.format(place, paragraphs(place, 8)) for place in PLACES)
    found = read(f"<h1>All posts about the talks of the council</h1>{posts}")
    assert openings(found) == [f"Talks are on in {place}" for place in PLACES[1:]]


STORY = f"<div class=post><h2>Talks are on in Alpha</h2>{paragraphs('Alpha', 8)}</div>"
TEASER = "<div class=post><h3><a href='/{0}'>Talks are on in {0}</a></h3>{1}</div>"
LONG = "".join(TEASER.format(place, paragraphs(place)) for place in PLACES[1:])


@pytest.mark.parametrize(
    "more",
    [
        "".join(TEASER.format(place, f"<p>{said(place)}</p>") for place in PLACES[1:]),
        f"<div class=more-stories>{LONG}</div>",
        f"<div class='related posts'>{LONG}</div>",
        f"<div id=sidebar>{LONG}</div>",
        f"<div class=newsletter>{LONG}</div>",
        f"<aside>{LONG}</aside>",
        f"<div hidden>{LONG}</div>",
        f"<ol class=comment-list>{LONG}</ol>",
        f"<div class=responses>{LONG}</div>",
        f"<div id=discussion>{LONG}</div>",
        "".join(f"<div class=post><b>Ann Lee</b>{paragraphs(place)}</div>" for place in PLACES[1:]),
        "".join(f"<div class=post><h4>Ann Lee</h4>{paragraphs(place)}</div>" for place in PLACES[1:]),
        "".join(f"<div class=post><h4>Re: Talks are on in Alpha</h4>{paragraphs(place)}</div>" for place in PLACES[1:]),
    ],
)
def test_teasers_furniture_and_remarks_below_a_story_are_none(more: str) -> None:
    found = read(STORY + more)
    assert found.starts == ()
    assert found.text.split("\n")[:8] == body("Alpha", 8) or found.text.split("\n")[1:9] == body("Alpha", 8)


@pytest.mark.parametrize(
    ("before", "kind"),
    [
        ("", "<div class=post><p>{1}</p></div>"),
        ("", "<div class=article-body>{1}</div>"),
        ("", "<div class=article-body><h2>What is known of {0}</h2>{1}</div>"),
        ("<h1>The talks of the council, one by one</h1>", "<div class=post><h2>What is known of {0}</h2>{1}</div>"),
        (
            "<h1>Live: the talks of the council</h1>",
            "<div class=live-blog-entry><h3>What is known of {0}</h3><div class=entry-content>{1}</div></div>",
        ),
        (
            "<h1>Live: the talks of the council</h1>",
            "<div class='liveblog-post hentry'><h3>What is known of {0}</h3>{1}</div>",
        ),
    ],
)
def test_sections_of_one_story_start_none(before: str, kind: str) -> None:
    assert read(before + "".join(kind.format(place, paragraphs(place)) for place in PLACES)).starts == ()


def test_updates_of_a_live_blog_and_sections_of_a_page_that_is_an_article_start_no_story() -> None:
    update = (
        "<div itemprop=liveBlogUpdate itemtype='https://schema.org/BlogPosting'><h3>What is known of {0}</h3>{1}</div>"
    )
    updates = "".join(update.format(place, paragraphs(place)) for place in PLACES)
    blog = f"<div itemtype='https://schema.org/LiveBlogPosting'><h1>Live: the talks of the council</h1>{updates}</div>"
    assert read(blog).starts == ()
    sections = "".join(f"<div class=story><h2>What is known of {p}</h2>{paragraphs(p)}</div>" for p in PLACES)
    assert read(sections, "<meta property='og:type' content='article'>").starts == ()


def test_stories_inside_an_article_start_none() -> None:
    parts = "".join(LAYOUTS["Blogger"].format(place, paragraphs(place)) for place in PLACES)
    assert read(f"<article><h1>The week</h1>{parts}</article>").starts == ()
    teasers = "".join(
        f"<div class=hentry><h3>Talks are on in {place}</h3>{paragraphs(place)}</div>" for place in PLACES[1:]
    )
    whole = f"<div class=hentry><h2>Talks are on in Alpha</h2>{paragraphs('Alpha', 8)}{teasers}</div>"
    assert read(whole).starts == ()


ARTICLE = "<meta property='og:type' content='article'>"
UPDATES = "".join(
    f"<div class='post'><h2><a href='/live/{one}'>Talks are on in {one}</a></h2>{{}}</div>" for one in PLACES
)


@pytest.mark.parametrize(
    "content",
    [
        "<h1>Talks go on in all of the towns</h1>" + UPDATES,
        "<div class='story'><h1>Talks go on in all of the towns</h1>{}</div>"
        "<div class='story'><h2>How the talks began there</h2>{}</div>"
        "<div class='story'><h2>What comes after them</h2>{}</div>",
    ],
)
def test_a_page_that_says_that_it_is_an_article_is_one_story(content: str) -> None:
    filled = content.format(*map(paragraphs, PLACES))
    assert read(filled, ARTICLE).starts == ()


def test_parts_below_the_headline_of_the_page_in_the_first_of_them_are_no_stories() -> None:
    part = "<div class='post'><h{0}>Talks are on in {1}</h{0}>{2}</div>"
    parts = [part.format(1 if not number else 3, place, paragraphs(place)) for number, place in enumerate(PLACES)]
    page = f"<html><head><title>News</title></head><body><div>{''.join(parts)}</div></body></html>"
    assert main_text(page).starts == ()


def test_the_updates_of_a_live_blog_by_schema_org_are_no_stories() -> None:
    update = (
        "<div itemprop='liveBlogUpdate' itemtype='http://schema.org/BlogPosting'><h2>Talks are on in {0}</h2>{1}</div>"
    )
    content = "".join(update.format(place, paragraphs(place)) for place in PLACES)
    assert read("<h1>Talks go on in all of the towns</h1>" + content).starts == ()
