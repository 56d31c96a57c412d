"""Nothing that stands in a file, or is its name, steers the terminal on which a message about it is shown."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from classifier import Story
from classifier.predict import main
from classifier.prediction import Prediction
from classifier.printed import printable
from classifier.terminal import TableWriter
from training import cascade, check, evaluate, refit, train

TITLE, CLIPBOARD = "\x1b]0;owned\x07", "\x9d52;c;bXY=\x9c"
BACKWARDS = "\u202e\u2067\u061c"

pytestmark = pytest.mark.usefixtures("in_tmp")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"a{TITLE}b", r"a\x1b]0;owned\x07b"),
        (CLIPBOARD, r"\x9d52;c;bXY=\x9c"),
        (f"{BACKWARDS}txt", r"\u202e\u2067\u061ctxt"),
        ("50 %\r100 %", r"50 %\r100 %"),
        ("\x00\x08\x7f\x85\u2028", r"\x00\x08\x7f\x85\u2028"),
    ],
)
def test_what_steers_is_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    "text", ["a: 2 problems\n  - b\tc", "Tomšić, «Осло», طرابلس, 東京", "👩‍🚒 cease\u00adfire\u00a0", r"C:\x1b"]
)
def test_what_does_not_steer_stays(text: str) -> None:
    assert printable(text) == text


def test_names_of_files_and_fields_in_messages(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path(f"a{TITLE}.jsonl").write_text(json.dumps({f"body{CLIPBOARD}{BACKWARDS}": "x"}) + "\n{\n", encoding="utf-8")
    Path("b.csv").write_text(f"bo{TITLE}dy,x\n1,2\n", encoding="utf-8")
    assert main([f"a{TITLE}.jsonl", "--model", str(tiny_model)]) == 3
    warnings = capsys.readouterr().err.splitlines()
    assert warnings[0].startswith(
        r"warning: a\x1b]0;owned\x07.jsonl:1: no field 'text'. Found: body\x9d52;c;bXY=\x9c\u202e\u2067\u061c. Name"
    )
    assert warnings[1].startswith(r"warning: a\x1b]0;owned\x07.jsonl:2: not JSON")
    assert main(["b.csv", "--model", str(tiny_model)]) == 1
    assert capsys.readouterr().err.startswith(r"error: b.csv:1: no field 'text'. Found: bo\x1b]0;owned\x07dy, x. Name")


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        (train, [f"a{TITLE}.yaml"]),
        (check, [f"a{TITLE}.yaml"]),
        (evaluate, ["--data", f"a{TITLE}.jsonl"]),
        (refit, ["--data", f"a{TITLE}.jsonl", "--out", "b"]),
        (cascade, ["--model", f"a{TITLE}", "--first", "b", "--data", "c", "--texts", "d", "--out", "e"]),
    ],
    ids=["train", "check", "evaluate", "refit", "cascade"],
)
def test_errors_of_the_other_commands(command: Any, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(arguments) == 1
    message = capsys.readouterr().err
    assert message.startswith("error: ")
    assert r"a\x1b]0;owned\x07" in message
    assert "\x1b" not in message


def test_no_story_turns_its_row_of_the_table_around() -> None:
    file = io.StringIO()
    failed = Prediction(model="m", error=f"a{BACKWARDS}.html: empty, nothing to label.")
    given = Prediction(scores={"truce": 0.1}, model="m")
    writer = TableWriter(file, ["truce"])
    for prediction in (failed, given):
        writer.write([(Story(f"Talks {BACKWARDS}go on", title=BACKWARDS, id=f"id{BACKWARDS}"), prediction)])
    assert file.getvalue().count("Talks go on") == 2
    assert not set(BACKWARDS).intersection(file.getvalue())
