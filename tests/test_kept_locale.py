"""The locale after loading: the one before, however many threads load, and whether or not it works."""

from __future__ import annotations

import locale
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from test_cascade import cascade_of, edit

from classifier import Classifier, ModelError
from classifier.engines import openvino_engine


@pytest.fixture(autouse=True)
def before() -> Iterator[str]:
    """A locale that is not "C"; the one of the test run comes back at the end."""
    found = locale.setlocale(locale.LC_ALL)
    try:
        yield locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        pytest.skip("this system has no locale C.UTF-8")
    finally:
        locale.setlocale(locale.LC_ALL, found)


@pytest.fixture
def cascade(tiny_model: Path, tmp_path: Path) -> Path:
    """The tiny model with itself in front of it."""
    for name in ("first", "whole"):
        shutil.copytree(tiny_model, tmp_path / name)
    edit(tmp_path / "whole", cascade_of(tmp_path))
    return tmp_path / "whole"


def test_the_models_of_a_cascade_are_loaded_at_the_same_time_and_the_locale_is_kept(
    cascade: Path, before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled, together = openvino_engine._compiled, threading.Barrier(2)

    def leaves_c(*arguments: Any) -> Any:
        """What OpenVINO does, as unlucky as it can be: the second thread finds the "C" of the first."""
        together.wait(timeout=30)
        made = compiled(*arguments)
        locale.setlocale(locale.LC_ALL, "C")
        return made

    monkeypatch.setattr(openvino_engine, "_compiled", leaves_c)
    monkeypatch.setattr(openvino_engine, "compiled_forms", lambda *_: nullcontext())  # equal models take turns there
    Classifier.load(cascade, engine="openvino")
    assert locale.setlocale(locale.LC_CTYPE) == before


def test_the_locale_is_kept_where_loading_fails(tiny_model: Path, before: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> Any:
        locale.setlocale(locale.LC_ALL, "C")
        raise RuntimeError("no such kernel")

    monkeypatch.setattr(openvino_engine, "_compiled", fails)
    with pytest.raises(ModelError, match="no such kernel"):
        Classifier.load(tiny_model, engine="openvino")
    assert locale.setlocale(locale.LC_CTYPE) == before


def test_the_last_of_several_threads_puts_the_locale_back(before: str) -> None:
    first_is_in, second_is_in, first_is_out = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        with openvino_engine.kept_locale():
            locale.setlocale(locale.LC_ALL, "C")
            first_is_in.set()
            assert second_is_in.wait(30)
        first_is_out.set()

    def second() -> None:
        assert first_is_in.wait(30)
        with openvino_engine.kept_locale():
            second_is_in.set()
            assert first_is_out.wait(30)
            locale.setlocale(locale.LC_ALL, "C")

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(first), pool.submit(second)]:
            done.result()
    assert locale.setlocale(locale.LC_CTYPE) == before
