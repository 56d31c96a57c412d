"""CDATA marks that a writer of feeds escaped once more are no part of the text, and hide none of it."""

from __future__ import annotations

import io

import pytest

from classifier.feeds import feed_records


def item(**fields: str) -> dict[str, str]:
    """The record of a feed's only item, whose fields hold these as XML."""
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    feed = f"<rss><channel><item>{inside}</item></channel></rss>"
    [(_, record)] = feed_records(io.BytesIO(feed.encode()), "feed.xml", "utf-8")
    assert isinstance(record, dict)
    return record


@pytest.mark.parametrize(
    ("description", "text"),
    [
        (
            "&lt;![CDATA[Envoys met in Odrava.&lt;br&gt;Rain fell in the city.]]&gt;",
            "Envoys met in Odrava.\nRain fell in the city.",
        ),
        ('&lt;![CDATA[Envoys met. &lt;a href="x"&gt;More]]&gt;', "Envoys met. More"),
        ("\n &lt;![CDATA[\nEnvoys met.\n]]>\n", "Envoys met."),
        ("&lt;![CDATA[Envoys met, and then", "Envoys met, and then"),  # cut off by who wrote it
        ("&lt;p&gt;Envoys met.&lt;/p&gt;&lt;![CDATA[&lt;p&gt;Rain fell.&lt;/p&gt;]]&gt;", "Envoys met.\nRain fell."),
        ("<![CDATA[<![CDATA[Envoys met.<br>Rain fell.]]>]]>", "Envoys met.\nRain fell."),
        ("&amp;lt;![CDATA[Envoys met.&amp;lt;br&amp;gt;Rain fell.]]&amp;gt;", "Envoys met.\nRain fell."),
    ],
)
def test_marks_that_were_escaped_are_left_out_and_the_text_in_them_is_kept(description: str, text: str) -> None:
    assert item(description=description)["text"] == text


def test_every_field_of_an_item_is_without_them() -> None:
    found = item(title="&lt;![CDATA[Quake shakes the coast]]&gt;", link="&lt;![CDATA[https://news.example/1]]&gt;")
    assert (found["title"], found["link"]) == ("Quake shakes the coast", "https://news.example/1")


@pytest.mark.parametrize(
    ("description", "text"),
    [
        ("if (a[b[0]]&gt;c) Envoys met.", "if (a[b[0]]>c) Envoys met."),
        ("Envoys met. ]]&gt;", "Envoys met. ]]>"),
        ("&lt;p&gt;Writers of XML type &amp;lt;![CDATA[x]]&amp;gt;.&lt;/p&gt;", "Writers of XML type <![CDATA[x]]>."),
        ("&lt;script&gt;//&lt;![CDATA[\nx()\n//]]&gt;&lt;/script&gt;&lt;p&gt;Envoys met.&lt;/p&gt;", "Envoys met."),
    ],
)
def test_what_only_looks_like_marks_stays(description: str, text: str) -> None:
    assert item(description=description)["text"] == text
