"""A config that a person or a template got wrong in odd ways is refused in a few words, without a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifier.errors import ConfigError
from training.config import load_config

LEVELS = "\n".join(f"x{level}: &x{level} [{', '.join([f'*x{level - 1}'] * 10)}]" for level in range(1, 12))


def problems(folder: Path, text: str, *overrides: str) -> str:
    path = folder / "odd.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path, overrides)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: 2024-02-30", "not YAML (day is out of range for month)."),
        ("labels: {{ topics }}", "not YAML (while constructing a mapping"),
        ("? [a, b]\n: c", "found unhashable key"),
        ("name: " + "[" * 5000, "not YAML (maximum recursion depth exceeded"),
        ("seed: " + "9" * 5000, "not YAML (Exceeds the limit (4300 digits)"),
        ("name: !!python/object/apply:os.getcwd []", "not YAML (could not determine a constructor"),
    ],
)
def test_what_no_value_can_be_made_of(tmp_path: Path, text: str, message: str) -> None:
    assert message in problems(tmp_path, text)


def test_an_override_of_which_no_value_can_be_made(tmp_path: Path) -> None:
    message = problems(tmp_path, "seed: 1", "name=2024-02-30")
    assert "name: '2024-02-30' is not a YAML value. Put quotes around text." in message


def test_of_a_value_that_holds_very_much_a_little_is_shown(tmp_path: Path) -> None:
    message = problems(tmp_path, f"x0: &x0 [a]\n{LEVELS}\nname: *x11\noutput_dir: {{a: {'b' * 1000}}}\n")
    assert "name: expected text, got [[[...], [...]" in message
    assert "output_dir: expected text, got {'a': 'bbb" in message
    assert len(message) < 5000


def test_a_value_of_the_usual_size_is_shown_whole(tmp_path: Path) -> None:
    names = [f"a-topic-{number}" for number in range(8)]
    assert f"name: expected text, got {names} (a list)." in problems(tmp_path, f"name: {names}")
