"""Text, cues, notation or landmarks to a performance of a signing figure.

Text is signed word by word in the order of the spoken language: signed words, no translation into a sign
language.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from accessify.core.errors import FormatError, OptionError
from accessify.core.gloss import Gloss, Mood, Origin
from accessify.core.progress import OnProgress, Progress
from accessify.core.text import Cue
from accessify.core.timeline import Note, Rate, Span, Track
from accessify.delivery.lexicon import read_lexicon
from accessify.glossing.gloss import Sentence
from accessify.glossing.languages import glosser_for, text_language
from accessify.glossing.lookup import Lexicon, Planned, plan
from accessify.glossing.spelling import LETTERS_A_SECOND, Spelled
from accessify.motion.face import Face, Signal, drawn, overlaid, with_face
from accessify.motion.grammar import ALIVE, blinks, sentence_signals
from accessify.motion.grammar import Sentence as Signed
from accessify.motion.nonmanual_tags import tag_signals
from accessify.motion.pose import pose
from accessify.motion.schedule import Line, Scheduled, ScheduleOptions, schedule
from accessify.motion.sigml import read_sigml
from accessify.motion.stretch import at_rate, stretched
from accessify.motion.visemes import mouthing, visemes
from accessify.pipelines.figures import FigureOptions, figure
from accessify.pipelines.performance import Figure, Performance
from accessify.pipelines.performing import Performed, Performer
from accessify.pipelines.published import alphabet_for, published_lexicons

SLOWEST, FASTEST = 0.25, 3.0


@dataclass(frozen=True, slots=True)
class SignOptions:
    """In which sign language, how fast, and who signs."""

    language: str = "ase"
    """ISO 639-3 code of the sign language whose signs and letters are taken, e.g. ase, gsg, csl."""
    text_language: str = ""
    """Language tag of the text; empty takes the one most often written where that sign language is used."""
    lexicon: Path | None = None
    """A folder of the user's own signs: `.pose`, `.sigml`, HamNoSys in `.csv`."""
    speed: float = 1.0
    """1 is natural, 2 twice as fast."""
    fastest: float = 1.3
    """How much faster than natural signing may become to fit the time of a cue."""
    letters: float = LETTERS_A_SECOND
    """Letters a second in spelling."""
    rate: Fraction = Fraction(25)
    """Pictures per second."""
    mouthing: bool = True
    """Whether the mouth shapes the words."""
    figure: FigureOptions = field(default_factory=FigureOptions)
    """Who signs."""
    offline: bool = False
    """Never dial out."""


def sign(
    source: str | Track[Cue],
    options: SignOptions = SignOptions(),
    on_progress: OnProgress | None = None,
) -> Performance:
    """Sign a text, or cues within their times.

    Each word is looked up in the user's lexicon, then among published signs of that sign language, else
    spelled on the hand, else shown as a word; `Performance.glosses` says which it was. Published signs go by
    words of one spoken language and are for texts in it only: an English "gift" is no German "Gift".

    Stages of `on_progress`: `figure`, `sign` (words), `pose` (seconds of signing).

    Raises:
        OptionError: there is nothing to sign, or an option cannot be honoured.
        FormatError: the lexicon or the figure cannot be read.
        MissingExtra: a package of the extra is not installed.
    """
    _check(options)
    tell = on_progress or _nobody
    tag = options.text_language or text_language(options.language)
    lexicons, notes = _lexicons(options, tag)
    alphabet, lacking = alphabet_for(options.language)
    texts = [(source, None)] if isinstance(source, str) else [(cue.text, cue.span) for cue in source]
    known = [word for lexicon in lexicons for word in lexicon.words]
    glosser = glosser_for(tag, known)
    tell(Progress("figure", 0, None))
    work = _Work(figure(options.figure), options, tag, tell)
    pieces: list[tuple[tuple[Sentence, ...], Span | None]] = []
    for text, span in texts:
        sentences = glosser.gloss(" ".join(text.split()))
        pieces += [(sentences, span)] if span is not None else [((sentence,), None) for sentence in sentences]
    work.words = sum(len(sentence.tokens) for group, _ in pieces for sentence in group)
    for group, span in pieces:
        planned = plan(group, lexicons, alphabet, options.language, options.letters)
        work.add(group, planned, span)
    if not work.lines:
        raise OptionError("there is nothing to sign: the text has no words; give some")
    return work.finish((*notes, *lacking))


def sign_notation(text: str, options: SignOptions = SignOptions()) -> Performance:
    """Sign one sign in HamNoSys, as characters or as names of symbols.

    Raises `FormatError` that points at the symbol, and what `sign` raises.
    """
    _check(options)
    work = _Work(figure(options.figure), options, "")
    work.add_sign(text.strip()[:40], work.performer.notated(text), "HamNoSys")
    return work.finish()


def sign_sigml(path: Path, options: SignOptions = SignOptions()) -> Performance:
    """Sign all signs of a SiGML file, one behind the other; raises `FormatError` and what `sign` raises."""
    _check(options)
    work = _Work(figure(options.figure), options, "")
    try:
        text = path.read_bytes()
    except OSError as error:
        raise OptionError(f"{path}: cannot be read ({error.strerror}); give a SiGML file") from None
    try:
        signs = read_sigml(text)
    except FormatError as error:
        raise FormatError(error.message, source=str(path)) from None
    for one in signs:
        work.add_sign(one.gloss or f"sign {len(work.lines) + 1}", work.performer.tagged(one), path.name)
    return work.finish(together=True)


def sign_poses(path: Path, options: SignOptions = SignOptions()) -> Performance:
    """Let the figure do what a file of landmarks shows, from its first picture to its last.

    Raises `FormatError` for a file without a body or hands, and what `sign` raises.
    """
    _check(options)
    who, rate = figure(options.figure), Rate(options.rate)
    performed = Performer(who.proportions).recorded(path)
    postures = at_rate(performed.postures, rate)
    postures = stretched(postures, max(1, round(len(postures) / options.speed)))
    motion = pose(postures, who.character.rig, who.proportions)
    if performed.face is not None:
        still = drawn((), len(motion), rate)
        motion = with_face(motion, overlaid(still, performed.face, motion.span))
    gloss = Gloss(motion.span, path.stem, path.stem, Origin.LEXICON, path.name)
    timed = (
        replace(note, span=note.span.retime(lambda tick: round(tick / options.speed)))
        for note in performed.notes
    )
    notes = (*timed, *motion.notes, *who.notes)
    return Performance(motion, who, Track.of((gloss,), notes), options.language, (motion.span,))


def _check(options: SignOptions) -> None:
    if not SLOWEST <= options.speed <= FASTEST:
        raise OptionError(f"--speed {options.speed:g}: give {SLOWEST:g} to {FASTEST:g}")
    if not 1 <= options.fastest <= FASTEST:
        raise OptionError(f"signing may be hastened 1 to {FASTEST:g} times, not {options.fastest:g} times")


def _nobody(progress: Progress) -> None:
    """Nobody asked."""


def _lexicons(options: SignOptions, tag: str) -> tuple[tuple[Lexicon, ...], tuple[Note, ...]]:
    own = (read_lexicon(options.lexicon, options.language),) if options.lexicon is not None else ()
    unread = [Note(Span(0, 0), "unread", text) for lexicon in own for text in lexicon.unread]
    published, notes = published_lexicons(options.language, tag, offline=options.offline)
    return (*own, *published), (*unread, *notes)


@dataclass(frozen=True, slots=True, eq=False)
class _Sign:
    gloss: Gloss
    performed: Performed
    negates: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _LineOfSigns:
    signs: tuple[_Sign, ...]
    span: Span | None
    moods: tuple[Mood, ...]
    label: str


class _Work:
    """Gathers lines of signs, then makes one movement of them."""

    def __init__(
        self, who: Figure, options: SignOptions, language: str, tell: OnProgress | None = None
    ) -> None:
        self.figure, self.options, self.language = who, options, language.partition("-")[0]
        self.performer, self.tell = Performer(who.proportions), tell
        self.lines: list[_LineOfSigns] = []
        self.words, self._signed = 0, 0  # how many there are, and how many are done

    def add(self, sentences: Sequence[Sentence], planned: Sequence[Planned], span: Span | None) -> None:
        """One line: the planned glosses of `sentences`."""
        signs = []
        for one in planned:
            if self.tell:
                self.tell(Progress("sign", self._signed, self.words, "words"))
            self._signed += 1
            done = self.performer.perform(one)
            notes = (*one.notes, *(_named(note, one.gloss.text) for note in done.notes))
            missing = any(note.kind == "unreadable" for note in done.notes)
            gloss = replace(one.gloss, origin=Origin.MISSING) if missing else one.gloss
            if isinstance(one.perform, Spelled) and one.perform.pinyin:
                gloss = replace(gloss, mouthing=one.perform.pinyin)
            signs.append(_Sign(gloss, replace(done, notes=notes), one.negates))
        if signs:
            moods = tuple(sentence.mood for sentence in sentences)
            self.lines.append(_LineOfSigns(tuple(signs), span, moods, " ".join(s.text for s in sentences)))

    def add_sign(self, name: str, performed: Performed, source: str) -> None:
        """A line of one notated sign."""
        gloss = Gloss(Span(0, 0), name, name, Origin.NOTATION, source)
        self.lines.append(_LineOfSigns((_Sign(gloss, performed),), None, (Mood.STATEMENT,), name))

    def finish(self, notes: Iterable[Note] = (), *, together: bool = False) -> Performance:
        """The performance of all lines; `together` makes one line of them."""
        lines = [_merged(self.lines)] if together else self.lines
        placed = schedule(
            [Line(tuple(s.performed.postures for s in line.signs), line.span, line.label) for line in lines],
            Rate(self.options.rate),
            ScheduleOptions(self.options.speed, self.options.fastest),
        )
        motion = pose(
            placed.postures, self.figure.character.rig, self.figure.proportions, on_progress=self.tell
        )
        motion = with_face(motion, self._face(lines, placed, len(motion)))
        glosses, told = [], [*notes, *motion.notes, *self.figure.notes]
        for line, spans in zip(lines, placed.signs, strict=True):
            for sign_, span in zip(line.signs, spans, strict=True):
                glosses.append(sign_.gloss.at(span))
                told += [replace(note, span=span) for note in sign_.performed.notes]
                told += _undone(sign_, span)
        whole = tuple(Span(spans[0].start, spans[-1].end) for spans in placed.signs if spans)
        track = Track.of(glosses, dict.fromkeys(told))
        return Performance(motion, self.figure, track, self.options.language, whole)

    def _face(self, lines: Sequence[_LineOfSigns], placed: Scheduled, frames: int) -> Face:
        signals: list[Signal] = [Signal(Span(0, placed.postures.rate.at(frames)), ALIVE)]
        sentences = [_signed(line, spans) for line, spans in zip(lines, placed.signs, strict=True)]
        signals += sentence_signals(one for group in sentences for one in group)
        ends = [one.span.end for group in sentences for one in group]
        signals += blinks(signals[0].span, ends)
        recorded: list[tuple[Face, Span]] = []
        for line, spans in zip(lines, placed.signs, strict=True):
            for sign_, span in zip(line.signs, spans, strict=True):
                signals += tag_signals(sign_.performed.tags, span)[0]
                if self.options.mouthing and sign_.gloss.mouthing and not _mouths(sign_.performed):
                    signals += mouthing(visemes(sign_.gloss.mouthing, self.language), span)
                if sign_.performed.face is not None:
                    recorded.append((sign_.performed.face, span))
        face = drawn(signals, frames, placed.postures.rate)
        for part, span in recorded:
            face = overlaid(face, part, span)
        return face


def _undone(sign_: _Sign, span: Span) -> list[Note]:
    """A note for each non-manual tag that the face does not do."""
    return [
        Note(span, "not done", f"{sign_.gloss.text}: {tag}: no such movement of face or body is known")
        for tag in tag_signals(sign_.performed.tags, span)[1]
    ]


def _mouths(performed: Performed) -> bool:
    """Whether its notation says itself what the mouth does."""
    return any(element.startswith("hnm_mouth") for element, _ in performed.tags)


def _named(note: Note, word: str) -> Note:
    """A note of a sign with the word it belongs to, unless it names it already."""
    return note if note.text.startswith(f"{word}:") else replace(note, text=f"{word}: {note.text}")


def _merged(lines: Sequence[_LineOfSigns]) -> _LineOfSigns:
    signs = tuple(replace(s, gloss=replace(s.gloss, sentence=0)) for line in lines for s in line.signs)
    return _LineOfSigns(signs, None, (Mood.STATEMENT,), " ".join(line.label for line in lines))


def _signed(line: _LineOfSigns, spans: Sequence[Span]) -> list[Signed]:
    """The sentences of a line with their times; a negation lasts from its word to the sentence's end."""
    found = []
    for number in sorted({one.gloss.sentence for one in line.signs}):
        inside = [at for at, one in enumerate(line.signs) if one.gloss.sentence == number]
        whole = Span(spans[inside[0]].start, spans[inside[-1]].end)
        denied = [spans[at].start for at in inside if line.signs[at].negates]
        negated = (Span(denied[0], whole.end),) if denied else ()
        mood = line.moods[number] if number < len(line.moods) else Mood.STATEMENT
        found.append(Signed(whole, mood, negated))
    return found
