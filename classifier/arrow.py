"""Arrow, which reads and writes Parquet and Zstandard: an extra, since it is as large as all the rest."""

from __future__ import annotations

from typing import Any

from classifier.errors import MissingExtraError


def import_arrow() -> tuple[Any, Any]:
    """The modules pyarrow and pyarrow.parquet.

    Raises:
        MissingExtraError: If pyarrow is not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError("a Parquet or Zstandard file", "parquet") from error
    return pyarrow, parquet
