"""Dialogs about cookies and menus in the tree of an HTML page, which an extractor takes for stories, or parts of them.

A browser saves the dialog of a consent manager with the page. It is longer than many a story, and has a headline of its
own. Known by the name that its maker gives it, since a page is named "cookie" or "consent" for many reasons:

    <h1>Flood</h1><p>The river …</p><div id="onetrust-consent-sdk">…</div>  ->  <h1>Flood</h1><p>The river …</p>

An extractor that finds no long text on a page reads all of its short ones. A menu is what is named so and holds hardly
anything but links of a few words each; the headlines in a list of stories have more.

Leaves out: furniture by other names, which is only kept from standing above stories (html_names.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from classifier.html_headings import PROSE, key_of
from classifier.html_names import UNSEEN, WHOLE, class_and_id, is_hidden

_DIALOG = re.compile(  # whole names: "didomi-popup-open" is a page
    r"(?<!\S)(?:onetrust-(?:consent|banner|pc)-sdk|fc-consent-root|cybotcookiebotdialog|qc-cmp2-container"
    r"|didomi-(?:host|popup|notice)|cky-(?:consent-container|modal)|sp_message_container_\d+|usercentrics-root"
    r"|cmplz-cookiebanner-container|borlabscookiebox|iubenda-cs-banner|osano-cm-window|cookie-law-info-bar)(?!\S)"
)
_MENU = re.compile(r"(?<!\S)(?:\S*[_-])?(?:sub)?(?:menu|nav|navbar|navigation)(?!\S)")
_MENU_ROLES = ("navigation", "menu", "menubar")
_MENU_TAGS = ("nav", "ul", "ol", "div", "aside", "section", "header", "footer", "menu")
_PARTS = ("h1", "article", "main")
_LINKED = 0.8  # of the characters of a menu
_ENTRY_WORDS = 3  # on average: "Letters to the Editor" is a long one


def drop_dialogs(tree: Any) -> None:
    """Empties the dialogs of consent managers."""
    named = [one for one in tree.iter("*") if one.tag not in WHOLE and _DIALOG.search(class_and_id(one))]
    for element in named:
        if next(element.iter("article", "main"), None) is None:
            empty(element)


def drop_menus(tree: Any) -> None:
    """Empties the menus of a page."""
    for element in list(_menus(tree)):
        empty(element)


def _menus(tree: Any) -> Iterator[Any]:
    """What is named a menu and is one, in a single walk: the counts up to its end less those up to its start tell."""
    from lxml import etree

    counts = _Counts()
    begun: list[tuple[Any, _Counts]] = []  # what is named a menu, around the place of the walk
    link, texts = None, list[str]()
    walk = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event == "start":
            if element.tag in UNSEEN or is_hidden(element):
                walk.skip_subtree()
                continue
            if _is_named_menu(element):
                begun.append((element, replace(counts)))
            if link is None and element.tag == "a":
                link = element
            counts.parts += element.tag in _PARTS
            text = element.text or ""
        else:
            if element is link:
                counts.add_link(" ".join("".join(texts).split()))
                link = None
                texts.clear()
            if begun and element is begun[-1][0] and _is_menu(begun.pop()[1], counts):
                yield element
            text = element.tail or ""
        counts.characters += len(key_of(text))
        if link is not None:
            texts.append(text)


@dataclass(slots=True)
class _Counts:
    """What was read of a page so far; links without text are none."""

    characters: int = 0
    linked: int = 0  # of the characters
    links: int = 0
    words: int = 0  # of the links
    parts: int = 0  # of a page, which no menu has: its headline, an article, a link as long as prose

    def add_link(self, text: str) -> None:
        self.linked += len(key_of(text))
        self.links += bool(text)
        self.words += len(text.split())
        self.parts += len(text) >= PROSE


def _is_named_menu(element: Any) -> bool:
    if element.tag not in _MENU_TAGS:
        return False
    named = element.tag == "nav" or element.get("role") in _MENU_ROLES
    return named or _MENU.search(class_and_id(element)) is not None


def _is_menu(start: _Counts, end: _Counts) -> bool:
    """Whether there is hardly anything but short links in what was read in between."""
    words, links = end.words - start.words, end.links - start.links
    if end.parts > start.parts or words > _ENTRY_WORDS * links:
        return False
    return end.linked - start.linked > _LINKED * (end.characters - start.characters)


def empty(element: Any) -> None:
    """Leaves nothing of an element but its place: to take it out would copy what follows it each time."""
    tail = element.tail
    element.clear()
    element.tag, element.tail = "span", tail
