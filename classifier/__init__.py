"""News topic classification: which topics a story is about, how sure that is, where a person should look.

>>> from classifier import Classifier
>>> prediction = Classifier.load().classify("Envoys of the two countries agreed in Geneva to extend the ceasefire")
>>> prediction.topics
('diplomacy', 'ceasefire')
"""

from classifier.errors import (
    ClassifierError,
    EngineError,
    InputError,
    MissingExtraError,
    ModelError,
)
from classifier.pipeline import Classifier
from classifier.prediction import Prediction
from classifier.stories import Story

__all__ = [
    "Classifier",
    "ClassifierError",
    "EngineError",
    "InputError",
    "MissingExtraError",
    "ModelError",
    "Prediction",
    "Story",
]
