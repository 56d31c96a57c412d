"""Prediction → row: the output contract, as JSON lines or CSV.

A row holds the record's own columns and, after them, what the model says. An own column with the name of an output
column is kept as `input_<name>`, so that a row can be labelled again without losing its first labels. Leaves out:
where the rows go (predict.py), the table for people (terminal.py).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Mapping, Sequence
from typing import IO, Any, Protocol

from classifier.arrow_values import plain, utf8
from classifier.column_names import renamed, utf8_names
from classifier.prediction import ByTopic, Evidence, Prediction
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
PLACES = ("evidence", "later_topics")  # sentences and lines by topic; in tables a column each, where they are asked for
OTHER_COLUMNS = "other_columns"
_JSON = json.JSONEncoder(ensure_ascii=False, default=plain)
_DIGITS = 4  # of a probability: finer than any calibration


def output_row(story: Story, prediction: Prediction, *, prefix: str = "") -> dict[str, Any]:
    """One row of the output contract: id, own columns, labels; `prefix` goes before the names of the latter."""
    labels = {
        "topic": prediction.topic,
        "topics": list(prediction.topics),
        "scores": {label: round(score, _DIGITS) for label, score in prediction.scores.items()},
        "review": prediction.review,
        "evidence": _places(prediction.evidence),
        **({"later_topics": _places(prediction.later_topics)} if prediction.later_topics is not None else {}),
        "tokens_read": prediction.tokens_read,
        "tokens_total": prediction.tokens_total,
        "model": prediction.model,
        "error": prediction.error,
    }
    columns = {prefix + name: value for name, value in labels.items()}
    return {**own_columns(story, columns), **columns}


def own_columns(story: Story, taken: Collection[str]) -> dict[str, Any]:
    """The id and the record's own columns, those with the name of a label column renamed."""
    own = {name: value for name, value in story.columns.items() if name != "id"}
    return {"id": story.id, **renamed(own, taken)}


def _places(by_topic: ByTopic) -> dict[str, list[dict[str, Any]]]:
    return {topic: [_place(one) for one in some] for topic, some in by_topic.items()}


def _place(one: Evidence) -> dict[str, Any]:
    score = round(one.score, _DIGITS)
    return {"text": one.text, "field": one.field, "start": one.start, "end": one.end, "score": score}


def places_asked(*, evidence: bool, later: bool) -> tuple[str, ...]:
    """Those of `PLACES` that are asked for."""
    return tuple(name for name, asked in zip(PLACES, (evidence, later), strict=True) if asked)


def label_names(prefix: str = "", more: Sequence[str] = ()) -> list[str]:
    """The columns that are not a record's own; `more` are those of `PLACES` asked for."""
    return [prefix + name for name in dict.fromkeys((*OUTPUT_COLUMNS, *more))]


def flat_names(labels: Sequence[str], prefix: str = "", *, more: Sequence[str] = ()) -> list[str]:
    """The label columns of a table: every score is a column of its own; `more` are those of `PLACES` asked for."""
    scores = [f"score_{label}" for label in labels]
    names = ["topic", "topics", *scores, "review", *more, "tokens_read", "tokens_total", "model", "error"]
    return [prefix + name for name in names]


def flat_row(
    row: Mapping[str, Any], labels: Sequence[str], prefix: str = "", *, more: Sequence[str] = ()
) -> dict[str, Any]:
    """A row of `output_row` for a table: the scores as columns; own columns of the same names are renamed."""
    flat = {prefix + name: row[prefix + name] for name in OUTPUT_COLUMNS if name not in ("scores", *PLACES)}
    scores = row[f"{prefix}scores"]
    flat |= {f"{prefix}score_{label}": scores.get(label) for label in labels}
    flat |= {prefix + name: _flat_places(row.get(prefix + name) or {}) for name in more}
    ours = set(label_names(prefix, more))
    own = {name: value for name, value in row.items() if name not in ours and name != "id"}
    return {"id": row["id"], **renamed(own, [*flat, prefix + OTHER_COLUMNS]), **flat}


def _flat_places(by_topic: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """One list for all topics; what UTF-8 cannot hold (lone surrogates) becomes a question mark."""
    return [{"topic": topic, **one, "text": utf8(one["text"])} for topic, some in by_topic.items() for one in some]


class Writer(Protocol):
    """Takes every story with its prediction, in order."""

    def write(self, results: Sequence[tuple[Story, Prediction]]) -> None:
        """Writes some rows."""
        ...


class JsonlWriter:
    """One JSON object a line, UTF-8."""

    def __init__(self, file: IO[str], *, prefix: str = "") -> None:
        self._file, self._prefix = file, prefix

    def write(self, results: Sequence[tuple[Story, Prediction]]) -> None:
        """Writes some rows."""
        rows = (output_row(story, prediction, prefix=self._prefix) for story, prediction in results)
        self._file.writelines(json_line(row) for row in rows)
        self._file.flush()


def json_line(row: Mapping[str, Any]) -> str:
    """A row as a line of JSON, in UTF-8: dates as ISO 8601, and where there are halves of characters in ASCII."""
    return _json(row) + "\n"


def _json(value: Any) -> str:
    text = _JSON.encode(value)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate, which JSON can hold and UTF-8 cannot
        return json.dumps(value, default=plain)
    return text


class CsvWriter:
    """CSV whose header comes from the first rows; a column that turns up later is kept in `other_columns`, as JSON."""

    def __init__(
        self, file: IO[str], labels: Sequence[str], *, one_table: bool, prefix: str = "", more: Sequence[str] = ()
    ) -> None:
        """`one_table` is True where all records are known to have the columns of the first; `more` as in flat_names."""
        self._file, self._labels, self._prefix, self._one_table = file, labels, prefix, one_table
        self._more = more
        self._table: CsvTable | None = None

    def write(self, results: Sequence[tuple[Story, Prediction]]) -> None:
        """Writes some rows."""
        rows = [
            flat_row(output_row(story, prediction, prefix=self._prefix), self._labels, self._prefix, more=self._more)
            for story, prediction in results
        ]
        if self._table is None:
            self._table = CsvTable(self._file, self._columns(rows))
        known = self._table.columns
        for row in rows:
            extra = {name: row.pop(name) for name in list(row) if name not in known}
            if extra:
                row[self._prefix + OTHER_COLUMNS] = extra
            self._table.write(row)
        self._file.flush()

    def _columns(self, rows: Sequence[Mapping[str, Any]]) -> list[str]:
        last = flat_names(self._labels, self._prefix, more=self._more)
        own = dict.fromkeys(name for row in rows for name in row if name != "id" and name not in last)
        more = [] if self._one_table and own else [self._prefix + OTHER_COLUMNS]
        return ["id", *own, *last, *more]


class CsvTable:
    """CSV with known columns: lists of names joined by "|", other lists and objects as JSON."""

    def __init__(self, file: IO[str], columns: Sequence[str]) -> None:
        """Writes the header."""
        self.columns = dict.fromkeys(columns)
        self._csv = csv.DictWriter(_UnixLines(file), list(columns), lineterminator="\r\n")
        self.write(dict(zip(self.columns, utf8_names(self.columns), strict=True)))

    def write(self, row: Mapping[str, Any]) -> None:
        """Writes one row; a column that it lacks is empty."""
        self._csv.writerow({name: _cell(value) for name, value in row.items()})


class _UnixLines:
    """Ends the rows of a csv.writer in a line feed alone; the writer quotes a carriage return only if it ends rows."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, row: str) -> None:
        """Writes one row."""
        self._file.write(row.removesuffix("\r\n") + "\n")


def _cell(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(item, str) and "|" not in item for item in value):
        value = "|".join(value)
    if isinstance(value, bool | dict | list):
        return _json(value)
    return utf8(value) if isinstance(value, str) else value
