"""News topic classification: which topics a story is about, how sure that is, where a person should look.

>>> from classifier import Classifier
>>> prediction = Classifier.load().classify("Envoys of the two countries agreed in Geneva to extend the ceasefire")
>>> prediction.topics
('diplomacy', 'ceasefire')

Stories of files and of scraped pages: `read_files`, `read_page`; a prediction as a row of the output: `output_row`,
`json_line`.
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
from classifier.reading import InputWarning, read_files, read_page
from classifier.rows import json_line, output_row
from classifier.stories import Story

__all__ = [
    "Classifier",
    "ClassifierError",
    "EngineError",
    "InputError",
    "InputWarning",
    "MissingExtraError",
    "ModelError",
    "Prediction",
    "Story",
    "json_line",
    "output_row",
    "read_files",
    "read_page",
]
