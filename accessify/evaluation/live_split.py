"""One sound file with its text as clips: cut where a pause lies between words that were surely heard.

Forced alignment is made for short stretches. accessify's own captions of the file say which words lie
around a pause; only where those on both sides are the reference's own words is it cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from accessify.core.audio import Audio
from accessify.core.errors import OptionError
from accessify.core.text import Word
from accessify.core.timeline import Span, millis, seconds
from accessify.evaluation.dataset import SPEECH_EN, Clip
from accessify.evaluation.live_material import LiveMaterial, aligned
from accessify.evaluation.matching import align
from accessify.evaluation.recording import Recording, load_clip
from accessify.evaluation.spoken import plain_heard, plain_words
from accessify.pipelines.caption import caption_film

SHORT = seconds(20)
"""A file up to this length is one clip."""
_LEAST = seconds(4)
"""Shortest clip that is cut off."""
_PAUSE = millis(250)
"""Shortest pause that is cut in."""


def file_material(path: Path, text: Path, cache: Path | None = None) -> LiveMaterial:
    """The sound file `path`, in which the words of the text file `text` are said.

    Raises `MediaError` for a file without sound and `OptionError` for a text without words.
    """
    try:
        said = " ".join(text.read_text("utf-8-sig").split())
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(f"{text}: no text could be read ({error}); give what is said as UTF-8") from error
    if not plain_words(said):
        raise OptionError(f"{text}: it holds no words; give what is said in {path.name}")
    clip = Clip(path, path.name, SPEECH_EN, said)
    sound = load_clip(clip)
    words = caption_film(path).document.words.events if sound.span.duration > SHORT else ()
    return aligned(split(clip, sound, words), cache)


def split(clip: Clip, sound: Audio, heard: Sequence[Word]) -> Recording:
    """`clip` as a recording of shorter ones, cut in pauses of `heard`."""
    written = clip.text.split()
    cuts = [(0, sound.span.start)]
    for behind, at in _pauses(written, heard):
        if at - cuts[-1][1] >= _LEAST:
            cuts.append((behind, at))
    cuts.append((len(written), sound.span.end))
    clips: list[Clip] = []
    spans: list[Span] = []
    for number, ((first, start), (last, end)) in enumerate(pairwise(cuts)):
        text = " ".join(written[first:last])
        clips.append(Clip(clip.path, f"{clip.name}#{number}", clip.kind, text, clip.corpus))
        spans.append(Span(start, end))
    return Recording(sound, tuple(clips), tuple(spans))


def _pauses(written: Sequence[str], heard: Sequence[Word]) -> list[tuple[int, int]]:
    """Where it may be cut: number of the written word behind the pause, tick in its middle."""
    spoken = [(part, number) for number, word in enumerate(written) for part in plain_words(word)]
    words = plain_heard(heard)
    pairs = align([part for part, _ in spoken], [part for part, _, _ in words])
    found: list[tuple[int, int]] = []
    for one, two in pairwise(pairs):
        if not (one.equal and two.equal):
            continue
        assert one.reference is not None and two.reference is not None  # noqa: S101, PT018 - for the
        assert one.hypothesis is not None and two.hypothesis is not None  # noqa: S101, PT018 - type checker
        before, after = words[one.hypothesis][1], words[two.hypothesis][1]
        first, second = spoken[one.reference][1], spoken[two.reference][1]
        if second > first and after.span.start - before.span.end >= _PAUSE:
            found.append((second, (before.span.end + after.span.start) // 2))
    return found
