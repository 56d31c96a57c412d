"""`python -m training.train CONFIG [key=value …]`: labelled stories → a model folder.

The same command goes on after an interruption, from the last checkpoint (one an epoch, and one every ten minutes);
with other settings, data or models it refuses, unless nothing was trained yet, and `--restart` starts over. Leaves out:
everything but the order of the steps; what becomes of the trained weights is shipping.py.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from classifier.command import run_command
from training.loading import loading

with loading("training"):
    from training.checkpoints import remove_damaged
    from training.config import Config, load_config
    from training.new_head import new_head_note
    from training.preflight import (
        check_earlier_run,
        check_model_is_ours,
        describe,
        fingerprint,
        has_trained,
        read_data,
    )
    from training.run_folder import held, write_json, writing
    from training.splits import Splits


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 a problem that the user can solve, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="python -m training.train", description="Train a model from a config.")
    parser.add_argument("config", help="a YAML file, such as configs/quickstart.yaml")
    parser.add_argument(
        "overrides",
        nargs="*",
        default=[],
        metavar="key=value",
        help="in place of the file's, such as training.num_epochs=2",
    )
    parser.add_argument("--restart", action="store_true", help="forget an earlier run in output_dir")
    arguments = parser.parse_intermixed_args(argv)
    warnings.filterwarnings("ignore", module=r"torch|transformers|nncf|openvino|accelerate")
    again = " without --restart" if arguments.restart else ""
    goes_on = f"interrupted. The same command{again} goes on from the last checkpoint."
    return run_command(partial(_run, arguments), interrupted=goes_on)


def _run(arguments: argparse.Namespace) -> int:
    train(load_config(arguments.config, arguments.overrides), restart=arguments.restart)
    return 0


def train(config: Config, *, restart: bool = False) -> Path:
    """Runs a whole training and returns the model folder.

    Raises:
        ClassifierError: If config, data, base model or an earlier run in the folder stand against it, another run is
            using the folder, it cannot be written, or the exported engines disagree.
    """
    output = Path(config.output_dir)
    check_model_is_ours(output)
    splits = read_data(config)
    print("\n".join(describe(splits, config)), flush=True)
    with held(output):
        return _train(config, splits, output, restart=restart)


def _train(config: Config, splits: Splits, output: Path, *, restart: bool) -> Path:
    """The same with data that was read, in a folder that no other run uses."""
    now = fingerprint(config, splits)
    if not restart:
        check_earlier_run(output, now)

    # Everything below needs torch: imported late, so that a mistake in config or data shows at once.
    from training.model import base_labels
    from training.seeds import forget_seeds, train_seeds
    from training.shipping import ship

    others = 0 if splits.unlabelled is None else len(splits.unlabelled.stories)
    if note := new_head_note(base_labels(config), config, len(splits.train.stories) + others):
        print(note, flush=True)
    with writing(output, "Make room: the same command without --restart goes on from the last checkpoint."):
        earlier = (output / "run.json").is_file()
        for lost in remove_damaged(output / "checkpoints") if earlier and not restart else ():
            print(f"removed {lost}: it, or the best epoch before it, is damaged or was cut short", flush=True)
        if restart or (earlier and not has_trained(output)):
            forget_seeds(output)
        (output / "checkpoints").mkdir(exist_ok=True)  # the run has begun: an older model does not end it
        write_json(output / "run.json", now)
        model, tokenizer, seeds = train_seeds(splits, config, output)
        if config.seeds > 1:
            print(seeds.sentence(), flush=True)
        folder = ship(model, tokenizer, splits, config, seeds=seeds.record(), say=partial(print, flush=True))
    forget_seeds(output)
    print(f"\nmodel folder: {folder}\nuse it: python -m classifier.predict --model {folder} FILE", flush=True)
    return folder


if __name__ == "__main__":
    raise SystemExit(main())
