"""The words bench: what it measures is what `Matcher` answers, and references are never the query's own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from accessify.cli import program
from accessify.core.errors import FormatError, OptionError
from accessify.delivery.word_sets import read_words
from accessify.engines.signs import OnnxSignEncoder, read_cohort
from accessify.evaluation.word_bench import WordBenchOptions, bench_words
from accessify.evaluation.word_books import BookDraws
from accessify.evaluation.word_distances import WordDistances, word_codes, word_distances
from accessify.evaluation.word_score import Draws, ask, calibration_error, score_words
from accessify.hub.shipped import SIGN_COHORT, SIGNS, shipped_model
from accessify.signs.match import Enrolled, Matcher, MatchOptions
from tests.evaluation.word_files import write_words
from tests.signs.sign_codes import some_cohort

WORDS = Path(__file__).parents[3] / "shared" / "data" / "sign" / "words_asl25.npz"


def invented(between: np.ndarray, words: list[str], takes: list[int]) -> WordDistances:
    """Clips with these distances, and strangers that are all 1 away."""
    strangers = np.ones((10, len(words)), np.float32)
    cohort = replace(some_cohort(10), stranger=1.0, stranger_sd=0.2)
    return WordDistances(np.array(words), np.array(takes), between.astype(np.float32), strangers, cohort)


@pytest.mark.parametrize("references", [1, 3])
def test_the_bench_answers_as_the_matcher_does(tmp_path: Path, references: int) -> None:
    path = WORDS if WORDS.is_file() else write_words(tmp_path / "words.npz")
    clips = read_words(path).clips[:60]
    encoder, cohort = OnnxSignEncoder(shipped_model(SIGNS)), read_cohort(shipped_model(SIGN_COHORT))
    found = word_distances(clips, encoder, cohort)
    codes, kept = word_codes(clips, encoder)
    rng = np.random.default_rng(5)
    books = BookDraws(found.words, found.takes, references, rng)
    for query in rng.choice(len(kept), 6, replace=False):
        book = books.draw(int(query), books.words[:4])
        ends = np.cumsum(book.counts)
        enrolled = [
            Enrolled(word, codes[book.references[end - count : end]])
            for word, count, end in zip(book.words, book.counts, ends, strict=True)
        ]
        options = MatchOptions(false_signs=0.2)
        match = Matcher(enrolled, cohort, options).match(codes[np.array([query])])
        asked = ask(found, int(query), book, rng, options)
        assert asked.known == match.known
        assert asked.nearest == pytest.approx(match.candidates[0].distance, abs=1e-5)
        assert asked.confidence == pytest.approx(match.candidates[0].confidence, abs=1e-4)
        names = [candidate.name for candidate in match.candidates]
        word = str(found.words[query])
        assert asked.rank == (names.index(word) if word in names else None)


def test_references_are_of_other_takes_and_of_as_many_as_there_are() -> None:
    words = np.array(["go"] * 6 + ["book"] * 2)
    takes = np.array([1, 1, 2, 2, 3, 4, 5, 5])
    draws = BookDraws(words, takes, 3, np.random.default_rng(0))
    chosen = set()
    for _ in range(50):
        book = draws.draw(0, draws.words)
        assert book.words == ("book", "go")
        assert book.counts.tolist() == [2, 3]
        assert set(takes[book.references[:2]]) == {5}
        assert sorted(takes[book.references[2:]]) == [2, 3, 4]
        chosen.update(book.references.tolist())
    assert chosen == {2, 3, 4, 5, 6, 7}  # each that may be is drawn in the end
    assert draws.draw(6, draws.words).words == ("go",)
    assert len(set(draws.some(2))) == 2


def test_ties_are_broken_at_random() -> None:
    """All distances are equal, so one answer in four is right by chance."""
    words = [word for word in "abcd" for _ in range(10)]
    found = invented(np.zeros((40, 40)), words, list(range(40)))
    values = score_words(found, Draws(draws=30))
    assert values["top1"].mean() == pytest.approx(0.25, abs=0.05)
    assert values["top5"].tolist() == [1.0] * 30
    assert values["answered_50"].mean() < 0.05  # all are as sure, and the wrong ones count first


def test_perfect_distances_are_perfect_figures() -> None:
    words = [word for word in "abcdef" for _ in range(4)]
    apart = np.array([[0.0 if one == other else 2.0 for other in words] for one in words])
    values = score_words(invented(apart, words, list(range(24))), Draws(references=3, draws=4))
    for name in ("top1", "top5", "answered_50", "right_accepted", "right_told"):
        assert values[name].tolist() == [1.0] * 4, name
    for name in ("equal_error_rate", "false_accepts", "false_rejects"):
        assert values[name].tolist() == [0.0] * 4, name


def test_queries_that_cannot_be_asked_are_wrong() -> None:
    words = [*"aabbccd"]
    apart = np.array([[0.0 if one == other else 2.0 for other in words] for one in words])
    found = invented(apart, words, [0, 1, 2, 3, 4, 5, 6])
    assert score_words(found, Draws(draws=2))["top1"].tolist() == pytest.approx([6 / 7] * 2)
    unseen = WordDistances(found.words, found.takes, found.between, found.strangers, found.cohort, 2)
    assert score_words(unseen, Draws(draws=2))["top1"].tolist() == pytest.approx([6 / 9] * 2)


def test_calibration_error() -> None:
    right = np.array([True, False, True, True])
    assert calibration_error(right, np.array([1.0, 0.0, 1.0, 1.0])) == 0
    # 0.5 sure and half right; 0.95 sure and all right
    assert calibration_error(right, np.array([0.5, 0.5, 0.95, 0.95])) == pytest.approx(0.025)


def test_a_seed_gives_the_same_and_another_gives_others(tmp_path: Path) -> None:
    path = write_words(tmp_path / "words.npz")
    figures = [bench_words(path, WordBenchOptions(draws=3, seed=seed)) for seed in (0, 0, 1)]
    for one in figures:
        del one["date"]
    assert figures[0] == figures[1]
    assert figures[0] != figures[2]


def test_what_people_type(tmp_path: Path) -> None:
    path = write_words(tmp_path / "words.npz")
    target = tmp_path / "out" / "figures.json"
    done = CliRunner().invoke(
        program, ["bench", "words", str(path), "--draws", "3", "--json", "-o", str(target)]
    )
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told == json.loads(target.read_text("utf-8"))
    assert 1 / 5 < told["top1"] <= told["top5"] == 1  # chance is a fifth
    assert set(told["sd"]) >= {"top1", "top5", "equal_error_rate", "answered_50", "calibration_error"}
    assert {name: told["data"][name] for name in ("clips", "words", "takes", "too_short", "no_hand")} == {
        "clips": 25,
        "words": 5,
        "takes": 20,
        "too_short": 0,
        "no_hand": 0,
    }
    done = CliRunner().invoke(program, ["bench", "words", str(path), "--draws", "2", "--references", "3"])
    assert done.exit_code == 0, done.output
    assert "right word first" in done.stdout
    assert "5 words, 25 clips of 20 takes" in done.stdout
    assert "draw references …" in done.stderr


def test_files_and_options_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="fewer than 3 words have clips of two takes"):
        bench_words(write_words(tmp_path / "few.npz", words=2))
    with pytest.raises(FormatError, match="no such file"):
        bench_words(tmp_path / "none.npz")
    with pytest.raises(OptionError, match="at least 1 reference"):
        WordBenchOptions(references=0)
    with pytest.raises(OptionError, match="width by its height"):
        WordBenchOptions(aspect=0)
