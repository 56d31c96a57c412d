"""What a text that begins like XML is, by its outermost element: a feed, HTML, or neither.

Leaves out: the text of each (feed_xml.py, html_tree.py), and what does not begin with "<" (sniffing.py).
"""

from __future__ import annotations

import re

from classifier.feed_xml import ROOTS, local_name

_PAGE = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->)*+<(?:!doctype\s+)?html[\s/>]", re.DOTALL | re.IGNORECASE)
_PROLOG = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)*", re.DOTALL)
_COMMENTS = re.compile(r"(?:\s+|<!--.*?-->)*+", re.DOTALL)
_START = re.compile(r"<([A-Za-z_][\w:.-]*)[\s/>]")
_OF_PAGES = frozenset(  # elements that a page without <html>, or a part of one, may begin with
    [
        *("head", "meta", "link", "base", "style", "script", "noscript", "body", "header", "nav", "main", "article"),
        *("section", "aside", "footer", "hgroup", "div", "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl"),
        *("table", "figure", "blockquote", "pre", "center", "form", "details"),
    ]
)
_BLOCK = re.compile(r"</?(?:p|div|h[1-6]|li|br|td|dd|pre|blockquote)[\s/>]", re.IGNORECASE)


def markup_format(text: str) -> str:
    """What a text is by its outermost element: "feed", "html" (a part of a page as well), or "txt" for any other XML.

    It may break off behind the start of that element. A part of a page holds two tags of blocks of text, since one may
    stand in a text by mistake.
    """
    if _PAGE.match(text):
        return "html"
    prolog = _PROLOG.match(text)
    root = _START.match(text, prolog.end() if prolog else 0)
    if root is None:
        return "txt"
    if local_name(root[1]) in ROOTS:
        return "feed"
    comments = _COMMENTS.match(text)
    is_bare = comments is not None and comments.end() == root.start()
    return "html" if is_bare and root[1].lower() in _OF_PAGES and len(_BLOCK.findall(text)) > 1 else "txt"
