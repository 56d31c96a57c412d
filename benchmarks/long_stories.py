"""What reading long stories whole gives, and what it costs.

    python -m benchmarks.long_stories ../shared/news/test.jsonl

Two measurements, the first two lines of each for the whole model without a cascade beside the same that stops after its
first window (the same thing where its rules ask for no more), the last for the model as it is used:

    long stories    those of the file with more than `--tokens` tokens: macro-F1, paired bootstrap; later topics, which
                    the label leaves out
    late evidence   texts made from the file in which the only evidence of a topic begins behind `--tokens` tokens
                    (training/late_evidence.py): share of topics found in the label, share found as a later topic, and
                    share of false alarms in the fronts alone

The costs are CPU times of the long stories over those without, the two in turns.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cpu_time import cpu_ratios
from classifier import Classifier
from classifier.command import run_command
from training.calibrate import Bools
from training.compare import compare
from training.config import DataConfig
from training.data import load_split
from training.late_evidence import TOKENS, LateStory, late_stories
from training.outcomes import score
from training.splits import Labelled


def main() -> int:
    """The exit code: 0 done, 1 a problem that the user can solve."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.long_stories",
        description="Measure what reading long stories whole gives, and what it costs.",
    )
    parser.add_argument("stories", type=Path, help="labelled stories: JSONL, CSV or Parquet with text and labels")
    parser.add_argument("--model", default="news", help="a model folder (default: the shipped model)")
    parser.add_argument("--tokens", type=int, default=TOKENS, help=f"a story is long from here on (default: {TOKENS})")
    parser.add_argument("--rounds", type=int, default=5, help="measurements of the cost (default: 5; 0: none)")
    arguments = parser.parse_args()
    return run_command(partial(_run, arguments))


def _run(arguments: argparse.Namespace) -> int:
    whole, first = (Classifier.load(arguments.model, cascade=False, max_windows=most) for most in (None, 1))
    used = Classifier.load(arguments.model)
    config = DataConfig(train=str(arguments.stories), labels=whole.labels)
    stories = load_split("test", config.train, config).stories
    for line in report(whole, first, used, stories, tokens=arguments.tokens, rounds=arguments.rounds):
        print(line, flush=True)
    return 0


def report(
    whole: Classifier,
    first: Classifier,
    used: Classifier,
    stories: Sequence[Labelled],
    *,
    tokens: int,
    rounds: int,
) -> Iterator[str]:
    """The lines of the report.

    Args:
        whole: The model without a cascade.
        first: The same, reading first windows alone.
        used: The model as it is used.
        stories: With topics that are indices into the model's labels.
        tokens: Content tokens from which a story is long, and behind which late evidence begins.
        rounds: Measurements of the cost.
    """
    joined = ", ".join(
        f"{label} {rule}" for label, rule in zip(whole.labels, whole.manifest.decision.pooling, strict=True)
    )
    yield f"{whole.manifest.id}, windows joined by: {joined}"
    lengths = [windows.tokens_total for windows in whole.tokenizer.windows([labelled.text for labelled in stories])]
    long = [labelled for labelled, length in zip(stories, lengths, strict=True) if length > tokens]
    yield f"long stories: {len(long)} of {len(stories)} have more than {tokens} tokens"
    if long:
        yield from _long_lines(compare(*(score(one, long, whole.labels).outcome for one in (first, whole))))
        yield _later_line(used, long)
    late = late_stories(stories, whole.tokenizer, tokens=tokens)
    yield f"late evidence: {len(late)} texts with a topic that begins behind {tokens} tokens or more"
    if late:
        yield from _late_lines(late, whole, first, used)
    some = [labelled.story for labelled in long]
    reading = partial(whole.classify_many, some), partial(first.classify_many, some)
    finding = partial(used.classify_many, some, later=True), partial(used.classify_many, some)
    for what, (dear, plain) in {"reading whole": reading, "finding later topics": finding}.items():
        ratios = cpu_ratios(dear, plain, rounds) if some else []
        if ratios:
            spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
            yield f"cost of {what}, long stories: {statistics.median(ratios):.2f} times ({spread})"


def _long_lines(found: dict[str, Any]) -> Iterator[str]:
    macro = found["macro_f1"]
    if macro["difference"] is not None:
        low, high = macro["difference_95"]
        yield (
            f"  macro-F1 {macro['new']:.3f} whole, {macro['old']:.3f} first window: "
            f"{macro['difference']:+.3f} ({low:+.3f} to {high:+.3f}), {found['changed']} with other topics"
        )
    for label, topic in found["by_topic"].items():
        if topic["difference"] is not None:
            yield f"  {label:<14} {topic['new']:.3f} whole, {topic['old']:.3f} first window"


def _later_line(used: Classifier, long: Sequence[Labelled]) -> str:
    predictions = used.classify_many((labelled.story for labelled in long), later=True)
    found = [[used.labels.index(topic) for topic in one.later_topics or {}] for one in predictions]
    some, topics = sum(map(bool, found)), sum(map(len, found))
    true = sum(topic in labelled.topics for labelled, later in zip(long, found, strict=True) for topic in later)
    return f"  later topics: {topics} in {some} stories ({some / len(long):.1%}); {true} of them are in the labels"


def _later(used: Classifier, texts: Sequence[str]) -> Bools:
    """Where a topic is given or found later, shape (texts, topics)."""
    predictions = used.classify_many(texts, later=True)
    return np.array(
        [[label in {*one.topics, *(one.later_topics or {})} for label in used.labels] for one in predictions]
    )


def _late_lines(late: Sequence[LateStory], whole: Classifier, first: Classifier, used: Classifier) -> Iterator[str]:
    true = np.array([[k in story.topics for k in range(len(whole.labels))] for story in late])
    texts, fronts = [story.text for story in late], [story.front for story in late]
    found, seen_first, alarms = whole.predict(texts), first.predict(texts), whole.predict(fronts)
    later, later_alarms = _later(used, texts), _later(used, fronts)
    for k, label in enumerate(whole.labels):
        about = true[:, k]
        if about.any():
            yield (
                f"  {label:<14} found in {found[about, k].mean():.2f} of {about.sum()} "
                f"(first window: {seen_first[about, k].mean():.2f}), in {alarms[:, k].mean():.3f} of the fronts alone; "
                f"with later topics in {later[about, k].mean():.2f}, in {later_alarms[:, k].mean():.3f} of the fronts"
            )


if __name__ == "__main__":
    raise SystemExit(main())
