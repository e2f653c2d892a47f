"""Following a speaker: one stream of sound to words that are shown while they are spoken.

Two texts come out. While an utterance is open it is heard again and again and its certain words are
committed (`agree`); when it has ended it is heard once more as a whole, as a file's are, for the
transcript. Where words are committed does not depend on where utterances end: a short pause commits
all that was said, a longer one ends the utterance.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from accessify.core.audio import Audio
from accessify.core.live import Correction, LiveState, LiveUpdate
from accessify.core.text import Word
from accessify.core.timeline import Note, Span, millis
from accessify.speech.agree import Agreement, AgreeOptions, Pass, plain
from accessify.speech.align import Aligner, align, stitch
from accessify.speech.detect import DetectOptions, Detector, SpeechModel, Utterance
from accessify.speech.doubt import evidence
from accessify.speech.transcribe import (
    Recognizer,
    TranscribeOptions,
    Transcript,
    Verifier,
    prepare,
    transcribe,
)

_REMEMBERED = 12
"""Words of the transcript that a cut may repeat."""

LIVE_DETECT = DetectOptions(
    on=0.5, off=0.35, pause=millis(608), short=millis(6_000), long=millis(12_000), longest=millis(15_000)
)
"""Speech is told from silence more strictly than in films: nobody can sort noise out before it is shown."""
LIVE_TRANSCRIBE = TranscribeOptions(evidence=2.2)
"""More evidence of speech than in films is asked for: the detector passes on only what is clearly sound of
voices, so that its mean probability is higher, and nobody can take back what was shown."""


@dataclass(frozen=True, slots=True)
class FollowOptions:
    """How closely a speaker is followed; times in ticks of sound."""

    every: int = millis(448)
    """New sound that makes another pass worth it."""
    still: int = millis(96)
    """Silence from which passes wait: nothing is said that they could hear."""
    pause: int = millis(160)
    """Silence that commits all words but the last."""
    long_pause: int = millis(320)
    """Silence that commits the last word too, with its punctuation."""
    late: int = millis(3_000)
    """So far behind, open utterances are no longer heard again and again."""
    caught_up: int = millis(1_000)
    """So little behind, they are again."""
    share: int = 18
    """A long utterance is heard again when this part of its length is new (1/18: after 667 ms of 12 s)."""
    most_waiting: int = millis(120_000)
    """More sound waiting than this is dropped, with a note."""
    detect: DetectOptions = LIVE_DETECT
    agree: AgreeOptions = field(default_factory=AgreeOptions)
    transcribe: TranscribeOptions = LIVE_TRANSCRIBE


@dataclass(slots=True)
class _Open:
    """What is known of one utterance while it is spoken."""

    start: int
    """Tick at which its sound starts."""
    agreement: Agreement
    transcript: Transcript = field(default_factory=lambda: Transcript(()))
    heard: int = 0
    """Tick up to which it was heard."""
    chance: float = 0.0
    """Mean speech probability of its voiced part."""
    settled: int = 0
    """Ticks of its present pause that were acted on."""


class Follower:
    """One stream of 16 kHz sound: `push` sound and call `step` until it gives None; `end` it, step, `last`.

    `push` is cheap; each `step` hears at most one stretch of sound. Who calls `step` late loses
    passes over open utterances, never words: a pass takes in all sound there is.
    """

    def __init__(
        self,
        model: SpeechModel,
        recognizer: Recognizer,
        aligner: Aligner,
        options: FollowOptions = FollowOptions(),
    ) -> None:
        self._detector = Detector(model, options.detect)
        self._recognizer, self._aligner, self._options = recognizer, aligner, options
        self._ended: deque[Utterance] = deque()
        self._open: _Open | None = None
        self._finals: tuple[Word, ...] = ()  # the last words of the transcript
        self._clock = self._lag = 0
        self._told = LiveUpdate(0, 0, LiveState.SILENT)
        self._state = LiveState.SILENT
        self._notes: list[Note] = []
        self._broken_off: _Open | None = None  # was left out after some of it was heard

    @property
    def clock(self) -> int:
        """Tick up to which sound was pushed."""
        return self._clock

    @property
    def lag(self) -> int:
        """Ticks of sound with speech in it that were not listened to yet; any thread may ask."""
        return self._lag

    def _waiting(self) -> int:
        heard = self._open.heard if self._open else 0
        spans = [utterance.keep for utterance in self._ended]
        if (span := self._detector.open_span) is not None:
            spans.append(Span(span.start, span.end - self._detector.quiet))
        return sum(max(0, span.end - max(span.start, heard)) for span in spans)

    def push(self, audio: Audio) -> None:
        """Take in the next sound (contiguous)."""
        self._ended.extend(self._detector.push(audio))
        self._clock = audio.span.end
        while len(self._ended) > 1 and self._waiting() > self._options.most_waiting:
            self._leave_out(self._ended.popleft())
        self._lag = self._waiting()

    def end(self) -> None:
        """No more sound comes: what is open ends here."""
        self._ended.extend(self._detector.finish())

    def step(self) -> LiveUpdate | None:
        """Listen once, if there is something to hear; what changed, None where nothing is due."""
        self._state = self._judged()
        if self._broken_off is not None:
            return self._break_off()
        if self._ended:
            return self._close(self._ended.popleft())
        span = self._detector.open_span
        if span is not None and self._state is not LiveState.CATCHING_UP:
            update = self._follow(span)
            if update is not None:
                return update
        return self._update() if self._state is not self._told.state or self._notes else None

    def stall(self) -> LiveUpdate:
        """Sound has stopped coming, perhaps in mid-word: all that was said is committed."""
        self._state = LiveState.STALLED
        span = self._detector.open_span
        if span is None or self._ended:
            return self._update()
        self._pass(span)
        return self._settle(span, hold=0)

    def last(self) -> LiveUpdate:
        """The update that closes the stream."""
        self._state = LiveState.ENDED
        return self._update()

    def _judged(self) -> LiveState:
        lag, options = self._waiting(), self._options
        behind = self._state is LiveState.CATCHING_UP
        if lag > (options.caught_up if behind else options.late):
            return LiveState.CATCHING_UP
        return LiveState.SPEECH if self._ended or self._detector.open_span else LiveState.SILENT

    def _follow(self, span: Span) -> LiveUpdate | None:
        """Hear the open utterance, whose sound lies in `span`, if it is time to."""
        options, quiet = self._options, self._detector.quiet
        open_ = self._opened(span)
        open_.settled = min(open_.settled, quiet)
        if quiet >= options.long_pause > open_.settled:
            if open_.heard < span.end - quiet:
                self._pass(span)
            return self._settle(span, hold=0)
        if quiet >= options.pause > open_.settled:
            self._pass(span)
            return self._settle(span, hold=1)
        if quiet >= options.still or span.end - open_.heard < self._interval(span):
            return None
        committed = open_.agreement.hear(self._pass(span))
        return self._update(committed)

    def _interval(self, span: Span) -> int:
        """New sound that makes another pass over `span` worth it: the longer, the dearer."""
        return max(self._options.every, span.duration // self._options.share)

    def _settle(self, span: Span, hold: int) -> LiveUpdate:
        open_ = self._opened(span)
        open_.settled = self._detector.quiet
        return self._update(open_.agreement.pause(self._believed(span), hold))

    def _opened(self, span: Span) -> _Open:
        """What is known of the utterance that starts with `span`."""
        if self._open is None or self._open.start != span.start:
            before = self._open.agreement if self._open else None
            carried = (*before.carried, *before.committed) if before else ()
            self._open = _Open(
                span.start,
                Agreement(span.start, self._options.agree, carried),
                heard=span.start,
            )
        return self._open

    def _pass(self, span: Span) -> Pass:
        """Hear the open utterance from its start."""
        open_ = self._opened(span)
        utterance = self._detector.open_utterance()
        assert utterance is not None  # noqa: S101 - for the type checker
        sound = prepare(utterance.audio, self._options.transcribe)
        open_.transcript = self._verified(sound, open_.transcript)
        open_.heard, open_.chance = span.end, utterance.chance
        return self._believed(span)

    def _believed(self, span: Span) -> Pass:
        """The words of the open utterance, none where it may be no speech at all."""
        open_ = self._opened(span)
        said = Span(span.start, span.end - self._detector.quiet)
        words = open_.transcript.words
        proof = evidence(open_.chance, open_.transcript.certainty, words, said)
        return Pass(words if proof >= self._options.transcribe.evidence else (), said)

    def _close(self, utterance: Utterance) -> LiveUpdate:
        """Make of an utterance that has ended a part of the transcript."""
        known = self._opened(utterance.audio.span)
        agreement = known.agreement
        cut = utterance.audio.span.end > utterance.keep.end
        heard = transcribe(self._recalling(utterance, cut), [utterance], self._options.transcribe)[0]
        final = self._stitched(align(self._aligner, utterance, heard.words))
        committed = agreement.close(final, cut=cut)
        corrections = corrected(
            (*agreement.carried, *agreement.committed), final, carried=bool(agreement.carried), cut=cut
        )
        if not cut:  # nothing is carried over
            self._open = None
        return self._update(committed, ended=True, final=final, corrections=corrections)

    def _recalling(self, utterance: Utterance, cut: bool) -> Recognizer:
        """The recogniser, with what it said of `utterance` while that was open."""
        known = self._opened(utterance.audio.span)
        if cut:  # that was of more sound than it has now
            return self._recognizer
        if known.heard >= utterance.audio.span.end:  # nothing but silence came in since
            return _Knowing(self._recognizer, lambda _: known.transcript)
        return _Knowing(self._recognizer, lambda sound: self._verified(sound, known.transcript))

    def _verified(self, sound: Audio, draft: Transcript) -> Transcript:
        """What is said in `sound`, of which `draft` is known; it is no help to who verifies no drafts."""
        if isinstance(self._recognizer, Verifier):
            return self._recognizer.verify(sound, draft)
        return self._recognizer.recognize([sound])[0]

    def _leave_out(self, lost: Utterance) -> None:
        """Do not hear `lost`; what was committed of it stands, and a note says where the rest is missing."""
        start = lost.span.start
        if self._open is not None and self._open.start == lost.audio.span.start:
            self._broken_off = self._open
            committed = self._open.agreement.committed
            start = min(max(start, committed[-1].span.end), lost.span.end) if committed else start
            self._open.agreement.close((), cut=True)  # its tail is not to be shown any more
        text = "speech came faster than it could be recognised and was left out here"
        self._notes.append(Note(Span(start, lost.span.end), "dropped", text))

    def _break_off(self) -> LiveUpdate:
        """End the utterance the rest of which was left out: what was committed is all that is known of it."""
        known, self._broken_off = self._broken_off, None
        assert known is not None  # noqa: S101 - for the type checker
        return self._update(ended=True, final=self._stitched(known.agreement.committed))

    def _stitched(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """Those of `words` that the transcript does not have from before a cut."""
        known = list(self._finals)
        stitch(known, words)
        fresh = tuple(known[len(self._finals) :])
        self._finals = tuple(known[-_REMEMBERED:])
        return fresh

    def _update(
        self,
        committed: tuple[Word, ...] = (),
        *,
        ended: bool = False,
        final: tuple[Word, ...] = (),
        corrections: tuple[Correction, ...] = (),
    ) -> LiveUpdate:
        tail = self._open.agreement.tail if self._open and not ended else ()
        notes, self._notes = tuple(self._notes), []
        self._lag = self._waiting()
        self._told = LiveUpdate(
            self._told.number + 1,
            self._clock,
            self._state,
            self.lag,
            committed,
            tail,
            ended,
            final,
            corrections,
            notes,
        )
        return self._told


class _Knowing:
    """A `Recognizer` that knows something of its first utterance, which is left to `first`."""

    def __init__(self, recognizer: Recognizer, first: Callable[[Audio], Transcript]) -> None:
        self.languages = recognizer.languages
        self._recognizer = recognizer
        self._first: Callable[[Audio], Transcript] | None = first

    def recognize(self, utterances: Sequence[Audio]) -> tuple[Transcript, ...]:
        first, self._first = self._first, None
        if first is None or len(utterances) != 1:
            return self._recognizer.recognize(utterances)
        return (first(utterances[0]),)

    def close(self) -> None:
        """Nothing of its own to free."""


def corrected(
    committed: Sequence[Word], final: Sequence[Word], *, carried: bool = False, cut: bool = False
) -> tuple[Correction, ...]:
    """Where `final` says something else than what was committed; case and marks do not matter.

    Where the utterance was `carried` over from a cut or ends in one, words at that edge were committed on
    the other side of it.
    """
    shown, right = [plain(word.text) for word in committed], [plain(word.text) for word in final]
    found = SequenceMatcher(None, shown, right, autojunk=False).get_opcodes()
    if found and cut and found[-1][0] != "equal":
        del found[-1]
    if found and carried and found[0][0] != "equal":
        del found[0]
    return tuple(
        Correction(
            tuple(word.text for word in committed[first:last]),
            tuple(word.text for word in final[start:stop]),
            min((word.confidence or 0.0 for word in final[start:stop]), default=1.0),
            start,
        )
        for kind, first, last, start, stop in found
        if kind != "equal"
    )
