"""`python -m benchmarks.speed`: speed and quality of the shipped models, side by side with what people use today.

Prints a table and writes it as JSON and as a picture (speed against macro-F1). All systems score the same stories,
from texts in memory to probabilities, tokenising included, on all cores, one system at a time, in rounds. Peers with
weights of their own are trained on the training file (kept in a cache folder), their thresholds are fitted on the
validation file. With `--device cuda` it is the torch engine beside Transformers' pipeline in three types of number, on
the GPU, and speeds are compared with the fastest of these; peers that run on the CPU alone are left out.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.isa import LIMITS, environment, has_bf16
from benchmarks.peers import PIPELINES, System, other_models, our_systems, pipelines, same_weights
from benchmarks.rounds import Plan, measure
from benchmarks.speed_report import BASELINE, baselines, make_report, write_report
from benchmarks.stories import load_texts
from classifier.command import run_command
from classifier.engines import ENGINES
from classifier.errors import InputError, nearest
from classifier.manifest import MANIFEST, SHIPPED_MODELS, Manifest, find_model, load_manifest
from classifier.pipeline import DEFAULT_MODEL
from classifier.tokens import Tokenizer

NEWS = Path("../shared/news")
EXAMPLES = Path(__file__).parents[1] / "examples"
EMBEDDING_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
ONE_STORY_TOKENS = 200
DEVICES = ("cpu", "cuda")


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 a problem that the user can solve."""
    arguments = _parser().parse_args(argv)
    _fill_in(arguments)
    return run_command(partial(_run, arguments))


def _run(arguments: argparse.Namespace) -> int:
    run(arguments)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__.split("\n")[0])
    option = parser.add_argument
    for role in ("data", "train", "validation"):
        what = {"data": "scored", "train": "trains the peers", "validation": "for the peers' thresholds"}[role]
        name = "test" if role == "data" else role
        option(f"--{role}", metavar="FILE", help=f"{what} (default: {NEWS / name}.jsonl; quick: examples/{name}.jsonl)")
    option("--models", nargs="+", metavar="DIR", help="model folders or names (default: all shipped models)")
    option("--systems", nargs="+", metavar="NAME", help=f"only these, by a part of the name, and '{BASELINE}'")
    option("--embedding-model", default=EMBEDDING_MODEL, metavar="DIR", help=f"default: {EMBEDDING_MODEL} (hub)")
    option("--rounds", type=int, metavar="N", help="default: 5; quick: 3")
    option("--stories", type=int, metavar="N", help="score only N stories, evenly spread")
    option("--cold-starts", type=int, metavar="N", help="default: 5; quick: 1; 0 leaves them out")
    option(
        "--device", choices=DEVICES, default=DEVICES[0], help="default: cpu; cuda: the torch engine and the pipeline"
    )
    option("--isa", choices=sorted(LIMITS), help="behave like an older processor, without bf16")
    peers, output = Path("runs/bench-peers"), Path("runs/speed")
    option("--cache", type=Path, default=peers, metavar="DIR", help=f"trained peers (default: {peers})")
    option(
        "-o", "--output", type=Path, default=output, metavar="NAME", help=f"of NAME.json, NAME.png (default: {output})"
    )
    option("--quick", action="store_true", help="about two minutes, on the invented stories of examples/")
    return parser


def _fill_in(arguments: argparse.Namespace) -> None:
    """The defaults that depend on --quick."""
    folder, quick = EXAMPLES if arguments.quick else NEWS, arguments.quick
    for role, name in (("data", "test"), ("train", "train"), ("validation", "validation")):
        setattr(arguments, role, getattr(arguments, role) or str(folder / f"{name}.jsonl"))
    arguments.rounds = arguments.rounds or (3 if quick else 5)
    arguments.cold_starts = (1 if quick else 5) if arguments.cold_starts is None else arguments.cold_starts


def run(arguments: argparse.Namespace) -> None:
    """Measures, prints, writes.

    Raises:
        ClassifierError: If a file, a model or an option cannot be used.
    """
    if arguments.isa and arguments.device == "cuda":
        raise InputError(f"--isa {arguments.isa} limits the processor. Leave it out with --device cuda.")
    names = arguments.models or [path.parent.name for path in sorted(SHIPPED_MODELS.glob(f"*/{MANIFEST}"))]
    models = {find_model(name): load_manifest(name) for name in names}
    main_model = next((path for path in models if path.name == DEFAULT_MODEL), next(iter(models)))
    systems = chosen(all_systems(models, main_model, arguments), arguments.systems, baselines(arguments.device))
    with tempfile.TemporaryDirectory() as work:
        plan = make_plan(arguments, models[main_model], Path(work))
        measured, left_out = measure(systems, plan, lambda line: print(line, file=sys.stderr, flush=True))
    if not measured:
        raise InputError(f"no system could be measured. {' '.join(left_out.values())}")
    report = make_report(arguments, measured, left_out, plan, tokens=sum(_lengths(models[main_model], plan.test.texts)))
    write_report(report, {system.name: system for system in systems}, arguments.output)


def all_systems(models: Mapping[Path, Manifest], main_model: Path, arguments: argparse.Namespace) -> list[System]:
    """Every row that the table could have."""
    device = arguments.device
    engines = ["torch"] if device == "cuda" else [engine for engine in ENGINES if engine != "auto"]
    ours = [
        system
        for model, manifest in models.items()
        for system in our_systems(model, engines, has_cascade=manifest.cascade is not None, device=device)
    ]
    if device == "cuda":
        return [*ours, *pipelines(main_model, list(PIPELINES), device)]
    bf16 = arguments.isa is None and has_bf16()
    return [
        *ours,
        *same_weights(main_model, models[main_model].id, bf16=bf16),
        *other_models(arguments.embedding_model, len(models[main_model].labels), thorough=not arguments.quick),
    ]


def chosen(systems: Sequence[System], parts: Sequence[str] | None, always: Sequence[str] = (BASELINE,)) -> list[System]:
    """The systems whose name has one of the parts in it, and those called one of `always`; all where no part is given.

    Raises:
        InputError: If a part is in no name.
    """
    names = [system.name for system in systems]
    for part in parts or ():
        if not any(part.lower() in name.lower() for name in names):
            raise InputError(f"--systems: no system '{part}'.{nearest(part, names)} Known: {', '.join(names)}.")
    return [
        system
        for system in systems
        if not parts or system.name in always or any(part.lower() in system.name.lower() for part in parts)
    ]


def make_plan(arguments: argparse.Namespace, manifest: Manifest, work: Path) -> Plan:
    """The stories and how often they are scored."""
    test = load_texts("test", arguments.data, manifest.labels, arguments.stories)
    if not test.texts:
        raise InputError(f"{arguments.data}: no story to score.")
    lengths = _lengths(manifest, test.texts)
    nearest_to = min(range(len(lengths)), key=lambda number: abs(lengths[number] - ONE_STORY_TOKENS))
    return Plan(
        train=load_texts("train", arguments.train, manifest.labels),
        validation=load_texts("validation", arguments.validation, manifest.labels),
        test=test,
        tune_on=_tune_on(arguments),
        one_story=test.texts[nearest_to],
        rounds=arguments.rounds,
        latency_runs=30 if arguments.quick else 200,
        cold_starts=arguments.cold_starts,
        cache=arguments.cache.resolve(),
        work=work,
        environment=environment(arguments.isa, arguments.cache.resolve()),
        isa=arguments.isa,
    )


def _tune_on(arguments: argparse.Namespace) -> int:
    """Stories that tell batch sizes apart: several of the largest on a GPU."""
    if arguments.device == "cuda":
        return 2048
    return 16 if arguments.quick else 128


def _lengths(manifest: Manifest, texts: Sequence[str]) -> list[int]:
    """Content tokens of each text."""
    path = manifest.model_dir / "tokenizer.json"
    tokenizer = Tokenizer.from_file(path, max_length=manifest.max_length, stride=manifest.stride)
    return [windows.tokens_total for windows in tokenizer.windows(texts)]


if __name__ == "__main__":
    raise SystemExit(main())
