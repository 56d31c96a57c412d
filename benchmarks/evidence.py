"""How faithful evidence is, and what it costs.

    python -m benchmarks.evidence ../shared/news/validation.jsonl

One JSON object a line with `text` and perhaps `title`. For every story and every topic that it was given, the evidence
is taken out of the story, and the rest is scored like any story (DeYoung et al. 2020, arXiv:1911.03429):

    comprehensiveness  p(story) - p(story without its evidence): high where the evidence was needed
    sufficiency        p(story) - p(evidence alone): low where the evidence is enough
    lower than random  share of pairs whose probability falls further than when as many random sentences are taken out
                       (the mean of up to `--draws` draws from the sentences that the model read for that topic)

A story whose evidence is all that was read has nothing to compare with, and is only counted. The cost is the CPU
time of all stories with evidence over that without, the two measured in turns.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

from benchmarks.cpu_time import cpu_ratios
from classifier import Classifier, Prediction, Story
from classifier.command import run_command
from classifier.decide import Floats, probabilities_of
from classifier.errors import InputError
from classifier.evidence import Sentence, count_read, story_sentences
from classifier.stories import ReadOptions
from classifier.tokens import story_text
from training.reading import read_origin

GROUPS: dict[str, Callable[[int], bool]] = {
    "2 sentences": lambda count: count == 2,
    "3 or more": lambda count: count >= 3,
    "all": lambda count: True,
}


@dataclass(frozen=True, slots=True)
class Pair:
    """A story with a topic that it was given.

    Attributes:
        story: The story.
        topic: The topic.
        probability: What the story got.
        read: The sentences that the model read for this topic.
        evidence: Which of these are its evidence.
    """

    story: Story
    topic: str
    probability: float
    read: list[Sentence]
    evidence: tuple[int, ...]

    def draws(self, rng: random.Random, most: int) -> list[tuple[int, ...]]:
        """As many sentences as the evidence has, at random: all ways where there are few, else `most` of them."""
        count, chosen = len(self.read), len(self.evidence)
        if math.comb(count, chosen) <= most:
            return list(combinations(range(count), chosen))
        return [tuple(rng.sample(range(count), chosen)) for _ in range(most)]

    def without(self, left_out: Sequence[int]) -> Story:
        """The story without some of its sentences."""
        fields = {"title": self.story.title, "text": self.story.text}
        places = {name: sorted((s for s in self.read if s.field == name), key=lambda s: s.start) for name in fields}
        if not places["title"]:
            fields["title"] = ""  # the text repeats it: with its sentence gone from there, it is gone
        gone = {(self.read[number].field, self.read[number].start) for number in left_out}
        for name, some in places.items():
            for sentence in reversed(some):
                if (name, sentence.start) in gone:
                    fields[name] = fields[name][: sentence.start] + fields[name][sentence.end :]
        return Story(**fields)

    def only(self, kept: Sequence[int]) -> Story:
        """Some of the sentences, in their order, as a story."""
        return Story(text="\n".join(self.read[number].read for number in sorted(kept)))


@dataclass(frozen=True, slots=True)
class Measured:
    """What taking sentences out of one story did: probabilities lost, of a random choice the means over the draws."""

    sentences: int
    comprehensiveness: float
    sufficiency: float
    random_comprehensiveness: float
    random_sufficiency: float

    @property
    def is_lower(self) -> bool:
        """True if the evidence was missed more than random sentences."""
        return self.comprehensiveness > self.random_comprehensiveness


def read_pairs(classifier: Classifier, stories: Sequence[Story]) -> list[Pair]:
    """One pair a story and topic."""
    pairs = []
    for story, prediction in classifier.stream(stories, evidence=True):
        if prediction.topics:
            pairs += _pairs_of(classifier, story, prediction)
    return pairs


def _pairs_of(classifier: Classifier, story: Story, prediction: Prediction) -> Iterator[Pair]:
    found = story_sentences(story)
    lengths = [windows.tokens_total for windows in classifier.tokenizer.windows([one.read for one in found])]
    for topic, count in count_read(classifier, lengths, prediction).items():
        read = found[:count]
        places = [(sentence.field, sentence.start) for sentence in read]
        chosen = tuple(places.index((one.field, one.start)) for one in prediction.evidence[topic])
        yield Pair(story, topic, prediction.scores[topic], read, chosen)


def measure(classifier: Classifier, pairs: Sequence[Pair], *, draws: int, seed: int = 0) -> list[Measured]:
    """What is left of each pair's probability; pairs with nothing left to compare with are not among them."""
    rng, measured = random.Random(seed), []
    for pair in pairs:
        if len(pair.evidence) < len(pair.read):
            measured.append(_measure(classifier, pair, pair.draws(rng, draws)))
    return measured


def _measure(classifier: Classifier, pair: Pair, draws: Sequence[tuple[int, ...]]) -> Measured:
    choices = [pair.evidence, *draws]
    variants = [*(pair.without(choice) for choice in choices), *(pair.only(choice) for choice in choices)]
    lost = (pair.probability - _probabilities(classifier, variants, pair.topic)).tolist()
    without, only = lost[: len(choices)], lost[len(choices) :]
    return Measured(
        sentences=len(pair.read),
        comprehensiveness=without[0],
        sufficiency=only[0],
        random_comprehensiveness=statistics.fmean(without[1:]),
        random_sufficiency=statistics.fmean(only[1:]),
    )


def _probabilities(classifier: Classifier, stories: Sequence[Story], topic: str) -> Floats:
    """What the stories get for one topic, shape (stories,); only the windows that it looks at are scored."""
    decision, column = classifier.manifest.decision, classifier.labels.index(topic)
    max_windows = 1 if decision.pooling[column] == "first" else None
    texts = [story_text(story.title, story.text) for story in stories]
    read = classifier.tokenizer.windows(texts, max_windows=max_windows)
    logits, _ = classifier.text_logits(read)
    return probabilities_of(logits, decision)[:, column]


def cost(classifier: Classifier, stories: Sequence[Story], rounds: int) -> list[float]:
    """CPU time with evidence over CPU time without, once a round."""
    with_evidence, without = (partial(classifier.classify_many, stories, evidence=wanted) for wanted in (True, False))
    return cpu_ratios(with_evidence, without, rounds)


def report(pairs: Sequence[Pair], measured: Sequence[Measured]) -> Iterator[str]:
    """Lines of the report on faithfulness."""
    chosen = statistics.fmean(len(pair.evidence) for pair in pairs) if pairs else 0.0
    yield f"{len(pairs)} pairs of a story and a topic given, {chosen:.2f} sentences of evidence each"
    yield f"{len(pairs) - len(measured)} of them with nothing but the evidence"
    for name, belongs in GROUPS.items():
        some = [one for one in measured if belongs(one.sentences)]
        if some:
            yield f"{name:12s} {len(some):5d} pairs  {_figures(some)}"


def _figures(some: Sequence[Measured]) -> str:
    lower = sum(one.is_lower for one in some) / len(some)
    mean = {
        name: statistics.fmean(getattr(one, name) for one in some)
        for name in ("comprehensiveness", "random_comprehensiveness", "sufficiency", "random_sufficiency")
    }
    return (
        f"lower than random {lower:.1%}  "
        f"comprehensiveness {mean['comprehensiveness']:.3f} (random {mean['random_comprehensiveness']:.3f})  "
        f"sufficiency {mean['sufficiency']:.3f} (random {mean['random_sufficiency']:.3f})"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 a problem that the user can solve."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.evidence", description="Score evidence by taking it out of its stories, and time it."
    )
    parser.add_argument("stories", help="stories: JSONL, CSV or Parquet with text and perhaps title")
    parser.add_argument("--model", default="news", help="a model folder (default: the shipped model)")
    parser.add_argument("--draws", type=int, default=10, help="random choices a pair (default: 10)")
    parser.add_argument("--rounds", type=int, default=5, help="measurements of the cost (default: 5; 0: none)")
    return run_command(partial(_run, parser.parse_args(argv)))


def _run(arguments: argparse.Namespace) -> int:
    classifier = Classifier.load(arguments.model)
    stories = read_whole(arguments.stories)
    pairs = read_pairs(classifier, stories)
    for line in report(pairs, measure(classifier, pairs, draws=arguments.draws)):
        print(line, flush=True)
    labelled = [story for story, prediction in classifier.stream(stories) if prediction.topics]
    for name, some in {"all stories": stories, "stories with a topic": labelled}.items():
        ratios = cost(classifier, some, arguments.rounds)
        if ratios:
            print(f"cost, {name}: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})", flush=True)
    return 0


def read_whole(path: str) -> list[Story]:
    """The stories of a file.

    Raises:
        InputError: If it cannot be read, has no stories, or one of them cannot be read.
    """
    stories = list(read_origin("stories", path, ReadOptions(split=False)))
    broken = next((story.error for story in stories if story.error), None)
    if broken is not None or not stories:
        raise InputError(broken or f"{path}: no stories. Name a file of JSON lines with text and perhaps title.")
    return stories


if __name__ == "__main__":
    raise SystemExit(main())
