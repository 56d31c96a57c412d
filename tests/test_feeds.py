"""RSS and Atom as they come: markup in the texts, odd dates, bare ampersands, a download that broke off."""

from __future__ import annotations

import gzip
import io
import itertools
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import InputError
from classifier.errors import CommandError, MissingExtraError
from classifier.feeds import feed_records
from classifier.predict import main
from classifier.sources import Source, find_sources
from classifier.stories import ReadOptions, Story, read_stories

SPACES = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
WHOLE = """<item><title>Talks &lt;b&gt;open&lt;/b&gt; in Ost &amp;amp; Aldmark</title><link>https://news.example/1</link>
<guid isPermaLink="false">g1</guid><pubDate>Mon, 04 Mar 2024 10:00:00 +0100</pubDate><dc:creator>Ann</dc:creator>
<category>World</category><category>Talks</category><description>Envoys met &lt;i&gt;again&lt;/i&gt;.</description>
<content:encoded><![CDATA[<p>Envoys met.</p><p>They <a href="x">agreed</a>.<br/><br/>More.</p><script>x</script>
<div class="share">Share this</div>]]></content:encoded></item>"""
SHORT = "<item><title>Flood & rain</title><description>Plain, AT&amp;amp;T, 3 &amp;lt; 4</description></item>"


def rss(*items: str, end: str = "</channel></rss>") -> str:
    return f'<rss version="2.0" {SPACES}><channel><title>Feed</title>{"".join(items)}{end}'


def stories(folder: Path, feed: str | bytes, name: str = "feed.xml", **options: Any) -> list[Story]:
    path = folder / name
    path.write_bytes(feed if isinstance(feed, bytes) else feed.encode("utf-8"))
    [source] = find_sources([str(path)])
    return list(read_stories(source, ReadOptions(**options)))


def test_an_item_is_a_record_with_the_text_of_its_markup(tmp_path: Path) -> None:
    whole, short = stories(tmp_path, rss(WHOLE, SHORT))
    assert whole == Story(
        text="Envoys met.\nThey agreed.\nMore.",
        title="Talks open in Ost & Aldmark",
        id="g1",
        columns={
            "id": "g1",
            "title": "Talks open in Ost & Aldmark",
            "text": "Envoys met.\nThey agreed.\nMore.",
            "summary": "Envoys met again.",
            "link": "https://news.example/1",
            "published": "2024-03-04T09:00:00Z",
            "author": "Ann",
            "tags": ["World", "Talks"],
        },
    )
    assert (short.title, short.text, short.id) == ("Flood & rain", "Plain, AT&T, 3 < 4", f"{tmp_path}/feed.xml:2")


def test_atom_and_rss_1_are_read_too(tmp_path: Path) -> None:
    atom = (
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><entry><id>u</id><title>A truce</title>'
        '<updated>2024-01-02T03:04:05Z</updated><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
        "<p>One.</p><p>Two.</p></div></content></entry></feed>"
    )
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        "<channel><title>Feed</title></channel><item><title>A truce</title><description>One.</description></item>"
        "</rdf:RDF>"
    )
    [entry] = stories(tmp_path, atom, "feed.atom")
    assert (entry.text, entry.columns["published"]) == ("One.\nTwo.", "2024-01-02T03:04:05Z")
    [item] = stories(tmp_path, rdf, "feed.rss")
    assert (item.title, item.text, item.error) == ("A truce", "One.", None)


def test_a_date_that_is_none_stays_as_it_is(tmp_path: Path) -> None:
    [item] = stories(tmp_path, rss("<item><title>A truce</title><pubDate>last week</pubDate></item>"))
    assert item.columns["published"] == "last week"


@pytest.mark.parametrize("end", ["", "</channel>", "<item><title>Half a ti"])
def test_a_feed_that_breaks_off_keeps_its_items_and_says_so(tmp_path: Path, end: str) -> None:
    whole, short, *cut, last = stories(tmp_path, rss(WHOLE, SHORT, end=end))
    assert (whole.error, short.error, len(cut) <= 1) == (None, None, True)
    assert "the feed breaks off (no </rss> at its end)" in str(last.error)


def test_an_encoding_that_is_declared_holds_and_nothing_is_replaced(tmp_path: Path) -> None:
    feed = f'<?xml version="1.0" encoding="windows-1252"?>{rss("<item><title>Café “closed”</title></item>")}'
    [item] = stories(tmp_path, feed.encode("cp1252"))
    assert item.title == "Café “closed”"
    plain = feed.partition("?>")[2].encode("cp1252")
    with pytest.raises(InputError, match=r"not UTF-8 .*--encoding"):
        stories(tmp_path, plain)
    assert [story.title for story in stories(tmp_path, plain, encoding="cp1252")] == ["Café “closed”"]
    assert [story.title for story in stories(tmp_path, feed.encode("utf-16"))] == ["Café “closed”"]


@pytest.mark.parametrize(
    ("feed", "said"),
    [("<urlset><url/></urlset>", "neither RSS nor Atom"), (" \n", "empty"), ("<html><p>x", "neither RSS nor Atom")],
)
def test_what_is_no_feed_is_refused(tmp_path: Path, feed: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        stories(tmp_path, feed)


def test_a_feed_without_items_has_no_rows(tmp_path: Path) -> None:
    assert stories(tmp_path, rss()) == []


def test_entities_are_neither_multiplied_nor_fetched(tmp_path: Path) -> None:
    names = "abcdefghij"
    bomb = "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in itertools.pairwise(names))
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    entities = f'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{bomb}<!ENTITY s SYSTEM "file://{secret}">]>'
    [item] = stories(tmp_path, entities + rss("<item><title>T &s;</title><description>&j;</description></item>"))
    assert "hunter2" not in item.title
    assert len(item.text) < 1000


@given(title=st.text(), text=st.text(), junk=st.sampled_from(["", "&", "<", "<b", "]]>", "\x0b", "<?", "<!--"]))
def test_no_item_makes_a_feed_unreadable(title: str, text: str, junk: str) -> None:
    feed = rss(WHOLE, f"<item><title>{title}{junk}</title><description>{text}</description></item>")
    records = list(feed_records(io.BytesIO(feed.encode("utf-8", "replace")), "feed.xml", "utf-8"))
    assert records[0][1]["id"] == "g1"  # type: ignore[index]
    assert all(isinstance(record, dict | str) for _, record in records)


def test_the_command_reads_feeds_packed_and_from_standard_input(
    tmp_path: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = tmp_path / "feed.xml.gz"
    packed.write_bytes(gzip.compress(rss(WHOLE, SHORT).encode()))
    options = ["--model", str(tiny_model), "--device", "cpu", "--format", "jsonl"]
    assert main([str(packed), *options]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["title"] for row in rows] == ["Talks open in Ost & Aldmark", "Flood & rain"]
    (tmp_path / "feed.xml").write_text('<?xml version="1.0"?>\n' + rss(WHOLE, SHORT))
    with (tmp_path / "feed.xml").open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        assert main(["-", *options]) == 0
    assert [json.loads(line)["text"] for line in capsys.readouterr().out.splitlines()] == [row["text"] for row in rows]


def test_another_field_may_be_the_text_and_one_that_is_not_there_is_said(
    tmp_path: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "feed.xml").write_text(rss(WHOLE))
    options = ["--model", str(tiny_model), "--device", "cpu", "--format", "jsonl"]
    assert main([str(tmp_path / "feed.xml"), *options, "--text-field", "summary"]) == 0
    assert json.loads(capsys.readouterr().out)["tokens_total"] > 0
    assert main([str(tmp_path / "feed.xml"), *options, "--text-field", "sumary"]) == 3
    assert "Did you mean 'summary'?" in capsys.readouterr().err


def test_folders_give_xml_only_where_there_is_nothing_else(tmp_path: Path) -> None:
    for name in ("feed.xml", "news.rss"):
        (tmp_path / name).write_text(rss(SHORT))
    assert [Path(source.name).name for source in find_sources([str(tmp_path)])] == ["news.rss"]
    (tmp_path / "news.rss").unlink()
    assert [Path(source.name).name for source in find_sources([str(tmp_path)])] == ["feed.xml"]


def test_a_feed_needs_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "feedparser", None)
    with pytest.raises(MissingExtraError, match=r"reading feeds needs the extra 'html'"):
        stories(tmp_path, rss(SHORT))


def test_an_encoding_that_is_not_known_is_the_command_s_fault(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text(rss(SHORT))
    with pytest.raises(CommandError, match="utf-9"):
        list(read_stories(Source(str(tmp_path / "feed.xml"), "feed"), ReadOptions(encoding="utf-9")))
