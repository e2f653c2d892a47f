"""Signing in films and while it is filmed: landmarks, and the signs and letters they show, in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from accessify.core.pose import PoseClip, PoseFrame, Skeleton
from accessify.core.progress import OnProgress
from accessify.core.sign import Letter, Sign
from accessify.core.timeline import Track
from accessify.media.frames import FrameReader
from accessify.pipelines.recognizing import RecognizeOptions, enrolled_signs, live_spotter, signs_in
from accessify.pipelines.signing import SigningOptions, signing, signing_live, unseen
from accessify.pipelines.spelling import LiveSpeller, SpellingOptions, letter_reader, letters_in
from accessify.signs.book import SignBook
from accessify.signs.spot import SignSpotter
from accessify.signs.vocabulary import Vocabulary
from accessify.signs.within_signs import LiveWithinSigns, within_signs


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """What is read from signing while it is filmed."""

    book: SignBook | None = None
    """Signs that are looked for; none where it is None or empty."""
    alphabet: str | None = "ase"
    """The manual alphabet that is read, or None."""
    false_signs: float = 0.1
    """As in `RecognizeOptions`."""
    signing: SigningOptions = field(default_factory=SigningOptions)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One picture: where the signer's points are, and what is certain with it."""

    pose: PoseFrame
    skeleton: Skeleton
    signs: tuple[Sign, ...] = ()
    """Each once, soon after its end; unknown ones among them."""
    letters: tuple[Letter, ...] = ()
    """Each once, soon after its end; unknown ones among them."""
    within: tuple[Letter, ...] = ()
    """Letters, told now or before, that lie within signs found so far: the hand only passed through them."""


@dataclass(frozen=True, slots=True, eq=False)
class SigningRead:
    """What was read in a film."""

    clip: PoseClip
    """The signer's points."""
    signs: Track[Sign]
    """Unknown ones among them; with notes of what could not be seen."""
    letters: Track[Letter]
    """Unknown ones among them."""
    within: tuple[Letter, ...] = ()
    """Those of `letters` that lie within signs that were found: the hand only passed through them."""

    @property
    def spelled(self) -> Track[Letter]:
        """The other letters."""
        return Track.of(one for one in self.letters if one not in self.within)


def read_signing(
    source: str | Path, options: WatchOptions = WatchOptions(), *, on_progress: OnProgress | None = None
) -> SigningRead:
    """The signs and letters in the film or landmark file at `source`; its landmarks are looked for once.

    Raises as `recognize` and `spell` do.
    """
    known = _known(options)
    if options.alphabet is not None:
        letter_reader(options.alphabet)  # what cannot be read fails here, not after minutes
    clip = signing(source, options.signing, on_progress=on_progress)
    notes = (*clip.notes, *unseen(clip, source))
    signs: Track[Sign] = signs_in(clip, known, options.signing) if known else Track.of(())
    letters: Track[Letter] = Track.of(())
    if options.alphabet is not None:
        letters = letters_in(clip, SpellingOptions(options.alphabet, signing=options.signing))
    return SigningRead(clip, signs.with_notes(notes), letters, within_signs(letters, signs))


def _known(options: WatchOptions) -> Vocabulary | None:
    """The signs that are looked for; None where there are none."""
    if options.book is None or not len(options.book):
        return None
    return enrolled_signs(RecognizeOptions(options.book, options.false_signs))


def watch_signing(
    source: str | Path | FrameReader,
    options: WatchOptions | Callable[[], WatchOptions] = WatchOptions(),
    *,
    on_progress: OnProgress | None = None,
) -> Iterator[Seen]:
    """Every picture with its points, signs and letters, before the next picture is taken; meant for cameras.

    Landmarks are looked for once, for signs and letters alike. `options` may be a function that is asked
    before each picture: what it gives anew is read anew from there on, while the landmarks go on (how they
    are looked for stays as it was at first). `on_progress` is told of models that are fetched. Ends when the
    source does, with the last picture again where something was open, or with `close()`; opens nothing
    before the first picture is asked for, and then raises as `landmarks`, `recognize` and `spell` do.
    """
    asked = options if callable(options) else lambda: options
    now = asked()
    with signing_live(source, now.signing, on_progress=on_progress) as live:
        reader = SigningReader(live.skeleton, now, mirrored=live.mirrored_by(now.signing))
        last: Seen | None = None
        for pose in live.poses:
            if (wanted := asked()) is not now:
                now = wanted
                reader = SigningReader(live.skeleton, now, mirrored=live.mirrored_by(now.signing))
            last = reader.push(pose)
            yield last
        if last is not None and (left := reader.finish(last.pose)):
            yield left


class SigningReader:
    """Reads signs and letters from the same poses."""

    def __init__(self, skeleton: Skeleton, options: WatchOptions, *, mirrored: bool = False) -> None:
        """Raises as `enrolled_signs` and `letter_reader` do."""
        self._skeleton = skeleton
        self._spotter: SignSpotter | None = None
        self._speller: LiveSpeller | None = None
        self._within = LiveWithinSigns()
        if known := _known(options):
            self._spotter = live_spotter(skeleton, known, options.signing, mirrored=mirrored)
        if options.alphabet is not None:
            spelling = SpellingOptions(options.alphabet, signing=options.signing)
            self._speller = LiveSpeller(skeleton, spelling, mirrored=mirrored)

    def push(self, pose: PoseFrame) -> Seen:
        """The next picture with what is certain now."""
        signs = self._spotter.push(pose) if self._spotter else ()
        letters = self._speller.push(pose) if self._speller else ()
        return self._seen(pose, signs, letters)

    def finish(self, pose: PoseFrame) -> Seen | None:
        """What was open at the end of the pictures, told with the last of them; None where nothing was."""
        signs = self._spotter.finish() if self._spotter else ()
        letters = self._speller.finish() if self._speller else ()
        return self._seen(pose, signs, letters) if signs or letters else None

    def _seen(self, pose: PoseFrame, signs: Sequence[Sign], letters: Sequence[Letter]) -> Seen:
        within = self._within.push(letters, signs) if signs or letters else ()
        return Seen(pose, self._skeleton, tuple(signs), tuple(letters), within)
