"""Leaves BERT's normaliser out where all that it would do to a text is to turn it into lower case.

It costs as much as all else of a tokenizer: the library keeps for every character where it came from, which takes
longer than splitting and looking up the words. Of plain text (ASCII, and the quotes and dashes of print: 95 of 100 news
stories) BERT's rules make the same text in lower case. So the normaliser is taken out of the tokenizer, and called
before it where it does more:

    "Talks’ first DAY" -> "talks’ first day"     "Café [SEP] NAÏVE" -> the normaliser's "cafe ", "[SEP]", " naive"

Special tokens that stand in a text are looked for before anything is lowered, as in the library. Leaves out: tokenizers
with another normaliser, or with none, which stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tokenizers import Tokenizer
from tokenizers.normalizers import BertNormalizer

PRINTED = re.compile(r"[\n -~‘’“”–—•€£]*")  # what no normaliser changes, but for case and spaces


def without_normaliser(tokenizer: Tokenizer) -> Callable[[str], str]:
    """Takes a BERT normaliser out of a tokenizer, in place.

    Returns:
        What is to be done to a text before the tokenizer sees it, so that it gives the ids that it gave before.
    """
    normaliser = tokenizer.normalizer
    added = tokenizer.get_added_tokens_decoder().values()
    if not isinstance(normaliser, BertNormalizer) or any(
        token.normalized and normaliser.normalize_str(token.content) != token.content for token in added
    ):
        return lambda text: text
    tokenizer.normalizer = None
    is_lowering, normalise = normaliser.lowercase, normaliser.normalize_str
    contents = sorted((token.content for token in added), key=len, reverse=True)
    special = re.compile("(" + "|".join(map(re.escape, contents)) + ")") if contents else None

    def prepared(text: str) -> str:
        if special is not None and special.search(text):
            parts = special.split(text)  # texts and tokens by turns
            return "".join(part if number % 2 else normalise(part) for number, part in enumerate(parts))
        if PRINTED.fullmatch(text):
            return text.lower() if is_lowering else text
        return normalise(text)

    return prepared
