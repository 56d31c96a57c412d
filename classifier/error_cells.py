"""Cells of .xlsx that hold an error of a formula, such as #N/A where a look-up found nothing.

    row 17, cell C17 is #N/A  ->  {"Sheet1": {17: {2: "#N/A"}}}

calamine gives them as empty ones. Leaves out: other kinds of spreadsheets, in which they stay empty.
"""

from __future__ import annotations

import contextlib
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import IO
from xml.etree import ElementTree

from classifier.far_cells import column_number, sheet_blocks

# As spreadsheets write them, in several languages.
ERRORS = frozenset(
    [
        *("#N/A", "#NV", "#N/D", "#NULL!", "#NUM!", "#DIV/0!", "#REF!", "#BEZUG!", "#¡REF!"),
        *("#NAME?", "#NOM?", "#NOME?", "#¿NOMBRE?", "#VALUE!", "#WERT!", "#VALEUR!", "#VALOR!", "#VALORE!", "#ERROR!"),
        *("#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#UNKNOWN!", "#CONNECT!", "#BUSY!", "#GETTING_DATA"),
    ]
)
_HAS_ERROR = re.compile(rb"""\st=["']e["']""")
_PLACE = re.compile("([A-Z]{1,3})([0-9]{1,7})")

Errors = Mapping[int, Mapping[int, str]]  # of a sheet, by row, from 1, and column, from 0


def error_cells(file: IO[bytes]) -> Mapping[str, Errors]:
    """The errors of each sheet that has some; nothing of what is no .xlsx, or damaged."""
    found: dict[str, Errors] = {}
    damaged = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, LookupError, ValueError)
    with contextlib.suppress(*damaged, ElementTree.ParseError):
        archive = zipfile.ZipFile(file)
        for name, part in _sheets(archive):
            if any(map(_HAS_ERROR.search, sheet_blocks(archive, part))):
                with archive.open(part) as sheet:
                    found[name] = _errors(sheet)
    return found


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """The names of the sheets and the parts of the archive that hold them."""
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    parts = {link.get("Id"): posixpath.join("/xl", link.get("Target", "")).lstrip("/") for link in links}
    for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iterfind("{*}sheets/{*}sheet"):
        link = next(value for key, value in sheet.items() if key.endswith("}id"))
        yield sheet.get("name", ""), parts[link]


def _errors(sheet: IO[bytes]) -> Errors:
    """The errors of a sheet; a row or cell that does not say where it is follows the one before."""
    found: dict[int, dict[int, str]] = {}
    row, column = 0, -1
    for event, element in ElementTree.iterparse(sheet, ("start", "end")):
        kind = element.tag.rpartition("}")[2]
        if event == "start" and kind == "row":
            row, column = int(element.get("r", row + 1)), -1
        elif event == "end" and kind == "c":
            place = _PLACE.fullmatch(element.get("r", ""))
            column = column_number(place[1].encode()) - 1 if place else column + 1
            if element.get("t") == "e" and (error := element.findtext("{*}v")):
                found.setdefault(row, {})[column] = error
        elif event == "end" and kind == "row":
            element.clear()
    return found
