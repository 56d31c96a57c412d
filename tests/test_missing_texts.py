"""A missing text in a column: called so, with what to put in its place."""

from __future__ import annotations

import math
import re
from typing import Any, cast

import pandas
import pytest

from classifier import Classifier


@pytest.mark.parametrize(
    ("missing", "kind", "got"),
    [
        (None, object, "NoneType"),
        (math.nan, object, "float"),
        (pandas.NaT, object, "NaTType"),
        (None, "string", "NAType"),
    ],
)
def test_a_missing_text_is_called_so_and_what_to_do(
    counting_classifier: Classifier, missing: Any, kind: Any, got: str
) -> None:
    column = pandas.Series(["talks", missing], dtype=kind)
    told = (
        f"stories[1]: expected a text or a Story, got {got}, a missing value: '' stands for no text, "
        'as in df["text"].fillna("")'
    )
    with pytest.raises(TypeError, match=f"^{re.escape(told)}$"):
        counting_classifier.classify_many(column)
    predictions = counting_classifier.classify_many(column.fillna(""))
    assert [prediction.error for prediction in predictions] == [None, "empty text, nothing to label."]


def test_a_number_is_no_missing_text(counting_classifier: Classifier) -> None:
    with pytest.raises(TypeError, match=r"^stories\[1\]: expected a text or a Story, got float$"):
        counting_classifier.classify_many(cast("Any", ["talks", 1.5]))
