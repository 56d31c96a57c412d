"""The model in the package: whole, the same on every engine, and right about the stories in examples/."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from transformers import AutoModelForSequenceClassification

from classifier import Classifier, Story
from classifier.manifest import load_manifest
from classifier.pages import split_page
from training.metrics import f1_scores

EXAMPLES = Path(__file__).parents[1] / "examples"
TOPICS = ("diplomacy", "military", "disaster", "ceasefire")
# Calibrated probabilities of the shipped model, to catch drift of tokenizer, runtime or arithmetic.
CANONICAL = {
    "Earthquake of magnitude 6.1 kills dozens in the mountains": "disaster",
    "Jets bombed the rebel-held town for a third night, killing eight fighters": "military",
    "The two sides agreed to extend the truce by a week": "ceasefire",
    "The foreign minister flew to the capital for talks on border tariffs with her counterpart": "diplomacy",
    "The striker scored twice as the club won the cup": None,
}


@pytest.fixture(scope="module")
def shipped() -> Classifier:
    return Classifier.load()


def labelled(name: str) -> tuple[list[Story], np.ndarray]:
    records = [json.loads(line) for line in (EXAMPLES / name).read_text(encoding="utf-8").splitlines()]
    stories = [Story(title=record["title"], text=record["text"]) for record in records]
    return stories, np.array([[topic in record["labels"] for topic in TOPICS] for record in records])


def test_every_file_of_the_folder_is_listed_and_unchanged() -> None:
    manifest = load_manifest("news")
    assert {path.name for path in manifest.model_dir.iterdir()} == {*manifest.files, "manifest.json"}
    manifest.verify(manifest.files)
    assert sum(path.stat().st_size for path in manifest.model_dir.iterdir()) <= 75 << 20


def test_the_manifest_holds_the_figures_that_the_export_asks_for() -> None:
    contents = load_manifest("news").contents
    assert contents["parity"]["agreement"] >= 0.995
    assert contents["parity"]["largest_difference"] <= 0.1
    assert contents["metrics"]["test"]["macro_f1"] >= 0.91
    assert all(topic["f1"] >= 0.85 for topic in contents["metrics"]["test"]["by_topic"].values())


@pytest.mark.parametrize(("text", "topic"), CANONICAL.items())
def test_plain_cases_are_labelled(shipped: Classifier, text: str, topic: str | None) -> None:
    assert shipped.classify(text).topic == topic


def test_the_example_page_gives_its_five_stories(shipped: Classifier) -> None:
    page = (EXAMPLES / "page.txt").read_text(encoding="utf-8")
    expected = json.loads((EXAMPLES / "page.expected.json").read_text(encoding="utf-8"))["stories"]
    segments = split_page(page)
    assert [(segment.first_line, segment.last_line) for segment in segments] == [
        (story["first_line"], story["last_line"]) for story in expected
    ]
    missed = []
    for segment, story in zip(segments, expected, strict=True):
        prediction = shipped.classify(segment.text)
        assert set(prediction.topics) <= set(story["topics"]), story["about"]
        missed += sorted(set(story["topics"]) - set(prediction.topics))
    assert len(missed) <= 2, missed  # of nine; the README tells of them


def test_unseen_invented_stories_are_mostly_right(shipped: Classifier) -> None:
    stories, true = labelled("test.jsonl")
    assert f1_scores(shipped.predict(stories), true).mean() >= 0.8


def test_both_engines_agree_on_the_examples(shipped: Classifier) -> None:
    stories, _ = labelled("validation.jsonl")
    reference = Classifier.load(engine="torch", device="cpu")
    ours, theirs = shipped.predict_proba(stories), reference.predict_proba(stories)
    assert np.abs(ours - theirs).max() <= 0.1
    thresholds = shipped.manifest.decision.thresholds
    assert ((ours >= thresholds) == (theirs >= thresholds)).mean() >= 0.995


def test_a_story_gets_the_same_topics_alone_and_in_any_batch(shipped: Classifier) -> None:
    stories, _ = labelled("validation.jsonl")
    together = shipped.classify_many(stories)
    backwards = shipped.classify_many(stories[::-1])[::-1]
    alone = [shipped.classify(story) for story in stories[:20]]
    assert [p.topics for p in together] == [p.topics for p in backwards]
    assert [p.topics for p in together[:20]] == [p.topics for p in alone]


def test_transformers_loads_the_folder(tmp_path: Path) -> None:
    folder = shutil.copytree(load_manifest("news").model_dir, tmp_path / "news")
    model = AutoModelForSequenceClassification.from_pretrained(folder, local_files_only=True)
    assert model.config.id2label == dict(enumerate(TOPICS))
