"""JSON in which very much is nested costs its record, and not the job."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from classifier.json_text import Wrong, parse_json
from classifier.predict import main

PAIRS = {"objects": ('{"a": ', "}"), "lists": ("[", "]")}


@pytest.fixture
def outcome(tiny_model: Path, tmp_path: Path) -> Callable[[str, str], tuple[int, int]]:
    """The exit code of a job on these JSON lines, and the size of its output of this format."""

    def run(lines: str, output_format: str) -> tuple[int, int]:
        (tmp_path / "feed.jsonl").write_text(lines, encoding="utf-8")
        output = tmp_path / f"out.{output_format}"
        code = main([str(tmp_path / "feed.jsonl"), "-o", str(output), "--model", str(tiny_model), "--quiet"])
        return code, output.stat().st_size

    return run


@pytest.mark.parametrize("output_format", ["jsonl", "csv", "parquet"])
def test_what_can_be_read_can_be_written(outcome: Callable[[str, str], tuple[int, int]], output_format: str) -> None:
    depths = range(940, 1000, 5)  # Python reads some of these, and writes fewer
    deep = "".join(
        '{"text": "talks", "more": ' + begin * depth + "1" + end * depth + "}\n"
        for begin, end in PAIRS.values()
        for depth in depths
    )
    code, size = outcome('{"text": "talks"}\n' + deep, output_format)
    assert code == 3
    assert size > 0


@pytest.mark.parametrize(("begin", "end"), PAIRS.values(), ids=PAIRS)
def test_values_are_nested_at_most_five_hundred_times(begin: str, end: str) -> None:
    fitting = begin * 500 + "1" + end * 500
    assert json.dumps(parse_json(fitting)) == fitting
    found = parse_json(begin * 501 + "1" + end * 501)
    assert isinstance(found, Wrong)
    assert found == "JSON that cannot be read (nested too deeply)."


def test_many_brackets_are_no_depth() -> None:
    for many in ('[{"a": [1]}, ' + '{"a": []}, ' * 5000 + "1]", json.dumps("[{" * 5000)):
        assert json.dumps(parse_json(many)) == many
