"""A field of titles or primary topics that a config names, and that no story has."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import LABELS

from classifier.errors import DataError
from classifier.manifest import load_manifest
from training.config import DataConfig
from training.data import load_named
from training.labelled_files import add_fitting_data, add_options, data_config, load, load_fitting_data

FULL = {"headline": "Truce", "text": "They met.", "labels": ["ceasefire"], "lead": "ceasefire"}
BARE = {"text": "It rained.", "labels": []}
pytestmark = pytest.mark.usefixtures("in_tmp")


def write(name: str, *records: dict[str, Any]) -> None:
    Path(name).write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


def config(**more: Any) -> DataConfig:
    return DataConfig(train="train.jsonl", test="test.jsonl", labels=LABELS, **more)


def test_a_field_that_no_story_has_is_refused_with_the_nearest_name() -> None:
    write("train.jsonl", FULL, BARE)
    write("test.jsonl", BARE)
    assert load_named(config(title_field="headline"))["train"].stories[0].story.title == "Truce"
    with pytest.raises(DataError) as caught:
        load_named(config(title_field="headlin", primary_field="main"))
    found = "Found: headline, text, labels, lead."
    assert str(caught.value).splitlines() == [
        f"train.jsonl, test.jsonl: no field 'headlin' in any record. {found} Did you mean 'headline'? "
        "Name it with data.title_field.",
        f"train.jsonl, test.jsonl: no field 'main' in any record. {found} Name it with data.primary_field.",
    ]


def test_one_split_with_the_field_is_enough_and_the_usual_names_may_be_missing() -> None:
    write("train.jsonl", BARE)
    write("test.jsonl", FULL)
    assert load_named(config(title_field="headline", primary_field="lead"))["test"].stories[0].primary == "ceasefire"
    assert set(load_named(config(primary_field=""))) == {"train", "test"}


def test_review_sheets_alone_have_fields_of_their_own() -> None:
    Path("sheet.csv").write_text("labels,suggested,why,value,title,text\nnone,,,,Rain,It rained.\n", encoding="utf-8")
    fields = DataConfig(train="sheet.csv", labels=LABELS, title_field="headline", primary_field="lead")
    assert load_named(fields)["train"].stories[0].story.title == "Rain"


def test_a_command_line_refuses_it_in_its_own_words(tiny_model: Path) -> None:
    write("test.jsonl", FULL)
    write("bare.jsonl", BARE)
    parser = argparse.ArgumentParser()
    add_fitting_data(parser)
    add_options(parser)
    manifest = load_manifest(tiny_model)

    def arguments(*given: str) -> argparse.Namespace:
        return parser.parse_args(["--data", "bare.jsonl", "--test", "test.jsonl", *given])

    wrong = arguments("--title-field", "headlin")
    message = r"^test\.jsonl: no field 'headlin' in any record\. .*'headline'\? Name it with --title-field\.$"
    with pytest.raises(DataError, match=message):
        load("test", "test.jsonl", data_config(wrong, manifest))
    with pytest.raises(DataError, match=r"^bare\.jsonl, test\.jsonl: no field 'headlin'"):
        load_fitting_data(wrong, data_config(wrong, manifest))
    right = arguments("--title-field", "headline")
    assert [len(split.stories) for split in load_fitting_data(right, data_config(right, manifest))] == [1, 1]
