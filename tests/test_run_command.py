"""How a command ends: its exit code, and what it says where it cannot go on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from classifier.command import run_command
from classifier.errors import ClassifierError, DataError, EngineError, InputError, ModelError

COMMAND = """
import sys
from classifier.command import run_command
def run():
    print("a line")
    return {code}
raise SystemExit(run_command(run))
"""


@pytest.mark.parametrize("code", [0, 3])
def test_a_command_that_is_done_has_its_own_exit_code(code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(lambda: code) == code
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("kind", [ClassifierError, InputError, ModelError, EngineError, DataError])
def test_a_problem_that_the_user_can_solve_is_one_line(
    kind: type[ClassifierError], capsys: pytest.CaptureFixture[str]
) -> None:
    def run() -> NoReturn:
        raise kind("feed.csv: no column 'text'")

    assert run_command(run) == 1
    assert capsys.readouterr() == ("", "error: feed.csv: no column 'text'\n")


def test_an_interrupted_command_says_how_it_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    def run() -> NoReturn:
        raise KeyboardInterrupt

    assert run_command(run) == run_command(run, interrupted="interrupted. Give it again.") == 130
    assert capsys.readouterr().err == "\ninterrupted\n\ninterrupted. Give it again.\n"


def test_an_error_of_ours_is_not_hidden() -> None:
    def run() -> NoReturn:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_command(run)


@pytest.mark.parametrize("code", [0, 3])
def test_a_reader_that_has_gone_away_is_no_traceback(code: int) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-c", COMMAND.format(code=code)], stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no device that is always full")
def test_a_full_disk_under_standard_output_is_one_line() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", COMMAND.format(code=0)],
            stdout=full,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": ""},
            check=False,
        )
    assert done.stderr == b"error: standard output: cannot be written (No space left on device).\n"
    assert done.returncode == 1


def test_a_command_without_standard_output_has_its_exit_code() -> None:
    command = [sys.executable, "-c", COMMAND.format(code=3)]
    done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", *command], stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (3, b"")
