"""Classes and ids that would make an extractor throw the story away, and what nobody sees."""

from __future__ import annotations

import contextlib

import pytest

from classifier.errors import InputError
from classifier.html_text import main_text

SAID = (
    "Air strikes hit the port of Odrava hours after the truce began, officials said on Monday.",
    "At least 12 soldiers were killed and 30 wounded in the attack, the defence ministry said.",
)
STORY = "".join(f"<p>{one}</p>" for one in SAID)
REMARK = "I was there when it happened, and nobody came to help us for the whole of that night."


def lines(body: str) -> list[str]:
    return main_text(f"<html><head><title>Odrava</title></head><body>{body}</body></html>").text.split("\n")


@pytest.mark.parametrize(
    "body",
    [
        "<div class='comment-enabled article'><h1>Odrava</h1>{}</div>",
        "<div class='Comments-open'><div class=comment><h1>Odrava</h1>{}</div></div>",
        "<div class=comment>{}</div>",
        "<h1>Odrava</h1><section id=comment-is-free>{}</section>",
        "<div class=comment>{}</div><div class=footer><p>" + "All rights are reserved. " * 3 + "</p></div>",
        "<form><div class=comment>{}</div></form>",
        "<div class=mvp-post-add-box>{}</div>",
        "<h1>Odrava</h1><div class=mvp-post-add-box>{}</div>",
    ],
)
def test_a_story_in_what_is_named_a_comment_is_read(body: str) -> None:
    assert [line for line in lines(body.format(STORY)) if line != "Odrava"] == list(SAID)


@pytest.mark.parametrize(
    "comments",
    [
        "<div class=comments>{0}{0}</div>",
        "<div class=comment>{0}</div>",
        "<ol id=comment-list><li>{0}</li></ol>",
        "<details class=comments><h1>Comments</h1>{0}</details>",
    ],
)
def test_comments_of_readers_stay_out(comments: str) -> None:
    below = comments.format(f"<p>{REMARK}</p>")
    assert REMARK not in lines(f"<h1>Odrava</h1><div>{STORY}</div>{below}")


@pytest.mark.parametrize("name", ["comments", "comment-list", "disqus_thread"])
def test_comments_alone_are_no_story_and_beside_one_take_nothing_from_it(name: str) -> None:
    below = f"<div id={name}><p>{REMARK}</p></div>"
    assert lines(f"<h1>Odrava</h1>{below}") == ["Odrava"]
    assert lines(f"<h1>Odrava</h1><div class=comment>{STORY}</div>{below}") == list(SAID)


@pytest.mark.parametrize("tag", ["article", "div", "section"])
@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(
    "hidden", ["<p hidden>{}</p>", "<div hidden=hidden><div><p>{}</p></div></div>", "<template><p>{}</p></template>"]
)
def test_what_is_hidden_is_in_no_story(hidden: str, place: int, tag: str) -> None:
    parts = [hidden.format("Floods and an earthquake killed 300 people in the valley, officials said on Monday.")]
    parts.insert(place, f"<{tag}><h1>Odrava</h1>{STORY}</{tag}>")
    assert [line for line in lines("".join(parts)) if line != "Odrava"] == list(SAID)


def test_what_follows_something_hidden_and_what_a_reader_may_open_is_read() -> None:
    assert lines(f"<div>{STORY}<p hidden>Floods.</p>{REMARK}</div>")[-1] == REMARK
    assert REMARK in lines(f"<article>{STORY}<div hidden=until-found><p>{REMARK}</p></div></article>")
    assert main_text(f"<html><body hidden>{STORY}</body></html>").text.split("\n") == list(SAID)


@pytest.mark.parametrize(
    "around",
    [
        "<main><template id=B:0></template><p>Loading</p></main><div hidden id=S:0>{}</div>",
        "<div id=app hidden><header>Site</header>{}</div>",
        "<div><template shadowrootmode=open>{}</template></div>",
    ],
)
def test_a_story_that_a_script_is_to_show_is_read(around: str) -> None:
    found = lines(around.format(f"<article><h1>Odrava</h1>{STORY}</article>"))
    assert [line for line in found if line in SAID] == list(SAID)


@pytest.mark.parametrize(
    "names",
    [
        *(
            "category-social-affairs",
            "post-9 post tag-privacy hentry",
            "tag-ads",
            "tag-cookies",
            "tag-share",
            "Tag-Menu-x",
        ),
        *("comment-status-closed", "has-discussion post", "tag-emergency-response", "category-comment", "has-sidebar"),
    ],
)
@pytest.mark.parametrize("tag", ["article", "div"])
def test_the_subject_or_state_of_an_article_does_not_throw_it_away(tag: str, names: str) -> None:
    more = f"<section><{tag} class='{names}'><h2>Rain</h2><p>{REMARK}</p></{tag}></section>"
    found = lines(f"<section><{tag}><h1>Odrava</h1>{STORY * 2}</{tag}></section>{more}")
    assert (found[-2:], found[-3]) == (["Rain", REMARK], SAID[1])


@pytest.mark.parametrize("name", ["tag-list", "tag-list wide", "social-tag-x", "wp-block-tags"])
def test_lists_of_tags_stay_out(name: str) -> None:
    assert "Ports" not in lines(f"<article><h1>Odrava</h1>{STORY}<div class='{name}'><p>Ports</p></div></article>")


@pytest.mark.parametrize("depth", [240, 260, 1_900])
def test_what_stands_behind_elements_deep_within_one_another_is_read(depth: int) -> None:
    prose = "Hundreds slept in the open after the second shock on Friday. " * 3
    within = f"{'<div>' * depth}<p>The deepest: {prose}</p>{'</div>' * depth}"
    first = f"<article><h1>Quake shakes the coast of the north</h1><p>{prose}</p>{within}</article>"
    second = f"<article><h2>Truce holds in the south</h2><p>Envoys met. {prose}</p></article>"
    found = main_text(f"<html><body>{first}{second}</body></html>")
    assert "Envoys met" in found.text
    assert len(found.starts) == 1
    unclosed = "".join(f"<font size=2><p>Number {number} of them. {prose}</p>" for number in range(depth))
    assert main_text(f"<html><body><h1>Quake</h1>{unclosed}</body></html>").text.count("of them.") == depth


def test_a_page_that_breaks_off_within_too_many_elements_is_an_error() -> None:
    with pytest.raises(InputError, match="HTML with too many elements within one another"):
        main_text(f"<html><body>{'<div>' * 2_050}<p>Quake shakes the coast</p></body></html>")


@pytest.mark.parametrize("tags", ["ul><li", "dl><dd", "code", "div"])
def test_lists_deep_within_one_another_are_read_or_an_error(tags: str) -> None:
    page = f"<html><body><h1>Quake</h1>{STORY}{f'<{tags}>item ' * 990}</body></html>"
    with contextlib.suppress(InputError):
        assert SAID[1] in main_text(page).text


def test_what_stands_behind_a_deep_page_among_several_is_read() -> None:
    deep = f"<html><head><title>Odrava</title></head><body>{'<div>' * 300}{STORY}{'</div>' * 300}</body></html>"
    plain = f"<html><head><title>Ebro</title></head><body><h1>Ebro</h1>{STORY}</body></html>"
    assert main_text(plain + deep + plain).text.count(SAID[0]) == 3
    with pytest.raises(InputError, match="HTML with too many"):
        main_text(plain + deep.replace("<div>", "<div>" * 10) + plain)
