"""What a cascade is made of: the rule for the logits of both models, and the texts that it is fitted on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import LABELS, counting, decision

from classifier.stories import Story
from training import cascade
from training.cascade import fit_pair, main
from training.review_band import Aim
from training.splits import Labelled, Split


@pytest.mark.parametrize("threshold", [0.3, None])
def test_one_threshold_of_the_model_is_that_of_both(threshold: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    true = rng.random((1000, len(LABELS))) < 0.3
    logits = tuple(np.where(true, 1.5, -1.5) + rng.normal(0, 1.5, true.shape) for _ in range(2))
    monkeypatch.setattr(cascade, "both_logits", lambda *_: logits)
    stories = [Labelled(Story(text="Talks"), frozenset(np.flatnonzero(row).tolist())) for row in true]
    whole: Any = counting(decision())
    whole.manifest = replace(whole.manifest, contents={"config": {"decision": {"threshold": threshold}}})
    pair = fit_pair(whole, counting(decision()), 8, Split("validation", "a.jsonl", "", stories), Aim())
    assert pair.share == 1.0
    assert (pair.decision.temperature != whole.manifest.decision.temperature).all()  # it is fitted anew
    assert (pair.decision.thresholds.tolist() == [0.3] * len(LABELS)) == (threshold is not None)


def test_what_a_folder_of_texts_leaves_out_is_said(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "stories.jsonl").write_text('{"text": "talks of the river"}\n', encoding="utf-8")
    (texts / "more.odt").write_bytes(b"PK")
    data = tmp_path / "labelled.jsonl"
    data.write_text('{"text": "talks", "labels": []}\n', encoding="utf-8")
    named = {"--model": tiny_model, "--first": tiny_model, "--texts": texts, "--data": data, "--out": tmp_path / "new"}
    assert main([str(part) for item in named.items() for part in item] + ["--max-length", "32"]) == 1
    said = capsys.readouterr().err
    assert f"warning: {texts}: left out 1 .odt, of a kind that is not read." in said
    assert f"error: {texts}: 1 different texts, at least 920 are needed" in said


def test_what_cannot_be_read_of_the_texts_is_said_without_options_that_are_not_there(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts, data, unknown = tmp_path / "texts.csv", tmp_path / "labelled.jsonl", tmp_path / "stories.foo"
    texts.write_bytes(b"text\ntalks of the river\nthe caf\xe9 by the river\n")
    data.write_text('{"text": "talks", "labels": []}\n', encoding="utf-8")
    unknown.write_text("talks", encoding="utf-8")
    options = [
        "--model",
        str(tiny_model),
        "--first",
        str(tiny_model),
        "--data",
        str(data),
        "--out",
        str(tmp_path / "o"),
    ]
    assert main([*options, "--max-length", "32", "--texts", str(texts)]) == 1
    said = capsys.readouterr().err
    assert f"warning: passed over: {texts}:3: not UTF-8 (byte 0xe9 at 8). Save the file as UTF-8.\n" in said
    assert f"error: {texts}: 1 different texts, at least 920 are needed" in said
    assert main([*options, "--max-length", "32", "--texts", str(unknown)]) == 1
    assert capsys.readouterr().err.endswith("also with .gz or .zst. Rename it.\n")
