"""The bend of a calibration: found where labels bear it out, a line where they are few, rising everywhere."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import LABELS
from hypothesis import given
from hypothesis import strategies as st

from classifier import Classifier
from classifier.decide import calibrate, probabilities_of, sigmoid
from classifier.errors import ModelError
from classifier.manifest import MANIFEST, load_manifest
from training.calibrate import WindowLogits, fit_decision, fit_platt
from training.calibration_curve import KNOTS, fit_curve, straight
from training.export import write_manifest
from training.review_band import Aim

ONE = np.ones(1)


def smoothed(count: int, seed: int = 0, amount: float = 0.04) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What a model says that learned smoothed labels (log-odds), what is true, and how likely it was."""
    rng = np.random.default_rng(seed)
    likely = sigmoid(rng.normal(-2, 3.5, count))
    said = likely * (1 - amount) + amount / 2
    return np.log(said / (1 - said)), rng.random(count) < likely, likely


def bent(log_odds: np.ndarray, curve: np.ndarray) -> np.ndarray:
    return calibrate(log_odds[:, None], ONE, 0 * ONE, curve[None])[:, 0]


def log_loss(probabilities: np.ndarray, true: np.ndarray) -> float:
    clipped = probabilities.clip(1e-6, 1 - 1e-6)
    return float(-np.where(true, np.log(clipped), np.log(1 - clipped)).mean())


def test_the_curve_undoes_what_smoothed_labels_did() -> None:
    log_odds, true, _ = smoothed(4000)
    others, true_of_others, likely = smoothed(4000, seed=1)
    found = bent(others, fit_curve(log_odds, true))
    assert np.abs(found - likely).mean() < 0.01
    assert (sigmoid(others)[likely < 0.003] > 0.02).all()
    assert found[likely < 0.003].mean() < 0.006
    assert log_loss(found, true_of_others) < log_loss(sigmoid(others), true_of_others)


def test_a_fitted_rule_is_bent_and_reaches_the_folder(tiny_model: Path, tmp_path: Path) -> None:
    columns = [smoothed(2000, seed=seed)[:2] for seed in range(len(LABELS))]
    logits, true = (np.stack(parts, axis=1) for parts in zip(*columns, strict=True))
    decision, _ = fit_decision(WindowLogits(logits, [1] * 2000, true), LABELS, aim=Aim())
    assert decision.curve.shape == (len(LABELS), 2, KNOTS)
    log_odds = logits / decision.temperature + decision.bias
    assert not np.allclose(probabilities_of(logits, decision), sigmoid(log_odds), atol=0.01)
    folder = shutil.copytree(tiny_model, tmp_path / "fitted")
    old = load_manifest(folder)
    write_manifest(folder, decision, old.contents)
    read = load_manifest(folder).decision
    np.testing.assert_allclose(probabilities_of(logits, read), probabilities_of(logits, decision), atol=1e-5)
    write_manifest(folder, old.decision, load_manifest(folder).contents)  # a rule without a curve leaves none behind
    assert not len(load_manifest(folder).decision.curve)


def test_on_few_stories_it_costs_next_to_nothing() -> None:
    others, true_of_others, _ = smoothed(4000, seed=100)
    alone, with_curve = [], []
    for seed in range(20):
        log_odds, true, _ = smoothed(60, seed=seed)
        temperature, bias = fit_platt(log_odds, true)
        curve = fit_curve(log_odds / temperature + bias, true)
        alone.append(log_loss(sigmoid(others / temperature + bias), true_of_others))
        with_curve.append(log_loss(bent(others / temperature + bias, curve), true_of_others))
    assert np.mean(with_curve) < 1.02 * np.mean(alone)


@given(st.integers(0, 2**32), st.integers(2, 300), st.floats(0.01, 20))
def test_it_always_rises(seed: int, count: int, width: float) -> None:
    rng = np.random.default_rng(seed)
    curve = fit_curve(rng.normal(0, width, count), rng.random(count) < rng.random())
    assert curve.shape == (2, KNOTS)
    assert (np.diff(curve, axis=1) > 0).all()


def test_where_nothing_can_be_learned_it_is_straight() -> None:
    spread = np.linspace(-3, 3, 50)
    for log_odds, true in (
        (spread, np.ones(50, dtype=bool)),
        (spread, np.zeros(50, dtype=bool)),
        (np.ones(50), np.arange(50) > 20),
        (np.ones(0), np.ones(0, dtype=bool)),
    ):
        assert (fit_curve(log_odds, true) == straight()).all()
    np.testing.assert_allclose(bent(spread, straight()), sigmoid(spread), rtol=1e-12)


def test_the_pieces_at_the_ends_go_on() -> None:
    curve = np.array([[[-1.0, 0.0, 1.0], [-4.0, 0.0, 2.0]]])
    log_odds = np.array([[-3.0], [-0.5], [0.5], [2.0], [np.nan]])
    expected = sigmoid(np.array([[-12.0], [-2.0], [1.0], [4.0], [np.nan]]))
    np.testing.assert_allclose(calibrate(log_odds, ONE, 0 * ONE, curve), expected, rtol=1e-12)
    np.testing.assert_allclose(calibrate(2 * log_odds, 2 * ONE, 0 * ONE, curve), expected, rtol=1e-12)


def folder_with(curve: object, tiny_model: Path, tmp_path: Path) -> Path:
    folder = shutil.copytree(tiny_model, tmp_path / "bent")
    contents = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    (folder / MANIFEST).write_text(json.dumps({**contents, "curve": curve}), encoding="utf-8")
    return folder


def test_the_curve_of_a_folder_is_applied(tiny_model: Path, tmp_path: Path) -> None:
    folder = folder_with([[[-1, 1], [-2, 2]]] * 4, tiny_model, tmp_path)
    plain, steeper = (Classifier.load(path).predict_proba(["talks of the river"]) for path in (tiny_model, folder))
    odds = np.log(plain / (1 - plain))
    np.testing.assert_allclose(steeper, sigmoid(2 * odds), rtol=1e-6)


@pytest.mark.parametrize(
    ("curve", "message"),
    [
        ([[[-1, 1], [-2, 2]]], "curve has 1 entry, labels has 4."),
        ([[[-1, 1], [2, -2]]] * 4, "expected two rows of rising numbers a topic, all of one length, at least 2."),
        ([[[-1, 1], [-2, 0, 2]]] * 4, "expected two rows of rising numbers"),
        ([[[-1, -1 + 1e-9], [-2, 2]]] * 4, "expected two rows of rising numbers"),
        ([[[1], [2]]] * 4, "expected two rows of rising numbers"),
        ("straight", "curve is 'straight', expected a list."),
    ],
)
def test_a_curve_that_is_none_is_refused(curve: object, message: str, tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        Classifier.load(folder_with(curve, tiny_model, tmp_path))
    assert message in str(caught.value)
