"""Fitting of `classifier.pages`: pages made of known stories, then a lexicon and a network learned from them.

    python -m training.pages ../shared/news/train.jsonl --more ../shared/news/unlabelled.jsonl.gz \\
        --leave-out ../shared/pages/dev.jsonl --output classifier/models/pages.json

Two fifths of the long stories, and all of `--more`, teach the lexicon. The others make the pages that the network
learns from, so that it sees word vectors as good as those of stories never met. With `--hold-out` the stories of some
sources are kept for pages to check on (`--pages-to`, read by `benchmarks.pages`). Every draw is seeded.
Left out: how the stories are read (page_stories.py) and put together (page_generator.py), how the lexicon is learned
(page_lexicon.py), and the boilerplate rules, which are written, not learned (classifier/boilerplate.py).
"""

from __future__ import annotations

import argparse
import base64
import json
import math
import random
import zlib
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.command import run_command
from classifier.errors import InputError
from classifier.page_cues import NEIGHBOURS, Floats, Lexicon, describe
from classifier.page_model import Network
from classifier.pages import story_lines
from training.loading import loading

with loading("training.pages"):
    import torch
    from torch.nn import functional
    from torch.nn.utils.rnn import pad_sequence

    from training.page_generator import Page, make_page
    from training.page_lexicon import fit_lexicon, make_stock
    from training.page_stories import read_objects, read_pieces

LINE_THRESHOLD, PAGE_THRESHOLD = 0.4, 0.85  # chosen on pages of held-out sources
PAGES = 40_000


class TorchNetwork(torch.nn.Module):
    """`classifier.page_model.Network` in training, on padded pages."""

    def __init__(self, inputs: int, units: int = 64) -> None:
        super().__init__()
        self.lines = torch.nn.Linear(inputs, units)
        self.contexts = torch.nn.Linear(units * (2 * NEIGHBOURS + 2), units)
        self.output = torch.nn.Linear(units, 1)

    def forward(self, inputs: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Logits, shape (pages, lines), of inputs, shape (pages, lines, inputs); mask: 0 for padding."""
        rows = functional.relu(self.lines(functional.dropout(inputs, 0.1, self.training))) * mask[..., None]
        rows = functional.dropout(rows, 0.25, self.training)
        count = rows.shape[1]
        padded = functional.pad(rows, (0, 0, NEIGHBOURS, NEIGHBOURS))
        shifted = [padded[:, i : i + count] for i in range(2 * NEIGHBOURS + 1)]
        mean = rows.sum(dim=1, keepdim=True) / mask.sum(dim=1)[:, None, None]
        contexts = functional.relu(self.contexts(torch.cat([*shifted, mean.expand_as(rows)], dim=2)))
        logits: torch.Tensor = self.output(functional.dropout(contexts, 0.25, self.training))[..., 0]
        return logits


def fit_network(pages: Iterable[Page], lexicon: Lexicon, epochs: int = 6) -> Network:
    """Network that tells which lines start a story, from all lines of pages but the first."""
    examples = [page_examples(page, lexicon) for page in pages]
    inputs = np.concatenate([x for x, _ in examples])
    centre, spread = inputs.mean(axis=0), inputs.std(axis=0) + np.float32(0.001)
    scaled = [torch.tensor(np.clip((x - centre) / spread, -5, 5)) for x, _ in examples]
    starts = [torch.tensor(y) for _, y in examples]
    torch.manual_seed(0)
    model = TorchNetwork(inputs.shape[1])
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.002)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0.001, epochs * math.ceil(len(examples) / 32))
    for _ in range(epochs):
        for batch in torch.randperm(len(examples)).split(32):  # type: ignore[no-untyped-call]
            x = pad_sequence([scaled[i] for i in batch], batch_first=True)  # (pages, lines, inputs)
            y = pad_sequence([starts[i] for i in batch], batch_first=True, padding_value=-1)  # (pages, lines)
            optimizer.zero_grad()
            _loss(model(x, (y >= 0).float()), y).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    layers = (model.lines, model.contexts, model.output)
    weights = [torch.cat([layer.weight.T, layer.bias[None]]).detach().numpy() for layer in layers]
    return Network(centre, spread, weights[0], weights[1], weights[2], LINE_THRESHOLD, PAGE_THRESHOLD)


def _loss(logits: torch.Tensor, starts: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy of the lines after each page's first, which starts a story anyway; -1 is padding."""
    counted = (starts[:, 1:] >= 0).float()
    truth = starts[:, 1:].clamp(min=0)
    losses = functional.binary_cross_entropy_with_logits(logits[:, 1:], truth, reduction="none")
    return (losses * counted).sum() / counted.sum().clamp(min=1)


def page_examples(page: Page, lexicon: Lexicon) -> tuple[Floats, Floats]:
    """Inputs and truth, shapes (lines, inputs) and (lines,), of the kept lines of a page."""
    row = page.row()
    lines = story_lines(row["text"])
    owners = [row["owner"][line.number - 1] for line in lines]
    first = next((owner for owner in owners if owner >= 0), 0)  # starts the page, whatever stands above it
    starts = [owner not in (-1, first, *owners[:i]) for i, owner in enumerate(owners)]
    return describe(lines, lexicon), np.array(starts, np.float32)


def write(path: Path, lexicon: Lexicon, network: Network) -> None:
    """Lexicon and network as JSON: arrays in base64, vectors in 8 bits, the network in 16."""
    step = float(np.quantile(np.abs(lexicon.vectors), 0.9995)) / 127
    arrays = {
        "rarity": _encode(np.round(lexicon.rarity * 20), "uint8", 1 / 20),
        "vectors": _encode(np.clip(np.round(lexicon.vectors / step), -127, 127), "int8", step),
        **{name: _encode(getattr(network, name), "float16", 1) for name in ("lines", "contexts", "output")},
        **{name: _encode(getattr(network, name), "float32", 1) for name in ("centre", "spread")},
    }
    model = {
        "line_threshold": network.line_threshold,
        "page_threshold": network.page_threshold,
        "openers": lexicon.openers,
        "words": " ".join(lexicon.word_ids),
        "arrays": arrays,
    }
    path.write_text(json.dumps(model, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def _encode(array: NDArray[Any], dtype: str, scale: float) -> dict[str, Any]:
    """Array as `classifier.page_model.load_page_model` reads it."""
    data = base64.b64encode(array.astype(dtype).tobytes()).decode()
    return {"dtype": dtype, "shape": list(array.shape), "scale": scale, "data": data}


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 a problem that the user can solve, 130 interrupted."""
    parser = argparse.ArgumentParser(
        prog="python -m training.pages", description="Fit the splitting of pages into stories on news files."
    )
    parser.add_argument("news", type=Path, help="JSONL of stories with paragraphs: id, source, title, text")
    parser.add_argument("--more", type=Path, required=True, help="more stories, for the lexicon alone")
    parser.add_argument("--leave-out", type=Path, help="JSONL of pages whose stories are not to be used")
    parser.add_argument("--hold-out", nargs="*", default=[], metavar="SOURCE", help="kept for --pages-to")
    parser.add_argument("--pages-to", type=Path, help="write 1,000 pages of the held-out sources here")
    shipped = Path("classifier/models/pages.json")
    parser.add_argument("--output", type=Path, default=shipped, help="the trained model (default: %(default)s)")
    return run_command(partial(_run, parser.parse_args(argv)))


def _run(args: argparse.Namespace) -> int:
    torch.set_num_threads(1)
    rng = random.Random(0)
    left_out = story_ids(args.leave_out) if args.leave_out else set()
    news = [piece for piece in read_pieces(args.news, rng) if piece.id not in left_out]
    seen = [piece for piece in news if piece.source not in args.hold_out]
    more = [piece for piece in read_pieces(args.more, rng) if piece.source not in args.hold_out]
    for_words = {piece.id for piece in seen if piece.is_long and zlib.crc32(piece.id.encode()) % 5 < 2}
    lexicon = fit_lexicon([piece for piece in seen if piece.id in for_words] + more)
    stock = make_stock([piece for piece in seen if piece.id not in for_words], lexicon)
    network = fit_network([make_page(rng, stock) for _ in range(PAGES)], lexicon)
    write(args.output, lexicon, network)
    if args.pages_to:
        held = make_stock([piece for piece in news if piece.source in args.hold_out], lexicon)
        rows = [make_page(rng, held).row() for _ in range(1000)]
        args.pages_to.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return 0


def story_ids(path: Path) -> set[str]:
    """Ids of the stories on the pages of a JSONL file.

    Raises:
        InputError: If the file cannot be read, or a line is no page whose stories have ids.
    """
    found: set[str] = set()
    for number, page in enumerate(read_objects(path, ("stories",)), 1):
        stories = page["stories"] if isinstance(page["stories"], list) else [None]
        ids = [story["id"] for story in stories if isinstance(story, dict) and isinstance(story.get("id"), str)]
        if len(ids) < len(stories):
            raise InputError(f"{path}, page {number}: expected as stories a list of objects with an id, which is text.")
        found.update(ids)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
