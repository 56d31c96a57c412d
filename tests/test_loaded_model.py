"""A model that is loaded stays what it is, wherever the process goes and whatever becomes of its folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_engines import turn_largest_weights_around
from test_processes import texts

from classifier import Classifier
from classifier.engines import openvino_engine

MANY = 400  # texts of so many batches that they run side by side, for which the model is compiled once more


@pytest.fixture
def folder(tiny_model: Path, in_tmp: None) -> Path:
    """A model folder, by a path relative to the working directory."""
    return Path(shutil.copytree(tiny_model, "model"))


def removed(folder: Path) -> None:
    shutil.rmtree(folder)


def replaced_by_another_model(folder: Path) -> None:
    """As training puts a new model there: a new folder takes the name."""
    other = Path(shutil.copytree(folder, "other"))
    turn_largest_weights_around(other)
    shutil.rmtree(folder)
    other.rename(folder)


def overwritten(folder: Path) -> None:
    """As `cp` and `rsync --inplace` put a new model there."""
    turn_largest_weights_around(folder)


@pytest.mark.parametrize("has_cache", [False, True])
@pytest.mark.parametrize("change", [removed, replaced_by_another_model, overwritten])
def test_a_loaded_model_goes_on_where_its_folder_is_gone_or_another(
    folder: Path, change: Callable[[Path], None], has_cache: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openvino_engine, "compiled_forms", lambda *_: nullcontext())
    expected = Classifier.load(folder, engine="openvino").predict_proba(texts(MANY))
    cache = tmp_path / "cache" if has_cache else None  # an empty one: the first start of a model
    monkeypatch.setattr(openvino_engine, "compiled_forms", lambda *_: nullcontext(cache))
    classifier = Classifier.load(folder, engine="openvino")
    change(folder)
    np.testing.assert_allclose(classifier.predict_proba(texts(MANY)), expected, atol=1e-6)
    np.testing.assert_allclose(classifier.predict_proba(texts(1)), expected[:1], atol=1e-6)


def test_a_relative_path_holds_when_the_working_directory_changes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[Path] = []
    compile_model = openvino_engine._compiled

    def noted(model: Path, *more: Any) -> Any:
        compiled.append(model)
        return compile_model(model, *more)

    monkeypatch.setattr(openvino_engine, "_compiled", noted)
    classifier = Classifier.load(folder, engine="openvino")
    monkeypatch.chdir(tmp_path.parent)
    assert len(classifier.classify_many(texts(MANY))) == MANY
    assert compiled == [tmp_path / "model" / "openvino_model.xml"] * 2
