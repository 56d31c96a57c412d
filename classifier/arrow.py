"""Arrow, which reads and writes Parquet and Zstandard: an extra, since it is as large as all the rest."""

from __future__ import annotations

from typing import Any

from classifier.imports import importing


def import_arrow() -> tuple[Any, Any]:
    """The modules pyarrow and pyarrow.parquet.

    Raises:
        MissingExtraError: If pyarrow is not installed.
    """
    with importing("a Parquet or Zstandard file", "parquet"):
        import pyarrow
        from pyarrow import parquet
    return pyarrow, parquet
