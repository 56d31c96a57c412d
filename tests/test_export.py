"""The gate of the export: what counts as the same decision, and how large a folder may be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from classifier.errors import ExportError
from training import export
from training.export import Parity, check_export, measure_parity, neutral_decision

RULE = neutral_decision(["talks", "storm"])
SOUND = Parity(80, 1.0, 1.0, 0.01, 0.001, 0.0)


def logits(*probabilities: float) -> np.ndarray:
    """Of stories of one window with these probabilities of the first topic, and a sure no for the second."""
    first = np.array(probabilities)
    return np.stack([np.log(first / (1 - first)), np.full(len(first), -9.0)], axis=1)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one MiB whose labels are good in Transformers too."""
    (tmp_path / "model.safetensors").write_bytes(bytes(2**20))
    config = SimpleNamespace(config=SimpleNamespace(id2label={0: "talks", 1: "storm"}))
    transformers = SimpleNamespace(from_pretrained=lambda *_, **__: config)
    monkeypatch.setattr(export, "AutoModelForSequenceClassification", transformers)
    monkeypatch.setattr(export, "load_manifest", lambda _: SimpleNamespace(labels=("talks", "storm"), decision=RULE))
    return tmp_path


def test_stories_on_a_threshold_do_not_stop_an_export_however_few_there_are(folder: Path) -> None:
    ours, theirs = logits(0.49, 0.51, 0.9, 0.1), logits(0.505, 0.495, 0.9, 0.1)
    parity = measure_parity(ours, theirs, [1] * 4, RULE)
    assert (parity.stories, parity.agreement, parity.agreement_but_for_rounding) == (4, 0.75, 1.0)
    assert parity.largest_difference == pytest.approx(0.015)
    check_export(folder, parity)


def test_decisions_that_differ_by_more_than_rounding_stop_an_export(folder: Path) -> None:
    parity = measure_parity(logits(0.46, 0.54, 0.9, 0.9), logits(0.54, 0.46, 0.9, 0.9), [1] * 4, RULE)
    with pytest.raises(ExportError) as caught:
        check_export(folder, parity)
    assert str(caught.value) == (
        f"{folder}: not shipped: engines agree on 75.00% of decisions (probabilities within 0.05 count as agreement), "
        "at least 99.5% are needed. The folder is left there to look at."
    )


def test_one_decision_that_differs_is_no_share_however_few_there_are(folder: Path) -> None:
    check_export(folder, measure_parity(logits(0.46, 0.9), logits(0.54, 0.9), [1, 1], RULE))
    with pytest.raises(ExportError, match=r"25\.000% of probabilities differ by more than 0\.1"):
        check_export(folder, measure_parity(logits(0.4, 0.9), logits(0.54, 0.9), [1, 1], RULE))


def test_one_story_of_another_class_is_no_share_either(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = neutral_decision(["talks", "storm"], "multi_class")
    monkeypatch.setattr(export, "load_manifest", lambda _: SimpleNamespace(labels=rule.labels, decision=rule))
    ours, theirs = np.array([[0.1, 0.0], [3.0, 0.0]]), np.array([[-0.1, 0.0], [3.0, 0.0]])
    parity = measure_parity(ours, theirs, [1, 1], rule)
    assert parity.agreement == 0.5
    check_export(folder, replace(parity, agreement_but_for_rounding=0.5))


def test_probabilities_far_apart_stop_an_export_that_agrees_on_every_decision(folder: Path) -> None:
    parity = measure_parity(logits(0.7), logits(0.9), [1], RULE)
    assert parity.agreement == 1.0
    with pytest.raises(
        ExportError, match=r"50\.000% of probabilities differ by more than 0\.1, the largest by 0\.2000"
    ):
        check_export(folder, parity)


def test_one_probability_in_a_thousand_may_be_far_apart(folder: Path) -> None:
    stories = [0.3] * 499
    parity = measure_parity(logits(0.05, *stories), logits(0.2, *stories), [1] * 500, RULE)
    assert (parity.far_apart, parity.largest_difference) == (0.001, pytest.approx(0.15))
    check_export(folder, parity)
    with pytest.raises(ExportError, match=r"0\.200% of probabilities"):
        check_export(folder, measure_parity(logits(0.05, 0.05, *stories), logits(0.2, 0.2, *stories), [1] * 501, RULE))


def test_any_size_is_good_unless_the_config_has_a_limit(folder: Path) -> None:
    check_export(folder, SOUND)
    check_export(folder, SOUND, 1)
    with pytest.raises(ExportError, match=r"the folder has 1\.0 MiB, model\.largest_mib allows 0\.5\."):
        check_export(folder, SOUND, 0.5)
