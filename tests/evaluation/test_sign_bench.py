"""The signs bench: all of it on small files, and each of its parts where the answer is known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from accessify.cli import program
from accessify.core.errors import FormatError
from accessify.core.holistic import LEFT_HAND, RIGHT_HAND
from accessify.core.sign import Candidate, Sign
from accessify.core.timeline import Span, seconds
from accessify.delivery.word_sets import read_words
from accessify.engines.signs import OnnxSignEncoder, read_cohort
from accessify.evaluation.sign_again import Change, change_clip, found_again
from accessify.evaluation.sign_bench import read_left_out
from accessify.evaluation.sign_figures import SIGNS
from accessify.evaluation.sign_film import Camera, film
from accessify.evaluation.sign_live import Spotted, Told, _answers, invented_vocabulary, live_figures, spot
from accessify.evaluation.sign_motion import Performance, invent_signs, perform
from accessify.evaluation.sign_pace import PACES, many_codes, paces
from accessify.evaluation.tables import PARTS, fill
from accessify.hub.shipped import SHIPPED, SIGN_COHORT, shipped_model
from accessify.hub.shipped import SIGNS as ENCODER
from accessify.signs.normalize import normalize
from accessify.signs.vocabulary import Vocabulary
from tests.evaluation.test_letter_bench import random_letters
from tests.evaluation.word_files import write_words

STILL = Camera(jitter=0)


@pytest.fixture(scope="module")
def known() -> Vocabulary:
    return invented_vocabulary(
        OnnxSignEncoder(shipped_model(ENCODER)), read_cohort(shipped_model(SIGN_COHORT))
    )


def left_out(path: Path) -> Path:
    row = {"rows": 480, "accuracy": 0.875, "top3": 0.95, "answered_90": 0.9, "answered_70": 0.85}
    told = {
        "letters_kjt": row | {"by_letter": 0.87, "confused": {"M taken for N": 20}},
        "others": row | {"by_letter": 0.87, "confused": {}},
        "facts": {"recipe": "some"},
    }
    path.write_text(json.dumps(told), "utf-8")
    return path


def test_the_whole_bench_and_its_tables(tmp_path: Path) -> None:
    arguments = [
        *("--letters", str(random_letters(tmp_path / "some.npz"))),
        *("--left-out", str(left_out(tmp_path / "left-out.json"))),
        *("--words", str(write_words(tmp_path / "words.npz"))),
    ]
    target = tmp_path / "signs.json"
    done = CliRunner().invoke(program, ["bench", "signs", "--quick", *arguments, "-o", str(target)])
    assert done.exit_code == 0, done.output
    assert "False signs when nobody signs" in done.stdout
    assert "nobody signs: touching face …" in done.stderr
    bench = json.loads(target.read_text("utf-8"))
    figures = bench["figures"]
    assert str(tmp_path) not in json.dumps(bench)
    assert set(bench["formulas"]) == set(figures) <= {figure.name for figure in SIGNS}
    assert figures["letters_kjt_left_out"] == 87.5
    assert figures["letters_kjt_left_out_70"] == 85
    assert bench["letters"]["some"]["trained_on"] is not True
    assert figures["words_1_top5"] == 100  # there are five
    assert 0 <= figures["idle"] <= figures["idle_worst"]
    assert figures["match"] > 0
    assert figures["query"] > 0
    assert set(bench["models"]) == set(SHIPPED)
    assert bench["data"]["files"].keys() == {"some.npz", "left-out.json", "words.npz"}

    assert all(PARTS["signs"][part](bench).startswith("| ") for part in PARTS["signs"])
    page = "<!-- bench:signs:letters -->\n<!-- /bench:signs:letters -->\n"
    filled = fill(page, {"signs": bench})
    assert (
        "| one signer, webcam of unknown shape (`letters_kjt`) | did not learn from them | 480 | 87.5 %"
        in (filled)
    )
    assert "M taken for N 20 ×" in PARTS["signs"]["confused"](bench)
    short = PARTS["signs"]["short"](bench)
    assert "≥ 54" in short
    assert "idle_unknown" not in short
    assert "Quick run" in short


def test_without_files_the_made_up_is_measured_and_the_rest_is_told(tmp_path: Path) -> None:
    done = CliRunner().invoke(program, ["bench", "signs", "--quick", "--json"])
    assert done.exit_code == 0, done.output
    bench = json.loads(done.stdout)
    assert not {name for name in bench["figures"] if name.startswith(("words", "letters", "again"))}
    assert {"idle", "query", "live_found", "letter_size"} <= set(bench["figures"])
    assert any("no --words was given" in note for note in bench["notes"])
    assert PARTS["signs"]["words"](bench) == "Not measured in this run.\n"


def test_figures_of_others_that_are_none(tmp_path: Path) -> None:
    assert set(read_left_out(left_out(tmp_path / "good.json"))) == {"letters_kjt", "others"}
    for text in ("[]", "{", '{"letters_kjt": {"rows": 3}}', '{"letters_kjt": 4}'):
        (tmp_path / "bad.json").write_text(text, "utf-8")
        with pytest.raises(FormatError, match=r"bad\.json: no figures of letters .*--leave-one-out"):
            read_left_out(tmp_path / "bad.json")
    with pytest.raises(FormatError, match="no such file"):
        read_left_out(tmp_path / "none.json")


def test_an_unchanged_clip_is_the_clip() -> None:
    clip = film(perform(invent_signs(1)), Camera(lost=0.2))
    same = change_clip(clip, Change(noise=0, dropped=0))
    assert same.points == pytest.approx(clip.points, abs=1e-3, nan_ok=True)
    assert (same.confidence == clip.confidence).all()
    assert same.times.tolist() == clip.times.tolist()


def test_what_changes_is_what_was_asked_for() -> None:
    clip = film(perform(invent_signs(1)), STILL)
    fast = change_clip(clip, Change(speed=1.4, noise=0, dropped=0))
    assert len(fast) == pytest.approx(len(clip) / 1.4, abs=1)
    near = change_clip(clip, Change(scale=1.3, noise=0, dropped=0))
    one, other = normalize(clip, "right"), normalize(near, "right")
    np.testing.assert_allclose(one.hands, other.hands, atol=1e-3)
    np.testing.assert_allclose(one.places, other.places, atol=1e-3)
    gone = change_clip(clip, Change(dropped=0.3, noise=0))
    for name in (LEFT_HAND, RIGHT_HAND):
        assert (gone.part(name)[1] == 0).all(axis=1).mean() == pytest.approx(0.3, abs=0.12)
    drawn = [Change.drawn(np.random.default_rng(seed)) for seed in range(50)]
    speeds = [one.speed for one in drawn]
    assert 0.7 <= min(speeds) < 0.8
    assert 1.3 < max(speeds) <= 1.4
    assert max(abs(one.turn) for one in drawn) <= 15


def test_a_camera_that_goes_round_sees_the_width_of_what_it_turned_to() -> None:
    clip = film(perform(invent_signs(1)), STILL)
    turned = change_clip(clip, Change(turn=15, noise=0, dropped=0))
    back = change_clip(turned, Change(turn=-15, noise=0, dropped=0))
    assert back.points == pytest.approx(clip.points, abs=0.01, nan_ok=True)
    wide = np.ptp(clip.points[0, 11:13, 0])
    assert np.ptp(turned.points[0, 11:13, 0]) == pytest.approx(wide * np.cos(np.radians(15)), rel=0.02)


def test_the_same_signer_is_found_again_and_without_hands_is_not(tmp_path: Path, known: Vocabulary) -> None:
    clips = read_words(write_words(tmp_path / "words.npz")).clips
    cohort = read_cohort(shipped_model(SIGN_COHORT))
    found = found_again(clips, known.encoder, cohort, rounds=1, seed=0)
    assert found["queries"] == len(clips)
    assert 0.6 < found["top1"] <= 1
    assert found["told"] <= found["top1"]


def test_performed_signs_are_told_and_their_delay_is_counted(known: Vocabulary) -> None:
    figures = live_figures(known, rows=4)
    assert figures["performed"] == 20
    assert figures["found"] > 10
    assert 0 <= figures["late_p50_ms"] <= figures["late_p95_ms"] < 1500
    assert 0 < figures["picture_ms"] <= figures["picture_p95_ms"] * 2
    none = live_figures(replace(known, enrolled=()), rows=1)
    assert (none["found"], none["wrong"], none["late_p50_ms"]) == (0, 0, None)


def test_nobody_says_nothing(known: Vocabulary) -> None:
    clip = film(Performance(perform(invent_signs(1)).hands, 3.0, seen=False), Camera())
    done = spot(clip, known)
    assert done.told == ()
    assert len(done.each_s) == len(clip)


def test_a_sign_is_right_where_it_was_performed_and_told_once() -> None:
    def told(name: str, start: float, end: float, at: float, *, is_known: bool = True) -> Told:
        sign = Sign(Span(seconds(start), seconds(end)), (Candidate(name, 0.1, 0.9),), is_known)
        return Told(sign, seconds(at))

    done = Performance(
        perform(invent_signs(1)).hands,
        9,
        (Span(seconds(1), seconds(2)), Span(seconds(3), seconds(4))),
        ("a", "b"),
    )
    right = told("a", 1.2, 2.1, 2.3)
    assert dict(_answers(done, Spotted((right,), ()))) == pytest.approx({0: 0.3})
    twice = Spotted((right, told("a", 1.1, 2.0, 2.6)), ())
    assert dict(_answers(done, twice)) == pytest.approx({0: 0.3})
    early = Spotted((told("b", 3, 3.8, 3.9),), ())
    assert dict(_answers(done, early)) == {1: 0}
    for wrong in (
        told("b", 1.2, 2.1, 2.3),  # another sign
        told("a", 1.9, 2.9, 3.0),  # hardly any of it
        told("a", 1.2, 2.1, 2.3, is_known=False),
    ):
        assert dict(_answers(done, Spotted((wrong,), ()))) == {}


def test_times_of_one_query_and_one_hand() -> None:
    found = paces(20, 2)
    assert set(found) == set(PACES)
    assert min(found.values()) > 0
    cohort = read_cohort(shipped_model(SIGN_COHORT))
    codes = many_codes(cohort, 600)
    assert len(np.unique(codes.wholes[:, 0])) == 600
    assert np.linalg.norm(codes.moments, axis=-1) == pytest.approx(np.ones((600, 32)), abs=1e-5)
