"""The OpenVINO engine: int8 matrix products, the rest in bf16 or float32, on any x86-64 or ARM processor."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifier.batching import Batch, Ids
from classifier.engines.compiled_cache import compiled_forms
from classifier.engines.kept_locale import kept_locale
from classifier.engines.one_process import OneProcess
from classifier.engines.telemetry import without_telemetry
from classifier.errors import ModelError
from classifier.imports import held_interrupts
from classifier.manifest import Manifest
from classifier.own_thread import own_thread

with held_interrupts(), without_telemetry():
    import openvino as ov

MODEL_FILES = ("openvino_model.xml", "openvino_model.bin")
QUANTIZATION_GROUP = "64"  # values of a token's activations that share a scale; divides 384, 768 and their multiples
FEW_BATCHES = 4  # fewer are run one by one
MOST_STREAMS = 8  # side by side; each holds about 25 MB


class OpenVinoEngine:
    """A compiled model; the compiled forms are cached in the user's cache folder, which quarters the cold start.

    One batch runs on all cores at once. Many batches run side by side, one core each, which is a sixth faster in all;
    the model is compiled for that when it is first needed, unless that would spoil it (`_unpacks_in_steps`). Threads
    may share an engine: each call of `run` has a queue to itself until it ends or is closed, so that no call waits for
    another or takes its results.
    """

    name = "openvino"
    token_budget = 2048

    def __init__(self, manifest: Manifest) -> None:
        manifest.verify(MODEL_FILES)
        self._manifest = replace(manifest, model_dir=manifest.model_dir.absolute())  # it is compiled again later
        self._request = self._compile({"PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": "1"}).create_infer_request()
        self._one = threading.Lock()
        self._process = OneProcess()  # entered at the first batch: a model that is only loaded survives a fork
        self._queues = _Queues(self._compile_for_many)

    def logits(self, batch: Batch) -> NDArray[np.float32]:
        """Raw logits, shape (batch, topics)."""
        self._process.enter()
        with self._one:
            return np.array(self._request.infer(_inputs(batch), share_inputs=True)[0], dtype=np.float32)

    def run(self, batches: Iterable[Batch]) -> Iterator[tuple[Batch, NDArray[np.float32]]]:
        """Every batch with its logits, in the order in which they are done."""
        batches = iter(batches)
        few = list(islice(batches, FEW_BATCHES))
        if len(few) < FEW_BATCHES:
            for batch in few:
                yield batch, self.logits(batch)
            return
        self._process.enter()
        done: deque[tuple[Batch, NDArray[np.float32]]] = deque()
        with self._queues.lent() as queue:
            queue.set_callback(lambda request, batch: done.append((batch, _output(request))))
            for batch in chain(few, batches):
                queue.start_async(_inputs(batch), batch, share_inputs=True)
                while done:
                    yield done.popleft()
        yield from done

    def _compile_for_many(self) -> tuple[ov.CompiledModel, int]:
        """The model for many batches, and how many of them run side by side: one where its files are gone or others."""
        alone = self._request.get_compiled_model()
        if not _unpacks_in_steps(alone):
            streams = min(MOST_STREAMS, _cores())
            with suppress(ModelError):
                self._manifest.verify(MODEL_FILES)
                return self._compile({"NUM_STREAMS": str(streams)}), streams
        return alone, 1

    def _compile(self, settings: Mapping[str, str]) -> ov.CompiledModel:
        """The model with activations rounded to int8 (why: docs/speed.md), or as they are where that does not work."""
        folder, files = self._manifest.model_dir, self._manifest.files
        # OpenVINO knows a cached model by path, size and time of the .xml alone: other weights need another folder.
        model = "-".join(files[name][:12] for name in MODEL_FILES)
        if _has_amx():
            settings = {**settings, "INFERENCE_PRECISION_HINT": "f32"}
        with kept_locale(), compiled_forms(ov.__version__.split("-")[0], model) as cache:
            for group in (QUANTIZATION_GROUP, "0"):
                settings = {**settings, "DYNAMIC_QUANTIZATION_GROUP_SIZE": group}
                try:
                    compiled = _compiled(folder / MODEL_FILES[0], settings, cache)
                    if _answers(compiled):
                        return compiled
                except RuntimeError as error:
                    raise ModelError(f"{folder}: OpenVINO cannot load the model ({error}).") from error
        raise ModelError(
            f"{folder}: OpenVINO {ov.__version__} gives no logits on this processor. Use the engine 'torch'."
        )


class _Queues:
    """Queues over one compiled model: as many as calls run at the same time, each kept for the next call."""

    def __init__(self, compiled: Callable[[], tuple[ov.CompiledModel, int]]) -> None:
        """`compiled` gives the model, and how many batches a queue runs side by side; it is called once."""
        self._compiled = compiled
        self._lock = threading.Lock()
        self._model: tuple[ov.CompiledModel, int] | None = None
        self._free: list[ov.AsyncInferQueue] = []

    @contextmanager
    def lent(self) -> Iterator[ov.AsyncInferQueue]:
        """A queue that nobody else has; what runs in it at the end is waited for, and answers to no later call."""
        with self._lock:
            if self._model is None:
                self._model = self._compiled()
            queue = self._free.pop() if self._free else ov.AsyncInferQueue(*self._model)
        try:
            yield queue
        finally:
            queue.wait_all()
            self._free.append(queue)


def _compiled(model: Path, settings: Mapping[str, str], cache: Path | None) -> ov.CompiledModel:
    """The model from the cache, or without it where what is there cannot be used or nothing can be put there.

    In a thread of its own: OpenVINO gives the thread that loads its plugin a stack for signals, and takes it away with
    the model. Where two models went in another order than they came, the next signal to that thread ended the process.
    """
    if cache is not None:
        cached = {**settings, "CACHE_DIR": str(cache)}
        with suppress(RuntimeError), own_thread(partial(_compile_here, model, cached)) as compiled:
            return compiled.result()
    with own_thread(partial(_compile_here, model, settings)) as compiled:
        return compiled.result()


def _compile_here(model: Path, settings: Mapping[str, str]) -> ov.CompiledModel:
    """The model, which needs its own files no longer: it may be mapped from the cache, and is not from its folder.

    What maps a file that is overwritten later gives the logits of the other weights, or ends the process (SIGBUS).
    """
    core, is_cached = ov.Core(), "CACHE_DIR" in settings
    core.set_property({"ENABLE_MMAP": is_cached})
    compiled = core.compile_model(str(model), "CPU", dict(settings))
    if not is_cached or compiled.get_property("LOADED_FROM_CACHE"):
        return compiled
    del compiled  # before there is a second one
    core.set_property({"ENABLE_MMAP": False})
    return core.compile_model(str(model), "CPU", dict(settings))  # from the cache, where the first one left it


def _has_amx(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """True on a processor with AMX, where OpenVINO 2026.4 multiplies in bf16 and leaves the int8 groups out of account.

    Sums in bf16 depend on the shape of a batch, so that a story on a threshold could get other topics in another batch.
    With the rest in float32 the int8 groups are used there too, and a fifth of the speed is lost (docs/speed.md).
    """
    try:
        with cpuinfo.open(encoding="utf-8") as lines:  # the first processor tells; the file of a large machine is long
            return "amx_bf16" in next((line for line in lines if line.startswith("flags")), "")
    except OSError:
        return False


def _answers(compiled: ov.CompiledModel) -> bool:
    """True if the model gives a number a topic: kernels that a processor lacks were seen to give an empty array."""
    probe = np.ones((1, 16), dtype=np.int64)
    found = compiled.create_infer_request().infer({"input_ids": probe, "attention_mask": probe})[0]
    return found.shape[0] == 1 and bool(np.isfinite(found).all())


def _unpacks_in_steps(compiled: ov.CompiledModel) -> bool:
    """True if int8 weights were unpacked while the model was compiled: converted, then shifted and scaled.

    OpenVINO 2026.4 does so with matrices that the processor has no int8 kernel for (with AMX: at most 512 each way, and
    columns no multiple of 32, or at most 32 each way). Streams do it at once, in the same memory, and the first step of
    one can undo the last step of another: the weights are then bare int8 values, and the logits in the hundreds.
    """
    constant: set[str] = set()
    computed: set[str] = set()
    for node in compiled.get_runtime_model().get_ordered_ops():
        name, inputs = node.get_friendly_name(), {value.get_node().get_friendly_name() for value in node.input_values()}
        if node.get_type_name() == "Parameter" or not inputs <= constant:
            continue
        if inputs & computed:
            return True
        constant.add(name)
        if inputs:
            computed.add(name)
    return False


def _inputs(batch: Batch) -> dict[str, Ids]:
    return {"input_ids": batch.input_ids, "attention_mask": batch.attention_mask}


def _output(request: ov.InferRequest) -> NDArray[np.float32]:
    """A copy, since the request's own array holds the next batch soon."""
    return np.array(request.get_output_tensor(0).data, dtype=np.float32)


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
