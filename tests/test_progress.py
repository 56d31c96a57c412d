"""What is shown of a job follows what is labelled, not what is read ahead."""

from __future__ import annotations

import gzip
import json
import random
import re
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from classifier import Classifier
from classifier.job_progress import Progress
from classifier.jobs import Job, run_job
from classifier.meter import Meter
from classifier.outputs import output_for
from classifier.progress import show_progress
from classifier.scorable import CHUNK
from classifier.sources import find_sources
from classifier.stopping import Stopped
from classifier.stories import ReadOptions, read_stories

ROWS = 8 * CHUNK


@pytest.fixture(scope="module")
def feeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A feed that fits into one block of the disk, in every format."""
    folder, rng = tmp_path_factory.mktemp("feeds"), random.Random(0)
    texts = ["".join(rng.choices("abcdefghij ", k=40)) for _ in range(ROWS)]
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()
    (folder / "a.jsonl").write_bytes(lines)
    (folder / "a.jsonl.gz").write_bytes(gzip.compress(lines))
    with pyarrow.output_stream(str(folder / "a.jsonl.zst"), compression="zstd") as stream:
        stream.write(lines)
    (folder / "a.csv").write_text("text\n" + "".join(text + "\n" for text in texts))
    parquet.write_table(pyarrow.table({"text": texts}), folder / "a.parquet")
    return folder


def shares(folder: Path, feed: Path, classifier: Classifier, stop_after: int | None = None) -> list[float]:
    """The share of the input that each chunk of a job ends at."""
    [source] = find_sources([str(feed)])
    meter, shown = Meter(), list[float]()
    stories = read_stories(source, ReadOptions(), meter)
    run_job(
        Job(output_for(str(folder / "out.jsonl")), fingerprint={}),
        classifier,
        stories,
        show=lambda progress: shown.append(progress.position_bytes / source.size_bytes),
        should_stop=lambda: len(shown) == stop_after,
        position=meter.position,
    )
    return shown


@pytest.mark.parametrize(
    ("name", "off"),
    [("a.jsonl", 0.01), ("a.csv", 0.01), ("a.parquet", 0.01), ("a.jsonl.gz", 0.05), ("a.jsonl.zst", 0.2)],
)
def test_the_share_is_that_of_the_rows_labelled(
    tmp_path: Path, feeds: Path, counting_classifier: Classifier, name: str, off: float
) -> None:
    expected = [number / 8 for number in range(1, 9)]
    assert shares(tmp_path, feeds / name, counting_classifier) == pytest.approx(expected, abs=off)
    with pytest.raises(Stopped):
        shares(tmp_path, feeds / name, counting_classifier, stop_after=3)
    assert shares(tmp_path, feeds / name, counting_classifier) == pytest.approx(expected[3:], abs=off)  # goes on


def test_time_left_goes_by_what_is_labelled(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    times = iter(range(0, 1000, 40))
    monkeypatch.setattr("classifier.progress.time.monotonic", lambda: next(times))
    with show_progress(1000) as show:
        show(Progress(rows=10, position_bytes=100))
        show(Progress(rows=20, position_bytes=200))
    last = capsys.readouterr().err.splitlines()[-1]
    left = re.fullmatch(r"20 rows, 20%, \d+ rows/s, (\d+):(\d\d) left", last)
    assert left is not None, last
    assert int(left[1]) * 60 + int(left[2]) == 8 * 80  # 100 bytes took two looks at the clock
