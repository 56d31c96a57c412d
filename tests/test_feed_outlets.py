"""Labels of news feeds, which stand apart from their texts, find them again in somebody's archive."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.feed_outlets import known, labelled_stories, story_key
from benchmarks.other_outlets import write_stories
from classifier.errors import InputError
from classifier.stories import Story


def test_a_story_is_known_by_its_headline_however_it_is_written() -> None:
    key = story_key(Story(title="Ferry sinks off “Lamu”: 12 dead", text="One."))
    assert key == story_key(Story(title=' ferry sinks off "Lamu" - 12 Dead', text="Another."))
    assert key != story_key(Story(title="Ferry sinks off Lamu: 13 dead"))
    assert story_key(Story(text="A quake.")) == story_key(Story(title="A quake"))


def test_stories_are_found_once_and_with_their_topics(tmp_path: Path) -> None:
    titles = ["Ferry sinks", "Not labelled", "Talks open"]
    files = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for file in files:
        file.write_text("".join(json.dumps({"title": title, "text": "Text."}) + "\n" for title in titles), "utf-8")
    wanted = {story_key(Story(title="Ferry sinks")): ["disaster"], story_key(Story(title="Talks open")): []}
    found = list(labelled_stories([str(file) for file in files], wanted))
    assert [(story["title"], story["labels"]) for story in found] == [("Ferry sinks", ["disaster"]), ("Talks open", [])]


def test_parts_are_kept_apart(tmp_path: Path) -> None:
    labels, readings = tmp_path / "labels.csv", tmp_path / "readings.csv"
    labels.write_text("key,part,topics\naa,test,military|diplomacy\nbb,check,\n", encoding="utf-8")
    readings.write_text("id,diplomacy,military\nfeed-cc,0.5,1\n0123,1,0\n", encoding="utf-8")
    assert known("test", labels, readings) == {"aa": ["military", "diplomacy"]}
    assert known("check", labels, readings) == {"bb": []}
    assert known("train", labels, readings) == {"cc": ["military"]}


def test_the_labels_of_the_project_hold_the_three_parts() -> None:
    parts = [set(known(part)) for part in ("test", "check", "train")]
    assert all(parts)
    assert not any(one & other for one in parts for other in parts if one is not other)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Name a file that can be written"):
        write_stories(tmp_path, [{"id": "1"}])
