"""The folder of a job belongs to the run that holds it: nobody else removes it, and nothing else in it goes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from classifier.checkpoints import JobState

pytestmark = pytest.mark.usefixtures("in_tmp")
STATE = Path("out.jsonl.job/state.sqlite")
ROWS = Path("out.jsonl.job/rows.jsonl")
Predict = Callable[..., tuple[int, str]]


@pytest.fixture
def predict(predict_code: Predict) -> Predict:
    """The command on one story."""
    return lambda *more: predict_code("--text", "talks", "-o", "out.jsonl", "--quiet", *more)


@pytest.mark.parametrize("more", [(), ("--restart",)])
def test_a_job_that_runs_is_left_alone(predict: Predict, more: tuple[str, ...]) -> None:
    STATE.parent.mkdir()
    with closing(JobState(STATE, 4)) as running:
        running.commit({"progress": {"rows": 512}})
        ROWS.write_text("its rows\n")
        message = "error: out.jsonl.job: another job is writing here. Wait for it or stop it.\n"
        assert predict(*more) == (1, message)
        assert ROWS.read_text() == "its rows\n"
        assert running.read("progress") == {"rows": 512}
        assert not Path("out.jsonl").exists()
    if more:  # it has ended, however it ended
        assert predict(*more) == (0, "")
        assert not ROWS.parent.exists()


def test_a_job_whose_state_is_damaged_is_started_over(predict: Predict) -> None:
    STATE.parent.mkdir()
    STATE.write_bytes(b"no database " * 100)
    message = f"error: {STATE}: cannot be written (file is not a database).\n"
    assert predict() == (1, message)
    assert predict("--restart") == (0, "")
    assert Path("out.jsonl").exists()
    assert not STATE.parent.exists()
