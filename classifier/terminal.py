"""Predictions as a table for a terminal: what the story is, its topics, and the sentences that carried them.

With evidence, each topic has a colour, and so have its sentences: within the opening of the story where they stand
there, else on lines of their own below it. Nothing in a story can steer the terminal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any

from classifier.prediction import Prediction
from classifier.printed import STEERING
from classifier.stories import Story
from classifier.tokens import normalise, story_text

_COLOURS = ("green", "cyan", "magenta", "blue")  # of the topics, in their order
_OPENING = 160  # characters of a story
_SENTENCE = 300  # characters of a sentence


class TableWriter:
    """The story's opening and the evidence for its topics, its topics with probabilities."""

    def __init__(self, file: IO[str], labels: Sequence[str]) -> None:
        from rich.console import Console

        self._file, self._console = file, Console(file=file, highlight=False)
        self._labels = labels
        self._header = True

    def write(self, results: Sequence[tuple[Story, Prediction]]) -> None:
        """Prints some rows."""
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(box=box.SIMPLE_HEAD, show_header=self._header, expand=True, pad_edge=False)
        table.add_column("story", ratio=3)
        table.add_column("topics", ratio=2)
        for story, prediction in results:
            place = (f"{_place(story)}\n", "dim")
            table.add_row(Text.assemble(place, self._story(story, prediction)), self._topics(prediction))
        with self._console.capture() as shown:  # written here: rich would end the process if the reader goes away
            self._console.print(table)
        self._file.write(shown.get())
        self._header = False

    def _story(self, story: Story, prediction: Prediction) -> Any:
        """The opening with its evidence in colour; evidence from further on below it, with the topic's name."""
        from rich.text import Text

        carried = [(topic, _line(one.text)) for topic, some in prediction.evidence.items() for one in some]
        opening = _opening(story, [sentence for _, sentence in carried])
        shown = Text(opening, style="" if prediction.error is None else "red", overflow="ellipsis")
        for topic, sentence in carried:
            start, style = opening.find(_cut(sentence)), f"bold {self._colour(topic)}"
            if start >= 0:
                shown.stylize(style, start, start + len(_cut(sentence)))
            else:
                shown.append(f"\n{topic}: ", "dim").append(_cut(sentence, " …"), style)
        return shown

    def _colour(self, topic: str) -> str:
        return _COLOURS[self._labels.index(topic) % len(_COLOURS)]

    def _topics(self, prediction: Prediction) -> Any:
        from rich.text import Text

        if prediction.error is not None:
            return Text(_harmless(prediction.error), style="red")
        parts = [
            (
                f"{topic} {prediction.scores[topic]:.2f}\n",
                f"bold {self._colour(topic) if prediction.evidence else 'green'}",
            )
            for topic in prediction.topics
        ]
        if not parts:
            highest = max(prediction.scores, key=lambda label: prediction.scores[label])
            parts = [(f"none (highest: {highest} {prediction.scores[highest]:.2f})\n", "dim")]
        for topic, [part] in (prediction.later_topics or {}).items():
            parts.append((f"later on: {topic} {part.score:.2f}\n", "dim"))
        if prediction.review:
            parts.append(("review: not sure enough\n", "yellow"))
        return Text.assemble(*parts)


def _place(story: Story) -> str:
    first, last = story.columns.get("first_line"), story.columns.get("last_line")
    if not (isinstance(first, int) and isinstance(last, int) and "page_id" in story.columns):
        return _harmless(str(story.id))
    lines = f"line {first}" if first == last else f"lines {first}-{last}"
    return _harmless(f"{story.columns['page_id']}, {lines}")


def _opening(story: Story, carried: Sequence[str] = ()) -> str:
    """The story's first words, and on to the end of a sentence in `carried` that begins among them."""
    whole = _line(story_text(story.title[: 10 * _OPENING], story.text[: 10 * _OPENING]))
    ends = [start + len(_cut(one)) for one in carried if 0 <= (start := whole.find(_cut(one))) < _OPENING]
    length = max([_OPENING, *ends])
    if len(whole) <= length:
        return whole
    return f"{whole[:length].rsplit(' ', 1)[0] if length == _OPENING else whole[:length]} …"


def _line(text: str) -> str:
    """The text on one line, without what could steer a terminal."""
    return " ".join(_harmless(text).split())


def _harmless(text: str) -> str:
    """The text as the model reads it, which goes without escape characters, and without a direction of its own."""
    return STEERING.sub("", normalise(text))


def _cut(sentence: str, mark: str = "") -> str:
    """The sentence, or its first words with a mark where it is long."""
    return sentence if len(sentence) <= _SENTENCE else sentence[:_SENTENCE].rsplit(" ", 1)[0] + mark
