"""Trained checkpoint → model folder, behind a parity gate.

The folder holds half-precision safetensors for torch and Transformers, and OpenVINO IR with int8 weights; both hold
the same values, rounded to what int8 can hold. It is written beside its final place and moved there only when the two
engines agree on validation stories. Leaves out: how the decision rule is fitted (calibrate.py), what the card says
(card.py).
"""

from __future__ import annotations

import contextlib
import copy
import io
import json
import shutil
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification

from classifier.decide import Decision, Floats, Pooling, ProblemType, story_probabilities, topics_given
from classifier.engines.telemetry import without_telemetry
from classifier.engines.torch_engine import load_module
from classifier.errors import ExportError
from classifier.manifest import MANIFEST, SCHEMA_VERSION, load_manifest, sha256
from training.model import labels_of

with without_telemetry():
    import nncf
    import openvino as ov

LEAST_AGREEMENT = 0.995
FAR_APART = 0.1  # what is no rounding any more
MOST_FAR_APART = 0.001
ROUNDING = 0.05  # what a probability may move by without being another; sound exports moved by up to 0.053
_PACKAGES = ("torch", "transformers", "tokenizers", "openvino", "nncf", "numpy")


@dataclass(frozen=True, slots=True)
class Parity:
    """How far the OpenVINO engine is from the torch engine on the same stories.

    Attributes:
        stories: How many were compared.
        agreement: Share of (story, topic) decisions that are the same.
        agreement_but_for_rounding: The same, without the decisions that differ though their probabilities are within
            `ROUNDING`: a story on a threshold falls on either side of it, in any two engines. With few stories, one of
            them would be a large share.
        largest_difference: Between two probabilities.
        mean_difference: The same, on average.
        far_apart: Share of probabilities that differ by more than `FAR_APART`. A rule with a step in it moves one in
            thousands that far: with the pooling "lead", a story whose first window is on the edge of being silent.
    """

    stories: int
    agreement: float
    agreement_but_for_rounding: float
    largest_difference: float
    mean_difference: float
    far_apart: float


def write_weights(model: Any, tokenizer: Any, folder: Path) -> None:
    """`config.json`, `model.safetensors` (half precision), the tokenizer files and the OpenVINO IR."""
    folder.mkdir(parents=True)
    half = copy.deepcopy(model).to(device="cpu", dtype=torch.float32).eval()
    for module in half.modules():
        if isinstance(module, torch.nn.Linear | torch.nn.Embedding):
            module.weight.data = rounded_to_int8(module.weight.data)
    half = half.half()
    half.save_pretrained(folder, safe_serialization=True)
    tokenizer.save_pretrained(folder)
    config_path = folder / "config.json"
    config = json.loads(config_path.read_bytes())
    config.pop("_name_or_path", None)
    config_path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    _write_ir(folder, config)
    for path in folder.iterdir():
        path.chmod(0o644)  # safetensors are written for their owner alone


def rounded_to_int8(weight: torch.Tensor) -> torch.Tensor:
    """The values that a matrix has after int8 compression with a scale and a zero point for each row.

    The folder's half-precision weights hold these values too, so that all engines run the same model: compressing
    them again changes nothing. Without this, the engines' probabilities differed by up to 0.04 from the weights alone.
    """
    low, high = weight.amin(dim=1, keepdim=True).clamp(max=0.0), weight.amax(dim=1, keepdim=True).clamp(min=0.0)
    scale = ((high - low) / 255).clamp(min=1e-12)
    zero_point = torch.round(-low / scale)
    return (torch.clamp(torch.round(weight / scale) + zero_point, 0, 255) - zero_point) * scale


def _write_ir(folder: Path, config: Mapping[str, Any]) -> None:
    """The module that the torch engine runs, as OpenVINO IR with int8 weights and free batch and token counts."""
    ir = converted(load_module(folder, config).float().eval())
    nncf.set_log_level(40)
    with contextlib.redirect_stdout(io.StringIO()):  # a progress bar for a second's work
        ir = nncf.compress_weights(ir, mode=nncf.CompressWeightsMode.INT8_ASYM)
    ov.save_model(ir, folder / "openvino_model.xml", compress_to_fp16=True)


def converted(module: torch.nn.Module) -> ov.Model:
    """A sequence classifier in OpenVINO: ids and mask of any shape (batch, tokens) → logits.

    Raises:
        RuntimeError: If OpenVINO lacks an operation of it.
    """
    example = {name: torch.ones((2, 8), dtype=torch.int64) for name in ("input_ids", "attention_mask")}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing says what a trace may miss: check_base has looked, and parity will
        ir = ov.convert_model(
            LogitsOnly(module), example_input=example, input=[(name, [-1, -1], np.int64) for name in example]
        )
    ir.outputs[0].get_tensor().set_names({"logits"})
    return ir


class LogitsOnly(torch.nn.Module):
    """Any sequence classifier as a function of ids and mask to a plain array."""

    def __init__(self, module: torch.nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        outputs = self.module(input_ids=input_ids, attention_mask=attention_mask)
        logits: torch.Tensor = outputs if isinstance(outputs, torch.Tensor) else outputs.logits
        return logits


def neutral_decision(labels: Sequence[str], problem_type: ProblemType = "multi_label") -> Decision:
    """Whole reading, no calibration, threshold 0.5, no review: what a folder has before its rule is fitted."""
    count = len(labels)
    half = np.full(count, 0.5)
    rules: list[Pooling] = ["mean"] * count
    return Decision(tuple(labels), tuple(rules), np.ones(count), np.zeros(count), half, half, half, problem_type)


def write_manifest(folder: Path, decision: Decision, contents: Mapping[str, Any]) -> None:
    """`manifest.json` with the decision rule, `contents`, and the SHA-256 of every other file of the folder."""
    manifest = {
        "schema_version": SCHEMA_VERSION,
        **{key: value for key, value in contents.items() if key not in ("curve", "late_margin")},
        "problem_type": decision.problem_type,
        "labels": list(decision.labels),
        "pooling": list(decision.pooling),
        **({"late_margin": _rounded(decision.late_margin)} if "lead" in decision.pooling else {}),
        **rule_record(decision),
        "versions": {name: metadata.version(name) for name in _PACKAGES},
        "files": {path.name: sha256(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def rule_record(decision: Decision) -> dict[str, Any]:
    """For the manifest: from logits of stories to topics."""
    bands = zip(_rounded(decision.review_low), _rounded(decision.review_high), strict=True)
    return {
        "temperature": _rounded(decision.temperature),
        "bias": _rounded(decision.bias),
        **({"curve": [[_rounded(row) for row in knots] for knots in decision.curve]} if len(decision.curve) else {}),
        "thresholds": _rounded(decision.thresholds),
        "review_band": [list(band) for band in bands],
    }


def _rounded(values: Floats) -> list[float]:
    return [round(float(value), 6) for value in values]


def remove(folder: Path) -> None:
    """Removes what an earlier, refused export left."""
    shutil.rmtree(folder, ignore_errors=True)


def measure_parity(openvino: Floats, reference: Floats, counts: Sequence[int], decision: Decision) -> Parity:
    """Parity of two engines' logits, both of shape (windows, topics), over stories of `counts` windows each."""
    ours, theirs = (story_probabilities(logits, counts, decision) for logits in (openvino, reference))
    same = topics_given(ours, decision) == topics_given(theirs, decision)
    difference = np.abs(ours - theirs)
    return Parity(
        stories=len(ours),
        agreement=float(same.mean()),
        agreement_but_for_rounding=float((same | (difference <= ROUNDING)).mean()),
        largest_difference=float(difference.max()),
        mean_difference=float(difference.mean()),
        far_apart=float((difference > FAR_APART).mean()),
    )


def check_export(folder: Path, parity: Parity, largest_mib: float | None = None) -> None:
    """Refuses a folder whose engines disagree, that is too large, or that Transformers does not load.

    Args:
        folder: The model folder.
        parity: Of its two engines.
        largest_mib: What all its files may have together; None for no limit.

    Raises:
        ExportError: With all figures that are out of bounds.
    """
    problems = []
    manifest = load_manifest(folder)
    labels, decisions = manifest.labels, parity.stories * len(manifest.labels)
    of_a_story = 2 if manifest.decision.problem_type == "multi_class" else 1  # another class is one less and one more
    differing = round((1 - parity.agreement_but_for_rounding) * decisions)
    if differing > max(of_a_story, (1 - LEAST_AGREEMENT) * decisions):  # of few decisions, one would be a large share
        problems.append(
            f"engines agree on {parity.agreement_but_for_rounding:.2%} of decisions (probabilities within {ROUNDING} "
            f"count as agreement), at least {LEAST_AGREEMENT:.1%} are needed"
        )
    if parity.far_apart > MOST_FAR_APART:
        problems.append(
            f"{parity.far_apart:.3%} of probabilities differ by more than {FAR_APART}, the largest by "
            f"{parity.largest_difference:.4f}; at most {MOST_FAR_APART:.1%} are allowed"
        )
    size_mib = sum(path.stat().st_size for path in folder.iterdir()) / 2**20
    if largest_mib is not None and size_mib > largest_mib:
        problems.append(f"the folder has {size_mib:.1f} MiB, model.largest_mib allows {largest_mib:g}")
    loaded = AutoModelForSequenceClassification.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    if labels_of(loaded.config) != labels:
        problems.append("Transformers reads other labels than the manifest has")
    if problems:
        raise ExportError(f"{folder}: not shipped: " + "; ".join(problems) + ". The folder is left there to look at.")


def parity_figures(parity: Parity) -> dict[str, float]:
    """For the manifest."""
    return {key: round(value, 6) for key, value in asdict(parity).items()}


def move_into_place(folder: Path, target: Path) -> None:
    """Replaces `target` by the finished folder."""
    if target.exists():
        shutil.rmtree(target)
    folder.rename(target)
