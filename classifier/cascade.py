"""A cascade: a smaller model looks at how a story begins, and the whole model scores what that one is not sure of.

Most stories are easy. Where the first model gives every topic a probability that is a sure no or a sure yes, its
answer stands; what it may change was bounded on many texts when the two were put together (training/cascade.py). Its
logits are brought onto the scale of the whole model's, so that calibration, thresholds and review bands apply to both:

    probabilities of the first model 0.01, 0.97, 0.02, 0.01, sure below 0.05 and from 0.9 on  ->  they stand
    probabilities of the first model 0.01, 0.40, 0.02, 0.01                                   ->  both models

What it has said of a story that it is not sure of is not thrown away: the two err on different stories, so that the
logits of the whole model and a share of those of the first say more than either, at no cost (stacking: Wolpert 1992).

The idea is Viola and Jones's (2001, doi:10.1109/CVPR.2001.990517); each story is decided for itself, so that its scores
do not depend on its neighbours. Leaves out: how the bounds are fitted, and who scores (pipeline.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.decide import Decision, Floats


@dataclass(frozen=True, slots=True)
class Cascade:
    """The first model of a cascade, and when its answer stands.

    Attributes:
        model: Its folder, relative to that of the whole model.
        manifest_sha256: Of its manifest, which vouches for its other files.
        max_length: Tokens of a story that it reads, special tokens included.
        scale: Shape (topics,), above 0; multiplies its logit.
        shift: Shape (topics,); added to that, it gives the logit that both are likely to give.
        sure_below: A topic with a lower probability is a sure no.
        sure_from: A topic with this probability or a higher one is a sure yes.
        share: At least 0; the first model's logits, times this, are added to those of the whole model.
        decision: How the logits of both become topics; None where the whole model's own rule holds for them.
    """

    model: str
    manifest_sha256: str
    max_length: int
    scale: Floats
    shift: Floats
    sure_below: float
    sure_from: float
    share: float = 0.0
    decision: Decision | None = None

    def on_scale(self, logits: Floats) -> Floats:
        """The first model's logits on the scale of those of both, shape (stories, topics)."""
        return logits * self.scale + self.shift

    def is_sure(self, probabilities: Floats) -> NDArray[np.bool_]:
        """Where the first model's answer stands, shape (stories,), from its probabilities, shape (stories, topics)."""
        is_sure = (probabilities < self.sure_below) | (probabilities >= self.sure_from)
        return np.asarray(is_sure.all(axis=1))
