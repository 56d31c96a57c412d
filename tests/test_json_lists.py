"""An object around a list of stories, with a title of its own or without one, and what is said where it is no such."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from classifier.sources import find_sources
from classifier.stories import ReadOptions, Story, read_stories

STORIES = [{"title": "Truce", "text": "Envoys met."}, {"title": "Flood", "text": "Rivers rose."}]
PROSE = "Envoys of the two countries met in Odrava on Monday and agreed to talk again. "

pytestmark = pytest.mark.usefixtures("in_tmp")


def read(document: Any, name: str = "a.json", **options: Any) -> tuple[list[Story], list[str]]:
    """The stories of a document, and the warnings."""
    Path(name).write_text(json.dumps(document), encoding="utf-8")
    said: list[str] = []
    [source] = find_sources([name])
    return list(read_stories(source, ReadOptions(**options), warn=said.append)), said


@pytest.mark.parametrize("name", ["articles", "reports", "messages", "Tweets", "statuses", "posts", "updates"])
@pytest.mark.parametrize("around", [{}, {"title": "Our export"}, {"title": "Our export", "description": "Of Monday."}])
def test_the_list_in_an_object_with_a_title_is_read(name: str, around: dict[str, Any]) -> None:
    for stories in (STORIES, [{"id": 1, "text": PROSE * 9}]):
        found, said = read({**around, name: stories})
        assert [story.text for story in found] == [one["text"] for one in stories]
        assert said == []


@pytest.mark.parametrize(
    ("item", "fields"),
    [
        ({"id": "1", "content_text": "Envoys met."}, {"text_field": "content_text"}),
        ({"headline": "Truce", "body": "Envoys met."}, {"text_field": "body", "title_field": "headline"}),
        ({"date": "today", "description": "Envoys met."}, {"text_field": "description"}),
    ],
)
@pytest.mark.parametrize("name", ["items", "reports"])
def test_stories_whose_text_goes_by_another_name_are_errors_until_it_is_named(
    item: dict[str, str], fields: dict[str, str], name: str
) -> None:
    document = {"version": "https://jsonfeed.org/version/1.1", "title": "Odrava Watch", name: [item]}
    found, _ = read(document)
    listed = ", ".join(item)
    assert [story.error for story in found] == [
        f"a.json:1: no field 'text'. Found: {listed}. Name it with --text-field."
    ]
    assert [story.text for story in read(document, **fields)[0]] == ["Envoys met."]


@pytest.mark.parametrize(
    "beside",
    [
        {"text": "Envoys met.", "reports": STORIES},
        {"body": "Envoys met.", "articles": STORIES},
        {"content": "Envoys met.", "messages": STORIES},
        {"comments": [{"text": "Good."}]},
        {"tags": [{"title": "talks"}], "authors": [{"name": "A"}], "related": STORIES},
        {"items": [{"url": "a.jpg", "width": 3}]},
        {"reports": []},
        {"items": ["talks", "Odrava"]},
        {"media": {"tweets": [{"text": "Good."}], "data": [{"description": "A bridge."}]}},
    ],
)
def test_a_story_with_a_list_beside_its_text_or_headline_stays_one(beside: dict[str, Any]) -> None:
    [story] = read({"title": "Truce", **beside})[0]
    assert story.title == "Truce"
    assert story.error is None


def test_a_text_under_another_name_is_not_dropped_for_a_list_beside_it() -> None:
    [story] = read({"body": "Envoys met.", "reports": [{"text": "Good."}]})[0]
    assert story.error == "a.json:1: no field 'text'. Found: body, reports. Name it with --text-field."


def test_the_tweets_that_others_refer_to_are_no_second_list() -> None:
    found, _ = read({"data": [{"text": "one"}], "includes": {"tweets": [{"text": "two"}]}})
    assert [story.text for story in found] == ["one"]
    mentions = {"sentence": "They met.", "updates": [{"trigger": "met"}]}
    assert read(mentions)[0][0].columns == mentions


TELEGRAM = {
    "name": "Odrava",
    "type": "public_channel",
    "id": 7,
    "messages": [
        {"id": 2, "type": "message", "text": "Envoys met."},
        {"id": 3, "n": 1, "text": [{"type": "bold", "text": "Flood"}, " in ", {"type": "link", "text": "C"}]},
        {"id": 4, "type": "message", "text": ["One paragraph.", "Another."]},
        {"id": 5, "type": "message", "text": [{"name": "Flood", "text": "x"}]},
    ],
}


def test_the_messages_of_a_telegram_export_are_read_with_their_bold_words_and_links() -> None:
    found, _ = read(TELEGRAM)
    assert [(story.id, story.text) for story in found] == [(2, "Envoys met."), (3, "Flood in C"), (4, ""), (5, "")]
    assert found[1].columns["text"] == "Flood in C"
    assert [story.error for story in found[2:]] == [
        "a.json:3: field 'text' is a list, not text.",
        "a.json:4: field 'text' is a list, not text. The objects in the list 'text' are like stories: give each as a "
        "record.",
    ]


def test_where_the_stories_stand_is_said() -> None:
    hint = "The objects in the list 'messages' are like stories: give each as a record."
    assert read(TELEGRAM, text_field="messages")[0][0].error == (
        f"a.json:1: field 'messages' is a list, not text. {hint}"
    )
    assert read(TELEGRAM, "a.jsonl")[0][0].error == (
        f"a.jsonl:1: no field 'text'. Found: name, type, id, messages. Name it with --text-field. {hint}"
    )


@pytest.mark.parametrize("beside", [{"items": [{"body": "Envoys met."}]}, {"chapters": [{"text": PROSE * 9}]}])
def test_headlines_above_a_list_of_stories_are_said_to_be_alone(beside: dict[str, Any]) -> None:
    [name] = beside
    assert read({"title": "Truce", **beside}, "a.jsonl")[1] == [
        "a.jsonl: no field 'text' in any record, so that headlines alone were read, without "
        f"{name} (a list of objects, each to be given as a record). Name the field of the text with --text-field."
    ]
    assert read({"title": "Truce", "text": "They met.", **beside}, "a.jsonl")[1] == []
    assert read({"title": "Truce", "comments": [{"text": "Good."}], "items": [{"n": 1}]}, "a.jsonl")[1] == []


@pytest.mark.parametrize("own", [{"id": "a1"}, {"url": "https://x.org/a"}, {"source": "wire"}, {"date": "2024-03-12"}])
@pytest.mark.parametrize("name", ["updates", "tweets", "statuses", "features", "documents"])
def test_a_headline_with_what_a_story_has_is_not_given_up_for_what_is_beside_it(own: dict[str, str], name: str) -> None:
    record = {"title": "Flood in Ost", **own, name: [{"name": "map", "description": "Map of Ost."}]}
    assert [story.title for story in read(record)[0]] == ["Flood in Ost"]
    assert [story.title for story in read([{**record, "title": one} for one in ("Flood", "Truce")])[0]] == [
        "Flood",
        "Truce",
    ]


@pytest.mark.parametrize("label", ["story", "content", "body", "article"])
def test_a_short_label_does_not_hide_the_stories_of_a_list(label: str) -> None:
    found, _ = read([{label: "Flood in Ost", "articles": STORIES}, {label: "Truce", "articles": STORIES[:1]}])
    assert [story.title for story in found] == ["Truce", "Flood", "Truce"]
