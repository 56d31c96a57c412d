"""The data of a config is checked before a run, and a sheet that an annotator filled corrects it."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import numpy as np
import pytest
from checked_data import found, stories, story, write

from classifier.errors import ConfigError, DataError, InputError
from training import check as command
from training.annotation import COLUMNS, read_corrections
from training.check import check
from training.config import load_config
from training.data import load_split
from training.label_issues import folds_of, out_of_fold
from training.near_pairs import Pair, near_pairs


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def fill(path: Path, labels: dict[str, str]) -> None:
    """Writes an annotator's labels into the rows of these ids."""
    rows = [row | {"labels": labels.get(row["id"], "")} for row in rows_of(path)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def sheet(path: Path, *rows: str) -> str:
    path.write_text("id,split,labels\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return str(path)


def test_sound_data_ends_with_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([str(write(tmp_path))]) == 0
    out = capsys.readouterr().out
    assert "stories: train 90, validation 45, test 45" in out
    assert "problem" not in out


def test_a_wrong_label_is_found_corrected_by_an_annotator_and_read_by_training(tmp_path: Path) -> None:
    train = stories(0, 90)
    train[0]["labels"], train[2]["labels"] = ["storm"], ["talks", "storm"]  # of talks; of neither
    path, out = write(tmp_path, train=train), tmp_path / "sheet.csv"
    assert command.main([str(path), "--out", str(out), "seed=1"]) == 0
    rows = {row["id"]: row for row in rows_of(out)}
    assert rows["s0"]["given"] == "storm"
    assert rows["s0"]["suggested"] == "talks"
    assert rows["s0"]["reason"] == "talks looks missing, storm looks wrong"
    assert (rows["s2"]["given"], rows["s2"]["suggested"]) == ("talks|storm", "none")
    assert {row["split"] for row in rows.values()} == {"train"}
    scores = [float(row["score"]) for row in rows_of(out)]
    assert scores == sorted(scores, reverse=True)

    before = load_config(path).data
    fill(out, {"s0": "talks", "s2": "none"})
    after = load_config(path, [f"data.corrections={out}"]).data
    split = load_split("train", after.train, after)
    assert [sorted(labelled.topics) for labelled in split.stories[:3]] == [[0], [1], []]
    assert split.sha256 != load_split("train", before.train, before).sha256
    assert load_split("test", after.test or "", after).sha256 == load_split("test", before.test or "", before).sha256


def test_labels_of_test_are_not_judged(tmp_path: Path) -> None:
    test = stories(2000, 45)
    for record in test[:3]:
        record["labels"] = ["talks", "storm"]
    report = check(load_config(write(tmp_path, test=test)))
    assert not [row for row in report.rows if row.split == "test"]


def test_copies_across_splits_are_told_from_those_that_training_leaves_out(tmp_path: Path) -> None:
    validation, test = stories(1000, 45), stories(2000, 45)
    train = [*stories(0, 90), validation[0] | {"id": "a"}, test[0] | {"id": "b"}, stories(0, 1)[0] | {"id": "c"}]
    test[1] = validation[1] | {"id": "d"}
    config = load_config(write(tmp_path, train=train, validation=validation, test=test))
    assert found(config, "problem") == [
        "leaks: nearly the same text in validation and test (remove one: thresholds are fitted on validation): "
        "2 stories (validation s1001, test d)"
    ]
    notes = found(config, "note")
    assert (
        "leaks: nearly the text of one in validation or test (training leaves it out): 2 stories (train a, train b)"
        in notes
    )
    assert "copies: nearly the text of an earlier one in the same split: 1 story (train c)" in notes
    assert [row.id for row in check(config).rows[:2]] == ["s1001", "d"]


def test_copies_with_other_labels_are_the_first_rows_of_the_sheet(tmp_path: Path) -> None:
    train = stories(0, 90)
    train.append(train[4] | {"id": "copy", "labels": ["storm", "talks"]})
    path, out = write(tmp_path, train=train), tmp_path / "sheet.csv"
    assert command.main([str(path), "--out", str(out)]) == 3
    first, second = rows_of(out)[:2]
    assert {first["id"], second["id"]} == {"s4", "copy"}
    assert first["reason"].startswith("nearly the text of train copy, which has other labels")
    assert first["score"] == "1.000"
    assert out.read_bytes().startswith(b"\xef\xbb\xbfid,")  # else Excel shows é as Ã©


def test_thin_topics_and_ids_given_twice_are_problems(tmp_path: Path) -> None:
    train, validation = stories(0, 45), stories(1000, 30)
    train[1]["id"] = "s0"
    validation = [record for record in validation if "storm" not in record["labels"]]
    config = load_config(write(tmp_path, train=train, validation=validation))
    assert found(config, "problem") == [
        "ids: train: 1 id (s0) more than once. Give each story its own.",
        "thin topics: train: 'talks' has 15 stories, 20 are needed for training (data.min_examples)",
        "thin topics: train: 'storm' has 15 stories, 20 are needed for training (data.min_examples)",
        "thin topics: validation: 'storm' has 0 stories, 10 are needed for its threshold",
    ]


def test_a_topic_that_every_story_has_is_a_problem_and_is_not_judged(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, train=[story(n, "talks") for n in range(40)], validation=stories(1000, 9)))
    problems = found(config, "problem")
    assert "thin topics: train: every story has 'talks'. Add stories without it." in problems
    notes = found(config, "note")
    assert "labels: talks, storm: not judged, since fewer than 10 stories have it or lack it" in notes
    assert any(note.startswith("no topic: train: every story has a topic") for note in notes)


def test_empty_and_long_texts_are_counted(tmp_path: Path) -> None:
    train = [*stories(0, 90), {"id": "e", "text": " ", "labels": []}, story(500, "talks", words=["river " * 30])]
    notes = found(load_config(write(tmp_path, train=train), ["model.max_length=128"]), "note")
    assert notes[0] == "empty texts: train: 1 without text is left out, 91 are left"
    assert notes[1].startswith("long texts: train: 1 of 91 stories (1.1%) is longer than model.max_length = 128 tokens")
    assert notes[1].endswith("lie beyond it and are not trained on")


def test_a_base_that_is_not_here_is_counted_by_another_tokenizer(tmp_path: Path) -> None:
    notes = found(load_config(write(tmp_path), ["model.base=nobody/nothing"]), "note")
    assert notes[0] == "tokenizer: 'nobody/nothing' is not on this machine: tokens are counted as by 'news'"


def test_data_that_cannot_be_read_is_named_for_all_splits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, train=[{"text": "x", "labels": ["stom"]}], test=[{"text": "y"}])
    assert command.main([str(path)]) == 1
    error = capsys.readouterr().err
    assert "unknown label 'stom'. Did you mean 'storm'?" in error
    assert "no field 'labels'. Found: text." in error


def test_a_broken_config_ends_with_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([str(tmp_path / "none.yaml")]) == 1
    assert "none.yaml: cannot be read" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="Did you mean 'corrections'"):
        load_config(write(tmp_path), ["data.correction=x.csv"])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("old.csv", "exists, and may hold an annotator's work. Name another file, or move it."),
        ("sheet.xlsx", "expected a name that ends in .csv."),
        ("missing/sheet.csv", "Make it first."),
    ],
)
def test_a_sheet_is_never_written_over_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, message: str
) -> None:
    (tmp_path / "old.csv").write_text("work\n", encoding="utf-8")
    assert command.main([str(tmp_path / "unread.yaml"), "--out", str(tmp_path / name)]) == 1
    assert message in capsys.readouterr().err
    assert (tmp_path / "old.csv").read_text(encoding="utf-8") == "work\n"


def test_all_wrong_rows_of_a_sheet_are_named_at_once(tmp_path: Path) -> None:
    path = sheet(
        tmp_path / "a.csv", "s0,train,stom", "s1,train,talks", "s1,train,storm", "s2,test,x", "s3,train,none|talks"
    )
    config = load_config(write(tmp_path), [f"data.corrections={path}"]).data
    with pytest.raises(DataError) as caught:
        read_corrections(config, "train")
    message = str(caught.value)
    assert "a.csv: 3 problems" in message
    assert "a.csv:2: unknown label 'stom'. Did you mean 'storm'? Known: talks, storm, none." in message
    assert "a.csv:4: story 's1' is corrected twice, differently. Remove one row." in message
    assert "a.csv:6: 'none' stands alone, here it is beside 'talks'. Remove one of them." in message


def test_a_correction_of_a_story_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.csv", "s0,train,talks", "gone,train,talks")
    config = load_config(write(tmp_path), [f"data.corrections={path}"]).data
    with pytest.raises(DataError, match=r"a\.csv: story 'gone' is not in this file\. Name the sheet"):
        load_split("train", config.train, config)


def test_a_correction_of_no_split_is_not_passed_over(tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.csv", "s0,Train,talks", "s1,Train,")
    config = load_config(write(tmp_path), [f"data.corrections={path}"]).data
    with pytest.raises(
        DataError, match=r"a\.csv:2: 'Train' in column 'split' is none of train, validation, test\. Write"
    ):
        read_corrections(config, "validation")


def test_an_id_that_lost_its_zeros_in_a_spreadsheet_is_told_from_one_of_another_file(tmp_path: Path) -> None:
    train = [record | {"id": f"{number:05}"} for number, record in enumerate(stories(0, 90))]
    path = sheet(tmp_path / "a.csv", "17,train,talks", "117,train,talks")
    config = load_config(write(tmp_path, train=train), [f"data.corrections={path}"]).data
    with pytest.raises(DataError) as caught:
        load_split("train", config.train, config)
    assert [line.partition("a.csv: ")[2] for line in str(caught.value).splitlines()[1:]] == [
        "story '17' is not in this file, but '00017' is. Give the ids back the zeros in front.",
        "story '117' is not in this file. Name the sheet that was written for it.",
    ]


def test_a_sheet_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    config = load_config(write(tmp_path), [f"data.corrections={tmp_path / 'none.csv'}"]).data
    with pytest.raises(InputError, match=r"none\.csv: cannot be read"):
        read_corrections(config, "train")
    (tmp_path / "none.csv").write_text("id,labels\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"none\.csv: no column 'split'\. Name a sheet that training\.check wrote"):
        read_corrections(config, "train")


def test_a_correction_takes_away_a_primary_topic_that_the_story_no_longer_has(tmp_path: Path) -> None:
    train = [record | {"primary": "talks"} for record in stories(0, 2)]
    path = sheet(tmp_path / "a.csv", "s0,train,storm", "s1,train,talks|storm")
    config = load_config(write(tmp_path, train=train), [f"data.corrections={path}"]).data
    assert [labelled.primary for labelled in load_split("train", config.train, config).stories] == [None, "talks"]


def test_near_pairs_are_those_of_a_comparison_of_all_with_all() -> None:
    draw = random.Random(3)
    texts = [" ".join(draw.choice("abc") for _ in range(draw.randint(1, 12))) for _ in range(60)]

    def grams(text: str) -> set[tuple[str, ...]]:
        words = text.split()
        return {tuple(words[start : start + 4]) for start in range(max(1, len(words) - 3))}

    expected = {
        (first, second)
        for second in range(60)
        for first in range(second)
        if len(grams(texts[first]) & grams(texts[second]))
        >= 0.5 * min(len(grams(texts[first])), len(grams(texts[second])))
    }
    assert len(expected) > 10
    assert {(pair.first, pair.second) for pair in near_pairs(texts, 0.5)} == expected


def test_copies_of_copies_share_a_fold_and_folds_are_even() -> None:
    folds = folds_of(100, [Pair(0, 1, 1.0), Pair(1, 99, 1.0)], seed=5)
    assert folds[0] == folds[1] == folds[99]
    assert np.bincount(folds).tolist() == pytest.approx([20] * 5, abs=3)


def test_no_story_is_judged_by_a_model_that_saw_it() -> None:
    texts = [f"word{number} word{number}" for number in range(40)]  # nothing to learn but the stories themselves
    labels = np.arange(40)[:, None] % 2 == 0
    probabilities = out_of_fold(texts, labels, np.arange(40) // 2 % 5)
    assert np.abs(probabilities - 0.5).max() < 0.05
    assert out_of_fold(texts, labels, np.zeros(40, dtype=np.int64)).tolist() == [[0.5]] * 40
