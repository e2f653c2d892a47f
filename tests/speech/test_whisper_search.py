from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.speech.whisper_search import Found, Single, start_of

END = 5


def logits(*rows: list[float]) -> list[NDArray[np.float32]]:
    return [np.array([row], np.float32) for row in rows]


def softmax(row: list[float]) -> NDArray[np.float64]:
    shares = np.exp(np.array(row, np.float64))
    return shares / shares.sum()


def test_the_likeliest_token_is_taken_until_the_end() -> None:
    rows = [[0, 1, 4, 1, 0, 3.5], [2, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 3]]
    search = Single(END)
    for row in logits(*rows):
        assert not search.done
        search.advance(row)
    assert search.done
    chances = [softmax(row).max() for row in rows]
    found = search.found()
    assert found.tokens == (2, 0)
    assert found.chances == pytest.approx(chances[:2], rel=1e-6)
    assert found.total == pytest.approx(np.log(chances).sum(), rel=1e-6)
    assert found.mean == pytest.approx(found.total / 3)
    assert start_of(search.texts, END) == [0]


def test_before_the_first_token_the_end_stands_in() -> None:
    assert start_of([[]], END) == [END]
    assert Single(END).found() == Found((), 0.0, ())


def test_lots_are_drawn_by_their_chances_and_never_forbidden() -> None:
    row = [0.0, -np.inf, 1.0, -np.inf, 0.5, -np.inf]
    for temperature in (0.5, 1.0):
        drawn = []
        for seed in range(2000):
            search = Single(END, temperature, seed)
            search.advance(np.array([row], np.float32))
            drawn.append(search.texts[0][0])
        shares = np.bincount(drawn, minlength=6) / len(drawn)
        assert shares == pytest.approx(softmax([value / temperature for value in row]), abs=0.03)
        assert shares[[1, 3, 5]].sum() == 0


def test_the_same_seed_draws_the_same_and_chances_are_those_of_temperature_zero() -> None:
    source = np.random.default_rng(0)
    rows = source.normal(0, 1, (9, 1, 50)).astype(np.float32)
    one, other = Single(99, 0.8, 7), Single(99, 0.8, 7)
    for row in rows:
        one.advance(row.copy())
        other.advance(row.copy())
    assert one.found() == other.found()
    expected = [softmax(list(row[0]))[token] for row, token in zip(rows, one.texts[0], strict=True)]
    assert one.found().chances == pytest.approx(expected, rel=1e-5)
    assert one.found().total == pytest.approx(np.log(expected).sum(), rel=1e-5)
