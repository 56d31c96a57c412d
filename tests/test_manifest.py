"""The model folder: what is read from it, and every way in which it is refused."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import LABELS, MAX_LENGTH, STRIDE

from classifier import Classifier, ModelError
from classifier.manifest import MANIFEST, load_manifest, sha256

REPAIR = "The folder is damaged or hand-edited. Install, copy or train it again."


@pytest.fixture
def folder(tiny_model: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return Path(shutil.copytree(tiny_model, tmp_path / "tiny"))


def edit(path: Path, **changes: Any) -> None:
    """Changes or, with None, removes keys of a JSON file."""
    contents = json.loads(path.read_bytes()) | changes
    path.write_text(json.dumps({key: value for key, value in contents.items() if value is not None}))


def refuses(folder: Path, message: str, load: Callable[[Path], Any] = load_manifest) -> None:
    """The whole message, with FOLDER for the folder's path."""
    expected = re.escape(message).replace("FOLDER", re.escape(str(folder))).replace("…", ".+")
    with pytest.raises(ModelError, match=f"^{expected}$"):
        load(folder)


def test_a_manifest_holds_the_rule_in_the_order_of_the_labels(tiny_model: Path) -> None:
    manifest = load_manifest(tiny_model)
    assert manifest.labels == LABELS
    assert manifest.id == f"tiny@{sha256(tiny_model / MANIFEST)[:8]}"
    assert (manifest.max_length, manifest.stride, manifest.pad_id) == (MAX_LENGTH, STRIDE, 0)
    assert manifest.decision.pooling == ("max",) * 4
    np.testing.assert_allclose(manifest.decision.thresholds, [0.81, 0.66, 0.53, 0.53])
    np.testing.assert_allclose(manifest.decision.review_low, [0.79, 0.64, 0.51, 0.51])
    np.testing.assert_allclose(manifest.decision.review_high, [0.83, 0.68, 0.55, 0.55])


def test_the_scripts_are_those_of_the_manifest_and_none_where_it_says_nothing(folder: Path) -> None:
    assert load_manifest(folder).scripts == ()
    edit(folder / MANIFEST, scripts=["Cyrillic", "Latin"])
    assert load_manifest(folder).scripts == ("Cyrillic", "Latin")
    for wrong, message in (("Latin", "scripts is 'Latin', expected a list."), ([1], "scripts is [1], expected names.")):
        edit(folder / MANIFEST, scripts=wrong)
        refuses(folder, f"FOLDER: {message} {REPAIR}")


def test_every_file_of_the_folder_is_listed_with_its_hash(tiny_model: Path) -> None:
    others = {path.name for path in tiny_model.iterdir()} - {MANIFEST}
    assert others == set(load_manifest(tiny_model).files)
    load_manifest(tiny_model).verify(others)


def test_no_such_folder_names_the_shipped_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.manifest.SHIPPED_MODELS", tmp_path)
    for name in ("news", "paper"):
        (tmp_path / name).mkdir()
        (tmp_path / name / MANIFEST).write_text("{}")
    with pytest.raises(
        ModelError,
        match=r"^nwes: no such model folder\. Shipped models: news, paper\. "
        r"Name one of them, or a folder that training\.train wrote\.$",
    ):
        load_manifest("nwes")


def test_a_shipped_model_is_found_by_its_name(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classifier.manifest.SHIPPED_MODELS", tiny_model.parent)
    monkeypatch.chdir(tmp_path)
    assert load_manifest("tiny").model_dir == tiny_model


def test_a_folder_that_is_called_like_a_shipped_model_counts_only_with_a_manifest(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classifier.manifest.SHIPPED_MODELS", tiny_model.parent)
    monkeypatch.chdir(tmp_path)
    Path("tiny").mkdir()
    assert load_manifest("tiny").model_dir == tiny_model
    for name in ("./tiny", "tiny/"):
        with pytest.raises(ModelError, match=r"^tiny: no manifest\.json\. Name a folder that training\.train wrote\.$"):
            load_manifest(name)
    shutil.copytree(tiny_model, "tiny", dirs_exist_ok=True)
    assert load_manifest("tiny").model_dir == Path("tiny")


def test_an_empty_folder_and_a_plain_checkpoint_say_what_to_name(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refuses(tmp_path / "empty", "FOLDER: no manifest.json. Name a folder that training.train wrote.")
    (folder / MANIFEST).unlink()
    refuses(
        folder,
        "FOLDER: no manifest.json. It looks like a plain Transformers checkpoint. "
        "Name a folder that training.train wrote.",
    )


@pytest.mark.parametrize("text", ["", "{", '{"labels": \ud800'])
def test_a_manifest_that_is_not_json(folder: Path, text: str) -> None:
    (folder / MANIFEST).write_bytes(text.encode("utf-8", "surrogatepass"))
    refuses(folder, f"FOLDER/manifest.json: not JSON (…). {REPAIR}")


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"thresholds": [0.5, 0.5, 0.5]}, "thresholds has 3 entries, labels has 4."),
        ({"thresholds": [0.5, 0.5, 0.5, 1.0]}, "thresholds is [0.5, 0.5, 0.5, 1.0], each must lie between 0 and 1."),
        ({"thresholds": [0.5, 0.5, 0.5, float("nan")]}, "thresholds is [0.5, 0.5, 0.5, nan], expected numbers."),
        ({"thresholds": 0.5}, "thresholds is 0.5, expected a list."),
        ({"temperature": [1, 1, 1, 0]}, "temperature is [1, 1, 1, 0], each must be above 0."),
        ({"bias": [0, 0, 0, "1"]}, "bias is [0, 0, 0, '1'], expected numbers."),
        ({"review_band": [[0.4, 0.6]] * 3 + [[0.4]]}, "review_band is … [0.4]], expected pairs of numbers."),
        ({"pooling": ["max", "max", "max", "sum"]}, "pooling is … 'sum'], allowed are first, max, mean, lead."),
        ({"pooling": ["lead"] * 4}, "pooling has lead, late_margin is missing."),
        ({"late_margin": [0, 1, 2]}, "late_margin has 3 entries, labels has 4."),
        ({"late_margin": [0, 1, 2, -1]}, "late_margin is [0, 1, 2, -1], each must be at least 0."),
        ({"stride": 30}, "stride is 30, max_length is 32."),
        ({"stride": "4"}, "stride is '4', expected a whole number."),
        ({"files": None, "pad_id": None}, "manifest.json lacks pad_id, files."),
        ({"labels": list(reversed(LABELS))}, f"config.json has the labels {', '.join(LABELS)}, manifest.json has …."),
    ],
)
def test_a_value_that_no_decision_can_be_made_with(folder: Path, changes: dict[str, Any], found: str) -> None:
    edit(folder / MANIFEST, **changes)
    refuses(folder, f"FOLDER: {found} {REPAIR}")


def test_a_folder_of_another_version_is_not_called_damaged(folder: Path) -> None:
    edit(folder / MANIFEST, schema_version=9)
    refuses(
        folder,
        "FOLDER: schema_version of manifest.json is 9, this version of the package reads 1. "
        "Use the version that wrote the folder, or train it again.",
    )


def test_a_manifest_that_is_a_list(folder: Path) -> None:
    (folder / MANIFEST).write_text("[]")
    refuses(folder, f"FOLDER: manifest.json holds list, not an object. {REPAIR}")


def test_all_problems_are_named_at_once(folder: Path) -> None:
    edit(folder / MANIFEST, thresholds=[0.5], bias=[0.0])
    refuses(
        folder,
        "FOLDER: 2 problems\n  - bias has 1 entry, labels has 4.\n  - thresholds has 1 entry, labels has 4.\n" + REPAIR,
    )


def test_another_label_order_in_the_config_is_refused(folder: Path) -> None:
    edit(folder / "config.json", id2label={"0": "military", "1": "diplomacy", "2": "disaster", "3": "ceasefire"})
    refuses(
        folder,
        "FOLDER: config.json has the labels military, diplomacy, disaster, ceasefire, "
        f"manifest.json has diplomacy, military, disaster, ceasefire. {REPAIR}",
    )


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"id2label": {"LABEL_0": "a"}}'])
def test_a_config_without_readable_labels_is_refused(folder: Path, text: str) -> None:
    (folder / "config.json").write_text(text)
    refuses(folder, f"FOLDER/config.json: no readable id2label (…). {REPAIR}")


def test_a_missing_config_is_refused(folder: Path) -> None:
    (folder / "config.json").unlink()
    refuses(folder, f"FOLDER: config.json: missing. {REPAIR}")


@pytest.mark.parametrize(
    ("engine", "name"),
    [
        ("openvino", "tokenizer.json"),
        ("openvino", "config.json"),
        ("openvino", "openvino_model.xml"),
        ("openvino", "openvino_model.bin"),
        ("torch", "model.safetensors"),
    ],
)
def test_a_file_with_another_hash_is_refused_before_it_is_used(folder: Path, engine: str, name: str) -> None:
    said = sha256(folder / name)[:12]
    with (folder / name).open("ab") as file:
        file.write(b"\n")
    found = sha256(folder / name)[:12]
    refuses(
        folder,
        f"FOLDER: 1 problem\n  - {name}: SHA-256 is {found}…, manifest.json says {said}…\n{REPAIR}",
        lambda path: Classifier.load(path, engine=engine, device="cpu"),
    )


def test_missing_and_unlisted_files_are_refused_together(folder: Path) -> None:
    (folder / "openvino_model.bin").unlink()
    files = json.loads((folder / MANIFEST).read_bytes())["files"]
    files.pop("openvino_model.xml")
    edit(folder / MANIFEST, files=files)
    refuses(
        folder,
        "FOLDER: 2 problems\n  - openvino_model.xml: not listed in manifest.json\n"
        f"  - openvino_model.bin: missing\n{REPAIR}",
        lambda path: Classifier.load(path, engine="openvino"),
    )


def test_files_that_are_not_used_are_not_read(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    assert Classifier.load(folder, engine="openvino").labels == LABELS


@pytest.mark.parametrize("older", [None, "multi_label_classification"])
def test_a_manifest_from_before_the_other_problem_types_is_multi_label(folder: Path, older: str | None) -> None:
    edit(folder / MANIFEST, problem_type=older)
    assert load_manifest(folder).decision.problem_type == "multi_label"


def test_classes_that_exclude_each_other_are_read(folder: Path) -> None:
    edit(folder / MANIFEST, problem_type="multi_class")
    assert load_manifest(folder).decision.problem_type == "multi_class"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"problem_type": "multiclass"}, "problem_type is 'multiclass', allowed are multi_label, multi_class, binary."),
        ({"problem_type": "binary"}, "problem_type is binary, labels has 4 entries."),
        (
            {"problem_type": "multi_class", "pooling": ["max", "max", "max", "first"]},
            "pooling is ['max', 'max', 'max', 'first'], classes that exclude each other need the same rule for all.",
        ),
    ],
)
def test_a_problem_type_that_does_not_fit_is_refused(folder: Path, changes: dict[str, Any], message: str) -> None:
    edit(folder / MANIFEST, **changes)
    refuses(folder, f"FOLDER: {message} {REPAIR}")
