"""What programs write where there is no text (#NAME?, NA) is no story; the rest of the record is kept."""

from __future__ import annotations

import pytest

from classifier.stories import ReadOptions, Story, story_from_record


def read(**record: object) -> Story:
    return story_from_record(record, "feed.csv:2", ReadOptions())


@pytest.mark.parametrize(
    "cell", ["#NAME?", "#N/A", "#NV", "#WERT!", "NA", "NaN", "NULL", "N/A", "<NA>", "None", " NA\t"]
)
def test_a_word_for_no_text_is_none(cell: str) -> None:
    story = read(text=cell, title="", outlet="Post")
    assert story.error == f"feed.csv:2: '{cell}' in place of a text, nothing to label."
    assert story.columns == {"text": cell, "title": "", "outlet": "Post"}
    assert read(title="NA", text=cell).error == story.error


def test_what_stands_beside_it_is_labelled_alone() -> None:
    headline, body = read(text="#N/A", title="Quake shakes the coast"), read(text="Troops moved.", title="NA")
    assert (headline.error, headline.title, headline.text) == (None, "Quake shakes the coast", "")
    assert headline.columns["text"] == "#N/A"
    assert (body.error, body.title, body.text) == (None, "", "Troops moved.")


@pytest.mark.parametrize("text", ["#NATO", "#N/A for the river gauge", "Na", "None left", "NA: the vote"])
def test_other_short_texts_are_texts(text: str) -> None:
    assert (read(text=text).error, read(text=text).text) == (None, text)
