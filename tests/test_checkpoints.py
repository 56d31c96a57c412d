"""Which checkpoint a training goes on from: the youngest that was written to its end and is not damaged."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from training.checkpoints import forget, is_any_whole, newest_checkpoint, remove_damaged


def checkpoint(folder: Path, step: int, state: str | None) -> Path:
    path = folder / f"checkpoint-{step}"
    path.mkdir(parents=True)
    save_file({"weights": np.zeros(9, dtype=np.float32)}, path / "model.safetensors")
    for name in ("optimizer.pt", "rng_state.pth"):
        torch.save({"step": step}, path / name)
    (path / "config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    if state is not None:
        (path / "trainer_state.json").write_text(state, encoding="utf-8")
    return path


def test_checkpoints_that_were_not_written_to_their_end_are_removed(tmp_path: Path) -> None:
    folder = tmp_path / "seed-13"
    whole = [checkpoint(folder, step, "{}") for step in (9, 10)]
    parts = [checkpoint(folder, step, state) for step, state in ((11, ""), (100, '{"epoch": 1'), (101, None))]
    assert newest_checkpoint(folder) == whole[1]
    assert remove_damaged(tmp_path) == parts
    assert newest_checkpoint(folder) == whole[1]
    assert all(path.exists() for path in whole)
    assert not any(path.exists() for path in parts)


@pytest.mark.parametrize("name", ["model.safetensors", "optimizer.pt", "rng_state.pth", "config.json"])
@pytest.mark.parametrize("damage", ["cut", "empty", "zeros"])
def test_files_that_are_too_short_or_were_never_filled_are_damaged(tmp_path: Path, name: str, damage: str) -> None:
    folder = tmp_path / "seed-13"
    whole, damaged = (checkpoint(folder, step, "{}") for step in (9, 10))
    size = (damaged / name).stat().st_size
    if damage == "zeros":
        (damaged / name).write_bytes(bytes(size))
    else:
        os.truncate(damaged / name, 0 if damage == "empty" else size - 10)
    assert newest_checkpoint(folder) == whole
    assert remove_damaged(tmp_path) == [damaged]
    assert is_any_whole(tmp_path)


def test_nothing_goes_on_without_the_best_epoch(tmp_path: Path) -> None:
    folder = tmp_path / "seed-13"
    best = checkpoint(folder, 9, "{}")
    last = checkpoint(folder, 18, f'{{"best_model_checkpoint": "{best.as_posix()}"}}')
    assert newest_checkpoint(folder) == last
    (best / "model.safetensors").unlink()
    assert newest_checkpoint(folder) is None
    assert not is_any_whole(tmp_path)
    assert remove_damaged(tmp_path) == [best, last]


def test_there_may_be_none(tmp_path: Path) -> None:
    assert newest_checkpoint(tmp_path / "nowhere") is None
    assert remove_damaged(tmp_path / "nowhere") == []
    assert newest_checkpoint(checkpoint(tmp_path / "seed-13", 5, None).parent) is None


def test_checkpoints_are_forgotten_whether_there_are_some_or_not(tmp_path: Path) -> None:
    checkpoint(tmp_path / "seed-13", 5, "{}")
    forget(tmp_path / "seed-13")
    forget(tmp_path / "seed-13")
    assert not (tmp_path / "seed-13").exists()
