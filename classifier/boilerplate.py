"""A line of a scraped page → whether it is boilerplate: a menu, byline, credit, date, advert or call to the reader.

Written rules, not learned ones. A line is known by its words (furniture words and numbers alone), by how it starts (a
rubric) and by its shape (a byline, menu marks); a long line is never boilerplate.

    Home | World | Business                            True
    Reporting by Ana Petrov; Editing by Li Wen         True
    By Friday the rebels had taken the town.           False

Left out: which story the other lines belong to (pages.py), HTML, and languages other than English.
"""

from __future__ import annotations

import re

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")

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
