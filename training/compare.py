"""Two models on the same stories: is the difference more than noise?

A paired bootstrap (both models on the same resampled stories) for figures, McNemar's exact test for decisions. Pure
functions. Leaves out: how it is shown (report.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.stats import binomtest

from classifier.decide import Floats
from classifier.printed import counted
from training.metrics import SAMPLES, Bools, Figures, Outcome, figures, interval, mean_of_known, weight_blocks

SIGNIFICANT = 0.05
_OVERALL = ("macro_f1", "micro_f1", "exact_match", "macro_average_precision", "primary_accuracy", "brier")


def compare(old: Outcome, new: Outcome, *, samples: int = SAMPLES, seed: int = 0) -> dict[str, Any]:
    """New minus old with 95 % intervals, McNemar's tests, and a verdict.

    Args:
        old: The model to beat.
        new: The other, on the same stories and labels.
        samples: Of the bootstrap.
        seed: Of the bootstrap.
    """
    if old.labels != new.labels or not np.array_equal(old.true, new.true):
        raise ValueError("the two outcomes are not on the same labels and stories")
    size = len(old.true)
    before, after = _of_both(old, new, np.ones((1, size)))
    drawn = [_of_both(old, new, weights) for weights in weight_blocks(size, samples=samples, seed=seed)]
    overall = {
        name: _difference(before.overall[name][0], after.overall[name][0], _resampled(drawn, "overall", name))
        for name in _OVERALL
    }
    one_alone = np.isnan([found.by_topic["f1"][0] for found in (before, after)]).sum(axis=0) == 1
    overall["macro_f1"]["left_out"] = [old.labels[k] for k in np.flatnonzero(one_alone).tolist()]
    tests = [mcnemar(*(o.predicted[:, k] == o.true[:, k] for o in (old, new))) for k in range(len(old.labels))]
    f1 = _resampled(drawn, "by_topic", "f1")
    by_topic = {
        label: {
            **_difference(before.by_topic["f1"][0, k], after.by_topic["f1"][0, k], f1[:, k]),
            "mcnemar": tests[k],
            "p_holm": adjusted,
        }
        for (k, label), adjusted in zip(enumerate(old.labels), holm([test["p"] for test in tests]), strict=True)
    }
    exact = mcnemar(*((o.predicted == o.true).all(axis=1) for o in (old, new)))
    changed = int((old.predicted != new.predicted).any(axis=1).sum())
    result = {"stories": size, "changed": changed, **overall, "exact_sets": exact, "by_topic": by_topic}
    return {**result, **verdict(overall["macro_f1"], exact)}


def _of_both(old: Outcome, new: Outcome, weights: Floats) -> list[Figures]:
    """The figures of both models in each set of stories; macro-F1 over the topics that have an F1 in both.

    A topic that no story has, and one model alone gives, has an F1 of 0 there and none in the other: one false alarm
    would lower a mean over four topics by a quarter.
    """
    found = [figures(outcome, weights) for outcome in (old, new)]
    f1 = np.stack([one.by_topic["f1"] for one in found])  # (models, samples, topics)
    shared = np.where(np.isnan(f1).any(axis=0), np.nan, f1)
    means = map(mean_of_known, shared)
    return [replace(one, overall={**one.overall, "macro_f1": mean}) for one, mean in zip(found, means, strict=True)]


def _resampled(drawn: Sequence[Sequence[Figures]], kind: str, name: str) -> Any:
    return np.concatenate([getattr(new, kind)[name] - getattr(old, kind)[name] for old, new in drawn])


def _difference(old: float, new: float, resampled: Any) -> dict[str, Any]:
    """Both figures and new minus old; None where one of them is not defined."""
    if np.isnan(old) or np.isnan(new):
        values = [None if np.isnan(value) else float(value) for value in (old, new)]
        return {"old": values[0], "new": values[1], "difference": None, "difference_95": None}
    return {
        "old": float(old),
        "new": float(new),
        "difference": float(new - old),
        "difference_95": interval(resampled),
    }


def mcnemar(old_right: Bools, new_right: Bools) -> dict[str, Any]:
    """McNemar's exact test: of the cases that one alone has right, could either have half?

    Args:
        old_right: Shape (cases,).
        new_right: Shape (cases,), of the same cases.
    """
    only_old, only_new = int((old_right & ~new_right).sum()), int((new_right & ~old_right).sum())
    p = float(binomtest(only_new, only_old + only_new).pvalue) if only_old + only_new else 1.0
    return {"only_old_right": only_old, "only_new_right": only_new, "p": p}


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values corrected for how many there are (Holm 1979): [0.01, 0.04, 0.03] -> [0.03, 0.06, 0.06]."""
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(np.argsort(p_values, kind="stable")):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted


def verdict(macro_f1: dict[str, Any], exact: dict[str, Any]) -> dict[str, str]:
    """`verdict` and `because`.

    "better" or "worse" needs both: the interval of the macro-F1 difference leaves out 0, and McNemar's test of the
    exact sets is significant the same way. Where one of them alone says so it is "better in macro-F1 alone" or "better
    in exact sets alone" (at half the level, so that two tests call chance a gain little more often than one); where
    they contradict each other, "mixed". All else, however large it looks, is "no difference beyond noise".
    """
    f1_way, f1 = _way_of_f1(macro_f1)
    balance = exact["only_new_right"] - exact["only_old_right"]
    significant = SIGNIFICANT if f1_way else SIGNIFICANT / 2  # alone it is the second of two tests
    exact_way = int(np.sign(balance)) if exact["p"] < significant else 0
    right = counted(exact["only_new_right"], "exact set is right", "exact sets are right")
    because = (
        f"{f1}; {right} in the new model alone, {exact['only_old_right']:,} in the old alone "
        f"(McNemar p = {exact['p']:.3g})"
    )
    ways = {f1_way, exact_way} - {0}
    if not ways:
        return {"verdict": "no difference beyond noise", "because": because}
    if len(ways) == 2:
        return {"verdict": "mixed", "because": because}
    alone = "" if f1_way == exact_way else f" in {'macro-F1' if f1_way else 'exact sets'} alone"
    return {"verdict": ("better" if 1 in ways else "worse") + alone, "because": because}


def _way_of_f1(macro_f1: dict[str, Any]) -> tuple[int, str]:
    """1 if macro-F1 has risen beyond noise, -1 if it has fallen, else 0; and that as a clause."""
    if macro_f1["difference"] is None:
        return 0, "no topic has a story here, macro-F1 is not defined"
    low, high = macro_f1["difference_95"]
    way = int(low > 0) - int(high < 0)
    left_out = macro_f1.get("left_out")
    but = f" without {', '.join(left_out)}, which no story has and one model alone gives," if left_out else ""
    clause = f"macro-F1{but} {macro_f1['difference']:+.4f} (95 % interval {low:+.4f} to {high:+.4f})"
    if way:
        return way, f"{clause} leaves out 0"
    seen = f"on these stories a macro-F1 difference below about {(high - low) / 2:.3f} cannot be told from noise"
    return way, f"{clause} includes 0 ({seen})"
