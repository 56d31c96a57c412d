"""README and docs: links lead somewhere, commands and options exist, and the codebook is the shipped one."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
CONFIGS = sorted((ROOT / "configs").rglob("*.yaml"))
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"python -m ((?:classifier|training|benchmarks)\.\w+)((?:[^`\n#\\]|\\\n)*)")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
_SHOWN_IN_CONFIG = re.compile(r"^#(   .*)$", re.MULTILINE)


def _anchors(page: Path) -> set[str]:
    """Those of its headings, as GitHub makes them: lower case, blanks as hyphens, no other punctuation."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _commands() -> Iterator[tuple[str, str]]:
    """Module and arguments of every command that is shown."""
    for page in PAGES:
        yield from _COMMAND.findall(page.read_text(encoding="utf-8"))
    for config in CONFIGS:
        yield from _COMMAND.findall("\n".join(_SHOWN_IN_CONFIG.findall(config.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link


def test_every_page_of_docs_is_named_in_readme() -> None:
    links = set(_LINK.findall(PAGES[0].read_text(encoding="utf-8")))
    assert {f"docs/{page.name}" for page in PAGES[1:]} <= links


def test_commands_have_the_options_that_are_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["python -m", "--help"])
    shown: dict[str, set[str]] = {}
    for module, arguments in _commands():
        shown.setdefault(module, set()).update(_OPTION.findall(arguments))
    assert {"classifier.predict", "training.train", "training.evaluate"} <= set(shown)
    for module, options in shown.items():
        with pytest.raises(SystemExit, match=r"^0$"):
            importlib.import_module(module).main()
        known = set(_OPTION.findall(capsys.readouterr().out))
        assert options <= known, f"{module}: {options - known}"


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.name)
def test_numbers_of_commands_in_configs_are_numbers_in_yaml(config: Path) -> None:
    for line in _SHOWN_IN_CONFIG.findall(config.read_text(encoding="utf-8")):
        for word in re.findall(r"(?<![\w.-])\d[\w.+-]*e-?\d+", line):
            assert isinstance(yaml.safe_load(word), float), line


def test_the_codebook_in_docs_is_that_of_the_shipped_model() -> None:
    shipped = ROOT / "classifier" / "models" / "news" / "TOPICS.md"
    assert (ROOT / "docs" / "TOPICS.md").read_bytes() == shipped.read_bytes()
