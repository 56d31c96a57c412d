"""The counts of a finished output: by topic, flag, error and day, whoever has written the file anew since."""

from __future__ import annotations

import calendar
import json
from pathlib import Path
from typing import Any

import pytest

from classifier.errors import InputError
from classifier.finished import is_flagged, topics_in
from classifier.predict import main
from classifier.tally import Tally, error_kind, tally_output


@pytest.fixture(autouse=True)
def _in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write_output(*rows: dict[str, Any]) -> str:
    plain = {"topics": [], "review": False, "error": None}
    Path("out.jsonl").write_text("".join(json.dumps({**plain, **row}) + "\n" for row in rows), encoding="utf-8")
    return "out.jsonl"


def days(**columns: Any) -> list[str]:
    tally = Tally()
    tally.add(columns, (), review=False, error=None)
    return list(tally.counts["day"])


OTHER_ISO = ["2024/03/01", "2024/03/01 10:00", "20240301T235959Z", "20240301235959", 20240301235959]


@pytest.mark.parametrize(
    "date", ["2024-03-01", "20240301", "2024-03-01T23:59:59Z", "2024-03-01 00:00:00", 20240301, *OTHER_ISO]
)
def test_a_day_is_read_from_an_iso_date(date: Any) -> None:
    assert days(published=date) == ["2024-03-01"]


RFC_DATES = ["Fri, 01 Mar 2024 23:59:59 +0200", "1 Mar 2024 09:00 GMT", "Fri,1 mar 2024", " 1 MAR 2024"]


@pytest.mark.parametrize("date", RFC_DATES)
@pytest.mark.parametrize("name", ["published", "pubDate", "publishedAt", "Date", "event_date", "DATE", "Publish Date"])
def test_a_day_is_read_from_a_date_of_rfc_822(date: str, name: str) -> None:
    assert days(**{name: date}) == ["2024-03-01"]


@pytest.mark.parametrize(
    "date",
    [
        *("1 March 2024", "01 March 2024", "1st March 2024", "1 March, 2024", "Friday 1 March 2024", "01-Mar-2024"),
        *("March 1, 2024", "March 01 2024", "MARCH 1, 2024, 10:00", "Mar. 1, 2024", "March 1st, 2024"),
        *("March 1, 2024 Friday", "Friday, March 1, 2024 10:00 AM"),
        *("Fri Mar 01 23:59:59 +0000 2024", "Fri Mar  1 23:59:59 2024", "Fri Mar  1 23:59:59 UTC 2024"),
    ],
)
def test_a_day_is_read_where_the_month_is_named(date: str) -> None:
    assert days(date=date) == ["2024-03-01"]


@pytest.mark.parametrize(("number", "name"), list(enumerate(calendar.month_name))[1:])
def test_all_months_are_known_by_name(number: int, name: str) -> None:
    assert days(date=f"{name} 5, 2024") == days(date=f"5 {name[:3]} 2024") == [f"2024-{number:02d}-05"]


def test_september_has_a_second_short_name() -> None:
    assert days(date="Sept. 5, 2024") == ["2024-09-05"]


NO_DATES = ["1700000000", "2024-13-01", "2024-00-01", "2024-03-32", "2024-03-00", "2024-0301", "2024-03-011"]


@pytest.mark.parametrize(
    "date",
    [
        *NO_DATES,
        1700000000,
        1710101000,
        1700000000123,
        1700000000123456,
        20240301236000,
        "03/01/2024",
        "2024/0301",
        "Marching 1, 2024",
        "Mayor 1, 2024",
        "March 2024",
        "March 32, 2024",
        "Friday the 1 March 2024",
        "32 Mar 2024",
        "1 Mar 20245",
        "1 Mar 24",
        "",
        None,
        True,
    ],
)
def test_what_is_no_date_gives_no_day(date: Any) -> None:
    assert days(timestamp=date) == []


def test_a_column_whose_name_is_longer_is_no_date() -> None:
    assert days(birthdate="1950-03-01", date_of_birth="1950-03-01", updated="2024-03-09") == []


def test_the_first_date_column_that_has_a_day_counts() -> None:
    assert days(timestamp="2024-03-02", published="2024-03-01", date=1700000000) == ["2024-03-01"]


def test_an_output_is_counted_by_topic_flag_error_and_day() -> None:
    rows = [
        {"topics": ["military", "disaster"], "review": True, "date": "2024-03-01"},
        {"topics": ["military"], "date": "2024-03-01"},
        {"error": "feed.jsonl:17: not JSON (Expecting value at column 5)."},
        {},
    ]
    assert tally_output(write_output(*rows)).counts == {
        "rows": 4,
        "dated": 2,
        "review": 1,
        "error": 1,
        "none": 1,
        "topic": {"military": 2, "disaster": 1},
        "kind": {"not JSON": 1},
        "day": {"2024-03-01": {"rows": 2, "military": 2, "disaster": 1}},
    }


@pytest.mark.parametrize("true", [True, "true", "True", "TRUE", "WAHR", "VRAI", "VERDADERO", 1, 1.0])
def test_a_flag_is_found_however_it_is_written(true: Any) -> None:
    """`True` is written by pandas, `TRUE` by Excel, `WAHR` by Excel in German, 1 by Stata."""
    Path("out.csv").write_text(f"n_topics,n_review,n_error\na|b,{true},\n,False,\n", encoding="utf-8")
    counts = tally_output("out.csv", "n_").counts
    assert (counts["review"], counts["none"], counts["topic"]) == (1, 1, {"a": 1, "b": 1})
    assert is_flagged({"review": true}, "")


@pytest.mark.parametrize("other", [False, None, "false", "False", "", "FALSCH", "FAUX", 0, float("nan")])
def test_what_is_false_is_no_flag(other: Any) -> None:
    assert not is_flagged({"review": other}, "")
    assert not is_flagged({}, "")


def test_a_flag_that_says_neither_is_named() -> None:
    """Taken for false, it would hide a row from a review."""
    Path("out.csv").write_text("topics,review,error\n,false,\n,ano,\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"^out\.csv:3: 'review' is 'ano'\. Write true or false\.$"):
        tally_output("out.csv")


def test_topics_are_a_list_or_names_joined_by_a_bar() -> None:
    assert topics_in({"x_topics": ["a", "b"]}, "x_") == topics_in({"x_topics": "a|b"}, "x_") == ("a", "b")
    assert topics_in({"topics": ""}, "") == topics_in({"topics": []}, "") == topics_in({"topics": None}, "") == ()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("out.txt", "", r"out\.txt: not an output file\. Name a \.jsonl, \.csv or \.parquet file that predict wrote\."),
        ("out.jsonl", "{", r"out\.jsonl:1: not JSON \(.+\)\."),
        (
            "out.jsonl",
            '{"topics": []}',
            r"out\.jsonl:1: no columns 'topics' and 'error'\. Name a file that predict wrote, "
            r"with the --prefix that it was written with\.",
        ),
        (
            "out.jsonl",
            '{"topics": [], "error": null}\n{"topics": [["a"]], "error": null}',
            r"out\.jsonl:2: 'topics' is a list, not text\. Name a file that predict wrote\.",
        ),
        (
            "out.jsonl",
            '{"topics": 5, "error": null}',
            r"out\.jsonl:1: 'topics' is a number \(5\), not text\. Name a file that predict wrote\.",
        ),
        (
            "out.jsonl",
            '{"topics": [], "error": {}}',
            r"out\.jsonl:1: 'error' is an object, not text\. Name a file that predict wrote\.",
        ),
        ("out.parquet", "", r"out\.parquet: not Parquet, or damaged \(.+\)"),
    ],
)
def test_what_is_no_output_is_refused(name: str, content: str, message: str) -> None:
    Path(name).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=f"^{message}$"):
        tally_output(name)


def test_a_missing_output_is_refused() -> None:
    with pytest.raises(InputError, match=r"^gone\.csv: cannot be read \(No such file or directory\)\.$"):
        tally_output("gone.csv")


def test_the_command_prints_the_counts(capsys: pytest.CaptureFixture[str]) -> None:
    write_output({"topics": ["military"], "review": True, "timestamp": 1700000000}, {"day": "2024-03-01"})
    assert main(["--summary", "out.jsonl"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["for", "review", "1", "50.0%"] in lines
    assert [line for line in lines if line and line[0][:1].isdigit()] == [["2024-03-01", "1", "0"]]


def test_names_are_shown_as_they_are_and_steer_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    topics = ["[/red]", "[bold]", "a\x1b[2J"]
    output = write_output({"topics": topics, "date": "2024-03-01"}, {"error": "a [/b].html"})
    assert main(["--summary", output]) == 0
    shown = capsys.readouterr().out
    assert all(shown.count(name) == 2 for name in ("[/red]", "[bold]", r"a\x1b[2J"))
    assert "error: a [/b].html" in shown


def test_the_counts_by_day_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[dict[str, Any]] = [
        {"topics": ["military"], "date": "2024-03-01"},
        {"topics": ["military", "disaster"], "date": "03/02/2024"},
        {"error": "a.csv:3: empty text, nothing to label."},
    ]
    for part, expected in ((rows, [["2024-03-01", "1", "1", "0"], ["no", "day", "2", "1", "1"]]), (rows[:1], None)):
        assert main(["--summary", write_output(*part)]) == 0
        table = capsys.readouterr().out.partition("day ")[2].splitlines()
        found = [line.split() for line in table[2:] if line.strip()]
        assert found == (expected or [["2024-03-01", "1", "1"]])


def test_the_kind_of_an_error_leaves_out_its_particulars() -> None:
    assert error_kind("a.csv:3: field 'body' is a number (5), not text.") == "field '…' is a number"
    assert error_kind("a.csv:3: has 17 fields, the header has 4.") == "has N fields"
    for encoding in ("UTF-8", "CP1252"):
        assert error_kind(f"a.csv:3: not {encoding} (byte 0xe9 at 6). Name the encoding.") == f"not {encoding}"
    for place in ("a.html", "the front page.html", "my feeds.csv:3", "C:\\my pages\\a.html", "stdin"):
        assert error_kind(f"{place}: empty, nothing to label.") == "empty"


def test_no_table_by_day_is_shown_where_no_record_has_a_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--summary", write_output({"topics": ["military"]})]) == 0
    assert "day" not in capsys.readouterr().out
