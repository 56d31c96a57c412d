"""`python -m benchmarks.gpu` on the CPU: what is measured, and that the whole of it runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import counting, decision

from benchmarks import gpu
from classifier import Classifier, Story

EXAMPLES = Path(__file__).parents[1] / "examples" / "test.jsonl"


def test_repeated_records_are_all_different(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": "talks"}\n\n{"title": "troops"}\n', encoding="utf-8")
    gpu.write_feed(tmp_path / "in.jsonl", tmp_path / "out.jsonl", 2)
    records = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert records == [
        {"text": "talks"}, {"title": "troops"}, {"text": "talks (1)"}, {"title": "troops", "text": " (1)"},
    ]  # fmt: skip


def test_forward_only_gives_the_engine_every_window_and_nothing_is_scored_twice() -> None:
    classifier = counting(decision())
    forward = gpu.forward_only(classifier, [Story(text="talks"), Story(text=""), Story(text="the " * 90)])
    forward()
    assert sum(len(batch.indices) for batch in classifier.engine.batches) == 1 + 4  # type: ignore[attr-defined]


def test_rounds_alternate_and_each_run_is_timed_once_in_each() -> None:
    calls: list[str] = []
    runs = {("m", name): lambda name=name: calls.append(name) for name in "abc"}
    seconds = gpu.measured(runs, 2)
    assert "".join(calls) == "abcbca"
    assert {key: len(taken) for key, taken in seconds.items()} == dict.fromkeys(runs, 2)


@pytest.mark.parametrize("model", ["tiny", "news"])
def test_a_run_on_the_cpu_writes_all_figures(
    model: str, tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = EXAMPLES.read_text(encoding="utf-8").splitlines()[:6]
    (tmp_path / "some.jsonl").write_text("\n".join(lines), encoding="utf-8")
    name = str(tiny_model) if model == "tiny" else model
    options = ["--model", name, "--engine", "torch", "--device", "cpu", "--rounds", "2", "--repeat", "2"]
    options += ["--processes", "2"] if model == "tiny" else []
    assert gpu.main([str(tmp_path / "some.jsonl"), *options, "-o", str(tmp_path / "gpu.json")]) == 0
    report = json.loads((tmp_path / "gpu.json").read_text(encoding="utf-8"))
    other = "whole model, processes" if model == "tiny" else "cascade, end to end"
    assert list(report["end to end / forward"]) == ["whole model, end to end", other]
    assert [row["what"] for row in report["seconds"]][:4] == ["forward", "texts", "end to end", "host"]
    assert (report["stories"], report["machine"]["device"]) == (12, "cpu")
    assert "stories/s" in capsys.readouterr().out


def test_a_file_that_cannot_be_read_is_said(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gpu.main([str(tmp_path / "none.jsonl"), "--model", str(tiny_model), "--device", "cpu"]) == 1
    assert "none.jsonl: cannot be read" in capsys.readouterr().err


def test_the_instant_engine_answers_with_one_row_a_window(tiny_model: Path) -> None:
    classifier = Classifier.load(tiny_model, engine="torch", device="cpu")
    host = Classifier(classifier.manifest, classifier.tokenizer, gpu.InstantEngine(classifier.engine, 4))
    assert host.decision_function(["talks", "the " * 90]).tolist() == [[0.0] * 4] * 2
