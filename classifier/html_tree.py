"""HTML pages → their trees, without what is hidden, in which no class or id makes an extractor misjudge the story.

What has the attribute "hidden" (but for "until-found", which a reader may open) and <template>s are left out, which
some of an extractor's ways read, unless there is no prose but in them; what a style or aria-hidden hides, it leaves out
by itself. So are dialogs about cookies and menus (html_furniture.py).

Some names say what an article is about, or how it is set, not what it is; extractors read "share" and "tags" in them:

    <div class="post category-social-affairs has-discussion">  ->  <div class="post subject subject">

Extractors throw away what is named like the comments of readers, the story as well if its wrapper is named so:

    <div class="comment-enabled article"><h1>…  ->  <div class="remark-enabled article"><h1>…

libxml2 stops at 255 elements within one another, to which tags that are never closed bring a page of some length;
where it is asked for more, at 2047, which is an error.

A wrapper holds the story if the first <h1> of the page stands in it, or all of the page's prose (unless it is named as
a list of comments). Leaves out: pages one behind another in a file (html_roots.py), and what of a page is its text
(html_text.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from classifier.errors import InputError
from classifier.html_furniture import drop_dialogs, drop_menus, empty
from classifier.html_headings import PROSE
from classifier.html_names import FURNITURE, REMARKS, UNREAD, WHOLE, class_and_id, is_hidden
from classifier.html_roots import roots_of

_COMMENT = re.compile(r"comment(?!ary)", re.IGNORECASE)
_SUBJECT = re.compile(
    r"(?<!\S)(?:(?:category|tag|has)-(?!(?:lists?|links?|menu|nav|navigation|cloud|bar)(?!\S))|comment-status-)\S+",
    re.IGNORECASE,
)
_OTHERS = re.compile(rf"{REMARKS.pattern}|disqus")
_SURELY_READ = 250  # elements within one another, by libxml2
_MOST_WITHIN = 2_000  # where it is asked for more
TOO_DEEP = f"HTML with too many elements within one another (some {_MOST_WITHIN:,} are read). Save its text as .txt."
_READERS = re.compile(r"comments|comment[\s_-]?(?:list|section|thread|area|form)|disqus")


def page_trees(page: str) -> list[Any]:
    """The pages in an HTML file, parsed by lxml; mostly one, none where there is nothing in it.

    Raises:
        InputError: If it breaks off, since its elements stand too deep within one another.
    """
    tree = parsed(page)
    if tree is None:  # refused, since it neither names itself HTML nor has two elements: a fragment, or bare text
        tree = parsed(f"<html>{page}")
    trees = [] if tree is None else roots_of(tree)
    for tree in trees:
        drop_dialogs(tree)
        drop_menus(tree)
        _drop_hidden(tree)
        _rename_subjects(tree)
        _rename_wrappers(tree)
    return trees


def parsed(page: str) -> Any:
    """The tree of an HTML page; None where it is not taken for one.

    Raises:
        InputError: As `page_trees`.
    """
    import trafilatura

    tree = trafilatura.load_html(page)
    return tree if tree is None or _depth_of_end(tree) <= _SURELY_READ else _deeper_tree(page)


def _depth_of_end(tree: Any) -> int:
    """How deep the last element stands, which is the deepest where the parser has stopped; of all pages in a file."""
    depths = []
    for element in (tree, *tree.itersiblings()):
        depth = 1
        while len(element):
            element, depth = element[-1], depth + 1
        depths.append(depth)
    return max(depths)


def _deeper_tree(page: str) -> Any:
    from lxml.html import HTMLParser, fromstring
    from trafilatura.utils import repair_faulty_html

    parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    repaired = repair_faulty_html(page, page[:50].lower())
    tree = fromstring(repaired.encode("utf-8", "surrogatepass"), parser=parser)
    if _depth_of_end(tree) > _MOST_WITHIN:
        raise InputError(TOO_DEEP)
    return tree


def prose_of(tree: Any, no_story: re.Pattern[str] = _OTHERS) -> Iterator[Any]:
    """The <p>s of prose that are in no furniture of a page, and in nothing with such a class or id."""
    known: dict[Any, bool] = {}
    for paragraph in tree.iter("p"):
        said = " ".join("".join(paragraph.itertext()).split())
        if len(said) >= PROSE and not _is_in_furniture(paragraph, no_story, known):
            yield paragraph


def _is_in_furniture(element: Any, no_story: re.Pattern[str], known: dict[Any, bool]) -> bool:
    """Whether an element stands in furniture of a page, or in what is no story; `known` is what was found before."""
    path = []
    around = element.getparent()
    while around is not None and around not in known:
        path.append(around)
        around = around.getparent()
    found = around is not None and known[around]
    for one in reversed(path):
        is_other = one.tag not in WHOLE and (_is_furniture(one) or no_story.search(class_and_id(one)) is not None)
        known[one] = found = found or is_other
    return found


def _drop_hidden(tree: Any) -> None:
    """Empties what is marked as hidden; never all prose of a page, which a script shows then (React, shadow trees)."""
    hidden = {element for element in tree.iter("*") if _is_unseen(element)}
    if not hidden or all(not hidden.isdisjoint((one, *one.iterancestors())) for one in prose_of(tree)):
        return
    for element in hidden:
        empty(element)


def _is_unseen(element: Any) -> bool:
    return (element.tag == "template" and element.get("shadowrootmode") is None) or is_hidden(element)


def _rename_subjects(tree: Any) -> None:
    """Gives classes that name a subject or a state of an article, as those of WordPress, a name that says nothing."""
    for element in tree.xpath("descendant-or-self::*[@class]"):
        element.set("class", _SUBJECT.sub("subject", element.get("class")))


def _rename_wrappers(tree: Any) -> None:
    """Takes the name of a comment from the elements in which the story stands."""
    wrappers = [element for element in tree.iter("*") if _COMMENT.search(class_and_id(element))]
    if not wrappers:
        return
    prose = set(prose_of(tree, _READERS))
    headline = next(tree.iter("h1"), None)
    around_headline = set() if headline is None else set(headline.iterancestors())
    for wrapper in wrappers:
        holds_all = bool(prose) and len(prose.intersection(wrapper.iter("p"))) == len(prose)
        if wrapper in around_headline or (holds_all and not _READERS.search(class_and_id(wrapper))):
            for name in ("class", "id"):
                if wrapper.get(name):
                    wrapper.set(name, _COMMENT.sub("remark", wrapper.get(name)))


def _is_furniture(element: Any) -> bool:
    """Whether an element is no part of the text, a comment aside; some pages are one form."""
    if element.tag != "form" and element.tag in UNREAD:
        return True
    return FURNITURE.search(_COMMENT.sub("", class_and_id(element))) is not None
