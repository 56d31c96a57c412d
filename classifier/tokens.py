"""Story text → token windows: normalisation and tokenisation, the same for training and inference.

A story is read as its title, a line break, its text. Markup leftovers of scraped and wire copy (entities, tags,
odd spaces, invisible characters) are removed before the tokenizer sees it. A text longer than the model's window
becomes several windows that overlap by `stride` tokens:

    max_length 6, stride 1, text a b c d e f g  ->  [CLS] a b c d [SEP], [CLS] d e f g [SEP]

Leaves out: padding and batches (batching.py), what windows mean for a label (decide.py).
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer as _Tokenizer

from classifier.errors import ModelError
from classifier.lowering import PRINTED, without_normaliser

_GROUP_CHARACTERS = 1_000_000
BROKEN_ENTITY = re.compile(r"(?<![\w&;])#(\d{2,4});")  # wire copy: `Iraq #39;s` lost its ampersand
TAG = re.compile(
    r"</?(?:a|abbr|article|aside|b|blockquote|br|cite|code|dd|div|dl|dt|em|figcaption|figure|font|h[1-6]|hr|i|img"
    r"|li|ol|p|pre|q|s|section|small|span|strong|sub|sup|table|tbody|td|th|thead|tr|u|ul)(?:\s[^<>]{0,500})?/?>",
    re.IGNORECASE,
)
INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufffe\uffff]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SPACES = re.compile(r"[^\S\n\r\x0b\x0c\x85\u2028\u2029]+")
_ODD_SPACE = re.compile(r"[^\S \n\r\x0b\x0c\x85\u2028\u2029]")
_BREAKS = re.compile(r"[\n\r\x0b\x0c\x85\u2028\u2029]\s*")


def normalise(text: str) -> str:
    r"""The text as the model reads it: entities resolved, tags and invisible characters gone, NFKC, single spaces.

    Entities are resolved twice, since feeds often escape what was escaped before. Line breaks stay (one each).

    >>> normalise("Iraq&amp;#39;s  army<br/>\u201cready\u201d\u00a0now\u200b")
    "Iraq's army “ready” now"
    """
    if "&" in text or "#" in text:
        text = html.unescape(html.unescape(BROKEN_ENTITY.sub(r"&#\1;", text)))
    if "<" in text:
        text = TAG.sub(" ", text)
    is_printed = PRINTED.fullmatch(text) is not None
    if not is_printed:
        if not text.isascii():
            text = unicodedata.normalize("NFKC", INVISIBLE.sub("", text))
            text = text.encode("utf-8", "replace").decode("utf-8")  # lone surrogates cannot be tokenised
        text = _CONTROL.sub(" ", text)
    if "  " in text or (not is_printed and _ODD_SPACE.search(text)):  # five times as fast as a space for every space
        text = _SPACES.sub(" ", text)
    if is_printed and "\n" not in text:
        return text.strip(" ")
    return _BREAKS.sub("\n", text).replace(" \n", "\n").strip()


def story_text(title: str, text: str) -> str:
    """Title and text as one string, either may be empty.

    A title that the text repeats as its beginning is not read twice.
    """
    return "\n".join(part for part in read_parts(title, text) if part)


def read_parts(title: str, text: str) -> tuple[str, str]:
    """Title and text as the model reads them; the title is empty where the text repeats it as its beginning."""
    title, text = normalise(title), normalise(text)
    return "" if text.startswith(title) else title, text


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows of one story.

    Attributes:
        input_ids: One list of token ids per window, special tokens included, each at most `max_length` long.
        tokens_total: Content tokens of the whole text, special tokens and overlaps not counted.
        tokens_read: Content tokens in the windows kept.
    """

    input_ids: tuple[Sequence[int], ...]
    tokens_total: int
    tokens_read: int


def _groups(texts: Sequence[str]) -> Iterator[list[str]]:
    """The texts in lists of about a million characters."""
    group: list[str] = []
    characters = 0
    for text in texts:
        group.append(text)
        characters += len(text)
        if characters >= _GROUP_CHARACTERS:
            yield group
            group, characters = [], 0
    if group:
        yield group


class Tokenizer:
    """`tokenizer.json` with the window settings of a model."""

    def __init__(self, tokenizer: _Tokenizer, *, max_length: int, stride: int) -> None:
        """The tokenizer is changed: its windows and its normaliser are ours from now on."""
        tokenizer.no_padding()
        tokenizer.no_truncation()
        around = tokenizer.encode("a")
        mask, ids = around.special_tokens_mask, around.ids
        first, last = (mask.index(0), mask[::-1].index(0)) if 0 in mask else (0, 0)
        self._before, self._after = ids[:first], ids[len(ids) - last :]
        self._prepared = without_normaliser(tokenizer)
        self._tokenizer = tokenizer
        self.max_length = max_length
        self.stride = stride

    @classmethod
    def from_file(cls, path: Path, *, max_length: int, stride: int) -> Tokenizer:
        """Reads a `tokenizer.json`.

        Raises:
            ModelError: If the file is not a tokenizer.
        """
        try:
            tokenizer = _Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises bare Exception
            raise ModelError(f"{path}: not a tokenizer ({error}). Export the model again.") from error
        return cls(tokenizer, max_length=max_length, stride=stride)

    @property
    def content_length(self) -> int:
        """Tokens of a window without its special ones."""
        return self.content_of(self.max_length)

    def content_of(self, length: int) -> int:
        """Content tokens in a full window of so many tokens."""
        return length - len(self._before) - len(self._after)

    def shortened(self, window: Sequence[int], max_length: int) -> Sequence[int]:
        """The window as it would be if windows had no more than `max_length` tokens."""
        if len(window) <= max_length:
            return window
        return [*window[: max_length - len(self._after)], *self._after]

    def windows(self, texts: Sequence[str], *, max_windows: int | None = None) -> list[Windows]:
        """The token windows of every text, in order.

        Args:
            texts: What `story_text` gave.
            max_windows: Keep only so many windows from the start of each; None keeps all.
        """
        windows: list[Windows] = []
        for group in _groups(texts):  # the library's encodings take 200 bytes a token: few at a time
            encodings = self._tokenizer.encode_batch_fast([*map(self._prepared, group)], add_special_tokens=False)
            windows += [self._cut(encoding.ids, max_windows) for encoding in encodings]
        return windows

    def _cut(self, ids: Sequence[int], max_windows: int | None) -> Windows:
        """Content ids as windows, each beginning with the last `stride` ids of the one before."""
        room, total = self.content_length, len(ids)
        step = room - self.stride
        count = 1 + max(0, -(-(total - room) // step))
        kept = count if max_windows is None else min(count, max_windows)
        starts = range(0, kept * step, step)
        windows = tuple([*self._before, *ids[start : start + room], *self._after] for start in starts)
        return Windows(windows, tokens_total=total, tokens_read=min(total, room + (kept - 1) * step))
