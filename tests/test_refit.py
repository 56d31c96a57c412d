"""The decision rule of a finished folder is fitted anew on other stories; the weights stay."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest
from conftest import LABELS, WORDS

from classifier import Classifier
from classifier.manifest import load_manifest
from training.export import write_manifest
from training.refit import main


@pytest.fixture
def model(tiny_model: Path, tmp_path: Path) -> Path:
    """The tiny model, with what its card says."""
    folder = shutil.copytree(tiny_model, tmp_path / "old")
    manifest = load_manifest(folder)
    parity = {"stories": 1, "agreement": 1.0, "largest_difference": 0.0, "mean_difference": 0.0}
    trained_on = {
        "train": {"name": "a", "stories": 1, "dropped": {}},
        "unlabelled": {"name": "c", "stories": 1, "dropped": {}},
        "test": {"name": "b", "stories": 1},
    }
    contents = {**manifest.contents, "parity": parity, "training_data": trained_on, "metrics": {"test": {}}}
    contents["scripts"] = ["Latin"]
    write_manifest(folder, manifest.decision, contents)
    return folder


@pytest.fixture
def data(model: Path, tmp_path: Path) -> Path:
    """Random stories whose labels are what the model thinks likelier than on average."""
    rng = random.Random(0)
    texts = [" ".join(rng.choices(WORDS, k=rng.randint(3, 40))) for _ in range(80)]
    scores = Classifier.load(model, engine="openvino").predict_proba(texts)
    above = scores > scores.mean(axis=0)
    path = tmp_path / "stories.jsonl"
    records = [
        {"text": text, "labels": [label for label, given in zip(LABELS, row, strict=True) if given]}
        for text, row in zip(texts, above.tolist(), strict=True)
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def test_the_new_folder_has_another_rule_and_the_same_weights(
    model: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new"
    assert main(["--model", str(model), "--data", str(data), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "of validation flagged; with 90% confidence" in said
    assert f"model folder: {out}" in said
    old, new = load_manifest(model), load_manifest(out)
    new.verify(new.files)
    weights = ("model.safetensors", "openvino_model.bin", "tokenizer.json")
    assert [new.files[name] for name in weights] == [old.files[name] for name in weights]
    assert new.id != old.id
    assert new.contents["metrics"]["validation"]["macro_f1"] > 0.8
    assert list(new.contents["metrics"]) == ["validation"]
    assert new.scripts == ("Latin",)
    assert list(new.contents["training_data"]) == ["train", "unlabelled", "validation"]
    assert new.contents["training_data"]["validation"]["name"] == "stories.jsonl"
    assert set(new.contents["review"]["by_topic"]) == set(LABELS)
    assert "## Review" in (out / "README.md").read_text(encoding="utf-8")
    assert Classifier.load(out).classify("talks of the river").model == new.id
    assert not out.with_name("new.part").exists()


def test_one_threshold_for_all_topics_holds_for_what_is_fitted_later(model: Path, data: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert main(["--model", str(model), "--data", str(data), "--out", str(first), "--threshold", "0.4"]) == 0
    assert main(["--model", str(first), "--data", str(data), "--out", str(second)]) == 0
    for folder in (first, second):
        assert load_manifest(folder).decision.thresholds.tolist() == [0.4] * len(LABELS)
        assert load_manifest(folder).contents["config"]["decision"]["threshold"] == 0.4
    third = tmp_path / "third"
    assert main(["--model", str(second), "--data", str(data), "--out", str(third), "--threshold", "best"]) == 0
    assert load_manifest(third).decision.thresholds.tolist() != [0.4] * len(LABELS)
    assert load_manifest(third).contents["config"]["decision"]["threshold"] is None


def test_target_and_confidence_are_those_of_the_model_unless_they_are_named(
    model: Path, data: Path, tmp_path: Path
) -> None:
    manifest = load_manifest(model)
    config = {"decision": {"review_target": 0.9, "review_confidence": 0.8}}
    write_manifest(model, manifest.decision, {**manifest.contents, "config": config})
    old, aims = model, []
    for number, options in enumerate([[], ["--target", "0.85"], []]):  # each of the folder before
        out = tmp_path / f"new-{number}"
        assert main(["--model", str(old), "--data", str(data), "--out", str(out), *options]) == 0
        record = load_manifest(out).contents["review"]
        aims.append((record["target"], record["confidence"]))
        old = out
    assert aims == [(0.9, 0.8), (0.85, 0.8), (0.85, 0.8)]


def test_what_stands_against_it_is_said(
    model: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--model", str(model), "--data", str(data), "--out"]
    assert main([*command, str(model)]) == 1
    assert "old: exists. Name a new folder." in capsys.readouterr().err
    data.write_text('{"text": "talks", "labels": ["flod"]}\n')
    assert main([*command, str(tmp_path / "new")]) == 1
    assert "unknown label 'flod'" in capsys.readouterr().err
    data.write_text('{"text": "", "labels": []}\n')
    assert main([*command, str(tmp_path / "new")]) == 1
    assert "no story to fit on" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_labels_may_stand_in_columns_of_a_table_without_a_header(
    model: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stories = [json.loads(line) for line in data.read_text(encoding="utf-8").splitlines()]
    table = tmp_path / "stories.tsv"
    rows = [[story["text"], *(str(int(label in story["labels"])) for label in LABELS)] for story in stories]
    table.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    columns = ["--labels-as", "columns", "--columns", ", ".join(["body", *LABELS]), "--text-field", "body"]
    rules = []
    for number, (path, options) in enumerate([(data, []), (table, columns)]):
        out = tmp_path / f"new-{number}"
        assert main(["--model", str(model), "--data", str(path), "--out", str(out), *options]) == 0
        rules.append(load_manifest(out).decision)
    assert [rule.thresholds.tolist() for rule in rules] == [rules[0].thresholds.tolist()] * 2
    assert "warning" not in capsys.readouterr().out


def test_labels_that_are_not_found_are_told_with_the_options_of_refit(
    model: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--model", str(model), "--data", str(data), "--out", str(tmp_path / "new")]
    data.write_text('{"text": "talks", "topics": ["military"]}\n', encoding="utf-8")
    assert main(command) == 1
    message = "stories.jsonl:1: no field 'labels'. Found: text, topics. Name it with --labels-field."
    assert message in capsys.readouterr().err
    assert main([*command, "--labels-field", "topics"]) == 0
    printed = capsys.readouterr().out
    assert "warning: every validation story has the topic military: its calibration is not fitted" in printed
    assert "warning: no validation story has the topic diplomacy: nothing is fitted for it" in printed


@pytest.mark.parametrize("share", ["0.5", "1", "95", "nan", "high"])
def test_a_target_is_a_share(share: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--data", "a.jsonl", "--out", "b", "--target", share])
    assert f"{share}: expected a share above 0.5 and below 1, such as 0.9" in capsys.readouterr().err


def test_several_files_and_what_readers_said_of_them(model: Path, data: Path, tmp_path: Path) -> None:
    lines = data.read_text(encoding="utf-8").splitlines(keepends=True)
    records = [{"id": str(number), "text": json.loads(line)["text"]} for number, line in enumerate(lines[40:])]
    (tmp_path / "more.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    data.write_text("".join(lines[:40]), encoding="utf-8")
    given = [[int(label in json.loads(line)["labels"]) for label in LABELS] for line in lines[40:]]
    readings = tmp_path / "readings.csv"
    rows = [",".join(map(str, [number, *row])) for number, row in enumerate(given)]
    readings.write_text("\n".join([",".join(["id", *LABELS]), *rows, ""]), encoding="utf-8")
    out = tmp_path / "new"
    files = [str(data), str(tmp_path / "more.jsonl")]
    shutil.copyfile(data, tmp_path / "test.jsonl")
    test = ["--test", str(tmp_path / "test.jsonl")]
    command = ["--model", str(model), "--data", *files, "--readings", str(readings), *test]
    assert main([*command, "--out", str(out)]) == 0
    contents = load_manifest(out).contents
    fitted_on = contents["training_data"]["validation"]
    assert (fitted_on["name"], fitted_on["stories"]) == ("stories.jsonl + more.jsonl", 80)
    assert contents["metrics"]["test"]["stories"] == 40


def test_a_folder_that_cannot_be_written_is_said_before_the_scoring_and_after_it(
    model: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--model", "none", "--data", str(data), "--out", f"{data}/new"]) == 1
    assert capsys.readouterr().err == (
        f"error: {data}/new: cannot be written (Not a directory). Name another folder.\n"
    )
    out = tmp_path / "new"

    def full(source: Path, target: Path) -> None:
        target.mkdir()
        raise shutil.Error([(str(source), str(target), "[Errno 28] No space left on device")])

    monkeypatch.setattr(shutil, "copytree", full)
    assert main(["--model", str(model), "--data", str(data), "--out", str(out)]) == 1
    assert f"error: {out}: cannot be written ([Errno 28] No space left on device). Make room" in capsys.readouterr().err
    assert not out.with_name("new.part").exists()


def test_nothing_is_left_of_a_folder_that_was_interrupted(
    model: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "new"

    def stop(source: Path, target: Path) -> None:
        target.mkdir()
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "copytree", stop)
    assert main(["--model", str(model), "--data", str(data), "--out", str(out)]) == 130
    assert not out.with_name("new.part").exists()
