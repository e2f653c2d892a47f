"""The table of rules, and the loop that judges every caption by each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from accessify.captions import check_layout as layout
from accessify.captions import check_shots as shots
from accessify.captions import check_speech as speech
from accessify.captions import check_text as text
from accessify.captions import check_timing as timing
from accessify.captions.findings import Breach, Severity
from accessify.captions.rules import Profile
from accessify.captions.sheet import Sheet
from accessify.core.text import Cue


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it is called, which data it judges, and how."""

    name: str
    """Stable kebab-case id."""
    title: str
    """For people: what is wrong."""
    data: tuple[str, ...]
    """Fields of the profile it reads; the first one's source is the rule's."""
    judge: Callable[[Sheet, int], Breach | None]
    """What is wrong with the cue at an index, or None."""
    mend: Callable[[Cue, Profile], Cue] | None = None
    """Puts the cue's text right; None where the rule is about time or only a person can."""
    severity: Severity = Severity.ERROR
    timed: bool = False
    """Whether moving captions can break or mend it."""
    negotiable: bool = False
    """Whether it is only advice where it cannot be kept without breaking another rule."""


_ADVICE = Severity.ADVICE

RULES: tuple[Rule, ...] = (
    Rule("empty", "Without text", (), text.empty),
    Rule("unbalanced-tags", "Stray mark-up", (), text.unbalanced_tags, text.mend_unbalanced_tags),
    Rule("white-space", "White space to spare", (), text.white_space, text.mend_white_space),
    Rule("forbidden-character", "Character not allowed", ("forbidden",), text.forbidden_character),
    Rule(
        "punctuation",
        "Punctuation the guide leaves out",
        ("no_break_punctuation",),
        text.punctuation,
        text.mend_punctuation,
    ),
    Rule("width", "Full-width and half-width forms", ("wide_marks", "narrow"), text.forms, text.mend_forms),
    Rule("ellipsis", "Ellipsis", ("ellipsis",), text.ellipsis, text.mend_ellipsis),
    Rule(
        "speaker-dash", "Marks of two speakers", ("speaker_dash",), text.speaker_dash, text.mend_speaker_dash
    ),
    Rule(
        "sound-brackets",
        "Brackets of sound labels",
        ("sound_brackets",),
        text.sound_brackets,
        text.mend_sound_brackets,
    ),
    Rule("italics", "Italics", ("italics",), text.italics, text.mend_italics),
    Rule("numbers", "Numbers in figures", ("spell_numbers",), text.numbers, severity=_ADVICE),
    Rule("line-length", "Line too long", ("line_length", "count"), layout.line_length, layout.rebreak),
    Rule("line-count", "Too many lines", ("max_lines",), layout.line_count, layout.rebreak),
    Rule("one-line", "Broken without need", ("prefer_one_line",), layout.one_line, layout.rebreak),
    Rule(
        "split-phrase",
        "Line break inside a phrase",
        ("max_lines",),
        layout.split_phrase,
        layout.rebreak,
        _ADVICE,
    ),
    Rule("line-balance", "Shape of the lines", ("heavy_line",), layout.line_balance, layout.rebreak, _ADVICE),
    Rule("order", "Out of order", (), timing.order, timed=True),
    Rule("overlap", "Shown together", ("chain_gap",), timing.overlap, timed=True),
    Rule("gap", "Gap", ("chain_gap", "open_gap"), timing.gap, timed=True),
    Rule("negative-duration", "Ends before it starts", (), timing.negative_duration, timed=True),
    Rule("min-duration", "Too short", ("min_duration",), timing.min_duration, timed=True),
    Rule("max-duration", "Too long", ("max_duration",), timing.max_duration, timed=True),
    Rule(
        "min-word-duration",
        "Too short for its words",
        ("min_word_duration",),
        timing.min_word_duration,
        timed=True,
    ),
    Rule("reading-speed", "Too fast to read", ("max_cps", "count"), timing.reading_speed, timed=True),
    Rule("word-rate", "Too many words a minute", ("max_wpm",), timing.word_rate, timed=True),
    Rule("late-start", "Later than its speech", ("lag", "shot_snap"), speech.late_start, timed=True),
    Rule("early-start", "Before its speech", ("lead", "shot_zone"), speech.early_start, timed=True),
    Rule("lingers", "Stays after its speech", ("linger",), speech.lingers, timed=True),
    Rule("early-end", "Goes before its speech ends", ("lag",), speech.early_end, timed=True),
    Rule(
        "shot-start",
        "Start near a shot change",
        ("shot_snap", "shot_zone"),
        shots.shot_start,
        timed=True,
        negotiable=True,
    ),
    Rule("shot-end", "End near a shot change", ("shot_zone",), shots.shot_end, timed=True, negotiable=True),
    Rule("beyond-film-end", "After the film's end", (), timing.beyond_film_end, timed=True),
)
"""Every rule, in the order of reports and of repairs."""

BLANK = tuple(rule for rule in RULES if rule.name == "empty")
"""What is asked of a caption that shows nothing."""
TIMED = tuple(rule for rule in RULES if rule.timed)


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that a cue breaks."""

    rule: Rule
    key: int
    """Which cue: `Entry.key`."""
    index: int
    """Where it stands in the sheet that was judged."""
    breach: Breach

    @property
    def name(self) -> tuple[str, int]:
        """What tells this hit from others, before and after a repair."""
        return self.rule.name, self.key

    @property
    def severity(self) -> Severity:
        """Whether it fails the check, as far as the rule alone says."""
        return self.breach.severity or self.rule.severity


def judge(sheet: Sheet, indexes: Iterable[int], rules: tuple[Rule, ...] = RULES) -> Iterator[Hit]:
    """What is wrong with the cues at `indexes`, cue by cue."""
    for index in indexes:
        for rule in BLANK if sheet.entries[index].blank else rules:
            breach = rule.judge(sheet, index)
            if breach is not None:
                yield Hit(rule, sheet.entries[index].key, index, breach)
