"""The folder of a job belongs to the run that holds it: nobody else removes it, and nothing else in it goes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

from classifier.checkpoints import JobState

pytestmark = pytest.mark.usefixtures("in_tmp")
STATE = Path("out.jsonl.job/state.sqlite")
ROWS = Path("out.jsonl.job/rows.jsonl")
ADVICE = "Move it away, or name another output."
Interrupt = Callable[[int], AbstractContextManager[None]]
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


@pytest.mark.parametrize(("left", "found"), [("{}\n", "3"), (None, "0")])
@pytest.mark.parametrize("complete", [False, True])
@pytest.mark.parametrize("old", [None, "of yesterday\n"])
def test_rows_that_were_saved_and_are_gone_are_not_made_up(
    predict: Predict, interrupted: Interrupt, left: str | None, found: str, complete: bool, old: str | None
) -> None:
    with interrupted(1):
        assert predict() == (130, "\ninterrupted\n")
    if old is not None:
        Path("out.jsonl").write_text(old)
    with closing(JobState(STATE, 4)) as state:
        state.commit({"progress": {"rows": 1, "size": 1024}, "complete": complete})
    ROWS.unlink()
    if left is not None:
        ROWS.write_text(left)
    advice = "Bring the file back, or start over with --restart."
    assert predict() == (1, f"error: {ROWS}: {found} of the 1,024 bytes that were saved are there. {advice}\n")
    assert STATE.exists()
    assert old is None or Path("out.jsonl").read_text() == old
    assert predict("--restart") == (0, "")
    assert Path("out.jsonl").read_text().startswith('{"id":')


# What no job made


@pytest.mark.parametrize("more", [(), ("--restart",)])
@pytest.mark.parametrize("name", ["notes.txt", "rows.jsonl"])  # the second one lost its state: nobody else's to remove
def test_a_folder_that_no_job_made_is_refused(predict: Predict, name: str, more: tuple[str, ...]) -> None:
    ROWS.parent.mkdir()
    ROWS.with_name(name).write_text("precious")
    message = f"error: out.jsonl.job: holds no job (no state.sqlite), but {name}. {ADVICE}\n"
    assert predict(*more) == (1, message)
    assert [path.name for path in ROWS.parent.iterdir()] == [name]
    assert ROWS.with_name(name).read_text() == "precious"
    assert not Path("out.jsonl").exists()


def test_a_file_in_the_place_of_the_folder_is_said_by_its_name(predict: Predict) -> None:
    ROWS.parent.write_text("precious")
    message = f"error: out.jsonl.job: is no folder, and a job needs one of that name. {ADVICE}\n"
    assert predict() == predict("--restart") == (1, message)
    assert ROWS.parent.read_text() == "precious"


@pytest.mark.parametrize("more", [(), ("--restart",)])
def test_what_was_put_beside_the_files_of_a_job_stays(
    predict: Predict, interrupted: Interrupt, more: tuple[str, ...]
) -> None:
    with interrupted(1):
        assert predict() == (130, "\ninterrupted\n")
    ROWS.with_name("notes.txt").write_text("precious")
    assert predict(*more) == (0, "")
    assert [path.name for path in ROWS.parent.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("more", [(), ("--restart",)])
def test_nothing_stays_of_a_job_that_was_killed(
    predict: Predict, interrupted: Interrupt, more: tuple[str, ...]
) -> None:
    with interrupted(1):
        assert predict() == (130, "\ninterrupted\n")
    STATE.with_name("state.sqlite-journal").write_bytes(bytes(512))  # as SQLite leaves it then
    assert predict(*more) == (0, "")
    assert not STATE.parent.exists()


@pytest.mark.parametrize("removes", [True, False])
def test_a_restart_that_was_killed_as_it_removed_a_job_leaves_none_to_move_away(
    predict: Predict, interrupted: Interrupt, monkeypatch: pytest.MonkeyPatch, removes: bool
) -> None:
    unlink = Path.unlink

    def killed(path: Path, missing_ok: bool = False) -> None:
        if removes:
            unlink(path, missing_ok)
        raise KeyboardInterrupt

    with interrupted(1):
        assert predict() == (130, "\ninterrupted\n")
    ROWS.write_text("an old row\n")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", killed)
        assert predict("--restart") == (130, "\ninterrupted\n")
    assert predict() == (0, "")
    assert "an old row" not in Path("out.jsonl").read_text()
    assert not STATE.parent.exists()


@pytest.mark.parametrize("name", [None, ".DS_Store", "state.sqlite-journal"])
def test_an_empty_folder_is_taken(predict: Predict, name: str | None) -> None:
    ROWS.parent.mkdir()
    if name is not None:
        ROWS.with_name(name).write_bytes(bytes(512))
    assert predict() == (0, "")
    assert ROWS.parent.exists() == (name == ".DS_Store")


@pytest.mark.parametrize("more", [(), ("--restart",)])
@pytest.mark.parametrize("name", ["rows.jsonl", "state.sqlite", "state.sqlite-journal", "finished"])
def test_a_link_in_place_of_a_file_is_not_followed(predict: Predict, name: str, more: tuple[str, ...]) -> None:
    with closing(JobState(Path("mine"), 4)):
        pass  # what --restart would empty
    kept = Path("mine").read_bytes()
    STATE.parent.mkdir()
    if name != STATE.name:
        STATE.touch()
    (STATE.parent / name).symlink_to(Path("mine").resolve())
    message = f"error: out.jsonl.job: {name} is a link, which no job makes. {ADVICE}\n"
    assert predict(*more) == (1, message)
    assert Path("mine").read_bytes() == kept


def test_the_folder_of_a_job_may_be_a_link(predict: Predict) -> None:
    Path("large disk").mkdir()
    STATE.parent.symlink_to("large disk")
    assert predict() == (0, "")
