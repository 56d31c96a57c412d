"""Counts over labelled records: by topic, review flag, kind of error and day.

A day is read as it is written, without its offset, from ISO 8601 (2024/03/01 and 20240301235959 as well) and from what
names the month in English: RFC 822, "March 1, 2024", "01-Mar-2024", "Fri Mar 01 23:59:59 +0000 2024". Leaves out: every
other form of a date, such as 03/01/2024, which says no day for sure, and a Unix time. Where any record has a date in
whatever form, those without a day that can be read are shown as "no day".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from classifier.errors import InputError
from classifier.finished import NO_MODEL, finished_rows, is_flagged, topics_in
from classifier.printed import printable
from classifier.text_fields import bare

_DATE_COLUMNS = (  # the first one with a day counts; as `bare` has it
    *("date", "published", "publishedat", "publicationdate", "pubdate", "day", "datetime", "timestamp"),
    *("publisheddate", "publishdate", "datepublished", "eventdate", "seendate"),
)
_LONGEST_NAME = 60  # characters, of what is remembered
_DAY = re.compile(  # what follows is no digit, or hours, minutes and seconds: not a Unix time
    r"(\d{4})([-/]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?=(?:(?:[01]\d|2[0-3])[0-5]\d[0-5]\d)?(?!\d))"
)
_MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTHS = [name[:3] for name in _MONTH_NAMES]
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b[.,]? *)?"
_DAY_OF_MONTH = r"(?P<day>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_MONTH = rf"(?P<month>{'|'.join([*_MONTH_NAMES, *_MONTHS, 'sept'])})"
_TIME = r"(?: \d\d:\d\d(?::\d\d)?(?: [+-]\d{4}| [a-z]{3,4})?)?"
_YEAR = r"(?P<year>\d{4})(?![^\s,])"
_DAY_FIRST = re.compile(rf"{_WEEKDAY}{_DAY_OF_MONTH}[ -]{_MONTH}\.?,?[ -]{_YEAR}", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"{_WEEKDAY}{_MONTH}\.? +{_DAY_OF_MONTH},?{_TIME} {_YEAR}", re.IGNORECASE)
_PLACE = re.compile(r"^.*?:\d+: |^.+?: ")
_DETAIL = re.compile(r" \(.*|[.;:,] .*|\.$")
_QUOTED = re.compile(r"'[^']*'")
_NUMBER = re.compile(r"(?<![\w-])\d+")  # but for that in a name, such as UTF-8 or CP1252


class Tally:
    """Counts by name: "rows", "dated", "review", "error", "none", and "topic", "kind", "day" with one count each."""

    def __init__(self, counts: Mapping[str, Any] | None = None) -> None:
        """Goes on from `counts`, as an earlier tally had them."""
        self.counts: dict[str, Any] = dict.fromkeys(("rows", "dated", "review", "error", "none"), 0)
        self.counts |= {"topic": {}, "kind": {}, "day": {}, **(counts or {})}

    def add(self, columns: Mapping[str, Any], topics: tuple[str, ...], *, review: bool, error: str | None) -> None:
        """Counts one record."""
        counts = self.counts
        counts["rows"] += 1
        dates = [str(columns[name]).strip() for name in _date_columns(tuple(columns)) if columns[name]]
        counts["dated"] += bool(dates)
        day = next(filter(None, map(_day, dates)), None)
        if day is not None:
            by_day = counts["day"].setdefault(day, {"rows": 0})
            by_day["rows"] += 1
            for topic in topics:
                by_day[topic] = by_day.get(topic, 0) + 1
        if error is not None:
            counts["error"] += 1
            kind = error_kind(error)
            counts["kind"][kind] = counts["kind"].get(kind, 0) + 1
            return
        counts["review"] += review
        counts["none"] += not topics
        for topic in topics:
            counts["topic"][topic] = counts["topic"].get(topic, 0) + 1


def error_kind(error: str) -> str:
    """What kind of error this is, without its place and its particulars.

    >>> error_kind("feed.jsonl:17: not JSON (Expecting value at column 5).")
    'not JSON'
    """
    kind = _QUOTED.sub("'…'", _DETAIL.sub("", _PLACE.sub("", error, count=1), count=1))
    return _NUMBER.sub("N", kind)[:80]


@lru_cache(maxsize=16)
def _date_columns(names: tuple[str, ...]) -> list[str]:
    """Those of dates among the columns of a record, the likeliest first."""
    known = ((bare(name[:_LONGEST_NAME]), name) for name in names)
    return [name for _, name in sorted((_DATE_COLUMNS.index(one), name) for one, name in known if one in _DATE_COLUMNS)]


def _day(date: str) -> str | None:
    """The day of a date as YYYY-MM-DD; None if it is in no form that says it for sure."""
    if match := _DAY.match(date):
        year, _, month, day = match.groups()
        return f"{year}-{month}-{day}"
    if match := _DAY_FIRST.match(date) or _MONTH_FIRST.match(date):
        return f"{match['year']}-{_MONTHS.index(match['month'][:3].lower()) + 1:02d}-{int(match['day']):02d}"
    return None


def tally_output(name: str, prefix: str = "", encoding: str = "utf-8") -> Tally:
    """The counts of an output file of ours.

    Raises:
        InputError: If it cannot be read, or holds no labels.
    """
    tally, error, model = Tally(), f"{prefix}error", f"{prefix}model"
    for where, row in finished_rows(name, [f"{prefix}topics", error], encoding):
        if not row.get(model, True):
            raise InputError(f"{where}: {NO_MODEL}")
        problem = str(row[error] or "") or None
        tally.add(row, topics_in(row, prefix), review=is_flagged(row, prefix, where), error=problem)
    return tally


def print_summary(tally: Tally, *, duplicates: int = 0, near_duplicates: int = 0, to_stdout: bool = False) -> None:
    """The counts as tables, on standard error unless `to_stdout`."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    counts, console = tally.counts, Console(stderr=not to_stdout, highlight=False)
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("records")
    table.add_column("count", justify="right")
    table.add_column("share", justify="right")
    by_count = sorted(counts["topic"].items(), key=lambda item: -item[1])
    rows = [("all", counts["rows"]), *by_count]
    rows += [("none of the topics", counts["none"]), ("for review", counts["review"])]
    rows += [(f"error: {kind}", count) for kind, count in sorted(counts["kind"].items(), key=lambda item: -item[1])]
    rows += [("text seen before, scored once", duplicates)] if duplicates else []
    rows += [("near copy of an earlier text", near_duplicates)] if near_duplicates else []
    for name, count in rows:
        table.add_row(Text(printable(name)), f"{count:,}", f"{count / max(1, counts['rows']):.1%}")
    console.print(table)
    if to_stdout and counts["dated"]:
        topics = [name for name, _ in by_count]
        days = Table(box=box.SIMPLE_HEAD)
        for name in ("day", "records", *topics):
            days.add_column(Text(printable(name)), justify="left" if name == "day" else "right")
        rest = {"rows": counts["rows"], **counts["topic"]}
        for day, by_name in sorted(counts["day"].items()):
            days.add_row(day, *(f"{by_name.get(name, 0):,}" for name in ("rows", *topics)))
            rest = {name: count - by_name.get(name, 0) for name, count in rest.items()}
        if rest["rows"]:
            days.add_row("no day", *(f"{rest[name]:,}" for name in ("rows", *topics)))
        console.print(days)
