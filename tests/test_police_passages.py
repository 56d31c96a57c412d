"""Readers' labels of passages, which stand apart from their texts, find them again in somebody's archive."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import police_passages
from benchmarks.police_passages import TOPICS, Reading, known, labelled_passages, main, passage_key, published_pieces
from training.config import load_config
from training.data import load_split

BEFORE = "Nothing had happened in the city before."
PASSAGE = "Police “fired” at a crowd near the market of the old town on Monday. Two men were killed."
KEY = passage_key(PASSAGE.split())
DOCS = Path(__file__).parents[1] / "configs" / "benchmarks" / "IndiaPoliceEvents_docs.yaml"


@pytest.fixture
def archive(tmp_path: Path) -> str:
    path = tmp_path / "archive.jsonl"
    rows = [
        {"title": "Unrest", "text": f"{BEFORE} {PASSAGE} More follows here."},
        {"title": "", "text": f"Text\n{PASSAGE}"},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.csv"
    rows = f"{KEY},1,{len(PASSAGE.split())},1,0,1,0.25,0.7\n012345678901,2,9,0,0,0,0,0\n"
    path.write_text(f"key,round,words,{','.join(TOPICS)}\n{rows}", encoding="utf-8")
    return path


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    folder = tmp_path / "suite"
    document = "The army stood by.  Nobody was arrested there."
    for task, parts in (
        ("IndiaPoliceEvents_docs", {"train": document, "dev": "Other.", "test": "Another."}),
        ("IndiaPoliceEvents_sents", {"train": "The army stood by."}),
    ):
        (folder / task).mkdir(parents=True)
        for part, text in parts.items():
            (folder / task / f"{part}.tsv").write_text(f"{text}\t0\t0\t0\t1\t0\n", encoding="utf-8")
    return folder


def test_a_passage_is_found_once_as_the_published_files_write_it(archive: str, labels: Path) -> None:
    expected = "police aEURoefiredaEUR at a crowd near the market of the old town on monday. two men were killed."
    assert list(labelled_passages([archive], known("all", labels))) == [(KEY, expected, (1.0, 0.0, 1.0, 0.25, 0.7))]


def test_a_copy_that_is_cut_short_is_passed_over(tmp_path: Path, labels: Path) -> None:
    path = tmp_path / "teasers.jsonl"
    rows = [{"text": PASSAGE.split(" Two")[0]}, {"text": PASSAGE}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    ((_, text, _),) = labelled_passages([str(path)], known("all", labels))
    assert text.endswith("two men were killed.")


@pytest.mark.parametrize("damaged", ["Cut off.\t0\t1\n", "Odd.\t0\t0\t0\tx\t0\n"])
def test_a_damaged_row_of_the_suite_is_named(
    damaged: str, suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = suite / "IndiaPoliceEvents_docs" / "train.tsv"
    path.write_text(path.read_text() + damaged, encoding="utf-8")
    assert main([str(suite), str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert str(path) in said
    assert "Use the files as published" in said


def test_a_row_of_the_suite_without_text_is_passed_over(suite: Path) -> None:
    expected = list(published_pieces(suite))
    path = suite / "IndiaPoliceEvents_sents" / "train.tsv"
    path.write_text(path.read_text() + "\t0\t0\t0\t0\t0\n", encoding="utf-8")
    assert list(published_pieces(suite)) == expected


def test_a_passage_is_known_however_it_is_cased_and_punctuated() -> None:
    assert passage_key(PASSAGE.upper().replace("“", '"').replace(" at ", " – at ").split()) == KEY


def test_the_labels_of_the_project_hold_both_rounds() -> None:
    assert 0 < len(known("1")) < len(known("all"))
    for key, reading in known("all").items():
        assert len(key) == 12
        assert reading.words > 0
        assert all(0 <= share <= 1 for share in reading.shares)


def test_what_is_written_trains_the_config_of_the_task(
    suite: Path,
    archive: str,
    labels: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "folder" / "police"
    monkeypatch.setattr(police_passages, "known", lambda which: known(which, labels))
    assert main([str(suite), str(out), archive]) == 0
    assert capsys.readouterr().out == f"{out}: 1 pieces of documents, 1 of 2 passages found\n"
    settings = [f"data.train={out}/stories.jsonl", f"data.readings={out}/readings.csv"]
    config = load_config(DOCS, settings).data
    assert config.labels == TOPICS
    assert isinstance(config.train, str)
    split = load_split("train", config.train, config)
    assert [(one.story.id, one.topics) for one in split.stories] == [("d0-0", {3}), (KEY, {0, 2, 4})]
    assert [one.shares for one in split.stories] == [(0, 0, 0, 1, 0), (1, 0, 1, 0.25, 0.7)]


def test_without_an_archive_the_pieces_are_written_alone(
    suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(suite), str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'out'}: 1 pieces of documents\n"
    assert (tmp_path / "out" / "readings.csv").read_text() == f"id,{','.join(TOPICS)}\nd0-0,0,0,0,1,0\n"


@pytest.mark.parametrize("missing", ["archive", "suite"])
def test_what_is_not_there_is_named(
    missing: str, suite: Path, archive: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = {"suite": str(suite), "archive": archive} | {missing: str(tmp_path / "nowhere.jsonl")}
    assert main([places["suite"], str(tmp_path / "out"), places["archive"], "--round", "1"]) == 1
    assert "nowhere.jsonl" in capsys.readouterr().err


def test_a_passage_that_nobody_read_is_passed_over(archive: str) -> None:
    assert list(labelled_passages([archive], {"012345678901": Reading(3, (0, 0, 0, 0, 0))})) == []
