"""A checkpoint is asked for between the epochs after ten minutes, and not after the last step of one."""

from __future__ import annotations

import time

import pytest
from transformers import TrainerControl, TrainerState

from training.callbacks import CheckpointBetweenEpochs


def test_a_checkpoint_is_asked_for_every_ten_minutes_but_not_at_the_end_of_an_epoch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, asked = [0.0], []
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    callback, state = CheckpointBetweenEpochs(), TrainerState()
    callback.on_train_begin(None, state, TrainerControl())
    for step in range(1, 31):  # ten steps an epoch, two minutes each
        control = TrainerControl()
        clock[0], state.global_step, state.epoch = step * 120.0, step, (step - 1) // 10 + ((step - 1) % 10 + 1) / 10
        callback.on_step_end(None, state, control)
        if control.should_save:
            asked.append(step)
            callback.on_save(None, state, control)
    assert asked == [5, 11, 16, 21, 26]
