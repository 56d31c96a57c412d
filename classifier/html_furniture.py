"""Dialogs about cookies in the tree of an HTML page, which an extractor takes for the story, or for a part of it.

A browser saves the dialog of a consent manager with the page. It is longer than many a story, and has a headline of its
own. Known by the name that its maker gives it, since a page is named "cookie" or "consent" for many reasons:

    <h1>Flood</h1><p>The river …</p><div id="onetrust-consent-sdk">…</div>  ->  <h1>Flood</h1><p>The river …</p>

Leaves out: furniture by other names, which is only kept from standing above stories (html_headings.py).
"""

from __future__ import annotations

import re
from typing import Any

from classifier.html_headings import WHOLE, class_and_id

_DIALOG = re.compile(  # whole names: "didomi-popup-open" is a page
    r"(?<!\S)(?:onetrust-(?:consent|banner|pc)-sdk|fc-consent-root|cybotcookiebotdialog|qc-cmp2-container"
    r"|didomi-(?:host|popup|notice)|cky-(?:consent-container|modal)|sp_message_container_\d+|usercentrics-root"
    r"|cmplz-cookiebanner-container|borlabscookiebox|iubenda-cs-banner|osano-cm-window|cookie-law-info-bar)(?!\S)"
)


def drop_dialogs(tree: Any) -> None:
    """Empties the dialogs of consent managers."""
    named = [one for one in tree.iter("*") if one.tag not in WHOLE and _DIALOG.search(class_and_id(one))]
    for element in named:
        if next(element.iter("article", "main"), None) is None:
            empty(element)


def empty(element: Any) -> None:
    """Leaves nothing of an element but its place: to take it out would copy what follows it each time."""
    tail = element.tail
    element.clear()
    element.tag, element.tail = "span", tail
