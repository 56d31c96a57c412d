"""ONNX Runtime on the same weights, in float32 or with dynamic int8 quantisation of weights and activations.

Exported with torch.onnx; tokenised by this project's code and batched by length under a token budget, which is kinder
to it than its usual use.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers import fastest
from classifier.batching import Batch, pad
from classifier.decide import Floats, pool, probabilities_of
from classifier.manifest import load_manifest
from classifier.tokens import Tokenizer

TOKEN_BUDGETS = (1024, 2048, 4096, 8192)


class Peer:
    """An exported model in ONNX Runtime, on all cores."""

    def __init__(self, folder: Path, *, model: str, model_id: str, int8: bool) -> None:
        self.folder, self.model, self.int8, self.token_budget = folder, model, int8, 4096

    def train(self, texts: Sequence[str], targets: Floats) -> None:
        """Exports the model, and quantises it where int8 is asked for."""
        plain = self.folder / ("plain.onnx" if self.int8 else "model.onnx")
        export(Path(self.model), plain)
        if self.int8:
            from onnxruntime.quantization import QuantType, quantize_dynamic

            quantize_dynamic(plain, self.folder / "model.onnx", weight_type=QuantType.QInt8)
            plain.unlink()

    def load(self) -> None:
        """Opens the session."""
        import onnxruntime

        onnxruntime.set_default_logger_severity(3)
        self.manifest = load_manifest(self.model)
        self.tokenizer = Tokenizer.from_file(
            Path(self.model) / "tokenizer.json", max_length=self.manifest.max_length, stride=self.manifest.stride
        )
        self.session: Any = onnxruntime.InferenceSession(self.folder / "model.onnx", providers=["CPUExecutionProvider"])

    def tune(self, texts: Sequence[str]) -> dict[str, Any]:
        """The fastest token budget of a batch."""

        def run(token_budget: int) -> None:
            self.token_budget = token_budget
            self.score(texts)

        self.token_budget = fastest(TOKEN_BUDGETS, run)
        return {"token_budget": self.token_budget}

    def score(self, texts: Sequence[str]) -> Floats:
        """Probabilities, shape (stories, topics)."""
        decision = self.manifest.decision
        read = self.tokenizer.windows(texts, max_windows=None if decision.reads_whole else 1)
        windows = [window for story in read for window in story.input_ids]
        logits = np.zeros((len(windows), len(self.manifest.labels)))
        for batch in by_length(windows, self.token_budget, self.manifest.pad_id):
            inputs = {"input_ids": batch.input_ids, "attention_mask": batch.attention_mask}
            logits[batch.indices] = self.session.run(None, inputs)[0]
        pooled = pool(logits, [len(story.input_ids) for story in read], decision.pooling)
        return probabilities_of(pooled, decision)


def by_length(windows: Sequence[Sequence[int]], token_budget: int, pad_id: int) -> Iterator[Batch]:
    """The windows in batches of similar length, each padded to its longest window."""
    order = np.argsort([-len(window) for window in windows], kind="stable")
    start = 0
    while start < len(order):
        size = max(1, token_budget // len(windows[order[start]]))
        rows = order[start : start + size]
        yield pad([windows[row] for row in rows], rows, pad_id)
        start += size


def export(model: Path, path: Path) -> None:
    """Writes a model folder's network as ONNX, with free batch size and length."""
    import torch

    from classifier.engines.torch_engine import load_module

    module = load_module(model, json.loads((model / "config.json").read_bytes())).eval()
    example = torch.ones((2, 16), dtype=torch.int64)
    free = {0: "batch", 1: "tokens"}
    torch.onnx.export(
        module,
        (example, example),
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=["logits"],
        dynamic_axes={"input_ids": free, "attention_mask": free},
        opset_version=17,
        dynamo=False,  # torch 2.13's newer exporter gave a model with other logits, and needs onnxscript
    )
