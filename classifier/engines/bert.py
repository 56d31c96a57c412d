"""A BERT encoder with a classification head, from Transformers' `config.json` and `model.safetensors`.

The same numbers as `BertForSequenceClassification` (a test compares them), without Transformers. Leaves out:
training, decoding, any architecture but BERT with absolute positions.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from classifier.errors import ModelError
from classifier.imports import importing

with importing("the engine 'torch'", "gpu"):
    from safetensors.torch import load_file

_ACTIVATIONS = {"gelu": "none", "gelu_new": "tanh", "gelu_pytorch_tanh": "tanh"}
_LAYER = "bert.encoder.layer."


def check_plain(config: Mapping[str, Any], origin: Path | str) -> None:
    """Refuses a BERT with another activation, or with relative positions.

    Raises:
        ModelError: With what was found.
    """
    activation, positions = config["hidden_act"], config.get("position_embedding_type", "absolute")
    if activation not in _ACTIVATIONS or positions != "absolute":
        raise ModelError(
            f"{origin}: config.json is not plain BERT (activation {activation}, {positions} positions). "
            f"Use a model with absolute positions and one of {', '.join(_ACTIVATIONS)}."
        )


class Layer(nn.Module):
    """One transformer layer, post-norm; queries, keys and values come from one matrix product."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        hidden, inner, eps = config["hidden_size"], config["intermediate_size"], config["layer_norm_eps"]
        self.heads = config["num_attention_heads"]
        self.approximate = _ACTIVATIONS[config["hidden_act"]]
        self.qkv = nn.Linear(hidden, 3 * hidden)
        self.attention_out = nn.Linear(hidden, hidden)
        self.attention_norm = nn.LayerNorm(hidden, eps=eps)
        self.inner = nn.Linear(hidden, inner)
        self.out = nn.Linear(inner, hidden)
        self.out_norm = nn.LayerNorm(hidden, eps=eps)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Shape (batch, tokens, hidden) in and out; `mask` is True for tokens, shape (batch, 1, 1, tokens)."""
        query, key, value = (self._heads(part) for part in self.qkv(hidden).chunk(3, dim=-1))
        return self._join(hidden, functional.scaled_dot_product_attention(query, key, value, attn_mask=mask))

    def first_token(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """What `forward` gives for the first token, shape (batch, 1, hidden), without computing the others."""
        width = hidden.shape[-1]
        first = hidden[:, :1]
        query = self._heads(functional.linear(first, self.qkv.weight[:width], self.qkv.bias[:width]))
        key_value = functional.linear(hidden, self.qkv.weight[width:], self.qkv.bias[width:])
        key, value = (self._heads(part) for part in key_value.chunk(2, dim=-1))
        return self._join(first, functional.scaled_dot_product_attention(query, key, value, attn_mask=mask))

    def _heads(self, states: Tensor) -> Tensor:
        """(batch, tokens, hidden) → (batch, heads, tokens, head size)."""
        batch, tokens, width = states.shape
        return states.view(batch, tokens, self.heads, width // self.heads).transpose(1, 2)

    def _join(self, hidden: Tensor, context: Tensor) -> Tensor:
        """Attention's result, shape (batch, heads, tokens, head size), through the rest of the layer."""
        context = context.transpose(1, 2).reshape(hidden.shape)
        hidden = self.attention_norm(hidden + self.attention_out(context))
        inner = functional.gelu(self.inner(hidden), approximate=self.approximate)
        result: Tensor = self.out_norm(hidden + self.out(inner))
        return result


class BertClassifier(nn.Module):
    """Embeddings, layers, the pooler over the first token, one linear head."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        hidden = config["hidden_size"]
        self.words = nn.Embedding(config["vocab_size"], hidden)
        self.positions = nn.Embedding(config["max_position_embeddings"], hidden)
        self.types = nn.Embedding(config["type_vocab_size"], hidden)
        self.norm = nn.LayerNorm(hidden, eps=config["layer_norm_eps"])
        self.layers = nn.ModuleList(Layer(config) for _ in range(config["num_hidden_layers"]))
        self.pooler = nn.Linear(hidden, hidden)
        self.head = nn.Linear(hidden, len(config["id2label"]))

    @classmethod
    def from_folder(cls, folder: Path, config: Mapping[str, Any]) -> BertClassifier:
        """The model with the weights of a folder.

        Raises:
            ModelError: If the config is not one of plain BERT, or a weight is missing or has another shape.
        """
        check_plain(config, folder)
        model = cls(config)
        try:
            model.load_state_dict(_renamed(load_file(folder / "model.safetensors"), len(model.layers)))
        except (KeyError, RuntimeError) as error:
            raise ModelError(f"{folder}: model.safetensors does not fit config.json ({error}).") from error
        return model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Logits, shape (batch, topics), of ids and mask of shape (batch, tokens)."""
        positions = self.positions.weight[: input_ids.shape[1]]
        hidden = self.norm(self.words(input_ids) + positions + self.types.weight[0])
        mask = attention_mask[:, None, None, :].bool()
        for layer in self.layers[:-1]:
            hidden = layer(hidden, mask)
        last = cast(Layer, self.layers[-1])
        first = last.first_token(hidden, mask)[:, 0]  # the head reads no other: a seventh of the work saved
        logits: Tensor = self.head(torch.tanh(self.pooler(first)))
        return logits


def _renamed(weights: Mapping[str, Tensor], num_layers: int) -> dict[str, Tensor]:
    """Transformers' weight names → ours, in float32; query, key and value joined."""
    names = {
        "words.weight": "bert.embeddings.word_embeddings.weight",
        "positions.weight": "bert.embeddings.position_embeddings.weight",
        "types.weight": "bert.embeddings.token_type_embeddings.weight",
        **{f"norm.{part}": f"bert.embeddings.LayerNorm.{part}" for part in ("weight", "bias")},
        **{f"pooler.{part}": f"bert.pooler.dense.{part}" for part in ("weight", "bias")},
        **{f"head.{part}": f"classifier.{part}" for part in ("weight", "bias")},
    }
    parts = {
        "attention_out": "attention.output.dense",
        "attention_norm": "attention.output.LayerNorm",
        "inner": "intermediate.dense",
        "out": "output.dense",
        "out_norm": "output.LayerNorm",
    }
    joined = {}
    for index in range(num_layers):
        for kind in ("weight", "bias"):
            for ours, theirs in parts.items():
                names[f"layers.{index}.{ours}.{kind}"] = f"{_LAYER}{index}.{theirs}.{kind}"
            qkv = [weights[f"{_LAYER}{index}.attention.self.{name}.{kind}"] for name in ("query", "key", "value")]
            joined[f"layers.{index}.qkv.{kind}"] = torch.cat(qkv).float()
    return {**{ours: weights[theirs].float() for ours, theirs in names.items()}, **joined}
