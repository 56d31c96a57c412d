"""The manifest of a stranger, or one that was edited by hand, is refused in words, whatever it holds."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from conftest import LABELS

from classifier import ModelError
from classifier.manifest import MANIFEST, load_manifest


@pytest.fixture
def folder(tiny_model: Path, tmp_path: Path) -> Path:
    """A copy to damage, whose model has 64 positions."""
    return Path(shutil.copytree(tiny_model, tmp_path / "tiny"))


def edit(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_bytes()) | changes), encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"files": {"tokenizer.json": 5}}, "files is {'tokenizer.json': 5}, expected a SHA-256 for each name."),
        ({"files": {"tokenizer.json": None}}, "files is {'tokenizer.json': None}, expected a SHA-256 for each name."),
        ({"pad_id": -1}, "pad_id is -1, expected the id of a token."),
        ({"pad_id": 2**63}, f"pad_id is {2**63}, expected the id of a token."),
        ({"max_length": 65}, "max_length is 65, config.json has 64 positions."),
        ({"max_length": 2**64}, f"max_length is {2**64}, config.json has 64 positions."),
        (
            {"labels": ["a\x1b[2J", "b", "c", "d"]},
            r"labels is ['a\x1b[2J', 'b', 'c', 'd'], expected different names without control characters.",
        ),
        (
            {"labels": ["a", "b", "c", "a"]},
            "labels is ['a', 'b', 'c', 'a'], expected different names without control characters.",
        ),
    ],
)
def test_a_value_that_no_model_can_have(folder: Path, changes: dict[str, Any], found: str) -> None:
    edit(folder / MANIFEST, **changes)
    with pytest.raises(ModelError, match=f"^{re.escape(f'{folder}: {found}')} The folder is damaged or hand-edited"):
        load_manifest(folder)


@pytest.mark.parametrize("name", [MANIFEST, "config.json"])
def test_json_nested_beyond_reason(folder: Path, name: str) -> None:
    (folder / name).write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(ModelError, match=r"(not JSON|no readable id2label) \(.*recursion.*\)\. The folder is damaged"):
        load_manifest(folder)


@pytest.mark.parametrize("positions", [32, 64, None])
def test_a_window_may_have_as_many_tokens_as_there_are_positions(folder: Path, positions: int | None) -> None:
    edit(folder / "config.json", max_position_embeddings=positions)
    edit(folder / MANIFEST, max_length=positions or 512)
    assert load_manifest(folder).labels == LABELS
