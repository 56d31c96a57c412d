"""A whole training on a tiny model: config → folder → labels; interrupted, resumed, refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tiny_training import interrupt_in_epoch, write_base, write_config
from transformers import AutoModelForSequenceClassification, EvalPrediction

from classifier import Classifier, ClassifierError
from classifier.manifest import load_manifest
from training import trainer
from training.calibrate import WindowLogits
from training.train import main


@pytest.fixture(scope="module")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory, tiny_base: Path) -> Path:
    folder = tmp_path_factory.mktemp("data")
    return write_config(folder, tiny_base, stories={"train": 400, "validation": 60, "test": 60}, epochs=8)


@pytest.fixture(scope="module")
def trained(config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("trained")
    assert main([str(config), f"output_dir={output}"]) == 0
    return output / "model"


def test_the_folder_labels_stories_at_once(trained: Path) -> None:
    classifier = Classifier.load(trained)
    assert classifier.classify("the envoy of the new city said talks on monday").topics == ("talks",)
    assert classifier.classify("flood in the city people storm").topics == ("storm",)
    assert classifier.classify("new house in the market on monday").topics == ()
    assert not (trained.parent / "checkpoints").exists()


def test_the_folder_loads_in_transformers_with_the_same_logits(trained: Path) -> None:
    model = AutoModelForSequenceClassification.from_pretrained(trained, dtype=torch.float32).eval()
    assert model.config.id2label == {0: "talks", 1: "storm"}
    classifier = Classifier.load(trained, engine="torch", device="cpu")
    (windows,) = classifier.tokenizer.windows(["storm in the new city"])
    with torch.inference_mode():
        reference = model(input_ids=torch.tensor(windows.input_ids)).logits.numpy()
    assert classifier.window_logits(windows.input_ids) == pytest.approx(reference, abs=1e-5)


def test_the_manifest_says_where_the_model_comes_from(trained: Path) -> None:
    contents = load_manifest(trained).contents
    assert contents["base_model"] == {"name": "some/base", "licence": "MIT"}
    assert contents["training_data"]["train"]["stories"] == 400
    assert contents["scripts"] == ["Latin"]
    assert contents["parity"]["agreement"] >= 0.995
    assert contents["parity"]["largest_difference"] <= 0.03
    assert contents["metrics"]["test"]["macro_f1"] > 0.9
    assert set(contents["files"]) == {path.name for path in trained.iterdir()} - {"manifest.json"}
    assert str(trained.parent) not in json.dumps(contents)
    load_manifest(trained).verify(contents["files"])
    card = (trained / "README.md").read_text(encoding="utf-8")
    assert f"**{contents['metrics']['test']['macro_f1']:.3f}**" in card


def test_an_interrupted_run_goes_on_and_ends_with_the_same_metrics(
    config: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [str(config), f"output_dir={tmp_path}"]
    with monkeypatch.context() as patch:
        patch.setattr(trainer.Progress, "on_epoch_begin", interrupt_in_epoch(2))
        assert main(command) == 130
    assert "goes on from the last checkpoint" in capsys.readouterr().err
    assert main(command) == 0
    assert "going on from" in capsys.readouterr().out
    metrics = [load_manifest(folder).contents["metrics"] for folder in (trained, tmp_path / "model")]
    assert metrics[0] == metrics[1]


def test_a_run_that_is_stopped_within_an_epoch_goes_on_from_there(
    config: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [str(config), f"output_dir={tmp_path}"]  # 25 steps an epoch

    def stop_in_the_second_epoch(self: Any, args: Any, state: Any, control: Any, **_: Any) -> None:
        control.should_save = state.global_step == 40
        if state.global_step == 45:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(trainer.CheckpointBetweenEpochs, "on_step_end", stop_in_the_second_epoch)
        assert main(command) == 130
    capsys.readouterr()
    assert main(command) == 0
    assert "going on from" in (said := capsys.readouterr().out)
    assert "checkpoint-40\n" in said
    metrics = [load_manifest(folder).contents["metrics"] for folder in (trained, tmp_path / "model")]
    assert metrics[0] == metrics[1]
    weights = [load_file(folder / "model.safetensors") for folder in (trained, tmp_path / "model")]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_a_run_with_other_settings_or_a_finished_one_is_not_overwritten(
    config: Path, trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [str(config), f"output_dir={trained.parent}"]
    assert main(command) == 1
    assert "model: this run is finished. Start over with --restart." in capsys.readouterr().err
    assert main([*command, "training.num_epochs=9", "seed=1"]) == 1
    message = capsys.readouterr().err
    assert "holds a run with other settings, data or models: 2 problems" in message
    assert "config.training.num_epochs: was 8, is 9" in message
    assert "Start over with --restart" in message


def test_a_topic_model_starts_from_the_head_of_its_base(config: Path, trained: Path, tmp_path: Path) -> None:
    overrides = [f"output_dir={tmp_path}", f"model.base_dir={trained}", "training.learning_rate=1.0e-9"]
    assert main([str(config), *overrides, "training.num_epochs=1"]) == 0
    before, after = (load_manifest(folder).contents["metrics"]["test"] for folder in (trained, tmp_path / "model"))
    assert after["macro_f1"] == pytest.approx(before["macro_f1"], abs=0.02)


def test_a_folder_out_of_bounds_is_not_shipped(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("training.shipping.window_logits", _shaken)
    command = [str(config), f"output_dir={tmp_path}", "training.num_epochs=1", "model.largest_mib=0.08"]
    assert main(command) == 1
    message = capsys.readouterr().err
    assert "engines agree on" in message
    assert "MiB, model.largest_mib allows 0.08. The folder is left there to look at." in message
    assert not (tmp_path / "model").exists()
    assert (tmp_path / "model.part").is_dir()


def _shaken(classifier: Classifier, texts: Sequence[str], true: Any, rules: Any) -> WindowLogits:
    logits = np.random.default_rng(len(classifier.engine.name)).normal(0, 3, (len(texts), 2))
    return WindowLogits(logits, [1] * len(texts), true)


def test_late_evidence_leads_to_a_rule_that_looks_further(config: Path, trained: Path, tmp_path: Path) -> None:
    overrides = [f"output_dir={tmp_path}", f"model.base_dir={trained}", "training.learning_rate=1.0e-9"]
    late = ["training.num_epochs=1", "decision.pooling=[first, lead]", "decision.late_evidence=0.5"]
    assert main([str(config), *overrides, *late, "decision.threshold=0.4"]) == 0
    manifest = load_manifest(tmp_path / "model")
    assert manifest.decision.pooling == ("lead", "lead")
    assert manifest.decision.thresholds.tolist() == [0.4, 0.4]
    assert manifest.contents["late_margin"] == manifest.decision.late_margin.tolist()


def test_what_stands_against_a_run_is_said_before_it_starts(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(config), f"output_dir={tmp_path}", "model.base_dir=nowhere"]) == 1
    assert "model.base 'nowhere': cannot be loaded" in capsys.readouterr().err
    assert main([str(config), f"output_dir={tmp_path}/b", "model.max_length=128"]) == 1
    assert "model.max_length is 128, the base" in capsys.readouterr().err
    assert main([str(config), f"output_dir={tmp_path}/c", "model.largest_mib=0.05"]) == 1
    message = capsys.readouterr().err
    assert "model.largest_mib is 0.05, the 21,090 weights of" in message
    assert "make a folder of at least 0.1 MiB. Name a smaller base, keep fewer layers (model.keep_layers)" in message


def test_titles_are_dropped_anew_each_epoch_and_repeatably(config: Path, tiny_base: Path) -> None:
    from training.config import load_config
    from training.data import load_split
    from training.examples import Augmentation, StoryDataset
    from training.model import load_base, story_tokenizer

    settings = load_config(config)
    split = load_split("train", settings.data.train, settings.data)
    tokenizer = story_tokenizer(load_base(settings)[1], max_length=32, stride=8)
    dataset = StoryDataset(split, tokenizer, split.targets(2), Augmentation(title_dropout=0.5, seed=1))
    lengths = []
    for epoch in (0, 1, 0):
        dataset.set_epoch(epoch)
        lengths.append([len(dataset[index]["input_ids"]) for index in range(len(dataset))])
    assert lengths[0] == lengths[2] != lengths[1]


def test_the_figure_of_an_epoch_leaves_out_topics_that_validation_does_not_have() -> None:
    logits, none = np.array([[2.0, -2.0], [-2.0, -2.0]]), np.full((2, 2), -2.0)
    assert trainer._macro_f1(EvalPrediction(logits, logits > 0), "multi_label") == {"macro_f1": 1.0}
    assert trainer._macro_f1(EvalPrediction(none, none > 0), "multi_label") == {"macro_f1": 0.0}
    one = np.array([[1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]])  # a false alarm on the second, which no story has
    labels = (one > 0) & [True, False, True]
    assert trainer._macro_f1(EvalPrediction(one, labels), "multi_label") == {"macro_f1": 1.0}


def test_a_smaller_model_learns_from_a_teacher(config: Path, trained: Path, tmp_path: Path) -> None:
    small = [str(config), f"output_dir={tmp_path}", "model.keep_layers=[1]", "training.num_epochs=2"]
    assert main([*small, f"model.base_dir={trained}", f"training.teacher={trained}"]) == 0
    settings = json.loads((tmp_path / "model" / "config.json").read_bytes())
    assert settings["num_hidden_layers"] == 1
    assert load_manifest(tmp_path / "model").contents["config"]["model"]["keep_layers"] == [1]
    assert Classifier.load(tmp_path / "model").classify("storm flood").topics == ("storm",)


def test_layers_and_teachers_that_do_not_fit_are_refused(
    config: Path, tmp_path: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(config), f"output_dir={tmp_path}/a", "model.keep_layers=[0, 7]"]) == 1
    assert "model.keep_layers is [0, 7]" in capsys.readouterr().err
    assert main([str(config), f"output_dir={tmp_path}/b", f"training.teacher={tiny_model}"]) == 1
    assert "has the topics diplomacy, military, disaster, ceasefire" in capsys.readouterr().err


def test_a_model_folder_that_was_copied_still_works(trained: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(trained, tmp_path / "elsewhere")
    assert Classifier.load(copy).classify("storm flood").topics == ("storm",)
    (copy / "openvino_model.bin").write_bytes(b"")
    with pytest.raises(ClassifierError, match=r"openvino_model\.bin: SHA-256 is"):
        Classifier.load(copy)
