"""What tests of whole trainings share: a tiny base, stories whose words give their topics, an interruption."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

TOPICS = {"talks": ("talks", "envoy"), "storm": ("storm", "flood")}
OTHERS = ["the", "a", "of", "in", "city", "river", "minister", "said", "on", "monday", "people", "new", "house"]
WORDS = ["storm", "flood", "talks", "envoy", *OTHERS, "market"]


def write_base(folder: Path) -> Path:
    """A random BERT of 60,000 weights with a word-level vocabulary."""
    torch.manual_seed(0)
    vocabulary = {token: index for index, token in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS])}
    backend = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=backend, **special).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.1,
    )
    BertModel(config).save_pretrained(folder)
    return folder


def random_story(rng: random.Random, kinds: Sequence[Sequence[str]]) -> tuple[str, int]:
    """Random words, among them those of the topics of one kind and of no other; and the place of that kind."""
    words = [rng.choice(WORDS) for _ in range(rng.randint(4, 24))]
    place = rng.choice(range(len(kinds)))
    words = [word for word in words if not any(word in TOPICS[topic] for topic in TOPICS)]
    words += [word for topic in kinds[place] for word in TOPICS[topic]]
    rng.shuffle(words)
    return " ".join(words), place


def write_stories(path: Path, count: int, seed: int) -> Path:
    """Stories of random words; a topic's word gives the topic."""
    rng = random.Random(seed)
    kinds = [(), ("talks",), ("storm",), ("talks", "storm")]
    with path.open("w", encoding="utf-8") as file:
        for _ in range(count):
            story, place = random_story(rng, kinds)
            title, _, text = story.partition(" ")
            labels = kinds[place]
            record = {"title": title, "text": text, "labels": labels, "primary": labels[0] if labels else None}
            file.write(json.dumps(record) + "\n")
    return path


def write_table(path: Path, count: int, seed: int, classes: Sequence[Sequence[str]]) -> Path:
    """A table without a header: the text, and the place in `classes` of the topics that its words give."""
    rng = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        for _ in range(count):
            text, place = random_story(rng, classes)
            file.write(f"{text}\t{place}\n")
    return path


def interrupt_in_epoch(epoch: int, calls: int = 1) -> Callable[..., None]:
    """A callback that ends the run when that epoch begins, for the `calls`-th time."""
    seen = []

    def on_epoch_begin(self: Any, args: Any, state: Any, control: Any, **_: Any) -> None:
        if round(state.epoch) == epoch:
            seen.append(epoch)
            if len(seen) == calls:
                raise KeyboardInterrupt

    return on_epoch_begin


def write_config(folder: Path, base: Path, *, stories: Mapping[str, int], epochs: int, more: str = "") -> Path:
    """A config for a training on stories of random words; `stories` says how many there are of each role."""
    for seed, (role, count) in enumerate(stories.items(), 1):
        write_stories(folder / f"{role}.jsonl", count, seed)
    files = ", ".join(f"{role}: {folder}/{role}.jsonl" for role in stories)
    path = folder / "tiny.yaml"
    path.write_text(
        f"""
name: tiny
output_dir: {folder}/run
{more}
data: {{{files}, labels: [talks, storm], near_duplicate: 1.0}}
model: {{base: some/base, base_dir: {base}, base_licence: MIT, max_length: 32, stride: 8}}
training: {{num_epochs: {epochs}, batch_size: 16, learning_rate: 2.0e-3, precision: fp32, device: cpu}}
"""
    )
    return path
