"""A call in a thread of its own: its result, its error, and a model that is loaded when the main thread has ended."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from test_cascade import cascade_of, edit
from test_processes import texts

from classifier.own_thread import own_thread

# What a server does whose main thread starts the threads that answer, and ends.
AFTER_MAIN = """
import sys, threading
from classifier import Classifier

loaded = Classifier.load(sys.argv[1], engine="openvino")
texts = sys.argv[2].split("|")

def work():
    threading.main_thread().join()
    print(len(loaded.classify_many(texts)), len(Classifier.load(sys.argv[1], engine="openvino").classify_many(texts)))

threading.Thread(target=work).start()
"""


def test_many_stories_and_a_cascade_are_no_matter_where_the_main_thread_has_ended(
    tiny_model: Path, tmp_path: Path
) -> None:
    shutil.copytree(tiny_model, tmp_path / "first")
    shutil.copytree(tiny_model, tmp_path / "whole")
    edit(tmp_path / "whole", cascade_of(tmp_path))
    asked = [sys.executable, "-c", AFTER_MAIN, str(tmp_path / "whole"), "|".join(texts(400))]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "400 400\n", "")


def test_the_call_runs_beside_the_block_and_gives_its_result() -> None:
    go_on = threading.Event()

    def call() -> tuple[bool, threading.Thread]:
        return go_on.wait(30), threading.current_thread()

    with own_thread(call) as begun:
        go_on.set()
    waited, thread = begun.result()
    assert waited
    assert thread is not threading.current_thread()
    assert not thread.is_alive()


def test_the_error_of_the_call_is_raised_where_its_result_is_asked_for() -> None:
    def call() -> None:
        raise ValueError("no such kernel")

    with own_thread(call) as begun:
        pass
    with pytest.raises(ValueError, match="no such kernel"):
        begun.result()


def test_the_call_is_waited_for_where_the_block_fails() -> None:
    go_on, done = threading.Event(), threading.Event()

    def call() -> None:
        go_on.wait(30)
        done.set()

    def fails() -> None:
        with own_thread(call):
            threading.Timer(0.1, go_on.set).start()
            raise ValueError("of the block")

    with pytest.raises(ValueError, match="of the block"):
        fails()
    assert done.is_set()
