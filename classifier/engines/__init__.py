"""What scores token windows: one protocol, one module per runtime, imported only when it is chosen."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from classifier.batching import Batch
from classifier.errors import EngineError, nearest
from classifier.imports import held_interrupts
from classifier.manifest import Manifest

ENGINES = ("auto", "openvino", "torch")


class Engine(Protocol):
    """A runtime with a model loaded."""

    name: str
    token_budget: int
    """The most tokens of one batch, padding included, that this engine runs well with."""

    def logits(self, batch: Batch) -> NDArray[np.float32]:
        """Raw logits of the batch's windows, shape (batch, topics): the soonest answer for one batch."""
        ...

    def run(self, batches: Iterable[Batch]) -> Iterator[tuple[Batch, NDArray[np.float32]]]:
        """Every batch with its logits, in any order: the most batches a second; the same numbers as `logits`."""
        ...


def engine_for(engine: str = "auto", device: str = "auto") -> Callable[[Manifest], Engine]:
    """What loads a model on that engine and device, its files verified.

    The engine is imported here, which threads must not do side by side. "auto" takes torch where a CUDA device is asked
    for, or is there beside an installed torch; else OpenVINO. What is returned raises a ModelError if a file of the
    folder is missing or changed, and an EngineError if the device is not present.

    Args:
        engine: "auto", "openvino" or "torch".
        device: "auto", "cpu", "cuda" or "cuda:N".

    Raises:
        EngineError: If the engine or the device is unknown, or the two do not go together.
        MissingExtraError: If torch is asked for and not installed.
    """
    check_names(engine, device)
    if engine == "auto":
        engine = "torch" if device.startswith("cuda") or (device == "auto" and _has_cuda()) else "openvino"
    if engine == "openvino":
        if device.startswith("cuda"):
            raise EngineError(f"device '{device}': the engine 'openvino' runs on the CPU only. Use the engine 'torch'.")
        from classifier.engines.openvino_engine import OpenVinoEngine

        return OpenVinoEngine
    from classifier.engines.torch_engine import TorchEngine

    return partial(TorchEngine, device=device)


def check_names(engine: Any, device: Any) -> None:
    """Refuses an engine or a device that is not known, or is no name (None, a number, a `torch.device`).

    Raises:
        EngineError: With the nearest known name.
    """
    for what, value in (("engine", engine), ("device", device)):
        if not isinstance(value, str):
            raise EngineError(f"{what} is {value!r}, expected a name: 'auto' where any will do.")
    if engine not in ENGINES:
        raise EngineError(f"engine '{engine}' is not known.{nearest(engine, ENGINES)} Known: {', '.join(ENGINES)}.")
    kind, _, number = device.partition(":")
    if kind not in ("auto", "cpu", "cuda") or (":" in device and not (kind == "cuda" and number.isdecimal())):
        meant = nearest("cuda" if kind == "gpu" else kind, ("auto", "cpu", "cuda"))
        raise EngineError(f"device '{device}' is not known.{meant} Known: auto, cpu, cuda, cuda:N.")


def _has_cuda() -> bool:
    """True if torch is installed with CUDA and sees a device; a CPU-only machine never imports torch."""
    if importlib.util.find_spec("torch") is None or not _has_nvidia_driver():
        return False
    with held_interrupts():
        import torch

    return bool(torch.cuda.is_available())


def _has_nvidia_driver() -> bool:
    """True where one is found; on Windows always, since torch alone can tell there."""
    return sys.platform == "win32" or any(map(os.path.exists, ("/dev/nvidia0", "/dev/nvidiactl", "/dev/dxg")))
