"""What is said before a training starts: settings that cannot be met or have no effect, topics with few stories."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from checked_data import found as findings
from checked_data import write

from classifier.errors import ConfigError
from classifier.stories import Story
from training import check as command
from training.config import Config, load_config
from training.data import held_out, load_split
from training.preflight import check_settings, describe, read_data
from training.splits import Labelled, Split, Splits


def config(folder: Path, *overrides: str) -> Config:
    path = folder / "tiny.yaml"
    data = {"train": "train.jsonl", "labels": ["talks", "storm"]}
    path.write_text(json.dumps({"name": "tiny", "output_dir": "out", "data": data, "model": {"base": "some/base"}}))
    return load_config(path, overrides)


def splits(validation: Sequence[set[int]]) -> Splits:
    parts = {"train": [{0}, {1}, {0, 1}], "validation": validation}
    made = {
        role: Split(role, f"{role}.jsonl", "", [Labelled(Story(), frozenset(topics)) for topics in given])
        for role, given in parts.items()
    }
    return Splits(made["train"], made["validation"], None)


def test_settings_that_cannot_be_met_are_refused_all_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    classes = ["data.problem_type=multi_class", "decision.pooling=[lead]"]
    models = ["training.teacher=nomodel", "training.merge=no/model"]
    named = config(tmp_path, *classes, "data.codebook=none.md", "training.device=cuda", *models)
    found = check_settings(named)
    assert found[:3] == [
        "data.codebook: none.md: no such file.",
        "decision.pooling: lead alone, which multi_class does not have. Add first, max or mean.",
        f"training.device: cuda, but torch {torch.__version__} sees no CUDA device. Set auto or cpu.",
    ]
    assert [problem[:30] for problem in found[3:]] == [
        "training.teacher: nomodel: no ",
        "training.merge: no/model: no s",
    ]
    monkeypatch.chdir(tmp_path)
    Path("train.jsonl").write_text('{"text": "It rained.", "labels": ["strom"]}\n', encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_data(named)
    *settings, data, label = str(caught.value).splitlines()
    assert settings == found
    assert data == "train.jsonl: 1 problem"
    assert "unknown label 'strom'" in label


def test_settings_that_can_be_met_are_not_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert check_settings(config(tmp_path, "training.device=cuda", "decision.pooling=[lead]")) == []
    assert check_settings(config(tmp_path, "training.teacher=[news, news-fast]")) == []


def test_a_check_finds_the_settings_that_training_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, wrong = write(tmp_path), ["data.codebook=none.md", "training.teacher=nomodel"]
    codebook, teacher = findings(load_config(path, wrong), "problem")
    assert codebook == "settings: data.codebook: none.md: no such file."
    assert teacher.startswith("settings: training.teacher: nomodel: no such model folder.")
    assert command.main([str(path), *wrong]) == 3
    assert command.main([str(path), *wrong, "data.test=none.jsonl"]) == 1  # the data cannot be read: all at once
    said = capsys.readouterr().err
    assert "none.md: no such file" in said
    assert "none.jsonl: cannot be read" in said


def test_what_corrections_changed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    labels = {"a": ["talks"], "b": ["storm"], "c": ["stom"], "d": ["talks"], "e": ["storm"]}
    records = [{"id": name, "text": name, "labels": given} for name, given in labels.items()]
    Path("train.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    rows = ["a,train,talks", "b,train,none", "c,train,storm", "d,train,", "e,train,storm", "x,validation,none"]
    Path("sheet.csv").write_text("\n".join(["id,split,labels", *rows]), encoding="utf-8")
    Path("readings.csv").write_text("id,talks,storm\ne,1,0\n", encoding="utf-8")
    named = config(tmp_path, "data.corrections=sheet.csv", "data.readings=readings.csv")
    train = load_split("train", "train.jsonl", named.data)
    assert describe(Splits(train, train, None), named)[:2] == [
        "train: 5 stories (talks 2, storm 2, none 1)",
        "corrections of train: 4 stories have filled rows, 3 had other topics",
    ]
    held = held_out(train, 0.2)
    assert [split.corrections for split in held] == [train.corrections, None]


def test_topics_with_few_validation_stories_are_warned_of(tmp_path: Path) -> None:
    assert describe(splits([{0}] * 9 + [set()] * 9), config(tmp_path)) == [
        "train: 3 stories (talks 2, storm 2, none 0)",
        "validation: 18 stories (talks 9, storm 0, none 9)",
        "warning: validation stories with the topic talks: 9, too few to fit its calibration and threshold well. "
        "Add some, to at least 10.",
        "warning: no validation story has the topic storm: nothing is fitted for it (temperature 1, bias 0, "
        "threshold 0.5 unless one is set for all topics). Add at least 10.",
    ]
    assert len(describe(splits([{0, 1}] * 10 + [set()] * 10), config(tmp_path))) == 2


def test_topics_that_nearly_every_validation_story_has_are_warned_of(tmp_path: Path) -> None:
    assert describe(splits([{0, 1}] * 50 + [{0}] * 9), config(tmp_path))[2:] == [
        "warning: every validation story has the topic talks: its calibration is not fitted, and that it is seldom "
        "given wrongly cannot be shown. Add at least 10 without it.",
        "warning: validation stories without the topic storm: 9, too few to fit its calibration and threshold well. "
        "Add some, to at least 10.",
    ]


def test_headlines_without_a_text_are_warned_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def said(**record: object) -> list[str]:
        record = {"title": "Talks open", "labels": ["talks"], **record}
        Path("train.jsonl").write_text("".join(json.dumps({"id": n, **record}) + "\n" for n in range(10)), "utf-8")
        named = config(tmp_path)
        train = load_split("train", "train.jsonl", named.data)
        return [line for line in describe(Splits(train, train, None), named) if "headlines" in line]

    warning = (
        "warning: no train story has a text: headlines alone are read{}. "
        "Where there is more to read, name its field with data.text_field."
    )
    assert said(content="The two sides met.", day=3) == [warning.format(", without content")] * 2
    assert said(day=3) == [warning.format("")] * 2
    assert said(text="The two sides met.", content="The two sides met.") == []


def test_settings_without_effect_are_named_where_the_config_names_them(tmp_path: Path) -> None:
    kind = "data.problem_type=multi_class"
    assert len(describe(splits([{0}, {1}]), config(tmp_path, kind))) == 2
    given = ["decision.late_evidence=0.2", "decision.pooling=[first, lead]"]
    assert describe(splits([{0}, {1}]), config(tmp_path, kind, *given))[2:] == [
        "note: without effect where data.problem_type is multi_class: decision.late_evidence, lead in decision.pooling"
    ]
    assert len(describe(splits([{0, 1}] * 10 + [set()] * 10), config(tmp_path, *given))) == 2
