"""Stories without labels, of which training learns what a teacher says (self-training; distillation).

They cost no reader, and there are many: a small model comes closer to its teacher on them than on the labelled stories
alone (Hinton et al. 2015, arXiv:1503.02531). What stands in train, and what stands in validation or test, or nearly, is
left out, whatever `data.drop_duplicates` says of training stories. Labels that the files may have are not looked at.
Leaves out: the teacher (objective.py).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence

from classifier.errors import DataError, alike_as_one, bullet_list
from training.config import DataConfig
from training.data import drop_duplicates, unreadable
from training.filled import read_all
from training.splits import Labelled, Split, Splits


def with_unlabelled(splits: Splits, config: DataConfig) -> Splits:
    """The splits with the unlabelled stories of the config beside them, where it names some.

    Raises:
        DataError: If records cannot be read, or no story is left.
        InputError: If a file cannot be read.
    """
    if config.unlabelled is None:
        return splits
    origins = (config.unlabelled,) if isinstance(config.unlabelled, str) else config.unlabelled
    others = [split for split in splits.labelled if split.role != "train"]
    split = drop_duplicates(_without(_read(origins, config), splits.train), others, config.near_duplicate)
    if not split.stories:
        left_out = f" Left out: {split.left_out}." if split.left_out else ""
        raise DataError(f"{split.origin}: no story to learn from.{left_out} Remove data.unlabelled, or name more.")
    return Splits(splits.train, splits.validation, splits.test, split)


def _read(origins: Sequence[str], config: DataConfig) -> Split:
    kept: list[Labelled] = []
    dropped: Counter[str] = Counter()
    problems: list[str] = []
    digest = hashlib.sha256()
    for record in read_all("train", origins, config):
        story = record.story
        digest.update(json.dumps([story.title, story.text]).encode())
        if (problem := unreadable(story)) is not None:
            problems.append(problem)
        elif story.error is not None or not (labelled := Labelled(story, frozenset())).text:
            dropped["empty"] += 1
        else:
            kept.append(labelled)
    shown = " + ".join(origins)
    if problems:
        raise DataError(bullet_list(shown, alike_as_one(problems)))
    return Split("unlabelled", shown, digest.hexdigest(), kept, dropped)


def _without(split: Split, train: Split) -> Split:
    """The split without the stories that have labels in `train`."""
    known = {labelled.text for labelled in train.stories}
    kept = [labelled for labelled in split.stories if labelled.text not in known]
    count = len(split.stories) - len(kept)
    return Split(split.role, split.origin, split.sha256, kept, Counter(split.dropped) + Counter({"in train": count}))
