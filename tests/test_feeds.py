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
<content:encoded><![CDATA[<p>Envoys met.</p><p>They <a href="x">agreed</a>.<br/><br/>More.</p><p hidden>x</p>
<script>x</script>]]>
</content:encoded></item>"""
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


MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'


@pytest.mark.parametrize(
    ("item", "title", "text"),
    [
        ("<title>T</title><description>Own.</description><media:description>Caption</media:description>", "T", "Own."),
        ("<media:description>Caption</media:description><content:encoded>All.</content:encoded>", "", "All."),
        ("<title>T</title><image><title>I</title><description>i</description></image>", "T", ""),
        ("<description>Own.</description><itunes:summary>Other</itunes:summary>", "", "Own."),
        ("<description>One.</description><description>Two.</description>", "", "One.\nTwo."),
        (
            "<media:group><media:title>M</media:title><media:description>A\nB</media:description></media:group>",
            "M",
            "A\nB",
        ),
        ("<title>Quake &#xD83D;&#xDE00; &#55357;&#56832; hits</title>", "Quake 😀 😀 hits", ""),
        ("<title>a &#xD83D; b &#99999999; c &#x110000; d</title>", "a &#xD83D; b &#99999999; c &#x110000; d", ""),
        ("<title>Caf&eacute;&nbsp;Ost &unknown; AT&T</title>", "Café Ost &unknown; AT&T", ""),
        (
            "<title>T</title><description><![CDATA[only if a<c then the rest]]></description>",
            "T",
            "only if a<c then the rest",
        ),
        ("<title>if a<c then 3 < 4</title><description>D</description>", "if a<c then 3 < 4", "D"),
        (
            '<title>T</title><link>https://a.b/?x=1&y=2</link><description><a href="?x=1&y=2">D</a></description>',
            "T",
            "D",
        ),
        (
            '<description><![CDATA[<div class="related social"><p>All of it.</p></div>]]></description>',
            "",
            "All of it.",
        ),
        (f"<description><![CDATA[{'<div>' * 600}deep{'</div>' * 600}<p>after</p>]]></description>", "", "deep\nafter"),
        ("<description>Line one\nLine two</description>", "", "Line one\nLine two"),
        ("<title>write <![CDATA[<?xml version='1.0'?>]]> first</title>", "write <?xml version='1.0'?> first", ""),
        ("<title>a \x01 b</title><description><![CDATA[c \x02 d]]></description>", "a b", "c   d"),
        ("<title>T</title><description>a <b>bold</b> word</description>", "T", "a bold word"),
        ("<title>One</b> two</title><description>one</p> two</b> three</description>", "One two", "one two three"),
        ("<description>Rain fell.<p>Five died.</description><title>T</title>", "T", "Rain fell.\nFive died."),
        ("<description><ul><li>one<li>two</ul></description><title>T</title>", "T", "one\ntwo"),
        ("<description>See <a href=x target=_blank>here</a> for more</description>", "", "See here for more"),
        ("<description><video controls>v</video> and <input type='x'> text</description>", "", "v\nand\ntext"),
        ("<description><![CDATA[<p>Fire &#55357;&#56613; 1990&#150;2000</p>]]></description>", "", "Fire 🔥 1990–2000"),
        ("<description>1990&#150;2000 it&#146;s &#xD83D;</description>", "", "1990–2000 it’s &#xD83D;"),
        ("<description><![CDATA[<p>Use <item> in RSS</p>]]></description><title>T</title>", "T", "Use\nin RSS"),
        ("<description>&amp;lt;p&amp;gt;Hello&amp;lt;/p&amp;gt;</description>", "", "Hello"),
        ("<media:content><media:title>Photo</media:title></media:content><description>D</description>", "", "D"),
        ("<TITLE>T</TITLE><Description>D</Description>", "T", "D"),
        ("<title>T</title><content type='image/png'>iVBORw0KGgo=</content><description>D</description>", "T", "D"),
        ("<media:item><title>M</title></media:item><title>T</title>", "T", ""),
    ],
)
def test_every_field_is_the_item_s_own_and_no_text_is_lost(tmp_path: Path, item: str, title: str, text: str) -> None:
    feed = rss(f"<item>{item}</item>", SHORT).replace("<rss ", f"<rss {MEDIA} ")
    first, second = stories(tmp_path, feed)
    assert (first.title, first.text) == (title, text)
    assert second.title == "Flood & rain"


@pytest.mark.parametrize(
    ("feed", "titles"),
    [
        ('<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>A</a:title></a:entry></a:feed>', ["A"]),
        ('<RSS version="2.0"><channel><item><title>A</title></item></channel></RSS>', ["A"]),
        ('<RDF xmlns="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><item><title>A</title></item></RDF>', ["A"]),
        ("<RSS><CHANNEL><ITEM><TITLE>A</TITLE></ITEM></CHANNEL></RSS>", ["A"]),
        ('<rss version="2.0"xmlns:media="m"><channel><item><title>A</title></item></channel></rss>', ["A"]),
        ("<br />\n<b>Warning</b>: x\n<rss version=2.0><channel><item><title>A</title></item></channel></rss>", ["A"]),
        ("<rss/>", []),
        ("\n\n<!-- <feed> -->" + rss("<item><title>A</title></item>"), ["A"]),
        (rss("<item><title>A</title></item>") + rss("<item><title>B</title></item>"), ["A", "B"]),
        (rss("<item><title>A</title><item><title>B</title></item></item>"), ["A", "B"]),
        (rss("<item><title>A<br>b</title></item>", "<item><title>B</title></item>"), ["A b", "B"]),
        (
            rss("<item><description><![CDATA[never ended</description></item>", "<item><title>B</title></item>"),
            ["", "B"],
        ),
    ],
)
def test_feeds_of_all_kinds(tmp_path: Path, feed: str, titles: list[str]) -> None:
    found = stories(tmp_path, feed)
    assert [(story.title, story.error) for story in found] == [(title, None) for title in titles]


@pytest.mark.parametrize("hidden", ["<!-- </rss> -->", "<item><title><![CDATA[</rss>]]></title></item>"])
def test_only_the_end_of_the_feed_is_its_end(tmp_path: Path, hidden: str) -> None:
    assert "breaks off" in str(stories(tmp_path, rss(hidden, WHOLE, end="<item><title>T"))[-1].error)


def test_a_feed_that_is_cut_within_a_character_keeps_its_items(tmp_path: Path) -> None:
    first, second, last = stories(tmp_path, rss(WHOLE, end="<item><title>Caf\u00e9").encode()[:-1])
    assert (first.id, second.title) == ("g1", "Caf")
    assert "breaks off" in str(last.error)


def test_a_packed_feed_that_is_cut_off_keeps_its_items(
    tmp_path: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    items = [f"<item><title>Talks {number * 7919 % 1000}</title></item>" for number in range(3000)]
    (tmp_path / "feed.rss.gz").write_bytes(gzip.compress(rss(*items).encode())[:-400])
    assert (
        main([str(tmp_path / "feed.rss.gz"), "--model", str(tiny_model), "--device", "cpu", "--format", "jsonl"]) == 3
    )
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) > 1500
    assert "the compressed data is cut off" in rows[-1]["error"]
    assert not any(row["error"] for row in rows[:-1])


def test_what_a_page_in_an_item_declares_is_not_the_encoding_of_the_feed(tmp_path: Path) -> None:
    page = '<description><![CDATA[<meta charset="windows-1252"><p>Мир</p>]]></description>'
    feed = f'<?xml version="1.0" encoding="windows-1251"?>{rss(f"<item><title>Привет</title>{page}</item>")}'
    [item] = stories(tmp_path, feed.encode("cp1251"))
    assert (item.title, item.text) == ("Привет", "Мир")
    [item] = stories(tmp_path, feed.replace("windows-1251", "UTF-16").encode("utf-16-le"))
    assert item.title == "Привет"


@pytest.mark.parametrize(
    "junk", ["<!-- ", "<![CDATA[", "<?", "<!DOCTYPE ", "<", "&", '<a b="', "<a ", "<![CDATA[ <item> "]
)
def test_junk_is_read_in_a_time_that_grows_with_its_length(tmp_path: Path, junk: str) -> None:
    assert len(stories(tmp_path, rss(junk * 50_000, end="]]></channel></rss>"))) < 60_000  # minutes, were it squared


@pytest.mark.parametrize("date", ["0000-00-00", "2024-13-45T99:99:99Z", "1709542800", "99999-01-01", "last week"])
def test_no_date_is_made_up(tmp_path: Path, date: str) -> None:
    [item] = stories(tmp_path, rss(f"<item><title>T</title><pubDate>{date}</pubDate></item>"))
    assert item.columns["published"] == date


def test_markup_on_standard_input_is_a_feed_only_by_its_outermost_element(
    tmp_path: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "<!DOCTYPE html><html><body><p>The <code><rss></code> and </rss> tag. Troops crossed the border.</p></body>"
    for text, is_feed in ((told, False), ("<b>Note: our <feed> is new\nTroops crossed", False), (rss(SHORT), True)):
        (tmp_path / "in").write_text(f"<?xml version='1.0'?>\n<!-- {'x' * 10_000} -->\n{text}" if is_feed else text)
        with (tmp_path / "in").open() as file:
            monkeypatch.setattr(sys, "stdin", file)
            assert main(["-", "--model", str(tiny_model), "--device", "cpu", "--format", "jsonl"]) == 0
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [row.get("title") == "Flood & rain" for row in rows] == [is_feed]


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


def test_folders_give_xml_only_beside_other_feeds_and_alone(tmp_path: Path) -> None:
    def found() -> list[str]:
        return [Path(source.name).name for source in find_sources([str(tmp_path)])]

    for name in ("feed.xml", "news.rss", "about.json"):
        (tmp_path / name).write_text(rss(SHORT))
    assert found() == ["feed.xml", "news.rss"]
    (tmp_path / "data.csv").write_text("text")
    assert found() == ["data.csv", "news.rss"]
    (tmp_path / "data.csv").unlink()
    (tmp_path / "news.rss").unlink()
    assert found() == ["about.json", "feed.xml"]


def test_a_feed_needs_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lxml.html", None)
    with pytest.raises(MissingExtraError, match=r"reading feeds needs the extra 'html'"):
        stories(tmp_path, rss(SHORT))


def test_an_encoding_that_is_not_known_is_the_command_s_fault(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text(rss(SHORT))
    with pytest.raises(CommandError, match="utf-9"):
        list(read_stories(Source(str(tmp_path / "feed.xml"), "feed"), ReadOptions(encoding="utf-9")))
