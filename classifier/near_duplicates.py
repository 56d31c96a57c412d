"""Near copies of earlier texts: MinHash signatures (Broder 1997) looked up by bands, kept in the job's database.

Wire copy is reprinted with another first line or a cut end. Two texts are near copies if their word 5-grams overlap to
about 70 % (Jaccard similarity, estimated from 64 hashes); the group is named by the first of them. Signatures are made
by rensa; what is kept lies on the disk, so that memory does not grow with the job.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence

import numpy as np

from classifier.imports import importing

_HASHES, _BANDS = 64, 16  # 16 bands of 4: two texts of similarity 0.7 share a band with probability 0.99
_SIMILAR = 0.7
_WORD = re.compile(r"\w+")
_SHINGLE = 5
_SCHEMA = """
CREATE TABLE IF NOT EXISTS near_groups (number INTEGER PRIMARY KEY, signature BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS near_bands (band BLOB, number INTEGER, PRIMARY KEY (band, number)) WITHOUT ROWID;
"""
_MOST_CANDIDATES = 50


class NearDuplicates:
    """Finds the group of each text among all texts before it."""

    def __init__(self, database: sqlite3.Connection) -> None:
        """Uses two tables of the job's database; the job's transactions make them durable.

        Raises:
            MissingExtraError: If rensa is not installed.
        """
        with importing("--near-duplicates", "dedup"):
            from rensa import RMinHash
        self._minhash = RMinHash
        self._database = database
        for statement in filter(str.strip, _SCHEMA.split(";")):
            database.execute(statement)

    def group(self, text: str, number: int) -> int:
        """The number of the first text that this one is a near copy of; its own number if there is none.

        Args:
            text: As the model reads it.
            number: A number of its own, growing from text to text.
        """
        signature = self._signature(text)
        bands = [index.to_bytes(1, "big") + part.tobytes() for index, part in enumerate(signature.reshape(_BANDS, -1))]
        for candidate, other in self._candidates(bands):
            if float((np.frombuffer(other, np.uint32) == signature).mean()) >= _SIMILAR:
                return candidate
        self._database.execute("INSERT OR REPLACE INTO near_groups VALUES (?, ?)", (number, signature.tobytes()))
        self._database.executemany("INSERT OR IGNORE INTO near_bands VALUES (?, ?)", [(band, number) for band in bands])
        return number

    def _signature(self, text: str) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
        words = _WORD.findall(text.lower())
        count = max(1, len(words) - _SHINGLE + 1)
        minhash = self._minhash(num_perm=_HASHES, seed=1)
        minhash.update([" ".join(words[start : start + _SHINGLE]) for start in range(count)])
        return np.array(minhash.digest(), dtype=np.uint32)

    def _candidates(self, bands: Sequence[bytes]) -> list[tuple[int, bytes]]:
        """Earlier groups that share a band, the first group first."""
        marks = ",".join("?" * len(bands))
        query = (
            "SELECT DISTINCT g.number, g.signature FROM near_bands b JOIN near_groups g ON g.number = b.number "
            f"WHERE b.band IN ({marks}) ORDER BY g.number LIMIT {_MOST_CANDIDATES}"
        )
        return self._database.execute(query, list(bands)).fetchall()
