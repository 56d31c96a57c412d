"""The torch engine: CUDA devices, and the reference that the OpenVINO engine is compared with.

BERT models run from `config.json` and `model.safetensors` with the small encoder in bert.py, so that torch is all
that a GPU machine needs; other architectures are loaded by Transformers.
"""

from __future__ import annotations

import importlib.util
import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.batching import Batch
from classifier.engines.one_process import OneProcess
from classifier.errors import EngineError, MissingExtraError
from classifier.imports import importing
from classifier.manifest import Manifest

with importing("the engine 'torch'", "gpu"):
    import torch

MODEL_FILES = ("config.json", "model.safetensors")
AHEAD = 2  # batches given to the device before the first result is waited for


class TorchEngine:
    """A model in torch: float32 on the CPU, bf16 on CUDA devices that have it (float16 on older ones)."""

    name = "torch"

    def __init__(self, manifest: Manifest, *, device: str = "auto") -> None:
        manifest.verify(MODEL_FILES)
        self.device = torch.device(_resolve(device))
        self._ran, self._loaded = OneProcess(), OneProcess()
        self._loaded.enter()
        on_gpu = self.device.type == "cuda"
        self.token_budget = 65536 if on_gpu else 4096
        self._dtype = torch.float32
        if on_gpu:
            self._dtype = torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
        config = json.loads((manifest.model_dir / "config.json").read_bytes())
        self._model = load_module(manifest.model_dir, config).to(device=self.device, dtype=self._dtype).eval()

    def logits(self, batch: Batch) -> NDArray[np.float32]:
        """Raw logits, shape (batch, topics)."""
        return self._launch(batch).wait()

    def run(self, batches: Iterable[Batch]) -> Iterator[tuple[Batch, NDArray[np.float32]]]:
        """Every batch with its logits, in order; on a GPU a batch is prepared while earlier ones are computed."""
        launched: deque[tuple[Batch, Launched]] = deque()
        for batch in batches:
            launched.append((batch, self._launch(batch)))
            if len(launched) > AHEAD:
                earlier, logits = launched.popleft()
                yield earlier, logits.wait()
        for batch, logits in launched:
            yield batch, logits.wait()

    @torch.inference_mode()
    def _launch(self, batch: Batch) -> Launched:
        """The batch's logits on their way to the host, perhaps not yet computed."""
        self._ran.enter()
        if self.device.type == "cuda" or torch.get_num_threads() > 1:  # loading has started threads already
            self._loaded.enter()
        inputs = torch.from_numpy(np.stack([batch.input_ids, batch.attention_mask]))
        if self.device.type == "cuda":  # one copy for both, from pinned memory: it does not wait for the computation
            inputs = inputs.pin_memory().to(self.device, non_blocking=True)
        input_ids, attention_mask = inputs
        outputs = self._model(input_ids=input_ids, attention_mask=attention_mask)
        logits: torch.Tensor = outputs if isinstance(outputs, torch.Tensor) else outputs.logits
        if self.device.type != "cuda":
            return Launched(logits.float())
        on_host = torch.empty(logits.shape, dtype=torch.float32, pin_memory=True)
        on_host.copy_(logits.float(), non_blocking=True)
        done = torch.cuda.Event()  # type: ignore[no-untyped-call]
        done.record(torch.cuda.current_stream(self.device))
        return Launched(on_host, done)


@dataclass(frozen=True, slots=True)
class Launched:
    """Logits on their way to the host: complete when `done` has happened, or at once where it is None.

    Copying them only when they are asked for would wait for all batches that the device was given in the meantime.
    """

    logits: torch.Tensor
    done: torch.cuda.Event | None = None

    def wait(self) -> NDArray[np.float32]:
        """The logits, shape (batch, topics), as soon as they are there."""
        if self.done is not None:
            self.done.synchronize()
        return np.asarray(self.logits.numpy(), dtype=np.float32)


def _resolve(device: str) -> str:
    """The device's torch name.

    Raises:
        EngineError: If a CUDA device is named that is not there.
    """
    count = torch.cuda.device_count()
    if device == "auto":
        return "cuda" if count else "cpu"
    if device.startswith("cuda") and int(device.partition(":")[2] or 0) >= count:
        found = f"{count} CUDA devices" if count else "no CUDA device"
        raise EngineError(f"device '{device}': torch {torch.__version__} sees {found}. Use the device 'cpu' or 'auto'.")
    return device


def load_module(folder: Path, config: Mapping[str, Any]) -> torch.nn.Module:
    """The folder's model in torch, called with input_ids and attention_mask.

    Raises:
        MissingExtraError: If the architecture needs Transformers and it is not installed.
        ModelError: If weights and config do not fit.
    """
    if config.get("model_type") == "bert":
        from classifier.engines.bert import BertClassifier

        return BertClassifier.from_folder(folder, config)
    if importlib.util.find_spec("transformers") is None:
        raise MissingExtraError(f"the engine 'torch' with a model of type '{config.get('model_type')}'", "train")
    from transformers import AutoModelForSequenceClassification

    model: torch.nn.Module = AutoModelForSequenceClassification.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, dtype=torch.float32
    )
    return model
