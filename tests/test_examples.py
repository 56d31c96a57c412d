"""How training sees stories: cut short, in a later window, behind another text; anew each epoch."""

from __future__ import annotations

import pytest
from conftest import word_pieces

from classifier.stories import Story
from classifier.tokens import Tokenizer
from training.examples import SHORTEST, Augmentation, StoryDataset
from training.objective import smoothed
from training.splits import Labelled, Split


def test_stories_end_early_anew_each_epoch_and_keep_their_last_token() -> None:
    split = Split("train", "made up", "", [Labelled(Story(text="the river " * 100), frozenset())] * 50)
    tokenizer = Tokenizer(word_pieces(), max_length=128, stride=4)
    dataset = StoryDataset(split, tokenizer, split.targets(2), Augmentation(body_cut=0.5))
    lengths = []
    for epoch in (0, 1, 0):
        dataset.set_epoch(epoch)
        windows = [dataset[index]["input_ids"] for index in range(len(dataset))]
        assert {window[-1] for window in windows} == {3}
        lengths.append([len(window) for window in windows])
    assert lengths[0] == lengths[2] != lengths[1]
    assert min(lengths[0]) >= SHORTEST
    assert 10 <= sum(length < 128 for length in lengths[0]) <= 40


def test_long_stories_are_seen_in_a_later_window_and_short_ones_behind_another_text() -> None:
    long, short, other = "the river " * 100 + "truce", "air strike " * 4, "talks of the " * 30
    texts = [(long, {0}), (short, {1}), (other, set[int]())] * 40
    stories = [Labelled(Story(text=text), frozenset(topics)) for text, topics in texts]
    split = Split("train", "made up", "", stories)
    tokenizer = Tokenizer(word_pieces(), max_length=128, stride=4)
    strike, truce = (tokenizer.windows([text])[0].input_ids[0][1:-1] for text in ("air strike", "truce"))

    dataset = StoryDataset(split, tokenizer, split.targets(2), Augmentation(later_window=0.5, embedded=0.5, seed=3))
    assert dataset.lengths(0) == [len(dataset[index]["input_ids"]) for index in range(len(dataset))]
    first_draw = [list(dataset[index]["input_ids"]) for index in range(len(dataset))]
    assert all(window[0] == 2 and window[-1] == 3 and len(window) <= 128 for window in first_draw)
    seen_late = [window for window in first_draw[0::3] if truce[0] in window]
    assert 10 <= len(seen_late) <= 30
    behind = [window for window in first_draw[1::3] if list(window[1 : 1 + len(strike)]) != list(strike)]
    assert 10 <= len(behind) <= 30
    assert all(list(window[-1 - len(strike) : -1]) == list(strike) for window in behind)  # the story itself is whole
    dataset.set_epoch(1)
    assert [list(dataset[index]["input_ids"]) for index in range(len(dataset))] != first_draw
    dataset.set_epoch(0)
    assert [list(dataset[index]["input_ids"]) for index in range(len(dataset))] == first_draw


def test_words_are_hidden_anew_each_epoch_and_never_the_tokens_at_the_ends() -> None:
    split = Split("train", "made up", "", [Labelled(Story(text="the river " * 60), frozenset())] * 30)
    tokenizer = Tokenizer(word_pieces(), max_length=128, stride=4)
    whole = StoryDataset(split, tokenizer, split.targets(2))
    hiding = StoryDataset(split, tokenizer, split.targets(2), Augmentation(word_dropout=0.2, mask_id=99, seed=3))
    draws = []
    for epoch in (0, 1, 0):
        hiding.set_epoch(epoch)
        draws.append([list(hiding[index]["input_ids"]) for index in range(len(hiding))])
    assert draws[0] == draws[2] != draws[1]
    assert draws[0][0] != draws[0][1]  # equal stories are hidden otherwise
    plain = list(whole[0]["input_ids"])
    for window in draws[0]:
        assert len(window) == len(plain)
        assert (window[0], window[-1]) == (plain[0], plain[-1])
        assert all(token in (99, kept) for token, kept in zip(window, plain, strict=True))
    with pytest.raises(ValueError, match="mask_id"):
        Augmentation(word_dropout=0.2)
    hidden = sum(token == 99 for window in draws[0] for token in window)
    assert 0.15 < hidden / (len(plain) * len(draws[0])) < 0.25


def test_smoothed_targets_do_not_change_which_stories_are_without_topics() -> None:
    texts = [("air strike " * 4, {1}), ("talks of the " * 30, set[int]())] * 20
    split = Split("train", "made up", "", [Labelled(Story(text=text), frozenset(topics)) for text, topics in texts])
    tokenizer = Tokenizer(word_pieces(), max_length=128, stride=4)
    seen = []
    for amount in (0.0, 0.4):
        targets = smoothed(split.targets(2), amount, "multi_label")
        dataset = StoryDataset(split, tokenizer, targets, Augmentation(embedded=0.5, seed=3))
        seen.append([list(dataset[index]["input_ids"]) for index in range(len(dataset))])
    assert seen[0] == seen[1]
    assert len({len(window) for window in seen[1][0::2]}) > 1  # some stand behind another text
