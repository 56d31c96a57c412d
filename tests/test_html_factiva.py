"""Pages saved from Factiva: each article is one story, whatever its length, layout and language."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from classifier.html_text import main_text
from classifier.sources import Source
from classifier.stories import ReadOptions, read_stories

PLACES = ("Alpha", "Beta", "Gamma")
PAGE = "<html><head><title>Factiva</title></head><body><p>Search summary</p>{}<p>© 2024 Factiva, Inc.</p></body></html>"


def said(place: str) -> str:
    return f"The {place} council said on Monday that it would go on with the plan, discussed for months by its members."


def body(place: str, count: int) -> list[str]:
    return [said(f"{place} {number}") for number in range(count)]


def paragraphs(place: str, count: int) -> str:
    return "".join(f"<p>{line}</p>" for line in body(place, count))


def of_codes(place: str, count: int, language: str) -> str:
    cells = {
        "HD": f'<span class="{language}Headline">Talks in {place}</span>',
        "WC": "512 words",
        "SN": "The Odrava Times",
        "LP": paragraphs(place, 1),
        "TD": paragraphs(place, count).replace(paragraphs(place, 1), "", 1),
        "NS": "gvio : Military Action | gcat : Political/General News",
        "AN": f"Document ODRA000020240312ek3c0{place[:1].lower()}12a",
    }
    rows = (f'<tr><td class="index"><b>{code}</b>&nbsp;</td><td>{cell}</td></tr>' for code, cell in cells.items())
    return f'<div class="article {language}Article"><table>{"".join(rows)}</table></div><br>'


def of_paragraphs(place: str, count: int, language: str) -> str:
    lines = ("512 words", "12 March 2024", "The Odrava Times", "ODRA", "English", "(c) 2024 The Odrava Times")
    header = "".join(f"<div>{line}</div>" for line in lines)
    end = f"<p>Document ODRA000020240312ek3c0{place[:1].lower()}12a</p>"
    headline = f'<div id="hd"><span class="{language}Headline">Talks in {place}</span></div>'
    return f'<div class="article {language}Article">{headline}{header}{paragraphs(place, count)}{end}</div>'


@pytest.mark.parametrize("layout", [of_codes, of_paragraphs])
@pytest.mark.parametrize("count", [2, 60])
@pytest.mark.parametrize("language", ["en", "de"])
def test_each_article_is_one_story_without_its_metadata(
    layout: Callable[[str, int, str], str], count: int, language: str, tmp_path: Path
) -> None:
    page = tmp_path / "saved.html"
    page.write_text(PAGE.format("".join(layout(place, count, language) for place in PLACES)), encoding="utf-8")
    found = list(read_stories(Source(str(page), "html"), ReadOptions()))
    assert [story.text.split("\n") for story in found] == [[f"Talks in {p}", *body(p, count)] for p in PLACES]
    assert [story.title for story in found] == [f"Talks in {place}" for place in PLACES]


def test_a_table_in_an_article_is_read_and_other_pages_are_none_of_factiva() -> None:
    table = "<table><tr><td>UK</td><td>12 tons of wheat</td></tr></table>"
    for page in (of_paragraphs("Alpha", 3, "en"), of_codes("Alpha", 3, "en")):
        lines = main_text(PAGE.format(page.replace("</p>", f"</p>{table}", 1))).text.split("\n")
        assert lines[lines.index(said("Alpha 0")) + 1 :][:2] == ["UK", "12 tons of wheat"]
    other = main_text(PAGE.format(f'<div class="article myArticle">{paragraphs("Alpha", 8)}</div>'))
    assert other.title == "Factiva"
    assert other.text.split("\n")[-8:] == body("Alpha", 8)
