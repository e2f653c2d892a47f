"""Non-manual tags of SiGML."""

import numpy as np

from accessify.core.expressions import EXPRESSIONS
from accessify.core.timeline import Span, seconds
from accessify.motion.face import drawn
from accessify.motion.nonmanual_tags import TIERS, tag_signals
from tests.motion.postures import RATE

SPAN = Span(seconds(0.4), seconds(2))


def test_every_code_does_something_that_the_figure_can_or_means_nothing() -> None:
    nothing = {"hnm_body ST", "hnm_eyegaze AD"}  # straight, and to the addressee, where it looks anyway
    for element, codes in TIERS.items():
        for code in codes:
            signals, unknown = tag_signals([(element, code)], SPAN)
            face = drawn(signals, 60, RATE)
            moved = max(
                np.abs(getattr(face, name)).max()
                for name in ("expressions", "head", "trunk", "gaze", "shoulders")
            )
            assert not unknown
            assert (moved > 0.2) != (f"{element} {code}" in nothing), (element, code)


def test_mirrored_codes_mirror() -> None:
    for element, left, right, name, column in (
        ("hnm_head", "SL", "SR", "head", 1),
        ("hnm_head", "TL", "TR", "head", 2),
        ("hnm_body", "RL", "RR", "trunk", 1),
        ("hnm_eyegaze", "LE", "RI", "gaze", 0),
    ):
        one, other = (
            getattr(drawn(tag_signals([(element, code)], SPAN)[0], 60, RATE), name) for code in (left, right)
        )
        np.testing.assert_allclose(one[:, column], -other[:, column])
        assert one[30, column] > 3


def test_lids_of_one_side() -> None:
    face = drawn(tag_signals([("hnm_eyelids", "cl")], SPAN)[0], 60, RATE)
    assert face.expressions[30, EXPRESSIONS.index("eyeBlinkLeft")] == 1
    assert face.expressions[30, EXPRESSIONS.index("eyeBlinkRight")] == 0


def test_what_is_not_known_is_told_and_words_are_mouthed() -> None:
    signals, unknown = tag_signals(
        [
            ("hnm_mouthgesture", "T08"),
            ("hnm_mouthpicture", "mama"),
            ("hnm_ears", "X"),
            ("hnm_mouthpicture", "?"),
        ],
        SPAN,
    )
    assert unknown == ("hnm_mouthgesture T08", "hnm_ears X", "hnm_mouthpicture ?")
    assert len(signals) == 4
