"""Rules of the characters in a caption, and how each is put right without changing a word."""

from __future__ import annotations

import re
from collections.abc import Callable

from accessify.captions.findings import Breach, Severity
from accessify.captions.marks import spelled
from accessify.captions.retext import TAG, upright, with_text
from accessify.captions.rules import Profile
from accessify.captions.sheet import Sheet
from accessify.core.text import Cue

_ZERO_WIDTH = re.compile("[\u200b\u2060\ufeff]")
_ELLIPSIS = re.compile(r"(?:\.{3,}|…|⋯|。{3,})+|(?:\. ){2,}\.")
_DASH = re.compile(r"[^\S\n]*[-‐‑–—](?![-‐‑–—])[^\S\n]*(?=\S)")
_SECOND_SPEAKER = re.compile(r"(?<=[.!?…。！？؟”\"'\])）])[^\S\n]+(?=[-‐‑–—][^\S\n]?[\w“\"'¿¡\[(])")
_DASH_INSIDE = re.compile(r"(?<=[^\s\-‐‑])[^\S\n]+[-‐‑](?=[^\W\d_])")
_PAIRS = ("[]", "()", "{}", "（）", "【】", "［］", "〔〕")
_NUMBER = re.compile(r"(?<![\w.,:/$£€¥#%’'-])\d{1,3}(?![\w:/%°’'-]|[.,]\d|\s?(?:[ap]\.?m\b|%|°))")
_SENTENCE = re.compile(r"(?:^|(?<=[.!?]\s))[\"“'‘(\[]*(\d[\d,.]*)")
_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def quoted(text: str) -> str:
    """A text for one line of a report."""
    flat = text.replace("\n", " | ")
    return f"“{flat if len(flat) <= 60 else flat[:59] + '…'}”"


def empty(sheet: Sheet, index: int) -> Breach | None:
    """A caption says something."""
    if not sheet.entries[index].blank:
        return None
    return Breach("no text", "at least one letter", "is empty", "remove it")


def white_space(sheet: Sheet, index: int) -> Breach | None:
    """One space between words, none around lines, no blank lines."""
    text = sheet.entries[index].cue.text
    if tidy(text) == text:
        return None
    return Breach(
        quoted(text.replace("\t", "→").replace("  ", "␣␣")),
        "one space between words, none at the ends of lines, no blank line",
        "has white space to spare",
        "remove it",
    )


def tidy(text: str) -> str:
    """`text` with one space between words, none around its lines, and no blank line."""
    text = _ZERO_WIDTH.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = (re.sub(r"[\t\v\f ]+", " ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def mend_white_space(cue: Cue, _: Profile) -> Cue:
    """The cue with tidy white space."""
    return with_text(cue, tidy(cue.text))


def forbidden_character(sheet: Sheet, index: int) -> Breach | None:
    """Only characters that the customer's players can show."""
    found = sorted(set(sheet.profile.forbidden) & set(sheet.entries[index].cue.text))
    if not found:
        return None
    named = ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in found)
    return Breach(named, "none of them", "has a character that is not allowed", "write it another way")


def punctuation(sheet: Sheet, index: int) -> Breach | None:
    """Marks that the guide replaces by a space do not occur."""
    text, marks = sheet.entries[index].cue.text, sheet.profile.no_break_punctuation
    found = [mark for mark in marks if mark in text]
    if not found:
        return None
    return Breach(" ".join(found), "a space", "has punctuation that the guide leaves out", "write a space")


def mend_punctuation(cue: Cue, profile: Profile) -> Cue:
    """The cue with a space for each mark that the guide leaves out."""
    marks = str.maketrans(dict.fromkeys(profile.no_break_punctuation, " "))
    return with_text(cue, tidy(cue.text.translate(marks)))


def forms(sheet: Sheet, index: int) -> Breach | None:
    """Marks, letters and figures are full-width or half-width as the guide has them."""
    text = sheet.entries[index].cue.text
    better = spelled(text, sheet.profile)
    if better == text:
        return None
    return Breach(
        quoted(text),
        quoted(better),
        "has full-width or half-width forms that the guide has not",
        "write it so",
    )


def mend_forms(cue: Cue, profile: Profile) -> Cue:
    """The cue with the guide's full-width and half-width forms."""
    return with_text(cue, spelled(cue.text, profile))


def ellipsis(sheet: Sheet, index: int) -> Breach | None:
    """Every ellipsis is written as the guide writes it."""
    wanted = sheet.profile.ellipsis
    found = [mark for mark in _ELLIPSIS.findall(sheet.entries[index].cue.text) if mark != wanted]
    if not wanted or not found:
        return None
    return Breach(
        quoted(found[0]),
        f"{quoted(wanted)} ({_points(wanted)})",
        "has an ellipsis in another form",
        "write it so",
    )


def _points(text: str) -> str:
    return " ".join(f"U+{ord(letter):04X}" for letter in text)


def mend_ellipsis(cue: Cue, profile: Profile) -> Cue:
    """The cue with the guide's ellipsis."""
    return with_text(cue, _ELLIPSIS.sub(lambda _: profile.ellipsis, cue.text))


def is_dialogue(text: str) -> bool:
    """Whether two lines or more begin with a dash, as those of two speakers do."""
    return sum(_DASH.match(line) is not None for line in text.split("\n")) > 1


def with_dashes(text: str, mark: str) -> str:
    """`text` with each speaker on a line of their own, marked with `mark`."""
    lines = text.split("\n")
    if _DASH.match(lines[0]):
        text = "\n".join(_SECOND_SPEAKER.sub("\n", line) for line in lines)
    if not is_dialogue(text):
        return text
    return "\n".join(
        _DASH.sub(mark, line, count=1) if _DASH.match(line) else line for line in text.split("\n")
    )


def speaker_dash(sheet: Sheet, index: int) -> Breach | None:
    """Two speakers in a caption are marked as the guide marks them, each on a line of their own."""
    text, mark = sheet.entries[index].cue.text, sheet.profile.speaker_dash
    if not mark:
        if not is_dialogue(text):
            return None
        return Breach("dashes", "no dashes", "marks its speakers with dashes", "use colours", Severity.ADVICE)
    mended = with_dashes(text, mark)
    if is_dialogue(mended) and _DASH_INSIDE.search(mended):
        return Breach(
            quoted(text), "one speaker in each line", "has two speakers in one line", "split the caption"
        )
    if mended == text:
        return None
    return Breach(
        quoted(text),
        f"{quoted(mark)} before each speaker, each on a line of their own",
        "marks its speakers in another way",
        "mark them so",
    )


def mend_speaker_dash(cue: Cue, profile: Profile) -> Cue:
    """The cue with its speakers marked as the guide marks them."""
    return with_text(cue, with_dashes(cue.text, profile.speaker_dash)) if profile.speaker_dash else cue


def _labels(profile: Profile) -> Callable[[str], str]:
    """Puts the guide's brackets around every sound label of a text.

    A label is what stands in brackets of any kind and holds a letter: at the start of a line, behind
    a speaker's dash, or behind the end of a sentence. `(?)` and `(!)` are none.
    """
    own = profile.sound_brackets

    def change(text: str) -> str:
        for pair in _PAIRS:
            if pair == own:
                continue
            left, right = map(re.escape, pair)
            inside = rf"[^{left}{right}\\]*[^\W\d_][^{left}{right}]*"
            label = re.compile(
                rf"(^[^\S\n]*[-‐‑–—]?[^\S\n]*|[.!?…。！？][^\S\n]+){left}({inside}){right}", re.MULTILINE
            )
            text = label.sub(lambda match: match[1] + own[0] + match[2] + own[1], text)
        return text

    return change


def sound_brackets(sheet: Sheet, index: int) -> Breach | None:
    """Sounds and speakers are named in the guide's brackets."""
    text, own = sheet.entries[index].cue.text, sheet.profile.sound_brackets
    if len(own) != 2 or _labels(sheet.profile)(text) == text:
        return None
    return Breach(
        quoted(text), f"{own[0]} and {own[1]}", "has a label in other brackets", "write these brackets"
    )


def mend_sound_brackets(cue: Cue, profile: Profile) -> Cue:
    """The cue with the guide's brackets around its labels."""
    return with_text(cue, _labels(profile)(cue.text)) if len(profile.sound_brackets) == 2 else cue


def italics(sheet: Sheet, index: int) -> Breach | None:
    """No italics where the guide has none."""
    slanted = [run.text for run in sheet.entries[index].cue.runs if run.style.italic]
    if sheet.profile.italics or not slanted:
        return None
    return Breach(quoted("".join(slanted)), "no italics", "is in italics", "set it upright")


def mend_italics(cue: Cue, _: Profile) -> Cue:
    """The cue without italics."""
    return upright(cue)


def unbalanced_tags(sheet: Sheet, index: int) -> Breach | None:
    """No mark-up that is shown as text because it is never closed, or never opened."""
    found = TAG.findall(sheet.entries[index].cue.text)
    if not found:
        return None
    return Breach(" ".join(found), "none", "shows mark-up as text", "close or remove it")


def mend_unbalanced_tags(cue: Cue, _: Profile) -> Cue:
    """The cue without stray mark-up."""
    return with_text(cue, tidy(TAG.sub("", cue.text)))


def numbers(sheet: Sheet, index: int) -> Breach | None:
    """Small numbers are spelled out, and no sentence begins with a figure.

    Advice only: times, addresses and the like may keep their figures, which a person must judge.
    """
    text, most = sheet.entries[index].cue.text.replace("\n", " "), sheet.profile.spell_numbers
    if not most:
        return None
    small = [number for number in _NUMBER.findall(text) if int(number) <= most]
    first = _SENTENCE.search(text)
    if not small and not first:
        return None
    figure = small[0] if small else first[1] if first else ""
    named = _NAMES[int(figure)] if figure.isdigit() and int(figure) < len(_NAMES) else None
    return Breach(
        quoted(figure),
        f"words up to {most}" if small else "no sentence begins with a figure",
        "has a number in figures" if small else "begins a sentence with a figure",
        f"write “{named}”, unless it is a time, a date, an address or the like"
        if named and sheet.profile.language.startswith("en")
        else "write it as a word",
    )
