"""A model folder in which a file may not be read, as one that another user made: a message, no traceback."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path
from typing import Any

import pytest

from classifier import Classifier, ModelError
from classifier.manifest import MANIFEST


@pytest.mark.parametrize("name", [MANIFEST, "config.json", "tokenizer.json", "openvino_model.bin"])
def test_a_file_that_may_not_be_read_is_named(tiny_model: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open

    def denied(path: Path, *more: Any, **named: Any) -> Any:
        if path.name == name:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return opened(path, *more, **named)

    monkeypatch.setattr(Path, "open", denied)
    message = re.escape(f"{tiny_model / name}: cannot be read (Permission denied).")
    with pytest.raises(ModelError, match=f"^{message}$"):
        Classifier.load(tiny_model, engine="openvino")


def test_a_disk_that_is_lost_while_a_file_is_read_is_an_error_without_its_name(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(path: Path) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "read_bytes", lost)
    with pytest.raises(ModelError, match=r"^a file: cannot be read \(Input/output error\)\.$"):
        Classifier.load(tiny_model, engine="openvino")
