"""How a cascade is fitted: the boldest rule that keeps its promise, written as a folder that runs at once."""

from __future__ import annotations

import dataclasses
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import LABELS, WORDS, decision

from classifier import Classifier
from classifier.decide import probabilities_of
from classifier.manifest import load_manifest
from training.cascade import main
from training.cascade_rule import Fitted, Promise, answers_of_both, fit_cascade, fit_scale, fit_share
from training.export import neutral_decision, write_manifest
from training.review_band import Aim, Review, Scope, Shares

RULE = decision(temperature=np.full(4, 2.0), bias=np.full(4, -0.5))


def logits(count: int = 4000, seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).normal(-4, 5, (count, 4))


def review_of(flagged: dict[float, float], proven: dict[float, Scope]) -> Callable[[Fitted], Review]:
    """Reviews that flag and prove what a test says of each doubt; 0.3 and topics where it says nothing."""
    nothing = Shares(np.zeros((5, 2), dtype=np.int64), np.zeros((5, 2), dtype=np.int64))

    def review(fitted: Fitted) -> Review:
        doubt = fitted.doubt
        return Review(
            np.zeros(4), np.ones(4), proven.get(doubt, "topics"), flagged.get(doubt, 0.3), nothing, Aim(0.95, 0.9)
        )

    return review


ALIKE = review_of({}, {})


def test_a_promise_says_how_many_texts_it_needs() -> None:
    promise = Promise(most_changed=0.0025, confidence=0.9)
    assert promise.fewest == 920
    assert promise.is_kept(0, promise.fewest)
    assert not promise.is_kept(0, promise.fewest - 1)
    assert promise.is_kept(17, 10_000)
    assert not promise.is_kept(20, 10_000)


def test_the_scale_is_that_of_the_whole_model() -> None:
    first = logits()
    whole = 3 * first + 1
    scale, shift = fit_scale(first, whole, RULE)
    np.testing.assert_allclose(scale, 3, rtol=0.01)
    np.testing.assert_allclose(shift, 1, atol=0.05)
    bent = dataclasses.replace(RULE, curve=np.tile([[-1.0, 1.0], [-3.0, 3.0]], (4, 1, 1)))
    for found, same in zip(fit_scale(first, whole, bent), (scale, shift), strict=True):
        np.testing.assert_allclose(found, same)


def test_a_model_like_the_whole_one_answers_nearly_everything() -> None:
    first = logits()
    fitted = fit_cascade(first, first, RULE, Promise(), ALIKE)
    assert (fitted.doubt, fitted.changed, fitted.texts) == (0.25, 0, 4000)
    assert fitted.answered > 0.5


def test_a_worse_model_answers_less_and_keeps_the_promise() -> None:
    whole = logits()
    first = whole + np.random.default_rng(3).normal(0, 2, whole.shape)
    promise = Promise(most_changed=0.01)
    fitted = fit_cascade(first, whole, RULE, promise, ALIKE)
    assert 0 < fitted.doubt < 0.25
    assert promise.is_kept(fitted.changed, fitted.texts)


def test_a_model_that_knows_nothing_answers_nothing() -> None:
    fitted = fit_cascade(logits(seed=5), logits() + 4, RULE, Promise(most_changed=0.01), ALIKE)
    assert fitted.answered * fitted.texts < 200


@pytest.mark.parametrize(
    ("flagged", "proven", "doubt"),
    [
        ({}, {}, 0.25),  # all alike: the boldest
        ({0.02: 0.1}, {}, 0.02),
        ({0.02: 0.1, 0.05: 0.11, 0.06: 0.12}, {}, 0.05),  # a point more is not too dear, two are
        ({0.02: 0.1, 0.03: 0.05}, {0.03: "stories"}, 0.02),  # few are flagged where little is proven
        ({0.03: 0.05}, dict.fromkeys([round(0.01 * number, 2) for number in range(1, 26)], "nothing"), 0.03),
    ],
)
def test_of_the_rules_that_keep_the_promise_one_is_taken_that_flags_little(
    flagged: dict[float, float], proven: dict[float, Scope], doubt: float
) -> None:
    first = logits()
    assert fit_cascade(first, first, RULE, Promise(), review_of(flagged, proven)).doubt == doubt


def test_both_answer_as_the_folder_does() -> None:
    first, whole = logits(6, seed=3), logits(6, seed=4)
    fitted = Fitted(np.full(4, 2.0), np.full(4, 1.0), doubt=0.2, answered=0.0, changed=0, texts=6)
    cascade = fitted.cascade("first", "", 64, 0.0)
    small, large = probabilities_of(cascade.on_scale(first), RULE), probabilities_of(whole, RULE)
    found = answers_of_both(first, whole, fitted, RULE)
    is_sure = cascade.is_sure(small)
    assert 0 < is_sure.sum() < 6
    np.testing.assert_array_equal(found[is_sure], small[is_sure])
    np.testing.assert_array_equal(found[~is_sure], large[~is_sure])


@pytest.fixture
def model(tiny_model: Path, tmp_path: Path) -> Path:
    """The tiny model, with what its card says."""
    folder = shutil.copytree(tiny_model, tmp_path / "tiny")
    manifest = load_manifest(folder)
    parity = {"stories": 1, "agreement": 1.0, "largest_difference": 0.0, "mean_difference": 0.0}
    write_manifest(folder, manifest.decision, {**manifest.contents, "parity": parity})
    return folder


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Unlabelled and labelled stories of random words."""
    rng = random.Random(9)
    rows = [{"text": " ".join(rng.choices(WORDS, k=rng.randint(1, 40)))} for _ in range(300)]
    texts, labelled = tmp_path / "texts.jsonl", tmp_path / "labelled.jsonl"
    texts.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    labelled.write_text(
        "".join(json.dumps({**row, "labels": [rng.choice(LABELS)]}) + "\n" for row in rows[:60]), encoding="utf-8"
    )
    return texts, labelled


def command(model: Path, first: Path, files: tuple[Path, Path], out: Path) -> list[str]:
    texts, labelled = files
    named = {"--model": model, "--first": first, "--texts": texts, "--data": labelled, "--out": out}
    return [str(part) for item in named.items() for part in item]


@pytest.mark.filterwarnings("ignore")
def test_the_folder_runs_at_once(
    model: Path, tmp_path: Path, files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "both"
    wanted = [*command(model, model, files, out), "--test", str(shutil.copyfile(files[1], tmp_path / "test.jsonl"))]
    assert main([*wanted, "--max-length", "32", "--most-changed", "0.02"]) == 0
    manifest = load_manifest(out)
    assert manifest.cascade is not None
    assert set(manifest.contents["metrics"]) == {"validation", "test"}
    shown = manifest.contents["cascade"]["shown"]
    assert shown["texts"] > 250
    assert ("warning: the first model is sure of none" in capsys.readouterr().out) == (
        not shown["answered_by_the_first"]
    )
    texts = [json.loads(line)["text"] for line in files[0].read_text(encoding="utf-8").splitlines()]
    both, alone = (Classifier.load(out, engine="openvino", cascade=cascade) for cascade in (True, False))
    assert both.first is not None
    assert (both.predict(texts) != alone.predict(texts)).any(axis=1).mean() <= 0.02
    assert "answers" in (out / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--most-changed", "0.001"], "different texts, at least 2,302 are needed to show that no more than 0.10%"),
        (["--max-length", "33"], "--max-length 33: tiny@"),
    ],
)
def test_what_cannot_be_promised_is_refused(
    tiny_model: Path,
    tmp_path: Path,
    files: tuple[Path, Path],
    capsys: pytest.CaptureFixture[str],
    more: list[str],
    message: str,
) -> None:
    assert main([*command(tiny_model, tiny_model, files, tmp_path / "both"), "--max-length", "32", *more]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "both").exists()


def test_a_first_model_of_classes_is_refused(
    model: Path, tmp_path: Path, files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = load_manifest(model)
    classes = shutil.copytree(model, tmp_path / "classes")
    write_manifest(classes, neutral_decision(manifest.labels, "multi_class"), {**manifest.contents, "name": "classes"})
    assert main(command(model, classes, files, tmp_path / "both")) == 1
    assert "classes@" in (shown := capsys.readouterr().err)
    assert "gives exactly one class a story" in shown


def test_a_second_opinion_has_a_share_where_it_helps_and_none_where_it_does_not() -> None:
    rng = np.random.default_rng(5)
    true = rng.random((2000, 4)) < 0.3
    whole, other = (np.where(true, 1.5, -1.5) + rng.normal(0, 1.5, true.shape) for _ in range(2))
    assert fit_share(other, whole, true) == 1.0
    assert fit_share(rng.normal(0, 1, true.shape), whole, true) == 0.0
    assert fit_share(whole, whole, true) == 0.0
