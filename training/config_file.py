"""A YAML file and `key.path=value` overrides → keys and values, and what is wrong with how they are written.

The traps of YAML 1.1 are caught where they bite: a key given twice silently wins. Leaves out: which keys there are, and
what they may hold (config.py).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import yaml

from classifier.errors import ConfigError

_NOT_YAML = (yaml.YAMLError, ValueError, RecursionError)  # of dates that there are not, of very much in one another


def read_contents(path: str | Path, overrides: Sequence[str]) -> tuple[dict[Any, Any], list[str]]:
    """The contents of a file with the overrides applied, and all that is wrong with them.

    Raises:
        ConfigError: If the file cannot be read, or holds no keys and values.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error}).") from error
    loader = _Loader(text)
    try:
        contents = loader.get_single_data()
    except _NOT_YAML as error:
        raise ConfigError(f"{path}: not YAML ({' '.join(str(error).split())}).") from error
    finally:
        loader.dispose()
    if not isinstance(contents, dict):
        raise ConfigError(f"{path}: expected keys and values, found {type(contents).__name__}.")
    return contents, [*loader.problems, *_apply(contents, overrides)]


class _Loader(yaml.SafeLoader):
    """SafeLoader that notes a key given twice instead of letting the last one win."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.problems: list[str] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: dict[Any, int] = {}
        for key_node, _ in node.value:
            key, line = self.construct_object(key_node, deep=True), key_node.start_mark.line + 1
            if not isinstance(key, Hashable):
                continue  # which the library refuses, and says where
            if key in seen:
                self.problems.append(f"{key}: given twice, in lines {seen[key]} and {line}. Remove one.")
            seen.setdefault(key, line)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


def _apply(contents: dict[Any, Any], overrides: Sequence[str]) -> list[str]:
    """Writes the overrides into `contents`; what is wrong with them."""
    problems = []
    for override in overrides:
        key, equals, value = override.partition("=")
        if not equals or not key:
            problems.append(f"{override}: expected key=value, such as training.num_epochs=2.")
            continue
        *sections, last = key.split(".")
        target: Any = contents
        for section in sections:
            target = target.setdefault(section, {}) if isinstance(target, dict) else None
        if not isinstance(target, dict):
            problems.append(f"{key}: not a section of the config.")
            continue
        try:
            target[last] = yaml.safe_load(value)
        except _NOT_YAML:
            problems.append(f"{key}: {value!r} is not a YAML value. Put quotes around text.")
    return problems
