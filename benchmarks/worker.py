"""A process that holds one peer: requests come in as JSON lines, answers go out as JSON lines.

    python -m benchmarks.worker MODULE FOLDER OPTIONS

    {"do": "score", "texts": "texts.json"}  ->  {"seconds": 1.93, "probabilities": [[0.98, 0.01, …], …]}

With `--first TEXT` it loads, scores that text, prints the probabilities and ends: a cold start.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.isa import LIMITS, limit_openvino
from benchmarks.peers import Peer, load_peer


def answer(peer: Peer, request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to one request: train, load, tune, score, latency or memory."""
    started = perf_counter()
    result: dict[str, Any] = {}
    match request["do"]:
        case "train":
            peer.train(_texts(request), np.array(json.loads(Path(request["targets"]).read_bytes()), dtype=np.float64))
        case "load":
            peer.load()
        case "tune":
            result["chosen"] = peer.tune(_texts(request))
        case "score":
            texts = _texts(request)
            started = perf_counter()
            probabilities = peer.score(texts)
            return {"seconds": perf_counter() - started, "probabilities": probabilities.tolist()}
        case "latency":
            result["ms"] = [_one_ms(peer, request["text"]) for _ in range(request["repeats"])]
        case "memory":
            result["peak_mb"] = peak_mb()
    return {"seconds": perf_counter() - started, **result}


def peak_mb() -> float:
    """Peak resident memory of this process; 0 where the system does not tell."""
    try:  # not getrusage: its peak includes that of the process that started this one
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def _one_ms(peer: Peer, text: str) -> float:
    started = perf_counter()
    peer.score([text])
    return 1e3 * (perf_counter() - started)


def _texts(request: Mapping[str, Any]) -> list[str]:
    texts: list[str] = json.loads(Path(request["texts"]).read_bytes())
    return texts


def main(argv: Sequence[str] | None = None) -> None:
    """Answers requests until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.worker")
    parser.add_argument("module")
    parser.add_argument("folder", type=Path)
    parser.add_argument("options", type=json.loads)
    parser.add_argument("--isa", choices=sorted(LIMITS), help="OpenVINO's settings for an older processor")
    parser.add_argument("--first", metavar="TEXT")
    arguments = parser.parse_args(argv)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")  # what libraries print goes to standard error instead
    os.dup2(2, 1)
    if arguments.isa is not None and arguments.module == "ours":
        limit_openvino(arguments.isa)
    peer = load_peer(arguments.module, arguments.folder, arguments.options)
    if arguments.first is not None:
        peer.load()
        print(json.dumps(peer.score([arguments.first]).tolist()), file=out, flush=True)
        return
    for line in sys.stdin:
        print(json.dumps(answer(peer, json.loads(line))), file=out, flush=True)


if __name__ == "__main__":
    main()
