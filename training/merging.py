"""Two models of one architecture → the weights in between, in one model that costs no more than either.

Where both come from the same base, such a mean can have what each has learned (Wortsman et al. 2022: arXiv:2109.01903,
arXiv:2203.05482), and can as well be worse than both: which share is good, validation says (docs/experiments.md has an
example of each). Leaves out: seeds of one run (seeds.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from classifier.engines.torch_engine import MODEL_FILES
from classifier.errors import ModelError
from classifier.manifest import load_manifest
from training.model import has_one_class, labels_of


def weights_to_merge(model: Any, tokenizer: Any, name: str) -> dict[str, torch.Tensor]:
    """The weights of another model, in float32, that `mix` may put into `model`.

    Args:
        model: A Transformers classifier.
        tokenizer: Its Transformers tokenizer.
        name: The other: a model folder, or a shipped model.

    Raises:
        ModelError: If the other is missing or damaged, or has other topics, another vocabulary or other weights.
    """
    try:
        manifest = load_manifest(name)
        manifest.verify((*MODEL_FILES, "tokenizer.json"))
    except ModelError as error:
        raise ModelError(f"training.merge: {error}") from error
    labels = labels_of(model.config)
    if manifest.labels != labels:
        raise ModelError(
            f"training.merge '{name}': has the topics {', '.join(manifest.labels)}, this run has {', '.join(labels)}. "
            "Name a model of the same topics in the same order."
        )
    kind = manifest.decision.problem_type
    if (kind == "multi_class") != has_one_class(model.config):
        raise ModelError(
            f"training.merge '{name}': was trained with data.problem_type {kind}, and this run is of another kind. "
            "Name a model of the same."
        )
    folder = manifest.model_dir
    their_tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    if their_tokenizer.get_vocab() != tokenizer.get_vocab():
        raise ModelError(f"training.merge '{name}': has another vocabulary. Name a model that came from the same base.")
    other = AutoModelForSequenceClassification.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, dtype=torch.float32
    ).state_dict()
    ours = {key: value.shape for key, value in model.state_dict().items()}
    theirs = {key: value.shape for key, value in other.items()}
    differing = [key for key in {**ours, **theirs} if ours.get(key) != theirs.get(key)]
    if differing:
        raise ModelError(
            f"training.merge '{name}': {len(differing)} of its weights differ in name or shape, such as "
            f"{differing[0]}. Name a model that came from the same base, with the same layers."
        )
    return dict(other)


def mix(model: torch.nn.Module, other: Mapping[str, torch.Tensor], share: float) -> None:
    """Gives the weights of `other` this share of the model's, in place; what is no floating-point number stays."""
    model.load_state_dict(
        {
            name: torch.lerp(value, other[name].to(value.device), share) if value.is_floating_point() else value
            for name, value in model.state_dict().items()
        }
    )
