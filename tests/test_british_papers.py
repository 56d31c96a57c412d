"""Readers' labels of British articles, which stand apart from their texts, find them again in somebody's archive."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import british_papers
from benchmarks.british_papers import as_published, known, labelled_stories, main
from benchmarks.feed_outlets import story_key
from classifier.stories import Story
from training.config import load_config
from training.data import load_split

STORIES = [Story(title="Minister “won’t go”", text="She said: no, £5m."), Story(title="Cup won", text="A goal.")]
POLITICS, SPORT = map(story_key, STORIES)
OTHER = Story(title="Other", text="x")
BBC_NEWS = Path(__file__).parents[1] / "configs" / "benchmarks" / "BBC_News.yaml"


@pytest.fixture
def archive(tmp_path: Path) -> str:
    path = tmp_path / "archive.jsonl"
    rows = [{"title": story.title, "text": story.text} for story in [*STORIES, *STORIES, OTHER]]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.csv"
    path.write_text(f"key,round,politics\n{POLITICS},1,0.7\n{SPORT},2,0.25\n012345678901,2,1\n", encoding="utf-8")
    return path


def test_articles_are_found_once_as_the_published_files_write_them(archive: str, labels: Path) -> None:
    assert list(labelled_stories([archive], known("all", labels))) == [
        {"id": POLITICS, "text": "minister  won t go  she said: no  5m.", "label": 1},
        {"id": SPORT, "text": "cup won a goal.", "label": 0},
    ]


def test_the_first_round_is_found_alone(archive: str, labels: Path) -> None:
    assert [story["label"] for story in labelled_stories([archive], known("1", labels))] == [1]


def test_a_story_without_a_headline_is_its_text() -> None:
    assert as_published(Story(text="One.")) == "one."


def test_the_labels_of_the_project_hold_both_rounds() -> None:
    assert 0 < len(known("1")) < len(known("all"))
    assert all(len(key) == 12 and 0 <= share <= 1 for key, share in known("all").items())


def test_what_is_written_trains_the_config_of_the_task(
    archive: str, labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "folder" / "british"
    monkeypatch.setattr(british_papers, "known", lambda which: known(which, labels))
    assert main([str(out), archive]) == 0
    assert capsys.readouterr().out == f"{out}: 2 of 3 stories found\n"
    settings = [f"data.train={out}/stories.jsonl", f"data.readings={out}/readings.csv"]
    config = load_config(BBC_NEWS, settings).data
    assert isinstance(config.train, str)
    split = load_split("train", config.train, config)
    found = [(one.story.id, one.topics, one.shares) for one in split.stories]
    assert found == [(POLITICS, {0}, (0.7,)), (SPORT, set(), (0.25,))]


def test_an_archive_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "out"), str(tmp_path / "missing.jsonl"), "--round", "1"]) == 1
    assert "missing.jsonl" in capsys.readouterr().err
