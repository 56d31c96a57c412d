"""The cache of compiled models: in the user's cache folder, of a bounded size, and no condition for anything."""

from __future__ import annotations

import os
import signal
import threading
import time
import warnings
from pathlib import Path

import pytest

from classifier import Classifier
from classifier.engines import openvino_engine
from classifier.engines.compiled_cache import _alone, cache_base, compiled_forms, make_room


@pytest.fixture(autouse=True)
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    return cache_base()


def form(base: Path, name: str, *, age: int, size: int = 100) -> Path:
    path = base / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (1e9 - age, 1e9 - age))
    return path


def test_the_longest_not_used_make_room(base: Path) -> None:
    old = form(base, "openvino-1/a/old.blob", age=3)
    mid = form(base, "openvino-2/b/mid.blob", age=2)
    new = form(base, "openvino-2/c/new.blob", age=1)
    make_room(base, new.parent, largest=250)
    assert (old.exists(), mid.exists(), new.exists()) == (False, True, True)
    assert not (base / "openvino-1").exists()


def test_the_forms_of_the_model_in_use_stay(base: Path) -> None:
    forms = [form(base, f"openvino-1/a/{number}.blob", age=9, size=400) for number in range(2)]
    other = form(base, "openvino-1/b/other.blob", age=1)
    small = form(base, "openvino-1/c/small.blob", age=2, size=10)
    make_room(base, forms[0].parent, largest=850)
    assert all(path.exists() for path in [*forms, small])
    assert not other.exists()


def test_room_is_made_only_where_a_form_was_added(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[Path, Path]] = []
    monkeypatch.setattr("classifier.engines.compiled_cache.make_room", lambda *folders: made.append(folders))
    model = base / "openvino-1" / "model"
    for new in (True, False):
        with compiled_forms("1", "model") as folder:
            assert folder == model
            if new:
                form(folder, "a.blob", age=9)
        assert (model / "a.blob").stat().st_mtime > 1e9  # it was used now
        os.utime(model / "a.blob", (1e9 - 9, 1e9 - 9))
    assert made == [(base, model)]


def test_one_after_the_other_has_the_forms_of_a_model(base: Path) -> None:
    order: list[str] = []

    def other() -> None:
        with compiled_forms("1", "model"):
            order.append("other")

    with compiled_forms("1", "model"), compiled_forms("1", "another model"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "other"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_process_that_was_forked_meanwhile_keeps_nobody_out(base: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python's own, that forks and threads do not go together
        with compiled_forms("1", "model") as folder:
            forked = os.fork()
            if not forked:
                time.sleep(60)
                os._exit(0)
    try:
        assert folder is not None
        with _alone(folder, wait=False) as alone:
            assert alone
    finally:
        os.kill(forked, signal.SIGKILL)
        os.waitpid(forked, 0)


def test_forms_that_another_process_is_at_make_no_room(base: Path) -> None:
    kept, other = form(base, "openvino-1/kept/new.blob", age=1), form(base, "openvino-1/other/old.blob", age=9)
    with compiled_forms("1", "other"):
        os.utime(other, (1e9 - 9, 1e9 - 9))
        make_room(base, kept.parent, largest=100)
        assert other.exists()
    make_room(base, kept.parent, largest=100)
    assert not other.exists()


def test_a_folder_that_is_about_to_get_its_first_form_stays(base: Path) -> None:
    kept, unused = form(base, "openvino-1/kept/new.blob", age=1), base / "openvino-1" / "unused"
    unused.mkdir()
    with compiled_forms("1", "other") as folder:
        assert folder is not None
        make_room(base, kept.parent)
        assert folder.is_dir()
        assert not unused.exists()


def test_a_model_is_compiled_without_the_cache_where_the_cache_fails(
    base: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(openvino_engine.ov.Core):  # type: ignore[misc, name-defined]
        def compile_model(self, model: str, device: str, settings: dict[str, str]) -> object:
            if "CACHE_DIR" in settings:
                raise RuntimeError("filesystem error: cannot set permissions: No such file or directory")
            return super().compile_model(model, device, settings)

    scores = Classifier.load(tiny_model, engine="openvino").predict_proba(["talks of the river"])
    monkeypatch.setattr(openvino_engine.ov, "Core", Failing)
    assert (Classifier.load(tiny_model, engine="openvino").predict_proba(["talks of the river"]) == scores).all()


def test_a_model_leaves_its_forms_there_and_loads_without_them(
    base: Path, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = Classifier.load(tiny_model, engine="openvino").predict_proba(["talks of the river"])
    assert list(base.glob("openvino-*/*/*.blob"))
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert (Classifier.load(tiny_model, engine="openvino").predict_proba(["talks of the river"]) == scores).all()


def test_a_user_without_a_home_does_without_the_cache(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)  # what it gives where there is no such user
    with compiled_forms("1", "model") as folder:
        assert folder is None
    assert Classifier.load(tiny_model, engine="openvino").classify("talks of the river").error is None


@pytest.mark.parametrize("named", ["", "cache", "./cache"])
def test_a_cache_that_is_named_from_the_current_folder_is_none(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", named)
    monkeypatch.setattr(Path, "home", lambda: Path("/home/ana"))
    assert cache_base() == Path("/home/ana/.cache/news-topic-classifier")
