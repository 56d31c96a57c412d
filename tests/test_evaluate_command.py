"""`python -m training.evaluate` over a tiny model: text, report folder, comparison, errors."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifier import Classifier, Story
from training.evaluate import main

TEXTS = ("talks in the", "troops of a minister", "flood river", "truce talks", "the river said", "a minister of troops")
DATES = ("2024-05-01", "12 March 2025", None)


def write(path: Path, records: Sequence[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return str(path)


def records(model: Path, count: int = 60) -> list[dict[str, Any]]:
    """Stories whose labels are what the model says, but for every fourth, which has none; the last two have no text."""
    classifier = Classifier.load(model, device="cpu")
    found: list[dict[str, Any]] = []
    for number in range(count):
        text = f"{TEXTS[number % 6]} {TEXTS[number % 5]} {number}"
        title = "the minister said" if number % 3 else ""
        story = Story(text=text if number % 5 else "", title=title or "talks")
        labels = [] if number % 4 == 0 else list(classifier.classify(story).topics)
        found.append(
            {
                "id": f"s{number}",
                "title": story.title,
                "text": story.text,
                "labels": labels,
                "primary": labels[0] if labels else None,
                "source": "wire" if number % 2 else "blog",
                "date": DATES[number % 3],
            }
        )
    return [*found, {"text": " ", "labels": []}, {"text": "", "title": "", "labels": []}]


@pytest.fixture
def data(tiny_model: Path, tmp_path: Path) -> str:
    return write(tmp_path / "stories.jsonl", records(tiny_model))


def run(model: Path, data: str, *more: str) -> int:
    return main(["--model", str(model), "--data", data, "--device", "cpu", "--samples", "100", *more])


def test_the_command_prints_figures_slices_and_what_was_left_out(
    tiny_model: Path, data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tiny_model, data, "--ceiling", "0.97", "--min-slice", "10") == 0
    text = capsys.readouterr().out
    assert "stories.jsonl: 60 stories (2 left out: empty)" in text
    assert "labellers agree at macro-F1 0.970 (stated with --ceiling)" in text
    for group in ("source", "year", "parts"):
        assert f"worst by {group}: " in text
    assert "of the stories are flagged" in text


def test_the_report_folder_has_markdown_plots_json_and_mistakes(tiny_model: Path, data: str, tmp_path: Path) -> None:
    out = tmp_path / "report"
    assert run(tiny_model, data, "--out", str(out), "--min-slice", "10") == 0
    plots = {"f1.png", "precision_recall.png", "reliability.png", "scores.png", "confusion.png"}
    assert {path.name for path in out.iterdir()} == {*plots, "report.md", "report.json", "mistakes.csv"}
    assert all((out / plot).read_bytes().startswith(b"\x89PNG") for plot in plots)
    text, contents = (out / "report.md").read_text(encoding="utf-8"), json.loads((out / "report.json").read_bytes())
    assert all(f"({plot})" in text for plot in plots)
    assert contents["data"]["stories"] == contents["overall"]["stories"] == 60
    assert set(contents["slices"]) == {"source", "year", "length in tokens", "parts"}
    assert set(contents["slices"]["year"]) == {"2024", "2025", "(not known)"}
    assert sum(part["stories"] for part in contents["slices"]["source"].values()) == 60
    with (out / "mistakes.csv").open(encoding="utf-8-sig", newline="") as file:
        mistakes = list(csv.DictReader(file))
    assert 0 < len(mistakes) == 60 - round(60 * contents["overall"]["exact_match"])
    assert all(row["missed"] or row["wrongly given"] for row in mistakes)
    assert (out / "mistakes.csv").read_bytes().startswith(b"\xef\xbb\xbfid,")  # else Excel shows é as Ã©


def test_the_figures_are_those_of_the_classifier(tiny_model: Path, data: str, tmp_path: Path) -> None:
    assert run(tiny_model, data, "--out", str(tmp_path / "report")) == 0
    contents = json.loads((tmp_path / "report/report.json").read_bytes())
    found = [json.loads(line) for line in Path(data).read_text(encoding="utf-8").splitlines()][:60]
    classifier = Classifier.load(tiny_model, device="cpu")
    predictions = classifier.classify_many(Story(text=row["text"], title=row["title"]) for row in found)
    right = [set(p.topics) == set(row["labels"]) for p, row in zip(predictions, found, strict=True)]
    assert contents["overall"]["exact_match"] == pytest.approx(np.mean(right))
    named = [p.topic == row["primary"] for p, row in zip(predictions, found, strict=True) if row["primary"]]
    assert contents["overall"]["primary_accuracy"] == pytest.approx(np.mean(named))
    flagged = [p.review for p in predictions]
    assert contents["review"]["share"] == pytest.approx(np.mean(flagged))
    sure = [answer for answer, review in zip(right, flagged, strict=True) if not review]
    assert contents["review"]["unflagged"]["exact_match"] == pytest.approx(np.mean(sure))


@pytest.fixture
def other_model(tiny_model: Path, tmp_path: Path) -> Path:
    """The tiny model with thresholds of 0.9: it gives fewer topics."""
    folder = tmp_path / "other"
    shutil.copytree(tiny_model, folder)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest |= {"name": "strict", "thresholds": [0.9] * 4, "review_band": [[0.88, 0.92]] * 4}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def test_a_comparison_has_a_verdict_and_a_sheet_of_the_changed_stories(
    tiny_model: Path, other_model: Path, data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report"
    assert run(tiny_model, data, "--compare", str(other_model), "--out", str(out)) == 0
    contents = json.loads((out / "report.json").read_bytes())["comparison"]
    text = capsys.readouterr().out
    assert f"{contents['verdict'].upper()}\n" in text
    assert "(new) against strict@" in text
    assert "## Comparison" in (out / "report.md").read_text(encoding="utf-8")
    with (out / "changes.csv").open(encoding="utf-8-sig", newline="") as file:
        changes = list(csv.DictReader(file))
    assert 0 < len(changes) == contents["changed"]
    assert all(row["old"] != row["new"] and " -> " in row["change"] for row in changes)
    assert run(tiny_model, data, "--out", str(out)) == 0
    assert not (out / "changes.csv").exists()  # of an earlier report


def test_a_model_is_not_better_than_itself(tiny_model: Path, data: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tiny_model, data, "--compare", str(tiny_model)) == 0
    text = capsys.readouterr().out
    assert "NO DIFFERENCE BEYOND NOISE" in text
    assert "0 of 60 stories have other topics." in text


def test_models_with_other_labels_are_not_compared(
    tiny_model: Path, other_model: Path, data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("manifest.json", "config.json"):
        path = other_model / name
        path.write_text(path.read_text(encoding="utf-8").replace("disaster", "sports"), encoding="utf-8")
    manifest = json.loads((other_model / "manifest.json").read_bytes())
    from classifier.manifest import sha256

    manifest["files"]["config.json"] = sha256(other_model / "config.json")
    (other_model / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert run(tiny_model, data, "--compare", str(other_model)) == 1
    assert "--compare: the models have different labels: tiny@" in capsys.readouterr().err


def test_a_model_that_gives_exactly_one_topic_is_measured(
    other_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = json.loads((other_model / "manifest.json").read_bytes()) | {"problem_type": "multi_class"}
    (other_model / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    rows = [{"text": f"{TEXTS[number % 6]} {number}", "labels": number % 4} for number in range(40)]
    data = write(tmp_path / "a.jsonl", rows)
    assert run(other_model, data, "--labels-as", "numbers", "--out", str(tmp_path / "report")) == 0
    assert "40 stories" in capsys.readouterr().out
    overall = json.loads((tmp_path / "report/report.json").read_bytes())["overall"]
    assert overall["micro_precision"] == overall["micro_recall"] == overall["exact_match"]  # one given, one true


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--labels-as", "numbers"], "error: --labels-as numbers: the model gives several topics."),
        (["--labels-as", "columns", "--second-labels", "x"], "error: --second-labels names one column"),
        (["--slice", "sorce"], "error: --slice sorce: no story has a 'sorce'. Did you mean 'source'? Found: id, "),
        (["--date-field", "day"], "error: --date-field day: no story has a 'day'. Found: id, "),
    ],
)
def test_what_cannot_stand_there_is_refused(
    tiny_model: Path, data: str, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    assert run(tiny_model, data, *options) == 1
    assert message in capsys.readouterr().err


def test_second_labels_give_the_ceiling(tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{**row, "again": row["labels"]} for row in records(tiny_model)]
    assert run(tiny_model, write(tmp_path / "a.jsonl", rows), "--second-labels", "again") == 0
    text = capsys.readouterr().out
    assert "labellers agree at macro-F1 1.000 (against the labels in 'again')" in text


def test_stories_that_a_model_was_fitted_on_are_named(
    tiny_model: Path, other_model: Path, data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tiny_model, data, "--out", str(tmp_path / "report")) == 0
    assert "note:" not in capsys.readouterr().out
    digest = json.loads((tmp_path / "report/report.json").read_bytes())["data"]["sha256"]
    manifest = json.loads((other_model / "manifest.json").read_bytes())
    manifest["training_data"] = {"train": {"sha256": digest}}
    (other_model / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert run(other_model, data) == 0
    assert "note: the model was trained on these stories" in capsys.readouterr().out


def test_a_story_that_cannot_be_scored_is_counted(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("classifier.scorable.LONGEST_TEXT", 100)
    rows = [*records(tiny_model), {"text": "talks " * 30, "labels": []}]
    assert run(tiny_model, write(tmp_path / "a.jsonl", rows)) == 0
    assert "60 stories (2 left out: empty, 1 left out: cannot be scored)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--ceiling", "96"], "expected an F1 above 0, up to 1, such as 0.96 or sports=0.96, got '96'"),
        (["--ceiling", "0.9", "--second-labels", "x"], "not allowed with argument"),
        (["--samples", "10"], "expected a whole number of at least 100, got '10'"),
    ],
)
def test_a_wrong_command_line_is_refused(
    tiny_model: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--model", str(tiny_model), "--data", "x.jsonl", *options])
    assert message in capsys.readouterr().err


def test_messages_name_options_of_this_command(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (write(tmp_path / "a.jsonl", [{"text": "x", "labels": []}]), str(tmp_path / "a.csv")):
        Path(tmp_path / "a.csv").write_text("text,labels\nx,\n", encoding="utf-8")
        assert run(tiny_model, path, "--text-field", "body") == 1
        assert ":1: no field 'body'. Found: text, labels. Name it with --text-field." in capsys.readouterr().err


def test_a_report_that_cannot_be_written_is_told(
    tiny_model: Path, data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tiny_model, data, "--out", data) == 1
    assert "stories.jsonl: cannot be written (File exists)" in capsys.readouterr().err
