"""The engines against each other and against Transformers; what is said of engines and devices that are not there."""

from __future__ import annotations

import importlib.util
import json
import platform
import re
import shutil
import sys
import warnings
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from conftest import LABELS, MAX_LENGTH, VOCABULARY
from transformers import AutoModelForSequenceClassification

from classifier import Classifier, EngineError, MissingExtraError, ModelError
from classifier.batching import Batch, pad
from classifier.engines import engine_for
from classifier.engines.bert import BertClassifier
from classifier.engines.openvino_engine import OpenVinoEngine, _has_amx, _unpacks_in_steps
from classifier.engines.telemetry import without_telemetry
from classifier.engines.torch_engine import AHEAD, Launched, TorchEngine, load_module
from classifier.manifest import MANIFEST, load_manifest, sha256

with without_telemetry():
    import openvino as ov

AGAINST_TRANSFORMERS = 1e-5  # logits, both in float32
AGAINST_TORCH = 0.1  # logits: int8 weights and bf16 arithmetic against float32, on a tiny model with wide weights


@pytest.fixture(scope="module")
def batch() -> Batch:
    """32 windows of 3 to 32 random ids."""
    random = np.random.default_rng(0)
    lengths = random.integers(3, MAX_LENGTH + 1, 32)
    windows = [[2, *random.integers(4, len(VOCABULARY), length - 2).tolist(), 3] for length in lengths]
    return pad(windows, np.arange(32), pad_id=0)


def tensors(batch: Batch) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(getattr(batch, name)) for name in ("input_ids", "attention_mask")}


def test_our_bert_gives_the_logits_of_transformers(tiny_model: Path, batch: Batch) -> None:
    theirs = AutoModelForSequenceClassification.from_pretrained(tiny_model, dtype=torch.float32).eval()
    ours = load_module(tiny_model, json.loads((tiny_model / "config.json").read_bytes())).eval()
    assert isinstance(ours, BertClassifier)
    with torch.inference_mode():
        expected = theirs(**tensors(batch)).logits
        difference = (ours(**tensors(batch)) - expected).abs().max()
    assert difference < AGAINST_TRANSFORMERS
    assert expected.std(dim=0).min() > 0.1  # the windows do differ


def test_the_torch_engine_gives_the_logits_of_transformers(tiny_model: Path, batch: Batch) -> None:
    theirs = AutoModelForSequenceClassification.from_pretrained(tiny_model, dtype=torch.float32).eval()
    ours = engine_for("torch", "cpu")(load_manifest(tiny_model)).logits(batch)
    with torch.inference_mode():
        np.testing.assert_allclose(ours, theirs(**tensors(batch)).logits.numpy(), atol=AGAINST_TRANSFORMERS)
    assert (ours.dtype, ours.shape) == (np.dtype(np.float32), (32, 4))


def test_logits_on_their_way_are_waited_for_when_they_are_read_and_not_before() -> None:
    logits, waited = torch.zeros(2, 4), []

    class Event:
        def synchronize(self) -> None:
            waited.append(logits.fill_(1.0))

    launched = Launched(logits, Event())  # type: ignore[arg-type]
    assert not waited
    assert launched.wait().tolist() == [[1.0] * 4] * 2
    assert len(waited) == 1


def test_batches_are_launched_before_earlier_results_are_waited_for(
    tiny_model: Path, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = engine_for("torch", "cpu")(load_manifest(tiny_model))
    assert isinstance(engine, TorchEngine)
    done: list[str] = []
    launch, wait = TorchEngine._launch, Launched.wait
    monkeypatch.setattr(TorchEngine, "_launch", lambda self, made: (done.append("launch"), launch(self, made))[1])
    monkeypatch.setattr(Launched, "wait", lambda self: (done.append("wait"), wait(self))[1])
    assert len(list(engine.run([batch] * 4))) == 4
    assert done == ["launch"] * (AHEAD + 1) + ["wait", "launch"] + ["wait"] * (AHEAD + 1)


def test_openvino_and_torch_give_the_same_logits(tiny_model: Path, batch: Batch) -> None:
    manifest = load_manifest(tiny_model)
    openvino, reference = (engine_for(name, "cpu")(manifest).logits(batch) for name in ("openvino", "torch"))
    assert (openvino.dtype, openvino.shape) == (np.dtype(np.float32), (32, 4))
    np.testing.assert_allclose(openvino, reference, atol=AGAINST_TORCH)
    assert np.abs(openvino - reference).mean() < AGAINST_TORCH / 4


@pytest.mark.parametrize("name", ["openvino", "torch"])
def test_what_stands_in_the_padding_changes_nothing(tiny_model: Path, batch: Batch, name: str) -> None:
    engine = engine_for(name, "cpu")(load_manifest(tiny_model))
    other = np.where(batch.attention_mask == 1, batch.input_ids, 7)
    filled = Batch(batch.indices, other, batch.attention_mask)
    np.testing.assert_allclose(engine.logits(filled), engine.logits(batch), atol=AGAINST_TRANSFORMERS)


def test_openvino_results_are_kept_when_the_next_batch_runs(tiny_model: Path, batch: Batch) -> None:
    engine = engine_for("openvino")(load_manifest(tiny_model))
    first = engine.logits(batch)
    copy = first.copy()
    engine.logits(Batch(batch.indices, batch.input_ids[::-1].copy(), batch.attention_mask[::-1].copy()))
    np.testing.assert_array_equal(first, copy)


def test_transformers_reads_the_folder_with_its_labels(tiny_model: Path) -> None:
    config = AutoModelForSequenceClassification.from_pretrained(tiny_model).config
    assert config.id2label == dict(enumerate(LABELS))
    assert config.label2id == {label: index for index, label in enumerate(LABELS)}
    assert config.problem_type == "multi_label_classification"


def test_other_weights_at_the_same_path_are_not_taken_from_the_cache(tiny_model: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_model, tmp_path / "model"))
    before = Classifier.load(folder, engine="openvino").decision_function(["talks"])
    turn_largest_weights_around(folder)
    after = Classifier.load(folder, engine="openvino").decision_function(["talks"])
    moved = Path(shutil.copytree(folder, tmp_path / "elsewhere"))
    np.testing.assert_array_equal(after, Classifier.load(moved, engine="openvino").decision_function(["talks"]))
    assert np.abs(after - before).max() > 0.01


def turn_largest_weights_around(folder: Path) -> None:
    """Reverses the int8 embeddings in the .bin file and lists the new hash; the .xml stays as it is."""
    data = [item.attrib for item in ElementTree.parse(folder / "openvino_model.xml").getroot().iter("data")]
    size, offset = max((int(c["size"]), int(c["offset"])) for c in data if c.get("element_type") == "u8")
    raw = bytearray((folder / "openvino_model.bin").read_bytes())
    raw[offset : offset + size] = raw[offset : offset + size][::-1]
    (folder / "openvino_model.bin").write_bytes(raw)
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["files"]["openvino_model.bin"] = sha256(folder / "openvino_model.bin")
    (folder / MANIFEST).write_text(json.dumps(manifest))


def test_a_cache_that_cannot_be_written_is_done_without(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert Classifier.load(tiny_model, engine="openvino").classify("talks").error is None


@pytest.mark.parametrize(
    ("engine", "device", "message"),
    [
        (
            "opnvino",
            "auto",
            r"engine 'opnvino' is not known\. Did you mean 'openvino'\? Known: auto, openvino, torch\.",
        ),
        ("jax", "auto", r"engine 'jax' is not known\. Known: auto, openvino, torch\."),
        ("auto", "cuad", r"device 'cuad' is not known\. Did you mean 'cuda'\? Known: auto, cpu, cuda, cuda:N\."),
        ("auto", "gpu", r"device 'gpu' is not known\. Did you mean 'cuda'\? Known: auto, cpu, cuda, cuda:N\."),
        ("auto", "cuda:x", r"device 'cuda:x' is not known\. .*Known: auto, cpu, cuda, cuda:N\."),
        ("auto", "cpu:0", r"device 'cpu:0' is not known\. .*Known: auto, cpu, cuda, cuda:N\."),
        ("openvino", "cuda:1", r"device 'cuda:1': the engine 'openvino' runs .* only\. Use the engine 'torch'\."),
    ],
)
def test_an_engine_or_device_that_is_not_known(tiny_model: Path, engine: str, device: str, message: str) -> None:
    with pytest.raises(EngineError, match=f"^{message}$"):
        Classifier.load(tiny_model, engine=engine, device=device)


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ({"device": 0}, "device is 0"),
        ({"device": torch.device("cpu")}, "device is device(type='cpu')"),
        ({"engine": None}, "engine is None"),
    ],
)
def test_what_is_no_name_of_an_engine_or_device(tiny_model: Path, named: dict[str, Any], found: str) -> None:
    with pytest.raises(EngineError, match=f"^{re.escape(found)}, expected a name: 'auto' where any will do\\.$"):
        Classifier.load(tiny_model, **named)


@pytest.mark.parametrize(("devices", "found"), [(0, "no CUDA device"), (2, "2 CUDA devices")])
def test_a_cuda_device_that_is_not_there(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch, devices: int, found: str
) -> None:
    monkeypatch.setattr("torch.cuda.device_count", lambda: devices)
    message = rf"^device 'cuda:2': torch \S+ sees {found}\. Use the device 'cpu' or 'auto'\.$"
    with pytest.raises(EngineError, match=message):
        Classifier.load(tiny_model, engine="torch", device="cuda:2")


def _hide(monkeypatch: pytest.MonkeyPatch, hidden: str) -> None:
    """As if a package were not installed."""
    real = importlib.util.find_spec

    def find_spec(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == hidden else real(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)


@pytest.mark.parametrize(("package", "module"), [("torch", "torch_engine"), ("safetensors.torch", "bert")])
def test_torch_without_its_extra_says_what_to_install(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch, package: str, module: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)  # an import of it fails
    monkeypatch.delitem(sys.modules, f"classifier.engines.{module}", raising=False)
    message = (
        r"^the engine 'torch' needs the extra 'gpu'\. Install it: pip install \"\.\[gpu\]\" in a checkout, "
        r"else \"news-topic-classifier\[gpu\]\" \(import of .* halted; None in sys\.modules\)$"
    )
    with pytest.raises(MissingExtraError, match=message):
        Classifier.load(tiny_model, engine="torch")


def test_auto_without_torch_is_openvino(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _hide(monkeypatch, "torch")
    assert Classifier.load(tiny_model).engine.name == "openvino"


@pytest.mark.parametrize(
    ("driver", "cuda", "engine"), [(True, True, "torch"), (True, False, "openvino"), (False, True, "openvino")]
)
def test_auto_takes_torch_only_where_a_cuda_device_is_seen(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch, driver: bool, cuda: bool, engine: str
) -> None:
    monkeypatch.setattr("classifier.engines._has_nvidia_driver", lambda: driver)
    monkeypatch.setattr("torch.cuda.is_available", lambda: cuda)
    monkeypatch.setattr("classifier.engines.torch_engine._resolve", lambda device: "cpu")
    assert Classifier.load(tiny_model).engine.name == engine
    assert Classifier.load(tiny_model, device="cpu").engine.name == "openvino"


def _config(folder: Path, **changes: Any) -> dict[str, Any]:
    contents: dict[str, Any] = json.loads((folder / "config.json").read_bytes())
    return contents | changes


def test_weights_that_do_not_fit_the_config(tiny_model: Path) -> None:
    with pytest.raises(ModelError, match=r"tiny: model\.safetensors does not fit config\.json \((.|\n)*size mismatch"):
        load_module(tiny_model, _config(tiny_model, hidden_size=64))
    with pytest.raises(ModelError, match=r"tiny: model\.safetensors does not fit config\.json \(.*layer\.2"):
        load_module(tiny_model, _config(tiny_model, num_hidden_layers=3))


def test_a_bert_that_is_not_plain(tiny_model: Path) -> None:
    message = r"tiny: config\.json is not plain BERT \(activation relu, absolute positions\)\. Use "
    with pytest.raises(ModelError, match=message):
        load_module(tiny_model, _config(tiny_model, hidden_act="relu"))


def test_another_architecture_is_loaded_by_transformers(tmp_path: Path, batch: Batch) -> None:
    from transformers import DistilBertConfig, DistilBertForSequenceClassification

    config = DistilBertConfig(vocab_size=len(VOCABULARY), dim=32, n_layers=1, n_heads=2, hidden_dim=64, num_labels=4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = DistilBertForSequenceClassification(config).eval()
        theirs.save_pretrained(tmp_path)
        ours = load_module(tmp_path, json.loads((tmp_path / "config.json").read_bytes())).eval()
    with torch.inference_mode():
        torch.testing.assert_close(ours(**tensors(batch)).logits, theirs(**tensors(batch)).logits)


def test_another_architecture_without_transformers_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _hide(monkeypatch, "transformers")
    message = r"^the engine 'torch' with a model of type 'distilbert' needs the extra 'train'\. Install it: pip install"
    with pytest.raises(MissingExtraError, match=message):
        load_module(tmp_path, {"model_type": "distilbert"})


@pytest.mark.parametrize("name", ["openvino", "torch"])
def test_many_batches_give_the_numbers_of_each_batch_alone(tiny_model: Path, name: str) -> None:
    engine = engine_for(name, "cpu")(load_manifest(tiny_model))
    random = np.random.default_rng(1)
    made = [
        pad([[2, *random.integers(4, len(VOCABULARY), 14).tolist(), 3] for _ in range(size)], np.arange(size), 0)
        for size in random.integers(1, 20, 12)
    ]
    found = {id(batch): logits for batch, logits in engine.run(iter(made))}
    assert len(found) == len(made)
    for batch in made:
        np.testing.assert_allclose(found[id(batch)], engine.logits(batch), atol=1e-6)


def _graph(*, float_weights: bool) -> Any:
    """What was compiled from `x @ weights`, as far as `_unpacks_in_steps` looks: weights of a kind, int8 or float."""
    x = ov.opset13.parameter([-1, 4], np.float32)
    weights = ov.opset13.constant(np.ones((4, 4), np.float32 if float_weights else np.uint8))
    if not float_weights:
        weights = ov.opset13.subtract(ov.opset13.convert(weights, "f32"), np.full((4, 1), 128, np.float32))
    model = ov.Model([ov.opset13.matmul(x, weights, False, False)], [x])
    return SimpleNamespace(get_runtime_model=lambda: model)


def test_weights_that_are_unpacked_in_steps_are_seen() -> None:
    assert _unpacks_in_steps(_graph(float_weights=False))
    assert not _unpacks_in_steps(_graph(float_weights=True))


@pytest.mark.parametrize("spoilt", [False, True])
def test_batches_run_side_by_side_only_where_that_does_not_spoil_the_weights(
    tiny_model: Path, batch: Batch, monkeypatch: pytest.MonkeyPatch, spoilt: bool
) -> None:
    monkeypatch.setattr("classifier.engines.openvino_engine._unpacks_in_steps", lambda compiled: spoilt)
    monkeypatch.setattr("classifier.engines.openvino_engine._cores", lambda: 2)
    engine = engine_for("openvino")(load_manifest(tiny_model))
    assert isinstance(engine, OpenVinoEngine)
    with engine._queues.lent() as queue:
        assert len(queue) == (1 if spoilt else 2)
    if spoilt:
        assert all((logits == engine.logits(batch)).all() for _, logits in engine.run([batch] * 5))


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="the kernels of other processors differ")
@pytest.mark.parametrize("name", ["news", "news-fast"])
def test_the_shipped_models_run_many_batches_side_by_side(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.engines.openvino_engine._cores", lambda: 2)
    engine = Classifier.load(name, engine="openvino", cascade=False).engine
    assert isinstance(engine, OpenVinoEngine)
    with engine._queues.lent() as queue:
        assert len(queue) == 2


@pytest.mark.parametrize("name", ["openvino", "torch"])
def test_a_story_has_the_same_probabilities_alone_in_any_batch_and_in_any_order(name: str) -> None:
    lines = (Path(__file__).parents[1] / "examples" / "train.jsonl").read_text(encoding="utf-8").splitlines()[:60]
    texts = [json.loads(line)["text"] for line in lines]
    stories = [*texts, *(text[: 10 * number] for number, text in enumerate(texts, 1)), "\n".join(texts[:12])]
    classifier = Classifier.load("news", engine=name, device="cpu")
    together = classifier.predict_proba(stories)
    backwards = classifier.predict_proba(stories[::-1])[::-1]
    alone = np.concatenate([classifier.predict_proba([story]) for story in stories])
    np.testing.assert_allclose(together, alone, atol=1e-6)
    np.testing.assert_allclose(together, backwards, atol=1e-6)


def test_a_processor_with_amx_is_known_by_its_flags(tmp_path: Path) -> None:
    flags = tmp_path / "cpuinfo"
    assert not _has_amx(flags)  # a system without the file
    for text, has in (("flags : avx512_bf16 avx512_vnni", False), ("flags : avx512_bf16 amx_bf16 amx_int8", True)):
        flags.write_text(text, encoding="utf-8")
        assert _has_amx(flags) is has
