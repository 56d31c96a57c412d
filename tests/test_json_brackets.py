"""Brackets of a JSON document that do not go together cost no more time than others."""

from __future__ import annotations

import io

import pytest

from classifier.json_values import read_values


@pytest.mark.parametrize("raw", [b"{" * 200_000 + b"]" * 200_000, b"[" * 200_000 + b"}" * 200_000])
def test_brackets_of_the_other_kind_take_no_longer_than_any(raw: bytes) -> None:
    [value] = read_values(io.BytesIO(raw))  # minutes, where each looks through all that are open
    assert value.breaks_off
