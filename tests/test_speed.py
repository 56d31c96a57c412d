"""The speed benchmark's arithmetic, table and files, with made-up measurements: no peer is run."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from benchmarks import speed, speed_report
from benchmarks.figures import Measured, agreement, all_rows, f1, macro_f1, ratios, spread
from benchmarks.isa import environment, has_bf16, processor
from benchmarks.peers import System, fastest, reference
from benchmarks.peers.pipeline import BATCH_SIZES
from benchmarks.processes import first_label_command, last_line, peer_folder, prepare
from benchmarks.rounds import rotated
from benchmarks.show import cells, draw, table
from benchmarks.stories import load_texts
from benchmarks.worker import answer
from classifier.errors import InputError
from classifier.manifest import find_model, load_manifest

TRUE = np.array([[1, 0], [0, 1], [1, 1], [0, 0]], dtype=bool)
SYSTEMS = [
    System("news (torch)", "ours", model=Path("models/news")),
    System("news (openvino)", "ours", model=Path("models/news")),
    System("pipeline", "pipeline", model=Path("models/news")),
    System("TF-IDF + LR", "tfidf", isa_limited=False),
]


class FakePeer:
    """Gives each text the length of it as probabilities, in hundredths; knows what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def train(self, texts: list[str], targets: Any) -> None:
        self.asked.append(f"train {len(texts)} {targets.shape}")

    def load(self) -> None:
        self.asked.append("load")

    def tune(self, texts: list[str]) -> dict[str, Any]:
        return {"batch_size": len(texts)}

    def score(self, texts: list[str]) -> Any:
        return np.array([[len(text) / 100] for text in texts])


def measured(name: str, model: str, seconds: list[float], wrong: int = 0) -> Measured:
    """Right probabilities, the first `wrong` decisions turned round."""
    probabilities = np.where(TRUE, 0.9, 0.1)
    probabilities.flat[:wrong] = 1 - probabilities.flat[:wrong]
    return Measured(name, model, probabilities, np.full(2, 0.5), seconds, [0.5, 0.7], [1.0, 2.0, 3.0], 123.4)


@pytest.fixture
def rows() -> list[dict[str, Any]]:
    fakes = [
        measured("news (torch)", "news", [2.0, 2.0, 2.0]),
        measured("news (openvino)", "news", [1.0, 0.5, 1.0], wrong=1),
        measured("pipeline", "news", [4.0, 4.0, 6.0]),
        measured("TF-IDF + LR", "", [0.1, 0.1, 0.1], wrong=3),
    ]
    references = dict.fromkeys(["news (torch)", "news (openvino)", "pipeline"], "news (torch)")
    found = all_rows(fakes, TRUE, 800, baseline="pipeline", references=references)
    return [{**row, "ours": row["name"].startswith("news")} for row in found]


def test_ratios_are_taken_run_by_run(rows: list[dict[str, Any]]) -> None:
    assert ratios([4.0, 4.0, 6.0], [1.0, 0.5, 1.0]) == [4.0, 8.0, 6.0]
    assert rows[1]["times_baseline"] == {"median": 6.0, "min": 4.0, "max": 8.0}
    assert rows[2]["times_baseline"] == {"median": 1.0, "min": 1.0, "max": 1.0}


def test_ratios_refuse_runs_that_have_no_partner() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratios([1.0, 2.0], [1.0])


def test_speed_counts_stories_and_their_tokens(rows: list[dict[str, Any]]) -> None:
    assert rows[0]["stories_per_s"]["median"] == 2.0
    assert rows[0]["tokens_per_s"]["median"] == 400.0


def test_agreement_is_with_the_float32_run_of_the_same_weights(rows: list[dict[str, Any]]) -> None:
    assert rows[0]["agreement"] == {"decisions": 1.0, "stories": 1.0}
    assert rows[1]["agreement"] == {"decisions": 7 / 8, "stories": 3 / 4}
    assert rows[3]["agreement"] == {}
    assert agreement(TRUE, ~TRUE) == {"decisions": 0.0, "stories": 0.0}


def test_a_cascade_is_set_beside_itself_in_float32_and_other_ways_beside_the_whole_model() -> None:
    names = ["news (torch)", "news (torch, whole model alone)", "news (openvino)", "pipeline"]
    assert reference("news (openvino)", "news", names) == "news (torch)"
    assert reference("news (openvino, whole model alone)", "news", names) == "news (torch, whole model alone)"
    assert reference("pipeline", "news", names) == "news (torch, whole model alone)"
    assert reference("pipeline", "fast", ["fast (torch)"]) == "fast (torch)"


def test_f1_is_that_of_scikit_learn() -> None:
    from sklearn.metrics import f1_score

    predicted = np.array([[1, 1], [0, 1], [0, 1], [0, 0]], dtype=bool)
    np.testing.assert_allclose(f1(predicted, TRUE), f1_score(TRUE, predicted, average=None))
    found = macro_f1(predicted, TRUE)
    assert found["low"] <= found["value"] <= found["high"]


def test_nothing_measured_is_nothing_shown(rows: list[dict[str, Any]]) -> None:
    assert spread([]) == {}
    alone = all_rows([measured("a", "", [1.0])], TRUE, 8, baseline="pipeline", references={})[0]
    alone.update(first_label_s={}, latency_ms={}, peak_mb=0.0)
    assert cells(alone) == ["a", "1.000", "", "4", "8", "", "", "", "", ""]


def test_the_table_has_the_fastest_first_and_marks_low_agreement(rows: list[dict[str, Any]]) -> None:
    out = io.StringIO()
    Console(file=out, width=200).print(table(rows, "title"))
    lines = [line for line in out.getvalue().splitlines() if line.strip()]
    assert [line.split("  ")[0].strip() for line in lines[2:]] == [
        "TF-IDF + LR", "news (openvino)", "news (torch)", "pipeline",
    ]  # fmt: skip
    assert "87.50 % !" in lines[3]
    assert "6.00 (4.00-8.00)" in lines[3]
    assert "!" not in lines[4]


def test_the_report_is_a_table_a_json_and_a_picture(
    rows: list[dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = {
        "machine": {"processor": "Fake", "cores": 2, "isa": "avx2"},
        "data": {"scored": {"file": "test.jsonl", "stories": 4, "tokens": 800}},
        "rounds": 3,
        "baseline": "pipeline",
        "left_out": {"spaCy textcat": "spaCy textcat: not installed: spacy."},
        "systems": rows,
    }
    speed_report.write_report(report, {system.name: system for system in SYSTEMS}, tmp_path / "out" / "speed")
    printed = capsys.readouterr().out
    assert "left out: spaCy textcat: not installed: spacy." in printed
    assert "* its arithmetic is not limited by --isa" in printed
    written = json.loads((tmp_path / "out" / "speed.json").read_text(encoding="utf-8"))
    assert [row["name"] for row in written["systems"]][:2] == ["TF-IDF + LR *", "news (openvino)"]
    assert (tmp_path / "out" / "speed.png").read_bytes().startswith(b"\x89PNG")


def test_a_picture_of_one_system_can_be_drawn(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    draw(rows[:1], tmp_path / "one.png", title="a", subtitle="b")
    assert (tmp_path / "one.png").stat().st_size > 1000


def test_systems_are_chosen_by_a_part_of_their_name() -> None:
    assert [system.name for system in speed.chosen(SYSTEMS, ["openvino"])] == ["news (openvino)", "pipeline"]
    assert speed.chosen(SYSTEMS, None) == SYSTEMS
    with pytest.raises(InputError, match=r"no system 'pipelin3'. Did you mean 'pipeline'\?"):
        speed.chosen(SYSTEMS, ["pipelin3"])


def on(device: str, *more: str) -> argparse.Namespace:
    """The options of a run on a device."""
    arguments = speed._parser().parse_args(["--device", device, *more])
    speed._fill_in(arguments)
    return arguments


def systems_on(device: str) -> list[System]:
    model = find_model("news")
    return speed.all_systems({model: load_manifest("news")}, model, on(device))


def test_on_a_gpu_the_torch_engine_is_set_beside_the_pipeline_alone() -> None:
    systems = systems_on("cuda")
    assert [system.name for system in systems] == [
        "news (torch)", "news (torch, whole model alone)", "pipeline", "pipeline bf16", "pipeline fp16",
    ]  # fmt: skip
    assert {system.options["device"] for system in systems} == {"cuda"}
    assert {system.options["dtype"] for system in systems[2:]} == {"float32", "bfloat16", "float16"}
    command = first_label_command(systems[0], Path(), "talks", isa=None)
    assert command[-4:] == ["--engine", "torch", "--device", "cuda"]


def test_on_the_cpu_no_system_asks_for_a_gpu() -> None:
    systems = systems_on("cpu")
    assert {"news (openvino)", "ONNX Runtime int8", "TF-IDF + LR"} < {system.name for system in systems}
    assert {system.options.get("device", "cpu") for system in systems} == {"cpu"}
    assert "pipeline fp16" not in {system.name for system in systems}


def test_large_batches_are_tried_on_a_gpu() -> None:
    assert max(BATCH_SIZES["cuda"]) == 512
    assert speed._tune_on(on("cuda")) >= 2 * max(BATCH_SIZES["cuda"])
    assert speed._tune_on(on("cpu")) == 128


def test_all_pipelines_are_kept_on_a_gpu_and_the_fastest_is_compared_with() -> None:
    kept = speed.chosen(systems_on("cuda"), ["whole"], speed_report.baselines("cuda"))
    assert [system.name for system in kept][1:] == ["pipeline", "pipeline bf16", "pipeline fp16"]
    fakes = [
        measured("news (torch)", "news", [1.0]),
        measured("pipeline", "news", [4.0]),
        measured("pipeline bf16", "news", [3.0]),
    ]
    assert speed_report.compared_with(fakes, "cuda") == "pipeline bf16"
    assert speed_report.compared_with(fakes, "cpu") == "pipeline"
    assert speed_report.compared_with(fakes[:1], "cuda") == "pipeline"


def test_on_a_gpu_labels_are_compared_with_the_float32_pipeline_of_the_same_weights() -> None:
    fakes = [measured(name, model, [1.0]) for name, model in (("a", "news"), ("b", "fast"), ("pipeline", "news"))]
    assert speed_report.references_of(fakes, "cuda") == {"a": "pipeline", "pipeline": "pipeline"}
    assert speed_report.references_of(fakes[:2], "cuda") == {}


def test_the_report_names_the_gpu() -> None:
    report = {
        "machine": {"processor": "Fake", "cores": 2, "isa": None, "gpu": "Fake H100"},
        "data": {"scored": {"file": "test.jsonl", "stories": 4, "tokens": 800}},
        "rounds": 3,
        "baseline": "pipeline bf16",
    }
    assert speed_report.headings(report)[1].startswith(
        "Fake H100, 2 cores; 4 stories, × = times as fast as pipeline bf16"
    )


def test_an_older_processor_is_not_asked_for_beside_a_gpu() -> None:
    with pytest.raises(InputError, match=r"--isa avx2 limits the processor\. Leave it out with --device cuda\."):
        speed.run(on("cuda", "--isa", "avx2"))


def test_quick_reads_the_examples() -> None:
    arguments = speed._parser().parse_args(["--quick", "--validation", "mine.jsonl"])
    speed._fill_in(arguments)
    assert Path(arguments.data) == speed.EXAMPLES / "test.jsonl"
    assert (arguments.validation, arguments.rounds, arguments.cold_starts) == ("mine.jsonl", 3, 1)


def test_a_missing_package_is_named() -> None:
    assert System("a", "b", needs=("json", "no_such_package")).missing() == ["no_such_package"]


def test_another_training_file_is_another_cached_peer(tmp_path: Path) -> None:
    trained = SYSTEMS[3]
    assert peer_folder(tmp_path, trained, "aa").name.startswith("tf-idf-lr-")
    assert peer_folder(tmp_path, trained, "aa") != peer_folder(tmp_path, trained, "bb")
    assert peer_folder(tmp_path, SYSTEMS[2], "aa") == peer_folder(tmp_path, SYSTEMS[2], "bb")


def test_a_trained_peer_is_not_trained_again(tmp_path: Path) -> None:
    assert prepare(SYSTEMS[3], tmp_path, {"texts": "none", "targets": "none"}, {}) is None


def test_the_worker_answers_requests(tmp_path: Path) -> None:
    peer, texts, targets = FakePeer(), tmp_path / "texts.json", tmp_path / "targets.json"
    texts.write_text('["ab", "abcd"]', encoding="utf-8")
    targets.write_text("[[1.0], [0.0]]", encoding="utf-8")
    answer(peer, {"do": "train", "texts": str(texts), "targets": str(targets)})
    answer(peer, {"do": "load"})
    assert peer.asked == ["train 2 (2, 1)", "load"]
    assert answer(peer, {"do": "tune", "texts": str(texts)})["chosen"] == {"batch_size": 2}
    assert answer(peer, {"do": "score", "texts": str(texts)})["probabilities"] == [[0.02], [0.04]]
    assert len(answer(peer, {"do": "latency", "text": "a", "repeats": 3})["ms"]) == 3
    assert answer(peer, {"do": "memory"})["peak_mb"] >= 0


def test_each_round_starts_with_another_system() -> None:
    assert rotated([1, 2, 3], 1) == [2, 3, 1]  # type: ignore[list-item]
    assert rotated([], 1) == []


def test_the_fastest_candidate_is_chosen() -> None:
    from time import sleep

    assert fastest([0.02, 0.0], sleep) == 0.0


def test_an_older_processor_is_asked_for_by_variables(tmp_path: Path) -> None:
    assert environment(None, tmp_path) == {}
    limited = environment("avx2", tmp_path)
    assert limited["ONEDNN_MAX_CPU_ISA"] == "AVX2"
    assert limited["XDG_CACHE_HOME"] != environment("avx512", tmp_path)["XDG_CACHE_HOME"]


def test_the_processor_is_read_from_cpuinfo(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("model name\t: Fast One\nflags\t\t: sse avx512_bf16\n", encoding="utf-8")
    assert (processor(cpuinfo), has_bf16(cpuinfo)) == ("Fast One", True)
    assert has_bf16(tmp_path / "none") is False
    assert processor(tmp_path / "none")


def test_the_reason_of_a_failure_is_the_last_line_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("Traceback\nOSError: no model\n\n", encoding="utf-8")
    assert last_line(log) == "OSError: no model"


def test_stories_are_spread_evenly_and_no_text_stands_twice(tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    rows = [{"text": f"story {number % 5}", "labels": ["a"] if number % 2 else []} for number in range(10)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert load_texts("test", str(path), ["a", "b"]).texts == tuple(f"story {number}" for number in range(5))
    few = load_texts("test", str(path), ["a", "b"], most=3)
    assert few.texts == ("story 0", "story 2", "story 4")
    assert few.targets.tolist() == [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]
