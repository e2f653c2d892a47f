"""The letters bench: shares of hands that are named right, whatever the network and the file."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray

from accessify.cli import program
from accessify.core.errors import FormatError, ModelError, OptionError, UnknownName
from accessify.delivery.letter_sets import LetterSet
from accessify.engines.letters import LetterReader
from accessify.evaluation.letter_bench import LetterBenchOptions, bench_letters, score_letters, trained_on
from accessify.hub.shipped import LETTERS_ASE, SIGNS, shipped_model
from accessify.signs.reader import HandReading

PHOTOS = Path(__file__).parents[3] / "shared" / "data" / "sign" / "letters_images" / "hands_mediapipe.npz"


class Thumbs:
    """Names the letter whose number the x of point 1 is."""

    letters = ("C", "A", "B")

    def __call__(self, hands: NDArray[np.float32]) -> HandReading:
        logs = -np.abs(hands[:, 1, :1] - np.arange(3, dtype=np.float32))
        return HandReading(logs.astype(np.float32), hands[:, 0])


def hands(*numbers: int) -> NDArray[np.float32]:
    found = np.zeros((len(numbers), 21, 3), np.float32)
    found[:, 1, 0] = numbers
    return found


def test_shares_of_the_rows_and_of_each_letter() -> None:
    shown = LetterSet("some", hands(1, 1, 1, 2, 0, 0), ("A", "A", "A", "B", "B", "J"), missed=4)
    figures = score_letters(Thumbs(), shown, ("A", "B", "C"), "some.npz")
    assert (figures["rows"], figures["missed"]) == (5, 4)
    assert figures["accuracy"] == pytest.approx(4 / 5)
    assert figures["by_letter"] == pytest.approx((1 + 1 / 2) / 2)
    assert figures["letters"] == {"A": 1.0, "B": 0.5}
    assert figures["confused"] == {"B taken for C": 1}
    assert figures["top3"] == 1


def test_a_letter_that_the_network_does_not_know_is_never_named() -> None:
    shown = LetterSet("some", hands(0, 2), ("D", "B"))
    figures = score_letters(Thumbs(), shown, ("A", "B", "D"), "some.npz")
    assert figures["letters"] == {"B": 1.0, "D": 0.0}


def test_a_file_without_letters_says_which_are_wanted() -> None:
    with pytest.raises(FormatError, match="shows one of A B; give a file of this alphabet"):
        score_letters(Thumbs(), LetterSet("some", hands(1), ("J",)), ("A", "B"), "some.npz")


def random_letters(path: Path) -> Path:
    random = np.random.default_rng(2)
    x = random.uniform(0.2, 0.8, (40, 21, 3)).astype(np.float32)
    x[7] = np.nan
    np.savez(path, x=x, label=np.array([*"abcdefghij"] * 4), aspect=1.5, mirrored=False)
    return path


def test_what_people_type(tmp_path: Path) -> None:
    path = random_letters(tmp_path / "some.npz")
    target = tmp_path / "figures.json"
    done = CliRunner().invoke(program, ["bench", "letters", str(path), "--json", "-o", str(target)])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told == json.loads(target.read_text("utf-8"))
    assert (told["rows"], told["missed"]) == (35, 1)  # J moves
    assert 0 <= told["accuracy"] <= told["top3"] <= 1
    assert told["model"]["name"] == LETTERS_ASE
    done = CliRunner().invoke(program, ["bench", "letters", str(path), "--aspect", "1.78", "--mirrored"])
    assert done.exit_code == 0, done.output
    assert "named right" in done.stdout
    assert "35 hands; 1 rows of the file had none." in done.stdout


def test_aspect_and_side_change_what_is_read(tmp_path: Path) -> None:
    path = random_letters(tmp_path / "some.npz")
    usual = bench_letters(path)
    wide = bench_letters(path, LetterBenchOptions(aspect=3.0))
    other = bench_letters(path, LetterBenchOptions(mirrored=True))
    assert len({json.dumps(one["confused"]) for one in (usual, wide, other)}) == 3


def test_hands_that_the_network_learnt_from_are_known() -> None:
    reader = LetterReader(shipped_model(LETTERS_ASE))
    shown = LetterSet("some", hands(1, 2), ("A", "B"))
    reader.data = f"some {sha256(shown.hands.tobytes()).hexdigest()[:10]}, synthetic hands"
    assert trained_on(reader, shown) is True
    assert trained_on(reader, LetterSet("some", hands(2, 1), ("A", "B"))) is False
    reader.data = ""
    assert trained_on(reader, shown) is None


def test_what_cannot_be_scored(tmp_path: Path) -> None:
    path = random_letters(tmp_path / "some.npz")
    with pytest.raises(UnknownName, match="alphabet"):
        bench_letters(path, LetterBenchOptions(alphabet="xyz"))
    with pytest.raises(ModelError, match="not a letter network"):
        bench_letters(path, LetterBenchOptions(model=shipped_model(SIGNS)))
    (tmp_path / "alphabet.npz").write_bytes(b"PK")
    with pytest.raises(FormatError, match=r"alphabet\.npz"):
        bench_letters(tmp_path / "alphabet.npz")


def test_an_alphabet_without_a_network_asks_for_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = random_letters(tmp_path / "some.npz")
    monkeypatch.setattr("accessify.evaluation.letter_bench.SHIPPED_LETTERS", {})
    with pytest.raises(OptionError, match="give one with --model"):
        bench_letters(path)
    chosen = bench_letters(path, LetterBenchOptions(model=shipped_model(LETTERS_ASE)))
    assert chosen["rows"] == 35


@pytest.mark.skipif(not PHOTOS.is_file(), reason="the photographs of letters are not here")
def test_the_shipped_network_knows_the_photographs_it_learnt_from() -> None:
    figures = bench_letters(PHOTOS)
    assert (figures["rows"], figures["missed"]) == (574, 83)
    assert figures["accuracy"] > 0.9
    assert set(figures["letters"]) == set("ABCDEFGHIKLMNOPQRSTUVWXY")
