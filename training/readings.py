"""What several readers said of a story: the share of them that gave it each topic, by story id, beside the data.

    id,diplomacy,military,disaster,ceasefire
    8f2c1,1,0.5,0,0

Training aims at the shares (soft targets), so that a story that readers are torn about pulls less than a clear one.
A topic counts as given from a share above one half. The file holds no text, so it can be passed on where the stories
cannot; it also labels stories that have no labels of their own. Leaves out: training (objective.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from training.config import DataConfig
from training.reading import read_beside

Shares = tuple[float, ...]
_ROUNDING = 0.05  # of shares that are written with two digits


def read_readings(config: DataConfig, role: str) -> Mapping[str, Shares]:
    """The share of readers for each topic by story id; empty where the config names no file for the role.

    Raises:
        InputError: If the file cannot be read, or lacks a column.
        DataError: With all rows that are no shares, or given twice.
    """
    path = readings_of(config, role)
    if path is None:
        return {}
    found: dict[str, Shares] = {}

    def take(record: Mapping[str, Any]) -> str | None:
        shares = _shares([record[label] for label in config.labels])
        if shares is None:
            return "expected a share from 0 to 1 for each topic."
        if problem := _no_class(shares, config):
            return problem
        if record["id"] in found:
            return f"story '{record['id']}' is given twice."
        found[record["id"]] = shares
        return None

    read_beside(path, ("id", *config.labels), "Needed: id and one a topic.", take)
    return found


def readings_of(config: DataConfig, role: str) -> str | None:
    """The file with the readings of a split; None where the config names none."""
    return {"train": config.readings, "validation": config.validation_readings}.get(role)


def _no_class(shares: Shares, config: DataConfig) -> str | None:
    """Why the shares give no class, where each story needs exactly one."""
    if config.problem_type != "multi_class":
        return None
    if abs(sum(shares) - 1) > _ROUNDING:
        return f"the shares add up to {sum(shares):.4g}, data.problem_type multi_class needs 1."
    if max(shares) <= 0.5:
        return (
            f"the highest share is {max(shares):.4g}, data.problem_type multi_class needs one above 0.5. "
            "Remove the row, or have one more reader look."
        )
    return None


def _shares(cells: list[str]) -> Shares | None:
    try:
        shares = tuple(map(float, cells))
    except ValueError:
        return None
    return shares if all(0 <= share <= 1 for share in shares) else None
