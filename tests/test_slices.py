"""Slices are found in columns, dates, lengths and parts; small ones are pooled, and the worst is named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from made_outcomes import outcome

from classifier.errors import InputError
from classifier.stories import Story
from training.slices import OTHER, UNKNOWN, check_fields, evaluate_slices, length, slice_names, worst_slice, year


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2025-10-19", "2025"),
        ("24-Aug-2023", "2023"),
        ("November 15, 2017 ", "2017"),
        ("2004-2005", "2004"),
        (2019, "2019"),
        (20240301, "2024"),
        ("20240301T120000Z", "2024"),
        ("20240301235959", "2024"),
        (None, UNKNOWN),
        ("5 YEARS AGO", UNKNOWN),
        ("id 120190", UNKNOWN),
        (1709251200, UNKNOWN),
        (2019251200, UNKNOWN),  # Unix times
        ("20241301", UNKNOWN),
    ],
)
def test_years_are_found_in_any_notation(date: Any, expected: str) -> None:
    assert year(date) == expected


@pytest.mark.parametrize(
    ("tokens", "expected"), [(1, "1 to 32"), (32, "1 to 32"), (33, "33 to 64"), (9999, "513 and more")]
)
def test_lengths_fall_into_buckets(tokens: int, expected: str) -> None:
    assert length(tokens) == expected


def test_slices_come_from_columns_length_and_parts() -> None:
    stories = [
        Story(text="x", title="y", columns={"source": "wire", "date": "2025-01-02"}),
        Story(title="y", columns={"source": None}),
        Story(text="x", columns={}),
    ]
    groups = slice_names(stories, [10, 40, 600], fields=["source", "missing"], date_field="date")
    assert groups == {
        "source": ["wire", UNKNOWN, UNKNOWN],
        "year": ["2025", UNKNOWN, UNKNOWN],
        "length in tokens": ["1 to 32", "33 to 64", "513 and more"],
        "parts": ["headline and text", "headline only", "text only"],
    }


def test_a_column_called_as_what_is_computed_keeps_its_name() -> None:
    columns = {"year": "I", "parts": "one", "length in tokens": "short", "date": "2025-01-02"}
    groups = slice_names([Story(text="x", columns=columns)], [10], fields=list(columns)[:3], date_field="date")
    assert groups == {
        "year": ["I"],
        "year (computed)": ["2025"],
        "parts": ["one"],
        "parts (computed)": ["text only"],
        "length in tokens": ["short"],
        "length in tokens (computed)": ["1 to 32"],
    }
    assert slice_names([Story(columns={"date": "2025"})], [1], fields=["year"], date_field="date")["year"] == ["2025"]


def test_a_column_that_no_story_has_is_refused_and_what_is_computed_is_not() -> None:
    stories = [Story(columns={"kind": None, "id": "a", "note": ""}), Story(columns={"kind": "report"})]
    computed = [("--slice", name) for name in ("parts", "length in tokens")]
    check_fields(stories, [("--slice", "kind"), *computed], "date")
    check_fields([Story(columns={"date": "2025"})], [("--slice", "year")], "date")
    with pytest.raises(InputError) as caught:
        check_fields(stories, [("--slice", "knd"), ("--slice", "note"), ("--slice", "year")], "date")
    assert str(caught.value).splitlines() == [
        "--slice knd: no story has a 'knd'. Did you mean 'kind'? Found: id, kind.",
        "--slice note: no story has a 'note'. Found: id, kind.",
        "--slice year: no story has a 'year'. Found: id, kind.",
    ]


def test_slices_add_up_small_ones_are_pooled_and_the_worst_is_found() -> None:
    names = ["2024"] * 4 + ["2023"] * 4 + ["2022", "2021"]
    right = [[1]] * 4 + [[1], [0], [0], [1]] + [[0], [0]]
    slices = evaluate_slices(outcome(right, [[1]] * 10, labels=("a",)), names, least=3, samples=100)
    assert {name: metrics["stories"] for name, metrics in slices.items()} == {"2023": 4, "2024": 4, OTHER: 2}
    assert list(slices) == ["2023", "2024", OTHER]
    assert slices["2023"]["micro_f1"] == pytest.approx(2 / 3)
    assert worst_slice(slices, least=3) == "2023"  # what is pooled is worse, but no slice
    assert worst_slice(slices, least=5) is None
    alone = evaluate_slices(outcome(right, [[1]] * 10, labels=("a",)), ["x"] * 9 + ["y"], least=3, samples=100)
    assert set(alone) == {"x", "y"}  # one small slice keeps its name


def test_one_false_alarm_does_not_make_a_slice_without_topics_the_worst() -> None:
    names = ["wire"] * 40 + ["blog"] * 40 + ["sport"] * 40
    true = np.repeat([True, True, False], 40)[:, None]
    given = true ^ np.isin(np.arange(120), [3, 50, 60, 70, 100])[:, None]  # 1 and 3 missed, and 1 false alarm
    slices = evaluate_slices(outcome(given, true, labels=("a",)), names, least=20, samples=100)
    assert slices["sport"]["micro_f1"] == 0
    assert worst_slice(slices, least=20) == "blog"
    del slices["wire"]
    assert worst_slice(slices, least=20) is None  # nothing to compare it with
