"""Benchmarks say what is wrong with the files that they are given."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import training.pages
from benchmarks import batch, evidence, pages

PAGE = {"text": "One.\nTwo.", "owner": [0, 0], "style": "plain"}
STORY = {"id": "a", "source": "paper", "title": "", "text": "One.\nTwo."}


@pytest.mark.parametrize("main", [pages.main, evidence.main])
def test_a_file_that_is_not_there_is_named(
    main: Callable[[list[str]], int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "nowhere.jsonl")]) == 1
    assert "nowhere.jsonl: cannot be read (No such file or directory)" in capsys.readouterr().err


def test_files_for_the_splitting_of_pages_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert training.pages.main([str(tmp_path / "nowhere.jsonl"), "--more", str(tmp_path / "more.jsonl")]) == 1
    assert "nowhere.jsonl: cannot be read (No such file or directory)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": None}, "jsonl:2: title is null, expected text."),
        ({"id": 7, "text": ["One."]}, 'jsonl:2: id is 7 and text is ["One."], expected text.'),
        ({"text": {"body": "x" * 100}}, f'jsonl:2: text is {{"body": "{"x" * 50}, expected text.'),
    ],
)
def test_stories_whose_fields_are_no_text_are_named(
    wrong: dict[str, object], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    good.write_text(json.dumps(STORY) + "\n", encoding="utf-8")
    bad.write_text(json.dumps(STORY | {"more": 7}) + "\n" + json.dumps(STORY | wrong) + "\n", encoding="utf-8")
    for command in ([str(bad), "--more", str(good)], [str(good), "--more", str(bad)]):
        assert training.pages.main(command) == 1
        assert said in capsys.readouterr().err


@pytest.mark.parametrize("stories", [None, [None], ["a"], [{}], [{"id": 7}]])
def test_pages_to_leave_out_have_stories_with_ids(
    stories: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "pages.jsonl"
    pages_of = [{"stories": [{"id": "a"}, {"id": "b"}]}, {"stories": []}]
    path.write_text("".join(json.dumps(page) + "\n" for page in pages_of), encoding="utf-8")
    assert training.pages.story_ids(path) == {"a", "b"}
    path.write_text(json.dumps(pages_of[0]) + "\n" + json.dumps({"stories": stories}), encoding="utf-8")
    assert training.pages.main(["news.jsonl", "--more", "more.jsonl", "--leave-out", str(path)]) == 1
    assert "page 2: expected as stories a list of objects with an id, which is text." in capsys.readouterr().err


def test_a_model_that_is_not_there_is_named_before_feeds_are_made(capsys: pytest.CaptureFixture[str]) -> None:
    assert batch.main(["--model", "nowhere"]) == 1
    assert "nowhere" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no pages. Name a file of JSON lines with text, owner, style."),
        (b"\xff\xfe", "cannot be read ("),
        (b'\n{"text": ', "jsonl:2: not JSON ("),
        (b"[1]", "jsonl:1: no text and no owner and no style. A line is a JSON object with text, owner, style."),
        (json.dumps(PAGE | {"text": None}).encode(), "jsonl:1: text is null, expected text."),
        (json.dumps(PAGE | {"owner": None}).encode(), "page 1: owner is no list of whole numbers."),
        (json.dumps(PAGE | {"owner": [0, None]}).encode(), "page 1: owner is no list of whole numbers."),
        (json.dumps(PAGE | {"owner": [0]}).encode(), "page 1: 1 owners, but 2 lines of text."),
    ],
)
def test_what_is_wrong_with_a_file_of_pages_is_said(
    content: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "pages.jsonl"
    path.write_bytes(content)
    assert pages.main([str(path)]) == 1
    assert said in capsys.readouterr().err


def test_pages_are_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "pages.jsonl"
    path.write_text(json.dumps(PAGE) + "\n\n", encoding="utf-8")
    assert pages.main([str(path)]) == 0
    assert "single-story pages split: 0 of 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "said"), [("", "no stories."), ('{"text": "One."}\n{"text": \n', "jsonl:2: not JSON (")]
)
def test_what_is_wrong_with_a_file_of_stories_is_said(
    content: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "stories.jsonl"
    path.write_text(content, encoding="utf-8")
    assert evidence.main([str(path)]) == 1
    assert said in capsys.readouterr().err
