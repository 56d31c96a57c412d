"""Whether a base can become a model folder at all, before hours of training: some architectures cannot.

Three texts of different lengths are read by the untrained model as the folder's engines will read them: each alone in
torch, all in one padded batch, and both ways in OpenVINO. What fails, or gives other logits, is refused. Leaves out:
rounding to int8, which only a trained model shows (export.py).
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from classifier.batching import Batch, pad
from classifier.decide import Floats
from classifier.engines.bert import check_plain
from classifier.engines.torch_engine import load_module
from classifier.errors import ModelError
from training import export
from training.config import Config, base_location
from training.model import pad_id, story_tokenizer

_TEXTS = (
    "Floods.",
    "The ministers of both countries met on Monday and agreed to talk again next week.",
    "Troops crossed the river, 12 houses burned, and nobody knew who had given the order. " * 1000,  # fills any window
)
_NOISE = 1e-6  # of float32, on a logit of 1
_SHARE = 0.01  # of what tells the texts apart; a mask that is not looked at, or a baked-in length, costs more
_WORKING = "BERT, RoBERTa, XLM-RoBERTa, MPNet, DistilBERT, ELECTRA, ALBERT, DeBERTa-v2 and -v3, MobileBERT, ModernBERT"

_FAILURES = (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError)  # of modules of all kinds

_Run = Callable[[Batch], Floats]  # logits, shape (batch, topics)


def check_base(model: Any, tokenizer: Any, config: Config) -> None:
    """Refuses an architecture that the engines cannot run, or that reads a story otherwise in a batch than alone.

    Args:
        model: The base with its new head, on the CPU; it is not changed.
        tokenizer: Its Transformers tokenizer.
        config: The run's.

    Raises:
        ModelError: With the architecture, what was found and what to do.
    """
    location, kind = base_location(config), model.config.model_type
    if kind == "bert":  # what both engines are made for
        check_plain(model.config.to_dict(), location)
        return
    windows = story_tokenizer(tokenizer, max_length=config.model.max_length, stride=config.model.stride)
    ids = [text.input_ids[0] for text in windows.windows(_TEXTS, max_windows=1)]
    with TemporaryDirectory() as folder:
        module = _as_exported(model, Path(folder))
    problem = _problem(module, ids, pad_id(tokenizer))
    if problem is not None:
        raise ModelError(f"model.base '{location}' (architecture {kind}): {problem}")


def _as_exported(model: Any, folder: Path) -> torch.nn.Module:
    """The model as the torch engine loads it from a folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Transformers to itself
        model.save_pretrained(folder)
        return load_module(folder, json.loads((folder / "config.json").read_bytes())).eval()


def _problem(module: torch.nn.Module, ids: Sequence[Sequence[int]], pad_id: int) -> str | None:
    """What stands against the module, and what to do; None if nothing does."""
    batch, run = pad(ids, np.arange(len(ids)), pad_id), _torch(module)
    try:
        alone = _alone(run, ids, pad_id)
    except _FAILURES as error:
        return f"cannot read {max(map(len, ids))} tokens ({_gist(error)}). Set a smaller model.max_length."
    another = f"Name another base. These work: {_WORKING}."
    if not np.isfinite(alone).all():
        return f"gives logits that are no numbers. {another}"
    try:
        together = run(batch)
    except _FAILURES as error:
        return f"cannot read stories of different lengths in one batch ({_gist(error)}). {another}"
    noise = _NOISE * (1 + float(np.abs(alone).max()))
    tolerance = max(noise, _SHARE * float(np.abs(alone - alone.mean(axis=0)).max()))
    if (apart := _apart(together, alone)) > tolerance:
        return f"a story has other logits in a batch than alone (by {apart:.2g}): it looks at padding. {another}"
    try:
        run = _openvino(module)
        answers = (_alone(run, ids, pad_id), run(batch))
    except Exception as error:  # OpenVINO has classes of its own for some, and shapes that do not fit are ValueErrors
        return f"OpenVINO cannot run it ({_gist(error)}). {another}"
    if (apart := max(_apart(answer, alone) for answer in answers)) > tolerance:
        return f"OpenVINO gives other logits than torch (by {apart:.2g}). {another}"
    return None


def _torch(module: torch.nn.Module) -> _Run:
    run = torch.inference_mode()(export.LogitsOnly(module))
    return lambda batch: np.asarray(run(torch.from_numpy(batch.input_ids), torch.from_numpy(batch.attention_mask)))


def _openvino(module: torch.nn.Module) -> _Run:
    import openvino as ov  # export.py has seen to its telemetry

    compiled = ov.Core().compile_model(export.converted(module), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return lambda batch: np.asarray(compiled([batch.input_ids, batch.attention_mask])[0])


def _alone(run: _Run, ids: Sequence[Sequence[int]], pad_id: int) -> Floats:
    """The logits of every text by itself, shape (texts, topics)."""
    return np.concatenate([run(pad([window], np.arange(1), pad_id)) for window in ids]).astype(np.float64)


def _apart(found: Floats, alone: Floats) -> float:
    """The largest difference between logits; infinite where their shapes differ, or one is no number."""
    is_comparable = found.shape == alone.shape and np.isfinite(found).all()
    return float(np.abs(found - alone).max()) if is_comparable else float("inf")


def _gist(error: Exception) -> str:
    """The first line that says something: OpenVINO begins with the places in its source."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(("Exception from", "Check 'false'", "FrontEnd API"))]
    return (telling or lines or [type(error).__name__])[0][:200]
