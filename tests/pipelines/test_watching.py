"""Signing that is watched while it is filmed: points, signs and letters in one pass, by the real networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from accessify.core.errors import ModelError, OptionError, UnknownName
from accessify.core.holistic import BODY, RIGHT_HAND
from accessify.core.timeline import seconds, to_seconds
from accessify.delivery.poses import write_poses
from accessify.evaluation.sign_film import Camera, film
from accessify.evaluation.sign_motion import Manner, perform
from accessify.media.pushed import PushedPictures, open_pushed
from accessify.pipelines.enrolling import EnrolOptions, enrol
from accessify.pipelines.landmarks import LandmarkOptions
from accessify.pipelines.recognizing import RecognizeOptions, alike, recognize
from accessify.pipelines.signing import SigningOptions
from accessify.pipelines.spelling import SpellingOptions, spell
from accessify.pipelines.watching import Seen, SigningReader, WatchOptions, read_signing, watch_signing
from accessify.signs.book import SignBook
from tests.pipelines.test_signing_flows import lexicon
from tests.signed import RATE, Image, film_of, jpeg, resting, signed, spelled
from tests.signs.performed import book_of, signs

OFFLINE = SigningOptions(landmarks=LandmarkOptions(face="none", offline=True))
BEGAN = 5_000_000_000_000


def watched(
    pictures: tuple[Image, ...], options: WatchOptions | Callable[[], WatchOptions]
) -> Iterator[Seen]:
    """Each picture is pushed once the one before was seen: the times are the film's, whatever it takes."""
    pushed = PushedPictures()
    moments = (round(to_seconds(RATE.at(index)) * 1e9) + BEGAN for index in range(len(pictures)))
    waiting = iter(zip(pictures, moments, strict=True))
    first, moment = next(waiting)
    pushed.push(jpeg(first), moment)
    with open_pushed(pushed, seconds(60)) as reader:
        for seen in watch_signing(reader, options):
            yield seen
            following = next(waiting, None)
            if following is None:
                pushed.end()
            else:
                pushed.push(jpeg(following[0]), following[1])


@pytest.fixture(scope="module")
def house(embedded_models: None, tmp_path_factory: pytest.TempPathFactory) -> SignBook:
    """A book of one sign, enrolled from a film."""
    folder = tmp_path_factory.mktemp("enrolled")
    clip = film_of(resting(signed("Haus"), 10, 10), folder / "house.mp4")
    return enrol("house", clip, EnrolOptions(folder / "my.signs", signing=OFFLINE)).book


@pytest.mark.models
def test_a_sign_and_a_word_before_the_camera_are_read(house: SignBook) -> None:
    """The mode changes between the two while the landmarks go on."""
    before, behind = resting(signed("Haus", 0.9), 8, 8), spelled("wo")
    modes = [WatchOptions(house, None, signing=OFFLINE), WatchOptions(None, "ase", signing=OFFLINE)]
    seen: list[Seen] = []
    for one in watched(before + behind, lambda: modes[len(seen) >= len(before)]):
        seen.append(one)
    assert sum(one.pose.start > 0 for one in seen) + 1 >= len(before + behind)
    told = [sign for one in seen for sign in one.signs]
    assert [sign.best.name if sign.best else "?" for sign in told] == ["house"]
    assert told[0].candidates[0].confidence > 0.5
    late = next(one for one in seen if one.signs).pose.start - told[0].span.end
    assert late <= seconds(0.5)
    assert "".join(letter.text or "?" for one in seen for letter in one.letters) == "WO"
    hand = seen[0].skeleton.place(RIGHT_HAND)
    assert sum(bool(one.pose.confidence[hand].any()) for one in seen) > 0.8 * len(seen)


def test_a_film_is_read_for_both_as_for_each(tmp_path: Path) -> None:
    book, path = book_of(signs()[:3]), tmp_path / "film.npz"
    write_poses(film(perform(signs()[:3], Manner(seed=7)), Camera(seed=7)), path)
    read = read_signing(path, WatchOptions(book))
    assert read.signs == recognize(path, RecognizeOptions(book))
    assert read.letters.events == spell(path, SpellingOptions()).events
    assert read.clip.span.end > read.signs[-1].span.end
    neither = read_signing(path, WatchOptions(None, None))
    assert not len(neither.signs)
    assert not len(neither.letters)


def test_letters_within_real_signs_that_are_found_are_told_as_such(tmp_path: Path) -> None:
    """Nobody spells in these clips; in films and live, what is read within the found sign is told as none."""
    told, live = 0, 0
    for word in ("essen", "kinder", "kleine", "pizza"):
        book = enrol(word, lexicon(word), EnrolOptions(tmp_path / "my.signs")).book
        read = read_signing(lexicon(word), WatchOptions(book))
        assert {*read.within} <= {*read.letters}
        assert {*read.spelled} == {*read.letters} - {*read.within}
        found = [sign.span for sign in read.signs if sign.known]
        assert all(any(one.span.overlaps(span) for span in found) for one in read.within)
        told += len(read.within)
        reader = SigningReader(read.clip.skeleton, WatchOptions(book))
        seen = [reader.push(read.clip[index]) for index in range(len(read.clip))]
        seen += [last] if (last := reader.finish(read.clip[len(read.clip) - 1])) else []
        letters, within = (
            {one for each in seen for one in getattr(each, name)} for name in ("letters", "within")
        )
        assert within <= letters
        live += len(within)
    assert told >= 2
    assert live >= 2


def test_a_landmark_file_without_hands_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "body.npz"
    write_poses(film(perform(signs()[:1], Manner(seed=7)), Camera(seed=7)).only([BODY]), path)
    with pytest.raises(OptionError, match="no points of hands"):
        read_signing(path, WatchOptions(book_of(signs()[:1])))


def test_signs_that_look_alike_are_told_in_pairs() -> None:
    assert all(len(pair.names) == 2 for pair in alike(book_of(signs()[:3])))
    assert alike(SignBook()) == ()


def test_models_that_are_not_there_are_an_error_at_the_first_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCESSIFY_CACHE", str(tmp_path))
    pushed = PushedPictures()
    pushed.push(jpeg(signed("Haus")[0]), BEGAN)
    with open_pushed(pushed, seconds(5)) as reader, pytest.raises(ModelError):
        next(iter(watch_signing(reader, WatchOptions(signing=OFFLINE))))
    pushed.end()


def test_an_alphabet_that_cannot_be_read_fails_before_the_film_is_looked_at(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="alphabet"):
        read_signing(tmp_path / "not-there.mp4", WatchOptions(None, "gsg"))


def test_a_selfie_that_says_so_itself_stays_one_after_a_change_of_settings(tmp_path: Path) -> None:
    """Signs of a mirrored landmark file are found when settings come anew before the first of them."""
    clip = film(perform(signs()[:3], Manner(seed=7)), Camera(seed=7, mirrored=True))
    write_poses(clip, tmp_path / "film.npz")
    options = [WatchOptions(book_of(signs()[:3]), None) for _ in range(2)]
    seen: list[Seen] = []
    for one in watch_signing(tmp_path / "film.npz", lambda: options[len(seen) > 2]):
        seen.append(one)
    told = [sign.best.name for one in seen for sign in one.signs if sign.best and sign.known]
    assert told == [sign.name for sign in signs()[:3]]
