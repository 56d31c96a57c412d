"""The command: what it reads, what it writes where, and its exit codes."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import LABELS

from classifier import Classifier
from classifier.predict import main
from classifier.rows import OUTPUT_COLUMNS

PAGE = "Talks open in the capital today\nEnvoys of both sides met for the first time in a year, officials said.\n"
COMMAND = [sys.executable, "-m", "classifier.predict"]


class Result:
    """An exit code with what went to standard output and standard error."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


pytestmark = pytest.mark.usefixtures("in_tmp")


@pytest.fixture
def predict(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """The command in this process, with the tiny model."""

    def run(*arguments: str) -> Result:
        code = main([*arguments, "--model", str(tiny_model)])
        return Result(code, *capsys.readouterr())

    return run


def write(name: str, text: str) -> None:
    Path(name).write_text(text, encoding="utf-8", newline="")


def jsonl(*texts: str) -> str:
    """One record a text, with ids from 1."""
    return "".join(json.dumps({"id": number, "text": text}) + "\n" for number, text in enumerate(texts, 1))


# Formats


def test_piped_output_is_json_lines_in_the_contract(predict: Callable[..., Result], tiny_model: Path) -> None:
    result = predict("--text", "talks of the river")
    assert (result.code, result.err) == (0, "")
    [row] = result.rows
    expected = Classifier.load(tiny_model).classify("talks of the river")
    assert list(row) == ["id", "text", *OUTPUT_COLUMNS]
    assert (row["id"], row["text"], row["error"]) == ("text", "talks of the river", None)
    assert row["topics"] == list(expected.topics)
    assert row["topic"] == expected.topic
    assert row["scores"] == {label: round(score, 4) for label, score in expected.scores.items()}
    assert (row["tokens_read"], row["tokens_total"], row["model"]) == (4, 4, expected.model)


def test_a_terminal_gets_a_table(predict: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    write("page.txt", PAGE)
    result = predict("page.txt")
    assert (result.code, result.err) == (0, "")
    assert "Talks open in the capital" in result.out
    assert "page.txt, lines 1-2" in result.out
    assert re.search(r"(none \(highest: \w+|diplomacy|military|disaster|ceasefire) 0\.\d\d", result.out)


def test_csv_has_one_row_a_story_and_keeps_the_columns(predict: Callable[..., Result]) -> None:
    write("feed.csv", 'id,source,text\n7,wire,"talks,\ntroops"\n8,,flood\n')
    result = predict("feed.csv", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.out, newline="")))
    assert (result.code, result.err) == (0, "")
    own = [(row["id"], row["source"], row["text"]) for row in rows]
    assert own == [("7", "wire", "talks,\ntroops"), ("8", "", "flood")]
    assert all(0 <= float(row[f"score_{label}"]) <= 1 for row in rows for label in LABELS)
    assert "other_columns" not in rows[0]


@pytest.mark.parametrize(("name", "kind"), [("out.jsonl", "jsonl"), ("out.NDJSON", "jsonl"), ("out.csv", "csv")])
def test_a_file_is_written_in_the_format_of_its_name(predict: Callable[..., Result], name: str, kind: str) -> None:
    result = predict("--text", "talks", "-o", name, "--quiet")
    assert (result.code, result.out, result.err) == (0, "", "")
    assert Path(name).read_text(encoding="utf-8").startswith('{"id": "text"' if kind == "jsonl" else "id,text,topic")
    assert [path.name for path in Path.cwd().iterdir()] == [name]


def test_a_named_format_goes_before_the_files_name(predict: Callable[..., Result]) -> None:
    assert predict("--text", "talks", "-o", "out.dat", "--format", "csv").code == 0
    assert Path("out.dat").read_text().startswith("id,text,topic")


# Inputs


def test_inputs_are_labelled_in_their_order_whatever_their_format(predict: Callable[..., Result]) -> None:
    write("b.jsonl", jsonl("talks", "troops"))
    write("a.csv", "id,text\n9,flood\n")
    write("page.txt", PAGE)
    result = predict("b.jsonl", "page.txt", "a.csv", "--text", "truce")
    assert (result.code, result.err) == (0, "")
    assert [row["id"] for row in result.rows] == ["text", 1, 2, "page.txt", "9"]


def test_a_folder_and_a_pattern_are_inputs(predict: Callable[..., Result]) -> None:
    Path("in/deep").mkdir(parents=True)
    write("in/deep/a.jsonl", jsonl("talks"))
    write("in/b.jsonl", jsonl("troops", "flood"))
    assert [row["text"] for row in predict("in").rows] == ["troops", "flood", "talks"]
    assert [row["text"] for row in predict("in/*/*.jsonl").rows] == ["talks"]


def test_fields_can_be_named(predict: Callable[..., Result]) -> None:
    write("feed.jsonl", '{"id": 1, "guid": "g", "head": "truce", "body": "talks"}\n')
    [row] = predict("feed.jsonl", "--text-field", "body", "--title-field", "head", "--id-field", "guid").rows
    assert (row["id"], row["input_id"], row["tokens_read"], row["error"]) == ("g", 1, 2, None)


def test_without_splitting_a_page_is_one_story(predict: Callable[..., Result]) -> None:
    write("page.txt", PAGE)
    [row] = predict("page.txt", "--split", "none").rows
    assert (row["id"], row["text"]) == ("page.txt", PAGE)
    assert "first_line" not in row


def test_an_input_format_and_an_encoding_can_be_named(predict: Callable[..., Result]) -> None:
    Path("feed.log").write_bytes("text\nCafé talks\n".encode("cp1252"))
    [row] = predict("feed.log", "--input-format", "csv", "--encoding", "cp1252").rows
    assert (row["text"], row["error"]) == ("Café talks", None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(("raw", "ids"), [(jsonl("talks", "troops"), [1, 2]), (PAGE, ["stdin"])])
def test_standard_input_is_read(
    predict: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, raw: str, ids: list[Any], encoding: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(raw.encode(encoding)))))
    assert [row["id"] for row in predict("-").rows] == ids


def test_labelling_the_output_again_keeps_the_first_labels(predict: Callable[..., Result]) -> None:
    write("feed.jsonl", jsonl("talks of the river"))
    predict("feed.jsonl", "-o", "one.jsonl")
    [first], [second] = ([json.loads(Path("one.jsonl").read_bytes())], predict("one.jsonl").rows)
    assert second["input_scores"] == first["scores"] == second["scores"]
    assert (second["id"], second["text"]) == (1, "talks of the river")


def test_stories_beyond_one_chunk_keep_their_order(predict: Callable[..., Result]) -> None:
    write("feed.jsonl", jsonl(*(f"talks {number}" for number in range(1100))))
    assert [row["id"] for row in predict("feed.jsonl").rows] == list(range(1, 1101))


# Bad records and bad input


def test_bad_records_get_rows_and_warnings_and_exit_code_3(predict: Callable[..., Result]) -> None:
    write("feed.jsonl", jsonl("talks") + "{broken\n" + '{"id": 4, "text": " "}\n' + '{"id": 5, "text": "<br>"}\n')
    result = predict("feed.jsonl")
    errors = [
        "feed.jsonl:2: not JSON (Expecting property name enclosed in double quotes at column 2).",
        "feed.jsonl:3: empty text, nothing to label.",
        "feed.jsonl:4: empty text, nothing to label.",
    ]
    assert result.code == 3
    assert [row["error"] for row in result.rows] == [None, *errors]
    assert [row["id"] for row in result.rows] == [1, "feed.jsonl:2", 4, 5]
    assert result.err.splitlines() == [
        *(f"warning: {error}" for error in errors),
        "3 records could not be labelled; see the column 'error'.",
    ]


@pytest.mark.parametrize("count", [1, 10, 11, 30])
def test_only_the_first_errors_are_shown(predict: Callable[..., Result], count: int) -> None:
    write("feed.jsonl", "{\n" * count)
    *warnings, last = predict("feed.jsonl").err.splitlines()
    assert len([line for line in warnings if line.startswith("warning: feed.jsonl:")]) == min(count, 10)
    assert ("warning: further errors are only counted" in warnings) == (count > 10)
    assert last == f"{count} record{'s' * (count > 1)} could not be labelled; see the column 'error'."


@pytest.mark.parametrize("form", ["jsonl", "csv", "table"])
def test_every_kind_of_damage_at_once_stops_nothing(predict: Callable[..., Result], form: str) -> None:
    lines = [
        b'{"text": "talks"}',
        b'{"text": "lone \\ud800 surrogate", "\\udfff": "\\ud800"}',
        b'{"text": "caf\xe9"}',
        b'{"text": "a", "n": 1e999, "m": NaN}',
        b'{"text": "\\u0000\\u001b[31m"}',
        b"\x00",
        b'{"text": "' + b"x" * 1_000_000 + b'"}',
        *(b'{"text": "a", "n": ' + b"[" * depth + b"]" * depth + b"}" for depth in range(700, 1100, 3)),
    ]
    Path("feed.jsonl").write_bytes(b"\n".join(lines))
    result = predict("feed.jsonl", "--format", form)
    assert result.code == 3
    if form == "jsonl":
        assert len(result.rows) == len(lines)
        assert "NaN" not in result.out
        assert "Infinity" not in result.out


def test_an_empty_page_and_an_empty_text_are_rows_with_an_error(predict: Callable[..., Result]) -> None:
    write("page.txt", "\n")
    result = predict("page.txt", "--text", "")
    assert result.code == 3
    assert [row["error"] for row in result.rows] == [
        "text: empty text, nothing to label.",
        "page.txt: empty, nothing to label.",
    ]


def test_input_without_records_is_said(predict: Callable[..., Result]) -> None:
    write("feed.csv", "id,text\n")
    result = predict("feed.csv")
    assert (result.code, result.out, result.err) == (0, "", "warning: no record in the input\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["pagee.txt"], "pagee.txt: no such file. Did you mean 'page.txt'?"),
        (
            ["pagee.txt", "archive.jsonl"],
            "input: 2 problems\n  - pagee.txt: no such file. Did you mean 'page.txt'?\n"
            "  - archive.jsonl: no such file.",
        ),
        (
            ["feed.csv"],
            "feed.csv:1: no field 'text'. Found: id, txt. Did you mean 'txt'? Name it with --text-field.",
        ),
        (
            ["page.txt", "--engine", "opnvino"],
            "engine 'opnvino' is not known. Did you mean 'openvino'? Known: auto, openvino, torch.",
        ),
        (
            ["page.txt", "--device", "gpu"],
            "device 'gpu' is not known. Did you mean 'cuda'? Known: auto, cpu, cuda, cuda:N.",
        ),
        (
            ["page.txt", "-o", "out.jsnl"],
            "out.jsnl: format not known from its name. Did you mean '.jsonl'? Known: .jsonl, .ndjson, .csv, "
            ".parquet, the first three also with .gz or .zst. Rename it or name the format with --format.",
        ),
        (["page.txt", "-o", "none/out.csv"], "none/out.csv: cannot be written (no folder none)."),
    ],
)
def test_a_mistake_is_one_message_and_exit_code_1(
    predict: Callable[..., Result], arguments: list[str], message: str
) -> None:
    write("page.txt", PAGE)
    write("feed.csv", "id,txt\n1,a\n")
    result = predict(*arguments)
    assert (result.code, result.out, result.err) == (1, "", f"error: {message}\n")


def test_a_damaged_model_is_refused(tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(tiny_model, "damaged")
    with Path("damaged/openvino_model.bin").open("ab") as file:
        file.write(b"x")
    assert main(["--text", "talks", "--model", "damaged", "--engine", "openvino"]) == 1
    assert re.fullmatch(
        r"error: damaged: 1 problem\n  - openvino_model\.bin: SHA-256 is \w{12}…, manifest\.json says \w{12}…\n"
        r"The folder is damaged or hand-edited\. Install, copy or train it again\.\n",
        capsys.readouterr().err,
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "nothing to read: name a file, a folder, '-' for standard input, or --text"),
        (["--format", "xml", "-"], "argument --format: invalid choice: 'xml'"),
        (["--split", "always", "-"], "argument --split: invalid choice: 'always'"),
        (["--txt", "a"], "unrecognized arguments: --txt"),
    ],
)
def test_a_wrong_command_line_is_exit_code_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit, match=r"^2$"):
        main(arguments)
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err


# Files are written complete or not at all


def test_an_earlier_file_stays_when_a_job_fails(predict: Callable[..., Result]) -> None:
    write("out.jsonl", "earlier\n")
    write("a.jsonl", jsonl("talks"))
    write("b.csv", "id,txt\n1,a\n")
    result = predict("a.jsonl", "b.csv", "-o", "out.jsonl")
    assert result.code == 1
    assert Path("out.jsonl").read_text() == "earlier\n"
    assert result.err.splitlines() == [
        "error: b.csv:1: no field 'text'. Found: id, txt. Did you mean 'txt'? Name it with --text-field.",
    ]
    assert not Path("out.jsonl.job").exists()  # nothing was done that could be gone on with


def test_an_earlier_file_is_replaced_when_all_is_done(predict: Callable[..., Result]) -> None:
    write("out.jsonl", "earlier\n")
    assert predict("--text", "talks", "-o", "out.jsonl").code == 0
    assert json.loads(Path("out.jsonl").read_bytes())["text"] == "talks"
    assert not Path("out.jsonl.part").exists()


def test_a_target_that_is_a_folder_is_refused(predict: Callable[..., Result]) -> None:
    Path("out.csv").mkdir()
    result = predict("--text", "talks", "-o", "out.csv")
    assert result.code == 1
    assert "error: out.csv: cannot be written (Is a directory)." in result.err


@pytest.mark.parametrize("output", ["feed.jsonl", "./feed.jsonl", "in/../feed.jsonl"])
def test_an_input_is_never_overwritten(predict: Callable[..., Result], output: str) -> None:
    Path("in").mkdir()
    write("feed.jsonl", jsonl("talks"))
    result = predict("feed.jsonl", "-o", output)
    assert (result.code, result.err) == (1, f"error: {output}: is also an input. Write to another file.\n")
    assert Path("feed.jsonl").read_text() == jsonl("talks")


def test_an_interrupted_job_says_so_and_leaves_no_half_file(
    predict: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> Iterator[object]:
        raise KeyboardInterrupt

    monkeypatch.setattr(Classifier, "classify_chunk", interrupted)
    result = predict("--text", "talks", "-o", "out.jsonl")
    assert (result.code, result.err) == (130, "\ninterrupted\n")
    assert not Path("out.jsonl").exists()


def test_a_bug_keeps_its_traceback(predict: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Classifier, "stream", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError, match="division by zero"):
        predict("--text", "talks")


def test_a_cap_on_windows_shows_in_what_was_read(predict: Callable[..., Result]) -> None:
    [row] = predict("--text", "talks " * 100, "--max-windows", "1").rows
    assert (row["tokens_read"], row["tokens_total"]) == (30, 100)
    with pytest.raises(SystemExit):
        predict("--text", "talks", "--max-windows", "0")


@pytest.mark.parametrize("seconds", ["-1", "nan", "inf", "often"])
def test_checkpoints_take_seconds(
    predict: Callable[..., Result], capsys: pytest.CaptureFixture[str], seconds: str
) -> None:
    with pytest.raises(SystemExit):
        predict("--text", "talks", "--checkpoint", seconds)
    assert f"'{seconds}': expected seconds, 0 or more" in capsys.readouterr().err


# As a process


def process(tiny_model: Path, *arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, *arguments, "--model", str(tiny_model)], check=False, timeout=60, **options)


def test_a_pipe_gets_utf_8_whatever_the_locale(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    text = "“Talks” in Kyiv, Київ"
    result = process(tiny_model, "-", input=text.encode(), capture_output=True)
    assert (result.returncode, result.stderr) == (0, b"")
    assert json.loads(result.stdout.decode("utf-8"))["text"] == text
    assert result.stdout.endswith(b"}\n")


def test_exit_codes_of_the_process(tiny_model: Path) -> None:
    bad = process(tiny_model, "-", "--input-format", "jsonl", input=b"{\n", capture_output=True)
    assert (bad.returncode, bad.stdout.count(b"\n"), bad.stderr.count(b"warning: stdin:1: not JSON")) == (3, 1, 1)
    missing = process(tiny_model, "none.txt", capture_output=True)
    assert (missing.returncode, missing.stdout, missing.stderr) == (1, b"", b"error: none.txt: no such file.\n")


@pytest.mark.parametrize("form", ["jsonl", "csv", "table"])
def test_a_reader_that_has_enough_ends_the_job_quietly(tiny_model: Path, form: str) -> None:
    write("feed.jsonl", jsonl(*["talks " * 30] * 3000))
    command = [*COMMAND, "feed.jsonl", "--model", str(tiny_model), "--format", form]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as job:
        assert job.stdout is not None
        assert job.stderr is not None
        assert job.stdout.readline()
        job.stdout.close()
        assert job.stderr.read() == b""
        assert job.wait(timeout=60) == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device to write to")
@pytest.mark.parametrize("form", ["jsonl", "csv", "table"])
def test_a_full_disk_is_one_message(tiny_model: Path, form: str) -> None:
    write("feed.jsonl", jsonl(*["talks " * 30] * 100))
    with Path("/dev/full").open("wb") as full:
        result = process(tiny_model, "feed.jsonl", "--format", form, stdout=full, stderr=subprocess.PIPE)
    message = b"error: standard output: cannot be written (No space left on device).\n"
    assert (result.returncode, result.stderr) == (1, message)
