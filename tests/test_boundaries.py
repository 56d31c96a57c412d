"""What may import, print and be public: checked over the sources and in a fresh interpreter."""

from __future__ import annotations

import ast
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import classifier

ROOT = Path(classifier.__file__).parent.parent
SOURCES = sorted([*ROOT.glob("classifier/**/*.py"), *ROOT.glob("training/**/*.py")])
COMMANDS = {
    "classifier/command.py",  # how all of them end
    "classifier/predict.py",
    "training/cascade.py",
    "training/check.py",
    "training/refit.py",
    "training/train.py",
    "training/evaluate.py",
}
PROGRESS = {"training/callbacks.py", "training/trainer.py"}  # may print how far a training is
HEAVY = {"torch", "transformers", "datasets", "sklearn", "pandas", "scipy", "training"}
PURE = ("classifier/decide.py", "classifier/batching.py")

# `python -m classifier.predict` and then, on standard error, which of HEAVY it has loaded.
RUN = """
import runpy, sys
sys.argv = ["classifier.predict", *sys.argv[1:]]
try:
    runpy.run_module("classifier.predict", run_name="__main__", alter_sys=True)
except SystemExit as end:
    print(end.code, *sorted({name.partition(".")[0] for name in sys.modules} & HEAVY), file=sys.stderr)
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """RUN in a fresh interpreter, on the CPU."""
    command = [sys.executable, "-c", f"HEAVY = {HEAVY!r}\n{RUN}", *arguments, "--device", "cpu"]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False
    )


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def imports(path: Path) -> set[str]:
    """The modules that a source imports anywhere, with relative ones as "."."""
    found: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." if node.level else node.module or "")
    return found


def is_sys(node: ast.AST, *names: str) -> bool:
    """True for `sys.NAME`, and for `from sys import NAME`."""
    if isinstance(node, ast.ImportFrom) and node.module == "sys":
        return any(alias.name in names for alias in node.names)
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return False
    return node.value.id == "sys" and node.attr in names


def prints_to_stdout(node: ast.AST) -> bool:
    """True for a call of print without a `file`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return False
    return node.func.id == "print" and not any(keyword.arg == "file" for keyword in node.keywords)


def test_there_are_sources_of_both_packages() -> None:
    assert {"classifier/predict.py", "classifier/engines/bert.py", "training/train.py"} <= set(map(name_of, SOURCES))
    assert {name_of(path) for path in SOURCES} >= COMMANDS | PROGRESS | set(PURE)


@pytest.mark.parametrize(
    "arguments", [["--text", "talks"], ["page.txt", "--format", "csv"], ["page.txt", "--format", "table"]]
)
def test_a_fresh_interpreter_labels_a_story_without_the_training_libraries(
    tiny_model: Path, tmp_path: Path, arguments: list[str]
) -> None:
    (tmp_path / "page.txt").write_text("Talks open in the capital\n", encoding="utf-8")
    result = run(tmp_path, *arguments, "--model", str(tiny_model))
    assert result.stderr == "0\n"
    assert "alks" in result.stdout


def test_torch_alone_is_loaded_for_the_torch_engine(tiny_model: Path, tmp_path: Path) -> None:
    assert run(tmp_path, "--text", "talks", "--model", str(tiny_model), "--engine", "torch").stderr == "0 torch\n"


@pytest.mark.parametrize(("closed", "code"), [("stdout", 1), ("stderr", 0)])
def test_a_closed_stream_is_no_traceback(tiny_model: Path, tmp_path: Path, closed: str, code: int) -> None:
    shell = f"exec {{}} {'>&-' if closed == 'stdout' else '2>&-'}"
    command = shlex.join([sys.executable, "-m", "classifier.predict", "--text", "talks", "--model", str(tiny_model)])
    result = subprocess.run(
        ["sh", "-c", shell.format(command)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == code
    assert (result.stderr if closed == "stdout" else result.stdout).startswith(
        "error: standard output: closed" if closed == "stdout" else '{"id": "text"'
    )


def test_nothing_calls_home_or_writes_to_the_home_folder(tiny_model: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    code = (
        "import sys\nfrom classifier import Classifier\n"
        f"print(Classifier.load({str(tiny_model)!r}, device='cpu').classify('talks').error)\n"
        "import training.export\nfrom nncf.telemetry import telemetry\n"
        "print(*[name for name in sys.modules if name.startswith('openvino_telemetry')], type(telemetry).__name__)"
    )
    there = {key: value for key, value in os.environ.items() if key not in ("CI", "TF_BUILD", "JENKINS_URL")}
    environment = {**there, "HOME": str(home), "USERPROFILE": str(home), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines() == ["None", "MagicMock"]  # what NNCF has in place of its telemetry
    assert not (home / "intel").exists()


def test_importing_the_package_loads_no_runtime(tmp_path: Path) -> None:
    code = "import classifier, sys; print(*sorted({'openvino', 'torch', 'rich', 'pyarrow'} & sys.modules.keys()))"
    result = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert result.stdout == "\n"


def test_inference_never_imports_training() -> None:
    for path in SOURCES:
        if name_of(path).startswith("classifier/"):
            assert not {module for module in imports(path) if module.partition(".")[0] in ("training", "")}, path


def test_transformers_is_imported_by_the_torch_engine_alone() -> None:
    found = {
        name_of(path)
        for path in SOURCES
        if name_of(path).startswith("classifier/") and imports(path) & {"transformers", "datasets", "sklearn"}
    }
    assert found == {"classifier/engines/torch_engine.py"}


def test_only_the_commands_touch_arguments_and_standard_output() -> None:
    for path in SOURCES:
        if name_of(path) in COMMANDS:
            continue
        found = [node for node in nodes(path) if is_sys(node, "argv", "stdout")]
        assert not found, f"{path}:{found[0].lineno}"  # type: ignore[attr-defined]
        if name_of(path) not in PROGRESS:
            found = [node for node in nodes(path) if prints_to_stdout(node)]
            assert not found, f"{path}:{found[0].lineno}"  # type: ignore[attr-defined]


@pytest.mark.parametrize("source", ["import sys; sys.argv", "from sys import stdout", "sys.stdout.write('')"])
def test_the_scan_finds_arguments_and_standard_output(source: str) -> None:
    assert any(is_sys(node, "argv", "stdout") for node in ast.walk(ast.parse(source)))


@pytest.mark.parametrize(("source", "found"), [("print(1)", True), ("print(1, file=sys.stderr)", False)])
def test_the_scan_finds_prints(source: str, found: bool) -> None:
    assert any(prints_to_stdout(node) for node in ast.walk(ast.parse(source))) == found


@pytest.mark.parametrize("name", PURE)
def test_pure_modules_import_arrays_and_types_alone(name: str) -> None:
    allowed = {"__future__", "collections.abc", "dataclasses", "typing", "numpy", "numpy.typing"}
    assert imports(ROOT / name) <= allowed


def test_a_model_folder_is_data_and_never_code() -> None:
    for path in SOURCES:
        if not name_of(path).startswith("classifier/"):
            continue
        assert not imports(path) & {"pickle", "marshal", "shelve", "joblib", "dill"}, path
        for node in nodes(path):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("eval", "exec", "compile", "__import__"), f"{path}:{node.lineno}"
            if isinstance(node, ast.keyword) and node.arg == "trust_remote_code":
                assert isinstance(node.value, ast.Constant), path
                assert node.value.value is False, path


def test_the_public_names_are_exactly_those_listed() -> None:
    public = {
        name
        for name, value in vars(classifier).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert public == set(classifier.__all__)
    assert classifier.__all__ == [
        "Classifier",
        "ClassifierError",
        "EngineError",
        "InputError",
        "InputWarning",
        "MissingExtraError",
        "ModelError",
        "Prediction",
        "Story",
        "json_line",
        "output_row",
        "read_files",
        "read_page",
    ]


def test_every_error_of_the_package_is_a_classifier_error() -> None:
    from classifier import errors

    here = [value for value in vars(errors).values() if getattr(value, "__module__", "") == errors.__name__]
    kinds = [value for value in here if isinstance(value, type)]
    assert len(kinds) > 5
    assert all(issubclass(kind, classifier.ClassifierError) for kind in kinds)
