"""A job goes on with the input that it was started with, and with no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from classifier import Classifier, InputError, Story
from classifier.checkpoints import JobState
from classifier.job_input import Done, chunks_left
from classifier.jobs import Job, run_job
from classifier.outputs import output_for
from classifier.scorable import CHUNK
from classifier.stopping import Stopped

ADVICE = "Bring the input back as it was, or start over with --restart."


def stories(count: int = 2 * CHUNK, **columns: Any) -> list[Story]:
    """Stories with a column of text, and of whatever else is given."""
    texts = [f"talks {number}" for number in range(count)]
    own = {"day": date(2024, 3, 1), "broken": "k\ud800", **columns}
    return [Story(text=text, id=number, columns={"text": text, **own}) for number, text in enumerate(texts)]


class Crash(BaseException):
    """Stands for a power cut."""


def crashing(items: Sequence[Story]) -> Iterator[Story]:
    yield from items
    raise Crash


def job(folder: Path) -> Job:
    return Job(output=output_for(str(folder / "rows.jsonl")), fingerprint={"input": "stdin"}, checkpoint_s=0.0)


def begin(folder: Path, classifier: Classifier, items: Sequence[Story]) -> None:
    """A job that has done the first chunk when it is cut off."""
    with pytest.raises(Crash):
        run_job(job(folder), classifier, crashing(items[: CHUNK + 1]))


@pytest.mark.parametrize(
    "now",
    [
        {"outlet": "B"},
        {"outlet": "A "},
        {"outlet": None},
        {},
        {"outlet": "A", "day": date(2024, 3, 2)},
        {"outlet": "A", "more": 1},
        {"Outlet": "A"},
    ],
)
def test_other_columns_are_another_input(tmp_path: Path, counting_classifier: Classifier, now: dict[str, Any]) -> None:
    before = stories(outlet="A")
    begin(tmp_path, counting_classifier, before)
    changed = [*before[:113], stories(**now)[113], *before[114:]]
    with pytest.raises(InputError, match=f"the first {CHUNK} records are not those .*{ADVICE}"):
        run_job(job(tmp_path), counting_classifier, iter(changed))
    assert run_job(job(tmp_path), counting_classifier, iter(stories(outlet="A"))).resumed == CHUNK


def test_a_change_behind_what_was_done_is_none(tmp_path: Path, counting_classifier: Classifier) -> None:
    before = stories(outlet="A")
    begin(tmp_path, counting_classifier, before)
    changed = [*before[:CHUNK], *stories(outlet="B")[CHUNK:]]
    assert run_job(job(tmp_path), counting_classifier, iter(changed)).resumed == CHUNK


def test_other_chunks_are_another_input(tmp_path: Path) -> None:
    """Chunks are cut by length too: what was done may end within one, where there is no digest to compare."""
    items = stories()
    done = Done(CHUNK - 1, b"")
    with pytest.raises(InputError, match=f"the first {CHUNK - 1} records are not those"):
        next(chunks_left(iter(items), tmp_path, done))


def test_a_job_that_an_earlier_version_began_goes_on(tmp_path: Path, counting_classifier: Classifier) -> None:
    """Its digests are without columns."""
    first = job(tmp_path)
    first.folder.mkdir()
    with closing(JobState(first.folder / "state.sqlite", len(counting_classifier.labels))) as state:
        state.commit({"fingerprint": dict(first.fingerprint)})
    begin(tmp_path, counting_classifier, stories())
    with closing(JobState(first.folder / "state.sqlite", len(counting_classifier.labels))) as state:
        assert state.read("progress")["digest"] == "663a2fb4a2001ccb90b555774ae8ece2"
    assert run_job(first, counting_classifier, iter(stories())).resumed == CHUNK


# A job that has all rows and died while its output was made


@pytest.fixture
def complete(tmp_path: Path, counting_classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with such a job on `stories(CHUNK + 3)`, and an older output."""
    with monkeypatch.context() as patch:
        patch.setattr("classifier.jobs.finish_output", lambda *_, **__: (_ for _ in ()).throw(Crash))
        with pytest.raises(Crash):
            run_job(job(tmp_path), counting_classifier, iter(stories(CHUNK + 3)))
    (tmp_path / "rows.jsonl").write_text("older")
    return tmp_path


@pytest.mark.parametrize("rows", [True, False])  # without: the output was moved into its place
@pytest.mark.parametrize(
    ("now", "message"),
    [
        (stories(CHUNK + 3, outlet="B"), f"the first {CHUNK + 3} records are not those"),
        (stories(CHUNK + 4), f"the input has more than the {CHUNK + 3} records that there were"),
        (stories(CHUNK + 2), f"the input has {CHUNK + 2} records, {CHUNK + 3} were done before"),
        ([], f"the input has 0 records, {CHUNK + 3} were done before"),
    ],
)
def test_the_input_of_a_complete_job_is_compared(
    complete: Path, counting_classifier: Classifier, rows: bool, now: list[Story], message: str
) -> None:
    output, saved = complete / "rows.jsonl", complete / "rows.jsonl.job/rows.jsonl"
    whole = saved.read_text()
    if not rows:
        saved.replace(output)
    before = output.read_text()
    for _ in range(2):  # the refusal changes nothing
        with pytest.raises(InputError, match=f"{message}.*{ADVICE}"):
            run_job(job(complete), counting_classifier, iter(now))
        assert output.read_text() == before
    run_job(job(complete), counting_classifier, iter(stories(CHUNK + 3)))
    assert output.read_text() == whole
    assert not job(complete).folder.exists()


def test_more_after_whole_chunks_is_more(tmp_path: Path) -> None:
    whole = Done(CHUNK, next(chunks_left(iter(stories()), tmp_path, Done(0, b"")))[1], is_all=True)
    assert not list(chunks_left(iter(stories(CHUNK)), tmp_path, whole))
    with pytest.raises(InputError, match=f"the input has more than the {CHUNK} records"):
        next(chunks_left(iter(stories(CHUNK + 1)), tmp_path, whole))


def test_a_complete_job_whose_input_says_nothing_is_stopped(complete: Path, counting_classifier: Classifier) -> None:
    waits, goes_on = Event(), Event()

    def slow() -> Iterator[Story]:
        yield from stories(CHUNK + 1)
        waits.set()
        goes_on.wait(30)

    with pytest.raises(Stopped):
        run_job(job(complete), counting_classifier, slow(), should_stop=waits.is_set)
    goes_on.set()
    assert job(complete).folder.exists()


@pytest.mark.usefixtures("in_tmp")
def test_another_text_of_the_command_is_another_input(
    predict_code: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def command(text: str) -> tuple[int, str]:
        return predict_code("--text", text, "-o", "out.jsonl", "--quiet")

    with monkeypatch.context() as patch:
        patch.setattr("classifier.jobs.finish_output", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        assert command("talks")[0] == 130
    code, said = command("flood")
    assert code == 1
    assert "  - text: was 'talks', is 'flood'\n" in said
    assert command("talks") == (0, "")
