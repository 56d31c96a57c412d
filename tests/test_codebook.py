"""A codebook that does not speak of the topics of its config is found before a training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from checked_data import found, write

from training.codebook import undescribed
from training.config import DataConfig, load_config
from training.data import load_splits
from training.preflight import describe

pytestmark = pytest.mark.usefixtures("in_tmp")


def data(*labels: str, **more: Any) -> DataConfig:
    return DataConfig(train="train.jsonl", labels=labels, **({"codebook": "book.md"} | more))


def test_a_topic_may_be_written_in_another_way() -> None:
    text = "# Our topics\n## Law and order\nCourts.\n## ÉLECTIONS\n`storm-damage`, talks\n"
    Path("book.md").write_text(text, encoding="utf-8")
    assert undescribed(data("law_and_order", "élection", "storm damage", "talk")) == []
    assert undescribed(data("talks", "law", "order", "alks", "sports")) == ["alks", "sports"]
    assert undescribed(data("LawAndOrder", "Élections", "stormDamages", "StormDam-age")) == []
    assert undescribed(data("gas", "news", "aw", "rm_damage")) == ["gas", "news", "aw", "rm_damage"]


def test_what_is_no_plain_text_is_not_judged() -> None:
    assert list(undescribed(data("talks", codebook=None))) == []
    assert list(undescribed(data("talks"))) == []  # there is none: check_settings says so
    Path("book.md").write_bytes(b"PK\x03\x04\xff\xfe")
    assert list(undescribed(data("talks"))) == []


def test_check_and_train_say_that_a_codebook_is_of_other_topics(tmp_path: Path) -> None:
    Path("book.md").write_text("## military\nArmies.\n", encoding="utf-8")
    config = load_config(write(tmp_path), ["data.codebook=book.md"])
    said = (
        "data.codebook book.md does not speak of talks, storm, and goes into the model folder as what the topics mean. "
        "Name one of your own, or leave data.codebook out."
    )
    assert found(config, "problem") == [f"codebook: {said}"]
    assert f"warning: {said}" in describe(load_splits(config.data), config)
    Path("book.md").write_text("## talks\nSummits.\n", encoding="utf-8")
    assert found(config, "problem") == []
    assert "codebook: data.codebook book.md does not speak of storm," in found(config, "note")[0]
