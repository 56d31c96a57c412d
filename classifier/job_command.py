"""`python -m classifier.predict … -o FILE`: a command line as a job.

What the rows depend on is its fingerprint, signals stop it, and its counts are shown at the end. Leaves out: the job
itself (jobs.py), the command line (arguments.py), the sources (predict.py).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext, suppress
from typing import Any

from classifier.job_files import forget_job
from classifier.job_input import identity
from classifier.job_progress import Progress
from classifier.job_workers import Workers
from classifier.jobs import Job, run_job
from classifier.meter import Meter
from classifier.outputs import Output
from classifier.pipeline import Classifier
from classifier.process import exit_code, stop_signals, write_errors
from classifier.progress import show_progress
from classifier.sources import Source
from classifier.stopping import Stopped
from classifier.stories import ReadOptions, Story
from classifier.tally import print_summary

_READ_BY = ("text_field", "title_field", "id_field", "split", "split_records", "encoding")
_MADE_BY = ("text", "prefix", "near_duplicates", "evidence", "later_topics", "max_windows")


def label_into(
    output: Output,
    arguments: argparse.Namespace,
    sources: Sequence[Source],
    options: ReadOptions,
    *,
    load: Callable[[], Classifier],
    stories: Callable[[Meter], Iterator[Story]],
) -> int:
    """Labels as a job, going on where an earlier run of the same command was; the exit code.

    Args:
        output: The file to be written.
        arguments: What `parse_arguments` gave.
        sources: The input, by which a resumed job knows it again.
        options: How records become stories.
        load: Gives the classifier, to each process its own; can be pickled.
        stories: Reads the input from its start, and counts the bytes.
    """
    classifier = load()
    job = Job(
        output=output,
        fingerprint=_fingerprint(output, classifier, arguments, sources, options),
        prefix=arguments.prefix,
        near_duplicates=arguments.near_duplicates,
        evidence=arguments.evidence,
        later=arguments.later_topics,
        strict=arguments.strict,
        checkpoint_s=arguments.checkpoint,
    )
    meter, total_bytes = Meter(), sum(source.size_bytes for source in sources)
    progress: Progress | None = None
    with write_errors(str(output.path)), stop_signals() as signals:
        if arguments.restart:
            forget_job(job.folder)
        with (
            show_progress(total_bytes, quiet=arguments.quiet) as show,
            suppress(Stopped),
            Workers(load, arguments.processes) if arguments.processes > 1 else nullcontext() as labeller,
        ):
            progress = run_job(
                job,
                classifier,
                stories(meter),
                show=show,
                should_stop=lambda: bool(signals),
                position=meter.position,
                labeller=labeller,
            )
        if progress is None:
            print("stopped, and all that was done is saved: the same command goes on from there", file=sys.stderr)
            return 128 + signals[0]
    if not arguments.quiet:
        print_summary(progress.tally, duplicates=progress.duplicates, near_duplicates=progress.near_duplicates)
    return exit_code(progress.tally.counts["rows"], progress.tally.counts["error"])


def _fingerprint(
    output: Output,
    classifier: Classifier,
    arguments: argparse.Namespace,
    sources: Sequence[Source],
    options: ReadOptions,
) -> dict[str, Any]:
    """All that the rows depend on: a job goes on only with the same."""
    return {
        "model": classifier.manifest.id,
        "engine": classifier.engine.name,
        "output": f"{output.format}{'.' + output.compression if output.compression else ''}",
        "cascade": classifier.first is not None,
        **{f"input {source.shown}": identity(source) for source in sources},
        **{name: getattr(options, name) for name in _READ_BY},
        **{name: getattr(arguments, name) for name in _MADE_BY},
    }
