"""A page's bytes → its text: byte order marks, what HTML declares, and what is said where the bytes do not fit."""

from __future__ import annotations

import sys

import pytest

from classifier import MissingExtraError
from classifier.page_text import page_text

SAID = "The café in Sète — “closed” since May"
HTML = "<html><head>{}<title>News</title></head><body><p>{}</p></body></html>"


def read(declaration: str, encoding: str, *, named: str = "utf-8", said: str = SAID) -> tuple[str, str | None]:
    """The text of a page with this declaration, which is in that encoding."""
    raw = HTML.format(declaration, said).encode(encoding)
    text, problem = page_text(raw, named, declares="html")
    return text[text.find("<p>") + 3 : text.find("</p>")] if text else "", problem


@pytest.mark.parametrize(
    "declaration",
    [
        "<meta charset=windows-1252>",
        "<META CHARSET='ISO-8859-1'>",
        '<meta charset=" latin1 ">',
        "<meta charset=us-ascii>",
        '<meta http-equiv=Content-Type content="text/html; charset=iso-8859-1">',
        '<meta content="text/html;charset=&quot;cp1252&quot;" http-equiv="content-type">',
        '<!-- <meta charset="koi8-r"> --><meta charset="windows-1252">',
        '<script>"<meta charset=koi8-r>"</script><meta charset="windows-1252">',
        '<meta name=a content="charset=koi8-r"><meta charset=nonsense><meta charset="windows-1252">',
        f"<script>{'x' * 5000}</script><meta charset=windows-1252>",
    ],
)
def test_html_is_read_in_the_encoding_that_it_declares(declaration: str) -> None:
    assert read(declaration, "cp1252") == (SAID, None)


def test_an_xml_declaration_is_one_too_and_comes_last() -> None:
    for meta, encoding in (("", "cp1252"), ("<meta charset=koi8-r>", "koi8-r")):
        raw = f"<?xml version='1.0' encoding='ISO-8859-1'?><html>{meta}<p>Мир © café".encode(encoding, "ignore")
        text, problem = page_text(raw, "utf-8", declares="html")
        assert (text, problem) == (raw.decode(encoding), None)


@pytest.mark.parametrize(
    ("label", "encoding", "said"),
    [
        ("koi8-r", "koi8-r", "Мир"),
        ("x-sjis", "cp932", "停戦①"),
        ("gb2312", "gb18030", "停火㐀"),
        ("l5", "cp1254", "ğı"),
        ("iso-2022-jp", "iso-2022-jp", "停戦"),
    ],
)
def test_labels_are_those_of_the_encoding_standard(label: str, encoding: str, said: str) -> None:
    assert read(f"<meta charset={label}>", encoding, said=said) == (said, None)


@pytest.mark.parametrize("declaration", ["", "<meta charset=utf-8>", "<meta charset=windows-1252>", "<meta charset=x>"])
def test_what_is_utf_8_is_read_as_that_whatever_it_declares(declaration: str) -> None:
    for encoding in ("utf-8", "utf-8-sig"):
        assert read(declaration, encoding) == (SAID, None)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_comes_before_all(encoding: str) -> None:
    assert read("<meta charset=koi8-r>", encoding, named="cp1252") == (SAID, None)


def test_the_encoding_that_a_person_names_comes_before_the_page() -> None:
    assert read("<meta charset=koi8-r>", "cp1252", named="cp1252") == (SAID, None)


@pytest.mark.parametrize(
    ("declaration", "problem"),
    [
        ("", "not UTF-8 (byte 0xe9 at 51). Name the encoding with --encoding, for example cp1252."),
        ("<meta charset=utf-8>", "not UTF-8 (byte 0xe9 at 71). Name the encoding with --encoding, for example cp1252."),
        (
            "<meta charset=unicode>",
            "not UTF-8 (byte 0xe9 at 73). Name the encoding with --encoding, for example cp1252.",
        ),
        (
            "<meta charset=klingon>",
            "not UTF-8, and the encoding that it declares, 'klingon', is not known. Name the encoding with --encoding.",
        ),
        (
            "<meta charset=euc-kr>",
            "neither UTF-8 nor euc-kr, which it declares (byte 0xe9 at 72). Name the encoding with --encoding.",
        ),
    ],
)
def test_what_does_not_fit_is_an_error_and_nothing_is_replaced(declaration: str, problem: str) -> None:
    assert read(declaration, "cp1252", said="café ") == ("", problem)


@pytest.mark.parametrize("label", ["iso-8859-1", "windows-1251", "gb2312"])
@pytest.mark.parametrize(("said", "broken"), [("café, Sète, naïf: caf\xe9 ", "latin-1"), ("café", "cut")])
def test_utf_8_with_broken_bytes_is_not_read_as_what_it_declares(label: str, said: str, broken: str) -> None:
    page = HTML.format(f"<meta charset={label}>", said)
    raw = page.encode() + (b"\xc3" if broken == "cut" else b"\xe9")
    text, problem = page_text(raw, "utf-8", declares="html")
    assert text == ""
    assert problem is not None
    assert problem.startswith("not UTF-8 (byte 0x")


@pytest.mark.parametrize("declaration", ["", "<meta charset=koi8-r>", "<meta charset=x>"])
def test_an_escape_character_alone_says_nothing(declaration: str) -> None:
    assert read(declaration, "ascii", said="red \x1b(B") == ("red \x1b(B", None)


def test_an_encoding_that_browsers_refuse_is_an_error() -> None:
    _, problem = read("<meta charset=hz-gb-2312>", "cp1252")
    assert problem is not None
    assert problem.startswith("neither UTF-8 nor replacement, which it declares")


def test_a_text_page_declares_nothing() -> None:
    text, problem = page_text(HTML.format("<meta charset=cp1252>", SAID).encode("cp1252"), "utf-8", declares=None)
    assert text == ""
    assert problem is not None
    assert problem.startswith("not UTF-8 (byte 0xe9 at ")


@pytest.mark.parametrize("raw", [b"\xe9", b"<!-- \xe9 -->", b"\x00\xe9", b"<meta charset>\xe9", b"<?xml?>\xe9"])
def test_what_is_hardly_a_page_declares_nothing(raw: bytes) -> None:
    problem = f"not UTF-8 (byte 0xe9 at {raw.index(0xE9) + 1}). Name the encoding with --encoding, for example cp1252."
    assert page_text(raw, "utf-8", declares="html") == ("", problem)


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "webencodings", None)
    with pytest.raises(MissingExtraError, match=r"^the encoding of HTML needs the extra 'html'\. Install it: pip"):
        read("<meta charset=cp1252>", "cp1252")
