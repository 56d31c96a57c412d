"""Benchmarks say what is wrong with the files that they are given."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import training.pages
from benchmarks import batch, evidence, pages

PAGE = {"text": "One.\nTwo.", "owner": [0, 0], "style": "plain"}


@pytest.mark.parametrize("main", [pages.main, evidence.main])
def test_a_file_that_is_not_there_is_named(
    main: Callable[[list[str]], int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "nowhere.jsonl")]) == 1
    assert "nowhere.jsonl: cannot be read (No such file or directory)" in capsys.readouterr().err


def test_files_for_the_splitting_of_pages_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert training.pages.main([str(tmp_path / "nowhere.jsonl"), "--more", str(tmp_path / "more.jsonl")]) == 1
    assert "nowhere.jsonl: cannot be read (No such file or directory)" in capsys.readouterr().err


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
