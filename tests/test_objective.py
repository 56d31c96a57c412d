"""Targets, loss and learning rates by layer."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification

from classifier import Classifier, ModelError, Story
from training import objective
from training.config import Config, DataConfig
from training.objective import layer_groups, smoothed, story_loss, taught, teacher_probabilities, weight_decay_groups
from training.splits import Labelled, Split


def test_smoothing_spreads_a_share_over_the_alternatives() -> None:
    targets = np.array([[1, 0, 0, 0]], dtype=np.float32)
    np.testing.assert_allclose(smoothed(targets, 0.2, "multi_class"), [[0.85, 0.05, 0.05, 0.05]], rtol=1e-6)
    np.testing.assert_allclose(smoothed(targets, 0.2, "multi_label"), [[0.9, 0.1, 0.1, 0.1]], rtol=1e-6)
    np.testing.assert_allclose(smoothed(targets[:, :1], 0.2, "binary"), [[0.9]], rtol=1e-6)
    assert (smoothed(targets, 0.0, "multi_class") == targets).all()


def said_by(teachers: Path | list[str], labels: tuple[str, ...], **data: Any) -> np.ndarray:
    """What one teacher or several say of two stories."""
    config = DataConfig.model_validate({"train": "x", "labels": labels, **data})
    stories = [Labelled(Story(text=text), frozenset()) for text in ("talks of the river", "air strike")]
    named = [str(teachers)] if isinstance(teachers, Path) else teachers
    return teacher_probabilities(Split("train", "x", "", stories), named, config)


def test_a_teachers_probabilities_go_to_the_topics_of_their_names(tiny_model: Path) -> None:
    teacher = Classifier.load(tiny_model)
    probabilities = teacher.predict_proba(["talks of the river", "air strike"])
    assert not np.allclose(probabilities, probabilities[:, ::-1])
    np.testing.assert_allclose(said_by(tiny_model, teacher.labels), probabilities, rtol=1e-4)
    np.testing.assert_allclose(said_by(tiny_model, teacher.labels[::-1]), probabilities[:, ::-1], rtol=1e-4)


def test_several_teachers_are_heard_on_average(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"one": np.full((2, 2), 0.2, dtype=np.float32), "other": np.full((2, 2), 0.6, dtype=np.float32)}
    monkeypatch.setattr(objective, "_said_by", lambda name, split, data: said[name])
    np.testing.assert_allclose(said_by(["one", "other"], ("a", "b")), 0.4, rtol=1e-6)


@pytest.mark.parametrize("teacher", [["one", "one"], ["one", ""], ""])
def test_a_teacher_without_a_name_or_named_twice_is_refused(teacher: list[str] | str) -> None:
    contents = {"name": "tiny", "output_dir": "x", "model": {"base": "x"}, "data": {"train": "x", "labels": ["a"]}}
    with pytest.raises(ValueError, match=r"training.teacher: an empty name, or one that is given twice"):
        Config.model_validate({**contents, "training": {"teacher": teacher}})


def test_a_teacher_has_its_share_of_targets_and_all_of_what_has_none() -> None:
    targets, said = np.array([[0.0, 1.0]], dtype=np.float32), np.array([[0.5, 0.5], [0.1, 0.7]], dtype=np.float32)
    np.testing.assert_allclose(taught(targets, said, 0.2), [[0.1, 0.9], [0.1, 0.7]], rtol=1e-6)


def test_a_teacher_that_answers_another_question_is_refused(tiny_model: Path) -> None:
    with pytest.raises(ModelError) as caught:
        said_by(tiny_model, ("diplomacy", "military", "disaster", "sports"))
    assert str(caught.value) == (
        f"training.teacher '{tiny_model}': has the topics diplomacy, military, disaster, ceasefire, data.labels has "
        "diplomacy, military, disaster, sports. Name a model of the same topics."
    )
    with pytest.raises(ModelError) as caught:
        said_by(tiny_model, Classifier.load(tiny_model).labels, problem_type="multi_class")
    assert str(caught.value) == (
        f"training.teacher '{tiny_model}': was trained with data.problem_type multi_label, this config has "
        "multi_class. Name a model of the same kind."
    )


@pytest.mark.parametrize(
    ("kind", "theirs"), [("multi_label", "multi_label_classification"), ("multi_class", "single_label_classification")]
)
def test_the_loss_is_that_of_transformers_for_the_problem_type(
    tiny_bert: torch.nn.Module, kind: str, theirs: str
) -> None:
    torch.manual_seed(1)
    ids, classes = torch.randint(0, 50, (6, 9)), torch.tensor([0, 1, 2, 2, 1, 0])
    one_hot = torch.nn.functional.one_hot(classes, 3).float()
    tiny_bert.config.problem_type = theirs
    outputs = tiny_bert(input_ids=ids, labels=classes if kind == "multi_class" else one_hot)
    ours = story_loss(SimpleNamespace(logits=outputs.logits), one_hot, problem_type=kind)
    assert ours.item() == pytest.approx(outputs.loss.item(), rel=1e-6)


def test_the_learning_rate_falls_from_the_head_to_the_embeddings(tiny_bert: torch.nn.Module) -> None:
    groups = layer_groups(tiny_bert, 1.0, 0.5)
    rates = {name: group["lr"] for group in groups for name in group["names"]}
    assert rates["bert.embeddings.word_embeddings.weight"] == 0.125
    assert rates["bert.encoder.layer.0.output.dense.weight"] == 0.25
    assert rates["bert.encoder.layer.1.output.dense.bias"] == 0.5
    assert rates["classifier.weight"] == rates["bert.pooler.dense.weight"] == 1.0
    assert set(rates) == {name for name, _ in tiny_bert.named_parameters()}


def test_norms_and_biases_keep_their_size_in_every_layer(tiny_bert: torch.nn.Module) -> None:
    groups = layer_groups(tiny_bert, 1.0, 0.5)
    parts = weight_decay_groups(groups, {"classifier.weight"}, 0.01)
    assert [(len(part["params"]), part["weight_decay"]) for part in parts if part["weight_decay"]] == [(1, 0.01)]
    assert sum(len(part["params"]) for part in parts) == sum(len(group["params"]) for group in groups)


@pytest.fixture
def tiny_bert() -> torch.nn.Module:
    """Two layers, three labels, no dropout."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=50,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=16,
        num_labels=3,
    )
    return BertForSequenceClassification(config).eval()
