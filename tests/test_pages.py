"""Pages → stories: the kinds of page that there are, and what holds for every text."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.pages import REREAD, Counts, left_out, read_reread, report, score, true_starts
from classifier.boilerplate import is_boilerplate
from classifier.page_cues import Lexicon, Line, describe, likeness, opener_keys, repetition, surround
from classifier.page_model import Network, load_page_model
from classifier.pages import find_starts, is_headline, split_page, story_lines
from training.page_generator import STYLES, cut, make_page
from training.page_stories import Piece, Stock
from training.pages import fit_network, write

HARBOUR = [
    "A cargo ship ran aground outside the port of Velmara on Monday, spilling fuel along a stretch of "
    "coast that fishing families depend on, the harbour authority said.",
    "The ship, the Northern Lark, lost power shortly after midnight and drifted onto rocks below the "
    "lighthouse, harbour master Tomas Reiner told reporters.",
    "“We could hear the hull tearing,” Reiner said. “There was nothing that the tugs could do in that sea.”",
    "Divers found two cracks in the hull, and fuel was still leaking from one of the tanks on Tuesday morning.",
    "Fishing boats stayed in port while crews laid floating barriers across the mouth of the harbour.",
    "Reiner said it would take a week to pump the rest of the fuel out of the ship.",
]
FINAL = [
    "Velmara Rovers won the national cup for the first time in forty years on Saturday, beating the "
    "champions 2-1 after extra time in front of a crowd of 50,000.",
    "Striker Pavel Moreno scored both goals, the second a header four minutes from the end.",
    "“I have dreamed of this since I was a boy,” Moreno said. “My father was in the stadium when they last won it.”",
    "The champions had led at half time, but lost their captain to a red card for a late tackle.",
    "The coach said the team would celebrate with the fans on Sunday before a match abroad next week.",
]
FEVER = [
    "Health officials have begun vaccinating children in the north of Tarvia against yellow fever after "
    "an outbreak that has killed eleven people, the health ministry said on Wednesday.",
    "The ministry hopes to give the vaccine to 200,000 children within three weeks, with nurses going "
    "from village to village, health minister Sela Okoro said.",
    "Okoro urged parents to bring patients with a high temperature to a clinic at once. “Most of those "
    "who died came too late,” she said.",
    "The virus is spread by mosquitoes, and doctors expect more cases when the rains come.",
]
TEASERS = [
    "TREMOR: The quake was felt as far away as the capital, where office workers ran into the streets A "
    "strong earthquake shook the mountains of eastern Tarvia early yesterday, bringing down houses in at "
    "least six villages and cutting the only road into the valley, officials said. Rescue teams were "
    "walking to the worst hit places with shovels and blankets, and helicopters were grounded by",
    "‘NO COMPROMISE’: The foreign minister said the islands were not up for discussion at the summit "
    "Leaders of the two coastal states are to meet on Friday for the first time in eleven years, hoping "
    "to settle a dispute over fishing grounds that has twice brought their navies close to blows. "
    "Diplomats on both sides said that a joint statement had been drafted, but that its wording on",
    "A zoo in the south has welcomed the first red panda cubs to be born there in two decades, keepers "
    "announced yesterday. The twins, who weigh less than an apple each, will stay in the den with their "
    "mother until they can climb. Visitors may watch them on a screen by the gate, and a competition to "
    "name them opens next week, with the winner invited to",
]
BOILERPLATE = [
    "Advertisement",
    "Read more",
    "RELATED STORIES",
    "Share this article",
    "Sign up for our newsletter",
    "By Ana Petrov",
    "By Our Correspondent",
    "Photo: Reuters",
    "Updated 3 hours ago",
    "12 November 2023, 10:15 GMT",
    "Home | World | Business | Sport",
    "Home > World > Asia",
    "| Home | World | Share |",
    "|---|---|---|",
    "5 min read",
    "14 comments",
    "© 2023 The Velmara Post. All rights reserved.",
    "Reporting by Ana Petrov; Editing by Li Wen",
    "Ana Petrov contributed to this report.",
    "Read more: Ferry service to resume in spring",
    "***",
    "Get the Velmara Letter delivered to your inbox. By signing up, you agree to our Privacy Policy",
    "Harbour Briefing newsletter Sign up for Harbour Briefing, a daily letter on ships and the people who sail them. "
    "Email Sign Up By signing up you agree to receive newsletters from the harbour. You can unsubscribe at any time.",
    "Want the day's news from the coast? Sign up here.",
    "Sign up for The Tideline, a weekly email on what the sea brings and on what it takes away from the towns nearby.",
    "( Also on VELMARA POST: Harbour master defends the pilots who refused to go out in the storm last Monday night)",
    "SPECIAL COVERAGE: The grounding of the Northern Lark",
    "JUST WATCHED Ship aground Replay More Videos ... MUST WATCH Ship aground 01:23",
    "More:The harbour master says that a week is needed to pump the rest of the fuel out of the wreck off the coast",
    "prev Image 2 of 2",
    "Write to Ana Petrov at ana.petrov@example.com and Li Wen at li.wen@example.com",
    "Follow Velmara News Coast on Twitter, Facebook and Instagram. Send your story ideas to coast@example.com.",
    "Do you live by the harbour? Share your experiences by emailing talk@example.com.",
    "Share Your Thoughts Should the ship have been allowed to leave in such weather? Join the conversation below.",
    "Should ships be kept in port? Tell us on Facebook or in the comments below.",
    "Ana Petrov is a professor of shipping at Velmara University. Follow her on Twitter @anapetrov",
    "Li Wen, a former pilot, is the author of a book on wrecks. The opinions expressed in this commentary are his own.",
    "The views expressed by columnists are their own and do not represent those of The Velmara Post.",
    "This article originally appeared in The Kaldor Review, and is printed here with the kind leave of its editors.",
    "• This article is based in part on wire service reports.",
    "Copyright 2019 The Velmara Post. All rights reserved. This text may not be published, broadcast or rewritten.",
    "Photo illustration by The Velmara Post. Pictures by Ana Petrov and the harbour authority.",
    "Enlarge this image toggle caption Ana Petrov/Velmara Pictures via Kaldor Ana Petrov/Velmara Pictures via Kaldor",
    "Check out the Velmara Post's full coverage of the wreck",
    "ANALYSIS/OPINION:",
    "David Petrov, Ana Wen and Tomas Reiner",
]
NO_BOILERPLATE = [
    "Most popular minister resigns",
    "| Region | Killed | Hurt |",
    "| Odrava | 12 soldiers | 30 |",
    "Terms of ceasefire agreed in Velmara talks",
    "Copyright bill passes lower house",
    "Photos show damage to the dam",
    "Sports minister quits",
    "World leaders meet in Kaldor",
    "By Friday the rebels had taken the town.",
    "How drought contributed to the famine",
    "Watch for ice on the roads, drivers told",
    "He said no.",
    "Live fire exercises begin off the coast",
    "Opinion: The harbour needs a tug of its own",
    "Analysis: Why the champions lost their way",
    "Also on Tuesday: The minister meets the nurses who went from village to village in the north.",
    "Also on Twitter Reiner said: “We could hear the hull tearing.”",
    "More than 2,000 people signed up for the newsletter of the harbour authority, and half of them read it daily.",
    "The fraud begins with a letter in your inbox that seems to come from your bank, the police said on Tuesday.",
    "Members can sign up for the plan online and cancel at any time, the health ministry said in a statement.",
    "By signing up for the vaccine, parents agree to bring their children back to the clinic within three weeks.",
    "A spokesman said that the views expressed by the coach were his own and not those of the club.",
    "The trainer has few friends, but many people follow him on Twitter and share what he writes there.",
    "Viewers share their memories of the final in the comments, and thousands have thanked the striker there.",
    "This story appeared on every front page in Tarvia and moved the ministry to act within a day.",
    "Reiner wrote to the owners of the ship to ask them for the names of all those on board at the time.",
    "Also on Cape Reiner: The lighthouse keeper saw the ship drift onto the rocks, and called the harbour.",
    "“Sign up here,” the nurse told the parents, “and we will come to your village before the rains do.”",
    "VELMARA (Post) -- Could it be that the port is too small? Free! Sign up here to receive our newsletter!",
    "The views expressed in the letter are those of the author, who asked for his name to be left out.",
    "The ship is to be towed away on Friday. Email harbour@example.com.",
    "Rain and wind, fog and snow",
    "North Tarvia and South Tarvia",
]


def first_lines(lines: list[str], joint: str = "\n") -> list[int]:
    """Where the stories of a page start."""
    return [segment.first_line for segment in split_page(joint.join(lines))]


def test_a_main_story_is_split_from_the_cut_off_openings_of_others() -> None:
    segments = split_page("\n".join([*HARBOUR, *TEASERS]))
    assert [(segment.first_line, segment.last_line) for segment in segments] == [
        (1, 6),
        (7, 7),
        (8, 8),
        (9, 9),
    ]
    assert segments[1].text == TEASERS[0]


@pytest.mark.parametrize("story", [HARBOUR, FINAL, FEVER], ids=["harbour", "final", "fever"])
def test_a_page_of_one_story_stays_whole(story: list[str]) -> None:
    assert first_lines(story) == [1]
    assert first_lines(story, "\n\n") == [1]


def test_a_story_in_one_line_stays_whole() -> None:
    assert first_lines([" ".join(HARBOUR)]) == [1]


def test_stories_one_after_the_other_are_split_without_headlines() -> None:
    assert first_lines([*HARBOUR, *FINAL, *FEVER]) == [1, 7, 12]


def test_a_headline_belongs_to_the_story_below_it_and_is_its_title() -> None:
    segments = split_page(
        "\n".join(["Ship runs aground off Velmara", *HARBOUR, "Rovers win the cup after forty years", *FINAL])
    )
    assert [segment.first_line for segment in segments] == [1, 8]
    assert [segment.title for segment in segments] == [
        "Ship runs aground off Velmara",
        "Rovers win the cup after forty years",
    ]


def test_briefs_are_a_story_each() -> None:
    assert first_lines([HARBOUR[0], FINAL[0], FEVER[0], *TEASERS[2:]]) == [1, 2, 3, 4]


def test_headlines_with_a_line_of_text_are_a_story_each() -> None:
    page = ["Ship runs aground off Velmara", HARBOUR[0], "Rovers win the cup after forty years", FINAL[0]]
    assert first_lines([*page, "Children vaccinated against yellow fever", FEVER[0]]) == [1, 3, 5]


def test_boilerplate_is_left_out_and_lines_keep_their_numbers() -> None:
    page = [
        "Home | World | Business",
        *HARBOUR[:2],
        "Advertisement",
        *HARBOUR[2:],
        "Read more",
        "",
        *TEASERS[:2],
    ]
    segments = split_page("\n".join([*page, "© 2023 The Velmara Post"]))
    assert [(segment.first_line, segment.last_line) for segment in segments] == [(2, 8), (11, 11), (12, 12)]
    assert segments[0].text == "\n".join(HARBOUR)


def test_a_page_is_cut_at_known_starts_as_well() -> None:
    page = "\n".join([*HARBOUR, *FINAL])
    assert [segment.first_line for segment in split_page(page, [4, 10])] == [1, 4, 7, 10]
    assert split_page(page, [1, 7, 99]) == split_page(page)


@pytest.mark.parametrize("above", [["Middle East"], ["Anna Oro, Velmara correspondent"], ["Tarvia", "Anna Oro"]])
def test_what_stands_above_the_headline_of_a_known_start_is_no_story(above: list[str]) -> None:
    page = "\n".join([*HARBOUR, *above, "Rovers win the cup after forty years", *FINAL])
    assert [segment.first_line for segment in split_page(page)] == [1, 7 + len(above)]
    assert [segment.first_line for segment in split_page(page, [7])] == [1, 7]


def test_a_known_start_that_is_boilerplate_is_at_the_next_line() -> None:
    page = "\n".join([*HARBOUR[:3], "Advertisement", "", *HARBOUR[3:], "Read more"])
    segments = split_page(page, [4, 9])
    assert [(segment.first_line, segment.last_line) for segment in segments] == [(1, 3), (6, 8)]
    assert split_page("Advertisement\nRead more", [2]) == split_page("Advertisement\nRead more")


def test_no_story_starts_at_a_row_of_short_cells() -> None:
    table = ["| Region | Killed | Hurt |", "|---|---|---|", "| Odrava | 12 soldiers | 30 |", "| Ost | | 4 |"]
    [segment] = split_page("\n".join([*HARBOUR[:3], *table]))
    assert segment.text.split("\n") == [*HARBOUR[:3], table[0], *table[2:]]


@pytest.mark.parametrize("line", BOILERPLATE)
def test_boilerplate_is_recognised(line: str) -> None:
    assert is_boilerplate(line)


@pytest.mark.parametrize("line", [*NO_BOILERPLATE, *HARBOUR, *FINAL, *FEVER, *TEASERS])
def test_lines_of_stories_are_no_boilerplate(line: str) -> None:
    assert not is_boilerplate(line)


@pytest.mark.parametrize("line", ["Ship runs aground off Velmara", "Will the bridge reopen?"])
def test_headlines_are_recognised(line: str) -> None:
    assert is_headline(line)


@pytest.mark.parametrize("line", ["He said no to both offers.", "Short", "He listed three reasons:", HARBOUR[0]])
def test_sentences_are_no_headlines(line: str) -> None:
    assert not is_headline(line)


@pytest.mark.parametrize("text", ["", "\n", " \t\r\n\x0b\n"])
def test_a_page_of_nothing_has_no_stories(text: str) -> None:
    assert split_page(text) == []


def test_a_page_of_boilerplate_alone_is_one_story() -> None:
    (segment,) = split_page("\nAdvertisement\nRead more\n")
    assert (segment.first_line, segment.last_line, segment.text) == (2, 3, "Advertisement\nRead more")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_kind_of_newline_gives_the_same_stories(newline: str) -> None:
    page = [*HARBOUR, "", *TEASERS]
    assert split_page(newline.join(page)) == split_page("\n".join(page))


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x0c", "\x0b", "\x85", "\x1c"])
def test_other_separators_end_no_line(character: str) -> None:
    (segment,) = split_page(f"{HARBOUR[0]}{character}{HARBOUR[1]}\n{HARBOUR[2]}")
    assert (segment.first_line, segment.last_line) == (1, 2)
    assert character in segment.text


PARTS = st.sampled_from([*HARBOUR, *FINAL, *FEVER, *TEASERS, *BOILERPLATE, *NO_BOILERPLATE, "", "  "])
CHARACTERS = st.characters(exclude_categories=("Cs",), exclude_characters="\r\n")
PAGES = st.lists(PARTS | st.text(CHARACTERS, max_size=40), max_size=25)


@given(PAGES, st.sampled_from(["\n", "\r\n", "\r"]))
def test_every_line_of_a_story_is_in_one_segment_in_order(lines: list[str], newline: str) -> None:
    segments = split_page(newline.join(lines))
    kept = [line for line in lines if line.strip() and not is_boilerplate(line.strip())]
    kept = kept or [line for line in lines if line.strip()]
    assert [text for segment in segments for text in segment.text.split("\n")] == [line.strip() for line in kept]
    ends = [0, *(number for segment in segments for number in (segment.first_line, segment.last_line))]
    assert all(a <= b if i % 2 else a < b for i, (a, b) in enumerate(pairwise(ends)))
    for segment in segments:
        span = [line.strip() for line in lines[segment.first_line - 1 : segment.last_line]]
        texts = segment.text.split("\n")
        assert (span[0], span[-1]) == (texts[0], texts[-1])
        assert segment.title in ("", texts[0])


@given(PAGES, st.sets(st.integers(1, 25)))
def test_known_starts_are_starts_and_change_no_line(lines: list[str], known: set[int]) -> None:
    text = "\n".join(lines)
    kept = [line.number for line in story_lines(text)]
    before, after = split_page(text), split_page(text, known)
    assert "\n".join(one.text for one in after) == "\n".join(one.text for one in before)
    if kept and not is_boilerplate(before[0].text.split("\n")[0]):
        assert known.intersection(kept) <= {one.first_line for one in after}


@given(st.text())
def test_any_text_is_split_without_an_error(text: str) -> None:
    assert bool(split_page(text)) == bool(text.strip())


@pytest.mark.parametrize("line", ["x" * 1_000_000, "A b. " * 200_000, "“" * 5000 + "a", "İ" * 3000, "\ud800 lone"])
def test_odd_and_very_long_lines_are_split_without_an_error(line: str) -> None:
    assert split_page(f"{line}\n{line}")[0].first_line == 1


def test_ten_thousand_lines_take_seconds_at_most() -> None:
    rng = random.Random(0)
    lines = [rng.choice([*HARBOUR, *FINAL, *FEVER, *BOILERPLATE]) for _ in range(10_000)]
    started = time.perf_counter()
    segments = split_page("\n".join(lines))
    assert time.perf_counter() - started < 5  # well under one on an idle machine
    assert segments[-1].last_line > 9_900


# Splits a page without what the package's own __init__ imports.
LOAD_ALONE = """
import sys, types
import numpy, numpy.typing
before = {name.partition(".")[0] for name in sys.modules}
sys.modules["classifier"] = package = types.ModuleType("classifier")
package.__path__ = [sys.argv[1]]
from classifier.pages import split_page
split_page("One line.\\nAnother line.")
after = {name.partition(".")[0] for name in sys.modules}
print(*sorted(after - before - sys.stdlib_module_names))
"""


def test_pages_need_numpy_and_the_standard_library_alone() -> None:
    folder = Path(str(sys.modules["classifier.pages"].__file__)).parent
    command = [sys.executable, "-c", LOAD_ALONE, str(folder)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "classifier\n"


def test_lines_know_the_blank_lines_and_boilerplate_above_them() -> None:
    page = ["Advertisement", HARBOUR[0], "", "Read more", HARBOUR[1]]
    assert story_lines("\n".join(page)) == [Line(2, HARBOUR[0], False, 1), Line(5, HARBOUR[1], True, 1)]


def test_a_repeated_rare_word_binds_the_lines_near_it() -> None:
    line, word = np.array([0, 0, 1, 9, 30]), np.array([7, 8, 7, 7, 7])  # word 7 in lines 0, 1, 9 and 30
    above, below = repetition(line, word, np.full(5, 5.0, np.float32), 31)
    assert np.flatnonzero(above).tolist() == [1, 9]
    assert np.flatnonzero(below).tolist() == [0, 1]
    assert above[1] == 5 / (5 + 5)
    assert below[0] == 5 / (5 + 10)


def test_common_words_bind_nothing() -> None:
    above, below = repetition(np.array([0, 1]), np.array([0, 0]), np.array([2.0, 2.0], np.float32), 2)
    assert not above.any()
    assert not below.any()


def test_lines_alike_have_high_cosines_and_a_change_of_subject_a_low_one() -> None:
    cosines = np.stack(likeness(np.repeat(np.eye(2), 3, axis=0) * 100))  # three lines of each subject
    assert cosines[:, 3] == pytest.approx([0] * len(cosines))
    assert cosines[0, [1, 2, 4, 5]] == pytest.approx([1] * 4, abs=0.001)


def test_opener_keys_name_first_words_and_later_ones_but_no_names() -> None:
    found = opener_keys(["At", "least", "two", "Velmara", "ships"], {"^at"})
    assert sorted(found) == ["^at", "^at least", "least", "ships", "two"]
    assert opener_keys(["Velmara", "Port"], {"^at"}) == ["^?", "^? ?"]


def test_a_line_is_surrounded_by_two_neighbours_on_either_side_and_the_mean() -> None:
    rows = np.array([[1], [2], [3], [6]], np.float32)
    assert surround(rows).tolist()[0] == [0, 0, 1, 2, 3, 3]
    assert surround(rows).tolist()[3] == [2, 3, 6, 0, 0, 3]


def network(weight: float, line_threshold: float, page_threshold: float) -> Network:
    """Network over one input whose probability of a start is the logistic of `weight` times the input."""
    contexts = np.zeros((7, 1), np.float32)
    contexts[2] = 1  # the line itself
    one, none = np.ones(1, np.float32), np.zeros(1, np.float32)
    layer, output = np.array([[1], [0]], np.float32), np.array([[weight], [0]], np.float32)
    return Network(none, one, layer, contexts, output, line_threshold, page_threshold)


def test_probabilities_are_the_logistic_of_the_layers() -> None:
    found = network(2.0, 0.5, 0.5).probabilities(np.array([[0], [1]], np.float32))
    assert found == pytest.approx([0.5, 1 / (1 + np.exp(-2))])


def test_inputs_are_limited_so_that_an_odd_page_gives_finite_probabilities() -> None:
    found = network(1e6, 0.5, 0.5).probabilities(np.array([[1e30], [-1e30]], np.float32))
    assert found == pytest.approx([1, 0.5])


@pytest.mark.parametrize(("page_threshold", "starts"), [(0.93, [0, 1, 2]), (0.95, [0])])
def test_a_page_is_split_if_some_start_is_probable_enough(
    monkeypatch: pytest.MonkeyPatch, page_threshold: float, starts: list[int]
) -> None:
    certainty = float(np.log(3))  # of 0.75 for both lines: 0.9375 that at least one starts a story
    monkeypatch.setattr("classifier.pages.load_page_model", lambda: (None, network(certainty, 0.5, page_threshold)))
    monkeypatch.setattr("classifier.pages.describe", lambda lines, lexicon: np.ones((len(lines), 1), np.float32))
    assert find_starts([Line(number, "A line") for number in (1, 2, 3)]) == starts


def test_the_model_of_the_package_fits_its_lexicon() -> None:
    lexicon, fitted = load_page_model()
    assert lexicon.rarity.shape == (len(lexicon.word_ids) + 1,)
    assert lexicon.vectors.shape[0] == len(lexicon.word_ids) + 1
    assert not lexicon.vectors[-1].any()
    inputs = describe([Line(1, HARBOUR[0])], lexicon)
    assert inputs.shape == (1, len(fitted.centre))


def test_the_first_line_of_each_later_story_is_a_boundary() -> None:
    assert true_starts([0, 0, -1, 1, -1, 1, 2]) == {4, 7}
    assert true_starts([-1, 0, 0]) == set()


def test_the_benchmark_counts_boundaries_and_boilerplate() -> None:
    page = [*HARBOUR, "Advertisement", "", *TEASERS]
    owner = [0] * len(HARBOUR) + [-1, -1, 1, 2, 3]
    found = score({"text": "\n".join(page), "owner": owner, "style": "main+teasers"})
    assert found.boundaries == Counts(3, 3, 3)
    assert found.boilerplate == Counts(1, 1, 1)
    assert "boundaries all              precision 1.000  recall 1.000  F1 1.000" in "\n".join(report([found]))


def test_the_benchmark_counts_what_two_readers_call_furniture_in_a_row_of_its_own() -> None:
    page = {"text": "\n".join(["Read more", *HARBOUR]), "owner": [0] * 7, "style": "single"}
    found = score(page, {1})
    assert found.boilerplate == Counts(0, 1, 0)
    assert found.reread == Counts(1, 1, 1)
    assert "boilerplate re-read          precision 0.500  recall 1.000" in "\n".join(report([found, score(page)]))
    assert "re-read" not in "\n".join(report([score(page)]))


def test_the_lines_that_two_readers_call_furniture_are_read_by_page() -> None:
    lines = read_reread(REREAD)
    assert sum(len(numbers) for numbers in lines.values()) == 101
    assert lines["page-1-005"] == {23}


def test_a_kept_line_that_is_repeated_is_not_counted_as_left_out() -> None:
    lines = ["Read more", HARBOUR[0], "Read more", HARBOUR[0]]
    assert left_out(lines, split_page("\n".join(lines))) == {1, 3}


STOCK = Stock(
    long=[Piece(name, "invented", name, story) for name, story in (("a", HARBOUR), ("b", FINAL), ("c", FEVER))],
    short=[Piece("d", "invented", "Red panda cubs born", []), Piece("e", "invented", "", [FEVER[0]])],
    subject=dict.fromkeys("abcde", 0),
)


@pytest.mark.parametrize("style", STYLES)
def test_made_pages_hold_their_stories_in_order(style: str) -> None:
    rng = random.Random(0)
    for _ in range(50):
        owners = [owner for line, owner in STYLES[style][1](rng, STOCK) if line.strip()]
        assert owners == sorted(owners)
        assert style != "single" or set(owners) == {0}


def test_made_pages_say_whose_each_line_is() -> None:
    rng = random.Random(0)
    for row in (make_page(rng, STOCK).row() for _ in range(100)):
        lines = row["text"].split("\n")
        assert len(lines) == len(row["owner"])
        assert all(owner == -1 for line, owner in zip(lines, row["owner"], strict=True) if not line)


@pytest.mark.parametrize(
    ("ending", "found"),
    [
        ("words", "Rain fell. It then"),
        ("sentence", "Rain fell. It then stopped."),
        ("dots", "Rain fell. It then"),
    ],
)
def test_openings_are_cut_in_three_ways(ending: str, found: str) -> None:
    opening = cut(random.Random(0), "Rain fell. It then stopped. Nobody was hurt.", 4, ending)
    assert opening.startswith(found)
    assert (opening != found) == (ending == "dots")


def test_a_fitted_network_is_read_back_as_it_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(0)
    words = {"ship": 0, "cup": 1, "fever": 2}
    vectors = np.eye(4, dtype=np.float32)[:, :3]
    lexicon = Lexicon(words, np.array([4, 4, 4, 5], np.float32), vectors, {"^a": 1.5, "^?": 0.5})
    fitted = fit_network([make_page(rng, STOCK) for _ in range(40)], lexicon, epochs=1)
    (tmp_path / "models").mkdir()
    write(tmp_path / "models" / "pages.json", lexicon, fitted)
    monkeypatch.setattr("classifier.page_model.__file__", str(tmp_path / "page_model.py"))
    load_page_model.cache_clear()
    read_lexicon, read_network = load_page_model()
    load_page_model.cache_clear()
    lines = story_lines("\n".join([*HARBOUR, *FINAL]))
    assert (read_lexicon.word_ids, read_lexicon.openers) == (words, lexicon.openers)
    assert describe(lines, read_lexicon) == pytest.approx(describe(lines, lexicon), abs=0.01)
    expected = fitted.probabilities(describe(lines, lexicon))
    assert read_network.probabilities(describe(lines, read_lexicon)) == pytest.approx(expected, abs=0.01)
