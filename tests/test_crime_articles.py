"""Readers' labels of articles on crime, which stand apart from their texts, find them again in somebody's archive."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from benchmarks import crime_articles
from benchmarks.crime_articles import TOPICS, WORDS, as_published, known, labelled_stories, main
from benchmarks.feed_outlets import story_key
from classifier.stories import Story
from training.config import load_config

RAID = Story(title="Gold mine raided", text="Police\n said so.")
HAUL = Story(title="A tonne seized?", text="In Callao.")
CONFIG = Path(__file__).parents[1] / "configs" / "benchmarks" / "insightCrime.yaml"


@pytest.fixture
def archive(tmp_path: Path) -> str:
    path = tmp_path / "archive.jsonl"
    rows = [{"title": story.title, "text": story.text} for story in [RAID, HAUL, RAID, Story(title="Other", text="x")]]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.csv"
    rows = [[story_key(RAID), 0, 0, 0.4, 0, 0, 0.97, 0], [story_key(HAUL), 0.9, 0, 0, 0, 0, 0, 0.6]]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["key", *TOPICS], *rows])
    return path


def test_articles_are_found_once_with_their_likely_topics(archive: str, labels: Path) -> None:
    found = list(labelled_stories([archive], known(labels)))
    assert [story["text"] for story in found] == ["Gold mine raided. Police said so.", "A tonne seized? In Callao."]
    assert [[topic for topic in TOPICS if story[topic]] for story in found] == [
        ["natural_resources"],
        ["drugs", "contraband"],
    ]


def test_texts_are_cut_and_begin_behind_what_an_archive_puts_in_front() -> None:
    assert as_published(Story(text="2011\nText\none two")) == "one two"
    assert len(as_published(Story(title="Raid", text="word " * 2000)).split()) == WORDS + 1


def test_the_labels_of_the_project_are_probabilities() -> None:
    assert len(known()) > 5000
    assert all(len(key) == 12 and 0 <= min(shares) <= max(shares) <= 1 for key, shares in known().items())


def test_what_is_written_has_the_topics_of_the_config(
    archive: str, labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(crime_articles, "known", lambda: known(labels))
    assert main([str(tmp_path / "out"), archive]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'out'}: 2 of 2 stories found\n"
    with (tmp_path / "out" / "readings.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == ["id", *load_config(CONFIG).data.labels]
