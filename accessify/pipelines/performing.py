"""From planned glosses to postures: an entry of a lexicon, letters on the hand, or a pause for a word."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import numpy as np

from accessify.core.errors import FormatError
from accessify.core.proportions import Proportions
from accessify.core.timeline import Note, Rate, Span
from accessify.delivery.poses import read_poses
from accessify.glossing.alphabet import Letter
from accessify.glossing.lookup import Entry, EntryKind, Planned
from accessify.glossing.spelling import Spelled
from accessify.motion.face import Face
from accessify.motion.hamnosys import parse
from accessify.motion.head_moves import head_tags
from accessify.motion.join import JoinOptions, between, concatenated, core, transition
from accessify.motion.notation import Parsed
from accessify.motion.posture import Postures
from accessify.motion.retarget import retarget
from accessify.motion.sigml import SigmlSign, read_sigml
from accessify.motion.stretch import at_rate, picked
from accessify.motion.synthesize import synthesize

RATE = Rate(Fraction(50))
"""Pictures per second of signs before they are joined: twice a usual film's, so that timing stays fine."""
PAUSE = 0.9
"""Seconds that a word without a sign is shown, and a little more for a long one: 15 letters a second, a
relaxed reading speed."""
_SLIDE = 0.16
"""Shoulder widths that a doubled letter slides to the side (W. C. Stokoe, Sign Language Structure, 1960)."""
_SPELLING = np.array([-0.5, -0.13, 0.72])
"""Shoulder widths from between the shoulders: where the right hand spells, before its own shoulder."""


@dataclass(frozen=True, slots=True, eq=False)
class Performed:
    """One gloss as movement."""

    postures: Postures
    face: Face | None = None
    """What the face does in it, of a recording; None leaves it to grammar and mouthing."""
    tags: tuple[tuple[str, str], ...] = ()
    """Non-manual tags that the notation gives."""
    notes: tuple[Note, ...] = ()
    """What is not done."""


class Performer:
    """Makes postures for one signer; remembers signs and letters that come again."""

    def __init__(self, proportions: Proportions, join: JoinOptions = JoinOptions()) -> None:  # noqa: B008
        self._proportions, self._join = proportions, join
        self._letter = lru_cache(maxsize=256)(self._new_letter)
        self._entry = lru_cache(maxsize=512)(self._new_entry)

    def perform(self, planned: Planned) -> Performed:
        """The movement for one gloss. An entry that cannot be read is shown as its word, with a note why."""
        what = planned.perform
        if what is None:
            return Performed(self.pause(planned.gloss.text))
        try:
            return Performed(self.spelled(what)) if isinstance(what, Spelled) else self._entry(what)
        except (FormatError, OSError) as error:
            note = Note(Span(0, 0), "unreadable", f"{planned.gloss.text}: {error}; the word is shown instead")
            return Performed(self.pause(planned.gloss.text), notes=(note,))

    def notated(self, text: str) -> Performed:
        """The movement of a sign in HamNoSys; raises `FormatError`."""
        return self._parsed(parse(text))

    def tagged(self, sign: SigmlSign) -> Performed:
        """The movement of a sign in SiGML; one without anything for the hands is a pause."""
        notes = tuple(Note(Span(0, 0), "unread", text) for text in sign.unread)
        if sign.parsed is None:
            return Performed(self.pause(sign.gloss), tags=sign.nonmanual, notes=notes)
        done = self._parsed(sign.parsed)
        return replace(done, tags=(*sign.nonmanual, *done.tags), notes=(*notes, *done.notes))

    def recorded(self, path: Path, clip: Span | None = None) -> Performed:
        """The movement of a file of landmarks, or of a part of it; raises `FormatError`."""
        poses = read_poses(path)
        if clip is not None:
            inside = (poses.times >= clip.start) & (poses.times < clip.end)
            if not inside.any():
                raise FormatError(f"{path}: has nothing from {clip.start} to {clip.end}")
            scores = None if poses.expressions is None else poses.expressions[inside]
            poses = replace(
                poses,
                points=poses.points[inside],
                confidence=poses.confidence[inside],
                times=poses.times[inside],
                expressions=scores,
            )
        try:
            found = retarget(poses, self._proportions)
        except FormatError as error:
            raise FormatError(error.message, source=str(path)) from None
        return Performed(replace(found.postures, notes=()), found.face, notes=found.postures.notes)

    def spelled(self, word: Spelled) -> Postures:
        """Letter by letter, each held; a doubled one slides."""
        parts: list[Postures] = []
        for spelled in word.letters:
            letter = self._letter(spelled.letter)
            hold = max(1, round(spelled.hold * float(RATE.fps)))
            if spelled.doubled and parts:
                parts.append(_slid(parts[-1], hold, _SLIDE * self._proportions.width))
                continue
            if parts:
                room = max(0.1, word.step - spelled.hold)
                way = min(transition(parts[-1], letter, self._join), room)
                parts.append(between(parts[-1], letter, max(1, round(way * float(RATE.fps)))))
            parts += [letter, picked(letter, np.full(hold, len(letter) - 1))]
        return concatenated(parts)

    def pause(self, word: str) -> Postures:
        """Hands at rest while a word is read."""
        count = round(max(PAUSE, len(word) / 15) * float(RATE.fps))
        palm = self._proportions.places["stomach"] + np.array([0, 0, 0.2])
        along, out = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])
        return Postures(
            np.zeros((count, 2)),
            np.tile(palm, (count, 2, 1)),
            np.tile(along, (count, 2, 1)),
            np.tile(out, (count, 2, 1)),
            np.zeros((count, 2, 5, 3)),
            np.zeros((count, 2, 5)),
            np.full((count, 2), np.nan),
            RATE,
        )

    def _parsed(self, parsed: Parsed) -> Performed:
        postures = synthesize(parsed, self._proportions, rate=RATE)
        tags = head_tags(parsed.sign)
        return Performed(replace(postures, notes=()), tags=tags, notes=postures.notes)

    def _new_entry(self, entry: Entry) -> Performed:
        if entry.kind is EntryKind.POSE:
            return trimmed(self.recorded(Path(entry.content), entry.clip), self._proportions)
        if entry.kind is EntryKind.SIGML:
            return self.tagged(read_sigml(entry.content)[0])
        return self.notated(entry.content)

    def _new_letter(self, letter: Letter) -> Postures:
        """One letter where letters are spelled; one that needs both hands keeps the place it names."""
        if letter.clip:
            clip = trimmed(self.recorded(Path(letter.clip), letter.part), self._proportions)
            return at_rate(core(clip.postures), RATE)
        some = core(synthesize(parse(letter.notation), self._proportions, rate=RATE))
        middle = self._proportions.shoulders.mean(axis=0)
        wanted = middle + _SPELLING * self._proportions.width
        if not (some.active[:, 0] > 0).any():
            palms = some.palms.copy()
            palms[:, 1] += wanted - palms[0, 1]
            some = replace(some, palms=palms)
        some = replace(some, notes=())
        if letter.hand is None:
            return some
        bends, spread = some.bends.copy(), some.spread.copy()
        bends[:, 1], spread[:, 1] = letter.hand.bends, letter.hand.spread
        return replace(some, bends=bends, spread=spread)


def _slid(before: Postures, count: int, far: float) -> Postures:
    """The last posture sliding outwards and staying there."""
    last = picked(before, np.full(2 * count, len(before) - 1))
    share = np.clip(np.arange(2 * count) / count, 0, 1)
    palms = last.palms.copy()
    palms[:, 1, 0] -= far * share
    return replace(last, palms=palms)


def trimmed(performed: Performed, proportions: Proportions) -> Performed:
    """A recording without its ways from and to rest: hands below the belly at its ends count as resting."""
    postures = performed.postures
    low = proportions.places["stomach"][1] * 0.4 + proportions.places["below_stomach"][1] * 0.6
    up = (postures.active >= 1) & (postures.palms[..., 1] > low)
    busy = np.flatnonzero(up.any(axis=1))
    if not len(busy):
        return performed
    kept = np.arange(busy[0], busy[-1] + 1)
    face = performed.face
    if face is not None:
        parts = {
            name: getattr(face, name)[kept] for name in ("expressions", "head", "trunk", "gaze", "shoulders")
        }
        face = replace(face, **parts)
    return replace(performed, postures=picked(postures, kept), face=face)
