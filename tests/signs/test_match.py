"""Which enrolled sign a clip shows, and when none: several references, thresholds, confidences, order."""

from __future__ import annotations

import numpy as np
import pytest

from accessify.core.errors import OptionError
from accessify.signs.encoding import SignCodes, distances
from accessify.signs.match import MEAN, NEAR, Enrolled, Matcher, MatchOptions, by_sign, probabilities
from tests.signs.sign_codes import again, some_codes, some_cohort

COHORT = some_cohort()


def enrolled(count: int, seed: int = 0) -> tuple[list[Enrolled], SignCodes]:
    codes = some_codes(count, seed)
    return [Enrolled(f"sign {row}", codes[row : row + 1], f"S{row}") for row in range(count)], codes


def test_enrolled_signs_are_found_and_others_are_not() -> None:
    book, codes = enrolled(8)
    matcher = Matcher(book, COHORT)
    for row in range(8):
        found = matcher.match(again(codes, seed=row)[row : row + 1])
        assert found.known
        assert (found.candidates[0].name, found.candidates[0].gloss) == (f"sign {row}", f"S{row}")
        assert found.candidates[0].confidence > 0.5
    strangers = some_codes(30, seed=50)
    known = [matcher.match(strangers[row : row + 1]).known for row in range(30)]
    assert np.mean(known) < 0.35


def test_candidates_come_in_order_with_confidences_that_leave_room_for_none() -> None:
    book, codes = enrolled(8)
    for options, count in ((MatchOptions(), 5), (MatchOptions(candidates=20), 8)):
        found = Matcher(book, COHORT, options).match(codes[3:4])
        assert len(found.candidates) == count
        apart = [one.distance for one in found.candidates]
        sure = [one.confidence for one in found.candidates]
        assert apart == sorted(apart)
        assert sure == sorted(sure, reverse=True)
        assert 0 < sum(sure) < 1
    matcher = Matcher(book, COHORT)
    none = probabilities(matcher.distances(codes[3:4]), matcher.reached_by(1), COHORT.spread)
    assert none.sum() == pytest.approx(1)
    assert len(none) == 9


def test_at_the_threshold_an_answer_is_as_likely_as_none() -> None:
    sure = probabilities(np.array([2.0, 5.0], np.float32), 2.0, 0.5)
    assert sure[0] == pytest.approx(sure[2])
    assert sure[0] / sure[1] == pytest.approx(np.exp(3 / 0.5), rel=1e-4)


def test_several_references_count_nearest_and_mean() -> None:
    apart = np.array([[3.0, 1.0, 2.0, 5.0], [0.0, 4.0, 4.0, 1.0]], np.float32)
    found = by_sign(apart, np.array([3, 1]))
    assert found == pytest.approx(np.array([[NEAR * 1 + MEAN * 2, 5], [MEAN * 8 / 3, 1]]))
    book, codes = enrolled(6)
    other = some_codes(6, seed=9)
    both = [
        Enrolled(
            one.name,
            SignCodes(
                np.concatenate([one.references.moments, other.moments[row : row + 1]]),
                np.concatenate([one.references.wholes, other.wholes[row : row + 1]]),
            ),
        )
        for row, one in enumerate(book)
    ]
    matcher = Matcher(both, COHORT)
    for queries in (codes, other):  # whichever way the sign is made, it is found
        names = [
            matcher.match(again(queries)[row : row + 1]).candidates[0].name for row in range(len(queries))
        ]
        assert names == [one.name for one in book]


def test_distances_count_from_what_is_usual() -> None:
    """A reference that everything is near to is not an answer to everything."""
    book, codes = enrolled(2)
    apart = Matcher(book, COHORT).distances(codes[:1])
    plain = distances(codes[:1], codes, COHORT.whole)
    assert (apart < plain).all()
    others = np.sort(distances(codes[:1], COHORT.codes, COHORT.whole))[:10].mean()
    assert plain[0] - apart[0] == pytest.approx(others, abs=1e-3)  # half for the query, half for itself


def test_a_book_without_signs_and_one_with_one() -> None:
    empty = Matcher([], COHORT).match(some_codes(1))
    assert (empty.candidates, empty.known) == ((), False)
    book, codes = enrolled(1)
    matcher = Matcher(book, COHORT)
    assert matcher.match(again(codes)).known
    assert not matcher.match(some_codes(1, seed=77)).known
    assert len(matcher.match(some_codes(1, seed=77)).candidates) == 1


def test_the_threshold_grows_stricter_with_the_book_and_with_the_option() -> None:
    book, _ = enrolled(40)
    sizes = [Matcher(book[:count], COHORT).threshold for count in (1, 10, 40)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[2]
    shares = [Matcher(book, COHORT, MatchOptions(false_signs=share)).threshold for share in (0.5, 0.1, 0.01)]
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize("count", [1, 3, 12, 30])
@pytest.mark.parametrize("share", [0.1, 0.3])
def test_about_as_many_strangers_pass_as_was_asked_for(count: int, share: float) -> None:
    """Whatever the size of the book: 400 strangers, who are asked of three books each."""
    passed = []
    for seed in range(3):
        book, _ = enrolled(count, seed)
        matcher = Matcher(book, COHORT, MatchOptions(false_signs=share))
        strangers = some_codes(400, seed=70 + seed)
        passed += [matcher.match(strangers[row : row + 1]).known for row in range(400)]
    assert share / 3 < np.mean(passed) < 2 * share


def test_options_say_what_they_may_be() -> None:
    for share in (0.0, 1.0, -1.0):
        with pytest.raises(OptionError, match="between 0 and 1"):
            MatchOptions(false_signs=share)
    with pytest.raises(OptionError, match="at least 1"):
        MatchOptions(candidates=0)


def test_how_sure_an_answer_is_does_not_depend_on_how_strict_one_is() -> None:
    book, codes = enrolled(8)
    loose, strict = (Matcher(book, COHORT, MatchOptions(false_signs=share)) for share in (0.3, 1e-6))
    queries = again(codes, noise=0.6)
    for row in range(8):
        one, other = (matcher.match(queries[row : row + 1]) for matcher in (loose, strict))
        assert [candidate.confidence for candidate in one.candidates] == [
            candidate.confidence for candidate in other.candidates
        ]
    assert loose.threshold > strict.threshold
    assert loose.reached_by(10) < loose.reached_by(1)  # one of many questions is nearer by chance
