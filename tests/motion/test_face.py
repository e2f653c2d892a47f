"""Signals of the face, drawn and put on a motion."""

from fractions import Fraction

import numpy as np
import pytest

from accessify.core.expressions import EXPRESSIONS
from accessify.core.humanoid import BONES, Rig
from accessify.core.motion import Motion, placed_bones
from accessify.core.rotation import rotate
from accessify.core.timeline import Rate, Span, seconds
from accessify.motion.face import Shape, Signal, drawn, with_face
from accessify.motion.grammar import Mood, Sentence, blinks, sentence_signals

RATE = Rate(Fraction(50))
SPAN = Span(seconds(1), seconds(3))


def expression(face: object, name: str) -> np.ndarray:
    return face.expressions[:, EXPRESSIONS.index(name)]


def test_a_signal_is_whole_over_its_span_and_gone_outside() -> None:
    face = drawn([Signal(SPAN, Shape((("jawOpen", 0.8),), (10, 0, 0)))], 250, RATE)
    jaw = expression(face, "jawOpen")
    assert jaw[50:150] == pytest.approx(0.8)
    assert jaw[[40, 160]] == pytest.approx(0, abs=1e-6)
    assert np.abs(np.diff(jaw)).max() < 0.25
    assert face.head[100].tolist() == pytest.approx([10, 0, 0])


def test_the_stronger_expression_shows_and_turns_add_up() -> None:
    signals = [Signal(SPAN, Shape((("jawOpen", a),), (a, 0, 0))) for a in (0.3, 0.7)]
    face = drawn(signals, 200, RATE)
    assert expression(face, "jawOpen")[100] == pytest.approx(0.7)
    assert face.head[100, 0] == pytest.approx(1.0)


def test_a_denied_sentence_shakes_the_head_and_a_question_raises_brows() -> None:
    denied = drawn(sentence_signals([Sentence(SPAN, negated=(SPAN,))]), 200, RATE)
    yaw = denied.head[50:150, 1]
    assert (np.diff(np.sign(yaw[np.abs(yaw) > 1])) != 0).sum() >= 4
    polar = drawn(sentence_signals([Sentence(SPAN, Mood.POLAR)]), 200, RATE)
    content = drawn(sentence_signals([Sentence(SPAN, Mood.CONTENT)]), 200, RATE)
    assert expression(polar, "browInnerUp")[100] > 0.8 > expression(polar, "browDownLeft")[100]
    assert expression(content, "browDownLeft")[100] > 0.8 > expression(content, "browInnerUp")[100]


def test_blinks_come_at_ends_and_not_at_once_again() -> None:
    signals = blinks(Span(0, seconds(60)), [seconds(20), seconds(20.2), seconds(40)])
    starts = [signal.span.start for signal in signals]
    assert seconds(20) in starts
    assert seconds(40) in starts
    assert seconds(20.2) not in starts
    gaps = np.diff(starts) / seconds(1)
    assert gaps.min() > 0.4
    assert gaps.max() < 6
    assert signals == blinks(Span(0, seconds(60)), [seconds(20), seconds(20.2), seconds(40)])
    eye = expression(drawn(signals, 3000, RATE), "eyeBlinkLeft")
    assert eye.max() > 0.95
    assert (eye < 0.05).mean() > 0.9


def test_turns_have_the_signs_that_the_module_says() -> None:
    heads = np.zeros((len(BONES), 3))
    heads[:, 1] = np.arange(len(BONES))
    rig = Rig(BONES, heads, heads + 0.1)
    shape = {"pitch": (20, 0, 0), "yaw": (0, 20, 0), "roll": (0, 0, 20)}
    seen = {}
    for name, head in shape.items():
        face = drawn([Signal(SPAN, Shape((), head))], 200, RATE)
        motion = with_face(Motion.at_rest(rig, 200, RATE), face)
        seen[name] = placed_bones(rig, motion.rotations)[1][100, rig.index("head")]
    assert rotate(seen["pitch"], [0, 0, 1])[1] == pytest.approx(-np.sin(np.radians(20)), abs=1e-3)
    assert rotate(seen["yaw"], [0, 0, 1])[0] == pytest.approx(np.sin(np.radians(20)), abs=1e-3)
    assert rotate(seen["roll"], [0, 1, 0])[0] == pytest.approx(np.sin(np.radians(20)), abs=1e-3)
    looks = with_face(Motion.at_rest(rig, 200, RATE), drawn([Signal(SPAN, Shape(gaze=(15, 10)))], 200, RATE))
    ahead = rotate(looks.rotations[100, rig.index("leftEye")], [0, 0, 1])
    assert ahead[0] > 0.2
    assert ahead[1] > 0.15
    shrug = with_face(
        Motion.at_rest(rig, 200, RATE), drawn([Signal(SPAN, Shape(shoulders=(10, 10)))], 200, RATE)
    )
    assert rotate(shrug.rotations[100, rig.index("leftShoulder")], [1, 0, 0])[1] > 0.1
    assert rotate(shrug.rotations[100, rig.index("rightShoulder")], [-1, 0, 0])[1] > 0.1
    with pytest.raises(ValueError, match="200 pictures"):
        with_face(Motion.at_rest(rig, 3, RATE), face)
