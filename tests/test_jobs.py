"""A job loses nothing: stopped anywhere, it goes on and ends with the very bytes of an undisturbed run."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import json
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from classifier import Classifier, InputError, Story
from classifier import jobs as jobs_module
from classifier.checkpoints import JobState
from classifier.job_progress import Progress
from classifier.jobs import Job, run_job
from classifier.outputs import output_for
from classifier.scorable import CHUNK
from classifier.stopping import Stopped

WORDS = ["talks", "troops", "flood", "truce", "the", "a", "of", "said", "river", "minister"]
COUNT = 5 * CHUNK + 17
FORMATS = ["rows.jsonl", "rows.jsonl.gz", "rows.jsonl.zst", "rows.csv", "rows.csv.gz", "rows.csv.zst", "rows.parquet"]


def stories(count: int = COUNT, seed: int = 0) -> list[Story]:
    """Stories with columns of every kind, duplicates, records with an error, a column that turns up late."""
    rng = random.Random(seed)
    made = []
    for number in range(count):
        text = " ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 60)))
        if number % 7 == 3:
            text = "the flood of the river"
        columns: dict[str, Any] = {"id": number, "text": text, "weight": number / 2}
        columns["day"] = f"2024-03-{1 + number % 28:02d}"
        columns |= {"tags": ["a", "b"], "nested": {"x": [number]}} if number % 5 else {}
        columns |= {"late": True, "topic": "own"} if number > count - 40 else {}
        error = f"feed:{number}: not JSON (at column {number})." if number % 101 == 50 else None
        made.append(Story(text=text, id=number, columns={} if error else columns, error=error))
    return made


def job(folder: Path, name: str = "rows.jsonl", **settings: Any) -> Job:
    settings = {"fingerprint": {"input": "stories"}, "checkpoint_s": 0.0, **settings}
    return Job(output=output_for(str(folder / name)), **settings)


def finished(folder: Path, classifier: Classifier, name: str = "rows.jsonl") -> bytes:
    folder.mkdir(exist_ok=True)
    run_job(job(folder, name), classifier, iter(stories()))
    return (folder / name).read_bytes()


class Crash(BaseException):
    """Stands for a power cut: nothing after it runs but what a dying process would leave."""


def crashing(items: list[Story], at: int) -> Iterator[Story]:
    yield from items[:at]
    raise Crash


def test_rows_in_are_rows_out_in_order(tmp_path: Path, counting_classifier: Classifier) -> None:
    progress = run_job(job(tmp_path), counting_classifier, iter(stories()))
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]
    assert [row["id"] for row in rows] == list(range(COUNT))
    assert progress.rows == progress.tally.counts["rows"] == COUNT
    assert progress.tally.counts["error"] == sum(row["error"] is not None for row in rows) > 0
    assert progress.tally.counts["kind"] == {"not JSON": progress.tally.counts["error"]}
    assert not (tmp_path / "rows.jsonl.job").exists()


def test_a_job_gives_the_rows_of_plain_streaming(tmp_path: Path, counting_classifier: Classifier) -> None:
    finished(tmp_path, counting_classifier)
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]
    for row, (_, prediction) in zip(rows, counting_classifier.stream(stories()), strict=True):
        assert (row["topics"], row["error"]) == (list(prediction.topics), prediction.error)


@pytest.mark.parametrize("name", FORMATS)
def test_a_crash_anywhere_changes_no_byte(tmp_path: Path, counting_classifier: Classifier, name: str) -> None:
    expected = finished(tmp_path / "undisturbed", counting_classifier, name)
    rng = random.Random(name)
    items = stories()
    for _ in range(4):
        with pytest.raises(Crash):
            run_job(job(tmp_path, name), counting_classifier, crashing(items, rng.randrange(COUNT)))
        assert not (tmp_path / name).exists()
        rows = tmp_path / f"{name}.job" / "rows.jsonl"
        with rows.open("ab") as file:  # what the crashed run wrote after its last checkpoint
            file.write(b'{"half a row": ')
    run_job(job(tmp_path, name), counting_classifier, iter(items))
    assert (tmp_path / name).read_bytes() == expected


def test_a_job_that_is_told_to_stop_saves_and_goes_on(tmp_path: Path, counting_classifier: Classifier) -> None:
    expected = finished(tmp_path / "undisturbed", counting_classifier)
    done: list[int] = []
    with pytest.raises(Stopped):
        run_job(
            job(tmp_path, checkpoint_s=1e9),
            counting_classifier,
            iter(stories()),
            show=lambda progress: done.append(progress.rows),
            should_stop=lambda: len(done) == 2,
        )
    progress = run_job(job(tmp_path), counting_classifier, iter(stories()))
    assert (done[-1], progress.resumed) == (2 * CHUNK, 2 * CHUNK)
    assert (tmp_path / "rows.jsonl").read_bytes() == expected


@pytest.mark.parametrize("evidence", [False, True])
def test_a_chunk_is_given_up_at_any_batch_and_done_again(
    tmp_path: Path, counting_classifier: Classifier, evidence: bool
) -> None:
    (tmp_path / "undisturbed").mkdir()
    whole = run_job(job(tmp_path / "undisturbed", evidence=evidence), counting_classifier, iter(stories()))
    engine: Any = counting_classifier.engine
    stops = 0
    for more in itertools.count(3, 11):  # a few batches more in each run, so that it is stopped within another chunk
        most = len(engine.batches) + more
        try:
            progress = run_job(
                job(tmp_path, evidence=evidence, checkpoint_s=1e9),
                counting_classifier,
                iter(stories()),
                should_stop=lambda most=most: len(engine.batches) >= most,
            )
            break
        except Stopped:
            stops += 1
            assert len(engine.batches) == most  # nothing was scored after the signal
    assert stops > 3
    assert (tmp_path / "rows.jsonl").read_bytes() == (tmp_path / "undisturbed" / "rows.jsonl").read_bytes()
    assert (progress.duplicates, progress.tally.counts) == (whole.duplicates, whole.tally.counts)


def test_a_job_stops_while_it_waits_for_its_input(tmp_path: Path, counting_classifier: Classifier) -> None:
    waits, goes_on = threading.Event(), threading.Event()

    def slow() -> Iterator[Story]:
        yield from stories()[: CHUNK + 3]
        waits.set()
        goes_on.wait(30)

    with pytest.raises(Stopped):
        run_job(job(tmp_path), counting_classifier, slow(), should_stop=waits.is_set)
    goes_on.set()
    progress = run_job(job(tmp_path), counting_classifier, iter(stories()))
    assert progress.resumed in (0, CHUNK)
    assert progress.rows == COUNT


def test_a_crash_while_the_output_is_made_loses_nothing(
    tmp_path: Path, counting_classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = finished(tmp_path / "undisturbed", counting_classifier, "rows.csv")
    with monkeypatch.context() as patch:
        patch.setattr(jobs_module, "finish_output", lambda *_, **__: (_ for _ in ()).throw(Crash))
        with pytest.raises(Crash):
            run_job(job(tmp_path, "rows.csv"), counting_classifier, iter(stories()))
    shown: list[Progress] = []
    run_job(job(tmp_path, "rows.csv"), counting_classifier, iter(stories()), show=shown.append)
    assert (tmp_path / "rows.csv").read_bytes() == expected
    assert not shown  # nothing was scored again


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.csv"])
@pytest.mark.parametrize("at", ["rows.jsonl", "state.sqlite"])
def test_a_crash_while_cleaning_up_leaves_the_finished_output(
    tmp_path: Path, counting_classifier: Classifier, monkeypatch: pytest.MonkeyPatch, name: str, at: str
) -> None:
    expected = finished(tmp_path / "undisturbed", counting_classifier, name)

    def crash(path: Path, missing_ok: bool = False) -> None:
        if path.name == at:
            raise Crash
        unlink(path, missing_ok=missing_ok)

    unlink = Path.unlink
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", crash)
        with pytest.raises(Crash):
            run_job(job(tmp_path, name), counting_classifier, iter(stories()))
    run_job(job(tmp_path, name), counting_classifier, iter(stories()))
    assert (tmp_path / name).read_bytes() == expected
    assert not (tmp_path / f"{name}.job").exists()


def test_each_text_is_scored_once(tmp_path: Path, counting_classifier: Classifier) -> None:
    items = stories()
    texts = {story.text for story in items if story.error is None}
    progress = run_job(job(tmp_path), counting_classifier, iter(items))
    engine: Any = counting_classifier.engine
    assert sum(len(batch.indices) for batch in engine.batches) == sum(
        len(read.input_ids) for read in counting_classifier.tokenizer.windows(sorted(texts))
    )
    assert progress.duplicates == sum(story.error is None for story in items) - len(texts) > 300


@pytest.mark.parametrize("at", [3, 2000])  # before the first checkpoint, and behind it
def test_another_job_in_the_folder_is_refused_with_what_differs(
    tmp_path: Path, counting_classifier: Classifier, at: int
) -> None:
    first = job(tmp_path)
    first.folder.mkdir()
    state = JobState(first.folder / "state.sqlite", len(counting_classifier.labels))
    state.commit({"fingerprint": dict(first.fingerprint)})
    state.close()
    with pytest.raises(Crash):
        run_job(first, counting_classifier, crashing(stories(), at))
    other = job(tmp_path, fingerprint={"input": "others", "model": "m@1"})
    expected = r"2 problems\n.*input: was 'stories', is 'others'\n.*model: was None, is 'm@1'"
    for _ in range(2):  # the refusal changes nothing
        with pytest.raises(InputError, match=expected):
            run_job(other, counting_classifier, iter(stories()))


def test_input_that_changed_is_refused(tmp_path: Path, counting_classifier: Classifier) -> None:
    with pytest.raises(Crash):
        run_job(job(tmp_path), counting_classifier, crashing(stories(), 2000))
    with pytest.raises(InputError, match="are not those that the job was started with"):
        run_job(job(tmp_path), counting_classifier, iter(stories(seed=1)))
    with pytest.raises(InputError, match=r"the input has 5 records, 1,\d\d\d were done before"):
        run_job(job(tmp_path), counting_classifier, iter(stories()[:5]))


def test_a_second_job_on_the_same_output_is_refused(tmp_path: Path, counting_classifier: Classifier) -> None:
    def nested() -> Iterator[Story]:
        with pytest.raises(InputError, match="another job is writing here"):
            run_job(job(tmp_path), counting_classifier, iter([]))
        yield from stories(10)

    run_job(job(tmp_path), counting_classifier, nested())
    assert len((tmp_path / "rows.jsonl").read_bytes().splitlines()) == 10


def test_strict_stops_at_the_first_error(tmp_path: Path, counting_classifier: Classifier) -> None:
    with pytest.raises(InputError, match=r"feed:50: not JSON .*--strict"):
        run_job(job(tmp_path, strict=True), counting_classifier, iter(stories()))


def test_all_formats_hold_the_same_rows(tmp_path: Path, counting_classifier: Classifier) -> None:
    made = {name: finished(tmp_path, counting_classifier, name) for name in FORMATS}
    plain = made["rows.jsonl"]
    assert gzip.decompress(made["rows.jsonl.gz"]) == plain
    with pyarrow.input_stream(str(tmp_path / "rows.jsonl.zst"), compression="zstd") as stream:
        assert stream.read() == plain
    assert gzip.decompress(made["rows.csv.gz"]) == made["rows.csv"]
    rows = [json.loads(line) for line in plain.splitlines()]
    table = list(csv.DictReader(io.StringIO(made["rows.csv"].decode("utf-8"))))
    arrow = parquet.read_table(tmp_path / "rows.parquet").to_pylist()
    assert len(rows) == len(table) == len(arrow) == COUNT
    for row, cells, typed in zip(rows, table, arrow, strict=True):
        assert cells["topics"] == "|".join(row["topics"])
        assert typed["topics"] == row["topics"]
        assert (typed["id"], typed["review"], typed["tokens_read"]) == (row["id"], row["review"], row["tokens_read"])
        assert typed["score_military"] == row["scores"].get("military")
        assert (typed["weight"], typed["tags"]) == (row.get("weight"), row.get("tags"))
        assert typed["input_topic"] == row.get("input_topic")
        assert (json.loads(typed["nested"]) if typed["nested"] else None) == row.get("nested")


def test_near_copies_share_a_group_and_exact_copies_too(tmp_path: Path, counting_classifier: Classifier) -> None:
    rng = random.Random(5)
    base = " ".join(f"word{rng.randrange(5000)}" for _ in range(120))
    other = " ".join(f"word{rng.randrange(5000)}" for _ in range(120))
    texts = [base, other, f"UPDATE 1 {base} More to come.", other, "short talks", base.replace("word1", "word7", 2)]
    items = [Story(text=text, id=number, columns={"text": text}) for number, text in enumerate(texts)]
    with pytest.raises(Crash):
        run_job(job(tmp_path, near_duplicates=True), counting_classifier, crashing(items, 4))
    progress = run_job(job(tmp_path, near_duplicates=True), counting_classifier, iter(items))
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["near_duplicate_group"] for row in rows] == [0, 1, 0, 1, 4, 0]
    assert progress.near_duplicates == 3


def test_label_columns_take_the_prefix_and_own_columns_stay(tmp_path: Path, counting_classifier: Classifier) -> None:
    run_job(job(tmp_path, prefix="news_"), counting_classifier, iter(stories()))
    last = json.loads((tmp_path / "rows.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert last["topic"] == "own"
    assert "news_topic" in last
    run_job(job(tmp_path, "rows.parquet", prefix="news_"), counting_classifier, iter(stories()))
    names = parquet.read_schema(tmp_path / "rows.parquet").names
    assert {"topic", "news_topic", "news_score_disaster"} <= set(names)
