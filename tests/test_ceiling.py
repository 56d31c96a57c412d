"""How far labellers agree, as stated or by hand."""

from __future__ import annotations

import pytest
from made_outcomes import LABELS

from classifier.errors import InputError
from classifier.stories import Story
from training.ceiling import agreement, stated
from training.splits import Labelled, Split


def test_a_stated_ceiling_has_a_mean_only_if_it_is_known() -> None:
    assert stated({"": 0.96}, LABELS)["macro_f1"] == 0.96
    assert stated({"a": 0.9, "b": 0.8, "c": 1.0}, LABELS)["macro_f1"] == pytest.approx(0.9)
    assert stated({"a": 0.9}, LABELS)["macro_f1"] is None
    with pytest.raises(InputError, match=r"--ceiling: unknown label 'aa'. Did you mean 'a'\? Known: a, b, c\."):
        stated({"aa": 0.9}, LABELS)


def test_agreement_of_two_labellers_by_hand() -> None:
    # Of 4 stories both give a to 1, each alone to 1; chance agreement is 1/2: kappa (2/4 - 1/2) / (1/2).
    first, second = ([{0}, {0}, set(), set()], [{0}, set(), {0}, set()])
    splits = [Split("test", "x", "", [Labelled(Story(), frozenset(t)) for t in topics]) for topics in (first, second)]
    found = agreement(*splits, ("a", "b"), "labels_2")
    assert found["by_topic"] == {"a": pytest.approx(0.5), "b": None}
    assert found["macro_f1"] == pytest.approx(0.5)  # as for a model: over the topics that are there
    assert found["kappa"] == {"a": pytest.approx(0.0), "b": None}
    assert found["exact_sets"] == 0.5
