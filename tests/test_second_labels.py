"""Another labeller's topics, in a column of their own, also of a review sheet that a person filled."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import LABELS

from classifier.errors import DataError
from training.config import DataConfig
from training.evaluate import main
from training.labelled_files import load, load_second

HEADER = "labels,suggested,why,value,id,text,again"
ROWS = (
    "diplomacy,,,,1,talks in the,diplomacy|military",
    "none,,,,2,troops of a minister,none",
    ",,,,3,flood river,",  # nobody looked
    "military,,,,4,truce talks,none",
)


@pytest.fixture(autouse=True)
def _in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def sheet(*rows: str) -> str:
    Path("sheet.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return "sheet.csv"


def topics(path: str, field: str) -> list[list[set[int]]]:
    """Of the first labeller and of the second."""
    config = DataConfig(train=path, labels=LABELS)
    split = load("test", path, config)
    second = load_second(split, field, config)
    assert [labelled.story for labelled in second.stories] == [labelled.story for labelled in split.stories]
    return [[set(labelled.topics) for labelled in one.stories] for one in (split, second)]


def test_a_filled_sheet_is_compared_with_its_second_column() -> None:
    first, second = topics(sheet(*ROWS), "again")
    assert first == [{0}, set(), {1}]
    assert second == [{0, 1}, set(), set()]


def test_the_ceiling_of_a_sheet_is_below_one(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = sheet(*ROWS)
    command = ["--model", str(tiny_model), "--data", path, "--device", "cpu", "--samples", "100", "--second-labels"]
    assert main([*command, "again"]) == 0
    assert "labellers agree at macro-F1 0.500 (against the labels in 'again')" in capsys.readouterr().out
    assert main([*command, "agin"]) == 1
    message = "no field 'agin'. Found: labels, suggested, why, value, id, text, again. Name it with --second-labels."
    assert message in capsys.readouterr().err


def test_what_a_second_labeller_left_out_or_misspelt_is_named() -> None:
    path = sheet(*ROWS, "military,,,,5,the river said,", "military,,,,6,talks,militry")
    with pytest.raises(DataError) as caught:
        topics(path, "again")
    assert "sheet.csv: 2 problems" in str(caught.value)
    assert "5: no label in 'again', as if nobody had looked. Fill it, or delete the row." in str(caught.value)
    assert "6: unknown label 'militry'. Did you mean 'military'?" in str(caught.value)


def test_in_other_files_an_empty_second_cell_is_none_of_the_topics() -> None:
    Path("plain.csv").write_text("text,labels,again\nTalks.,diplomacy,\nTroops.,,military\n", encoding="utf-8")
    assert topics("plain.csv", "again") == [[{0}, set()], [set(), {1}]]
    Path("plain.jsonl").write_text(json.dumps({"text": "Talks.", "labels": []}) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"no field 'again'\. Found: text, labels\. Name it with --second-labels\."):
        topics("plain.jsonl", "again")
