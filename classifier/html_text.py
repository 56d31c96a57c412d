"""An HTML page → its title and main text, by trafilatura, with the headings that it leaves out between stories."""

from __future__ import annotations

from classifier.errors import MissingExtraError
from classifier.html_headings import with_headings


def main_text(page: str) -> tuple[str, str]:
    """Title and main text, a paragraph a line, of an HTML page; either may be empty.

    Raises:
        MissingExtraError: If trafilatura is not installed.
    """
    try:
        import trafilatura
    except ImportError as error:
        raise MissingExtraError("reading HTML", "html") from error
    tree = trafilatura.load_html(page)
    if tree is None:  # refused, since it neither names itself HTML nor has two elements: a fragment, or bare text
        page = f"<html>{page}"
        tree = trafilatura.load_html(page)
    found = trafilatura.bare_extraction(page, include_comments=False, favor_recall=True, with_metadata=True)
    found = found or trafilatura.extract_metadata(page)  # of a page without a body
    if found is None:
        return "", ""
    fields = found.as_dict()
    title, text = fields.get("title") or "", fields.get("text") or ""
    return title, text if tree is None or not text else with_headings(text, title, tree)
