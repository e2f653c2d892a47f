"""Pictures that are pushed: the newest is given, at the sender's times, and rubbish does no harm."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from threading import Thread
from threading import enumerate as enumerate_threads

import numpy as np
import pytest

from accessify.core.errors import MediaError
from accessify.core.timeline import millis, seconds
from accessify.media.pushed import PushedPictures, open_pushed

cv2 = pytest.importorskip("cv2")

SOON = seconds(1)
HOUR = 3_600_000_000_000


def picture(level: int, size: tuple[int, int] = (64, 48), kind: str = ".jpg") -> bytes:
    image = np.full((size[1], size[0], 3), level, np.uint8)
    return bytes(cv2.imencode(kind, image)[1].tobytes())


def level(image: np.ndarray) -> int:
    return round(float(image.mean()))


def wait_for(what: Callable[[], bool]) -> None:
    ends = time.monotonic() + 10
    while not what():
        assert time.monotonic() < ends
        time.sleep(0.002)


@pytest.mark.parametrize("kind", [".jpg", ".webp"])
def test_each_picture_comes_at_the_time_its_sender_says(kind: str) -> None:
    pictures = PushedPictures()
    pictures.push(picture(20, kind=kind), HOUR)
    with open_pushed(pictures, SOON) as reader:
        assert (reader.live, reader.size) == (True, (64, 48))
        frames = iter(reader)
        seen = [next(frames)]
        for number in range(1, 5):
            pictures.push(picture(20 * (number + 1), kind=kind), HOUR + number * 33_000_000)
            seen.append(next(frames))
        pictures.end()
        assert list(frames) == []
    assert reader.began == HOUR
    assert [frame.start for frame in seen] == [millis(33 * number) for number in range(5)]
    assert [abs(level(frame.image) - 20 * (number + 1)) <= 2 for number, frame in enumerate(seen)] == [
        True
    ] * 5


def test_the_newest_picture_is_given_and_times_always_rise() -> None:
    pictures = PushedPictures()
    pictures.push(picture(10), HOUR)
    with open_pushed(pictures, SOON) as reader:
        frames = iter(reader)
        first = next(frames)
        for number in range(2, 12):
            pictures.push(picture(10 * number), HOUR + number)  # nanoseconds: nobody could look meanwhile
        newest = HOUR + 11
        wait_for(lambda: pictures.moment() == newest)
        second = next(frames)
        assert level(second.image) > 90
        pictures.push(picture(200), HOUR - 5)  # a clock that was set back
        third = next(frames)
        pictures.end()
    assert all(one.start < other.start for one, other in pairwise((first, second, third)))


def test_what_is_no_picture_is_passed_over() -> None:
    pictures = PushedPictures(most_pixels=64 * 48)
    pictures.push(picture(10), HOUR)
    with open_pushed(pictures, SOON) as reader:
        frames = iter(reader)
        next(frames)
        for spoiled in (
            b"",
            b"no picture",
            picture(10)[:30],
            picture(10, (4000, 4000)),
            picture(10, kind=".png"),
        ):
            before = pictures.damaged
            pictures.push(spoiled, HOUR + 1)
            wait_for(lambda before=before: pictures.damaged > before)  # type: ignore[misc]
        pictures.push(picture(90), HOUR + 1_000_000)
        assert abs(level(next(frames).image) - 90) <= 2
        pictures.end()
        assert [note.kind for note in reader.notes] == ["damaged"]


def test_nothing_but_rubbish_is_told_at_once() -> None:
    pictures = PushedPictures("the camera of this test")

    def push() -> None:
        for number in range(40):
            before = pictures.damaged
            pictures.push(b"rubbish", number)
            if pictures.damaged < 25:
                try:
                    wait_for(lambda before=before: pictures.damaged > before)  # type: ignore[misc]
                except AssertionError:
                    return

    thread = Thread(target=push)
    thread.start()
    with pytest.raises(MediaError, match="the camera of this test: what comes are no JPEG or WebP pictures"):
        open_pushed(pictures, seconds(20))
    thread.join()


def test_pictures_of_another_size_end_it_with_a_note() -> None:
    """A phone was turned: places in the new picture are others."""
    pictures = PushedPictures()
    pictures.push(picture(100), HOUR)
    with open_pushed(pictures, SOON) as reader:
        frames = iter(reader)
        next(frames)
        assert not pictures.turned
        pictures.push(picture(100, (48, 64)), HOUR + 1)
        assert list(frames) == []
        assert pictures.turned
        (note,) = reader.notes
        assert note.kind == "camera-lost"
        assert "another size now: 48×64" in note.text


def test_closing_lets_go_at_once_though_nobody_pushes() -> None:
    pictures = PushedPictures("a camera that is closed")
    pictures.push(picture(100), HOUR)
    with open_pushed(pictures, SOON) as reader:
        next(iter(reader))
    assert all(thread.name != "a camera that is closed" for thread in enumerate_threads())


def test_no_picture_at_all_is_an_error() -> None:
    pictures = PushedPictures()
    with pytest.raises(MediaError, match=r"no picture came within 0\.1 s"):
        open_pushed(pictures, millis(100))
    pictures.end()
