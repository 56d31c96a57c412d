"""Ctrl-C ends a command in one line, also while its libraries are loaded, and so does a library that is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from training import cascade, refit
from training.loading import loading

ROOT = Path(__file__).parents[1]
COMMANDS = ["cascade", "check", "evaluate", "pages", "refit", "train"]

# `python -m training.NAME`, interrupted where it loads the first module that it works with.
RUN = """
import runpy, sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("training.") and name not in ("training.loading", sys.argv[0]):
            raise KeyboardInterrupt
sys.argv = sys.argv[1:]
sys.meta_path.insert(0, Interrupting())
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_interrupted_while_it_is_loaded(name: str) -> None:
    command = [sys.executable, "-c", RUN, f"training.{name}"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "\ninterrupted\n")


def test_a_missing_library_is_named_with_the_extra_that_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="1"), loading("training.refit"):
        raise ImportError("No module named 'torch'")
    message = capsys.readouterr().err
    assert message.startswith("error: training.refit needs the extra 'train'. Install it: pip install")
    assert message.endswith("(No module named 'torch')\n")


@pytest.mark.parametrize(
    ("command", "more"), [(refit, []), (cascade, ["--first", "b", "--texts", "c.jsonl"])], ids=["refit", "cascade"]
)
def test_a_command_is_interrupted_while_it_works(
    command: object, more: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "_run", interrupt)
    assert command.main(["--model", "a", "--data", "d.jsonl", "--out", "e", *more]) == 130  # type: ignore[attr-defined]
    assert capsys.readouterr().err == "\ninterrupted\n"
