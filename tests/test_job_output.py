"""Where a job writes, what it takes for its own, and how --strict ends it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from classifier import Classifier, Story
from classifier.jobs import Job, run_job
from classifier.outputs import output_for
from classifier.predict import main
from classifier.scorable import CHUNK
from classifier.stopping import Stopped

GOOD = "".join(json.dumps({"id": number, "text": f"talks {number}"}) + "\n" for number in range(CHUNK))
Interrupt = Callable[[int], AbstractContextManager[None]]


pytestmark = pytest.mark.usefixtures("in_tmp")


@pytest.fixture
def predict(predict_code: Callable[..., tuple[int, str]]) -> Callable[..., tuple[int, str]]:
    """The command without progress, with a checkpoint after every chunk."""
    return lambda *arguments: predict_code(*arguments, "--quiet", "--checkpoint", "0")


# Its own files


@pytest.mark.parametrize("pattern", ["*.jsonl", "**/*.jsonl", "."])
@pytest.mark.parametrize("more", [(), ("--restart",)])
def test_a_job_on_a_pattern_goes_on_and_starts_over(
    predict: Callable[..., tuple[int, str]], interrupted: Interrupt, pattern: str, more: tuple[str, ...]
) -> None:
    Path("a.jsonl").write_text(GOOD * 3)
    with interrupted(2):
        assert predict(pattern, "-o", "out.jsonl") == (130, "\ninterrupted\n")
    assert Path("out.jsonl.job/rows.jsonl").exists()
    for again in (more, more):  # the second time beside the finished output
        assert predict(pattern, "-o", "out.jsonl", *again) == (0, "")
        assert len(Path("out.jsonl").read_bytes().splitlines()) == 3 * CHUNK


def test_a_file_of_the_job_is_refused_as_its_input(predict: Callable[..., tuple[int, str]]) -> None:
    Path("out.jsonl.job").mkdir()
    Path("out.jsonl.job/rows.jsonl").write_text(GOOD)
    message = "out.jsonl.job/rows.jsonl: belongs to the job that writes out.jsonl. Name another input."
    assert predict("out.jsonl.job/rows.jsonl", "-o", "out.jsonl", "--restart") == (1, f"error: {message}\n")


# Where it writes


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is refused is refused before the work."""
    monkeypatch.setattr("classifier.predict._loader", lambda _: pytest.fail("the model was loaded"))


@pytest.mark.usefixtures("no_model")
def test_an_output_that_is_no_file_is_refused_before_the_work(predict: Callable[..., tuple[int, str]]) -> None:
    Path("out.csv").mkdir()
    message = "error: out.csv: cannot be written (Is a directory). Name a file in it.\n"
    assert predict("--text", "talks", "-o", "out.csv") == (1, message)
    message = "error: none/out.csv: cannot be written (no folder none).\n"
    assert predict("--text", "talks", "-o", "none/out.csv") == (1, message)


@pytest.mark.usefixtures("no_model")
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
@pytest.mark.parametrize("name", ["pipe", "/dev/null", "link"])
def test_a_pipe_or_a_device_is_never_replaced(predict: Callable[..., tuple[int, str]], name: str) -> None:
    os.mkfifo("pipe")
    Path("link").symlink_to("pipe")
    message = f"error: {name}: cannot be written (no regular file). Name another, or use standard output: no -o.\n"
    assert predict("--text", "talks", "-o", name, "--format", "csv") == (1, message)
    assert Path("pipe").is_fifo()


@pytest.mark.parametrize("earlier", [True, False])
def test_a_link_is_written_through(predict: Callable[..., tuple[int, str]], earlier: bool) -> None:
    Path("store").mkdir()
    if earlier:
        Path("store/rows.dat").write_text("earlier")
    Path("out.jsonl").symlink_to("store/rows.dat")
    assert predict("--text", "talks", "-o", "out.jsonl") == (0, "")
    assert Path("out.jsonl").is_symlink()
    assert json.loads(Path("store/rows.dat").read_text())["text"] == "talks"
    assert [path.name for path in Path("store").iterdir()] == ["rows.dat"]


# Stopped while it is made


@pytest.mark.parametrize(
    "name", ["out.jsonl.gz", "out.jsonl.zst", "out.csv", "out.csv.gz", "out.csv.zst", "out.parquet"]
)
def test_an_output_that_is_being_made_is_given_up_at_once_and_made_anew(
    counting_classifier: Classifier, name: str
) -> None:
    def run(folder: str, should_stop: Callable[[], bool] = lambda: False) -> int:
        stories = (Story(text=f"talks {number}", id=number) for number in range(CHUNK + 5))
        job = Job(output=output_for(f"{folder}/{name}"), fingerprint={})
        return run_job(job, counting_classifier, stories, should_stop=should_stop).resumed

    engine: Any = counting_classifier.engine
    for folder in ("whole", "stopped"):
        Path(folder).mkdir()
    run("whole")
    begun, asked = Path(f"stopped/{name}.job/finished"), []
    with pytest.raises(Stopped):
        run("stopped", lambda: begun.exists() and not asked.append(1))
    assert len(asked) == 1
    assert not Path(f"stopped/{name}").exists()
    scored = len(engine.batches)
    assert run("stopped") == CHUNK + 5
    assert len(engine.batches) == scored
    assert Path(f"stopped/{name}").read_bytes() == Path(f"whole/{name}").read_bytes()
    assert [path.name for path in Path("stopped").iterdir()] == [name]


# --strict


def test_strict_prints_nothing_from_the_record_on_that_stops_it(
    tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.jsonl").write_text('{"id": 1, "text": "talks"}\n{"id": 2}\n{"id": 3, "text": "talks"}\n')
    assert main(["a.jsonl", "--strict", "--model", str(tiny_model)]) == 1
    said = capsys.readouterr()
    assert [json.loads(line)["id"] for line in said.out.splitlines()] == [1]
    problem = "a.jsonl:2: no field 'text'. Found: id. Name it with --text-field."
    assert said.err == f"error: {problem} Stopped there (--strict).\n"


def test_strict_stops_every_time_until_the_record_is_corrected(predict: Callable[..., tuple[int, str]]) -> None:
    Path("a.jsonl").write_text(GOOD + '{"id": "bad"}\n' + GOOD)
    message = (
        f"error: a.jsonl:{CHUNK + 1}: no field 'text'. Found: id. Name it with --text-field. Stopped there (--strict). "
        "Correct it and start over with --restart, or go on without --strict.\n"
    )
    command = ("a.jsonl", "-o", "out.jsonl")
    for _ in range(3):
        assert predict(*command, "--strict") == (1, message)
        assert not Path("out.jsonl").exists()
    shutil.copytree("out.jsonl.job", "kept")
    assert predict(*command) == (3, "1 record could not be labelled; see the column 'error'.\n")
    shutil.move("kept", "out.jsonl.job")
    Path("a.jsonl").write_text(GOOD + '{"id": "good", "text": "talks"}\n' + GOOD)
    assert predict(*command, "--strict", "--restart") == (0, "")
    assert len(Path("out.jsonl").read_bytes().splitlines()) == 2 * CHUNK + 1
