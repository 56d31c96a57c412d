"""Whole trainings of a tiny model where classes exclude each other, and where there is one topic, yes or no."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_training import write_base, write_table
from transformers import AutoModelForSequenceClassification

from benchmarks import conflibert
from classifier import Classifier
from classifier.decide import softmax
from classifier.manifest import load_manifest
from training.train import main

CLASSES = {
    "multi_class": ("[other, talks, storm]", [(), ("talks",), ("storm",)]),
    "binary": ("[storm]", [("talks",), ("storm",)]),
}


def write_config(folder: Path, base: Path, kind: str) -> Path:
    labels, classes = CLASSES[kind]
    for role, count, seed in (("train", 400, 1), ("test", 80, 3)):
        write_table(folder / f"{role}.tsv", count, seed, classes)
    path = folder / "tiny.yaml"
    path.write_text(
        f"""
name: tiny
output_dir: {folder}/run
data: {{train: {folder}/train.tsv, validation_share: 0.2, test: {folder}/test.tsv, problem_type: {kind},
       labels: {labels}, columns: [text, class], labels_field: class, labels_as: numbers, drop_duplicates: false}}
model: {{base: some/base, base_dir: {base}, base_licence: MIT, max_length: 32, stride: 8}}
training: {{num_epochs: 8, batch_size: 16, learning_rate: 2.0e-3, precision: fp32, device: cpu, label_smoothing: 0.05,
           layer_decay: 0.9}}
"""
    )
    return path


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def classes(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model of three classes."""
    folder = tmp_path_factory.mktemp("classes")
    assert main([str(write_config(folder, base, "multi_class")), "seeds=2"]) == 0
    return folder / "run" / "model"


@pytest.fixture(scope="module")
def yes_or_no(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model of one topic."""
    folder = tmp_path_factory.mktemp("binary")
    assert main([str(write_config(folder, base, "binary"))]) == 0
    return folder / "run" / "model"


def test_every_story_gets_exactly_one_class_and_scores_that_add_up_to_one(classes: Path) -> None:
    classifier = Classifier.load(classes)
    texts = ["the envoy of the new city said talks", "flood in the city people storm", "new house in the city"]
    predictions = classifier.classify_many(texts)
    assert [prediction.topics for prediction in predictions] == [("talks",), ("storm",), ("other",)]
    for prediction in predictions:
        assert sum(prediction.scores.values()) == pytest.approx(1.0)
        assert max(prediction.scores, key=lambda label: prediction.scores[label]) == prediction.topic
    assert classifier.predict(texts).sum(axis=1).tolist() == [1, 1, 1]


def test_the_scores_of_classes_are_those_of_transformers_at_the_temperature(classes: Path) -> None:
    model = AutoModelForSequenceClassification.from_pretrained(classes, dtype=torch.float32).eval()
    assert model.config.problem_type == "single_label_classification"
    classifier = Classifier.load(classes, engine="torch", device="cpu")
    text = "storm in the new city"
    ids = classifier.tokenizer.windows([text])[0].input_ids
    with torch.inference_mode():
        logits = model(input_ids=torch.tensor(ids)).logits.numpy()
    expected = softmax(logits.astype(np.float64) / classifier.manifest.decision.temperature)
    assert classifier.predict_proba([text]) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [
        ("classes", "multi_class", "3 topics (other, talks, storm): exactly one."),
        ("yes_or_no", "binary", "the topic storm: yes or no."),
    ],
)
def test_manifest_metrics_and_card_know_the_problem_type(
    request: pytest.FixtureRequest, name: str, kind: str, says: str
) -> None:
    folder = request.getfixturevalue(name)
    contents = load_manifest(folder).contents
    assert contents["problem_type"] == contents["config"]["data"]["problem_type"] == kind
    assert contents["metrics"]["test"]["macro_f1"] > 0.9
    assert contents["metrics"]["test"]["stories"] == 80
    figure = contents["review"]["over_all_topics"]["accuracy" if kind == "multi_class" else "precision"]
    assert 0 <= figure["right"] <= figure["of"] <= 82
    data = contents["training_data"]
    assert data["train"]["stories"] + data["validation"]["stories"] == 400
    assert data["validation"]["stories"] == pytest.approx(80, abs=2)  # a fifth of every class, rounded
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert f"Labels news stories with {says}" in card
    assert "## Review" in card


def test_manifest_and_card_know_the_seeds(classes: Path, yes_or_no: Path) -> None:
    found = load_manifest(classes).contents["seeds"]
    values = found["validation_macro_f1"]
    assert set(values) == {"13", "14"}
    assert found["kept"] == f"seed {max(values, key=lambda seed: values[seed])}"
    assert found["mean"] == pytest.approx(np.mean(list(values.values())), abs=1e-5)
    assert found["standard_deviation"] == pytest.approx(np.std(list(values.values()), ddof=1), abs=1e-5)
    assert "Trained with 2 seeds" in (classes / "README.md").read_text(encoding="utf-8")
    assert "Trained with" not in (yes_or_no / "README.md").read_text(encoding="utf-8")
    assert not (classes.parent / "seeds").exists()
    assert not (classes.parent / "checkpoints").exists()


def test_one_topic_is_given_or_not(yes_or_no: Path) -> None:
    classifier = Classifier.load(yes_or_no)
    assert classifier.labels == ("storm",)
    assert classifier.classify("flood in the city people storm").topics == ("storm",)
    assert classifier.classify("the envoy of the new city said talks").topics == ()


def test_the_benchmark_trains_measures_and_reads_its_runs_again(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path, base, "multi_class")
    config.rename(tmp_path / "cameo_class.yaml")
    seen = (tmp_path / "train.tsv").read_text().splitlines()[:2]
    with (tmp_path / "test.tsv").open("a", encoding="utf-8") as file:
        file.writelines(f"{line.upper()}\n" for line in seen)
    monkeypatch.setattr(conflibert, "CONFIGS", tmp_path)
    results = tmp_path / "results.json"
    command = ["--tasks", "cameo_class", "--seeds", "2", "--results", str(results), "--set", "training.num_epochs=3"]
    assert conflibert.main(command) == 0
    first, printed = json.loads(results.read_bytes()), capsys.readouterr().out
    assert [(run["seed"], run["stories"], run["seen"]) for run in first["cameo_class"]] == [(13, 82, 2), (14, 82, 2)]
    assert "cameo_class, seed 14" in printed
    assert "cameo_class" in printed.splitlines()[-2]
    assert conflibert.main(command) == 0
    assert "epoch" not in capsys.readouterr().out
    assert json.loads(results.read_bytes()) == first
    assert conflibert.main([*command, "--set", "training.num_epochs=4"]) == 1
    assert "training.num_epochs: was 3, is 4" in capsys.readouterr().err
