"""Labelled stories are loaded, checked and rid of duplicates across splits."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from classifier.errors import DataError, InputError
from training.config import DataConfig
from training.data import drop_duplicates, load_split, load_splits

LONG = (
    "The committee of ministers met for nine hours in the old town hall and left without a word to the reporters "
    "who had waited in the rain since the early morning of what was a very long day"
)


def jsonl(path: Path, records: Sequence[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return str(path)


def config(train: str, validation: str = "", **more: Any) -> DataConfig:
    return DataConfig(train=train, validation=validation or train, labels=("talks", "storm"), **more)


def story(text: str, *labels: str, **more: Any) -> dict[str, Any]:
    return {"text": text, "labels": list(labels), **more}


def test_labels_become_targets_in_the_order_of_the_config(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl", [story("one", "storm"), story("two"), story("three", "storm", "talks")])
    split = load_split("train", path, config(path))
    assert split.targets(2).tolist() == [[0, 1], [0, 0], [1, 1]]


def test_csv_labels_are_joined_by_a_bar(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["text", "labels"], ["one", "storm|talks"], ["two", ""]])
    split = load_split("train", str(path), config(str(path)))
    assert [set(labelled.topics) for labelled in split.stories] == [{0, 1}, set()]


def test_all_unknown_labels_and_broken_records_are_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "x", "labels": ["stom"]}\nbroken\n{"text": "y"}\n{"text": "z", "labels": 3}\n')
    with pytest.raises(DataError) as caught:
        load_split("train", str(path), config(str(path)))
    message = str(caught.value)
    assert "4 problems" in message
    assert "a.jsonl:1: unknown label 'stom'. Did you mean 'storm'? Known: talks, storm." in message
    assert "a.jsonl:2: not JSON" in message
    assert "a.jsonl:3: no field 'labels'. Found: text. Name it with data.labels_field." in message
    assert "a.jsonl:4: field 'labels' is 3, expected a list of topic names." in message


def test_the_problems_of_all_splits_are_named_at_once(tmp_path: Path) -> None:
    train, missing = jsonl(tmp_path / "a.jsonl", [story("one", "stom")]), str(tmp_path / "b.jsonl")
    with pytest.raises(DataError, match=r"(?s)a\.jsonl.*unknown label 'stom'.*\n.*b\.jsonl: cannot be read \(No such"):
        load_splits(config(train, validation=missing))
    good = jsonl(tmp_path / "c.jsonl", [story("one", "storm")])
    with pytest.raises(InputError, match=r"^\S*b\.jsonl: cannot be read"):
        load_splits(config(good, validation=missing))


def test_unknown_primary_topics_are_named_with_the_other_problems(tmp_path: Path) -> None:
    records = [
        story("one", "storm", primary="stom"),
        story("two", "stom"),
        story("three", "storm", primary="talks"),  # not among its topics: that is the data's own affair
        story("four", primary=""),
        story("five", primary=None),
        story("six", primary=3),
        story("seven", "storm", primary=" storm "),
        story("eight", primary="none"),
    ]
    path = jsonl(tmp_path / "a.jsonl", records)
    with pytest.raises(DataError) as caught:
        load_splits(config(path))
    message = str(caught.value)
    assert "a.jsonl: 2 problems\n" in message
    assert (
        "a.jsonl:1: unknown primary topic 'stom'. Did you mean 'storm'? Known: talks, storm. Correct it, or name "
        "another column with data.primary_field ('' for none)."
    ) in message
    assert "a.jsonl:2: unknown label 'stom'." in message
    sound = jsonl(tmp_path / "b.jsonl", records[2:])
    primary = [labelled.primary for labelled in load_split("train", sound, config(sound)).stories]
    assert primary == ["talks", None, None, None, "storm", None]


def test_null_is_no_label_and_none_is_an_empty_list(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl", [{"text": "x", "labels": None}, story("y", "none"), story("z", "None", "storm")])
    with pytest.raises(DataError) as caught:
        load_split("train", path, config(path))
    message = str(caught.value)
    assert "a.jsonl:1: field 'labels' is null; [] or an empty text for none of the topics." in message
    assert "a.jsonl:2: unknown label 'none'. For none of the topics leave the cell empty ([] in JSON)." in message
    assert "a.jsonl:3: 'None' stands alone, here it is beside 'storm'. Remove one of them." in message
    with pytest.raises(DataError) as caught:
        load_split("train", path, config(path, problem_type="multi_class"))
    assert "a.jsonl:1: field 'labels' is null; expected a topic." in str(caught.value)
    assert "a.jsonl:2: unknown label 'none'. Known: talks, storm." in str(caught.value)


def test_empty_texts_are_dropped_and_counted(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl", [story("one"), story(" "), story("&nbsp;\u200b")])
    split = load_split("train", path, config(path))
    assert (len(split.stories), dict(split.dropped)) == (1, {"empty": 2})


def test_training_stories_that_stand_in_validation_are_dropped(tmp_path: Path) -> None:
    near = LONG.replace("nine hours", "nine full hours") + " for everyone"
    other = "Floods cut the coast road near the ferry harbour, and the school stayed closed for a second day"
    train = jsonl(tmp_path / "a.jsonl", [story(LONG), story(near), story(other), story(other), story("short one")])
    validation = jsonl(tmp_path / "b.jsonl", [story(LONG.upper()), story("another short one")])
    settings = config(train, validation)
    split = drop_duplicates(
        load_split("train", train, settings), [load_split("validation", validation, settings)], settings.near_duplicate
    )
    assert [labelled.story.text for labelled in split.stories] == [other, "short one"]
    assert dict(split.dropped) == {"exact duplicate in train": 1, "near-duplicate of validation or test": 2}


def test_a_thin_topic_is_refused(tmp_path: Path) -> None:
    train = jsonl(tmp_path / "a.jsonl", [story(f"story number {n} of its own", "talks") for n in range(5)])
    validation = jsonl(tmp_path / "b.jsonl", [story("quite another thing", "storm")])
    with pytest.raises(DataError, match="topic 'storm' has 0 training stories, at least 3 are needed"):
        load_splits(config(train, validation, min_examples=3))


def test_a_missing_title_column_is_fine_and_a_named_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,labels\none,storm\n", encoding="utf-8")
    assert len(load_split("train", str(path), config(str(path))).stories) == 1
    with pytest.raises(InputError, match=r"no field 'head'\..*Name it with data\.title_field\."):
        load_split("train", str(path), config(str(path), title_field="head"))


def test_messages_name_what_a_config_has_and_not_options_of_another_command(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl", [{"body": "one", "labels": []}])
    with pytest.raises(
        DataError, match=r"a\.jsonl:1: no field 'text'\. Found: body, labels\. Name it with data\.text_field"
    ):
        load_split("train", path, config(path))
    table = tmp_path / "a.csv"
    table.write_bytes(b"body,labels\none,\n")
    with pytest.raises(
        InputError, match=r"a\.csv:1: no field 'text'\. Found: body, labels\. Name it with data\.text_field"
    ):
        load_split("train", str(table), config(str(table)))
    table.write_bytes(b"text,labels\ncaf\xe9,\n")
    with pytest.raises(DataError, match=r"a\.csv:2: not UTF-8 \(byte 0xe9 at 4\)\. Save the file as UTF-8\."):
        load_split("train", str(table), config(str(table)))


def test_a_name_that_is_neither_file_nor_hub_id_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"expected a \.jsonl, \.json, \.csv, \.tsv, \.xlsx or \.parquet file, or a hub"
    ):
        load_split("train", "stories", config("stories"))


def test_a_datasets_folder_is_read_with_its_class_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    datasets = pytest.importorskip("datasets")
    features = datasets.Features(
        {
            "text": datasets.Value("string"),
            "labels": datasets.List(datasets.ClassLabel(names=["talks", "storm"])),
        }
    )
    rows = {"text": ["one", "two"], "labels": [[1], [0, 1]]}
    datasets.Dataset.from_dict(rows, features=features).to_parquet(tmp_path / "owner" / "name" / "train.parquet")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    split = load_split("train", "owner/name:train", config("owner/name:train"))
    assert [set(labelled.topics) for labelled in split.stories] == [{1}, {0, 1}]
    assert split.stories[0].story.id == "owner/name:train:1"


def tsv(path: Path, lines: Sequence[str]) -> str:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\r\n")
    return str(path)


def test_a_table_without_a_header_is_read_by_the_columns_of_the_config(tmp_path: Path) -> None:
    path = tsv(tmp_path / "a.tsv", ["one, with a comma\t1\t0", '"two ""quoted""\tlines"\t0\t1', "three\t0\t0"])
    settings = config(path, columns=("text", "talks", "storm"), labels_as="columns")
    split = load_split("train", path, settings)
    assert [labelled.story.text for labelled in split.stories] == [
        "one, with a comma",
        'two "quoted"\tlines',
        "three",
    ]
    assert split.targets(2).tolist() == [[1, 0], [0, 1], [0, 0]]
    assert split.stories[2].story.id == f"{path}:3"


def test_columns_of_labels_may_say_true_and_false(tmp_path: Path) -> None:
    path = tsv(tmp_path / "a.csv", ["text,talks,storm", "one,TRUE,False", "two,false,True"])
    assert load_split("train", path, config(path, labels_as="columns")).targets(2).tolist() == [[1, 0], [0, 1]]
    path = tsv(tmp_path / "b.csv", ["text,labels", "one,True", "two,FALSE"])
    settings = DataConfig(train=path, labels=("talks",), labels_as="numbers", problem_type="binary")
    assert load_split("train", path, settings).targets(1).tolist() == [[1], [0]]
    settings = DataConfig(train=path, labels=("a", "b", "c"), labels_as="numbers", problem_type="multi_class")
    with pytest.raises(DataError, match="field 'labels' is 'True', expected a number from 0 to 2"):
        load_split("train", path, settings)


def test_a_csv_file_without_a_header_is_parted_by_commas(tmp_path: Path) -> None:
    path = tsv(tmp_path / "a.csv", ["storm|talks,one"])
    split = load_split("train", path, config(path, columns=("labels", "text")))
    assert [set(labelled.topics) for labelled in split.stories] == [{0, 1}]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_table_without_a_header_may_have_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.csv").write_text("café,talks\n", encoding=encoding)
    split = load_split("train", str(tmp_path / "a.csv"), config("", columns=("text", "labels")))
    assert [labelled.story.text for labelled in split.stories] == ["café"]


def test_what_is_wrong_in_a_table_without_a_header_is_named_at_once(tmp_path: Path) -> None:
    path = tsv(tmp_path / "a.tsv", ["one\t1", "two\t2\t0", "three\t1\t1\t1", "four\t\t0", '"five" left\t0\t0'])
    with pytest.raises(DataError) as caught:
        load_split("train", path, config(path, columns=("text", "talks", "storm"), labels_as="columns"))
    message = str(caught.value)
    assert "a.tsv:1: 2 fields, data.columns names 3. Check quotes and delimiters." in message
    assert "a.tsv:2: field 'talks' is '2', expected 0 or 1." in message
    assert "a.tsv:3: 4 fields, data.columns names 3" in message
    assert "a.tsv:4: field 'talks' is '', expected 0 or 1." in message
    assert "a.tsv:5: broken quoting or an over-long field" in message


def test_a_table_without_a_header_that_is_no_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes(b"caf\xe9\t1\n")
    with pytest.raises(InputError, match=r"a\.tsv: cannot be read \('utf-8' codec"):
        load_split("train", str(path), config(str(path), columns=("text", "labels")))
    with pytest.raises(InputError, match=r"b\.tsv: cannot be read \(No such file or directory\)"):
        load_split("train", str(tmp_path / "b.tsv"), config(str(tmp_path / "b.tsv"), columns=("text", "labels")))


def test_numbers_are_places_in_the_label_list(tmp_path: Path) -> None:
    path = tsv(tmp_path / "a.tsv", ["one\t1", "two\t0"])
    settings = config(path, columns=("text", "labels"), labels_as="numbers", problem_type="multi_class")
    assert load_split("train", path, settings).targets(2).tolist() == [[0, 1], [1, 0]]
    records = jsonl(tmp_path / "a.jsonl", [{"text": "one", "labels": 1}])
    assert load_split("train", records, settings).targets(2).tolist() == [[0, 1]]
    with pytest.raises(DataError, match=r"a\.tsv:1: field 'labels' is '2', expected a number from 0 to 1\."):
        load_split("train", tsv(tmp_path / "a.tsv", ["one\t2"]), settings)


def test_of_a_binary_task_0_is_no_and_1_is_yes(tmp_path: Path) -> None:
    path = tsv(tmp_path / "a.tsv", ["one\t1", "two\t0"])
    settings = DataConfig(
        train=path, labels=("storm",), columns=("text", "labels"), labels_as="numbers", problem_type="binary"
    )
    assert load_split("train", path, settings).targets(1).tolist() == [[1], [0]]


def test_a_story_of_several_classes_or_none_is_refused_where_classes_exclude_each_other(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl", [story("one", "storm"), story("two"), story("three", "storm", "talks")])
    with pytest.raises(DataError) as caught:
        load_split("train", path, config(path, problem_type="multi_class"))
    assert "2 problems" in str(caught.value)
    assert "a.jsonl:2: has 0 topics, data.problem_type multi_class needs exactly one." in str(caught.value)
    assert "a.jsonl:3: has 2 topics" in str(caught.value)


def test_duplicates_stay_where_the_config_says_so(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl", [story(LONG, "talks", "storm")] * 3)
    kept = load_splits(config(path, drop_duplicates=False, min_examples=1))
    assert (len(kept.train.stories), dict(kept.train.dropped)) == (3, {})
    with pytest.raises(DataError) as caught:
        load_splits(config(path, min_examples=1))
    assert str(caught.value) == (
        f"{path}: 3 problems\n"
        "  - topic 'talks' has 0 training stories, at least 1 is needed.\n"
        "  - topic 'storm' has 0 training stories, at least 1 is needed.\n"
        f"  - {path}: no story to train on.\n"
        "Left out of train: 1 near-duplicate of validation or test, 2 exact duplicate in train.\n"
        "Label more stories, or lower data.min_examples."
    )
