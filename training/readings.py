"""What several readers said of a story: the share of them that gave it each topic, by story id, beside the data.

    id,diplomacy,military,disaster,ceasefire
    8f2c1,1,0.5,0,0

Training aims at the shares (soft targets), so that a story that readers are torn about pulls less than a clear one.
A topic counts as given from a share above one half. The file holds no text, so it can be passed on where the stories
cannot; it also labels stories that have no labels of their own. Leaves out: training (objective.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from classifier.errors import DataError, InputError, bullet_list
from classifier.records import open_records
from classifier.sources import Source, format_of
from training.config import DataConfig

Shares = tuple[float, ...]


def read_readings(config: DataConfig, role: str) -> Mapping[str, Shares]:
    """The share of readers for each topic by story id; empty where the config names no file, or for another role.

    Raises:
        InputError: If the file cannot be read, or lacks a column.
        DataError: With all rows that are no shares, or given twice.
    """
    if config.readings is None or role != "train":
        return {}
    kind, compression = format_of(Path(config.readings))
    found: dict[str, Shares] = {}
    problems = []
    try:
        with open_records(Source(config.readings, kind or "csv", compression)) as records:
            missing = [name for name in ("id", *config.labels) if name not in (records.columns or ())]
            if missing:
                raise InputError(f"{config.readings}: no column '{missing[0]}'. Needed: id and one a topic.")
            for where, record in records.rows:
                if isinstance(record, str):
                    problems.append(f"{where}: {record}")
                    continue
                shares = _shares([record[label] for label in config.labels])
                if shares is None:
                    problems.append(f"{where}: expected a share from 0 to 1 for each topic.")
                elif record["id"] in found:
                    problems.append(f"{where}: story '{record['id']}' is given twice.")
                else:
                    found[record["id"]] = shares
    except OSError as error:
        raise InputError(f"{config.readings}: cannot be read ({error.strerror or error}).") from error
    if problems:
        raise DataError(bullet_list(config.readings, problems))
    return found


def _shares(cells: list[str]) -> Shares | None:
    try:
        shares = tuple(map(float, cells))
    except ValueError:
        return None
    return shares if all(0 <= share <= 1 for share in shares) else None
