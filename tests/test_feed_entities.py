"""The entities that a feed declares for itself: short words are put in, a flood of text is not."""

from __future__ import annotations

import io

import pytest

from classifier.feeds import feed_records


def titles(entity: str, *texts: str, attribute: str = "") -> list[str]:
    """The titles of a feed with these, which declares the entity `own`."""
    items = "".join(f"<item{attribute}><title>{text}</title></item>" for text in texts)
    feed = f'<!DOCTYPE rss [<!ENTITY own "{entity}">]><rss><channel>{items}</channel></rss>'
    records = [record for _, record in feed_records(io.BytesIO(feed.encode()), "feed.xml", "utf-8")]
    assert all(isinstance(record, dict) for record in records)
    return [record["title"] for record in records if isinstance(record, dict)]


def test_the_entity_of_a_name_is_put_in_however_often_it_stands_there() -> None:
    assert (
        titles("The Odrava Courier", *["&own;: floods &amp; &ocirc;"] * 2000)
        == ["The Odrava Courier: floods & ô"] * 2000
    )


@pytest.mark.parametrize("attribute", ["", ' of="' + "&own;" * 30 + '"'], ids=["text", "attributes"])
def test_a_long_entity_that_stands_there_often_stays_a_reference(attribute: str) -> None:
    text = "&own;" if attribute else "&own;" * 30
    assert titles("flood " * 50_000, "&own;" * 2) == [("flood " * 100_000).strip()]
    assert titles("flood " * 50_000, text, "Truce &amp; talks", attribute=attribute) == [text, "Truce & talks"]
