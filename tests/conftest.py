"""What the tests share: a tiny random model folder, a classifier without a runtime, a cache that is not the user's."""

from __future__ import annotations

import itertools
import os
import signal
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokenizers
from hypothesis import settings
from numpy.typing import NDArray
from tokenizers import models, normalizers, pre_tokenizers, processors

from classifier import Classifier
from classifier.batching import Batch
from classifier.decide import Decision
from classifier.manifest import Manifest
from classifier.tokens import Tokenizer

os.environ["HF_HUB_OFFLINE"] = "1"  # before anything reads it; no test may ask the network
signal.signal(signal.SIGINT, signal.default_int_handler)  # which tests in the background of a script would ignore

# The same examples in every run, however slow the machine: a failure can be repeated.
settings.register_profile("same", deadline=None, derandomize=True)
settings.load_profile("same")

LABELS = ("diplomacy", "military", "disaster", "ceasefire")
MAX_LENGTH, STRIDE = 32, 4
WORDS = ("talks", "troops", "flood", "truce", "the", "a", "of", "said", "river", "minister")
CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
VOCABULARY = (
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    *WORDS,
    *".,;:!?'\"()-/<>&#",
    *CHARACTERS,
    *(f"##{character}" for character in CHARACTERS),
)
FIRST_TOPIC_WORD = VOCABULARY.index("talks")  # the word of label j is VOCABULARY[FIRST_TOPIC_WORD + j]


def word_pieces() -> tokenizers.Tokenizer:
    """A BERT tokenizer in memory: ten words, single characters for all others."""
    ids = {token: index for index, token in enumerate(VOCABULARY)}
    tokenizer = tokenizers.Tokenizer(models.WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", ids["[SEP]"]), ("[CLS]", ids["[CLS]"]))
    return tokenizer


class CountingEngine:
    """Logit j of a window is how often the word of label j occurs in it; padding that is not masked counts as well.

    Wrong order, padding or masking changes the answer, with no runtime at all.
    """

    name = "counting"
    token_budget = 96

    def __init__(self) -> None:
        self.batches: list[Batch] = []

    def logits(self, batch: Batch) -> NDArray[np.float32]:
        """Shape (batch, topics)."""
        self.batches.append(batch)
        seen = np.where(batch.attention_mask == 1, batch.input_ids, -1)
        columns = [(seen == FIRST_TOPIC_WORD + topic).sum(axis=1) for topic in range(len(LABELS))]
        return np.stack(columns, axis=1).astype(np.float32)

    def run(self, batches: Iterable[Batch]) -> Iterator[tuple[Batch, NDArray[np.float32]]]:
        """One after the other."""
        for batch in batches:
            yield batch, self.logits(batch)


def decision(**changes: Any) -> Decision:
    """A rule under which one occurrence gives a topic: probability 0.73 at logit 1, 0.5 at logit 0."""
    count = len(LABELS)
    values: dict[str, Any] = {
        "labels": LABELS,
        "pooling": ("max",) * count,
        "temperature": np.ones(count),
        "bias": np.zeros(count),
        "thresholds": np.full(count, 0.6),
        "review_low": np.full(count, 0.55),
        "review_high": np.full(count, 0.65),
    }
    return Decision(**values | changes)


def counting(
    rule: Decision, *, max_length: int = MAX_LENGTH, stride: int = STRIDE, scripts: tuple[str, ...] = ()
) -> Classifier:
    """A classifier over a CountingEngine, without any folder."""
    # The padding id is the word of the first label: a mask that is not looked at gives topics to padding.
    pad_id = FIRST_TOPIC_WORD
    manifest = Manifest(Path("nowhere"), "counting@0", rule, max_length, stride, pad_id, {}, {}, scripts=scripts)
    return Classifier(manifest, Tokenizer(word_pieces(), max_length=max_length, stride=stride), CountingEngine())


@pytest.fixture
def counting_classifier() -> Classifier:
    """Topics by counting words: `counting` with the default rule."""
    return counting(decision())


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], AbstractContextManager[None]]:
    """A context in which the n-th chunk is interrupted; what came before it is done."""

    @contextmanager
    def interrupt(chunk: int) -> Iterator[None]:
        classify_chunk, calls = Classifier.classify_chunk, itertools.count(1)

        def classify(*arguments: Any, **options: Any) -> Any:
            if next(calls) == chunk:
                raise KeyboardInterrupt
            return classify_chunk(*arguments, **options)

        with monkeypatch.context() as patch:
            patch.setattr(Classifier, "classify_chunk", classify)
            yield

    return interrupt


@pytest.fixture(autouse=True, scope="session")
def user_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache folder for this run, so that no test writes to the user's."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HF_HOME"):
            patch.setenv(name, str(folder))
        yield folder


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random BERT of 32 dimensions and 2 layers as a model folder; a test that damages it copies it first."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the libraries that export
        import torch
        from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

        from training.export import write_manifest, write_weights

        torch.manual_seed(7)
        config = BertConfig(
            vocab_size=len(VOCABULARY),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=64,
            initializer_range=0.2,  # wide, so that stories differ in their scores
            id2label=dict(enumerate(LABELS)),
            label2id={label: index for index, label in enumerate(LABELS)},
            problem_type="multi_label_classification",
        )
        special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
        tokenizer = PreTrainedTokenizerFast(tokenizer_object=word_pieces(), **special)
        folder = tmp_path_factory.mktemp("models") / "tiny"
        write_weights(BertForSequenceClassification(config), tokenizer, folder)
        (folder / "README.md").write_text("A random model for tests.\n", encoding="utf-8")
        thresholds = np.array([0.81, 0.66, 0.53, 0.53])  # among the scores of random texts, so that labels differ
        rule = decision(thresholds=thresholds, review_low=thresholds - 0.02, review_high=thresholds + 0.02)
        contents = {
            "name": "tiny",
            "max_length": MAX_LENGTH,
            "stride": STRIDE,
            "pad_id": 0,
            "base_model": {"name": "random", "licence": "Apache-2.0"},
            "training_data": {},
            "config": {},
            "parity": {},
            "metrics": {},
        }
        write_manifest(folder, rule, contents)
    return folder


@pytest.fixture
def command(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Exit code, standard output and standard error of the command in this process, with the tiny model."""
    from classifier.predict import main

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments, "--model", str(tiny_model)])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names in messages are relative to an empty folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def predict_code(command: Callable[..., tuple[int, str, str]]) -> Callable[..., tuple[int, str]]:
    """The same without standard output."""

    def run(*arguments: str) -> tuple[int, str]:
        code, _, err = command(*arguments)
        return code, err

    return run
