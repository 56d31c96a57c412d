"""The texts on which it is fitted how sure the smaller model of a cascade must be: they need no labels.

What is said of them is said by the code that reads for predict; it goes without options that training.cascade has not.
Leaves out: labelled stories (labelled_files.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from classifier.process import Warnings
from classifier.rewording import in_other_words, reworded
from classifier.scorable import chunks, read_texts
from classifier.sources import find_sources
from classifier.stories import ReadOptions, read_stories
from training.config import DataConfig

_ADVICE = {  # with options of predict, in messages: what to do instead
    r"Name the encoding with --encoding[^.]*\.": "Save the file as UTF-8.",
    r",? or name the format with --input-format": "",
    r"Name the format of its other files with --input-format\.": "Rename its other files.",
    r"Read it as a table with --input-format csv\.": "If it is one, rename it to .csv.",
    r"Give a story itself with --text, or to '-'\.": "Name a file.",
}


def read_unlabelled_texts(names: Sequence[str], config: DataConfig) -> list[str]:
    """The different texts of all files; what is left out, and what cannot be read, is said.

    Args:
        names: Files, folders, patterns, or "-" for standard input.
        config: Names the columns; those of the usual names may be missing.

    Raises:
        InputError: If one of them cannot be read.
    """
    text, title = config.text_field, config.title_field
    options = ReadOptions(text_field=None if text == "text" else text, title_field=None if title == "title" else title)
    with in_other_words(_ADVICE):
        return list(_read(names, options))


def _read(names: Sequence[str], options: ReadOptions) -> dict[str, None]:
    found: dict[str, None] = {}
    left_out, passed_over = _warnings("further ones are not said"), _warnings("further ones are passed over as well")
    for source in find_sources(names, warn=left_out):
        for part in chunks(read_stories(source, options, warn=left_out)):
            texts, errors = read_texts(part)
            found |= dict.fromkeys(text for text, error in zip(texts, errors, strict=True) if error is None)
            for error in filter(None, errors):
                passed_over(f"passed over: {error}")
    return found


def _warnings(further: str) -> Callable[[str], None]:
    warn = Warnings(further)
    return lambda message: warn(reworded(message, _ADVICE))
