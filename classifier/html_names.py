"""What the tag, the class and the id of an element of an HTML page say of it: furniture, a remark of a reader, hidden.

    <div class="related-posts">, <aside>  ->  furniture; <li class="comment">  ->  a remark

Leaves out: what only the content of an element tells (html_furniture.py, html_articles.py).
"""

from __future__ import annotations

import re
from typing import Any

UNSEEN = frozenset(("button", "head", "iframe", "noscript", "object", "script", "select", "style", "svg", "template"))
UNREAD = UNSEEN | {"aside", "dialog", "footer", "form", "nav", "textarea"}
FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|cookies?|consent|gdpr|privacy|sidebar|related|recommended|newsletter"
    r"|subscribe|share|sharing|social|footer|breadcrumbs?|popup|modal|promo|adverts?|ads?|comments?|most-read)(?:$|[\s_-])"
)
REMARKS = re.compile(r"comment(?!ary)|repl(?:y|ies)|response")  # in names of readers' comments and their sections
WHOLE = ("html", "body", "main")  # whose names tell nothing of their parts


def is_unseen(element: Any) -> bool:
    """Whether nobody sees an element: what is furniture in the content of one story."""
    return element.tag in UNSEEN or is_hidden(element)


def is_hidden(element: Any) -> bool:
    """Whether an element is marked as hidden; never the page as a whole, nor what its reader may open."""
    hidden = element.get("hidden")
    return hidden is not None and hidden.lower() != "until-found" and element.tag not in WHOLE


def is_furniture_by_name(element: Any) -> bool:
    """Whether class or id of an element say that it is no part of the text."""
    return FURNITURE.search(class_and_id(element)) is not None


def is_named(element: Any, names: re.Pattern[str]) -> bool:
    """Whether class or id of an element, or of what it stands in, hold one of these names."""
    around = (element, *element.iterancestors())
    return any(names.search(class_and_id(one)) for one in around if one.tag not in WHOLE)


def class_and_id(element: Any) -> str:
    """Both attributes of an element, in lower case."""
    return f"{element.get('class') or ''} {element.get('id') or ''}".lower()
