"""A cascade: the smaller model answers where it is sure, each story for itself; what does not fit is refused."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import LABELS, WORDS, CountingEngine, counting, decision

from classifier import Classifier, ModelError
from classifier.cascade import Cascade
from classifier.manifest import MANIFEST, load_manifest, sha256
from classifier.predict import main
from classifier.tokens import Tokenizer

RULE = Cascade("../first", "", 12, np.ones(4), np.zeros(4), 0.6, 0.7)  # sure of 0 words and of 1, not in between
WAY_OUT = "Put the right one there, or do without: --no-cascade, in Python cascade=False."


def pair(rule: Cascade = RULE, **changes: Any) -> Classifier:
    """A counting model behind another one; the first reads 10 words and is sure of all that it counts."""
    whole, first = counting(decision(**changes)), counting(decision())
    return Classifier(replace(whole.manifest, cascade=rule), whole.tokenizer, whole.engine, first=first)


def scored(engine: Any) -> int:
    """Windows that a counting engine has scored."""
    assert isinstance(engine, CountingEngine)
    return sum(len(batch.indices) for batch in engine.batches)


def random_texts(count: int, most_words: int = 60) -> list[str]:
    rng = random.Random(4)
    return [" ".join(rng.choices(WORDS, k=rng.randint(1, most_words))) for _ in range(count)]


@pytest.fixture
def folders(tiny_model: Path, tmp_path: Path) -> Path:
    """`whole`, the tiny model with itself as `first`, which reads 12 tokens and is sure outside 0.4 to 0.7."""
    for name in ("first", "whole"):
        shutil.copytree(tiny_model, tmp_path / name)
    edit(tmp_path / "whole", cascade_of(tmp_path))
    return tmp_path


def cascade_of(folder: Path, **changes: Any) -> dict[str, Any]:
    return {
        "model": "../first",
        "manifest_sha256": sha256(folder / "first" / MANIFEST),
        "max_length": 12,
        "scale": [1.0] * 4,
        "shift": [0.0] * 4,
        "sure_below": 0.4,
        "sure_from": 0.7,
        **changes,
    }


def edit(folder: Path, cascade: Any) -> None:
    contents = json.loads((folder / MANIFEST).read_bytes())
    (folder / MANIFEST).write_text(json.dumps({**contents, "cascade": cascade}), encoding="utf-8")


def test_where_the_first_model_is_sure_the_whole_one_does_not_run() -> None:
    classifier = pair()
    prediction = classifier.classify("The river said. " * 20 + "Troops.")
    assert (prediction.topics, prediction.tokens_read, prediction.tokens_total) == ((), 10, 82)
    assert classifier.first is not None
    assert (scored(classifier.first.engine), scored(classifier.engine)) == (1, 0)


def test_where_it_is_not_sure_the_whole_model_answers() -> None:
    unsure = replace(RULE, sure_below=0.4)
    classifier = pair(unsure)
    prediction = classifier.classify("The river said. " * 20 + "Troops.")
    assert (prediction.topics, prediction.tokens_read, prediction.tokens_total) == (("military",), 82, 82)


def test_its_logits_are_brought_onto_the_scale_of_the_whole_model() -> None:
    rule = replace(RULE, scale=np.full(4, 2.0), shift=np.array([0.0, 1.0, 0.0, 0.0]), sure_below=0.9)
    [logits] = pair(rule).decision_function(["troops troops talks"])
    assert logits.tolist() == [2.0, 5.0, 0.0, 0.0]


def test_where_it_is_not_sure_it_has_a_share_in_the_answer() -> None:
    unsure = replace(RULE, sure_below=0.01, sure_from=0.99, share=0.5)
    [logits] = pair(unsure).decision_function(["troops talks " + "the river said " * 4 + "troops"])
    assert logits.tolist() == [1.5, 2.5, 0.0, 0.0]  # the first reads 10 words: troops once


def test_both_together_have_a_rule_of_their_own(folders: Path) -> None:
    rule = {"thresholds": [0.9] * 4, "temperature": [2.0] * 4, "curve": [[[-1, 1], [-2, 2]]] * 4}
    edit(folders / "whole", cascade_of(folders, share=1.0, rule=rule))
    alone, both = (Classifier.load(folders / "whole", cascade=cascade) for cascade in (False, True))
    assert alone.manifest.decision.thresholds.tolist() == [0.81, 0.66, 0.53, 0.53]
    assert both.manifest.decision.thresholds.tolist() == [0.9] * 4
    assert load_manifest(folders / "whole").rule.thresholds.tolist() == [0.9] * 4
    assert both.manifest.decision.pooling == alone.manifest.decision.pooling
    odds = both.decision_function(["talks of the river"])
    np.testing.assert_allclose(both.predict_proba(["talks of the river"]), 1 / (1 + np.exp(-odds)))  # 2 / 2 of them


def test_every_topic_must_be_sure() -> None:
    one = np.array([[0.1, 0.9, 0.2, 0.65], [0.1, 0.9, 0.2, 0.7], [0.59, 0.0, 0.0, 1.0], [0.6, 0.0, 0.0, 1.0]])
    assert RULE.is_sure(one).tolist() == [False, True, True, False]


def test_no_text_has_no_logits() -> None:
    assert pair().decision_function([]).shape == (0, 4)


def test_only_what_the_first_model_read_is_evidence() -> None:
    prediction = pair().classify("Troops left. The river said. A minister. " * 9 + "Troops.", evidence=True)
    assert {one.start for one in prediction.evidence["military"]} == {0}


def test_a_story_is_the_same_alone_and_beside_others(folders: Path) -> None:
    classifier = Classifier.load(folders / "whole", engine="torch", device="cpu")  # float32, unlike the other engine
    texts = random_texts(60)
    together = classifier.predict_proba(texts)
    _, is_early = classifier.text_logits(classifier.tokenizer.windows(texts))
    assert 0 < is_early.sum() < len(texts)  # both have a say
    alone = np.concatenate([classifier.predict_proba([text]) for text in reversed(texts)])[::-1]
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_without_the_cascade_the_whole_model_reads_everything(folders: Path) -> None:
    texts = random_texts(30)
    alone = Classifier.load(folders / "whole", engine="openvino", cascade=False)
    plain = Classifier.load(folders / "first", engine="openvino")
    assert (alone.first, plain.first) == (None, None)
    np.testing.assert_array_equal(alone.predict_proba(texts), plain.predict_proba(texts))


def test_a_window_is_shortened_as_the_tokenizer_would_cut_it(folders: Path) -> None:
    tokenizer = Classifier.load(folders / "first", engine="openvino").tokenizer
    text = " ".join(WORDS * 5)
    [long] = tokenizer.windows([text])
    [short] = Tokenizer.from_file(folders / "first" / "tokenizer.json", max_length=12, stride=4).windows([text])
    assert list(tokenizer.shortened(long.input_ids[0], 12)) == list(short.input_ids[0])
    assert list(tokenizer.shortened([2, 9, 3], 12)) == [2, 9, 3]


def _other_labels(folder: Path) -> None:
    first = folder / "first"
    for name, key in ((MANIFEST, "labels"), ("config.json", "id2label")):
        contents = json.loads((first / name).read_bytes())
        contents[key] = LABELS[::-1] if key == "labels" else {str(k): label for k, label in enumerate(LABELS[::-1])}
        (first / name).write_text(json.dumps(contents), encoding="utf-8")
    edit(folder / "whole", cascade_of(folder))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            lambda folder: shutil.rmtree(folder / "first"),
            "FOLDER/whole: the first model of its cascade is not in FOLDER/whole/../first.",
        ),
        (
            lambda folder: edit(folder / "first", None),
            "FOLDER/whole/../first: SHA-256 of manifest.json is …, tiny@… needs ….",
        ),
        (_other_labels, "FOLDER/whole/../first: has other topics or another tokenizer than FOLDER/whole."),
    ],
)
def test_a_pair_that_does_not_fit_is_refused(folders: Path, damage: Callable[[Path], Any], message: str) -> None:
    damage(folders)
    expected = re.escape(f"{message} {WAY_OUT}").replace("FOLDER", re.escape(str(folders))).replace("…", ".+")
    with pytest.raises(ModelError, match=f"^{expected}$"):
        Classifier.load(folders / "whole")
    assert Classifier.load(folders / "whole", cascade=False).first is None


def test_a_damaged_first_model_is_refused_with_the_way_out(folders: Path) -> None:
    (folders / "first" / "openvino_model.bin").write_bytes(b"")
    with pytest.raises(ModelError, match=f"(?s)first.*openvino_model.bin.*{re.escape(WAY_OUT)}$"):
        Classifier.load(folders / "whole", engine="openvino")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"share": -1}, "cascade.share is -1, expected a number from 0 on."),
        ({"rule": []}, "cascade.rule: it is [], expected an object."),
        ({"rule": {"labels": []}}, "cascade.rule: it has labels, allowed are temperature, bias, curve, thresholds"),
        ({"rule": {"bias": 0}}, "cascade.rule: bias is 0, expected a list."),
        ({"rule": {"thresholds": [0.5]}}, "cascade.rule: thresholds has 1 entry, labels has 4."),
        ({"scale": [1.0] * 3}, "cascade.scale is [1.0, 1.0, 1.0], expected 4 numbers."),
        ({"scale": [1.0, 1.0, 1.0, 0.0]}, "cascade.scale is [1.0, 1.0, 1.0, 0.0], each must be above 0."),
        ({"max_length": 33}, "cascade.max_length is 33, max_length is 32."),
        ({"max_length": True}, "cascade.max_length is True, expected a whole number."),
        ({"sure_below": 0.8}, "cascade is sure below 0.8 and from 0.7 on."),
        ({"model": 3}, "cascade.model is 3, expected text."),
    ],
)
def test_a_rule_that_cannot_be_run_is_refused(folders: Path, changes: dict[str, Any], message: str) -> None:
    edit(folders / "whole", cascade_of(folders, **changes))
    with pytest.raises(ModelError, match=re.escape(message)):
        load_manifest(folders / "whole")


@pytest.mark.parametrize(
    ("cascade", "lacks"), [({"model": "../first"}, "it lacks manifest_sha256, "), ([], "no object")]
)
def test_a_rule_that_is_not_whole_is_refused(folders: Path, cascade: Any, lacks: str) -> None:
    edit(folders / "whole", cascade)
    with pytest.raises(ModelError, match=f"cascade is .*{lacks}"):
        load_manifest(folders / "whole")


def test_a_job_goes_on_only_with_the_same_cascade(
    folders: Path,
    interrupted: Callable[[int], Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    feed, out = folders / "feed.jsonl", folders / "out.jsonl"
    feed.write_text("".join(json.dumps({"text": text}) + "\n" for text in random_texts(600, 8)), encoding="utf-8")
    command = [str(feed), "-o", str(out), "--model", str(folders / "whole"), "--quiet"]
    with interrupted(2):
        assert main([*command, "--checkpoint", "0"]) == 130
    capsys.readouterr()
    assert main([*command, "--no-cascade"]) == 1
    assert "cascade" in capsys.readouterr().err
    assert main(command) == 0
    assert len(out.read_text(encoding="utf-8").splitlines()) == 600
