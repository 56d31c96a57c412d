"""`python -m training.cascade --model DIR --first DIR --texts FILE … --data FILE … --out DIR`: a small model in front.

Writes a copy of the model folder in which the smaller model looks at how each story begins, and the whole model scores
only what that one is not sure of: several times as fast, with the same topics but for a share that is bounded on the
texts (cascade_rule.py). They need no labels, but must be many, must not have trained either model, and should be as
hard as what will come. The smaller model must have been trained from the same tokenizer; the folder names it by its
path, relative to the folder, and its hash. Review bands are fitted anew on labelled stories, and of the rules that keep
the bound one is taken with which few are flagged; where the logits of both models say more than those of the whole one,
calibration and thresholds are fitted anew as well.
"""

from __future__ import annotations

import argparse
import functools
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from classifier import Classifier
from classifier.command import run_command
from classifier.decide import Decision, Floats
from classifier.errors import InputError
from classifier.manifest import MANIFEST, sha256
from classifier.scorable import CHUNK
from training.loading import loading

with loading("training.cascade"):
    import numpy as np
    from numpy.typing import NDArray

    from training.calibrate import WindowLogits, fit_decision
    from training.cascade_rule import Fitted, Promise, answers_of_both, cascade_record, fit_cascade, fit_share
    from training.cascade_texts import read_unlabelled_texts
    from training.labelled_files import (
        add_fitting_data,
        add_options,
        data_config,
        decision_settings,
        load_fitting_data,
        review_aim,
        share_above,
    )
    from training.measured_folder import refuse_existing, write_changed
    from training.report import summary
    from training.review_band import Aim, Review, fit_review, review_lines, review_record
    from training.splits import Split

_USELESS = (
    "warning: the first model is sure of none of the texts where it keeps the promise, so that it only costs time. "
    "Train it longer or from the whole model (training.teacher), or raise --most-changed."
)


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 a problem that the user can solve, 130 interrupted."""
    parser = argparse.ArgumentParser(
        prog="python -m training.cascade",
        description="Put a smaller model in front of a larger one, which scores the stories that it is not sure of.",
    )
    option, promise = parser.add_argument, Promise()
    option("--model", required=True, metavar="DIR", help="the whole model: a model folder")
    option("--first", required=True, metavar="DIR", help="the smaller one: a model folder or a shipped model")
    option("--texts", required=True, nargs="+", metavar="FILE", help="stories, with or without labels, by the thousand")
    add_fitting_data(parser)
    option("--out", required=True, metavar="DIR", help="the new model folder")
    option("--max-length", type=int, default=64, metavar="N", help="tokens that the smaller model reads (default: 64)")
    a_share = share_above(0, 0.0025)
    option(
        "--most-changed",
        type=a_share,
        metavar="SHARE",
        default=promise.most_changed,
        help="share of texts that may get other topics than if --model read all (default: %(default)s)",
    )
    option(
        "--confidence",
        type=a_share,
        metavar="SHARE",
        default=promise.confidence,
        help="how sure that is to be (default: %(default)s)",
    )
    add_options(parser)
    arguments = parser.parse_args(argv)
    return run_command(functools.partial(_run, arguments))


def _run(arguments: argparse.Namespace) -> int:
    """Writes the folder and says what is in it; everything that can be checked is checked first.

    Raises:
        ClassifierError: If models or data cannot be used, the promise cannot be kept, or the folder exists.
    """
    out, promise = Path(arguments.out), Promise(arguments.most_changed, arguments.confidence)
    refuse_existing(out)
    whole, first = (
        Classifier.load(name, engine="openvino", cascade=False) for name in (arguments.model, arguments.first)
    )
    _check_pair(whole, first, arguments.max_length)
    config = data_config(arguments, whole.manifest)
    splits = load_fitting_data(arguments, config)
    texts = read_unlabelled_texts(arguments.texts, config)
    if len(texts) < promise.fewest:
        raise InputError(
            f"{', '.join(arguments.texts)}: {len(texts):,} different texts, at least {promise.fewest:,} are needed to "
            f"show that no more than {promise.most_changed:.2%} get other topics."
        )
    aim = review_aim(whole.manifest)
    pair = fit_pair(whole, first, arguments.max_length, splits[0], aim)
    small, large = both_logits(whole, first, arguments.max_length, texts)
    fitted = fit_cascade(small, large + pair.share * small, pair.decision, promise, functools.partial(pair.review, aim))
    if not fitted.doubt:
        raise InputError(
            f"{arguments.first}: changes more than {promise.most_changed:.2%} of the texts however sure it is. Give it "
            "more tokens (--max-length), train it from the whole model (training.teacher), or raise --most-changed."
        )
    print("\n".join(_write(pair, fitted, promise, aim, splits, out)))
    return 0


@dataclass(frozen=True, slots=True)
class Pair:
    """Both models together.

    Attributes:
        whole: Scores what the first is not sure of.
        first: The smaller one.
        max_length: Tokens of each story that the first reads.
        share: Of the first's logits in an answer of the whole (see `Cascade`).
        decision: The rule for the logits of both.
        small: The first model's logits of the labelled stories, shape (stories, topics).
        large: The whole model's, of the same shape.
        true: Their topics, of the same shape.
    """

    whole: Classifier
    first: Classifier
    max_length: int
    share: float
    decision: Decision
    small: Floats
    large: Floats
    true: NDArray[np.bool_]

    def review(self, aim: Aim, fitted: Fitted) -> Review:
        """The review bands that the labelled stories need where the first model answers by `fitted`."""
        both = self.large + self.share * self.small
        probabilities = answers_of_both(self.small, both, fitted, self.decision)
        return fit_review(probabilities, self.true, self.decision.thresholds, aim)


def fit_pair(whole: Classifier, first: Classifier, max_length: int, validation: Split, aim: Aim) -> Pair:
    """Both models with the share and the rule that suit labelled stories."""
    true = validation.targets(len(whole.labels)) >= 0.5
    small, large = both_logits(whole, first, max_length, [labelled.text for labelled in validation.stories])
    share, own = fit_share(small, large, true), whole.manifest.decision
    if not share:
        return Pair(whole, first, max_length, share, own, small, large, true)
    logits = large + share * small
    windows, threshold = WindowLogits(logits, [1] * len(logits), true), decision_settings(whole.manifest).threshold
    fitted, _ = fit_decision(windows, whole.labels, aim=aim, rules=["first"], threshold=threshold)
    kept = {name: getattr(own, name) for name in ("pooling", "late_margin", "problem_type")}
    return Pair(whole, first, max_length, share, replace(fitted, **kept), small, large, true)


def both_logits(whole: Classifier, first: Classifier, max_length: int, texts: Sequence[str]) -> tuple[Floats, Floats]:
    """What the first model says of how the texts begin, and the whole model of the texts; each (texts, topics)."""
    logits: list[tuple[Floats, Floats]] = []
    for start in range(0, len(texts), CHUNK):
        read = whole.tokenizer.windows(texts[start : start + CHUNK], max_windows=whole.max_windows)
        openings = [whole.tokenizer.shortened(windows.input_ids[0], max_length) for windows in read]
        logits.append((first.window_logits(openings), whole.text_logits(read)[0]))
    small, large = (np.concatenate(parts) for parts in zip(*logits, strict=True))
    return small, large


def _check_pair(whole: Classifier, first: Classifier, max_length: int) -> None:
    """Refuses two models that cannot work together."""
    for manifest in (whole.manifest, first.manifest):
        if manifest.decision.problem_type == "multi_class":
            raise InputError(f"{manifest.id}: gives exactly one class a story; a cascade needs a yes or no a topic.")
    if first.labels != whole.labels:
        raise InputError(
            f"{first.manifest.id} has the topics {', '.join(first.labels)}, {whole.manifest.id} has "
            f"{', '.join(whole.labels)}. Both must have the same, in the same order."
        )
    if first.manifest.files.get("tokenizer.json") != whole.manifest.files.get("tokenizer.json"):
        raise InputError(f"{first.manifest.id} and {whole.manifest.id} have different tokenizers. Train both from one.")
    most = min(first.manifest.max_length, whole.manifest.max_length)
    if not 3 <= max_length <= most:
        raise InputError(f"--max-length {max_length}: {first.manifest.id} reads 3 to {most} tokens.")


def _write(pair: Pair, fitted: Fitted, promise: Promise, aim: Aim, splits: Sequence[Split], out: Path) -> list[str]:
    """The folder with the cascade and a rule that suits it; what to tell about it."""
    whole, first = pair.whole, pair.first
    manifest, review = whole.manifest, pair.review(aim, fitted)
    path = Path(os.path.relpath(first.manifest.model_dir.resolve(), out.resolve())).as_posix()
    cascade = fitted.cascade(path, sha256(first.manifest.model_dir / MANIFEST), pair.max_length, pair.share)
    decision = replace(pair.decision, review_low=review.low, review_high=review.high)
    cascade, record = replace(cascade, decision=decision), review_record(review, whole.labels)
    changes = {"review": record, "cascade": cascade_record(cascade, fitted, promise, first.manifest.id)}
    metrics = write_changed(out, manifest, manifest.decision, changes, splits)
    share = f", with {pair.share:g} of the logits of {first.manifest.id} beside its own" if pair.share else ""
    useless, get = [] if fitted.answered else [_USELESS], "gets" if fitted.changed == 1 else "get"
    return [
        *useless,
        f"{first.manifest.id} answers {fitted.answered:.1%} of {fitted.texts:,} texts; {fitted.changed:,} "
        f"({fitted.changed / fitted.texts:.2%}) {get} other topics than if {manifest.id} read them too",
        f"of the others, {manifest.id} decides" + share,
        f"sure below {cascade.sure_below} and from {cascade.sure_from} on",
        *review_lines(record),
        *(f"\n{role}:\n{summary(found)}" for role, found in metrics.items()),
        f"\nmodel folder: {out}",
    ]


if __name__ == "__main__":
    raise SystemExit(main())
