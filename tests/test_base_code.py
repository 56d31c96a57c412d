"""A base is data: no code that a folder or hub id brings along is run, and nobody is asked whether it may be."""

from __future__ import annotations

import builtins
import json
import os
from pathlib import Path

import pytest
import torch
from tiny_training import write_base, write_config

from classifier.errors import ModelError
from training.config import Config, load_config
from training.model import base_labels, load_base

CODE = """
from pathlib import Path
from transformers import PretrainedConfig
Path(__file__).with_name("ran").touch()
class Settings(PretrainedConfig):
    model_type = "unheard-of"
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    base = write_base(tmp_path / "base")
    return load_config(write_config(tmp_path, base, stories={"train": 8}, epochs=1))


def test_code_of_a_base_is_not_run(config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtins, "input", lambda *_: "y")  # who is asked, says yes
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(tmp_path / "modules"))
    base = tmp_path / "base"
    settings = json.loads((base / "config.json").read_text(encoding="utf-8"))
    settings |= {"model_type": "unheard-of", "auto_map": {"AutoConfig": "code.Settings"}}
    (base / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    (base / "code.py").write_text(CODE, encoding="utf-8")
    assert base_labels(config) is None
    with pytest.raises(ModelError, match=r"cannot be loaded \(.*\)\. Name a hub id, or a folder"):
        load_base(config)
    assert not list(tmp_path.rglob("ran"))


class Touch:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self.path,)


def test_pickled_weights_are_weights_alone(config: Config, tmp_path: Path) -> None:
    (tmp_path / "base" / "model.safetensors").unlink()
    torch.save({"head": Touch(tmp_path / "ran")}, tmp_path / "base" / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"cannot be loaded \(Weights only load failed\..*\)\. Name a hub id"):
        load_base(config)
    assert not (tmp_path / "ran").exists()
