"""A page saved from the news archive Factiva → its articles, each whole.

Factiva lays out each article in an element of two classes, by its language, as paragraphs or as a table of codes:

    <div class="article enArticle"><table><tr><td>HD</td><td>Flood in Ost</td></tr><tr><td>WC</td><td>90 words</td></tr>
    <tr><td>TD</td><td><p>The river …</p></td></tr>…  ->  ["Flood in Ost", "The river …", "Document …"]

An extractor reads the first such element alone. Of a table headline, lead, text and accession number are kept. Leaves
out: the metadata between paragraphs, and that the accession number ends a document (archives.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from classifier.html_headings import page_blocks
from classifier.html_names import is_unseen

_ARTICLE = re.compile(r"(?<!\S)([a-z]{2}|zhcn|zhtw)Article(?!\S)")  # beside the class "article"
_KEPT = ("HD", "LP", "TD", "AN")
_CODE = re.compile(r"[A-Z]{2,3}")


def factiva_articles(tree: Any) -> Iterator[list[str]]:
    """The lines of each article of such a page, none of another."""
    articles = [one for one in tree.iter("div", "article", "section") if _is_article(one)]
    for article in articles:
        if not any(map(_is_article, article.iterancestors())):
            left_out = _metadata(article)
            lines = [line for block in page_blocks(article, left_out=left_out) for line in block.lines]
            if lines:
                yield lines


def _is_article(element: Any) -> bool:
    """Whether class and parts of an element name the same language: no other archive writes both."""
    names = element.get("class") or ""
    language = _ARTICLE.search(names)
    if language is None or "article" not in names.split():
        return False
    parts = {f"{language[1]}Headline", f"{language[1]}articleParagraph"}
    return any(not parts.isdisjoint(one.get("class").split()) for one in element.iterfind(".//*[@class]"))


def _metadata(article: Any) -> Callable[[Any], bool]:
    """Tells which elements are no text: codes and rows of metadata in a table of codes, and what is unseen."""
    rows = {row: _code_of(row) for row in article.iter("tr")}
    tables = {_table_of(row) for row, code in rows.items() if code == "HD"}
    left_out = set()
    for row, code in rows.items():
        if code and _table_of(row) in tables:
            left_out.add(row[0] if code in _KEPT else row)
    return lambda element: element in left_out or is_unseen(element)


def _table_of(row: Any) -> Any:
    return next(row.iterancestors("table"), None)


def _code_of(row: Any) -> str:
    """The code in the first of two cells, else nothing."""
    code = "".join(row[0].itertext()).strip() if len(row) == 2 else ""
    return code if _CODE.fullmatch(code) else ""
