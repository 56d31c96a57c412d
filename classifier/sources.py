"""Files, folders, globs and standard input → sources with a known format, plain or compressed.

Formats and compression go by the name: `feed.jsonl.zst` is JSON lines in Zstandard. Leaves out: which files a folder
holds (folders.py), their bytes (streams.py).
"""

from __future__ import annotations

import contextlib
import glob
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from classifier.errors import InputError, bullet_list, nearest
from classifier.folders import (
    JOB_SUFFIX,
    OFFICE_LOCK,
    files_below,
    files_matching,
    is_beside_data,
    job_folder,
    why_unreadable,
)
from classifier.formats import FORMATS, PAGE_FORMATS, SPREADSHEETS, format_of, suffix_of
from classifier.unread_files import is_never_read, unread_kind, what_to_do

# Beside data, these most likely describe it, or are what it was saved from.
_OFFICE = (".docx", *SPREADSHEETS)
_DESCRIBING = (".json", ".xml", *_OFFICE)
_SELDOM_DATA = (*_DESCRIBING, ".tab", ".xhtml")
STDIN = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """One file, or standard input.

    Attributes:
        name: As the user wrote it; "-" is standard input.
        format: One of the values of `FORMATS`; "" is still to be found out.
        compression: "gz", "zst" or None.
    """

    name: str
    format: str
    compression: str | None = None

    @property
    def shown(self) -> str:
        """The name in messages and ids."""
        return "stdin" if self.name == STDIN else self.name

    @property
    def is_stream(self) -> bool:
        """True for what can be read only once, and in order: standard input, a pipe."""
        return self.name == STDIN or (os.path.exists(self.name) and not os.path.isfile(self.name))

    @property
    def size_bytes(self) -> int:
        """The size of the file as it lies on the disk; 0 for a stream, and for a file that is gone."""
        try:
            return 0 if self.is_stream else os.path.getsize(self.name)
        except OSError:
            return 0


def find_sources(
    inputs: Sequence[str],
    input_format: str | None = None,
    output: Path | None = None,
    *,
    warn: Callable[[str], None] = lambda message: None,
) -> list[Source]:
    """The files behind names, folders (with all below them, sorted) and globs; "-" is standard input.

    Args:
        inputs: As the user wrote them.
        input_format: The format of all of them; None goes by the names.
        output: What will be written; it and the folder of its job are left out of folders and globs.
        warn: Told which files of a folder are left out: most likely they describe the others, or cannot be read.

    Raises:
        InputError: For everything that is missing, unreadable or of an unknown format, all at once.
    """
    sources: list[Source] = []
    problems: list[str] = []
    left_out: dict[str, Sequence[Path]] = {}
    for name in inputs:
        if name == STDIN:
            if any(source.name == STDIN for source in sources):
                problems.append("-: standard input can be read once. Name it once.")
            sources.append(Source(STDIN, input_format or ""))
            continue
        if output is not None and len(inputs) > 1 and Path(name).resolve() == job_folder(output).resolve():
            continue  # a shell's * names it
        if len(inputs) > 1 and Path(name).name.startswith(OFFICE_LOCK):
            continue  # so it does this one
        found = _expand(name, input_format, output)
        problems += found.problems
        left_out[name] = found.left_out
        for path in found.paths:
            source, problem = _source(path, input_format)
            sources.append(source)
            problems += problem
    raise_all(problems)
    for warning in _of_left_out(left_out, sources):
        warn(warning)
    return sources


def _of_left_out(left_out: Mapping[str, Sequence[Path]], sources: Sequence[Source]) -> Iterator[str]:
    """One sentence for each folder with files that were left out, and are no source otherwise."""
    read = {Path(source.name).resolve() for source in sources} if any(left_out.values()) else set()
    for name, paths in left_out.items():
        others = [path for path in paths if path.resolve() not in read]
        describing = Counter(suffix_of(path) for path in others if suffix_of(path) in _DESCRIBING)
        unread = Counter(kind for path in others if (kind := _unread_kind(path)))
        if describing:
            yield f"{name}: left out {_counted(describing)}, most likely about the other files. Name them to read them."
        if unread:
            yield f"{name}: left out {_counted(unread)}, of a kind that is not read. {what_to_do(unread)}"


def _counted(counts: Mapping[str, int]) -> str:
    *first, last = (f"{count} {kind}" for kind, count in sorted(counts.items()))
    return f"{', '.join(first)} and {last}" if first else last


def raise_all(problems: Sequence[str], kind: type[InputError] = InputError) -> None:
    """One error for all problems of the input; nothing where there is none."""
    if problems:
        raise kind(problems[0] if len(problems) == 1 else bullet_list("input", problems))


def _source(path: Path, input_format: str | None) -> tuple[Source, list[str]]:
    """A file as a source, and what is wrong with it."""
    known, compression = format_of(path)
    source = Source(str(path), input_format or known, compression)
    if reason := why_unreadable(path):
        return source, [f"{path}: cannot be read ({reason})."]
    if not source.format and (kind := _unread_kind(path)) and is_never_read(kind):
        return source, [f"{path}: {kind} is not read. {what_to_do([kind])}"]
    if not source.format:
        return source, [
            f"{path}: format not known from its name. Known: {', '.join(FORMATS)}, also with .gz or .zst. "
            "Rename it or name the format with --input-format."
        ]
    return source, []


class _Found(NamedTuple):
    """The files that a name stands for, what is wrong with it, and what a folder holds about these files."""

    paths: Sequence[Path]
    problems: Sequence[str] = ()
    left_out: Sequence[Path] = ()


def _expand(name: str, input_format: str | None, output: Path | None) -> _Found:
    path = Path(name)
    if not name:
        return _Found([], ["an input is empty (''). Name a file, a folder, or '-' for standard input."])
    try:
        exists, is_folder = path.exists(), path.is_dir()
    except PermissionError as error:
        return _Found([], [f"{name}: cannot be read ({error.strerror})."])
    except OSError as error:  # too long for a name: most likely a story
        return _Found([], [f"{name[:60]}…: not a file ({error.strerror}). Give a story itself with --text, or to '-'."])
    if is_folder:
        return _expand_folder(path, input_format, output)
    if exists or path.is_symlink():
        return _Found([path])
    if glob.has_magic(name):
        found, problems = files_matching(name)
        matches = [match for match in found if not _is_output(match, output)]
        return _Found(matches, problems if matches or problems else [f"{name}: no file matches this pattern."])
    beside: list[str] = []
    with contextlib.suppress(OSError):
        beside = os.listdir(path.parent)
    return _Found([], [f"{name}: no such file.{nearest(path.name, beside)}"])


def _expand_folder(folder: Path, input_format: str | None, output: Path | None) -> _Found:
    if folder.name.endswith(JOB_SUFFIX):
        problem = f"{folder}: holds a job that is not done, which is no input. Finish it, and name its output."
        return _Found([], [problem])
    below, problems = files_below(folder)
    below = [path for path in below if not _is_output(path, output)]
    found = [path for path in below if format_of(path)[0]]
    others = [path for path in below if not format_of(path)[0] and not is_beside_data(path, folder)]
    if input_format is not None:
        both = sorted(found + others)
        return _Found(both, problems if both or problems else [f"{folder}: no file in this folder or below."])
    unread = [path for path in others if _unread_kind(path)]
    describing = _describing(found)
    paths = [path for path in found if suffix_of(path) not in describing]
    if not found and not problems:
        problems = [f"{folder}: no {', '.join(FORMATS)} file in this folder or below."]
        named = "Name the format of its other files with --input-format."
        kinds = [_unread_kind(path) for path in others]
        problems[0] += f" {what_to_do(kinds) if all(map(is_never_read, kinds)) else named}" if others else ""
    return _Found(paths, problems, [path for path in found if suffix_of(path) in describing] + unread)


def _describing(found: Sequence[Path]) -> set[str]:
    """The endings of files that a folder does not give, beside the others that it holds."""
    data = {format_of(path)[0] for path in found if suffix_of(path) not in _SELDOM_DATA}
    endings = {".json", ".xml"} if data - {"feed"} else {".json"} if data else set()
    others = {format_of(path)[0] for path in found if suffix_of(path) not in {*endings, *_OFFICE}}
    if others:
        endings.update(SPREADSHEETS)
    if others - set(PAGE_FORMATS):
        endings.add(".docx")
    return endings


def _unread_kind(path: Path) -> str | None:
    return unread_kind(suffix_of(path))


def _is_output(path: Path, output: Path | None) -> bool:
    return output is not None and os.path.realpath(path) == os.path.realpath(output)


def refuse_overwriting(name: str, target: Path, sources: Sequence[Source]) -> None:
    """Refuses an output that is also an input, or whose job is.

    Raises:
        InputError: If one is.
    """
    for source in sources:
        path = Path(source.name).resolve()
        if path == target.resolve():
            raise InputError(f"{name}: is also an input. Write to another file.")
        if path.is_relative_to(job_folder(target).resolve()):
            raise InputError(f"{source.name}: belongs to the job that writes {name}. Name another input.")
