"""Which checkpoint a training goes on from: the youngest that was written to its end."""

from __future__ import annotations

from pathlib import Path

from training.checkpoints import forget, newest_checkpoint


def checkpoint(folder: Path, step: int, state: str | None) -> Path:
    path = folder / f"checkpoint-{step}"
    path.mkdir(parents=True)
    (path / "model.safetensors").write_bytes(b"weights")
    if state is not None:
        (path / "trainer_state.json").write_text(state, encoding="utf-8")
    return path


def test_younger_checkpoints_that_were_not_written_to_their_end_are_removed(tmp_path: Path) -> None:
    whole = [checkpoint(tmp_path, step, "{}") for step in (9, 10)]
    parts = [checkpoint(tmp_path, step, state) for step, state in ((11, ""), (100, '{"epoch": 1'), (101, None))]
    assert newest_checkpoint(tmp_path) == whole[1]
    assert all(path.exists() for path in whole)
    assert not any(path.exists() for path in parts)


def test_there_may_be_none(tmp_path: Path) -> None:
    assert newest_checkpoint(tmp_path / "nowhere") is None
    part = checkpoint(tmp_path, 5, None)
    assert newest_checkpoint(tmp_path) is None
    assert not part.exists()


def test_checkpoints_are_forgotten_whether_there_are_some_or_not(tmp_path: Path) -> None:
    checkpoint(tmp_path / "seed-13", 5, "{}")
    forget(tmp_path / "seed-13")
    forget(tmp_path / "seed-13")
    assert not (tmp_path / "seed-13").exists()
