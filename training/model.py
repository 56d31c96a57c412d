"""Base checkpoint + head, and the tokenizer that belongs to it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from pickle import UnpicklingError  # of an old base's pytorch_model.bin, of which weights alone are read
from typing import Any

import tokenizers
import torch
import transformers
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

from classifier.decide import ProblemType
from classifier.errors import ModelError
from classifier.manifest import MANIFEST
from classifier.tokens import Tokenizer
from training.config import Config, base_location

_TRANSFORMERS_PROBLEM_TYPES: Mapping[ProblemType, str] = {
    "multi_label": "multi_label_classification",
    "multi_class": "single_label_classification",
    "binary": "multi_label_classification",  # of one label
}
_NO_CODE: Mapping[str, bool] = {"trust_remote_code": False}  # else Transformers asks the user
_BYTES_PER_WEIGHT = 3  # in a model folder: half precision for torch, int8 for OpenVINO
_ATTENTION_DROPOUT = ("attention_probs_dropout_prob", "attention_dropout")  # BERT and kin; DistilBERT, ModernBERT


def load_base(config: Config) -> tuple[Any, Any]:
    """The Transformers model with a head for the config's topics, in float32, and its Transformers tokenizer.

    A head that the base already has for the same topics in the same order is kept; of any other the output layer starts
    anew, as many topics as it may have.

    Raises:
        ModelError: If the base cannot be loaded, has no fast tokenizer, or its positions are fewer than max_length; if
            its folder would be larger than the config allows; or if it has no head for training.base_share, or no
            mask token for training.word_dropout.
    """
    location, labels = base_location(config), list(config.data.labels)
    transformers.set_seed(config.seed)  # a new head is drawn at random
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    try:
        base = AutoConfig.from_pretrained(location, **_NO_CODE)
        tokenizer = AutoTokenizer.from_pretrained(location, use_fast=True, **_NO_CODE)
        if config.training.attention_dropout is not None:
            for key in _ATTENTION_DROPOUT:
                if hasattr(base, key):
                    setattr(base, key, config.training.attention_dropout)
        keeps_head = labels_of(base) == config.data.labels
        base.id2label = dict(enumerate(labels))
        base.label2id = {label: index for index, label in enumerate(labels)}
        base.problem_type = _TRANSFORMERS_PROBLEM_TYPES[config.data.problem_type]
        how = {"dtype": "float32", **_attention(config.training.device)}
        model, loading = AutoModelForSequenceClassification.from_pretrained(
            location, config=base, ignore_mismatched_sizes=not keeps_head, output_loading_info=True, **_NO_CODE, **how
        )
        drawn = {*loading["missing_keys"], *(name for name, *_ in loading["mismatched_keys"])}
        # the head of as many other topics, which fits, was not drawn but loaded
        if not keeps_head and (head := _output_layer(model)) - drawn:
            transformers.set_seed(config.seed)
            weights = {name: value for name, value in model.state_dict().items() if name not in head}
            model = type(model).from_pretrained(None, config=base, state_dict=weights, **how)
    except (OSError, ValueError, KeyError, UnpicklingError) as error:
        first_line = str(error).strip().splitlines()[0]
        raise ModelError(
            f"model.base '{location}': cannot be loaded ({first_line}). "
            "Name a hub id, or a folder with config.json, tokenizer.json and model.safetensors (model.base_dir)."
        ) from error
    if config.training.base_share and not keeps_head:
        raise ModelError(
            f"training.base_share: '{location}' has no head for {', '.join(labels)} in this order, and a new head is "
            "nothing to go back to. Name a model of these topics as the base, or remove training.base_share."
        )
    if config.model.keep_layers is not None:
        _keep_layers(model, config.model.keep_layers, location)
    _check_size(model, config.model.largest_mib, location)
    if not tokenizer.is_fast:
        raise ModelError(f"model.base '{location}': has no fast tokenizer (tokenizer.json).")
    mask_id(tokenizer, config)  # refuses a tokenizer that has none
    positions = getattr(base, "max_position_embeddings", None)
    if positions is not None and positions < config.model.max_length:
        raise ModelError(
            f"model.max_length is {config.model.max_length}, the base '{location}' has {positions} positions."
        )
    return model, tokenizer


def _attention(device: str) -> dict[str, str]:
    """On a CPU `sdpa` falls back to `eager`, and is slower; on a GPU Transformers takes what the architecture has."""
    return {} if device != "cpu" and torch.cuda.is_available() else {"attn_implementation": "eager"}


def _output_layer(model: Any) -> set[str]:
    """The names of the weights behind the encoder that end in one output a topic."""
    encoder = {id(module) for module in model.base_model.modules()}
    return {
        f"{layer}.{name}"
        for layer, module in model.named_modules()
        if isinstance(module, torch.nn.Linear)
        and module.out_features == model.config.num_labels
        and id(module) not in encoder
        for name, _ in module.named_parameters()
    }


def _keep_layers(model: Any, kept: Sequence[int], location: str) -> None:
    """Drops the other layers, in place (as DistilBERT is begun; Sanh et al. 2019, arXiv:1910.01108).

    Raises:
        ModelError: If there is no such layer, or the architecture is not one of BERT's kin.
    """
    encoder: Any = getattr(model.base_model, "encoder", None)
    layers = getattr(encoder, "layer", None)
    if layers is None:
        raise ModelError(f"model.keep_layers: '{location}' is no BERT-like encoder.")
    if max(kept) >= len(layers) or min(kept) < 0:
        raise ModelError(f"model.keep_layers is {list(kept)}, '{location}' has the layers 0 to {len(layers) - 1}.")
    encoder.layer = type(layers)(layers[index] for index in kept)
    model.config.num_hidden_layers = len(kept)


def _check_size(model: Any, largest_mib: float | None, location: str) -> None:
    """Refuses a model whose weights alone make its folder too large.

    Raises:
        ModelError: With the least size of the folder.
    """
    weights = sum(parameter.numel() for parameter in model.parameters())
    least_mib = weights * _BYTES_PER_WEIGHT / 2**20
    if largest_mib is not None and least_mib > largest_mib:
        raise ModelError(
            f"model.largest_mib is {largest_mib:g}, the {weights:,} weights of '{location}' make a folder of at least "
            f"{least_mib:.1f} MiB. Name a smaller base, keep fewer layers (model.keep_layers), or allow more."
        )


def story_tokenizer(tokenizer: Any, *, max_length: int, stride: int) -> Tokenizer:
    """The inference tokenizer with the vocabulary of a Transformers tokenizer."""
    backend = tokenizers.Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    return Tokenizer(backend, max_length=max_length, stride=stride)


def base_labels(config: Config) -> tuple[str, ...] | None:
    """The topics of the base of a config; None for one that cannot be loaded, of which `load_base` says why."""
    try:
        return labels_of(AutoConfig.from_pretrained(base_location(config), **_NO_CODE))
    except (OSError, ValueError, KeyError):
        return None


def labels_of(config: Any) -> tuple[str, ...]:
    """The topics of a Transformers config, in the order of the model's outputs."""
    return tuple(config.id2label[key] for key in sorted(config.id2label))


def has_one_class(config: Any) -> bool:
    """True if a Transformers config, as `load_base` makes it, says that a story has exactly one class."""
    return bool(config.problem_type == _TRANSFORMERS_PROBLEM_TYPES["multi_class"])


def pad_id(tokenizer: Any) -> int:
    """The padding id; 0 for a tokenizer that names none (the mask hides it)."""
    return int(tokenizer.pad_token_id or 0)


def mask_id(tokenizer: Any, config: Config) -> int | None:
    """The id of the token that hides words in training; None where none are hidden.

    Raises:
        ModelError: If words are to be hidden and the tokenizer has no mask token.
    """
    if not config.training.word_dropout:
        return None
    if tokenizer.mask_token_id is None:
        raise ModelError(
            f"training.word_dropout: the tokenizer of '{base_location(config)}' has no mask token. Remove it."
        )
    return int(tokenizer.mask_token_id)


def licence_of(config: Config) -> str:
    """The base's licence: that of the config, else what a shipped base says of its own base."""
    manifest = Path(base_location(config), MANIFEST)
    if config.model.base_licence == "unknown" and manifest.is_file():
        return str(json.loads(manifest.read_bytes())["base_model"]["licence"])
    return config.model.base_licence
