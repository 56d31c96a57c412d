"""The sheet of flagged stories: which rows, in which order, and what a person's answers become."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import LABELS, decision

from classifier.errors import ClassifierError, DataError, InputError
from classifier.manifest import Manifest
from classifier.predict import main
from classifier.review import MARKS, write_review
from classifier.tally import tally_output
from training.config import DataConfig
from training.data import load_split, load_splits

BAND = {"review_low": np.full(4, 0.2), "review_high": np.full(4, 0.8), "thresholds": np.full(4, 0.5)}
MANIFEST = Manifest(Path("nowhere"), "counting@0", decision(**BAND), 32, 4, 0, {}, {})


@pytest.fixture(autouse=True)
def _in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def row(number: int, *scores: float, **changes: Any) -> dict[str, Any]:
    """A row of an output file, as decided by MANIFEST."""
    topics = [label for label, score in zip(LABELS, scores, strict=True) if score >= 0.5]
    row = {"id": number, "title": f"Title {number}", "text": f"Text {number},\nsecond line", "topics": topics}
    row |= {"scores": dict(zip(LABELS, scores, strict=True)), "review": any(0.2 <= score < 0.8 for score in scores)}
    return {**row, "model": "counting@0", "error": None, **changes}


def write_output(*rows: dict[str, Any], name: str = "out.jsonl") -> str:
    Path(name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return name


def read_sheet(name: str = "sheet.csv") -> list[dict[str, str]]:
    with open(name, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


SURE = [row(100 + number, 0.95, 0.01, 0.01, 0.01) for number in range(9)]  # nine stories of diplomacy


def test_flagged_rows_alone_are_in_the_sheet_with_all_that_a_person_needs() -> None:
    said = write_review(write_output(*SURE, row(1, 0.9, 0.55, 0.1, 0.3)), "sheet.csv", MANIFEST)
    [found] = read_sheet()
    assert list(found) == [*MARKS, *(f"score_{label}" for label in LABELS), "id", "title", "text"]
    assert (found["labels"], found["suggested"]) == ("", "diplomacy|military")
    assert found["why"] == "military 0.55 in 0.20 to 0.80; ceasefire 0.30 in 0.20 to 0.80"
    assert (found["id"], found["title"], found["text"]) == ("1", "Title 1", "Text 1,\nsecond line")
    assert (found["score_disaster"], found["value"]) == ("0.1", "1.0")
    assert said == "sheet.csv: 1 flagged story. Fill 'labels' (topics joined by '|', or none)."


def test_the_unsure_and_the_rare_come_first() -> None:
    rows = [row(1, 0.7, 0, 0, 0), row(2, 0.51, 0, 0, 0), row(3, 0, 0, 0.7, 0), row(4, 0.51, 0, 0, 0)]
    write_review(write_output(*SURE, *rows), "sheet.csv", MANIFEST)
    found = read_sheet()
    assert [row["id"] for row in found] == ["3", "2", "4", "1"]  # disaster is rare; of equal ones the earlier
    values = [float(row["value"]) for row in found]
    assert values[0] == 1.0
    assert values == sorted(values, reverse=True)


def test_only_the_most_valuable_rows_are_kept() -> None:
    rows = [row(number, 0, 0.21 + number / 1000, 0, 0) for number in range(200)]
    said = write_review(write_output(*rows), "sheet.csv", MANIFEST, most=3)
    assert [row["id"] for row in read_sheet()] == ["199", "198", "197"]
    assert "200 flagged stories, the first 3 by value" in said


def test_a_score_that_was_rounded_out_of_its_band_still_has_a_reason() -> None:
    write_review(write_output(row(1, 0.8, 0, 0, 0.1, review=True)), "sheet.csv", MANIFEST)
    assert read_sheet()[0]["why"] == "diplomacy 0.80 in 0.20 to 0.80"


def test_a_story_in_another_script_says_so_and_comes_last() -> None:
    manifest, said = replace(MANIFEST, scripts=("Latin",)), "most of it is not in the Latin script"
    arabic = {"title": "محادثات", "text": "بدأت المحادثات في جنيف", "review": True}
    rows = [row(1, 0.01, 0.02, 0, 0, **arabic), row(2, 0, 0.3, 0, 0, **arabic), row(3, 0.79, 0, 0, 0)]
    write_review(write_output(*SURE, *rows), "sheet.csv", manifest)
    found = {row["id"]: (row["why"], float(row["value"])) for row in read_sheet()}
    assert list(found) == ["3", "1", "2"]
    assert found["3"] == ("diplomacy 0.79 in 0.20 to 0.80", 1.0)
    assert found["1"] == found["2"] == (said, 0.0)


def test_a_sure_class_in_another_script_is_not_said_to_be_in_doubt() -> None:
    rule = decision(**BAND | {"problem_type": "multi_class"})
    rows = [row(1, 0.97, 0.01, 0.01, 0.01, text="Переговоры", title="", review=True), row(2, 0.7, 0.1, 0.1, 0.1)]
    write_review(write_output(*rows), "sheet.csv", replace(MANIFEST, decision=rule, scripts=("Latin",)))
    assert [row["why"] for row in read_sheet()] == [
        "diplomacy 0.70 in 0.20 to 0.80",
        "most of it is not in the Latin script",
    ]


def test_records_with_an_error_are_passed_over() -> None:
    failed = row(1, 0.5, 0, 0, 0, scores={}, topics=[], review=False, error="empty text, nothing to label.")
    assert "0 flagged stories" in write_review(write_output(failed), "sheet.csv", MANIFEST)
    assert read_sheet() == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "other@1"}, r"out\.jsonl:1: labelled by other@1, the model here is counting@0"),
        ({"scores": {"diplomacy": 0.5}}, r"out\.jsonl:1: no readable scores of diplomacy, military"),
    ],
)
def test_an_output_that_does_not_fit_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        write_review(write_output(row(1, 0.5, 0, 0, 0, **changes)), "sheet.csv", MANIFEST)


def test_scores_that_a_spreadsheet_saved_with_decimal_commas_are_read() -> None:
    scores = {"diplomacy": "0,55", "military": "0", "disaster": "0,01", "ceasefire": "1,0"}
    write_review(write_output(row(1, 0, 0, 0, 0, scores=scores, review=True)), "sheet.csv", MANIFEST)
    [found] = read_sheet()
    assert found["why"] == "diplomacy 0.55 in 0.20 to 0.80"


def test_other_files_are_refused() -> None:
    with pytest.raises(InputError, match="no columns 'topics' and 'model'"):
        write_review(write_output({"id": 1, "text": "talks"}), "sheet.csv", MANIFEST)
    with pytest.raises(InputError, match=r"page\.txt: not an output file"):
        write_review("page.txt", "sheet.csv", MANIFEST)
    labelled = row(1, 0.5, 0, 0, 0)
    body = {"body": labelled.pop("text"), **{name: value for name, value in labelled.items() if name != "title"}}
    with pytest.raises(InputError, match=r"no column 'text'\. Name it with --text-field"):
        write_review(write_output(body), "sheet.csv", MANIFEST)


def test_a_sheet_that_may_hold_work_is_not_overwritten() -> None:
    Path("sheet.csv").write_text("labels\nmilitary\n")
    with pytest.raises(InputError, match=r"sheet\.csv: exists, and may hold a person's work"):
        write_review("out.jsonl", "sheet.csv", MANIFEST)
    with pytest.raises(InputError, match=r"Name a file that ends in \.csv"):
        write_review("out.jsonl", "sheet.xlsx", MANIFEST)


# The command


@pytest.mark.parametrize("output", ["out.jsonl", "out.csv", "out.parquet", "out.csv.gz"])
def test_the_command_gives_the_same_sheet_from_every_format(
    command: Callable[..., tuple[int, str, str]], output: str
) -> None:
    words = ("talks", "troops", "flood", "truce", "river", "minister", "said")
    texts = [" ".join(words[(number * step) % 7] for step in range(1, 9)) for number in range(40)]
    Path("in.jsonl").write_text("".join(json.dumps({"body": text}) + "\n" for text in texts), encoding="utf-8")
    fields = ("--text-field", "body", "--prefix", "news_")
    for name in ("plain.jsonl", output):
        assert command("in.jsonl", "-o", name, "--quiet", *fields)[0] == 0
    assert command("--review-first", "plain.jsonl", "-o", "first.csv", "--quiet", *fields) == (0, "", "")
    code, out, err = command("--review-first", output, "-o", "sheet.csv", *fields)
    assert (code, out) == (0, "")
    assert "flagged stories. Fill 'labels'" in err
    assert read_sheet("first.csv") == read_sheet()
    flagged = [row for row in map(json.loads, Path("plain.jsonl").read_text().splitlines()) if row["news_review"]]
    assert {row["id"] for row in read_sheet()} == {row["id"] for row in flagged} != set()


@pytest.mark.parametrize("true", ["true", "True", "TRUE", "WAHR", "1"])
def test_flags_are_found_however_a_table_writes_them(true: str) -> None:
    """`True` is written by pandas, `TRUE` by Excel, `WAHR` by Excel in German, 1 by Stata."""
    scores = ",".join(f"score_{label}" for label in LABELS)
    rows = f"1,Troops moved,military,0.1,0.55,0.1,0.1,{true},counting@0,\n2,Talks,,0.9,0,0,0,False,counting@0,\n"
    Path("out.csv").write_text(f"id,text,topics,{scores},review,model,error\n{rows}", encoding="utf-8")
    assert "1 flagged story" in write_review("out.csv", "sheet.csv", MANIFEST)
    assert [row["id"] for row in read_sheet()] == ["1"]
    assert tally_output("out.csv").counts["review"] == 1


def test_a_spreadsheet_sees_that_a_sheet_is_utf_8() -> None:
    """Else Excel shows é as Ã©, and saves it so: another text than that of the story in the training data."""
    write_review(write_output(row(1, 0.5, 0, 0, 0, text="Café")), "sheet.csv", MANIFEST)
    assert Path("sheet.csv").read_bytes().startswith(b"\xef\xbb\xbflabels,")


@pytest.mark.parametrize("arguments", [[], ["-o", "s.csv", "more.jsonl"], ["-o", "s.csv", "--most", "0"]])
def test_a_command_without_a_sheet_or_with_more_to_read_is_wrong(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--review-first", "out.jsonl", *arguments])


# Back into training


def fill(answers: dict[str, str]) -> None:
    """What a person does to sheet.csv."""
    rows = read_sheet()
    for row in rows:
        row["labels"] = answers.get(row["id"], "")
    with open("sheet.csv", "w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


def write_training(*records: dict[str, Any], name: str = "train.jsonl") -> str:
    return write_output(*records, name=name)


@pytest.fixture
def sheet() -> str:
    write_review(write_output(*(row(number, 0.4, 0.6, 0, 0) for number in range(4))), "sheet.csv", MANIFEST)
    fill({"1": "diplomacy|military", "2": "none", "3": " ceasefire "})
    return "sheet.csv"


def config(**changes: Any) -> DataConfig:
    values = {"train": ["train.jsonl", "sheet.csv"], "validation": "train.jsonl", "labels": LABELS, "min_examples": 1}
    return DataConfig.model_validate(values | changes)


def test_filled_rows_are_training_stories_and_the_others_are_counted(sheet: str) -> None:
    split = load_split("train", sheet, config())
    topics = {labelled.story.title: {LABELS[topic] for topic in labelled.topics} for labelled in split.stories}
    assert topics == {"Title 1": {"diplomacy", "military"}, "Title 2": set(), "Title 3": {"ceasefire"}}
    assert split.stories[0].story.text == "Text 1,\nsecond line"
    assert split.dropped == {"not filled in": 1}


def test_a_sheet_goes_with_other_files_whatever_their_columns(sheet: str) -> None:
    own = {"body": "Envoys met in the capital.", "tags": ["diplomacy"]}
    fields = config(text_field="body", labels_field="tags")
    split = load_split("train", [write_training(own), sheet], fields)
    assert [labelled.story.text[:6] for labelled in split.stories] == ["Text 1", "Text 2", "Text 3", "Envoys"]
    assert split.origin == "train.jsonl + sheet.csv"
    assert split.sha256 != load_split("train", "train.jsonl", fields).sha256


def test_a_persons_answer_goes_before_the_label_of_a_copy(sheet: str) -> None:
    copies = [
        {"title": f"Title {number}", "text": f"Text {number},\nsecond line", "labels": list(LABELS)}
        for number in range(4)
    ]
    write_training(*copies)
    write_training({"text": "The river rose.", "labels": ["disaster"]}, name="validation.jsonl")
    train = load_splits(config(validation="validation.jsonl")).train
    found = {labelled.story.title: len(labelled.topics) for labelled in train.stories}
    assert found == {"Title 1": 2, "Title 2": 0, "Title 3": 1, "Title 0": 4}
    assert train.dropped == {"not filled in": 1, "answered in a review sheet": 3}
    as_published = load_splits(config(validation="validation.jsonl", drop_duplicates=False)).train
    assert {labelled.story.title: len(labelled.topics) for labelled in as_published.stories} == found


def test_a_label_that_a_person_misspelt_is_named_with_its_place(sheet: str) -> None:
    fill({"1": "militray"})
    with pytest.raises(DataError, match=r"unknown label 'militray'\. Did you mean 'military'\?"):
        load_split("train", sheet, config())
    fill({"1": "None", "2": "none|military"})
    with pytest.raises(DataError, match=r"'None'\. Did you mean 'none'\?(?s:.*)'none' stands alone, .* 'military'\."):
        load_split("train", sheet, config())


def test_a_table_without_the_marks_of_a_sheet_keeps_its_empty_labels() -> None:
    Path("plain.csv").write_text("text,labels\nNothing of note happened.,\n", encoding="utf-8")
    split = load_split("train", "plain.csv", config())
    assert [labelled.topics for labelled in split.stories] == [frozenset()]


def test_a_missing_file_of_several_is_named() -> None:
    with pytest.raises(ClassifierError, match=r"gone\.csv"):
        load_split("train", ["gone.csv"], config())
