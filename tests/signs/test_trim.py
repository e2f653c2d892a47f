"""The sign in a clip of one sign."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from accessify.core.pose import PoseClip
from accessify.core.timeline import Span, millis, seconds
from accessify.evaluation.sign_film import film
from accessify.evaluation.sign_idle import idle
from accessify.evaluation.sign_motion import Manner, perform
from accessify.signs.normalize import normalize
from accessify.signs.trim import trim, within
from tests.signs.performed import shown, signs


def cut(clip: PoseClip, span: Span) -> PoseClip:
    inside = (clip.times >= span.start) & (clip.times < span.end)
    return replace(
        clip, points=clip.points[inside], confidence=clip.confidence[inside], times=clip.times[inside]
    )


def test_rest_and_ways_are_taken_off() -> None:
    errors = []
    for sign in signs():
        performance = perform([sign], Manner(seed=3))
        found = trim(film(performance)).span
        truth = performance.signs[0]
        errors.append(max(abs(found.start - truth.start), abs(found.end - truth.end)))
    assert np.median(errors) <= millis(100)


def test_a_whole_clip_has_no_warning() -> None:
    assert not any(trim(shown(sign)).notes for sign in signs()[:4])


@pytest.mark.parametrize("end", ["start", "end"])
def test_a_clip_that_is_cut_inside_the_sign_says_so(end: str) -> None:
    sign = next(sign for sign in signs() if sign.length > 0.6)
    performance = perform([sign], Manner(seed=3))
    clip = film(performance)
    middle = (performance.signs[0].start + performance.signs[0].end) // 2
    span = Span(middle, int(clip.times[-1])) if end == "start" else Span(0, middle)
    notes = trim(cut(clip, span)).notes
    assert [note.kind for note in notes] == ["cut"]
    assert ("begins" if end == "start" else "ends") in notes[0].text


def test_of_two_stretches_the_longer_is_taken() -> None:
    long = max(signs(), key=lambda sign: sign.length)
    short = min(signs(), key=lambda sign: sign.length)
    performance = perform([short, long], Manner(between=1.5, seed=1))
    found = trim(film(performance))
    assert [note.kind for note in found.notes] == ["several"]
    assert found.span.overlaps(performance.signs[1])


def test_a_clip_without_signing_is_taken_whole_and_says_so() -> None:
    clip = film(idle("hanging", 1.0))
    found = trim(clip)
    assert found.span == clip.span
    assert [note.kind for note in found.notes] == ["whole"]


def test_within_keeps_pictures_inside_and_who_leads() -> None:
    clip = replace(normalize(shown(signs()[0])), mirrored=True)
    part = within(clip, Span(seconds(0.5), seconds(1)))
    assert len(part) == 15
    assert part.mirrored
    assert (part.times >= seconds(0.5)).all()
    assert (part.times < seconds(1)).all()
