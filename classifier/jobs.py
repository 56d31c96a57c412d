"""Batch labelling that loses nothing: chunks, checkpoints, resume, each text scored once.

A job writes its rows into a folder beside the output (`labelled.csv.job/`) and turns them into the output when all
are there. Whatever happens in between, the same command goes on, and the finished file is byte for byte that of an
undisturbed run:

    reader thread              main thread                               writer thread
    source → chunk of stories  texts not seen before → scores → rows     rows → rows.jsonl
                               (there, or by several worker processes)

Every few seconds `rows.jsonl` is made durable, and then one transaction records how many records are done and how
long it is. A resumed job cuts `rows.jsonl` to that length and skips that many records. Chunks are cut by count and
length alone and scores are kept by text, so that a resumed job scores the very batches that an undisturbed one would.
A job that is asked to stop gives up the chunk that it is at, of which nothing is kept, and saves those before.
Leaves out: the two other threads (job_input.py, job_rows.py), who holds and removes the folder (job_files.py), what is
scored of a chunk and by whom (job_chunks.py, job_workers.py), formats (stories.py, outputs.py), the model, the terminal
(predict.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifier.checkpoints import JobState
from classifier.errors import EngineError, InputError
from classifier.folders import job_folder
from classifier.job_chunks import Chunks
from classifier.job_files import ROWS, check_rows, check_same_job, open_job, remove_job
from classifier.job_input import Done, ahead, chunks_left
from classifier.job_labels import Asked, InProcess, Labeller, Row
from classifier.job_progress import Progress
from classifier.job_rows import RowsFile
from classifier.layout import Columns, Layout
from classifier.near_duplicates import NearDuplicates
from classifier.outputs import Output, finish_output
from classifier.pipeline import Classifier
from classifier.rows import label_names, own_columns, places_asked
from classifier.stopping import Stopped
from classifier.stories import Story
from classifier.tally import Tally

_WAITING_CHUNKS = 2  # between two threads: enough to overlap, few enough to hold


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done.

    Attributes:
        output: The finished file: its path and format.
        fingerprint: All that the rows depend on; a resume with another one is refused.
        prefix: Put before the names of the label columns.
        near_duplicates: Add the column `near_duplicate_group`: the number of the first record with nearly this text.
        evidence: Find the sentences that carried each topic.
        later: Find the topics that a long story turns to only later.
        strict: Stop at the first record that cannot be labelled.
        checkpoint_s: Seconds between two checkpoints.
    """

    output: Output
    fingerprint: Mapping[str, Any]
    prefix: str = ""
    near_duplicates: bool = False
    evidence: bool = False
    later: bool = False
    strict: bool = False
    checkpoint_s: float = 5.0

    @property
    def folder(self) -> Path:
        """Where the job keeps its rows and its state until it is done."""
        return job_folder(self.output.path)

    @property
    def more(self) -> tuple[str, ...]:
        """The columns of `rows.PLACES` that are asked for."""
        return places_asked(evidence=self.evidence, later=self.later)


def run_job(
    job: Job,
    classifier: Classifier,
    stories: Iterator[Story],
    *,
    show: Callable[[Progress], None] = lambda progress: None,
    should_stop: Callable[[], bool] = lambda: False,
    position: Callable[[], int] = lambda: 0,
    labeller: Labeller | None = None,
) -> Progress:
    """Labels all stories into the output, going on where an earlier run was.

    Args:
        job: What is to be done.
        classifier: The model.
        stories: The records, from the first on, in an order that is the same in every run.
        show: Called after every chunk.
        should_stop: Asked before every batch, after every chunk, while the input is waited for and the output is made.
        position: How many bytes of the input the stories taken so far are; asked by the thread that takes them.
        labeller: Who labels what is new; None labels in this process. The output does not depend on it.

    Raises:
        InputError: If the job in the folder is another one, the input has changed, or the disk is full.
        EngineError: If a worker process is gone.
        Stopped: If `should_stop` said so; the same call goes on.
    """
    state = open_job(job.folder, len(classifier.labels))
    keep, is_new = True, state.read("fingerprint") is None
    try:
        check_same_job(job.folder, state, job.fingerprint)
        check_rows(job.folder, state, job.output.path)
        run = _Run(job, classifier, state, labeller or InProcess(classifier))
        if state.read("complete"):
            run.compare(stories, should_stop)
        else:
            run.label(stories, show, should_stop, position)
        layout = Layout(run.columns, classifier.labels, job.prefix, job.more)
        finish_output(job.folder / ROWS, job.output, layout, should_stop=should_stop)
        state.commit({"written": True})
        keep = False
    except InputError:
        keep = not is_new or state.read("progress") is not None  # else nothing is there to go on with
        raise
    finally:
        if keep:
            state.close()
        else:
            remove_job(job.folder, state)
    return run.progress


class _Run:
    """One run of a job, from its last checkpoint on."""

    def __init__(self, job: Job, classifier: Classifier, state: JobState, labeller: Labeller) -> None:
        self._job, self._state = job, state
        saved = state.read("progress") or {}
        self.progress = Progress(
            rows=saved.get("rows", 0),
            resumed=saved.get("rows", 0),
            duplicates=saved.get("duplicates", 0),
            near_duplicates=saved.get("near_duplicates", 0),
            tally=Tally(saved.get("tally")),
        )
        self.columns = Columns(saved.get("columns"))
        self._ours = set(label_names(job.prefix, job.more))
        near = NearDuplicates(state.database) if job.near_duplicates else None
        asked = Asked(job.prefix, evidence=job.evidence, later=job.later)
        self._chunks = Chunks(classifier, state, labeller, asked, near=near, first=self.progress.rows)
        self._size, self._digest = saved.get("size", 0), bytes.fromhex(saved.get("digest", ""))
        version, is_all = state.read("digest_version") or 1, bool(state.read("complete"))
        self._done = Done(self.progress.resumed, self._digest, version, is_all)

    def compare(self, stories: Iterator[Story], should_stop: Callable[[], bool]) -> None:
        """Reads the input of a job whose rows are all there; refuses another, which no fingerprint of a pipe tells."""
        for _ in ahead(chunks_left(stories, self._job.folder, self._done), _WAITING_CHUNKS, should_stop):
            pass

    def label(
        self,
        stories: Iterator[Story],
        show: Callable[[Progress], None],
        should_stop: Callable[[], bool],
        position: Callable[[], int],
    ) -> None:
        """Labels what is left, and marks the job as complete."""
        left = chunks_left(stories, self._job.folder, self._done)
        placed = ((part, digest, position()) for part, digest in left)
        with RowsFile(self._job.folder / ROWS, self._size, _WAITING_CHUNKS) as rows:
            saved = time.monotonic()
            try:
                for _ in self._due(ahead(placed, _WAITING_CHUNKS, should_stop)):
                    self._finish(rows, should_stop)
                    show(self.progress)
                    if should_stop():
                        raise Stopped
                    if time.monotonic() - saved >= self._job.checkpoint_s:
                        self._save(rows)
                        saved = time.monotonic()
            except (Stopped, EngineError):
                with suppress(Stopped, EngineError):  # what workers have done, as far as nothing more is to be scored
                    while self._chunks.is_labelled():
                        self._finish(rows, should_stop)
                self._save(rows)
                raise
            self._save(rows, complete=True)

    def _due(self, placed: Iterator[tuple[Sequence[Story], bytes, int] | None]) -> Iterator[None]:
        """Begins the chunks; something each time that the first of them is to be finished."""
        for item in placed:
            if item is not None:
                self._chunks.begin(*item)
            while self._chunks.is_due():
                yield
        while self._chunks.is_due(at_end=True):
            yield

    def _finish(self, rows: RowsFile, should_stop: Callable[[], bool]) -> None:
        """Takes the first chunk over whole, or stops and changes nothing."""
        chunk, labelled, store = self._chunks.finish(should_stop)
        self._stop_at_error(labelled)
        self._chunks.keep(store)
        rows.write([row.line for row in labelled])
        for story, row in zip(chunk.work.stories, labelled, strict=True):
            self.columns.see(own_columns(story, self._ours))
            self.progress.tally.add(story.columns, row.topics, review=row.review, error=row.error)
        self.progress.rows += len(labelled)
        self.progress.duplicates += len(chunk.known)
        self.progress.near_duplicates += chunk.near_copies
        self._digest, self.progress.position_bytes = chunk.digest, chunk.end

    def _save(self, rows: RowsFile, *, complete: bool = False) -> None:
        """A checkpoint: the rows first, then what says how many of them count."""
        started = time.monotonic()
        self._size = rows.sync()
        progress = {
            "rows": self.progress.rows,
            "duplicates": self.progress.duplicates,
            "near_duplicates": self.progress.near_duplicates,
            "tally": self.progress.tally.counts,
            "columns": self.columns.kinds,
            "size": self._size,
            "digest": self._digest.hex(),
        }
        self._state.commit({"progress": progress, "complete": complete})
        self.progress.checkpoint_time_s += time.monotonic() - started

    def _stop_at_error(self, rows: Sequence[Row]) -> None:
        """With `strict`, the first error ends the job; its chunk is not done then, so that it is met again."""
        first = next((row.error for row in rows if row.error is not None), None)
        if self._job.strict and first is not None:
            advice = "Correct it and start over with --restart, or go on without --strict."
            raise InputError(f"{first} Stopped there (--strict). {advice}")
