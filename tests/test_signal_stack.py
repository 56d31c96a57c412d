"""Loading a model leaves the signals of the calling thread alone, whatever OpenVINO does to the thread that loads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TWO_MODELS = """
import ctypes, gc, signal, sys
from classifier.engines import engine_for
from classifier.manifest import load_manifest

class Stack(ctypes.Structure):
    _fields_ = [("place", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t)]

def place():
    stack = Stack()
    ctypes.CDLL(None).sigaltstack(None, ctypes.byref(stack))
    return stack.place

before = place()
first = engine_for("openvino", "cpu")(load_manifest(sys.argv[1]))
second = engine_for("openvino", "cpu")(load_manifest(sys.argv[1]))
assert place() == before
del first
gc.collect()
del second
gc.collect()
assert place() == before
try:
    signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="signal stacks are looked at as Linux has them")
def test_ctrl_c_after_two_models_went_in_another_order_than_they_came_is_no_crash(tiny_model: Path) -> None:
    asked = [sys.executable, "-c", TWO_MODELS, str(tiny_model)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "interrupted\n"), done.stderr
