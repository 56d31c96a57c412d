"""What training minimises, and how fast each layer may move: targets, loss, groups of parameters.

Leaves out: the loop (trainer.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from classifier import Classifier
from classifier.decide import ProblemType
from classifier.errors import DataError, ModelError, bullet_list
from training.config import DataConfig
from training.splits import Split

_LAYER = re.compile(r"\.(?:layers?|h|blocks?)\.(\d+)\.")  # BERT, RoBERTa, ModernBERT; GPT and kin
_EMBEDDINGS = re.compile(r"(?:^|\.)(?:embeddings|embed_tokens|wte)\.")


def smoothed(targets: NDArray[np.float32], amount: float, problem_type: ProblemType) -> NDArray[np.float32]:
    """Targets of which the share `amount` is spread evenly over the alternatives (Szegedy et al. 2016).

    The alternatives are all classes, or, where topics do not exclude each other, yes and no of each:
    [1, 0, 0, 0] with amount 0.2 -> [0.85, 0.05, 0.05, 0.05], or [0.9, 0.1, 0.1, 0.1].

    Args:
        targets: Shape (stories, topics), each 0 to 1.
        amount: 0 to 1.
        problem_type: Whether topics exclude each other.
    """
    alternatives = targets.shape[1] if problem_type == "multi_class" else 2
    return np.asarray(targets * (1 - amount) + amount / alternatives, dtype=np.float32)


def taught(targets: NDArray[np.float32], said: NDArray[np.float32], weight: float) -> NDArray[np.float32]:
    """Targets mixed with what a teacher says (Hinton et al. 2015, arXiv:1503.02531).

    Args:
        targets: Shape (stories, topics), each 0 to 1.
        said: The same of these stories, and then of others without targets, which have the teacher's alone.
        weight: The teacher's share of each target, 0 to 1.
    """
    mixed = said.copy()
    mixed[: len(targets)] = (1 - weight) * targets + weight * said[: len(targets)]
    return mixed


def teacher_probabilities(split: Split, teachers: Sequence[str], data: DataConfig) -> NDArray[np.float32]:
    """What a teacher says of each story, or several on average; shape (stories, topics), in the order of the config.

    Raises:
        DataError: If a teacher cannot score a story, such as one of more than two million characters.
        ModelError: If a teacher cannot be loaded, or has other topics or another problem type.
    """
    return np.asarray(np.mean([_said_by(name, split, data) for name in teachers], axis=0), dtype=np.float32)


def _said_by(name: str, split: Split, data: DataConfig) -> NDArray[np.float32]:
    teacher = Classifier.load(name, cascade=False)  # by itself, as it stands in the config
    _check_teacher(teacher, name, data)
    order = [teacher.labels.index(label) for label in data.labels]
    probabilities = teacher.predict_proba(labelled.story for labelled in split.stories)[:, order]
    unscored = [
        str(split.stories[row].story.id) for row in np.flatnonzero(np.isnan(probabilities).any(axis=1)).tolist()
    ]
    if unscored:
        raise DataError(
            bullet_list(f"{split.origin}: training.teacher '{name}' cannot score, empty or too long", unscored)
            + "\nShorten these stories, or leave them out."
        )
    return np.asarray(probabilities, dtype=np.float32)


def _check_teacher(teacher: Classifier, name: str, data: DataConfig) -> None:
    """Refuses a teacher that answers another question.

    Raises:
        ModelError: With the topics, or the problem types, of both.
    """
    if set(teacher.labels) != set(data.labels):
        raise ModelError(
            f"training.teacher '{name}': has the topics {', '.join(teacher.labels)}, data.labels has "
            f"{', '.join(data.labels)}. Name a model of the same topics."
        )
    kind = teacher.manifest.decision.problem_type
    if kind != data.problem_type:
        raise ModelError(
            f"training.teacher '{name}': was trained with data.problem_type {kind}, this config has "
            f"{data.problem_type}. Name a model of the same kind."
        )


def story_loss(
    outputs: Any, labels: torch.Tensor, *, problem_type: ProblemType, num_items_in_batch: Any = None
) -> torch.Tensor:
    """Mean cross-entropy, over stories where classes exclude each other, over (story, topic) pairs else.

    Args:
        outputs: Of a Transformers classifier: `logits` of shape (batch, topics).
        labels: Shape (batch, topics), each 0 to 1.
        problem_type: Whether topics exclude each other.
        num_items_in_batch: Given by Transformers, and not needed: no gradients are accumulated.
    """
    if problem_type == "multi_class":
        return torch.nn.functional.cross_entropy(outputs.logits, labels)
    return torch.nn.functional.binary_cross_entropy_with_logits(outputs.logits, labels)


def layer_groups(model: torch.nn.Module, learning_rate: float, decay: float) -> list[dict[str, Any]]:
    """The trained parameters by layer, each group with its names and rate, the embeddings first.

    The rate is the full one in the head and falls by `decay` from each layer to the one below it
    (Howard and Ruder 2018, arXiv:1801.06146): with two layers and 0.5, it is 1/8, 1/4, 1/2 and 1 of the full one.
    """
    depths: dict[int, list[str]] = {}
    parameters = {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
    found = [int(match[1]) for name in parameters if (match := _LAYER.search(name))]
    head = max(found, default=-1) + 2
    for name in parameters:
        depths.setdefault(_depth(name, head), []).append(name)
    return [
        {
            "names": names,
            "params": [parameters[name] for name in names],
            "lr": learning_rate * decay ** (head - depth),
        }
        for depth, names in sorted(depths.items())
    ]


def _depth(name: str, head: int) -> int:
    """0 for embeddings, 1 for the first layer, `head` for what is neither."""
    if match := _LAYER.search(name):
        return int(match[1]) + 1
    return 0 if _EMBEDDINGS.search(name) else head


def weight_decay_groups(
    groups: Sequence[Mapping[str, Any]], decayed: Collection[str], weight_decay: float
) -> list[dict[str, Any]]:
    """Each group in two: the parameters in `decayed`, and those (norms, biases) that keep their size."""
    parts = []
    for group in groups:
        for inside in (True, False):
            pairs = zip(group["names"], group["params"], strict=True)
            params = [parameter for name, parameter in pairs if (name in decayed) == inside]
            if params:
                parts.append({"params": params, "lr": group["lr"], "weight_decay": weight_decay if inside else 0.0})
    return parts
