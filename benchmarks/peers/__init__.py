"""What is measured: one small module a way of labelling stories, all behind one protocol.

A module is imported in a process of its own (benchmarks/worker.py), so that a peer's packages, threads and memory
disturb no other. A peer whose packages are not installed is left out, and the report says so.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

from classifier.decide import Floats


class Peer(Protocol):
    """One way of labelling stories. The constructor takes the peer's folder and its options, and loads nothing."""

    def train(self, texts: Sequence[str], targets: Floats) -> None:
        """Trains (or converts) and writes what `load` needs into the folder; `targets` has shape (stories, topics)."""
        ...

    def load(self) -> None:
        """Makes ready to score."""
        ...

    def tune(self, texts: Sequence[str]) -> dict[str, Any]:
        """Chooses what is fastest on these stories (a batch size, say), and says what; {} where nothing is chosen."""
        ...

    def score(self, texts: Sequence[str]) -> Floats:
        """Probabilities, shape (stories, topics), each 0 to 1."""
        ...


@dataclass(frozen=True, slots=True)
class System:
    """A row of the table.

    Attributes:
        name: What the table calls it.
        module: The module in this package, with a class `Peer`.
        needs: Packages (import names) that must be installed.
        model: The model folder whose weights and thresholds it uses; None for a peer with weights of its own, which
            is trained on the training file and gets its thresholds from the validation file.
        options: Of the peer's constructor; whatever changes them trains it again.
        prepared: True if `train` must have run before `load`.
        isa_limited: False if nothing keeps its arithmetic to the instruction set of `--isa`.
    """

    name: str
    module: str
    needs: tuple[str, ...] = ()
    model: Path | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    prepared: bool = True
    isa_limited: bool = True

    def missing(self) -> list[str]:
        """The packages it needs that are not installed."""
        return [name for name in self.needs if importlib.util.find_spec(name) is None]


def load_peer(module: str, folder: Path, options: Mapping[str, Any]) -> Peer:
    """The peer of a module in this package."""
    peer: Peer = importlib.import_module(f"benchmarks.peers.{module}").Peer(folder, **options)
    return peer


def fastest(candidates: Sequence[Any], run: Callable[[Any], object], repeats: int = 2) -> Any:
    """The candidate with the shortest run, the best of `repeats` each."""
    seconds: dict[Any, float] = {}
    for _ in range(repeats):
        for candidate in candidates:
            started = perf_counter()
            run(candidate)
            seconds[candidate] = min(perf_counter() - started, seconds.get(candidate, float("inf")))
    return min(candidates, key=lambda candidate: seconds[candidate])


WHOLE = "whole model alone"  # of a cascade
PIPELINES = {"float32": "pipeline", "bfloat16": "pipeline bf16", "float16": "pipeline fp16"}


def our_systems(model: Path, engines: Sequence[str], *, has_cascade: bool = False, device: str = "cpu") -> list[System]:
    """This project's classifier: a model folder on each of its engines; that of a cascade also without it."""
    return [
        System(
            name=f"{model.name} ({engine}{'' if cascade else f', {WHOLE}'})",
            module="ours",
            needs=("torch", "safetensors") if engine == "torch" else (engine,),
            model=model,
            options={"model": str(model), "engine": engine, "cascade": cascade, "device": device},
            prepared=False,
        )
        for engine in engines
        for cascade in ((True, False) if has_cascade else (True,))
    ]


def reference(name: str, model: str, names: Sequence[str]) -> str:
    """Which of these systems says in float32 what the one called `name` says: a cascade, or its whole model alone."""
    whole, plain = f"{model} (torch, {WHOLE})", f"{model} (torch)"
    is_cascade = name.startswith(f"{model} (") and WHOLE not in name
    return whole if whole in names and not is_cascade else plain


def pipelines(model: Path, dtypes: Sequence[str], device: str = "cpu") -> list[System]:
    """Transformers' pipeline on the weights of a model folder, in each of these types of number."""
    return [
        System(
            PIPELINES[dtype],
            "pipeline",
            ("torch", "transformers"),
            model,
            {"model": str(model), "dtype": dtype, "device": device},
            prepared=False,
        )
        for dtype in dtypes
    ]


def same_weights(model: Path, model_id: str, *, bf16: bool) -> list[System]:
    """Other ways to run the weights of a model folder on the CPU; the first is what all speeds are compared with."""
    return [
        *pipelines(model, ["float32", "bfloat16"] if bf16 else ["float32"]),
        *(
            System(
                f"ONNX Runtime {name}",
                "onnx_runtime",
                ("torch", "onnx", "onnxruntime"),
                model,
                {"model": str(model), "model_id": model_id, "int8": name == "int8"},
                isa_limited=False,
            )
            for name in ("fp32", "int8")
        ),
    ]


def other_models(embedding_model: str, num_topics: int, *, thorough: bool) -> list[System]:
    """Peers that are trained on the same file.

    Args:
        embedding_model: Folder or hub id of the embedding model.
        num_topics: How many topics there are.
        thorough: False trains spaCy for one pass only.
    """
    topics = {"num_topics": num_topics}
    return [
        System(
            "embedding + LR",
            "embedding",
            ("torch", "sentence_transformers", "sklearn"),
            None,
            {"base": embedding_model},
        ),
        System("spaCy textcat", "spacy_textcat", ("spacy",), None, {**topics, "epochs": 3 if thorough else 1}),
        System("fastText", "fasttext_ova", ("fasttext",), None, {**topics, "epochs": 25}),
        System("TF-IDF + LR", "tfidf", ("sklearn",), None, {}),
    ]
