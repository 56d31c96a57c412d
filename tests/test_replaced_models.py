"""A run goes on only with the models that it began with: another one in the place of one of them is noticed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_training import interrupt_in_epoch, write_base, write_config

from training import trainer
from training.config import Config, load_config
from training.model_ids import model_ids
from training.train import main


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path, write_base(tmp_path / "base"), stories={"train": 100, "validation": 60}, epochs=2)


def rename(folder: Path, name: str) -> None:
    """Gives a model folder another manifest."""
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | {"name": name}), encoding="utf-8")


def test_a_base_that_was_replaced_during_a_run_is_noticed(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(trainer.Progress, "on_epoch_begin", interrupt_in_epoch(1))
        assert main([str(config)]) == 130
    weights, run = tmp_path / "base" / "model.safetensors", tmp_path / "run" / "run.json"
    first = weights.read_bytes()
    save_file({name: value + 1 for name, value in load_file(weights).items()}, weights, metadata={"format": "pt"})
    capsys.readouterr()
    assert main([str(config)]) == 1
    said = capsys.readouterr().err
    assert "run holds a run with other settings, data or models: 1 problem\n  - models.base: was 'SHA-256 " in said
    assert "Start over with --restart" in said
    weights.write_bytes(first)
    began = json.loads(run.read_bytes())
    assert began.pop("models").keys() == {"base"}
    run.write_text(json.dumps(began), encoding="utf-8")  # as the version before wrote it
    assert main([str(config)]) == 0
    assert "going on from" in capsys.readouterr().out


def test_models_are_known_by_their_manifest(config: Path, tmp_path: Path, tiny_model: Path) -> None:
    folders = [Path(shutil.copytree(tiny_model, tmp_path / name)) for name in ("a", "b", "c")]
    for folder in folders:
        rename(folder, folder.name)
    teachers = f"training.teacher=[{folders[0]}, {folders[1]}]"
    named = load_config(config, [f"model.base_dir={folders[0]}", teachers, f"training.merge={folders[2]}"])
    before = model_ids(named)
    assert before["base"] == before["teacher"][0]
    assert str(before["merge"]).startswith("c@")
    rename(folders[1], "other")
    after = model_ids(named)
    assert {role for role in before if before[role] != after[role]} == {"teacher"}


def test_a_plain_base_is_known_by_its_weights_whatever_their_form(config: Path, tmp_path: Path) -> None:
    base, named = tmp_path / "base", load_config(config)
    seen = [base_id(named)]
    (base / "README.md").write_text("A base.", encoding="utf-8")
    (base / "manifest.json").write_text("{}", encoding="utf-8")  # of another program
    assert base_id(named) == seen[0]
    weights = load_file(base / "model.safetensors")
    (base / "model.safetensors").unlink()
    for part, name in enumerate(sorted(weights), 1):
        save_file({name: weights[name]}, base / f"model-{part:05}-of-{len(weights):05}.safetensors")
    seen.append(base_id(named))
    save_file({"one": torch.zeros(1)}, base / f"model-00001-of-{len(weights):05}.safetensors")
    seen.append(base_id(named))
    for path in base.glob("*.safetensors"):
        path.unlink()
    torch.save(weights, base / "pytorch_model.bin")
    seen.append(base_id(named))
    assert len(set(seen)) == 4
    (base / "pytorch_model.bin").unlink()
    assert model_ids(named) == {}  # as of a base of the hub


def base_id(config: Config) -> str:
    found = model_ids(config)["base"]
    assert isinstance(found, str)
    return found
