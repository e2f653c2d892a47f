"""Signs into a book and out of films again, with the real networks and real landmark files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from accessify.core.errors import AccessifyError, FormatError, OptionError, UnknownName
from accessify.core.holistic import BODY
from accessify.core.pose import PoseClip
from accessify.core.sign import Sign
from accessify.core.timeline import Rate, Span, seconds
from accessify.delivery.poses import read_poses, write_poses
from accessify.delivery.sign_book import read_book
from accessify.evaluation.sign_film import Camera, film
from accessify.evaluation.sign_idle import idle
from accessify.evaluation.sign_motion import Manner, perform
from accessify.pipelines.enrolling import EnrolOptions, enrol
from accessify.pipelines.landmarks import LandmarkOptions
from accessify.pipelines.recognizing import RecognizeOptions, recognize, watch_signs
from accessify.pipelines.signing import SigningOptions
from accessify.pipelines.spelling import SpellingOptions, spell, watch_letters
from accessify.signs.book import SignBook
from tests.pipelines.signing import SENTENCE, SHARED
from tests.signs.performed import ENROLLING, book_of, left_handed, shown, signs

LEXICON = SHARED / "data" / "sign" / "poses" / "dummy_lexicon" / "sgg"
PLAIN = SigningOptions()
OFFLINE = SigningOptions(landmarks=LandmarkOptions(face="none", offline=True))


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return tmp_path / "my.signs"


def kept(clip: PoseClip, path: Path) -> Path:
    write_poses(clip, path)
    return path


def lexicon(name: str) -> Path:
    """A real dictionary entry; skips where there is none."""
    path = LEXICON / f"{name}.pose"
    if not path.exists():
        pytest.skip("needs the landmark files of a lexicon in the data beside the checkout")
    return path


def cut(clip: PoseClip, span: Span) -> PoseClip:
    inside = (clip.times >= span.start) & (clip.times < span.end)
    return replace(
        clip, points=clip.points[inside], confidence=clip.confidence[inside], times=clip.times[inside]
    )


def names(found: list[Sign]) -> list[str]:
    return [sign.best.name if sign.best else "?" for sign in found]


# What is enrolled is found again


def test_a_sign_is_enrolled_from_one_clip_and_found_in_another_film(tmp_path: Path, book: Path) -> None:
    for sign in signs()[:3]:
        done = enrol(sign.name, kept(shown(sign), tmp_path / f"{sign.name}.npz"), EnrolOptions(book))
        assert {note.kind for note in done.clips[0].notes} <= {"alike"}
    performance = perform(signs()[:3], Manner(seed=7))
    film_path = kept(film(performance, Camera(seed=7)), tmp_path / "film.npz")
    found = recognize(film_path, RecognizeOptions(book))
    assert names(list(found)) == list(performance.names)
    assert names(list(watch_signs(film_path, RecognizeOptions(book)))) == list(performance.names)
    assert names(list(recognize(film_path, RecognizeOptions(read_book(book))))) == list(performance.names)


def test_what_is_kept_of_a_clip(tmp_path: Path, book: Path) -> None:
    path = kept(shown(signs()[0]), tmp_path / "shown.npz")
    options = EnrolOptions(book, gloss="TREE-1", language="ase", consent="for this test")
    done = enrol("  tree  ", path, options)
    assert done.name == "tree"
    assert done.book == read_book(book)
    sign = done.book.find("tree")
    assert (sign.gloss, sign.language) == ("TREE-1", "ase")
    reference = sign.references[0]
    assert (reference.source, reference.fps, reference.consent) == (
        "shown.npz",
        Fraction(30),
        "for this test",
    )
    assert reference.sha256 is not None
    assert abs(reference.clip.span.start - done.clips[0].span.start) <= seconds(1 / 30)
    assert reference.clip.span.duration < shown(signs()[0]).span.duration / 2


def test_several_clips_are_enrolled_at_once(tmp_path: Path, book: Path) -> None:
    clips = [
        kept(shown(signs()[0], replace(ENROLLING, seed=seed), Manner(seed=seed)), tmp_path / f"{seed}.npz")
        for seed in (1, 2, 3)
    ]
    done = enrol("tree", clips, EnrolOptions(book))
    assert len(done.book.find("tree").references) == 3
    assert not any(clip.notes for clip in done.clips)


@pytest.mark.parametrize("rate", [12, 60])
def test_enrolling_from_another_frame_rate_makes_no_difference(rate: int, tmp_path: Path, book: Path) -> None:
    camera = Camera(Rate(Fraction(rate)), seed=1)
    for sign in signs()[:3]:
        enrol(sign.name, kept(shown(sign, camera), tmp_path / f"{sign.name}.npz"), EnrolOptions(book))
    performance = perform(signs()[:3], Manner(seed=7))
    path = kept(film(performance, Camera(Rate(Fraction(25)), seed=7)), tmp_path / "film.npz")
    assert names(list(recognize(path, RecognizeOptions(book)))) == list(performance.names)


def test_a_mirrored_selfie_is_enrolled_as_what_was_signed(tmp_path: Path, book: Path) -> None:
    """`.pose` files do not say that the picture was mirrored: the flag does."""
    for sign in signs()[:3]:
        path = kept(shown(sign, replace(ENROLLING, mirrored=True)), tmp_path / f"{sign.name}.pose")
        done = enrol(sign.name, path, EnrolOptions(book, signing=SigningOptions(mirrored=True)))
        assert done.clips[0].reference.mirrored
        assert not done.clips[0].reference.clip.mirrored  # the right hand leads
    performance = perform(signs()[:3], Manner(seed=7))
    path = kept(film(performance, Camera(seed=7)), tmp_path / "film.npz")
    assert names(list(recognize(path, RecognizeOptions(book)))) == list(performance.names)


def test_a_left_handed_signer_is_enrolled_and_finds_right_handed_signing(tmp_path: Path, book: Path) -> None:
    left = SigningOptions(dominant="left")
    chosen = [sign for sign in signs() if not sign.both][:3]
    for sign in chosen:
        clip = film(left_handed(perform([sign], Manner(seed=3))), ENROLLING)
        done = enrol(sign.name, kept(clip, tmp_path / f"{sign.name}.npz"), EnrolOptions(book, signing=left))
        assert done.clips[0].reference.clip.mirrored
    performance = perform(chosen, Manner(seed=7))
    path = kept(film(performance, Camera(seed=7)), tmp_path / "film.npz")
    assert names(list(recognize(path, RecognizeOptions(book)))) == list(performance.names)


def test_real_lexicon_entries_are_found_in_a_longer_clip(tmp_path: Path, book: Path) -> None:
    """Smaller, elsewhere in the picture, slower and with trembling: as the same signer on another day."""
    words = ("kinder", "pizza", "essen")
    clips = [read_poses(lexicon(word)) for word in words]
    for word in words:
        enrol(word, lexicon(word), EnrolOptions(book, language="sgg"))
    found = list(recognize(kept(_joined(clips), tmp_path / "joined.npz"), RecognizeOptions(book)))
    assert [name for name in names(found) if name != "?"] == list(words)


def _joined(clips: list[PoseClip]) -> PoseClip:
    random = np.random.default_rng(0)
    names = [part.name for part in clips[0].skeleton.components if "FACE" not in part.name]
    plain = [clip.only(names) for clip in clips]
    points = np.concatenate([clip.points for clip in plain]) * 0.8 + np.float32(40)
    points += random.normal(0, 0.6, points.shape)
    confidence = np.concatenate([clip.confidence for clip in plain])
    rate = Rate(Fraction(21))
    times = np.array([rate.at(index) for index in range(len(points))], np.int64)
    return replace(plain[0], points=points.astype(np.float32), confidence=confidence, times=times, rate=rate)


@pytest.mark.models
def test_real_signs_are_not_found_in_a_real_film_of_another_language(book: Path) -> None:
    """Somebody asks in American Sign Language, the book is Swiss German: what is signed is unknown."""
    for word in ("kinder", "essen", "kleine", "pizza"):
        enrol(word, lexicon(word), EnrolOptions(book, language="sgg"))
    found = recognize(SENTENCE, RecognizeOptions(book, signing=OFFLINE))
    assert names(list(found)) == ["?"] * len(found) != []


@pytest.mark.models
def test_a_part_of_a_real_film_is_enrolled_and_found_in_the_film(tmp_path: Path, book: Path) -> None:
    if not SENTENCE.exists():
        pytest.skip("needs a film of a signer in the data beside the checkout")
    done = enrol("sentence", SENTENCE, EnrolOptions(book, signing=OFFLINE))
    span = done.clips[0].span
    found = [sign for sign in recognize(SENTENCE, RecognizeOptions(book, signing=OFFLINE)) if sign.known]
    assert len(found) <= 2
    assert span.duration > seconds(1)


# Bad input


def refused(path: Path, book: Path, says: str, options: SigningOptions = PLAIN) -> str | None:
    """Enrolling `path` raises one line that says `says`, and the book stays as it was; its reason."""
    before = book.read_bytes() if book.exists() else None
    with pytest.raises(OptionError, match=says) as error:
        enrol("tree", path, EnrolOptions(book, signing=options))
    assert path.name in str(error.value)
    assert (book.read_bytes() if book.exists() else None) == before
    return getattr(error.value, "reason", None)


def without_hands(clip: PoseClip) -> PoseClip:
    confidence = clip.confidence.copy()
    for part in clip.skeleton.components:
        if part.name != BODY:
            confidence[:, clip.skeleton.place(part.name)] = 0
    return replace(clip, confidence=confidence)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (without_hands, ("no hand was seen; film", "no-hands")),
        (
            lambda clip: replace(clip, confidence=np.zeros_like(clip.confidence)),
            ("nobody was seen; film", "nobody"),
        ),
        (lambda clip: clip.only([BODY]), ("no points of hands", None)),
        (
            lambda clip: cut(clip, Span(seconds(1.4), seconds(1.55))),
            ("too short for a sign; give", "too-short"),
        ),
    ],
    ids=["no hands", "nobody", "no hands looked for", "too short"],
)
@pytest.mark.parametrize("exists", [False, True])
def test_what_shows_no_sign_is_refused(
    spoil: Callable[[PoseClip], PoseClip],
    told: tuple[str, str | None],
    exists: bool,
    tmp_path: Path,
    book: Path,
) -> None:
    if exists:
        enrol("tree", kept(shown(signs()[1]), tmp_path / "good.npz"), EnrolOptions(book))
    assert refused(kept(spoil(shown(signs()[0])), tmp_path / "clip.npz"), book, told[0]) == told[1]


def test_one_bad_clip_among_good_ones_enrols_none(tmp_path: Path, book: Path) -> None:
    good = kept(shown(signs()[0]), tmp_path / "good.npz")
    bad = kept(without_hands(shown(signs()[1])), tmp_path / "bad.npz")
    with pytest.raises(OptionError, match=r"bad\.npz"):
        enrol("tree", [good, bad], EnrolOptions(book))
    assert not book.exists()


def test_a_hand_that_should_lead_and_is_not_there_is_named(tmp_path: Path, book: Path) -> None:
    clip = shown(next(sign for sign in signs() if not sign.both), Camera(centre=(0.5, 0.62)))
    refused(kept(clip, tmp_path / "clip.npz"), book, "left hand should lead", SigningOptions(dominant="left"))


def test_a_clip_cut_inside_the_sign_is_enrolled_with_a_warning(tmp_path: Path, book: Path) -> None:
    sign = max(signs(), key=lambda one: one.length)
    performance = perform([sign], Manner(seed=3))
    middle = (performance.signs[0].start + performance.signs[0].end) // 2
    path = kept(cut(film(performance, ENROLLING), Span(0, middle)), tmp_path / "clip.npz")
    done = enrol("tree", path, EnrolOptions(book))
    assert [note.kind for note in done.clips[0].notes] == ["cut"]
    assert len(done.book) == 1


def test_another_sign_under_the_same_name_is_told_with_its_distance(tmp_path: Path, book: Path) -> None:
    one, other = signs()[5], signs()[3]
    enrol("tree", kept(shown(one), tmp_path / "one.npz"), EnrolOptions(book))
    enrol("river", kept(shown(other), tmp_path / "other.npz"), EnrolOptions(book))
    again = kept(shown(other, replace(ENROLLING, seed=4), Manner(seed=4)), tmp_path / "again.npz")
    done = enrol("tree", again, EnrolOptions(book))
    note = done.clips[0].notes[0]
    assert note.kind == "different"
    assert "another sign than 'tree'" in note.text
    assert "distance " in note.text
    assert "nearer to 'river'" in note.text
    assert len(done.book.find("tree").references) == 2  # a warning, no refusal


def test_a_sign_that_looks_like_an_enrolled_one_is_told(tmp_path: Path, book: Path) -> None:
    enrol("tree", kept(shown(signs()[0]), tmp_path / "one.npz"), EnrolOptions(book))
    again = kept(shown(signs()[0], replace(ENROLLING, seed=4), Manner(seed=4)), tmp_path / "again.npz")
    notes = enrol("river", again, EnrolOptions(book)).clips[0].notes
    assert [note.kind for note in notes] == ["alike"]
    assert "'tree'" in notes[0].text


def test_the_same_clip_is_not_enrolled_twice(tmp_path: Path, book: Path) -> None:
    path = kept(shown(signs()[0]), tmp_path / "clip.npz")
    enrol("tree", path, EnrolOptions(book))
    refused(path, book, "enrolled as 'tree' already")
    with pytest.raises(OptionError, match=r"^my tree: this clip is enrolled") as told:
        enrol("oak", path, EnrolOptions(book, titles=("my tree",)))
    assert (told.value.reason, told.value.known) == ("in-book", "tree")  # type: ignore[attr-defined]


def test_one_recording_is_not_two_clips(tmp_path: Path, book: Path) -> None:
    path, again = kept(shown(signs()[0]), tmp_path / "clip.npz"), tmp_path / "again.npz"
    again.write_bytes(path.read_bytes())
    with pytest.raises(
        OptionError, match=r"again.npz: the same recording as .*clip.npz; film the sign anew"
    ) as told:
        enrol("tree", [path, again], EnrolOptions(book))
    assert told.value.reason == "same-recording"  # type: ignore[attr-defined]
    with pytest.raises(OptionError, match="1 clips cannot have 2 titles"):
        enrol("tree", path, EnrolOptions(book, titles=("one", "two")))
    assert not book.exists()
    assert (
        enrol("tree", path, EnrolOptions(book, titles=("a/my tree",))).clips[0].reference.source == "my tree"
    )


def test_a_damaged_book_and_one_of_a_newer_version_stay_as_they_are(tmp_path: Path, book: Path) -> None:
    path = kept(shown(signs()[0]), tmp_path / "clip.npz")
    enrol("tree", path, EnrolOptions(book))
    other = kept(shown(signs()[1]), tmp_path / "other.npz")
    whole = book.read_bytes()
    newer = whole.replace(b'"version": 1', b'"version": 9')
    for spoilt in (whole[: len(whole) // 2], newer.replace(b"tree", b"tres"), b"no book"):
        book.write_bytes(spoilt)
        for call in (
            lambda: enrol("river", other, EnrolOptions(book)),
            lambda: recognize(other, RecognizeOptions(book)),
        ):
            with pytest.raises(FormatError, match=r"my\.signs"):
                call()
        assert book.read_bytes() == spoilt


def test_a_book_that_is_not_there_or_is_empty_says_what_to_do(tmp_path: Path, book: Path) -> None:
    path = kept(shown(signs()[0]), tmp_path / "clip.npz")
    with pytest.raises(
        OptionError, match="there is no such sign book; enrol a sign into it: accessify signs"
    ):
        recognize(path, RecognizeOptions(book))
    with pytest.raises(OptionError, match="no sign is enrolled in it; enrol one: accessify signs enrol"):
        recognize(path, RecognizeOptions(SignBook()))
    with pytest.raises(OptionError, match="no sign is enrolled in it"):
        next(watch_signs(path, RecognizeOptions(SignBook())))


def test_a_film_in_which_nobody_signs_has_no_signs_and_says_why(tmp_path: Path) -> None:
    enrolled = RecognizeOptions(book_of(signs()[:2]))
    clip = film(idle("hanging", 2.0), Camera(seed=1))
    assert not recognize(kept(clip, tmp_path / "hanging.npz"), enrolled)
    found = recognize(kept(without_hands(clip), tmp_path / "no-hands.npz"), enrolled)
    assert [note.kind for note in found.notes] == ["no-hands"]
    empty = replace(clip, confidence=np.zeros_like(clip.confidence))
    found = recognize(kept(empty, tmp_path / "nobody.npz"), enrolled)
    assert (len(found), [note.kind for note in found.notes]) == (0, ["nobody"])


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0])
def test_a_share_that_is_none_is_refused(share: float, tmp_path: Path) -> None:
    path = kept(shown(signs()[0]), tmp_path / "clip.npz")
    with pytest.raises(OptionError, match="between 0 and 1"):
        recognize(path, RecognizeOptions(book_of(signs()[:1]), false_signs=share))


# Fingerspelling


def test_an_alphabet_without_a_network_is_named(tmp_path: Path) -> None:
    path = kept(shown(signs()[0]), tmp_path / "clip.npz")
    with pytest.raises(UnknownName, match="unknown alphabet 'xyz'"):
        spell(path, SpellingOptions(alphabet="xyz"))


def test_letters_of_a_landmark_file_are_read_live_as_from_a_file(tmp_path: Path) -> None:
    """Live takes the measures of the last seconds: what is spelled is the same, not its last digit."""
    path = kept(
        film(perform([sign for sign in signs() if sign.held], Manner(pause=0.6, seed=2))), tmp_path / "a.npz"
    )
    whole, live = list(spell(path)), list(watch_letters(path))
    assert len(whole) == len(live)
    for one, other in zip(whole, live, strict=True):
        assert one.text == other.text
        assert abs(one.span.start - other.span.start) <= seconds(0.1)


def test_a_landmark_file_without_hands_cannot_be_spelled_from(tmp_path: Path) -> None:
    path = kept(shown(signs()[0]).only([BODY]), tmp_path / "body.npz")
    for call in (lambda: spell(path), lambda: next(watch_letters(path))):
        with pytest.raises(AccessifyError, match="no points of hands"):
            call()
