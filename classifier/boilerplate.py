"""A line of a scraped page → whether it is boilerplate: a menu, byline, credit, date, advert or call to the reader.

Written rules, not learned ones. A line is known by its words (furniture words and numbers alone), by how it starts (a
rubric), by its shape (a byline, menu marks) and by whole sentences that no story has (a call to sign up, a disclaimer);
a very long line is never boilerplate.

    Home | World | Business                            True
    | Odrava | 12 soldiers | 30 |                      False, a row of a table
    Reporting by Ana Petrov; Editing by Li Wen         True
    By Friday the rebels had taken the town.           False

Left out: which story the other lines belong to (pages.py), HTML, and languages other than English.
"""

from __future__ import annotations

import re

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")

# A short line made of these words and of numbers alone is a menu, a date, a share bar or a rubric.
_FURNITURE_WORDS = """
accept accessibility account ad address ads advert advertise advertisement advertising adverts afp africa agencies
ago alerts allow am america americas analysis ap app apps apr april archive archives article articles asia audio
aug august australia back bookmark bookmarks breaking bst business cancel caption careers choice climate close
columns comment commented comments contact content continue continued continues contributor contributors cookie
cookies copied copyright correspondent correspondents credit culture daily date day days dec december e-paper
economy edited edition editor editor's editorial editors edt education email enlarge entertainment environment
epaper est et europe events explore facebook faq fashion featured features feb february feedback file finance
follow food footer fri friday full galleries gallery gmt headlines health help hide home hour hours image images
instagram international jan january jobs join jul july jun june later latest leave lifestyle link linkedin links
listen live load loaded loading local log login logout magazine main mar markets media member menu min mins minute
minutes mobile moderated modified mon monday money month months national navigation newest news newsletter
newsletters next nov november obituaries oct october open opinion opinions our page paid partner partners photo
photos picks picture pictures play player pm podcast podcasts policy politics popular post posted posts preferences
prev previous print privacy promoted published pullquote read reading recommended region register related replies
reply reporter reports reserved reuters reviews rights sat saturday save science search section sections sep sept
september services settings share shares show sign sign-up signup sitemap skip source special sponsored sport
sports staff stories story style subscribe subscription sun sunday tag tags tech technology thu thursday today
toggle topic topics travel trending tue tuesday tweet twitter unsubscribe updated updates utc video videos view
viewed views watch weather wed wednesday week weeks whatsapp world writer year years youtube
"""
_SMALL_WORDS = """
a about all an and are at by for from go here in is last less like may march more most my new no now of on or
see than the this time to top up us usa usatoday use with x you your
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
    r"(?:see also|also see|go deeper|(?:special|full) coverage|vote now|(?-i:STORY))\s*:",
    r"check out (?:our|.{0,30}full coverage)\b|visit .{1,40}for more\b",
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
    r"photo illustration by\b",
    r"(?:with )?(?:additional )?(?:reporting|writing|editing|research) (?:and \w+ing )?(?:by|from)\b",
    r"(?:edited|compiled|written|reported|translated) by:? (?-i:[A-Z])[^?!]*$",
    r"contributing:|with (?:files|agencies|wires)\b",
    r"(?:(?:first|last|originally) )?(?:published|updated|posted|modified)\W+(?:(?:on|at) )?"
    r"(?:\d|(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b)",
    r"(?:load-date|publication-type|journal-code): ?\w|(?-i:LENGTH): [\d,]+ words$",
    r"(?-i:BYLINE: (?:[A-Z]\S*|and|by|of|in)(?: (?:[A-Z]\S*|and|by|of|in|the))*$)",
    r"(?-i:SECTION): .*\bPg\. ?\w+|(?-i:LANGUAGE): (?-i:[A-Z]+)$|\d+ of \d+ (?-i:DOCUMENTS?)$",
    r"this (?:article|story|post|page) (?:is more than|has been (?:updated|corrected))",
    r"this (?:article|story|post|page) was (?:originally|last|first|updated)",
)
_RUBRIC = re.compile(rf"\W*(?:{'|'.join(_RUBRICS)})", re.IGNORECASE)
_CREDIT = re.compile(
    r"\bcontributed (?:to this \w+|reporting)\b|\bopens in (?:a )?new (?:window|tab)|\ball rights reserved",
    re.IGNORECASE,
)
# A line that starts so is boilerplate, however many words it has.
_LONG_RUBRICS = (
    r"also on (?!\w+day\b)(?:(?-i:[A-Z])[\w.]* ?){1,4}:.*[^.]$|just watched\b.*\bmust watch\b.*\d:\d\d$",
    r"(?:enlarge this image )?toggle caption\b.*[^.?!”\"]$",
    r"(?:more|story|related|read|watch|see|opinion|timeline|poll)(?-i::[A-Z‘“'\"])",  # a link, its space lost
    r"read or share this\b|interested in [^?]+\? add\b|share your thoughts\b|this is a rush transcript\b",
    r"©|\(c\) ?\d|copyright (?:©|\(c\)|\d{4})",
    r"sign up (?:here|for our)\b|(?:sign up|get) .{0,90}\b(?:your inbox|newsletters?)\b",
    r"sign up for .{0,60}\b(?:e-?mail|briefing)\b|write to .{0,90}\S@\w",
    r"follow (?:\S+ ){1,7}on (?:twitter|facebook|instagram)\b",
    r"this (?:article|story|post|column|piece) (?:(?:first|originally) (?:appeared|published)|is based in part on)\b",
    r"a version of this \w+ (?:(?:first|originally) )?appeared (?:in|on|at) (?:the )?(?-i:[A-Z])",
)
_LONG_RUBRIC = re.compile(rf"[^\w“‘'\"]*(?:{'|'.join(_LONG_RUBRICS)})", re.IGNORECASE)
# A first sentence that speaks to the reader, or one after a question to the reader.
_CALLS = (
    r"[^.!?]*\b(?:delivered|sent|straight|every \w+|daily|briefing|updates|alerts)\b.{0,60} (?:to|in) your inbox\b",
    r"sign up (?:here|for .{0,60}newsletters?)\b|[^.!?]*\bnewsletter\b[^.!?]*[.:] sign up here\b",
    r"(?:[^.!?]*[,:] )?subscribe to (?:\S+ ){0,4}newsletters?\b",
    r"(?:share|discuss|sound off|tell us|let us know)\b[^.!?]*\bin the comments\b",
    r"[^.!?]{0,60}\b(?:share your|send (?:us|your)|let us know|tell us)\b.*\S@\w",
    r"(?:[^.!?]{0,60}\b(?:you can|please) (?:also )?)?(?:send|e-?mail):? (?!me\b)[^.!?]*\S@\w",
    r".{0,90}\b(?:he|she|they|writer|author|reporter)\b.{0,30} can be reached\b.*\S@\w",
)
_CALL = re.compile(rf"[^\w“‘'\"]*(?:[^.!]*\?\W+)?(?:{'|'.join(_CALLS)})", re.IGNORECASE)
_CALL_WORDS = frozenset(("comments", "here", "inbox", "newsletter", "newsletters"))  # every call has one or an address
# Longer lines: who the writer is, and the small print of a newsletter.
_WRITER = re.compile(
    r"(?:^|[.!?)”\"] )Follow (?:\S+ ){1,5}on (?:Twitter|Facebook|Instagram|X)\b.{0,60}$"
    r"|(?:^|[.!?)”\"] )The (?:views|opinions) expressed\b[^.]{0,60} are (?:\w+ )?"
    r"(?:his|hers|theirs|(?:his|her|their) own|those of the authors?|the author['’]s)\b(?!,).{0,90}$"
)
_SMALL_PRINT = re.compile(
    r".{0,90}\b(?:sign up|newsletters?|inbox)\b.*(?:\bby signing up,? (?:you|I) agree|\bby giving us your e-?mail"
    r"|\bunsubscribe at any time|\bnewsletter subscriptions|\bverify you['’]re not a robot|\bprotected by recaptcha)\b",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"(?:By|BY|by):? (?:(?:[A-Z][\w.’'-]*|and|for|in|the|of|at|staff|reporters?|writers?|correspondents?"
    r"|editors?|agencies|[|/&–—-] ?\w*)[,;.]?(?: |$)){1,9}"
)
_FIRST_NAMES = """
Aaron Adam Alan Alex Alexander Amanda Amy Andrea Andrew Angela Ann Anna Anne Anthony Ashley Barbara Ben Benjamin
Brian Carol Caroline Catherine Charles Charlie Chris Christina Christine Christopher Dan Daniel David Deborah Dennis
Donna Doug Douglas Elizabeth Emily Emma Eric Erin Fatima Frank Gary George Greg Gregory Hannah Heather Helen Henry
Jack Jacob James Jane Jason Jeff Jeffrey Jennifer Jessica Jim Joan John Jonathan Jose Joseph Joshua Judith Julia Julie
Karen Kate Katherine Kelly Ken Kenneth Kevin Kim Larry Laura Lauren Linda Lisa Luke Marc Maria Mark Martin Mary Matt
Matthew Megan Melissa Michael Michelle Mike Mohammed Nancy Natalie Nathan Nicholas Nick Nicole Olivia Pamela Patricia
Patrick Paul Peter Philip Rachel Rebecca Richard Rick Robert Roger Ryan Samantha Samuel Sandra Sara Sarah Scott Sean
Sharon Simon Sophie Stephanie Stephen Steve Steven Susan Thomas Tim Timothy Tom Tony Victoria Will William
"""
_NAME = r"[A-Z][\w’'-]+(?: [A-Z]\.)?(?: [A-Z][\w’'-]+){1,2}"
# Several names of people alone, one of a common first name: the writers.
_NAMES = re.compile(rf"(?=(?:.*(?:, |and ))?(?:{'|'.join(_FIRST_NAMES.split())}) ){_NAME}(?:, {_NAME})*,? and {_NAME}")
_TABLE_ROW = re.compile(r"\|(?: *+(?:[^\s|]++ *+){0,3}+\|){2,}+")  # a menu has its marks between the words, not around
_MENU_MARK = re.compile(r" ?[|•·»›>] ?| / ")
_MAX_CHARS, _MAX_NOTICE, _MAX_RUBRIC, _MAX_MENU = 180, 600, 14, 20  # characters (of most, of a notice), words


def is_boilerplate(line: str) -> bool:
    """Whether a line (stripped) is a menu, rubric, byline, credit, date, advert or call to the reader."""
    if len(line) > _MAX_NOTICE:
        return False
    if _SMALL_PRINT.match(line) or _WRITER.search(line):
        return True
    if len(line) > _MAX_CHARS:
        return False
    words = [word.lower().replace("’", "'") for word in WORD.findall(line)]
    if not words or _BYLINE.fullmatch(line):
        return True
    if _LONG_RUBRIC.match(line) or _NAMES.fullmatch(line):
        return True
    if ("@" in line or not _CALL_WORDS.isdisjoint(words)) and _CALL.match(line):
        return True
    if len(words) <= _MAX_RUBRIC and (_RUBRIC.match(line) or _CREDIT.search(line)):
        return True
    pieces = [piece for piece in _MENU_MARK.split(line) if piece.strip()]
    if len(pieces) >= 3 and max(len(piece.split()) for piece in pieces) <= 3 and not is_table_row(line):
        return True
    unknown = [word for word in words if word not in _FURNITURE and not word[0].isdigit()]
    return len(words) <= _MAX_MENU and len(unknown) < len(words) and _SMALL.issuperset(unknown)


def is_table_row(line: str) -> bool:
    """Whether a line (stripped) is a row of cells of at most three words, "| Odrava | 12 soldiers | 30 |"."""
    return _TABLE_ROW.fullmatch(line) is not None
