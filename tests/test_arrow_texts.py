"""Texts that come from an Arrow column are read like those of a list."""

from __future__ import annotations

import re
from typing import Any, cast

import pyarrow
import pytest

from classifier import Classifier


@pytest.mark.parametrize("kind", [pyarrow.string(), pyarrow.large_string(), pyarrow.dictionary("int32", "string")])
def test_a_column_of_arrow_is_an_iterable_of_texts(counting_classifier: Classifier, kind: Any) -> None:
    table = pyarrow.table({"text": pyarrow.array(["talks", "", "troops"]).cast(kind)})
    for texts in (table["text"], table["text"].chunk(0)):
        assert counting_classifier.classify_many(texts) == counting_classifier.classify_many(["talks", "", "troops"])
    assert counting_classifier.classify(table["text"][0]) == counting_classifier.classify("talks")
    with pytest.raises(
        TypeError,
        match=r"^expected several stories \(an iterable of texts or Stories\), got a Table: pass the column of texts",
    ):
        counting_classifier.classify_many(cast("Any", table))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            None,
            "stories[1]: expected a text or a Story, got NoneType, a missing value: '' stands for no text, "
            'as in df["text"].fillna("")',
        ),
        (b"troops", "stories[1]: expected a text or a Story, got bytes"),
        (
            {"text": "a"},
            "stories[1]: expected a text or a Story, got dict: Story(title=…, text=…) makes one of its fields",
        ),
    ],
)
def test_a_value_of_arrow_that_is_no_text_is_called_by_what_it_holds(
    counting_classifier: Classifier, value: Any, message: str
) -> None:
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        counting_classifier.classify_many(["talks", cast("Any", pyarrow.scalar(value))])
