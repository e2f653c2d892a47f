"""Which signs look alike, on pairs that differ in exactly one thing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accessify.evaluation.sign_film import film
from accessify.evaluation.sign_motion import InventedSign, Key, Manner, Place, Shape, perform
from accessify.pipelines.signing import sign_encoder
from accessify.signs.book import SignBook
from accessify.signs.confusion import Aspect, confusions, differences, measure
from accessify.signs.encoding import warping_path
from accessify.signs.normalize import normalize
from accessify.signs.samples import Samples, sample
from accessify.signs.vocabulary import vocabulary
from tests.signs.performed import ENROLLING, book_of, reference_of

SHAPE: Shape = (1.0, 0.0, 0.0, 1.0, 1.0)
HERE: Place = (0.2, 0.0, -0.5)
THERE: Place = (0.2, 0.45, -0.5)


def sign(name: str, start: Place = HERE, end: Place = THERE, *, turn: float = 0.0) -> InventedSign:
    keys = (Key(0.0, start, SHAPE, turn), Key(0.45, end, SHAPE, turn))
    return InventedSign(name, keys)


def reshaped(name: str) -> InventedSign:
    """With the ring finger stretched."""
    plain = sign(name)
    return replace(plain, keys=tuple(replace(key, shape=(1.0, 0.0, 0.0, 0.0, 1.0)) for key in plain.keys))


def moved(name: str) -> InventedSign:
    """Just as far, around the same place, but the other way."""
    return sign(name, THERE, HERE)


def shifted(name: str) -> InventedSign:
    across = [(x - 0.35, y, z) for x, y, z in (HERE, THERE)]
    return sign(name, across[0], across[1])


PLAIN = sign("plain")
PAIRS = {
    Aspect.SHAPE: reshaped("other"),
    Aspect.PALM: sign("other", turn=0.9),
    Aspect.PLACE: shifted("other"),
    Aspect.MOVEMENT: moved("other"),
    Aspect.OTHER_HAND: replace(PLAIN, name="other", both=True),
}


def samples_of(one: InventedSign, seed: int = 3) -> Samples:
    performance = perform([one], Manner(seed=seed))
    return sample(normalize(film(performance, replace(ENROLLING, jitter=0.004))), performance.signs[0])


@pytest.mark.parametrize("aspect", PAIRS)
def test_a_pair_that_differs_in_one_thing_differs_most_in_that(aspect: Aspect) -> None:
    one, other = samples_of(PLAIN), samples_of(PAIRS[aspect], 4)
    encoder, _ = sign_encoder()
    path = warping_path(encoder(one).moments[0], encoder(other).moments[0])
    found = differences(measure(one, other, path))
    assert found[0].aspect == aspect
    assert found[0].times >= 2
    if aspect is Aspect.SHAPE:
        assert found[0].where == "ring finger"
        assert "ring finger" in found[0].text
        assert found[0].text.startswith("hand shape by ")


def test_the_same_sign_again_differs_in_nothing() -> None:
    one, other = samples_of(PLAIN), samples_of(PLAIN, 4)
    found = differences(measure(one, other, [(row, row) for row in range(32)]))
    assert all(difference.times < 2 for difference in found)


def test_a_place_is_told_in_shoulder_widths() -> None:
    one, other = samples_of(PLAIN), samples_of(shifted("other"))
    amount, _ = measure(one, other, [(row, row) for row in range(32)])[Aspect.PLACE]
    assert amount == pytest.approx(0.35, abs=0.1)


def test_signs_that_look_alike_are_told_of_and_others_are_not() -> None:
    twin = replace(PLAIN, name="twin")
    book = book_of([PLAIN])
    clip = film(perform([twin], Manner(seed=8)), ENROLLING)
    book = book.with_reference("twin", reference_of(clip, "twin.pose"))
    far = InventedSign("far", (Key(0, (0.5, -0.6, -0.4)), Key(0.9, (0.5, -0.6, -0.4))), (0.2, 0.2), both=True)
    book = book.with_reference(
        "far", reference_of(film(perform([far], Manner(seed=8)), ENROLLING), "far.pose")
    )
    known = vocabulary(book, *sign_encoder())
    found = confusions(book, known)
    assert ("plain", "twin") in [pair.names for pair in found]
    closest = found[0]
    assert closest.names == ("plain", "twin")
    assert closest.distance <= closest.threshold == known.matcher.threshold
    assert not closest.plain


def test_with_several_clips_what_differs_between_them_counts() -> None:
    """A signer who never makes the sign at one place: then place tells it from no other sign."""
    book = SignBook()
    for number, side in enumerate((-0.3, 0.0, 0.3)):
        keys = [(x + side, y, z) for x, y, z in (HERE, THERE)]
        clip = film(perform([sign("plain", keys[0], keys[1])], Manner(seed=number)), ENROLLING)
        book = book.with_reference("plain", reference_of(clip, f"{number}.pose"))
    clip = film(perform([shifted("other")], Manner(seed=9)), ENROLLING)
    book = book.with_reference("other", reference_of(clip, "other.pose"))
    found = confusions(book, vocabulary(book, *sign_encoder()))
    assert [pair.names for pair in found] == [("other", "plain")]
    assert Aspect.PLACE not in [one.aspect for one in found[0].plain]


def test_an_empty_book_has_none() -> None:
    nothing = SignBook()
    assert confusions(nothing, vocabulary(nothing, *sign_encoder())) == ()
