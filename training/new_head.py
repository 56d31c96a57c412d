"""What is said before a training whose base has no head for its topics: the head starts anew, and needs steps to learn.

    200 stories on six topics, 78 steps at 3e-4: macro-F1 0.95. 39 steps at 2e-5, which suit a base that knows the
    topics: 0.32, as much as every topic for every story has.

Leaves out: the base itself (model.py).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from classifier.printed import counted
from training.config import Config

_LEAST = 0.01  # learning rate x steps
_RATE, _STEPS = 3e-4, 80  # what made a good model of 200 stories
_WITHOUT_HEAD = re.compile(r"LABEL_\d+")  # what Transformers calls the outputs of a model that has none


def new_head_note(base_labels: Sequence[str] | None, config: Config, num_stories: int) -> str | None:
    """A line on the new head: a warning where it can learn little; None where there is nothing to say.

    Args:
        base_labels: The topics of the base, in the order of its outputs; None where they are not known.
        config: The run's.
        num_stories: How many stories an epoch has.
    """
    labels, settings, base = config.data.labels, config.training, config.model.base
    if base_labels is None or tuple(base_labels) == labels:
        return None
    known = [label for label in base_labels if not _WITHOUT_HEAD.fullmatch(label)]
    its_topics = f"the topics {', '.join(known)}" if known else "no topics"
    found = f"the base '{base}' has {its_topics}, not {', '.join(labels)} in this order: its head starts anew"
    an_epoch = math.ceil(num_stories / settings.batch_size)
    steps = an_epoch * settings.num_epochs
    if settings.learning_rate * steps >= _LEAST:
        return f"note: {found}." if known else None
    epochs = max(settings.num_epochs, math.ceil(_STEPS / an_epoch))
    return (
        f"warning: {found}, and {counted(settings.num_epochs, 'epoch')} ({counted(steps, 'step')}) at learning_rate "
        f"{settings.learning_rate:.1e} are too few for that; they suit topics that the base knows. Try "
        f"training.learning_rate={max(_RATE, settings.learning_rate):.1e} training.num_epochs={epochs}, or more "
        "stories."
    )
