"""Live captions as HLS: hls.js in a real browser shows them in step with a film."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from urllib.error import HTTPError

import numpy as np
import pytest

from accessify.captions.formats.vtt import read_vtt
from accessify.core.timeline import to_seconds
from accessify.pipelines.live import LiveEngine
from accessify.server.options import Limits
from tests.server.chromium import browser_page, in_a_thread_of_its_own
from tests.server.hls_js import lay_out_player, published
from tests.server.site import WAIT, Site, beckett, hear, hear_all, pcm16, pieces, send, serving
from tests.spoken import BECKETT, agreement

pytestmark = pytest.mark.models

BEGIN = 10
"""Seconds on the film's own clock at which it begins, as films that come from a live encoder do."""
FIRST_PTS = BEGIN * 90_000
FINISH = json.dumps({"type": "finish"})
STEP = 0.2
"""Seconds that a caption may be early or late."""


def write_film(folder: Path) -> None:
    """Ten seconds of speech over a grey picture, as HLS in transport streams."""
    import av

    folder.mkdir(exist_ok=True)
    sound, rate = beckett(), 12
    options = {"hls_time": "2", "hls_list_size": "0", "hls_segment_filename": str(folder / "film%d.ts")}
    with av.open(folder / "film.m3u8", "w", format="hls", options=options) as film:
        picture = film.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "g": str(2 * rate)})
        picture.width, picture.height, picture.pix_fmt = 160, 90, "yuv420p"
        track = film.add_stream("aac", rate=48_000, layout="mono")
        for number in range(len(sound) * rate // 16_000):
            frame = av.VideoFrame.from_ndarray(np.full((90, 160, 3), 90 + number % 90, np.uint8), "rgb24")
            frame.pts, frame.time_base = number + BEGIN * rate, Fraction(1, rate)
            film.mux(picture.encode(frame))
        for at in range(0, len(sound), 1_600):
            heard = av.AudioFrame.from_ndarray(sound[None, at : at + 1_600], format="flt", layout="mono")
            heard.sample_rate, heard.pts, heard.time_base = 16_000, at + BEGIN * 16_000, Fraction(1, 16_000)
            film.mux(track.encode(heard))
        film.mux(track.encode(None))
        film.mux(picture.encode(None))


def write_master(folder: Path, captions: str) -> None:
    (folder / "master.m3u8").write_text(
        "#EXTM3U\n"
        f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="live",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,'
        f'URI="{captions}"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=200000,SUBTITLES="live"\nfilm.m3u8\n',
        "utf-8",
    )


@pytest.fixture(scope="module")
def heard(site: Site) -> str:
    """Address of a stream that has heard the film to its end."""
    with site.talk() as client:
        name = hear(client)["id"]
        send(client, [*pieces(pcm16(beckett())), FINISH])
        hear_all(client)
    return f"{site.address}/v1/live/{name}"


def fetch(address: str) -> str:
    with urllib.request.urlopen(address, timeout=WAIT) as answer:
        return str(answer.read().decode())


def test_playlist_and_segments_say_what_was_said(heard: str) -> None:
    playlist = fetch(f"{heard}/captions.m3u8?mpegts=900000")
    lines = playlist.splitlines()
    assert lines[0] == "#EXTM3U"
    assert lines[-1] == "#EXT-X-ENDLIST"
    lengths = [float(length) for length in re.findall(r"#EXTINF:([\d.]+),", playlist)]
    assert sum(lengths) == pytest.approx(len(beckett()) / 16_000, abs=1.5)
    assert max(lengths) <= int(re.findall(r"TARGETDURATION:(\d+)", playlist)[0])
    first, *names = [line for line in lines if line.startswith("captions/")]
    assert fetch(f"{heard}/{first}") == "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000\n"
    lengths.pop(0)
    texts: dict[str, str] = {}
    for number, name in enumerate(names):
        text = fetch(f"{heard}/{name}")
        assert text.startswith("WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000\n\n")
        for cue in read_vtt(text, name).shift(0).cues:
            at = to_seconds(cue.span.start) - 10, to_seconds(cue.span.end) - 10
            assert at[0] < sum(lengths[: number + 1]), "a caption stands in each segment that it crosses"
            assert at[1] > sum(lengths[:number])
            assert texts.setdefault(cue.id or "", cue.text) == cue.text
    assert agreement(" ".join(texts.values()), BECKETT) > 0.6


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("captions.m3u8?mpegts=-1", 400),
        ("captions.m3u8?mpegts=99999999999", 400),
        ("captions.m3u8?mpegts=x%0AEXTM3U", 400),
        ("captions/99.vtt", 404),
        ("captions/-1.vtt", 404),
        ("../never/captions.m3u8", 404),
    ],
)
def test_what_is_not_there_is_told(heard: str, path: str, code: int) -> None:
    with pytest.raises(HTTPError) as refused, urllib.request.urlopen(f"{heard}/{path}", timeout=WAIT):
        pass
    with refused.value as error:
        assert error.code == code


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("film")
    lay_out_player(folder)
    write_film(folder)
    return folder


@pytest.fixture(scope="module")
def open_site(live_engine: LiveEngine) -> Iterator[Site]:
    """A server that pages from elsewhere may use: the film lies on another."""
    with serving(live_engine, Limits(), origins=("*",)) as running:
        yield running


@in_a_thread_of_its_own
def test_hls_js_shows_captions_in_step_with_a_film_while_they_are_made(open_site: Site, film: Path) -> None:
    """Nothing has been said yet when the player opens the captions' playlist."""
    data = pcm16(beckett())
    head = len(data) * 6 // 10
    with open_site.talk() as client, browser_page() as page, published(film) as address:
        name = hear(client)["id"]
        captions = open_site.session(name).captions
        write_master(film, f"{open_site.address}/v1/live/{name}/captions.m3u8?mpegts={FIRST_PTS}")
        page.goto(address)
        page.wait_for_function("film.readyState >= 3", timeout=WAIT * 1000)
        send(client, pieces(data[:head]))
        page.wait_for_function("cues().length > 0", timeout=WAIT * 1000)
        send(client, [*pieces(data[head:]), FINISH])
        hear_all(client)
        page.wait_for_function(
            "(count) => cues().length >= count", arg=len(captions.cues), timeout=WAIT * 1000
        )  # the playlist is fetched again while it grows
        page.evaluate("(film.playbackRate = 2, film.play())")
        page.wait_for_function("film.ended", timeout=WAIT * 1000)
        cues, seen, problems = (page.evaluate(name) for name in ("cues()", "seen", "problems"))
    assert problems == []
    said = [cue for cue in captions.cues if to_seconds(cue.span.start) < 9.5]
    texts = [cue.text for cue in captions.cues]
    assert [text for _, _, text in cues] == texts  # each once, also those across borders
    for cue, (start, end, _) in zip(captions.cues, cues, strict=True):
        assert start == pytest.approx(to_seconds(cue.span.start), abs=0.05)
        assert end == pytest.approx(to_seconds(cue.span.end), abs=0.05)
    appeared = {text: (before, at) for before, at, text in reversed(seen) if text}
    assert {cue.text for cue in said} <= set(appeared)
    for cue in said:
        before, at = appeared[cue.text]
        assert before - STEP <= to_seconds(cue.span.start) <= at + STEP
        assert at - to_seconds(cue.span.start) <= STEP + (at - before)


@in_a_thread_of_its_own
def test_a_map_that_is_wrong_shows(open_site: Site, film: Path) -> None:
    """Proof that the player goes by the map: one that is 3 s off shows captions 3 s late."""
    with open_site.talk() as client:
        name = hear(client)["id"]
        send(client, [*pieces(pcm16(beckett())), FINISH])
        hear_all(client)
    wrong = FIRST_PTS + 3 * 90_000
    write_master(film, f"{open_site.address}/v1/live/{name}/captions.m3u8?mpegts={wrong}")
    last = list(open_site.session(name).captions.cues)[-1]
    with browser_page() as page, published(film) as address:
        page.goto(address)
        page.wait_for_function(
            "(text) => cues().some((cue) => cue[2] === text)", arg=last.text, timeout=WAIT * 1000
        )
        cues = page.evaluate("cues()")
    start = next(start for start, _, text in cues if text == last.text)
    assert start == pytest.approx(to_seconds(last.span.start) + 3, abs=0.05)


def test_segments_come_while_the_stream_is_live(open_site: Site) -> None:
    with open_site.talk() as client:
        name = hear(client)["id"]
        address = f"{open_site.address}/v1/live/{name}/captions.m3u8"
        assert fetch(address).count("#EXTINF") == 1  # an empty one
        send(client, pieces(pcm16(np.tile(beckett(), 2))))
        ends = time.monotonic() + WAIT
        while (playlist := fetch(address)).count("#EXTINF") < 4:
            assert time.monotonic() < ends
            time.sleep(0.1)
        assert "#EXT-X-ENDLIST" not in playlist
        first = fetch(f"{open_site.address}/v1/live/{name}/captions/0.vtt")
        client.send(FINISH)
        hear_all(client)
        assert fetch(f"{open_site.address}/v1/live/{name}/captions/0.vtt") == first
        lines = fetch(address).splitlines()
        names = [line for line in lines if line.startswith("captions/")]
        assert names == ["captions/start.vtt", *(f"captions/{n}.vtt" for n in range(len(names) - 1))]
