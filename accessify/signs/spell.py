"""Fingerspelling: letters through time, from what a reader says about the hand of each moment.

Both hands are read on even steps (`steps`). Two things make a letter: a hold of a still letter's shape
(`holds`), and a path drawn by a fingertip (`strokes`: J and Z of the American alphabet). A letter shown twice
is two holds with a movement between, of the fingers or of the whole hand. No dictionary is asked unless a
lexicon is given. A letter is decided at most 0.4 s after it ends; one whose finger goes on moving as if it
drew (an I that may become a J), as soon as it is clear that it does not.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import OptionError
from accessify.core.sign import Letter
from accessify.core.timeline import Span, Track, seconds
from accessify.signs.alphabet import Alphabet
from accessify.signs.clip import DOMINANT, OTHER, SignClip
from accessify.signs.lexicon import correct
from accessify.signs.reader import HandReader
from accessify.signs.spelled_hand import DEFAULT_OPTIONS, HandSpeller, Moment, SpellOptions
from accessify.signs.steps import Stepper, Steps, parts

__all__ = ["SpellOptions", "Speller", "spell"]

BREAK = seconds(1)
"""Where nothing was filmed for this long, spelling begins anew."""
DOMINANT_BONUS = 1.5
"""The other hand spells only where its fingers move this much more than the dominant one's."""


def spell(
    clip: SignClip,
    reader: HandReader,
    alphabet: Alphabet,
    options: SpellOptions = DEFAULT_OPTIONS,
    lexicon: Collection[str] = (),
) -> Track[Letter]:
    """The letters spelled in `clip`, unknown ones among them.

    Words of `lexicon` (names of a cast, say) settle a letter that is unknown where everything else fits one
    of them; a note tells of each. Raises `OptionError` as `Speller` does.
    """
    speller = Speller(reader, alphabet, options)
    letters = Track.of([*speller.push(clip), *speller.finish()])
    return correct(letters, lexicon, options.pause) if lexicon else letters


class Speller:
    """Reads letters from pictures pushed piece by piece."""

    def __init__(
        self, reader: HandReader, alphabet: Alphabet, options: SpellOptions = DEFAULT_OPTIONS
    ) -> None:
        """Raises `OptionError` for a two-handed alphabet, or where the reader knows none of its letters."""
        if alphabet.hands != 1:
            raise OptionError(f"the alphabet {alphabet.name!r} takes two hands; give a one-handed one")
        self._reader, self._share = reader, _shares(reader.letters, alphabet)
        self._stepper = Stepper()
        self._hands = (HandSpeller(alphabet, options), HandSpeller(alphabet, options))
        self._last: int | None = None  # tick of the last picture
        self._told: int | None = None  # end of the last letter

    def push(self, clip: SignClip) -> list[Letter]:
        """Letters that are certain now, in order of time; pictures must follow those before."""
        found: list[Letter] = []
        for part in parts(clip, BREAK):
            if self._last is not None and int(part.times[0]) - self._last > BREAK:
                found += self.finish()
            found += self._read(self._stepper.push(part))
            self._last = int(part.times[-1])
        return found

    def finish(self) -> list[Letter]:
        """Letters that were open at the end of the pictures; what is pushed next begins anew."""
        found = self._read(self._stepper.finish())
        liveliness = [hand.liveliness for hand in self._hands]
        found += self._choose([hand.finish() for hand in self._hands], liveliness)
        self._last = None
        return found

    def _read(self, steps: Steps) -> list[Letter]:
        chances = [self._chances(steps.hands[:, side]) for side in (DOMINANT, OTHER)]
        hands, places, wrists = (
            values.astype(np.float64) for values in (steps.hands, steps.places, steps.wrists)
        )
        found: list[Letter] = []
        for n, tick in enumerate(steps.times.tolist()):
            told = [
                hand.push(Moment(tick, chances[side][n], hands[n, side], places[n, side], wrists[n, side]))
                for side, hand in enumerate(self._hands)
            ]
            found += self._choose(told, [hand.liveliness for hand in self._hands])
        return found

    def _chances(self, hands: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probabilities [n, still letters] of one hand; NaN where it is missing."""
        found = np.full((len(hands), self._share.shape[1]), np.nan)
        seen = np.isfinite(hands).all(axis=(1, 2))
        if seen.any():
            said = self._reader(hands[seen]).log_probabilities.astype(np.float64)
            chances = np.exp(np.minimum(said, 0)) @ self._share
            total = chances.sum(axis=1, keepdims=True)
            even = np.full_like(chances, 1 / chances.shape[1])  # the reader named no letter of the alphabet
            found[seen] = np.divide(chances, total, out=even, where=np.isfinite(total) & (total > 0))
        return found

    def _choose(self, told: list[list[Letter]], liveliness: list[float]) -> list[Letter]:
        """The letters of the hand that spells: the livelier one."""
        other = liveliness[OTHER] > DOMINANT_BONUS * liveliness[DOMINANT]
        side = OTHER if other else DOMINANT
        found: list[Letter] = []
        for letter in told[side]:
            start = letter.span.start if self._told is None else max(letter.span.start, self._told)
            if 2 * (letter.span.end - start) < letter.span.duration:
                continue  # the other hand's while this one's was told, or what a stroke has told already
            found.append(replace(letter, span=Span(start, letter.span.end)))
            self._told = letter.span.end
        return found


def _shares(letters: tuple[str, ...], alphabet: Alphabet) -> NDArray[np.float64]:
    """Matrix [reader's letters, still letters]: a moving letter counts as the shape that it has."""
    shape = {letter.name: letter.shape or letter.name for letter in alphabet.letters}
    still = alphabet.still
    share = np.array([[float(shape.get(name) == to) for to in still] for name in letters])
    if not share.any():
        raise OptionError(
            f"the reader knows no letter of the alphabet {alphabet.name!r}; it knows: {', '.join(letters)}"
        )
    return share.reshape(len(letters), len(still))
