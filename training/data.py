"""Labelled stories: load, check, drop duplicates across splits.

Records are read by the same code as in inference (classifier/stories.py). What makes the data unusable raises with
all problems at once; what can be mended (an empty text, a training story that also stands in validation or test)
is dropped and counted. Leaves out: which topics a story has (answers.py), when two texts are nearly the same
(shingles.py), which stories are held out (holding_out.py), tokens and tensors (trainer.py).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from classifier.errors import ClassifierError, DataError, alike_as_one, bullet_list
from classifier.printed import counted
from classifier.stories import Story
from classifier.tokens import story_text
from training.answers import Answer, Beside, read_answers
from training.config import DataConfig
from training.filled import Blanks, Record, is_filled, read_all
from training.holding_out import held_out_of
from training.named_fields import check_named_fields
from training.shingles import NearTexts
from training.splits import Corrections, Labelled, Split, Splits


def load_splits(config: DataConfig) -> Splits:
    """All splits, checked, with training stories that also stand elsewhere dropped.

    Raises:
        ClassifierError: If a record, a label or the number of examples makes the data unusable, or a file cannot be
            read.
    """
    splits = parted(load_named(config), config)
    _refuse_thin(splits, config)
    return Splits(splits["train"], splits["validation"], splits.get("test"))


def load_named(config: DataConfig) -> dict[str, Split]:
    """The splits that a config names by role, test last.

    Raises:
        ClassifierError: What `load_split` raises of one of them; a DataError with all of it where it is more than one;
            or if a field that the config names is in none of them.
    """
    named = {"train": config.train, "validation": config.validation, "test": config.test}
    splits: dict[str, Split] = {}
    errors: list[ClassifierError] = []
    for role, origin in named.items():
        try:
            splits |= {role: load_split(role, origin, config)} if origin else {}
        except ClassifierError as error:
            errors.append(error)
    messages = list(dict.fromkeys(map(str, errors)))  # what stands beside the data is read for each split
    if len(messages) == 1:
        raise errors[0]
    if errors:
        raise DataError("\n".join(messages))
    check_named_fields(splits.values(), config)
    return splits


def parted(loaded: Mapping[str, Split], config: DataConfig) -> dict[str, Split]:
    """What training makes of the splits that a config names: validation is held out where there is none, copies go.

    They go before anything is held out, so that a story is not held out twice with two answers, nor one of test; and
    after it, so that no copy of a story that is held out is trained on.
    """
    train, others = loaded["train"], [split for role, split in loaded.items() if role != "train"]
    if config.drop_duplicates:
        train = drop_duplicates(train, others, config.near_duplicate)
    if "validation" in loaded:
        return {**loaded, "train": train}
    train, validation = held_out(train, config.validation_share)
    if config.drop_duplicates:
        train = drop_duplicates(train, [validation], config.near_duplicate)
    return {"train": train, "validation": validation, **{split.role: split for split in others}}


_PURPOSES = {"train": "train", "validation": "validate", "test": "test"}


def _refuse_thin(splits: Mapping[str, Split], config: DataConfig) -> None:
    """Refuses splits with too few stories.

    Raises:
        DataError: With the topics and splits, and what was left out of train.
    """
    train = splits["train"]
    counts = train.targets(len(config.labels)).sum(axis=0).astype(int)
    thin = [
        f"topic '{label}' has {counted(count, 'training story', 'training stories')}, at least "
        f"{counted(config.min_examples, 'is', 'are')} needed."
        for label, count in zip(config.labels, counts, strict=True)
        if count < config.min_examples
    ]
    empty = [split for split in splits.values() if not split.stories]
    thin += [f"{split.origin}: no story to {_PURPOSES[split.role]} on." for split in empty]
    if not thin:
        return
    held = {} if config.validation else {"held out for validation": len(splits["validation"].stories)}
    left_out = replace(train, dropped={**train.dropped, **held}).left_out
    why = f"\nLeft out of train: {left_out}." if left_out else ""
    raise DataError(bullet_list(train.origin, thin) + why + "\nLabel more stories, or lower data.min_examples.")


def load_split(role: str, origin: str | Sequence[str], config: DataConfig) -> Split:
    """The stories of files or hub datasets, labels corrected by `config.corrections`; empty texts are dropped.

    Rows of a review sheet that nobody filled are dropped too. Of those that somebody did, copies in other files are
    dropped: what the person said holds.

    Raises:
        DataError: With all unreadable records, unknown labels and unknown primary topics.
        InputError: If the file cannot be read.
    """
    origins = (origin,) if isinstance(origin, str) else tuple(origin)
    if twice := [name for name, count in Counter(origins).items() if count > 1]:
        raise DataError(bullet_list(role, [f"{name} is named more than once." for name in twice]))
    beside, gathered = read_answers(config, role), _Gathered()
    digest = hashlib.sha256("".join(beside.lines()).encode("utf-8", "replace"))
    for record in read_all(role, origins, config):
        columns = dict(record.story.columns)
        digest.update(json.dumps(columns, sort_keys=True, default=str).encode("utf-8", "replace"))
        gathered.take(record, beside)
    problems = [*gathered.problems, *gathered.blanks.problems(), *beside.unmet(gathered.ids, gathered.others, config)]
    shown = " + ".join(origins)
    if problems:
        raise DataError(bullet_list(shown, alike_as_one(problems)))
    corrections = Corrections(len(beside.corrected), len(gathered.changed)) if config.corrections else None
    return Split(role, shown, digest.hexdigest(), gathered.kept, gathered.dropped, corrections)


def unreadable(story: Story) -> str | None:
    """Why a record cannot be read; None for one that can, an empty one too."""
    return None if story.error is None or story.error.endswith("nothing to label.") else story.error


@dataclass(slots=True)
class _Gathered:
    """The stories of a split while they are read, sheets first."""

    kept: list[Labelled] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    others: set[str] = field(default_factory=set)  # ids of stories that readings leave to another split
    ids: set[str] = field(default_factory=set)  # of all other records
    read: set[str] = field(default_factory=set)  # those of which something is said, but for sheets and empty texts
    corrected: dict[str, str] = field(default_factory=dict)  # the text that a correction goes to, by id
    answered: set[str] = field(default_factory=set)  # texts that a person labelled in a sheet
    changed: set[str] = field(default_factory=set)  # ids of stories that a correction gives other topics
    blanks: Blanks = field(default_factory=Blanks)

    def take(self, record: Record, beside: Beside) -> None:
        """Keeps a story with its topics, or notes why not."""
        story, from_sheet = record.story, record.kind == "sheet"
        key, text = str(story.id), story_text(story.title, story.text)
        is_of_another_split = beside.is_of_another_split(record)
        (self.others if is_of_another_split else self.ids).add(key)
        if (problem := unreadable(story)) is not None:
            self.problems.append(problem)
            return
        if story.error is not None or not text:
            self.dropped["empty"] += 1
            return
        if from_sheet and not is_filled(story):
            self.dropped["not filled in"] += 1
            return
        if is_of_another_split:
            self.dropped["not in the readings"] += 1
            return
        if (problem := self._stands_twice(record, text, beside)) is not None:
            self.problems.append(problem)
            return
        if not from_sheet and text in self.answered:
            self.dropped["answered in a review sheet"] += 1
        else:
            if from_sheet:
                self.answered.add(text)
            if not beside.speaks_of(key):
                self.blanks.note(record)
            if beside.changes(record):
                self.changed.add(key)
            self._keep(story, beside.answer(record))

    def _stands_twice(self, record: Record, text: str, beside: Beside) -> str | None:
        """Why nobody can tell of which story something is said; None where one can: a sheet may hold a story again."""
        key, cannot_tell = str(record.story.id), "what is said of it cannot tell which. Change one id."
        if record.kind != "sheet" and beside.speaks_of(key):
            if key in self.read:
                return f"story '{key}' stands twice: {cannot_tell}"
            self.read.add(key)
        if key in beside.corrected and self.corrected.setdefault(key, text) != text:
            return f"story '{key}' stands twice, with another text in a review sheet: {cannot_tell}"
        return None

    def _keep(self, story: Story, answer: Answer | str | None) -> None:
        if answer is None:
            self.dropped["without labels"] += 1
        elif isinstance(answer, str):
            self.problems.append(answer)
        else:
            self.kept.append(Labelled(story, *answer))


def held_out(train: Split, share: float) -> tuple[Split, Split]:
    """The training split in two: what is left, and the validation stories, `share` of all and of every topic."""
    stories = train.stories
    held = held_out_of([labelled.topics for labelled in stories], [labelled.text for labelled in stories], share)
    parts = [[labelled for n, labelled in enumerate(stories) if (n in held) == inside] for inside in (False, True)]
    return replace(train, stories=parts[0]), Split("validation", train.origin, train.sha256, parts[1])


def drop_duplicates(train: Split, others: Sequence[Split], near: float) -> Split:
    """The training split without stories that also stand in another split, or twice in itself (exactly).

    Two stories are near-duplicates if the share `near` of the smaller one's word 4-grams (of the first 60 words)
    is in the other.
    """
    elsewhere = NearTexts((labelled.text for split in others for labelled in split.stories), near)
    kept: list[Labelled] = []
    seen: set[str] = set()
    counts: Counter[str] = Counter()
    for labelled in train.stories:
        text = labelled.text
        if text in seen:
            counts[f"exact duplicate in {train.role}"] += 1
        elif text in elsewhere:
            counts["near-duplicate of validation or test"] += 1
        else:
            kept.append(labelled)
        seen.add(text)
    return replace(train, stories=kept, dropped=Counter(train.dropped) + counts)
