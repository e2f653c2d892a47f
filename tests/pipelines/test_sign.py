"""From text, cues, notation and landmarks to a signing figure, and from there into files."""

from __future__ import annotations

import csv
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import accessify
from accessify.core.errors import FormatError, NoOpenGL, OptionError, UnknownName
from accessify.core.expressions import EXPRESSIONS
from accessify.core.gloss import Origin
from accessify.core.holistic import RIGHT_HAND
from accessify.core.progress import Progress
from accessify.core.text import Cue, Document
from accessify.core.timeline import Span, Track, seconds, to_seconds
from accessify.core.video import Cutout
from accessify.delivery.poses import read_poses
from accessify.pipelines.performance import Performance
from accessify.pipelines.sign import SignOptions, sign, sign_notation, sign_poses, sign_sigml
from accessify.pipelines.sign_files import SIGN_SUFFIXES, write_performance
from accessify.pipelines.sign_film import FilmOptions, skeleton_pictures
from accessify.render.camera import framing
from accessify.render.opengl import open_context
from accessify.render.signer_place import Wanted
from accessify.render.still import write_still

av = pytest.importorskip("av")
Image = pytest.importorskip("PIL.Image")

HOUSE = "hamsymmlr hamflathand hamextfingerul hampalmdr hamshoulders hammovedr hammoved"
GERMAN = SignOptions(language="gsg", offline=True)
SMALL = FilmOptions(size=(160, 160))


@pytest.fixture(scope="module")
def hello() -> Performance:
    return sign("Hi Ann!")


def told(performance: Performance) -> list[tuple[str, str, Origin]]:
    return [(gloss.text, gloss.name, gloss.origin) for gloss in performance.glosses]


def needs_opengl() -> None:
    try:
        open_context().release()
    except NoOpenGL as error:
        pytest.skip(str(error))


def test_words_without_a_sign_are_spelled_in_order_and_say_so(hello: Performance) -> None:
    assert told(hello) == [("Hi", "H-I", Origin.SPELLED), ("Ann", "A-N-N", Origin.SPELLED)]
    first, second = (gloss.span for gloss in hello.glosses)
    assert first.end <= second.start
    assert to_seconds(hello.motion.span.duration) > to_seconds(second.end)
    assert hello.glosses[0].source == "American manual alphabet"


def test_how_far_it_is_is_told_word_by_word_and_while_arms_are_moved() -> None:
    steps: list[Progress] = []
    sign("a b c " * 60, on_progress=steps.append)
    looked_up = [step for step in steps if step.stage == "sign"]
    assert [(step.done, step.total) for step in looked_up] == [(number, 180) for number in range(180)]
    moved = [step for step in steps if step.stage == "pose"]
    assert len(moved) >= 8  # stretches of pictures, more than once
    done = [step.done for step in moved]
    assert done == sorted(done)
    assert moved[-1].total is not None
    assert moved[-1].total > done[-1] > 0.4 * moved[-1].total


def test_what_cannot_be_spelled_is_shown_as_a_word_and_nothing_is_dropped() -> None:
    performance = sign("Hi Привет ☃!")
    assert [origin for _, _, origin in told(performance)] == [Origin.SPELLED, Origin.MISSING, Origin.MISSING]
    assert [cue.text for cue in performance.words("missing")] == ["Привет", "☃"]
    assert {note.kind for note in performance.glosses.notes} >= {"missing"}
    assert len(performance.words("all")) == 3
    assert not len(performance.words("none"))
    with pytest.raises(UnknownName, match="choice of words"):
        performance.words("some")


def test_nothing_but_the_label_stands_at_the_top_of_a_skeletons_film(hello: Performance) -> None:
    camera = framing(hello.figure.character, hello.motion, (576, 576))
    picture = next(skeleton_pictures(hello, camera, (10, 20, 30)))
    assert (picture.image[:80, :150, :3] == (10, 20, 30)).all()  # no confidences: nobody was looked at


def test_nothing_to_sign_is_an_error() -> None:
    for text in ("", "  \n ", "?!"):
        with pytest.raises(OptionError, match="nothing to sign"):
            sign(text)
    with pytest.raises(OptionError, match="--speed 9"):
        sign("Hi", SignOptions(speed=9))


def test_the_lexicon_of_the_user_goes_before_spelling(tmp_path: Path, hello: Performance) -> None:
    with (tmp_path / "signs.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("gloss", "hamnosys"), ("HOUSE", HOUSE)])
    write_performance(hello, tmp_path / "wave.pose")
    (tmp_path / "tree.sigml").write_text(
        "<sigml><hns_sign gloss='tree'><hamnosys_nonmanual><hnm_eyebrows tag='RB'/></hamnosys_nonmanual>"
        "<hamnosys_manual><hamflathand/><hamextfingeru/><hampalml/></hamnosys_manual></hns_sign></sigml>",
        "utf-8",
    )
    performance = sign("houses wave tree", SignOptions(lexicon=tmp_path))
    assert [origin for _, _, origin in told(performance)] == [Origin.LEXICON] * 3
    brow = performance.motion.expressions[:, EXPRESSIONS.index("browInnerUp")]
    tree = performance.glosses[2].span
    rate = performance.motion.rate
    assert brow[rate.index(tree.start) : rate.index(tree.end)].max() > 0.8


def test_a_broken_entry_is_shown_as_its_word_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "bird.pose").write_bytes(b"no landmarks at all")
    performance = sign("bird", SignOptions(lexicon=tmp_path))
    assert told(performance)[0][2] is Origin.MISSING
    assert any(note.kind == "unreadable" and "bird" in note.text for note in performance.glosses.notes)


@pytest.mark.models
def test_german_words_are_published_signs_chinese_is_spelled_by_pinyin() -> None:
    german = sign("Das Haus ist groß.", GERMAN)
    assert {text: origin for text, _, origin in told(german)}["Haus"] is Origin.NOTATION
    chinese = sign("你好", SignOptions(language="csl", offline=True))
    assert [origin for _, _, origin in told(chinese)] == [Origin.SPELLED] * len(chinese.glosses)
    assert "-".join(name for _, name, _ in told(chinese)) == "N-I-H-A-O"


def test_cues_are_signed_within_their_times_and_what_does_not_fit_is_told() -> None:
    cues = Track.of(
        [
            Cue(Span(seconds(1), seconds(4)), "Hi"),
            Cue(Span(seconds(6), seconds(6.5)), "Extraordinary"),
        ]
    )
    performance = sign(cues, replace(SignOptions(), letters=3.0))
    first, second = performance.glosses
    assert to_seconds(first.span.start) == pytest.approx(1, abs=0.05)
    assert to_seconds(second.span.start) == pytest.approx(6, abs=0.05)
    (late,) = [note for note in performance.glosses.notes if note.kind == "late"]
    assert "Extraordinary" in late.text
    assert late.span.end >= second.span.end


def test_questions_raise_brows_negations_shake_and_mouths_shape_words() -> None:
    plain, asked, denied = (sign(text) for text in ("You come.", "You come?", "Not you."))

    def brow(performance: Performance) -> float:
        return float(performance.motion.expressions[:, EXPRESSIONS.index("browInnerUp")].max())

    assert brow(asked) > 0.8
    assert brow(plain) < 0.2
    head = plain.motion.rig.index("head")
    assert (
        np.abs(denied.motion.rotations[:, head, 1]).max()
        > 3 * np.abs(plain.motion.rotations[:, head, 1]).max()
    )
    still = sign("You come.", SignOptions(mouthing=False))
    jaw = EXPRESSIONS.index("mouthFunnel")
    assert plain.motion.expressions[:, jaw].max() > 0.3 > still.motion.expressions[:, jaw].max()


def test_notation_from_the_command_line_points_at_the_wrong_symbol(tmp_path: Path) -> None:
    performance = sign_notation(HOUSE)
    assert told(performance)[0][2] is Origin.NOTATION
    with pytest.raises(FormatError, match="symbol"):
        sign_notation("hamnosuchsymbol")
    with pytest.raises(FormatError):
        sign_notation("")
    file = tmp_path / "two.sigml"
    hands = "".join(f"<{name}/>" for name in HOUSE.split())
    one = f"<hns_sign gloss='A'><hamnosys_manual>{hands}</hamnosys_manual></hns_sign>"
    file.write_text(f"<sigml>{one}{one.replace('A', 'B', 1)}</sigml>", "utf-8")
    assert [name for _, name, _ in told(sign_sigml(file))] == ["A", "B"]
    with pytest.raises(OptionError, match="cannot be read"):
        sign_sigml(tmp_path / "none.sigml")


def test_speed_and_rate() -> None:
    usual, fast = sign("Hi"), sign("Hi", SignOptions(speed=2.0, rate=Fraction(50)))
    assert fast.motion.rate.fps == 50
    ratio = fast.motion.span.duration / usual.motion.span.duration
    assert ratio == pytest.approx(0.5, abs=0.1)


def test_landmarks_out_and_in_again_are_the_same_movement(tmp_path: Path, hello: Performance) -> None:
    file = tmp_path / "hi.npz"
    write_performance(hello, file)
    clip = read_poses(file)
    assert len(clip) == len(hello.motion)
    again = sign_poses(file)
    write_performance(again, tmp_path / "again.npz")
    other = read_poses(tmp_path / "again.npz")
    first, second = (one.part(RIGHT_HAND)[0][:, :, :2] for one in (clip, other))
    scale = np.ptp(first[:, 9, 1] - first[:, 0, 1]) + 60
    shape_of = [hand - hand[:, :1] for hand in (first, second)]
    assert np.nanmedian(np.linalg.norm(shape_of[0] - shape_of[1], axis=-1)) < 0.12 * scale


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".mov"])
def test_films_of_every_kind(suffix: str, tmp_path: Path, hello: Performance) -> None:
    needs_opengl()
    file = tmp_path / f"hi{suffix}"
    clear = suffix != ".mp4"
    written = write_performance(hello, file, replace(SMALL, background="transparent" if clear else ""))
    assert written.files == (file,)
    assert written.renderer
    with av.open(str(file)) as film:
        stream = film.streams.video[0]
        comment = {**film.metadata}.get("comment") or {**film.metadata}.get("COMMENT", "")
        assert "avatar" in comment
        assert (stream.width, stream.height) == (160, 160)
        assert sum(1 for _ in film.decode(stream)) == len(hello.motion)


def test_the_skeleton_needs_no_opengl_and_can_be_clear(
    tmp_path: Path, hello: Performance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing_draws(*_: object, **__: object) -> None:
        raise NoOpenGL("no libEGL")

    monkeypatch.setattr("accessify.render.draw.open_context", nothing_draws)
    with pytest.raises(NoOpenGL, match="--style skeleton"):
        write_performance(hello, tmp_path / "no.mp4", SMALL)
    assert not list(tmp_path.iterdir())
    options = replace(SMALL, style="skeleton", background="transparent", label=False)
    written = write_performance(hello, tmp_path / "bones.mov", options)
    assert written.renderer == "OpenCV"
    with av.open(str(tmp_path / "bones.mov")) as film:
        picture = next(film.decode(video=0)).to_ndarray(format="rgba")
    assert 0.5 < (picture[..., 3] == 0).mean() < 0.99
    drawn = picture[picture[..., 3] > 250][:, :3].astype(int)
    assert (drawn.max(axis=1) > 150).mean() > 0.3  # bright bones and fingers, as on a ground
    assert (np.ptp(drawn, axis=1) > 60).any()  # in their colours


def test_moving_figures_for_other_tools(tmp_path: Path, hello: Performance) -> None:
    for suffix in (".glb", ".vrma", ".bvh", ".pose"):
        file = tmp_path / f"hi{suffix}"
        assert write_performance(hello, file).files == (file,)
        assert file.stat().st_size > 10_000
    with pytest.raises(UnknownName, match="avi"):
        write_performance(hello, tmp_path / "hi.avi")
    assert ".avi" not in SIGN_SUFFIXES


def make_film(path: Path, seconds_long: float) -> None:
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for _ in range(int(25 * seconds_long)):
            film.mux(
                stream.encode(
                    av.VideoFrame.from_ndarray(np.full((240, 320, 3), 200, np.uint8), format="rgb24")
                )
            )
        film.mux(stream.encode())


def test_over_a_film_that_is_shorter_and_never_over_its_captions(tmp_path: Path, hello: Performance) -> None:
    needs_opengl()
    make_film(tmp_path / "film.mp4", 1)
    captions = Document(Track.of([Cue(Span(0, seconds(1)), "A caption\nof two lines")]))
    options = FilmOptions(over=tmp_path / "film.mp4", captions=captions, label=False)
    written = write_performance(hello, tmp_path / "out.mp4", options)
    assert [note.kind for note in written.notes] == ["held"]
    with av.open(str(tmp_path / "out.mp4")) as film:
        pictures = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert len(pictures) == pytest.approx(len(hello.motion), abs=1)
    changed = np.abs(pictures[20].astype(int) - 200).max(axis=2) > 30
    assert changed.mean() > 0.08
    assert not changed[int(240 * 0.85) :].any()  # where captions stand
    with pytest.raises(OptionError, match="sixth"):
        FilmOptions(place=Wanted(share=0.01))
    with pytest.raises(OptionError, match="film itself"):
        write_performance(hello, tmp_path / "film.mp4", options)


def test_sizes_and_colours_that_cannot_be_had(tmp_path: Path, hello: Performance) -> None:
    for options in (
        FilmOptions(size=(161, 160)),
        FilmOptions(size=(16, 16)),
        FilmOptions(background="blurple"),
    ):
        with pytest.raises(OptionError):
            write_performance(hello, tmp_path / "a.mp4", options)
    with pytest.raises(OptionError, match="opacity"):
        write_performance(hello, tmp_path / "a.mp4", FilmOptions(background="transparent"))
    assert not list(tmp_path.iterdir())


def test_everything_is_public() -> None:
    for name in (
        "sign",
        "sign_notation",
        "sign_sigml",
        "sign_poses",
        "SignOptions",
        "FilmOptions",
        "write_performance",
    ):
        assert getattr(accessify, name) is not None


def test_the_question_face_is_on_the_sentence_that_asks() -> None:
    cue = Cue(Span(0, seconds(20)), "... What is this? OK.")
    performance = sign(Track.of([cue]), SignOptions(mouthing=False))
    brow = performance.motion.expressions[:, EXPRESSIONS.index("browDownLeft")]
    rate = performance.motion.rate
    middle = {
        gloss.text: rate.index((gloss.span.start + gloss.span.end) // 2) for gloss in performance.glosses
    }
    assert brow[middle["is"]] > 0.8
    assert brow[middle["OK"]] < 0.2


def test_tags_that_are_not_done_are_told(tmp_path: Path) -> None:
    hands = "".join(f"<{name}/>" for name in HOUSE.split())
    face = "<hnm_mouthgesture tag='T08'/><hnm_head tag='SH'/>"
    file = tmp_path / "a.sigml"
    file.write_text(
        f"<sigml><hns_sign gloss='A'><hamnosys_nonmanual>{face}</hamnosys_nonmanual>"
        f"<hamnosys_manual>{hands}</hamnosys_manual></hns_sign></sigml>",
        "utf-8",
    )
    told_notes = [note.text for note in sign_sigml(file).glosses.notes if note.kind == "not done"]
    assert sum("hnm_mouthgesture T08" in text for text in told_notes) == 1
    assert not any("hnm_head" in text for text in told_notes)


def test_what_bones_cannot_hold_is_told(tmp_path: Path, hello: Performance) -> None:
    assert write_performance(hello, tmp_path / "hi.bvh").notes


def test_published_signs_are_not_taken_for_words_of_another_language() -> None:
    """The published sign for the German "Gift" is not what an English gift is."""
    english = sign("Hand", replace(GERMAN, text_language="en-GB"))
    assert told(english) == [("Hand", "H-A-N-D", Origin.SPELLED)]
    assert [note.kind for note in english.glosses.notes][:1] == ["no-lexicon"]


def test_progress_is_told_and_may_stop_the_work() -> None:
    class Stopped(Exception):
        pass

    steps: list[tuple[str, float, float | None]] = []

    def listen(progress: Progress) -> None:
        steps.append((progress.stage, progress.done, progress.total))
        if progress.stage == "pose":
            raise Stopped

    cues = Track(tuple(Cue(Span(seconds(n), seconds(n + 1)), "A") for n in range(2)))
    with pytest.raises(Stopped):
        sign(cues, on_progress=listen)
    assert steps[:3] == [("figure", 0, None), ("sign", 0, 2), ("sign", 1, 2)]
    assert [stage for stage, _, _ in steps[3:]] == ["pose"]


def test_a_performance_moves_as_a_whole(hello: Performance) -> None:
    later = hello.shift(seconds(5))
    assert later.motion.span == hello.motion.span.shift(seconds(5))
    assert later.glosses == hello.glosses.shift(seconds(5))
    assert later.spans == tuple(span.shift(seconds(5)) for span in hello.spans)


def test_pictures_can_be_looked_at_while_they_are_drawn(hello: Performance, tmp_path: Path) -> None:
    seen: list[tuple[tuple[int, int], int]] = []
    options = replace(SMALL, style="skeleton")
    write_performance(
        hello,
        tmp_path / "hi.mp4",
        options,
        on_picture=lambda picture: seen.append((picture.size, picture.start)),
    )
    assert len(seen) == len(hello.motion)
    assert seen[0] == ((160, 160), 0)
    assert seen[-1][1] == hello.motion.rate.at(len(seen) - 1)


def test_a_still_holds_the_colours_of_a_picture(tmp_path: Path) -> None:
    image = np.zeros((32, 48, 4), np.uint8)
    image[..., 0] = 200
    write_still(Cutout(image), tmp_path / "look.jpg")
    with Image.open(tmp_path / "look.jpg") as found:
        assert found.size == (48, 32)
        assert np.abs(np.asarray(found, np.int32) - [200, 0, 0]).max() < 12
