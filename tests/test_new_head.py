"""A head that starts anew, and a model that has learned nothing, are said."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from tiny_training import write_base, write_config

from training.config import Config, load_config
from training.model import load_base
from training.new_head import new_head_note
from training.report import guess_warning
from training.train import main

OTHERS = ("diplomacy", "military")


def config(folder: Path, *overrides: str) -> Config:
    path = folder / "tiny.yaml"
    data = {"train": "train.jsonl", "labels": ["talks", "storm"]}
    training = {"num_epochs": 3, "batch_size": 16}
    contents = {"name": "tiny", "output_dir": "out", "data": data, "model": {"base": "news"}, "training": training}
    path.write_text(json.dumps(contents), encoding="utf-8")
    return load_config(path, ["training.learning_rate=2.0e-5", *overrides])


def test_too_few_steps_for_a_new_head_are_warned_of_with_settings_to_try(tmp_path: Path) -> None:
    assert new_head_note(OTHERS, config(tmp_path), 200) == (
        "warning: the base 'news' has the topics diplomacy, military, not talks, storm in this order: its head starts "
        "anew, and 3 epochs (39 steps) at learning_rate 2.0e-05 are too few for that; they suit topics that the base "
        "knows. Try training.learning_rate=3.0e-04 training.num_epochs=7, or more stories."
    )
    assert "'news' has no topics, not" in str(new_head_note(("LABEL_0", "LABEL_1"), config(tmp_path), 200))


def test_enough_steps_and_a_head_that_is_kept_are_no_reason_to_warn(tmp_path: Path) -> None:
    tried = config(tmp_path, "training.learning_rate=3.0e-04", "training.num_epochs=7")
    assert str(new_head_note(OTHERS, tried, 200)).startswith("note: the base 'news' has the topics diplomacy, military")
    assert str(new_head_note(("storm", "talks"), tried, 200)).startswith("note: ")  # the head goes by the order
    assert str(new_head_note(OTHERS, config(tmp_path), 2000)).startswith("warning: ")
    assert str(new_head_note(OTHERS, config(tmp_path), 5000)).startswith("note: ")
    assert new_head_note(("LABEL_0", "LABEL_1"), tried, 200) is None
    assert new_head_note(("talks", "storm"), config(tmp_path), 200) is None


def test_the_quickstart_gives_settings_that_are_enough_for_few_and_for_many_stories(tmp_path: Path) -> None:
    text = Path(__file__).parents[1].joinpath("configs", "quickstart.yaml").read_text(encoding="utf-8")
    rows = re.findall(r"^#   \D*([\d,]*)\D* (\d\.0e-4) +(\d+)$", text, flags=re.MULTILINE)
    assert len(rows) == 3
    for stories, rate, epochs in rows:
        given = config(tmp_path, f"training.learning_rate={rate}", f"training.num_epochs={epochs}")
        assert str(new_head_note(OTHERS, given, int(stories.replace(",", "") or 200))).startswith("note: ")


def figures(f1: float, low: float, **counts: int) -> dict[str, Any]:
    topics = {label: {"stories": count} for label, count in counts.items()}
    return {"macro_f1": f1, "macro_f1_95": [low, f1], "stories": 100, "by_topic": topics}


def test_a_model_that_is_no_better_than_every_topic_for_every_story_is_warned_of() -> None:
    said = str(guess_warning(figures(0.4, 0.3, talks=20, storm=20, never=0), one_class=False))
    assert said.startswith(
        "warning: macro-F1 0.400 (0.300 to 0.400) on validation is not clearly above 0.333, which every topic for "
        "every story has: it is not shown that the model has learned much. Add validation stories, or train longer."
    )
    useless = str(guess_warning(figures(0.3, 0.2, talks=20, storm=20, never=0), one_class=False))
    assert useless.endswith(
        "story has: the model has learned little. Train longer or at a higher learning_rate, or label more stories."
    )
    assert guess_warning(figures(0.5, 0.34, talks=20, storm=20, never=0), one_class=False) is None
    assert "0.444, which one topic for" in str(guess_warning(figures(0.45, 0.4, talks=80, storm=20), one_class=True))
    assert guess_warning(figures(0.6, 0.5, talks=80, storm=20), one_class=True) is None
    assert guess_warning({**figures(0.0, 0.0), "macro_f1_95": None}, one_class=False) is None


def test_a_training_that_can_learn_nothing_says_so_before_and_after(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = write_base(tmp_path / "base")
    path = write_config(tmp_path, base, stories={"train": 60, "validation": 40}, epochs=1)
    assert main([str(path), "training.learning_rate=1.0e-7"]) == 0
    said = capsys.readouterr().out
    assert said.count("warning: the base 'some/base' has no topics, not talks, storm") == 1
    assert "on validation is not clearly above 0." in said


SIZES = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64, "vocab_size": 24}
Weights = dict[str, torch.Tensor]


def loaded(path: Path, *overrides: str) -> Weights:
    """The weights with which a training begins."""
    return dict(load_base(load_config(path, overrides))[0].state_dict())


def differing(one: Weights, other: Weights) -> set[str]:
    assert one.keys() == other.keys()
    return {name for name, value in one.items() if not torch.equal(value, other[name])}


@pytest.mark.parametrize(
    ("kind", "layer"), [("Bert", "classifier"), ("Roberta", "classifier.out_proj"), ("ModernBert", "classifier")]
)
def test_the_head_of_as_many_other_topics_starts_anew_with_every_seed(tmp_path: Path, kind: str, layer: str) -> None:
    base = write_base(tmp_path / "base")
    path = write_config(tmp_path, base, stories={"train": 1}, epochs=1)
    tokens = {"pad_token_id": 0, "cls_token_id": 2, "sep_token_id": 3, "bos_token_id": 2, "eos_token_id": 3}
    of_pairs = getattr(transformers, f"{kind}Config")(
        **SIZES, **tokens, max_position_embeddings=64, id2label={0: "storm", 1: "talks"}
    )
    torch.manual_seed(0)
    trained = transformers.AutoModelForSequenceClassification.from_config(of_pairs)
    trained.get_submodule(layer).bias.data.fill_(1.0)
    trained.save_pretrained(base)
    old = dict(trained.state_dict())
    assert differing(old, loaded(path, "data.labels=[storm, talks]")) == set()
    for topics in ("[talks, storm]", "[sports, weather]", "[sports, storm]"):
        new = loaded(path, f"data.labels={topics}")
        assert differing(old, new) == {f"{layer}.weight", f"{layer}.bias"}
        assert differing(new, loaded(path, f"data.labels={topics}")) == set()
        assert differing(new, loaded(path, f"data.labels={topics}", "seed=14")) == {f"{layer}.weight"}


def test_the_head_of_a_base_without_one_is_drawn_once(tmp_path: Path) -> None:
    base = write_base(tmp_path / "base")  # of which Transformers says that it has two topics
    new = loaded(write_config(tmp_path, base, stories={"train": 1}, epochs=1))
    transformers.set_seed(13)
    assert differing(new, transformers.AutoModelForSequenceClassification.from_pretrained(base).state_dict()) == set()
