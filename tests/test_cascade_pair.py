"""What a cascade is made of: the rule for the logits of both models."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from conftest import LABELS, counting, decision

from classifier.stories import Story
from training import cascade
from training.cascade import fit_pair
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
