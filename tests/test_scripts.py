"""A story in a script that the model has not learned is flagged for review, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import counting, decision
from hypothesis import given
from hypothesis import strategies as st

from classifier import Classifier, Story
from classifier.manifest import SHIPPED_MODELS, load_manifest
from classifier.scripts import is_unread, scripts_in, what_is_unread

OTHERS = {
    "Arabic": "بدأت المحادثات في جنيف",
    "Cyrillic": "Переговоры начались в Женеве",
    "Cjk": "和平谈判在日内瓦开始",
    "Hebrew": "השיחות החלו בז'נבה",
    "Greek": "Οι συνομιλίες άρχισαν",
    "Hangul": "제네바에서 회담이 시작됐다",
    "Thai": "การเจรจาเริ่มขึ้นที่เจนีวา",
    "Devanagari": "जिनेवा में वार्ता शुरू हुई",
}
LATIN = [
    "Talks began in Geneva",
    "“Größe” — Đà Nẵng, Kraków, İzmir … “ça va”",
    "Ｔａｌｋｓ began",  # full width, unless it is normalised
    "Talks of 日本 and Россия",
    "12.5 % – 3 № ≥ 4",  # no letters
    "🚀🚀🚀 ok",
    "",
]


def shipped(name: str) -> Classifier:
    """A shipped model's manifest and rule, over a fake engine."""
    return counting(decision(), scripts=load_manifest(SHIPPED_MODELS / name).scripts)


@pytest.mark.parametrize("script", OTHERS)
def test_what_is_mostly_in_another_script_is_unread(script: str) -> None:
    text = OTHERS[script]
    assert is_unread(text, ["Latin"])
    assert is_unread(text + " (NATO, 2026)", ["Latin"])
    assert is_unread(text + ", a report says in English after it" * 40, ["Latin"]) is False
    assert is_unread(text + "\n" + "later in English. " * 500, ["Latin"]) is False
    assert is_unread(text * 60 + "\n" + "later in English. " * 500, ["Latin"])
    assert not is_unread(text, [script])
    assert not is_unread(text, [])
    assert is_unread(text, ["Latin", "Tamil"])


@pytest.mark.parametrize("text", LATIN)
def test_latin_letters_and_what_has_no_letters_are_read(text: str) -> None:
    assert not is_unread(text, ["Latin"])


def test_a_model_of_another_script_does_not_read_latin() -> None:
    assert is_unread("Talks began in Geneva", ["Cyrillic"])
    assert not is_unread("Talks began in Geneva", ["Cyrillic", "Latin"])


@given(st.text(max_size=60))
def test_the_short_way_says_what_counting_says(text: str) -> None:
    found = scripts_in([text])
    assert not found or not is_unread(text, found)
    letters = [character for character in text if character.isalpha()]
    latin = sum(scripts_in([letter]) == ("Latin",) for letter in letters)
    assert is_unread(text, ["Latin"]) == (2 * latin < len(letters))


def test_what_is_rare_in_the_training_stories_was_not_learned() -> None:
    stories = ["Talks began in Geneva. " * 40] * 9
    assert scripts_in(stories) == ("Latin",)
    assert scripts_in([*stories, "Женева"]) == ("Latin",)
    assert scripts_in([*stories, OTHERS["Cyrillic"] * 40]) == ("Cyrillic", "Latin")
    assert scripts_in([]) == ()


def test_the_reason_names_the_scripts() -> None:
    assert what_is_unread(["Latin"]) == "most of it is not in the Latin script"
    assert what_is_unread(["Cyrillic", "Latin"]) == "most of it is not in the Cyrillic or Latin script"


@pytest.mark.parametrize("name", ["news", "news-fast"])
def test_a_story_in_another_script_is_for_review_and_keeps_its_scores(name: str) -> None:
    classifier = shipped(name)
    stories = [*OTHERS.values(), *LATIN[:2], Story(title=OTHERS["Arabic"]), Story(title="Talks", text=OTHERS["Greek"])]
    found = classifier.classify_many(stories)
    assert [one.review for one in found] == [True] * 8 + [False] * 2 + [True] * 2
    plain = counting(decision()).classify_many(stories)
    assert [replace(one, review=False) for one in found] == [replace(one, review=False) for one in plain]
    assert [one.review for one in plain] == [False] * 12
    assert found == [classifier.classify(story) for story in stories]
    assert found == [prediction for _, prediction in classifier.stream(stories, chunk=3)]


def test_what_cannot_be_scored_is_an_error_and_not_for_review() -> None:
    [found] = shipped("news").classify_many([Story(text=OTHERS["Arabic"] * 100_000)])
    assert (found.review, found.error is None) == (False, False)


def test_a_folder_that_does_not_name_its_scripts_flags_nothing_for_them(tiny_model: Path) -> None:
    classifier = Classifier.load(tiny_model)
    assert classifier.manifest.scripts == ()
