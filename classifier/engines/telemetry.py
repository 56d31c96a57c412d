"""OpenVINO and NNCF without their telemetry: nothing that this package runs calls home.

Both tell Google Analytics that they were imported, and what they were used for, unless the user has opted out, and
keep an id of the user in ~/intel. They do neither where the package `openvino_telemetry`, on which openvino depends,
cannot be imported; no setting of theirs does the same for one process (openvino/tools/ovc/telemetry_utils.py,
nncf/telemetry/wrapper.py).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_PACKAGE = "openvino_telemetry"


@contextmanager
def without_telemetry() -> Iterator[None]:
    """What is imported inside for the first time does not find the package; what was imported before keeps it."""
    modules: dict[str, Any] = sys.modules  # an entry None makes the import fail, as the language reference has it
    known, earlier = _PACKAGE in modules, modules.get(_PACKAGE)
    modules[_PACKAGE] = None
    try:
        yield
    finally:
        if known:
            modules[_PACKAGE] = earlier
        else:
            del modules[_PACKAGE]
