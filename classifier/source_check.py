"""Which sources of records can be opened, and whether they have the columns that the command names, before the work.

Leaves out: what a record lacks (fields.py); pages, feeds and streams, which are looked at when they are read
(stories.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from classifier.documents import python_docx
from classifier.errors import CommandError, InputError
from classifier.feed_xml import require_parser
from classifier.fields import check_columns, check_fields
from classifier.formats import PAGE_FORMATS, RECORD_FORMATS
from classifier.html_text import require_extractor
from classifier.records import open_records
from classifier.sources import Source, raise_all
from classifier.stories import ReadOptions


def broken_sources(sources: Sequence[Source], options: ReadOptions) -> list[Source]:
    """The files of records that cannot be opened; the others have the columns that the options name.

    JSON lines may lack a field here and there; it is refused where the first records all do.

    Raises:
        CommandError: For every file that lacks them, all at once; or if columns are named and there are only pages.
        MissingExtraError: If the extra for HTML, feeds, Parquet, spreadsheets or Word documents is not installed.
    """
    _refuse_pages_alone(sources, options)
    formats = {source.format for source in sources}
    if "docx" in formats:
        python_docx()
    if "html" in formats:
        require_extractor()
    if "feed" in formats:
        require_parser()
    problems: list[str] = []
    broken: list[Source] = []
    for source in sources:
        if source.format not in RECORD_FORMATS or source.is_stream:
            continue
        try:
            with open_records(source, options.encoding, fields=options.story_fields) as records:
                if records.columns is None:
                    check_fields(records.where, (record for _, record in records.rows), options)
                else:
                    check_columns(records.where, records.columns, options)
        except CommandError as error:
            problems.append(str(error))
        except (InputError, OSError):
            broken.append(source)
    raise_all(problems, CommandError)
    return broken


def _refuse_pages_alone(sources: Sequence[Source], options: ReadOptions) -> None:
    if not sources or not options.named or any(source.format not in PAGE_FORMATS for source in sources):
        return
    more = f" and {len(sources) - 1:,} more" if len(sources) > 1 else ""
    raise CommandError(
        f"{sources[0].shown}{more}: pages have no columns for {', '.join(options.named)}. Leave that out, or say which "
        "records they hold: --input-format csv."
    )
