"""The folder of a training: one run at a time, nobody else's model, and words where it cannot be written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from safetensors import SafetensorError
from tiny_training import write_base, write_config

from classifier.errors import InputError
from training.measured_folder import refuse_existing
from training.run_folder import check_writable, held, write_json, writing
from training.train import main

HOLDER = """
import sys, time
from pathlib import Path
from training.run_folder import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, base = tmp_path_factory.mktemp("data"), write_base(tmp_path_factory.mktemp("base"))
    return write_config(folder, base, stories={"train": 100, "validation": 60}, epochs=1)


@contextmanager
def no_file_above(size_bytes: int) -> Iterator[None]:
    """No file may grow beyond this, as on a full disk."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_second_run_is_refused_until_the_first_has_ended_however_it_ends(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "run"
    command = [sys.executable, "-c", HOLDER, str(output)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as first:
        try:
            assert first.stdout is not None
            assert first.stdout.readline() == b"held\n"
            for more in ([], ["--restart"]):
                assert main([str(config), f"output_dir={output}", *more]) == 1
                message = "another run is using this folder. Wait for it or stop it, or set another output_dir."
                assert capsys.readouterr().err == f"error: {output}: {message}\n"
            assert {path.stem for path in output.iterdir()} == {"run"}
            assert not (output / "run.json").exists()
        finally:
            first.kill()
    with held(output), pytest.raises(InputError, match="another run is using"), held(output):
        pass
    with held(output):
        pass


@pytest.mark.parametrize("more", [[], ["--restart"]])
def test_a_model_that_no_run_made_is_kept(
    more: list[str], config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights").write_text("mine")
    assert main([str(config), f"output_dir={tmp_path}", *more]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        f"error: {tmp_path}/model: was made by no run in {tmp_path} (there is no run.json), and training would replace "
        "it. Move it away, or set another output_dir.\n"
    )
    assert (tmp_path / "model" / "weights").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_said(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    for output, reason in ((tmp_path / "file", "File exists"), (tmp_path / "file" / "run", "Not a directory")):
        assert main([str(config), f"output_dir={output}"]) == 1
        assert capsys.readouterr().err == f"error: {output}: cannot be written ({reason}). Set another output_dir.\n"


@pytest.mark.skipif(os.name != "posix", reason="limits of a process are POSIX")
def test_a_disk_that_fills_up_is_said_and_the_run_goes_on(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [str(config), f"output_dir={tmp_path}"]
    for size_bytes in (50_000, 100_000):  # of weights, of what the optimizer keeps
        with no_file_above(size_bytes):
            assert main(command) == 1
        message = capsys.readouterr().err.splitlines()[-1]
        assert message.startswith(f"error: {tmp_path}: cannot be written ("), message
        assert message.endswith("Make room: the same command without --restart goes on from the last checkpoint.")
    assert main(command) == 0


def test_what_does_not_come_from_writing_stays_what_it_is(tmp_path: Path) -> None:
    for error in (RuntimeError("shapes differ"), BrokenPipeError()):
        with pytest.raises(type(error)), writing(tmp_path, ""):
            raise error
    with pytest.raises(InputError, match=r"cannot be written \(I/O error: no space\)\. Make room\."):  # noqa: SIM117
        with writing(tmp_path, "Make room."):
            raise SafetensorError("I/O error: no space")


def test_a_new_model_folder_is_tried_before_the_work(tmp_path: Path) -> None:
    check_writable(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"file/new: cannot be written \(Not a directory\)\. Name another folder\."):
        refuse_existing(tmp_path / "file" / "new")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="link: exists"):
        refuse_existing(tmp_path / "link")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no folder that even root cannot write")
def test_a_read_only_folder_is_said() -> None:
    with pytest.raises(InputError, match=r"/proc/new: cannot be written \(No such file or directory\)"):
        refuse_existing(Path("/proc/new"))


def test_a_file_that_is_not_written_whole_leaves_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert path.read_text() == '{\n  "a": 1\n}\n'
