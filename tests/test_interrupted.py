"""A training that is stopped goes on with the same command, wherever it was stopped and whatever was there before."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tiny_training import interrupt_in_epoch, write_base, write_config
from transformers.trainer_callback import TrainerState

from training import trainer
from training.train import main


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, base = tmp_path_factory.mktemp("data"), write_base(tmp_path_factory.mktemp("base"))
    return write_config(folder, base, stories={"train": 100, "validation": 60}, epochs=3)


def test_a_run_that_is_stopped_while_it_writes_a_checkpoint_goes_on_from_the_one_before(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    save, command = TrainerState.save_to_json, [str(config), f"output_dir={tmp_path}"]

    def stop_in_the_second(state: TrainerState, path: str) -> None:
        if state.global_step > 7:  # 100 stories, 16 a batch
            raise KeyboardInterrupt
        save(state, path)

    with monkeypatch.context() as patch:
        patch.setattr(TrainerState, "save_to_json", stop_in_the_second)
        assert main(command) == 130
    left = tmp_path / "checkpoints" / "seed-13"
    assert (left / "checkpoint-14" / "model.safetensors").is_file()
    capsys.readouterr()
    assert main(command) == 0
    assert f"going on from {left}/checkpoint-7\n" in capsys.readouterr().out


def test_damaged_checkpoints_are_said_and_the_run_goes_on_without_them(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command, left = [str(config), f"output_dir={tmp_path}"], tmp_path / "checkpoints" / "seed-13"
    with monkeypatch.context() as patch:
        patch.setattr(trainer.Progress, "on_epoch_begin", interrupt_in_epoch(1))
        assert main(command) == 130
    for name in ("model.safetensors", "optimizer.pt", "rng_state.pth"):
        os.truncate(left / "checkpoint-7" / name, (left / "checkpoint-7" / name).stat().st_size - 100)
    capsys.readouterr()
    assert main(command) == 0
    said = capsys.readouterr().out
    assert f"removed {left}/checkpoint-7: it, or the best epoch before it, is damaged or was cut short\n" in said
    assert "going on" not in said
    assert "epoch 1/3" in said


def test_a_start_that_trained_nothing_does_not_stand_against_other_settings(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [str(config), f"output_dir={tmp_path}"]
    others = tmp_path / "checkpoints" / "checkpoint-500" / "model.safetensors"
    others.parent.mkdir(parents=True)  # of some other program
    others.touch()
    assert main([*command, "model.base_dir=nowhere"]) == 1
    assert others.exists()
    part = tmp_path / "checkpoints" / "seed-13" / "checkpoint-7"
    part.mkdir(parents=True)  # as if it had been killed while it wrote its first
    with monkeypatch.context() as patch:
        patch.setattr(trainer.Progress, "on_epoch_begin", interrupt_in_epoch(0))
        assert main([*command, "seed=14"]) == 130
    assert not part.exists()
    with monkeypatch.context() as patch:
        patch.setattr(trainer.Progress, "on_epoch_begin", interrupt_in_epoch(1))
        assert main(command) == 130
    capsys.readouterr()
    assert main([*command, "seed=14"]) == 1
    assert "config.seed: was 13, is 14" in capsys.readouterr().err


def test_a_run_started_over_a_finished_one_goes_on_without_restart(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command, model = [str(config), f"output_dir={tmp_path}"], tmp_path / "model" / "manifest.json"
    assert main(command) == 0
    earlier = model.read_bytes()
    again = [command[0], "--restart", command[1]]  # an option may stand between the config and what it overrides
    for epoch, given, said in ((0, again, " without --restart"), (1, command, "")):
        with monkeypatch.context() as patch:
            patch.setattr(trainer.Progress, "on_epoch_begin", interrupt_in_epoch(epoch))
            assert main(given) == 130
        message = f"\ninterrupted. The same command{said} goes on from the last checkpoint.\n"
        assert capsys.readouterr().err.endswith(message)
        assert model.read_bytes() == earlier
    assert main(command) == 0
    assert f"going on from {tmp_path}/checkpoints/seed-13/checkpoint-7\n" in capsys.readouterr().out
    assert main(command) == 1
    assert f"error: {tmp_path}/model: this run is finished. Start over with --restart." in capsys.readouterr().err
