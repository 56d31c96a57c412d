"""What may stand together on the command line: an option that would be dropped is refused, with exit code 2."""

from __future__ import annotations

import pytest

from classifier.arguments import parse_arguments


def refused(capsys: pytest.CaptureFixture[str], message: str, *arguments: str) -> None:
    with pytest.raises(SystemExit, match=r"^2$"):
        parse_arguments(arguments)
    assert capsys.readouterr().err.endswith(f"error: {message}\n")


# A finished output


@pytest.mark.parametrize(
    ("more", "shown"),
    [
        (["feed.jsonl"], "INPUT"),
        (["feed.jsonl", "-o", "out.csv"], "INPUT, -o"),
        (["--text", ""], "--text"),
        (["--review-first", "old.jsonl", "-o", "sheet.csv"], "-o, --review-first"),
        (["--format", "jsonl", "--text-field", "body"], "--format, --text-field"),
    ],
)
def test_a_summary_stands_alone(capsys: pytest.CaptureFixture[str], more: list[str], shown: str) -> None:
    message = f"--summary FILE counts what is in that output alone: leave out {shown}"
    refused(capsys, message, "--summary", "old.jsonl", *more)
    refused(capsys, message, *more, "--summary", "old.jsonl")


def test_a_summary_takes_a_prefix_and_what_an_alias_may_hold() -> None:
    alias = ["--model", "news-fast", "--engine", "openvino", "--device", "cpu", "--no-cascade", "--quiet"]
    assert parse_arguments([*alias, "--summary", "old.jsonl", "--prefix", "news_"]).prefix == "news_"


def test_a_review_takes_no_input_and_nothing_of_labelling(capsys: pytest.CaptureFixture[str]) -> None:
    review = ["--review-first", "old.jsonl", "-o", "sheet.csv"]
    message = "--review-first FILE reads that output alone: leave out"
    refused(capsys, f"{message} --text", *review, "--text", "talks")
    refused(
        capsys, f"{message} --format, --split, --evidence", *review, "--evidence", "--split", "none", "--format", "csv"
    )
    refused(capsys, f"{message} --near-duplicates, --processes", *review, "--near-duplicates", "--processes", "4")
    fields = ["--text-field", "body", "--title-field", "head", "--prefix", "news_", "--model", "news-fast", "--quiet"]
    assert parse_arguments([*review, *fields, "--most", "9"]).most == 9


# Labelling


@pytest.mark.parametrize("option", ["--text-field", "--title-field", "--id-field", "--encoding"])
def test_a_text_alone_takes_no_option_of_inputs(capsys: pytest.CaptureFixture[str], option: str) -> None:
    refused(capsys, f"--text is read as it is: leave out {option}", "--text", "talks", option, "bogus")
    assert parse_arguments(["--text", "talks", "feed.csv", option, "bogus"]).inputs == ["feed.csv"]


def test_options_of_a_job_and_of_a_review_need_one(capsys: pytest.CaptureFixture[str]) -> None:
    refused(capsys, "--most needs --review-first FILE", "feed.csv", "--most", "0")
    refused(capsys, "--checkpoint needs -o FILE: only a job has checkpoints", "feed.csv", "--checkpoint", "1")
    assert parse_arguments(["feed.csv", "-o", "out.csv", "--checkpoint", "1"]).checkpoint == 1


@pytest.mark.parametrize(
    ("called", "shown"),
    [("/opt/bin/news-topics", "news-topics"), ("/opt/classifier/predict.py", "python -m classifier.predict")],
)
def test_usage_has_the_name_that_the_command_was_called_by(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], called: str, shown: str
) -> None:
    monkeypatch.setattr("sys.argv", [called])
    with pytest.raises(SystemExit, match=r"^2$"):
        parse_arguments()
    assert f"usage: {shown} [-h]" in capsys.readouterr().err
