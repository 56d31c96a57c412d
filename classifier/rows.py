"""Prediction → row: the output contract, as JSON lines, CSV or a table for people.

A row holds the record's own columns and, after them, what the model says. An own column with the name of an output
column is kept as `input_<name>`, so that a row can be labelled again without losing its first labels. Leaves out:
where the rows go (predict.py).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from typing import IO, Any, Protocol

from classifier.pipeline import Prediction
from classifier.stories import Story

OUTPUT_COLUMNS = (
    "topic",
    "topics",
    "scores",
    "review",
    "evidence",
    "tokens_read",
    "tokens_total",
    "model",
    "error",
)
OTHER_COLUMNS = "other_columns"
_DIGITS = 4  # of a probability: finer than any calibration


def output_row(story: Story, prediction: Prediction) -> dict[str, Any]:
    """One row of the output contract: id, own columns, labels."""
    own = {_kept_name(name): value for name, value in story.columns.items()}
    return {
        "id": story.id,
        **{name: value for name, value in own.items() if name != "id"},
        "topic": prediction.topic,
        "topics": list(prediction.topics),
        "scores": {label: round(score, _DIGITS) for label, score in prediction.scores.items()},
        "review": prediction.review,
        "evidence": {},
        "tokens_read": prediction.tokens_read,
        "tokens_total": prediction.tokens_total,
        "model": prediction.model,
        "error": prediction.error,
    }


def _kept_name(name: str) -> str:
    return f"input_{name}" if name in OUTPUT_COLUMNS else name


class Writer(Protocol):
    """Takes every story with its prediction, in order."""

    def write(self, results: Sequence[tuple[Story, Prediction]]) -> None:
        """Writes some rows."""
        ...


class JsonlWriter:
    """One JSON object a line, UTF-8."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, results: Sequence[tuple[Story, Prediction]]) -> None:
        """Writes some rows."""
        self._file.writelines(_json(output_row(story, prediction)) + "\n" for story, prediction in results)
        self._file.flush()


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate, which JSON can hold and UTF-8 cannot
        return json.dumps(value)
    return text


class CsvWriter:
    """CSV: topics joined by "|", one column a score, other lists and objects as JSON.

    The header comes from the first rows; a column that turns up later is kept in `other_columns`, as JSON.
    """

    def __init__(self, file: IO[str], labels: Sequence[str], *, one_table: bool) -> None:
        """`one_table` is True where all records are known to have the columns of the first."""
        self._file, self._labels, self._one_table = file, labels, one_table
        self._columns: list[str] = []
        self._csv: csv.DictWriter[str] | None = None

    def write(self, results: Sequence[tuple[Story, Prediction]]) -> None:
        """Writes some rows."""
        rows = [self._flat(output_row(story, prediction)) for story, prediction in results]
        if self._csv is None:
            self._csv = self._start(rows)
        for row in rows:
            extra = {name: row.pop(name) for name in list(row) if name not in self._columns}
            if extra:
                row[OTHER_COLUMNS] = _json(extra)
            self._csv.writerow({name: _cell(value) for name, value in row.items()})
        self._file.flush()

    def _start(self, rows: Sequence[Mapping[str, Any]]) -> csv.DictWriter[str]:
        last = [name for name in self._flat(output_row(Story(), Prediction())) if name != "id"]
        own = dict.fromkeys(name for row in rows for name in row if name not in last)
        more = [] if self._one_table else [OTHER_COLUMNS]
        self._columns = list(dict.fromkeys(["id", *own, *last, *more]))
        writer = csv.DictWriter(self._file, self._columns, lineterminator="\n")
        writer.writeheader()
        return writer

    def _flat(self, row: dict[str, Any]) -> dict[str, Any]:
        scores, topics = row.pop("scores"), row.pop("topics")
        row.pop("evidence")
        flat: dict[str, Any] = {}
        for name, value in row.items():
            flat[name] = value
            if name == "topic":
                flat["topics"] = "|".join(topics)
                flat.update({f"score_{label}": scores.get(label) for label in self._labels})
        return flat


def _cell(value: Any) -> Any:
    if isinstance(value, bool | dict | list):
        return _json(value)
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value


class TableWriter:
    """For a terminal: the story's opening, its topics with probabilities."""

    def __init__(self, file: IO[str], labels: Sequence[str]) -> None:
        from rich.console import Console

        self._console = Console(file=file, highlight=False)
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
            opening = Text(_opening(story), style="" if prediction.error is None else "red", overflow="ellipsis")
            table.add_row(Text.assemble((f"{_place(story)}\n", "dim"), opening), self._topics(prediction))
        self._console.print(table)
        self._header = False

    def _topics(self, prediction: Prediction) -> Any:
        from rich.text import Text

        if prediction.error is not None:
            return Text(prediction.error, style="red")
        parts = [(f"{topic} {prediction.scores[topic]:.2f}\n", "bold green") for topic in prediction.topics]
        if not parts:
            nearest = max(prediction.scores, key=lambda label: prediction.scores[label])
            parts = [(f"none (highest: {nearest} {prediction.scores[nearest]:.2f})\n", "dim")]
        if prediction.review:
            parts.append(("review: close to a threshold\n", "yellow"))
        return Text.assemble(*parts)


def _place(story: Story) -> str:
    first, last = story.columns.get("first_line"), story.columns.get("last_line")
    if first is None:
        return str(story.id)
    lines = f"line {first}" if first == last else f"lines {first}-{last}"
    return f"{story.columns['page_id']}, {lines}"


def _opening(story: Story, length: int = 160) -> str:
    text = " ".join(f"{story.title} {story.text}".split())
    return text if len(text) <= length else f"{text[:length].rsplit(' ', 1)[0]} …"
