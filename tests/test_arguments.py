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
