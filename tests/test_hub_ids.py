"""What a config names as data and is no file that is read: a dataset of the hub, a folder with one, a slip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from classifier.errors import DataError, InputError
from classifier.stories import ReadOptions
from training.config import DataConfig
from training.data import load_split
from training.reading import read_origin


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What was asked of the hub, from a folder with the file my/train.odt and the folder my/set."""
    datasets = pytest.importorskip("datasets")
    monkeypatch.chdir(tmp_path)
    Path("my/set").mkdir(parents=True)
    Path("my/train.odt").write_text("stories", encoding="utf-8")
    Path("notes.txt").write_text("stories", encoding="utf-8")
    names: list[tuple[str, str]] = []

    def load_dataset(name: str, split: str) -> list[Any]:
        names.append((name, split))
        return []

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    return names


@pytest.mark.parametrize("origin", ["my/train.odt", "./notes.txt", "my/test.csvv", "my/test"])
def test_a_file_of_another_format_is_not_looked_for_on_the_hub(asked: list[tuple[str, str]], origin: str) -> None:
    with pytest.raises(InputError) as caught:
        list(read_origin("train", origin, ReadOptions()))
    assert str(caught.value) == (
        f"{origin}: expected a .jsonl, .json, .csv, .tsv, .xlsx or .parquet file, or a hub id (owner/name:split)."
    )
    assert asked == []


def test_ids_of_the_hub_and_folders_with_a_dataset_are_read(asked: list[tuple[str, str]]) -> None:
    for origin in ("owner/name", "owner/name-v1.1:test", "my/test:train", "my/set"):  # the folder `my` may share a name
        assert list(read_origin("train", origin, ReadOptions())) == []
    assert asked == [("owner/name", "train"), ("owner/name-v1.1", "test"), ("my/test", "train"), ("my/set", "train")]


def test_classes_of_the_hub_have_names_and_hidden_ones_are_missing_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    datasets = pytest.importorskip("datasets")
    classes, text = datasets.ClassLabel(names=["talks", "storm"]), datasets.Value("string")
    features = datasets.Features({"text": text, "labels": classes, "all": datasets.List(classes), "score": text})
    columns: dict[str, list[Any]] = {
        "text": ["Envoys met.", "Rain fell.", "Snow fell."],
        "labels": [0, 1, -1],
        "all": [[0, 1], [], [1, -1]],
        "score": ["-1", "0", None],
    }
    dataset = datasets.Dataset.from_dict(columns, features=features)
    monkeypatch.setattr(datasets, "load_dataset", lambda name, split: dataset)
    read = [story.columns for story in read_origin("test", "owner/name", ReadOptions())]
    assert [row["labels"] for row in read] == ["talks", "storm", None]
    assert [row["all"] for row in read] == [["talks", "storm"], [], ["storm", None]]
    assert [row["score"] for row in read] == columns["score"]
    for field, said in (("labels", "is null; expected a topic."), ("all", r"is \['storm', None\], expected a list of")):
        config = DataConfig(train="a.jsonl", labels=("talks", "storm"), problem_type="multi_class", labels_field=field)
        with pytest.raises(DataError, match=rf"owner/name:3: field '{field}' {said}"):
            load_split("test", "owner/name", config)
