"""Every mistake in a config is named at once, with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifier.errors import ConfigError
from training.config import load_config

CONFIGS = sorted(Path(__file__).parents[1].glob("configs/**/*.yaml"))
GOOD = """
name: tiny
output_dir: runs/tiny
data: {train: a.jsonl, validation: b.jsonl, labels: [x, y]}
model: {base: some/model}
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "c.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(tmp_path: Path, text: str, *overrides: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(written(tmp_path, text), overrides)
    return str(caught.value)


def test_there_are_configs_to_check() -> None:
    assert {path.stem for path in CONFIGS} >= {"news", "quickstart"}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_shipped_config_is_valid(path: Path) -> None:
    config = load_config(path)
    if path.parent.name == "configs":
        assert config.data.labels == ("diplomacy", "military", "disaster", "ceasefire")
    else:
        assert config.output_dir == f"runs/benchmarks/{path.stem}"


def test_the_problem_type_goes_with_the_labels(tmp_path: Path) -> None:
    def with_data(settings: str) -> str:
        return problems(tmp_path, GOOD.replace("labels: [x, y]", settings))

    assert "data.labels: 2 given. data.problem_type binary needs exactly one topic" in with_data(
        "labels: [x, y], problem_type: binary"
    )
    assert "data.labels: 1 given. data.problem_type multi_class needs two topics or more." in with_data(
        "labels: [x], problem_type: multi_class"
    )
    assert "data.labels_as: numbers needs data.problem_type multi_class or binary." in with_data(
        "labels: [x, y], labels_as: numbers"
    )
    assert "data.columns: no column y. data.labels_as columns needs one a topic." in with_data(
        "labels: [x, y], labels_as: columns, columns: [text, x]"
    )
    assert (
        "data.problem_type: input should be 'multi_label', 'multi_class' or 'binary', got 'multiclass'."
        in with_data("labels: [x, y], problem_type: multiclass")
    )


def test_what_needs_stories_without_topics_is_refused_where_every_story_has_one(tmp_path: Path) -> None:
    text = GOOD.replace("labels: [x, y]", "labels: [x, y], problem_type: multi_class")
    assert (
        "training.embedded: 0.2 has no effect with data.problem_type multi_class, where no text is without a topic. "
        "Remove it."
    ) in problems(tmp_path, text + "training: {embedded: 0.2}\n")
    assert load_config(written(tmp_path, text + "training: {embedded: 0.0}\n")).training.embedded == 0


def test_a_threshold_is_refused_where_the_likeliest_topic_is_given(tmp_path: Path) -> None:
    section = "decision: {threshold: 0.5}\n"
    assert load_config(written(tmp_path, GOOD + section)).decision.threshold == 0.5
    text = GOOD.replace("labels: [x, y]", "labels: [x, y], problem_type: multi_class")
    assert (
        "decision.threshold: 0.5 has no effect with data.problem_type multi_class, where the likeliest topic is given. "
        "Remove it."
    ) in problems(tmp_path, text + section)


def test_a_model_folder_may_have_any_size_by_default(tmp_path: Path) -> None:
    assert load_config(written(tmp_path, GOOD)).model.largest_mib is None
    assert load_config(written(tmp_path, GOOD), ["model.largest_mib=75"]).model.largest_mib == 75
    assert "model.largest_mib: input should be greater than 0, got 0." in problems(
        tmp_path, GOOD, "model.largest_mib=0"
    )


def test_seeds_and_knobs_have_bounds(tmp_path: Path) -> None:
    message = problems(tmp_path, GOOD + "seeds: 0\nkeep: worst\ntraining: {layer_decay: 1.5, label_smoothing: 1.0}\n")
    assert "seeds: input should be greater than or equal to 1, got 0." in message
    assert "keep: input should be 'best' or 'average', got 'worst'." in message
    assert "training.layer_decay: input should be less than or equal to 1, got 1.5." in message
    assert "training.label_smoothing: input should be less than 1, got 1.0." in message


def test_a_good_config_has_its_defaults(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, GOOD))
    assert config.training.batch_size == 32
    assert config.data.test is None


def test_an_unknown_key_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    text = GOOD + "training: {learning_rat: 0.1}\nsed: 3\n"
    message = problems(tmp_path, text)
    assert "2 problems" in message
    assert "training.learning_rat: unknown key. Did you mean 'learning_rate'?" in message
    assert "sed: unknown key. Did you mean 'seed'?" in message


def test_a_number_that_yaml_reads_as_text_is_explained(tmp_path: Path) -> None:
    message = problems(tmp_path, GOOD + "training: {learning_rate: 2e-5}\n")
    assert (
        "training.learning_rate: expected a number, got '2e-5' (text). Write 2.0e-5: YAML 1.1 reads 2e-5 as text."
        in message
    )


@pytest.mark.parametrize(("given", "advice"), [("1E6", "Write 1.0e+6"), ("1.5e3", "Write 1.5e+3"), ("3e+2", "3.0e+2")])
def test_the_advice_for_a_number_is_itself_valid(tmp_path: Path, given: str, advice: str) -> None:
    assert advice in problems(tmp_path, GOOD + f"training: {{learning_rate: {given}}}\n")
    value = advice.removeprefix("Write ")
    assert load_config(written(tmp_path, GOOD), [f"training.learning_rate={value}"]).training.learning_rate > 0


def test_no_and_on_are_explained(tmp_path: Path) -> None:
    message = problems(tmp_path, GOOD.replace("[x, y]", "[x, no]"))
    assert "data.labels.1: expected text, got False (true or false). Put quotes around it: YAML 1.1 reads no" in message


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("data.train=", "data.train: expected text or a list, got None (nothing)."),
        ("data.train=5", "data.train: expected text or a list, got 5 (a number)."),
        ("data.train=no", "data.train: expected text or a list, got False (true or false)."),
        ("data.validation=[]", "data.validation: expected at least one entry, got [] (a list)."),
        ("data.train=[a.jsonl, 5]", "data.train.1: expected text, got 5 (a number)."),
        ("data.labels=[]", "data.labels: expected at least one entry, got [] (a list)."),
        ("data.labels=[1]", "data.labels.0: expected text, got 1 (a number)."),
        ("training.merge=''", "training.merge: expected at least one character, got '' (text)."),
        (
            "name=My Model",
            "name: expected lowercase letters a to z, digits and . _ -, with a letter or digit first, got 'My Model' "
            "(text).",
        ),
    ],
)
def test_a_wrong_value_is_one_problem_in_plain_words(tmp_path: Path, override: str, message: str) -> None:
    assert problems(tmp_path, GOOD, override).splitlines() == [f"{tmp_path}/c.yaml: 1 problem", f"  - {message}"]


def test_a_key_given_twice_is_refused_with_both_lines(tmp_path: Path) -> None:
    assert "name: given twice, in lines 2 and 6. Remove one." in problems(tmp_path, GOOD + "name: other\n")


def test_missing_keys_are_all_named(tmp_path: Path) -> None:
    message = problems(tmp_path, "name: tiny\n")
    assert all(f"{key}: missing." in message for key in ("output_dir", "data", "model"))


def test_values_are_checked_together(tmp_path: Path) -> None:
    text = GOOD.replace("base: some/model", "base: some/model, max_length: 64, stride: 62")
    assert "model.stride: 62 must be below model.max_length - 2 = 62." in problems(tmp_path, text)
    assert "data.labels: x given twice." in problems(tmp_path, GOOD.replace("[x, y]", "[x, x]"))


def test_the_last_of_the_seeds_is_one_that_can_be_drawn_from(tmp_path: Path) -> None:
    message = problems(tmp_path, GOOD, "seed=202611281123")
    assert "seed: 202611281123 must be at most 2**32 - seeds = 4294967295." in message
    assert load_config(written(tmp_path, GOOD), ["seed=4294967295"]).seed == 2**32 - 1
    assert "seed: 4294967294 must be at most 2**32 - seeds = 4294967293." in problems(
        tmp_path, GOOD, "seed=4294967294", "seeds=3"
    )


def test_names_of_topics_that_a_table_cannot_give_back_are_named_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("[x, y]", r'["wars|truces", " ", "", "storms ", "a\nb", "a\eb", "sport, women", none]')
    assert (
        "data.labels: 'wars|truces' has a '|', which stands between the topics of a story in CSV. ' ' is empty. "
        "'' is empty. 'storms ' begins or ends with a blank. 'a\\nb' has a line break. 'a\\x1bb' has a control "
        "character. Choose another name, without blanks around it."
    ) in problems(tmp_path, text)
    text = GOOD.replace("[x, y]", '["sport, women", none]')
    assert load_config(written(tmp_path, text)).data.labels == ("sport, women", "none")


def test_overrides_meet_the_same_checks(tmp_path: Path) -> None:
    assert load_config(written(tmp_path, GOOD), ["training.num_epochs=7", "data.test=c.jsonl"]).data.test == "c.jsonl"
    message = problems(tmp_path, GOOD, "training.num_epoch=7", "training.learning_rate=2e-5", "seed", "name.x=1")
    assert "training.num_epoch: unknown key. Did you mean 'num_epochs'?" in message
    assert "Write 2.0e-5" in message
    assert "seed: expected key=value, such as training.num_epochs=2." in message
    assert "name.x: not a section of the config." in message


@pytest.mark.parametrize(
    ("text", "message"),
    [("[1, 2]", "expected keys and values, found list"), ("a: [", "not YAML"), ("", "found NoneType")],
)
def test_a_file_that_is_no_config_is_refused(tmp_path: Path, text: str, message: str) -> None:
    assert message in problems(tmp_path, text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nothing\.yaml: cannot be read \(No such file or directory\)"):
        load_config(tmp_path / "nothing.yaml")


@pytest.mark.parametrize(
    ("train", "validation", "test", "second"),
    [
        ("a.jsonl", "a.jsonl", "c.jsonl", "validation"),
        ("a.jsonl", "b.jsonl", "./b.jsonl", "test"),
        ("[c.jsonl, a.jsonl]", "[b.jsonl, a.jsonl]", "d.jsonl", "validation"),
        ("[a.jsonl, b.jsonl]", "null", "sub/../b.jsonl", "test"),
        ("a.jsonl", "linked.jsonl", "c.jsonl", "validation"),
        ("a/b", "a/b:train", "a/b", "validation"),
    ],
)
def test_a_file_has_one_role(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, train: str, validation: str, test: str, second: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jsonl").touch()
    (tmp_path / "linked.jsonl").symlink_to("a.jsonl")
    given = [f"data.train={train}", f"data.validation={validation}", f"data.test={test}"]
    message = problems(tmp_path, GOOD, *given)
    assert message.count("is one of data.") == 1
    assert f"data.{second}: " in message
    load_config(written(tmp_path, GOOD), ["data.train=a/b", "data.validation=a/b:held", "data.test=a/b"])


def test_readings_part_a_file_between_train_and_validation(tmp_path: Path) -> None:
    shared = ["data.train=[a.jsonl, p.jsonl]", "data.validation=[b.jsonl, p.jsonl]"]
    readings = ["data.readings=r.csv", "data.validation_readings=v.csv"]
    load_config(written(tmp_path, GOOD), [*shared, *readings])
    assert "data.validation: p.jsonl is one of data.train too." in problems(tmp_path, GOOD, *shared, readings[0])
    assert "data.test: p.jsonl is one of data.validation too." in problems(
        tmp_path, GOOD, *shared, *readings, "data.test=p.jsonl"
    )
    unlabelled = ["data.unlabelled=[a.jsonl, b.jsonl]", "training.teacher=some/model"]
    load_config(written(tmp_path, GOOD), unlabelled)
