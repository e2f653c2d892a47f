from __future__ import annotations

from dataclasses import replace

import pytest

from accessify.captions.findings import Severity
from accessify.captions.fix import fix
from accessify.captions.rules import Profile
from accessify.core.text import Document
from accessify.core.timeline import Track
from tests.captions.checking import BBC, DCMP, EN, F24, ZH, broken, cue, findings, italic, the


def mended(text: str, profile: Profile = EN) -> str:
    document = Document(Track.of([cue(0, 96, text)]), rate=F24)
    return fix(document, profile).cues[0].text


@pytest.mark.parametrize("text", ["", "  \n ", "\u200b", "\u3000"])
def test_empty(text: str) -> None:
    assert broken(cue(0, 5, text), cue(60, 120)) == [("empty", 1)]
    assert len(fix(Document(Track.of([cue(0, 5, text)]), rate=F24), EN).cues) == 0


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        (" Hello there.", "Hello there."),
        ("Hello  there.", "Hello there."),
        ("Hello\tthere.", "Hello there."),
        ("Hello there. ", "Hello there."),
        ("\ufeffHello there.", "Hello there."),
        ("-Who?\n\n-Me.", "-Who?\n-Me."),
    ],
)
def test_white_space(text: str, tidied: str) -> None:
    assert broken(cue(0, 72, text)) == [("white-space", 1)]
    assert mended(text) == tidied


@pytest.mark.parametrize("text", ["Wait...", "Wait…...", "Wait. . .", "Wait……", "Wait⋯"])
def test_one_ellipsis(text: str) -> None:
    found = the("ellipsis", findings(cue(0, 72, text)))
    assert found.allowed == "“…” (U+2026)"
    assert mended(text) == "Wait…"


def test_the_bbc_writes_three_points() -> None:
    assert broken(cue(0, 72, "Wait..."), profile=BBC) == []
    assert broken(cue(0, 72, "Wait…"), profile=BBC) == [("ellipsis", 1)]
    assert mended("Wait…", BBC) == "Wait..."


@pytest.mark.parametrize("text", ["Wait.", "Wait.. what?", "at 10.30."])
def test_what_is_no_ellipsis(text: str) -> None:
    assert "ellipsis" not in [rule for rule, _ in broken(cue(0, 72, text))]


@pytest.mark.parametrize(
    "text", ["- Who is it?\n- It is me.", "–Who is it?\n–It is me.", "-Who is it? -It is me."]
)
def test_two_speakers(text: str) -> None:
    assert broken(cue(0, 72, text)) == [("speaker-dash", 1)]
    assert mended(text) == "-Who is it?\n-It is me."


@pytest.mark.parametrize("text", ["-Who is it?\n-It is me.", "--and so on.", "A well-known man - he said."])
def test_dashes_of_other_kinds(text: str) -> None:
    assert broken(cue(0, 72, text)) == []


def test_two_speakers_in_one_line_of_a_dialogue_are_for_a_person() -> None:
    text = "-Hello -How are you\n-fine , thanks"
    (found,) = findings(cue(0, 96, text))
    assert (found.rule, found.fixable, found.fix) == ("speaker-dash", False, "split the caption")
    assert found.message == "has two speakers in one line"
    assert mended(text) == text
    assert broken(cue(0, 96, "-Is it -5 degrees?\n-A well -- so I hear.")) == []


def test_a_guide_without_dashes_gives_advice() -> None:
    (found,) = findings(cue(0, 96, "-Who is it?\n-It is me."), profile=DCMP)
    assert (found.rule, found.severity, found.fixable) == ("speaker-dash", Severity.ADVICE, False)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("(door slams)", "[door slams]"),
        ("(sighs) All right.", "[sighs] All right."),
        ("{door slams}", "[door slams]"),
        ("-(sighs) No.\n-Yes.", "-[sighs] No.\n-Yes."),
        ("All right. (sighs)", "All right. [sighs]"),
    ],
)
def test_sound_labels(text: str, wanted: str) -> None:
    assert broken(cue(0, 72, text)) == [("sound-brackets", 1)]
    assert mended(text) == wanted


@pytest.mark.parametrize("text", ["Lovely (!)", "(?) Really", "The cat (a black one) sat.", "[door slams]"])
def test_brackets_that_are_no_labels(text: str) -> None:
    assert broken(cue(0, 72, text)) == []


def test_chinese_has_no_comma_no_full_stop_and_no_italics() -> None:
    assert broken(cue(0, 72, "好的，我来了。"), profile=ZH) == [("punctuation", 1)]
    assert mended("好的，我来了。", ZH) == "好的 我来了"
    slanted = italic("我来了", "来")
    assert broken(slanted, profile=ZH) == [("italics", 1)]
    assert fix(Document(Track.of([slanted]), rate=F24), ZH).cues[0].runs == ()
    assert broken(slanted, profile=replace(EN, language="*")) == []


def test_styles_stay_with_their_letters() -> None:
    slanted = italic("Wait...  for (me) now", "for")
    fixed = fix(Document(Track.of([slanted]), rate=F24), EN).cues[0]
    assert fixed.text == "Wait… for (me) now"
    assert [run.text for run in fixed.runs if run.style.italic] == ["for"]


def test_forbidden_characters_are_named() -> None:
    profile = replace(EN, forbidden="🎵☺")
    (found,) = findings(cue(0, 72, "🎵 Oh my 🎵"), profile=profile)
    assert (found.rule, found.measured, found.fixable) == ("forbidden-character", "🎵 (U+1F3B5)", False)


@pytest.mark.parametrize(
    "text", ["<i>Hello there.", "Hello</b> there.", r"{\an8}Hello there.", '<font color="red">Hello there.']
)
def test_stray_mark_up(text: str) -> None:
    assert broken(cue(0, 72, text)) == [("unbalanced-tags", 1)]
    assert mended(text) == "Hello there."


@pytest.mark.parametrize("text", ["1 < 2 or so", "I <3 you, <him>"])
def test_what_is_no_mark_up(text: str) -> None:
    assert "unbalanced-tags" not in [rule for rule, _ in broken(cue(0, 72, text))]


@pytest.mark.parametrize(
    ("text", "figure"),
    [("I have 3 dogs.", "3"), ("We are 10.", "10"), ("Go. 25 men came.", "25"), ("1,500 men came.", "1,500")],
)
def test_numbers(text: str, figure: str) -> None:
    (found,) = findings(cue(0, 72, text))
    assert (found.rule, found.severity, found.measured) == ("numbers", Severity.ADVICE, f"“{figure}”")
    assert not found.fixable


@pytest.mark.parametrize(
    "text", ["I have 11 dogs.", "It is 3:30 now.", "Call 555-2.", "At 3 pm.", "It costs $5.", "A 3% rise."]
)
def test_numbers_that_stay_figures(text: str) -> None:
    assert broken(cue(0, 72, text)) == []
