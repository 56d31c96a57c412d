"""What the name of a file says of what is in it: its format, and whether it is packed.

Leaves out: what stands in a file without such a name (sniffing.py), kinds that are not read (unread_files.py).
"""

from __future__ import annotations

from pathlib import Path

SPREADSHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
FORMATS = {
    ".txt": "txt",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".docx": "docx",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".parquet": "parquet",
    **dict.fromkeys(SPREADSHEETS, "spreadsheet"),
    ".rss": "feed",
    ".atom": "feed",
    ".xml": "feed",
}
PAGE_FORMATS = ("txt", "html", "docx")
TABLE_FORMATS = ("csv", "spreadsheet")  # rows of text cells below one header
RECORD_FORMATS = ("jsonl", "json", "csv", "parquet", "spreadsheet")  # of records; the others are read whole
COMPRESSIONS = {".gz": "gz", ".zst": "zst"}


def format_of(path: Path) -> tuple[str, str | None]:
    """Format ("" if not known) and compression that a file name tells."""
    compression = COMPRESSIONS.get(path.suffix.lower())
    return FORMATS.get(suffix_of(path), ""), compression


def suffix_of(path: Path) -> str:
    """The ending of a file name, without that of its compression."""
    inner = Path(path.stem) if path.suffix.lower() in COMPRESSIONS else path
    return inner.suffix.lower()
