"""Importing large libraries: Ctrl-C waits until they are there, and a missing one says what brings it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from classifier.errors import MissingExtraError
from classifier.imports import held_interrupts, importing


@pytest.fixture(autouse=True)
def handler() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def load(imported: list[str], *signals: int) -> None:
    with importing("this", "html"):
        for number in signals:
            signal.raise_signal(number)
        imported.append("all of it")


def test_ctrl_c_takes_effect_when_the_library_is_there() -> None:
    imported: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        load(imported, signal.SIGINT)
    assert imported == ["all of it"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_second_ctrl_c_takes_effect_at_once() -> None:
    imported: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        load(imported, signal.SIGINT, signal.SIGINT)
    assert imported == []
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_missing_library_names_its_extra() -> None:
    with (
        pytest.raises(MissingExtraError, match=r"^reading feeds needs the extra 'html'\."),
        importing("reading feeds", "html"),
    ):
        import no_such_library  # noqa: F401
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_library_that_is_there_and_does_not_load_says_why() -> None:
    with (
        pytest.raises(MissingExtraError, match=r"\[html\]\" \(lxml\.html\.clean is now a project of its own\)$"),
        importing("reading HTML", "html"),
    ):
        raise ImportError("lxml.html.clean is now\na project of its own")


def test_a_handler_of_the_application_stays() -> None:
    noted = []
    signal.signal(signal.SIGINT, lambda number, _: noted.append(number))
    with held_interrupts():
        signal.raise_signal(signal.SIGINT)
        assert noted == [signal.SIGINT]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with held_interrupts():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_another_thread_leaves_signals_alone() -> None:
    ran = []

    def load() -> None:
        with held_interrupts():
            ran.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=load)
    thread.start()
    thread.join()
    assert ran == [signal.default_int_handler]
