"""The columns that the options name, against those that a source has: what is missing, with the nearest name.

Leaves out: what is in a column (stories.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from classifier.errors import CommandError, nearest
from classifier.json_lists import LISTS, LONG_TEXT, OTHER_LISTS
from classifier.printed import on_one_line
from classifier.text_fields import BODIES, are_like_stories, bare, has_body

if TYPE_CHECKING:
    from classifier.stories import ReadOptions, Story

_SHOWN_FIELDS, _SHOWN_CHARACTERS = 20, 60  # of a record, in a message
_FIRST_RECORDS = 100  # of JSON lines: where all lack a field, it is the wrong one
_MOST_FOUND = 200  # names of fields that are remembered of a source
_LONG_PARAGRAPH = 80  # characters on average: tags, names and headlines are shorter
_LONG_WORD = 20  # characters on average: links and packed data have longer ones
_IS_TITLE = " If that stands above the table, delete it: the first line is to name the columns."


class UnseenFields:
    """The named fields that no record of a source has had so far, and some that the records had instead.

    Where no field of the text is named, a source whose records have headlines alone is looked at as well: its text may
    go by another name, and would not be read.
    """

    def __init__(self, options: ReadOptions) -> None:
        self._unseen = options.named
        self._lacks_text = options.text_field is None
        self._found: dict[str, None] = {}
        self._long: dict[str, str] = {}
        self._any_good = False

    def see(self, record: Mapping[str, Any], story: Story) -> None:
        """Notes the fields of a record, and whether it became a good story."""
        if not self._unseen and not self._lacks_text:
            return
        self._lacks_text &= "text" not in record
        self._unseen = {option: name for option, name in self._unseen.items() if name not in record}
        self._any_good |= story.error is None
        _remember(self._found, record)
        if self._lacks_text and len(self._long) < _SHOWN_FIELDS:
            self._long |= long_texts(record, story.title)

    def warnings(self, where: str) -> list[str]:
        """One for each field; none where no record was good, since then each has an error of its own."""
        if not self._any_good:
            return []
        said = [
            no_field(where, name, self._found, option, among=" in any record") for option, name in self._unseen.items()
        ]
        if self._lacks_text and (bodies := likely_texts(self._found, self._long)):
            said.append(
                f"{where}: no field 'text' in any record, so that headlines alone were read, without "
                f"{', '.join(bodies)}. Name the field of the text with --text-field."
            )
        return said


def likely_texts(names: Iterable[str], long: Mapping[str, str]) -> list[str]:
    """Those names of fields by which others call the text, and those of `long_texts`, as they are shown."""
    found = [name for name in names if bare(name) in BODIES and name != "text" and name not in long]
    return [*map(_shown, found), *long.values()]


def text_within(record: Mapping[str, Any]) -> str:
    """A sentence on a text that stands one level down or in a list, to be put behind another; "" where none does.

    >>> text_within({"id": 7, "fields": {"title": "Truce", "body": "Envoys met on Monday."}})
    " 'body' stands within 'fields': move what is in that one level up."
    """
    for name, value in record.items():
        if isinstance(value, dict) and (inner := next((inner for inner in value if bare(inner) in BODIES), None)):
            shown = (part[:_SHOWN_CHARACTERS] for part in (inner, name))
            return " '{}' stands within '{}': move what is in that one level up.".format(*shown)
    return "" if has_body(record) else texts_in_list(record)


def texts_in_list(record: Mapping[str, Any]) -> str:
    """A sentence on the first list of objects with texts or headlines in a record, to be put behind another.

    >>> texts_in_list({"channel": "Odrava", "notes": [{"text": "Envoys met on Monday."}]})
    " The objects in the list 'notes' are like stories: give each as a record."
    """
    for name, value in record.items():
        if isinstance(value, list) and are_like_stories(value):
            shown = on_one_line(name[:_SHOWN_CHARACTERS])
            return f" The objects in the list '{shown}' are like stories: give each as a record."
    return ""


def long_texts(record: Mapping[str, Any], title: str) -> dict[str, str]:
    """The fields that hold an article or its paragraphs, whatever their names: each with how it is shown.

    >>> long_texts({"title": "Truce", "parts": ["Envoys met on Monday. " * 9] * 2, "tags": ["talks"]}, "Truce")
    {'parts': 'parts (a list, to be joined into one text first)'}
    """
    found = {}
    for name, value in record.items():
        short = name[:_SHOWN_CHARACTERS]
        if isinstance(value, str) and value != title and _is_prose(value):
            found[short] = _shown(short)
        elif isinstance(value, list) and value and all(isinstance(part, str) for part in value):
            joined = "\n".join(value)
            if len(joined) > _LONG_PARAGRAPH * len(value) and _is_prose(joined):
                found[short] = f"{_shown(short)} (a list, to be joined into one text first)"
        elif isinstance(value, list) and _holds_stories(name, value):
            found[short] = f"{_shown(short)} (a list of objects, each to be given as a record)"
    return found


def _holds_stories(name: str, elements: Sequence[Any]) -> bool:
    """Whether these are objects with texts: by what their list is called, or since one is long."""
    texts = [value for one in elements[:_FIRST_RECORDS] if isinstance(one, dict) for value in one.values()]
    is_named = name.lower() in LISTS | OTHER_LISTS
    return are_like_stories(elements) and (is_named or any(isinstance(one, str) and _is_prose(one) for one in texts))


def _is_prose(value: str) -> bool:
    return len(value) > LONG_TEXT and len(value) < _LONG_WORD * len(value.split())


def _shown(name: str) -> str:
    """A name, in quotes where a blank would not be seen."""
    return name if name == name.strip() else f"'{name}'"


def check_columns(where: str, found: Collection[str], options: ReadOptions) -> None:
    """Refuses a table without the columns that were named, or without any text.

    Raises:
        CommandError: With the columns found and the nearest name.
    """
    names = list(found)
    hint = _IS_TITLE if "" in names[1:] or (len(names) == 1 and len(names[0].split()) > 1) else ""
    for option, column in options.named.items():
        if column not in found:
            raise CommandError(no_field(where, column, found, option) + hint)
    if lacks_text(found, options):
        raise CommandError(no_field(where, options.text_field or "text", found, "--text-field") + hint)


def check_fields(where: str, records: Iterable[Mapping[str, Any] | str], options: ReadOptions) -> None:
    """Refuses JSON lines whose first records all lack the text: each would be an error.

    Args:
        where: The source, for the message.
        records: From the first on; only the first are read. A broken one is what is wrong with it.
        options: Name the columns.

    Raises:
        CommandError: With the fields found and the nearest name.
    """
    found: dict[str, None] = {}
    count = 0
    for record in islice(records, _FIRST_RECORDS):
        if isinstance(record, str) or not lacks_text(record, options):
            return
        _remember(found, record)
        count += 1
    if count == _FIRST_RECORDS:
        among = f" in the first {_FIRST_RECORDS} records"
        raise CommandError(no_field(where, options.text_field or "text", found, "--text-field", among=among))


def _remember(found: dict[str, None], record: Mapping[str, Any]) -> None:
    for name in record:
        if len(found) < _MOST_FOUND:
            found[name[:_SHOWN_CHARACTERS]] = None


def lacks_text(found: Collection[str], options: ReadOptions) -> bool:
    """Whether the columns lack the text; a headline is enough where no column of the text is named."""
    has_title = options.text_field is None and (options.title_field or "title") in found
    return (options.text_field or "text") not in found and not has_title


def no_field(where: str, wanted: str, found: Collection[str], option: str, *, among: str = "") -> str:
    """That a field is missing, what was found instead, and which option names it."""
    shown = (on_one_line(name[:_SHOWN_CHARACTERS]) for name in islice(found, _SHOWN_FIELDS))
    listed = ", ".join(shown) or "nothing"
    return f"{where}: no field '{wanted}'{among}. Found: {listed}.{nearest(wanted, found)} Name it with {option}."
