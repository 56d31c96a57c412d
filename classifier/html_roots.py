"""HTML pages one behind another (`cat *.html`) → the root of each, a document by itself.

The parser makes a root of each <html> that follows </html>, and of any other text there:

    <html>A</html><html>B</html>  ->  [<html>A</html>, <html>B</html>]

A root without title, headline or prose is no page: a template included it, or a tag </html> stands too early. It is
part of the page before, as in a browser. Leaves out: what of the pages is their text (html_text.py).
"""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

from classifier.boilerplate import is_boilerplate
from classifier.html_headings import PROSE, page_blocks

SENTENCE = re.compile(r"\S+(?: \S+){4,}[.!?…][\"'”’)]*")  # of five words: bylines, dates and links are none


def roots_of(root: Any) -> list[Any]:
    """The roots of the pages, the given one first; it is in no list with others if no page follows it."""
    following = [one for one in root.itersiblings() if one.tag == "html"] if root.tag == "html" else []
    if not following:
        return [root]
    roots = [deepcopy(root)]  # the root of a document of its own, in which the others aren't found
    for one in map(deepcopy, following):
        if _is_page(one):
            roots.append(one)
        else:
            _append(roots[-1], one)
    return roots


def is_said(line: str) -> bool:
    """Whether a line is as long as prose or a whole sentence, and no boilerplate."""
    return (len(line) >= PROSE or SENTENCE.fullmatch(line) is not None) and not is_boilerplate(line)


def _is_page(root: Any) -> bool:
    """Whether a root has a title or headline, and something that is said."""
    titles = ("".join(title.itertext()) for title in root.iter("title", "h1"))
    if not any(map(str.strip, titles)):
        return False
    return any(is_said(line) for block in page_blocks(root) if not block.heading for line in block.lines)


def _append(page: Any, root: Any) -> None:
    """Puts the content of a root at the end of a page."""
    head, content, body = root.find("head"), root.find("body"), page.find("body")
    if head is not None:
        root.remove(head)
    content = root if content is None else content
    content.attrib.clear()
    content.tag, content.tail = "div", None
    (page if body is None else body).append(content)
