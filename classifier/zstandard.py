"""Zstandard → unpacked bytes; what stands in front of damage is handed out before the error.

Leaves out: gzip, which the standard library unpacks (streams.py).
"""

from __future__ import annotations

import io

from classifier.arrow import import_arrow
from classifier.meter import Steps

_NO_TEXT = b"\xff"  # a byte that UTF-8 has nowhere, and no line of UTF-16 at its end


class ZstdReader:
    """Unpacks a file in Zstandard, of one frame or several.

    A read of Arrow that fails does not say how much it had put into the buffer. So that this is known, the buffer is
    filled with `_NO_TEXT` before.
    """

    def __init__(self, file: io.BufferedReader) -> None:
        """`file` holds the packed bytes.

        Raises:
            MissingExtraError: If pyarrow is not installed.
        """
        pyarrow, _ = import_arrow()
        self._stream = pyarrow.CompressedInputStream(pyarrow.PythonFile(Steps(file), mode="r"), "zstd")
        self._error: OSError | None = None

    def read(self, size: int) -> bytearray:
        """The next bytes, at most so many, and none at the end.

        Raises:
            OSError: If the data is damaged or cut off here.
        """
        if self._error is not None:
            raise self._error
        buffer = bytearray(_NO_TEXT * size)
        try:
            count = self._stream.readinto(buffer)
        except OSError as error:
            self._error = error
            count = len(buffer.rstrip(_NO_TEXT))
            if not count:
                raise
        return buffer if count == size else buffer[:count]
