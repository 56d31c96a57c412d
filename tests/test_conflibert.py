"""The benchmark's figures are those of the published code, and its finished runs are read again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays

from benchmarks.conflibert import CONFIGS, PUBLISHED, Run, example_based_f1, main, mean_f1, seen_in, table, words
from classifier import Story
from training.config import load_config
from training.splits import Labelled, Split

PAIRS = arrays(np.bool_, (2, 7, 3))


def split(role: str, *texts: str) -> Split:
    return Split(role, role, "", [Labelled(Story(text=text), frozenset()) for text in texts])


def test_every_task_has_a_config_and_a_published_figure() -> None:
    assert {path.stem for path in CONFIGS.glob("*.yaml")} == set(PUBLISHED)


@pytest.mark.parametrize("task", PUBLISHED)
def test_the_configs_train_on_the_data_as_published(task: str) -> None:
    data = load_config(CONFIGS / f"{task}.yaml").data
    assert not data.drop_duplicates
    assert data.columns is not None
    assert data.test is not None
    assert all(f"/{task}/" in origin for origin in (data.train, data.test))


@given(PAIRS)
def test_the_example_based_f1_is_the_mean_over_stories_with_any_topic(pairs: np.ndarray) -> None:
    figures = [
        2 * len(given_topics & true) / (len(given_topics) + len(true))
        for given_topics, true in (({*np.flatnonzero(p)}, {*np.flatnonzero(t)}) for p, t in zip(*pairs, strict=True))
        if given_topics or true
    ]
    assert example_based_f1(*pairs) == pytest.approx(np.mean(figures) if figures else 0.0)


def test_a_story_about_nothing_that_is_given_nothing_does_not_count() -> None:
    true = np.array([[1, 1], [0, 0], [0, 0]], dtype=bool)
    assert example_based_f1(np.array([[1, 0], [0, 0], [0, 0]], dtype=bool), true) == pytest.approx(2 / 3)
    assert example_based_f1(np.array([[1, 0], [0, 0], [0, 1]], dtype=bool), true) == pytest.approx(1 / 3)


def test_the_figure_of_one_topic_is_its_f1() -> None:
    predicted, true = np.array([[1], [1], [0], [0]], dtype=bool), np.array([[1], [0], [1], [0]], dtype=bool)
    assert mean_f1(predicted, true) == pytest.approx(0.5)


def test_a_test_story_with_the_words_of_a_training_story_counts_as_seen() -> None:
    assert words("It's  ON.") == "it s on"
    train = split("train", "Talks began, at last.", "The flood rose")
    assert seen_in(split("test", "TALKS BEGAN AT LAST", "The flood", "the flood -- rose!"), train).tolist() == [
        True,
        False,
        True,
    ]


def test_the_table_has_the_mean_over_seeds_and_the_seed_that_validation_keeps() -> None:
    runs = [Run(1, 0.9, 0.80, 0.78, 100, 5), Run(2, 0.8, 0.90, 0.86, 100, 5)]
    line = table({"cameo_class": runs}).splitlines()[1]
    assert line.split() == [
        "cameo_class",
        "100",
        "0.895",
        "0.850",
        "(0.071)",
        "0.800",
        "-0.045",
        "5",
        "0.820",
        "(0.057)",
    ]


def test_an_unknown_task_is_refused_with_the_nearest_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--tasks", "cameo_clas"]) == 1
    assert "task 'cameo_clas' is not known. Did you mean 'cameo_class'?" in capsys.readouterr().err
