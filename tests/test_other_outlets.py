"""Labels that stand apart from their texts find them again, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import other_outlets
from benchmarks.other_outlets import labelled_stories, short_hash
from classifier.errors import InputError


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(other_outlets, "columns_of", {"harbour": ("text", "label")}.get)
    (tmp_path / "harbour").mkdir()
    (tmp_path / "harbour" / "train.tsv").write_text('"Two ""ferries"" collide."\t1\nThe tide was high.\t0\n', "utf-8")
    return tmp_path


def written(folder: Path, *rows: str) -> Path:
    path = folder / "labels.csv"
    path.write_text("\n".join(["task,record,part,sha256,topics", *rows]) + "\n", encoding="utf-8")
    return path


def test_texts_come_with_their_topics_and_their_task(suite: Path) -> None:
    ferries, tide = short_hash('Two "ferries" collide.'), short_hash("The tide was high.")
    labels = written(suite, f"harbour,1,test,{tide},", f"harbour,0,train,{ferries},disaster|military")
    (first,), (second,) = (labelled_stories(suite, part, labels) for part in ("test", "train"))
    assert first == {"id": "harbour:1", "text": "The tide was high.", "labels": [], "source": "harbour"}
    assert (second["text"], second["labels"]) == ('Two "ferries" collide.', ["disaster", "military"])


@pytest.mark.parametrize("record", [0, 2])
def test_another_text_than_the_one_that_was_labelled_is_refused(suite: Path, record: int) -> None:
    labels = written(suite, f"harbour,{record},test,{short_hash('Another.')},disaster")
    with pytest.raises(InputError, match=f"record {record} is not the text that was labelled"):
        list(labelled_stories(suite, "test", labels))


def test_a_folder_without_the_task_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"harbour/train\.tsv: No such file"):
        list(labelled_stories(tmp_path, "test", written(tmp_path, "harbour,0,test,0,disaster")))
