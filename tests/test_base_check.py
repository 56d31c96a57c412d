"""Bases of many architectures: which become a model folder, and what is said of the others before they are trained."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tiny_training import write_base, write_config

from classifier import Classifier
from classifier.errors import ModelError
from training.base_check import check_base
from training.config import Config, load_config
from training.model import load_base
from training.train import main

SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
SIZES |= {"vocab_size": 24, "max_position_embeddings": 64, "pad_token_id": 0, "initializer_range": 0.2}
DISTILBERT = {"vocab_size": 24, "max_position_embeddings": 64, "dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64}
DEBERTA = {"relative_attention": True, "pos_att_type": ["p2c", "c2p"], "position_buckets": 8, "type_vocab_size": 0}
GPT2 = {"vocab_size": 24, "n_positions": 64, "n_embd": 32, "n_layer": 1, "n_head": 2, "pad_token_id": 0}
MODERNBERT = {"local_attention": 8, "cls_token_id": 2, "sep_token_id": 3, "bos_token_id": 2, "eos_token_id": 3}


def config_for(folder: Path, kind: str, settings: Mapping[str, Any]) -> Config:
    """A config whose base is a random model of that architecture."""
    write_base(folder / "base")
    torch.manual_seed(0)
    model_class: Any = getattr(transformers, f"{kind}Model")
    model_class(getattr(transformers, f"{kind}Config")(**settings)).save_pretrained(folder / "base")
    return load_config(write_config(folder, folder / "base", stories={"train": 1, "validation": 1}, epochs=1))


def check(config: Config) -> None:
    """The check, as a training begins with it."""
    check_base(*load_base(config), config)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("Bert", SIZES),
        ("Roberta", SIZES),
        ("MPNet", SIZES),
        ("Electra", SIZES | {"embedding_size": 16}),
        ("DistilBert", DISTILBERT),
        ("DebertaV2", SIZES | DEBERTA),
        ("ModernBert", SIZES | MODERNBERT),
        ("XLMRoberta", SIZES),
        ("Albert", SIZES | {"embedding_size": 16}),
        ("MobileBert", SIZES | {"intra_bottleneck_size": 16, "embedding_size": 16}),
    ],
)
def test_a_base_of_another_architecture_passes(tmp_path: Path, kind: str, settings: Mapping[str, Any]) -> None:
    check(config_for(tmp_path, kind, settings))


def test_an_architecture_that_openvino_cannot_convert_is_refused(tmp_path: Path) -> None:
    config = config_for(tmp_path, "GPT2", GPT2)
    with pytest.raises(ModelError, match=r"base' \(architecture gpt2\): OpenVINO cannot run it \(Model wasn't .*These"):
        check(config)


def test_an_architecture_that_looks_at_padding_is_refused(tmp_path: Path) -> None:
    config = config_for(tmp_path, "ConvBert", SIZES | {"embedding_size": 32})
    with pytest.raises(ModelError, match=r"\(architecture convbert\): a story has other logits in a batch than alone"):
        check(config)


def test_logits_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    config = config_for(tmp_path, "Roberta", SIZES)
    model, tokenizer = load_base(config)
    model.classifier.out_proj.bias.data[0] = float("nan")
    with pytest.raises(ModelError, match=r"gives logits that are no numbers\. Name"):
        check_base(model, tokenizer, config)


def test_a_base_with_fewer_positions_than_it_says_is_refused(tmp_path: Path) -> None:
    config = config_for(tmp_path, "Roberta", SIZES | {"max_position_embeddings": 32})  # the first position is number 1
    with pytest.raises(ModelError, match=r"cannot read 32 tokens \(.*\)\. Set a smaller model\.max_length\."):
        check(config)


def test_a_bert_that_the_torch_engine_does_not_run_is_refused(tmp_path: Path) -> None:
    config = config_for(tmp_path, "Bert", SIZES | {"hidden_act": "relu"})
    with pytest.raises(ModelError, match=r"base: config\.json is not plain BERT \(activation relu"):
        check(config)


def test_nothing_is_trained_from_a_base_that_cannot_be_exported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config_for(tmp_path, "GPT2", GPT2)
    write_config(tmp_path, tmp_path / "base", stories={"train": 60, "validation": 20}, epochs=1)
    assert main([str(tmp_path / "tiny.yaml")]) == 1
    output = capsys.readouterr()
    assert "OpenVINO cannot run it" in output.err
    assert "epoch 1" not in output.out


def test_a_model_of_another_architecture_is_trained_and_read_by_both_engines(tmp_path: Path) -> None:
    config_for(tmp_path, "Roberta", SIZES | {"initializer_range": 0.1})
    config = write_config(tmp_path, tmp_path / "base", stories={"train": 200, "validation": 60}, epochs=8)
    assert main([str(config)]) == 0
    folder = tmp_path / "run" / "model"
    assert json.loads((folder / "config.json").read_bytes())["model_type"] == "roberta"
    texts = ["the envoy said talks on monday", "a storm and a flood in the city", "new house " * 40]
    ours, theirs = (Classifier.load(folder, engine=engine).predict_proba(texts) for engine in ("openvino", "torch"))
    assert ours.shape == (len(texts), 2)
    np.testing.assert_allclose(ours, theirs, atol=0.02)
