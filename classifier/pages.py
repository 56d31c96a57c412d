"""A scraped page of several stories → its stories, in order.

A scraped page rarely holds one story alone: the openings of others, cut off mid-sentence, follow it, or it
is a column of briefs, with menus, bylines and adverts between. `split_page` tells where each story starts.
Boilerplate is known by its words and shape and left out. Every other line is described by cues: its shape
(a kicker in capitals, a dateline, no full stop), how it reads ("At least two were" opens a story, "He also
said" does not), and how well it continues the lines before it (rare words in common, the likeness of word
vectors). A small network, fitted by `training.pages`, turns the cues of a line, of its neighbours and of
the page into the probability that a story starts there.

    The search goes on, he said.                                           0.00
    DELUGE: Three villages were cleared after a dam burst on Monday and    0.99

Left out: what a story is about, HTML, and languages other than English, which are split by shape alone.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Container
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]

_NEWLINE = re.compile(r"\r\n|\n|\r")
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")

# --- boilerplate -------------------------------------------------------------------------------------------

# A short line made of these words and of numbers alone is a menu, a date, a share bar or a rubric.
_FURNITURE_WORDS = """
accept accessibility account ad address ads advert advertise advertisement advertising adverts afp africa
agencies ago alerts allow am america americas ap app apps apr april archive archives article articles asia
audio aug august australia back bookmark bookmarks breaking bst business cancel caption careers choice climate
close columns comment commented comments contact content continue continued continues cookie cookies copied
copyright correspondent correspondents credit culture daily date day days dec december e-paper economy edited
edition editor editor's editorial editors edt education email enlarge entertainment environment epaper est et
europe events explore facebook faq fashion featured features feb february feedback file finance follow food
footer fri friday full galleries gallery gmt headlines health help hide home hour hours image images instagram
international jan january jobs join jul july jun june later latest leave lifestyle link linkedin links listen
live load loaded loading local log login logout magazine main mar markets media member menu min mins minute
minutes mobile moderated modified mon monday money month months national navigation newest news newsletter
newsletters next nov november obituaries oct october open opinion opinions our page paid partner partners
photo photos picks picture pictures play player pm podcast podcasts policy politics popular post posted posts
preferences previous print privacy promoted published read reading recommended region register related replies
reply reporter reports reserved reuters reviews rights sat saturday save science search section sections sep
sept september services settings share shares show sign sign-up signup sitemap skip source special sponsored
sport sports staff stories story style subscribe subscription sun sunday tag tags tech technology thu thursday
today toggle topic topics travel trending tue tuesday tweet twitter unsubscribe updated updates utc video
videos view viewed views watch weather wed wednesday week weeks whatsapp world writer year years youtube
"""
_SMALL_WORDS = """
a about all an and are at by for from go here in is last less like may march more most my new no now of on or
see than the this time to top up us use with x you your
"""
_FURNITURE, _SMALL = frozenset(_FURNITURE_WORDS.split()), frozenset(_SMALL_WORDS.split())
# A line of up to 14 words that starts so is a call to the reader, a rubric, a credit or a date.
_RUBRICS = (
    # read on
    r"(?:read|see|watch|listen|view)\W+(?:more|also|next|all|now|the full|live|to this)\b",
    r"(?:also read|must[ -]read|don['’]t miss|in other news|what to read|you (?:may|might) also)\b",
    r"(?:click (?:here|for|on|to)|tap to|scroll (?:down|to)|letters to the editor|estimated read)\b",
    r"(?:read|more|watch|listen|related|videos?|photos?|gallery|in pictures|explore|tags?|topics)\s*:",
    r"more (?:on|from|in|about)(?: \S+){1,4}$|more on this\b|filed under\b",
    r"related (?:stories|articles?|news|topics|content|coverage|links)\b",
    r"(?:story|article) continue[sd]\b|continued? (?:reading|below)\b|advertisement\b",
    r"(?:sponsored|promoted) (?:by|content|links?)\b",
    # join, pay, share, comment
    r"(?:sign|log)[ -](?:up|in)\b|subscribe\b|register (?:now|for)\b|join (?:us|our|the conversation)\b",
    r"(?:already|not|become) a (?:subscriber|member)\b|start your\b|(?:enter|type) your e-?mail|donate\b",
    r"get .{0,70}(?:newsletters?|inbox|the app|our app|alerts)\b|get (?:unlimited|full) access\b",
    r"(?:download|get|install) (?:the|our) .{0,20}app\b|turn on\b|thank you for (?:reading|subscribing)\b",
    r"support (?:us|our work|(?:\w+ )?journalism)\b|manage newsletters\b|copy link|report an error",
    r"follow (?:us|me|@|(?:\S+ ){1,5}on (?:twitter|facebook|x|instagram))|have your say|be the first to\b",
    r"(?:share|tweet|e-?mail|print) (?:this|on|via|article)\b|(?:leave|post|add) a comment",
    r"(?:view|show|hide|see) (?:the )?(?:\d+ )?comments|\d+ comments?\b|comments? (?:are|is)\b",
    # the site
    r"(?:we|this (?:web)?site) uses? cookies|we value your|(?:about|contact) us\b",
    r"(?:manage|cookie) (?:your )?(?:preferences|settings)\b",
    r"terms (?:of (?:use|service)|(?:and|&) conditions)\b",
    r"by (?:continuing|using this|signing up|subscribing|clicking)\b",
    r"(?:skip|jump|back) to (?:the )?(?:main|content|navigation|top)\b",
    r"©|\(c\) ?\d|copyright (?:©|\(c\)|\d{4})|(?:copyright\W+)?all rights reserved",
    r"(?:https?://|www\.|pic\.twitter)\S+$|@\w+$|[\w.+-]+@[\w-]+\.\w+",
    # credits and dates
    r"(?:photo(?:graph)?s?|images?|pictures?|graphic|illustration|credits?|source)\s*(?::|/|(?:by|credit)\b)",
    r"(?:photo(?:graph)?|image|picture) courtesy\b|(?:file|stock|handout) (?:photo|image|picture)\b",
    r"image copyright(?: \S+){1,3}$|image source\b|\w+ photo/|enlarge this image|slideshow \(|getty images",
    r"(?:with )?(?:additional )?(?:reporting|writing|editing|research) (?:and \w+ing )?(?:by|from)\b",
    r"(?:edited|compiled|written|reported|translated) by:? (?-i:[A-Z])[^?!]*$",
    r"contributing:|with (?:files|agencies|wires)\b",
    r"(?:(?:first|last|originally) )?(?:published|updated|posted|modified)\W+(?:(?:on|at) )?"
    r"(?:\d|(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b)",
    r"this (?:article|story|post|page) (?:is more than|has been (?:updated|corrected))",
    r"this (?:article|story|post|page) was (?:originally|last|first|updated)",
)
_RUBRIC = re.compile(rf"\W*(?:{'|'.join(_RUBRICS)})", re.IGNORECASE)
_CREDIT = re.compile(
    r"\bcontributed (?:to this \w+|reporting)\b|\bopens in (?:a )?new (?:window|tab)|\ball rights reserved",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"(?:By|BY|by):? (?:(?:[A-Z][\w.’'-]*|and|for|in|the|of|at|staff|reporters?|writers?|correspondents?"
    r"|editors?|agencies|[|/&–—-] ?\w*)[,;.]?(?: |$)){1,9}"
)
_MENU_MARK = re.compile(r" ?[|•·»›>] ?| / ")
_MAX_CHARS, _MAX_RUBRIC, _MAX_MENU = 180, 14, 20  # characters, words, words


def is_boilerplate(line: str) -> bool:
    """Whether a line (stripped) is a menu, rubric, byline, credit, date, advert or call to the reader."""
    if len(line) > _MAX_CHARS:
        return False
    words = [word.lower().replace("’", "'") for word in WORD.findall(line)]
    if not words or _BYLINE.fullmatch(line):
        return True
    if len(words) <= _MAX_RUBRIC and (_RUBRIC.match(line) or _CREDIT.search(line)):
        return True
    pieces = [piece for piece in _MENU_MARK.split(line) if piece.strip()]
    if len(pieces) >= 3 and max(len(piece.split()) for piece in pieces) <= 3:
        return True
    unknown = [word for word in words if word not in _FURNITURE and not word[0].isdigit()]
    return len(words) <= _MAX_MENU and len(unknown) < len(words) and _SMALL.issuperset(unknown)


# --- the page ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Segment:
    """One story of a page.

    Attributes:
        first_line: Number of its first line in the page, from 1.
        last_line: Number of its last line, inclusive.
        text: Its lines joined with newlines, boilerplate left out.
        title: Its headline line if one was recognised (also the first line of `text`), else "".
    """

    first_line: int
    last_line: int
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page that belongs to a story."""

    number: int  # in the page, from 1
    text: str  # stripped
    is_after_blank: bool = False
    dropped: int = 0  # boilerplate lines just above


def split_page(text: str) -> list[Segment]:
    """Stories of a page in order; a page without structure is one segment, an empty page none.

    Lines end with \\n, \\r\\n or \\r alone. Blank lines and boilerplate belong to no story, every other line
    belongs to one; a page of nothing but boilerplate is one segment.
    """
    lines = read_lines(text)
    starts = find_starts(lines)
    return [_segment(lines[i:j]) for i, j in pairwise([*starts, len(lines)])]


def read_lines(text: str) -> list[Line]:
    """Lines that are neither blank nor boilerplate, or all that are not blank if there are no such lines."""
    numbered = [(i, raw.strip()) for i, raw in enumerate(_NEWLINE.split(text), 1)]
    kept: list[Line] = []
    is_after_blank, dropped = False, 0
    for number, line in numbered:
        if not line:
            is_after_blank = True
        elif is_boilerplate(line):
            dropped += 1
        else:
            kept.append(Line(number, line, is_after_blank, dropped))
            is_after_blank, dropped = False, 0
    return kept or [Line(number, line) for number, line in numbered if line]


def find_starts(lines: list[Line]) -> list[int]:
    """Indices of the lines that start a story, the first line always among them."""
    if len(lines) < 2:
        return [0] * len(lines)
    lexicon, network = load()
    starts = network.probabilities(describe(lines, lexicon))[1:]
    likely = np.flatnonzero(starts >= network.line_threshold)
    if 1 - np.prod(1 - starts[likely]) < network.page_threshold:
        return [0]
    return [0, *(likely + 1).tolist()]


def _segment(lines: list[Line]) -> Segment:
    """Segment of a story's lines."""
    first = lines[0].text
    title = first if len(lines) > 1 and is_headline(first) else ""
    return Segment(lines[0].number, lines[-1].number, "\n".join(line.text for line in lines), title)


def is_headline(line: str) -> bool:
    """Whether a story's first line is short and ends like no sentence of a text."""
    return (
        _MIN_HEADLINE <= len(line) <= _MAX_HEADLINE
        and line[-1] not in ".…:;,"
        and not line.endswith(('."', ".”"))
    )


# --- cues --------------------------------------------------------------------------------------------------

# Patterns counted in a line, up to four times.
_SHAPES = tuple(
    re.compile(pattern)
    for pattern in (
        r"^[‘“'\"(]?[A-Z][A-Z0-9 .,&'’‘-]{1,38}[A-Z0-9][’”'\")]?: ?\S",  # a kicker
        r"^(?:[A-Z][\w.’'-]*,? ){1,5}(?:\([A-Za-z ]{2,20}\) ?)?(?:—|–|--?) ",  # a dateline
        r"^\(?(?:[A-Z]\w+ ){0,3}\((?:AP|AFP|CNN|UPI|Reuters)\)",  # an agency
        r"[.!?…][\"'”’)\]»*]*$",  # a full stop
        r"(?:\.\.\.|…|\[[.…]+\])$",  # cut off with dots
        r"[\"'”’)]$",  # a closing quote
        r"[:;,]$",
        r"\?$",
        r"^[\"“‘'](?![A-Z ]+[’'\"”]:)",  # an opening quote that is no kicker's
        r"^[a-z]",
        r"^(?:[-•*–—·▪]|\d{1,2}[.)] )",  # a bullet
        r"\d",
        r"[.!?][\"”’]? [A-Z“\"]",  # the end of a sentence inside
    )
)
_FULL_STOP, _PAUSE = 3, 6  # their places in _SHAPES
_MIN_HEADLINE, _MAX_HEADLINE = 13, 140  # characters
_READ_CHARS = 1200  # of a line: enough to know it by, and it bounds the time
_OPENER_WORDS = 40  # of a line
_RARE = 3.2  # inverse document frequency above which a word binds lines that share it
_REACH = 8  # lines over which it binds
_WINDOWS = ((1, 1), (3, 1), (1, 3), (3, 3), (8, 4))  # lines above, lines from here on: how alike are they?
NEIGHBOURS = 2  # lines on either side that a layer of the network sees


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What is known of words.

    Attributes:
        word_ids: Row of each known word, lower case.
        rarity: Shape (words + 1,), inverse document frequency; the last is an unknown word's.
        vectors: Shape (words + 1, dimensions); their sums are alike within a story; the last is zero.
        openers: How much a word speaks for a story's first line: "^in" as its first word, "^in a" as its
            first two ("?" is a name or an unknown word), "in" elsewhere.
    """

    word_ids: dict[str, int]
    rarity: Floats
    vectors: Floats
    openers: dict[str, float]


def describe(lines: list[Line], lexicon: Lexicon) -> Floats:
    """Cues of each line, its neighbours and the whole page: shape (lines, inputs)."""
    texts = [line.text[:_READ_CHARS] for line in lines]
    layout = [[line.is_after_blank, min(line.dropped, 3)] for line in lines]
    cues = np.hstack([shape_cues(texts), layout, word_cues(texts, lexicon)]).astype(np.float32)
    return surround(cues)


def surround(rows: Floats) -> Floats:
    """Each line's row with its neighbours' and the page's mean: shape (lines, 6 times the columns)."""
    padded = np.pad(rows, ((NEIGHBOURS, NEIGHBOURS), (0, 0)))
    shifted = [padded[i : i + len(rows)] for i in range(2 * NEIGHBOURS + 1)]
    return np.hstack([*shifted, np.broadcast_to(rows.mean(axis=0), rows.shape)])


def shape_cues(texts: list[str]) -> Floats:
    """How lines look: shape (lines, shapes + 5)."""
    counts = np.array([[min(len(shape.findall(text)), 4) for shape in _SHAPES] for text in texts], np.float32)
    length = np.array([len(text) for text in texts], np.float32)
    is_open = counts[:, [_FULL_STOP, _PAUSE]].sum(axis=1) == 0  # no closing punctuation
    words = [[word for word in text.split() if len(word) > 3] for text in texts]
    more = [
        np.log(length) - 5,
        is_open & (length > _MAX_HEADLINE),  # cut off
        is_open & (length <= _MAX_HEADLINE) & (length >= _MIN_HEADLINE),  # like a headline
        [sum(word[0].isupper() for word in some) / (1 + len(some)) for some in words],
        [text.isupper() for text in texts],
    ]
    return np.hstack([counts, np.array(more, np.float32).T])


def word_cues(texts: list[str], lexicon: Lexicon) -> Floats:
    """How lines read, and how well each continues those above: shape (lines, windows + 3)."""
    words = [WORD.findall(text) for text in texts]
    forms: dict[str, int] = {}  # the page's distinct words as written
    form = np.array([forms.setdefault(word, len(forms)) for some in words for word in some], np.int64)
    counts = np.array([len(some) for some in words], np.int64)
    line = np.repeat(np.arange(len(texts)), counts)  # (tokens,), as is `form`
    keys = [word_key(word) for word in forms]
    row = np.array([lexicon.word_ids.get(key, -1) for key in keys], np.int64)  # (forms,)
    first: dict[str, int] = {}
    number = np.array([first.setdefault(key, i) for i, key in enumerate(keys)], np.int64)  # (forms,)
    vectors = np.zeros((len(texts), lexicon.vectors.shape[1]))
    if len(form):
        starts = (np.cumsum(counts) - counts)[counts > 0]
        vectors[counts > 0] = np.add.reduceat(lexicon.vectors[row][form], starts)
    openers = lexicon.openers
    opening = [sum(openers.get(key, 0.0) for key in opener_keys(some, openers)) for some in words]
    repeated = repetition(line, number[form], lexicon.rarity[row][form], len(texts))
    return np.stack([opening, *repeated, *likeness(vectors)], axis=1)


def word_key(word: str) -> str:
    """Name of a word in the lexicon: "Seoul’s" -> "seoul"."""
    return word.lower().removesuffix("'s").removesuffix("’s")


def opener_keys(words: list[str], first_words: Container[str]) -> list[str]:
    """A line's words as `Lexicon.openers` names them: "At least two" -> ^at, ^at least, least, two."""
    if not words:
        return []
    first = f"^{words[0].lower()}"
    first = first if first in first_words else "^?"
    second = words[1] if len(words) > 1 and words[1][0].islower() else "?"
    later = dict.fromkeys(word for word in words[1:_OPENER_WORDS] if word[0].islower())
    return [first, f"{first} {second}", *later]


def repetition(line: Ints, word: Ints, rarity: Floats, count: int) -> tuple[Doubles, Doubles]:
    """Shares of each line's rare words that also stand just above, and just below: shapes (lines,).

    Args:
        line: Shape (tokens,), ascending.
        word: Shape (tokens,), the same number for the same word.
        rarity: Shape (tokens,).
        count: Number of lines.
    """
    is_rare = rarity > _RARE
    place, token = np.unique(word[is_rare] * count + line[is_rare], return_index=True)  # a word once a line
    word, line, weight = place // count, place % count, rarity[is_rare][token]
    step = np.diff(line, prepend=0)  # lines since the same word, where it is the same
    is_near = (np.diff(word, prepend=-1) == 0) & (step <= _REACH)
    total = 5 + np.bincount(line, weight, count)
    above = np.bincount(line[is_near], weight[is_near], count)
    below = np.bincount((line - step)[is_near], weight[is_near], count)
    return above / total, below / total


def likeness(vectors: Doubles) -> list[Doubles]:
    """Cosines between the lines above each line and those from it on, per window: shapes (lines,).

    Args:
        vectors: Shape (lines, dimensions), the vectors of a line's words added up.
    """
    count = len(vectors)
    sums = np.pad(np.cumsum(vectors, axis=0), ((1, 0), (0, 0)))  # (lines + 1, dimensions)
    here = np.arange(count)
    cosines = []
    for above, below in _WINDOWS:
        before = sums[here] - sums[np.maximum(here - above, 0)]
        after = sums[np.minimum(here + below, count)] - sums[here]
        lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
        cosines.append((before * after).sum(axis=1) / (3 + lengths))  # 3: few words say little
    return cosines


# --- the network -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Network:
    """Two layers over standardised inputs, each seeing a line's neighbours and page, and thresholds.

    Attributes:
        centre: Shape (inputs,).
        spread: Shape (inputs,), above 0.
        lines: Shape (inputs + 1, units), the first layer; the last row is the bias, as below.
        contexts: Shape (6 times the units + 1, units), the second layer.
        output: Shape (units + 1, 1).
        line_threshold: Probability from which a line may start a story ...
        page_threshold: ... and does, if the probability that one of these lines does is at least this.
    """

    centre: Floats
    spread: Floats
    lines: Floats
    contexts: Floats
    output: Floats
    line_threshold: float
    page_threshold: float

    def probabilities(self, inputs: Floats) -> Floats:
        """Probability of a story's start, shape (lines,), for inputs of shape (lines, inputs)."""
        scaled = np.clip((inputs - self.centre) / self.spread, -5, 5)
        lines = np.maximum(_affine(scaled, self.lines), 0)
        contexts = np.maximum(_affine(surround(lines), self.contexts), 0)
        logits = np.clip(_affine(contexts, self.output)[:, 0], -30, 30)
        return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


def _affine(rows: Floats, weights: Floats) -> Floats:
    """Rows times weights plus bias."""
    product: Floats = rows @ weights[:-1] + weights[-1]
    return product


@cache
def load() -> tuple[Lexicon, Network]:
    """The fitted lexicon and network of the package."""
    path = Path(__file__).parent / "models" / "pages.json"
    model: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    arrays = {name: _array(**spec) for name, spec in model["arrays"].items()}
    ids = {word: row for row, word in enumerate(model["words"].split())}
    lexicon = Lexicon(ids, arrays["rarity"], arrays["vectors"], model["openers"])
    centre, spread, lines, contexts, output = (
        arrays[name] for name in ("centre", "spread", "lines", "contexts", "output")
    )
    thresholds = model["line_threshold"], model["page_threshold"]
    return lexicon, Network(centre, spread, lines, contexts, output, *thresholds)


def _array(data: str, dtype: str, shape: list[int], scale: float) -> Floats:
    """Array from base64."""
    return np.frombuffer(base64.b64decode(data), dtype).reshape(shape).astype(np.float32) * np.float32(scale)
