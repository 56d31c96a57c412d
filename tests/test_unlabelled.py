"""Stories without labels: read, kept apart from the other splits, learned from a teacher."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import LABELS
from tiny_training import write_base, write_config, write_stories

from classifier import Classifier, Story
from classifier.errors import DataError
from classifier.manifest import load_manifest
from training.config import Config, DataConfig
from training.objective import teacher_probabilities
from training.splits import Labelled, Split, Splits
from training.train import main
from training.trainer import what_to_learn
from training.unlabelled import with_unlabelled


def labelled(role: str, *texts: str) -> Split:
    return Split(role, f"{role}.jsonl", "", [Labelled(Story(text=text), frozenset()) for text in texts])


def pool(folder: Path, *lines: str) -> DataConfig:
    (folder / "pool.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return DataConfig(train="train.jsonl", labels=LABELS, unlabelled=str(folder / "pool.jsonl"))


def story(text: str) -> str:
    return json.dumps({"text": text, "labels": ["whatever this says"]})


SPLITS = Splits(
    labelled("train", "storm in the city"),
    labelled("validation", "the envoy of the new city said talks on monday"),
    labelled("test", "a new house in the market"),
)


def test_what_stands_elsewhere_is_left_out(tmp_path: Path) -> None:
    texts = ["flood", "flood", "\u200b", "storm in the city", "the envoy of the new city said talks on friday", " "]
    found = with_unlabelled(SPLITS, pool(tmp_path, *map(story, texts))).unlabelled
    assert found is not None
    assert [one.text for one in found.stories] == ["flood"]
    assert found.dropped == {
        "empty": 2,
        "in train": 1,
        "exact duplicate in unlabelled": 1,
        "near-duplicate of validation or test": 1,
    }


def test_other_stories_are_other_data(tmp_path: Path) -> None:
    ways = [with_unlabelled(SPLITS, pool(tmp_path, story(text))).unlabelled for text in ("flood", "storm", "flood")]
    first, second, again = (split.sha256 for split in ways if split is not None)
    assert first == again != second


def test_published_training_data_may_have_copies_but_the_pool_has_none_of_test(tmp_path: Path) -> None:
    config = pool(tmp_path, story("flood"), story("a new house in the market"))
    found = with_unlabelled(SPLITS, config.model_copy(update={"drop_duplicates": False})).unlabelled
    assert found is not None
    assert [one.text for one in found.stories] == ["flood"]


def test_a_story_that_the_teacher_cannot_score_is_named(tiny_model: Path) -> None:
    data = DataConfig(train="train.jsonl", labels=LABELS)
    split = Split("train", "train.jsonl", "", [Labelled(Story(text="x" * 2_000_001, id="long one"), frozenset())])
    with pytest.raises(DataError, match=r"(?s)train.jsonl: training.teacher .* cannot score.*long one"):
        teacher_probabilities(split, [str(tiny_model)], data)


def test_unreadable_records_are_all_named(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        with_unlabelled(SPLITS, pool(tmp_path, story("flood"), "{", "[]"))
    assert [line.split(": ")[0].split("/")[-1] for line in str(caught.value).splitlines()[1:]] == [
        "pool.jsonl:2",
        "pool.jsonl:3",
    ]


def test_nothing_to_learn_from_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no story to learn from. Left out: 1 in train. Remove data.unlabelled"):
        with_unlabelled(SPLITS, pool(tmp_path, story("storm in the city")))


def test_without_a_teacher_they_are_refused() -> None:
    data = {"train": "x", "labels": ["talks"], "unlabelled": "y"}
    with pytest.raises(ValueError, match=r"nobody labels these stories. Set training.teacher"):
        Config.model_validate({"name": "tiny", "output_dir": "x", "model": {"base": "x"}, "data": data})


def test_labels_are_smoothed_and_mixed_and_a_teachers_say_stands_alone(tiny_model: Path) -> None:
    config = Config.model_validate(
        {
            "name": "tiny",
            "output_dir": "x",
            "model": {"base": "x"},
            "data": {"train": "x", "labels": LABELS, "unlabelled": "y"},
            "training": {"teacher": str(tiny_model), "teacher_weight": 0.25, "label_smoothing": 0.2},
        }
    )
    splits = Splits(labelled("train", "storm in the city"), SPLITS.validation, None, labelled("unlabelled", "flood"))
    seen, targets = what_to_learn(splits, config)
    said = Classifier.load(tiny_model).predict_proba(["storm in the city", "flood"])
    assert [one.text for one in seen.stories] == ["storm in the city", "flood"]
    np.testing.assert_allclose(targets[0], 0.75 * 0.1 + 0.25 * said[0], rtol=1e-4)
    np.testing.assert_allclose(targets[1], said[1], rtol=1e-4)
    np.testing.assert_allclose(seen.soft_targets(len(LABELS))[1], said[1], rtol=1e-4)


def test_a_student_learns_from_stories_without_labels(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = write_base(tmp_path)
    config = write_config(tmp_path, base, stories={"train": 400, "validation": 60, "test": 60}, epochs=8)
    teacher = tmp_path / "teacher"
    assert main([str(config), f"output_dir={teacher}"]) == 0
    few = write_stories(tmp_path / "few.jsonl", 60, 7)
    pool = write_stories(tmp_path / "pool.jsonl", 400, 8)
    settings = [f"data.train={few}", "data.min_examples=5", f"output_dir={tmp_path / 'student'}"]
    learns = [f"data.unlabelled={pool}", f"training.teacher={teacher / 'model'}"]
    capsys.readouterr()
    assert main([str(config), *settings, *learns]) == 0
    contents = load_manifest(tmp_path / "student" / "model").contents
    count = contents["training_data"]["unlabelled"]["stories"]
    assert count > 350
    assert f"unlabelled: {count} stories" in capsys.readouterr().out
    assert not {"unlabelled", "validation", "validation_readings"} & set(contents["config"]["data"])
    assert contents["metrics"]["test"]["macro_f1"] > 0.9
    assert main([str(config), *settings, f"data.unlabelled={tmp_path / 'test.jsonl'}", learns[1]]) == 1
    assert "test.jsonl: no story to learn from." in capsys.readouterr().err
