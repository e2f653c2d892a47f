from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.errors import NotMedia, OptionError, OutputError
from accessify.core.progress import Progress
from accessify.core.text import Cue, Run, Style
from accessify.core.timeline import Span, Track, millis, seconds
from accessify.media.languages import three_letters
from accessify.media.mux import mux_captions
from accessify.media.payload import timed_text
from accessify.media.probe import probe
from tests.media.make_media import Picture, Sound, grey, tone, write_media

CUES = Track.of(
    [
        Cue(Span(millis(500), millis(1240)), "Hello."),
        Cue(Span(millis(1240), millis(2000)), "Two lines,\nno gap: 字幕 1 < 2 & 3"),
        Cue(Span(millis(3700), millis(3960)), "Behind the last picture."),
    ]
)
KINDS = {".mp4": "mov_text", ".m4v": "mov_text", ".mov": "mov_text", ".mkv": "subrip", ".webm": "webvtt"}
ONE = Fraction(1, 1000)


def make_film(path: Path, **more: Any) -> Path:
    """Three seconds: two sound tracks, B-frames, chapters, tags, a start timecode."""
    web = path.suffix == ".webm"
    codec = "libopus" if web else "aac"
    sounds = [
        Sound(tone(3), codec, tags={"language": "eng", "title": "Main"}, default=True),
        Sound(tone(3, 300), codec, tags={"language": "fra"}, default=False),
    ]
    tags = {} if web else {"timecode": "01:00:00:00"}
    picture = Picture(grey(75), codec="libvpx" if web else "libx264", tags=tags)
    chapters = [
        {"id": 1, "start": 0, "end": 1000, "time_base": ONE, "metadata": {"title": "One"}},
        {"id": 2, "start": 1000, "end": 3000, "time_base": ONE, "metadata": {"title": "Two"}},
    ]
    return write_media(path, sounds, picture, tags={"title": "A film"}, chapters=chapters, **more)


def contents(path: Path, kind: str) -> list[list[tuple[int | None, bytes]]]:
    """(timestamp, bytes) of every packet of every stream of a kind."""
    import av

    with av.open(str(path)) as film:
        found: dict[int, list[tuple[int | None, bytes]]] = {
            stream.index: [] for stream in film.streams if stream.type == kind
        }
        for packet in film.demux([film.streams[index] for index in found]):
            if packet.size:
                found[packet.stream_index].append((packet.pts, bytes(packet)))
        return list(found.values())


def shown(path: Path) -> list[tuple[int, int, str]]:
    """(start ms, end ms, text) of the caption track as FFmpeg's decoder gives it; empty cues left out."""
    import av

    with av.open(str(path)) as film:
        (stream,) = film.streams.subtitles
        start = min(item.start_time * item.time_base for item in (*film.streams.video, *film.streams.audio))
        found = []
        for packet in film.demux(stream):
            for line in packet.decode() if packet.size else ():
                first = (packet.pts * packet.time_base - start) * 1000
                last = first + packet.duration * packet.time_base * 1000
                found.append((round(first), round(last), line.dialogue.decode()))
        return found


@pytest.mark.parametrize("suffix", KINDS)
def test_the_captions_come_back(tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"out{suffix}"
    mux_captions(make_film(tmp_path / f"film{suffix}"), CUES, target, language="en-GB", title="English")
    back = shown(target)
    assert [(start, end) for start, end, _ in back] == [(500, 1240), (1240, 2000), (3700, 3960)]
    texts = [text for *_, text in back]
    assert texts[0] == "Hello."
    assert texts[1] == "Two lines,\nno gap: 字幕 1 < 2 & 3"
    assert texts[2] == "Behind the last picture."


@pytest.mark.parametrize("suffix", KINDS)
def test_nothing_else_changes(tmp_path: Path, suffix: str) -> None:
    import av

    film = make_film(tmp_path / f"film{suffix}")
    target = tmp_path / f"out{suffix}"
    mux_captions(film, CUES, target, language="en", title=None)
    for kind in ("video", "audio"):
        assert contents(target, kind) == contents(film, kind)
    before, after = probe(film), probe(target)
    assert after.audio == before.audio
    assert after.video == before.video
    assert after.start_timecode == before.start_timecode
    with av.open(str(film)) as one, av.open(str(target)) as two:
        assert two.metadata["title"] == "A film"
        assert [(c["start"] * c["time_base"], c["metadata"]) for c in two.chapters()] == [
            (c["start"] * c["time_base"], c["metadata"]) for c in one.chapters()
        ]


@pytest.mark.parametrize("suffix", KINDS)
def test_the_track_is_labelled(tmp_path: Path, suffix: str) -> None:
    import av
    from av.stream import Disposition

    target = tmp_path / f"out{suffix}"
    mux_captions(make_film(tmp_path / f"film{suffix}"), CUES, target, language="zh-Hans", title="简体中文")
    with av.open(str(target)) as film:
        (stream,) = film.streams.subtitles
        assert stream.codec_context.name.replace("srt", "subrip") == KINDS[suffix]
        assert stream.language == ("chi" if suffix == ".mov" else "zho")  # QuickTime numbers languages
        assert "简体中文" in (stream.metadata.get("title"), stream.metadata.get("name"))
        assert stream.disposition & Disposition.default


def test_timecode_counts_frames_and_rotation_stays(tmp_path: Path) -> None:
    """What a camera writes: 29.97 drop-frame, held upright, and tags of its own."""
    import av

    film, turned, target = tmp_path / "film.mov", tmp_path / "turned.mov", tmp_path / "out.mov"
    rate = Fraction(30000, 1001)
    write_media(film, [Sound(tone(2))], Picture(grey(60), rate, tags={"timecode": "00:59:59;28"}))
    maker = {"com.apple.quicktime.model": "Pocket"}
    with (
        av.open(str(film)) as source,
        av.open(str(turned), "w", container_options={"movflags": "use_metadata_tags"}) as output,
    ):
        output.metadata.update(maker)
        copy = output.add_stream_from_template(source.streams.video[0], opaque=True)
        copy.codec_context.framerate = rate
        copy.metadata["timecode"] = "00:59:59;28"
        copy.set_display_rotation(90)
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = copy
                output.mux(packet)
    mux_captions(turned, CUES, target, language="en", title=None)
    for path in (turned, target):
        with av.open(str(path)) as back:
            assert back.metadata["com.apple.quicktime.model"] == "Pocket"
            (clock,) = [stream for stream in back.streams if stream.type == "data"]
            assert clock.metadata["timecode"] == "00:59:59;28"
            (count,) = [bytes(packet) for packet in back.demux(clock) if packet.size]
            assert int.from_bytes(count, "big") == 3599 * 30 + 28 - 2 * (59 - 5)
        with av.open(str(path)) as back:
            assert next(back.decode(video=0)).rotation == 90
        assert probe(path).start_timecode == "00:59:59;28"


def test_italics_stay(tmp_path: Path) -> None:
    import av

    cue = Cue(Span(0, seconds(1)), "He said no.", (Run("He said "), Run("no", Style(italic=True)), Run(".")))
    for suffix, mark in ((".mkv", b"<i>no</i>"), (".mp4", b"styl"), (".webm", b"<i>no</i>")):
        target = tmp_path / f"out{suffix}"
        mux_captions(
            make_film(tmp_path / f"film{suffix}"), Track.of([cue]), target, language="en", title=None
        )
        assert any(mark in data for _, data in contents(target, "subtitle")[0])
        with av.open(str(target)) as film:
            packets = [packet for packet in film.demux(subtitles=0) if packet.size > 2]
            (line,) = packets[0].decode()
        if suffix != ".webm":  # FFmpeg's WebVTT decoder leaves tags to the renderer
            assert b"{\\i1}no" in line.ass


def test_a_film_that_starts_late(tmp_path: Path) -> None:
    """MPEG-TS into Matroska: its clock starts at 1.4 s, its captions with it."""
    film = write_media(
        tmp_path / "film.ts", [Sound(tone(3), "mp2")], Picture(grey(75)), options={"max_delay": "700000"}
    )
    target = tmp_path / "out.mkv"
    mux_captions(film, CUES, target, language=None, title=None)
    # Matroska rounds every stream to milliseconds by itself
    assert [start for start, *_ in shown(target)] == pytest.approx([500, 1240, 3700], abs=1)


def test_matroska_keeps_its_fonts_and_other_captions(tmp_path: Path) -> None:
    import av

    plain = make_film(tmp_path / "plain.mkv")
    first, second = tmp_path / "first.mkv", tmp_path / "second.mkv"
    mux_captions(plain, CUES, first, language="en", title="English")
    with_font = tmp_path / "font.mkv"
    with av.open(str(first)) as source, av.open(str(with_font), "w") as output:
        copies = [output.add_stream_from_template(stream, opaque=True) for stream in source.streams]
        copies[3].metadata["language"] = "eng"
        output.add_attachment("font.ttf", "font/ttf", b"not really a font")
        for packet in source.demux():
            if packet.size:
                packet.stream = copies[packet.stream_index]
                output.mux(packet)
    mux_captions(with_font, CUES, second, language="de", title="Deutsch")
    with av.open(str(second)) as film:
        assert [attachment.data for attachment in film.streams.attachments] == [b"not really a font"]
        assert [stream.language for stream in film.streams.subtitles] == ["eng", "deu"]
    assert contents(second, "subtitle")[0] == contents(first, "subtitle")[0]


def test_the_film_itself_is_never_the_target(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mkv")
    before = film.read_bytes()
    alias = tmp_path / "alias.mkv"
    alias.symlink_to(film)
    for target in (film, alias):
        with pytest.raises(OptionError, match="overwritten"):
            mux_captions(film, CUES, target, language=None, title=None)
    assert film.read_bytes() == before


def test_containers_that_carry_no_captions(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mkv")
    with pytest.raises(OptionError, match=r"\.mp4, \.m4v, \.mov, \.mkv, \.webm"):
        mux_captions(film, CUES, tmp_path / "out.ts", language=None, title=None)


def test_what_the_container_cannot_hold(tmp_path: Path) -> None:
    film = write_media(tmp_path / "film.mkv", [Sound(tone(1), "pcm_s24le")], Picture(grey(25)))
    with pytest.raises(OutputError, match=r"\.mkv"):
        mux_captions(film, CUES, tmp_path / "out.webm", language=None, title=None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.mkv"]


def test_bad_films_leave_nothing(tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("no film\n" * 100)
    for film in (text, tmp_path / "missing.mp4"):
        with pytest.raises(NotMedia):
            mux_captions(film, CUES, tmp_path / "out.mp4", language=None, title=None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["text.mp4"]


def test_a_target_that_cannot_be_written(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mkv")
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        mux_captions(film, CUES, tmp_path / "file" / "out.mkv", language=None, title=None)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_no_captions_at_all(tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"out{suffix}"
    mux_captions(make_film(tmp_path / f"film{suffix}"), Track[Cue](), target, language=None, title=None)
    assert shown(target) == []


def test_overlapping_captions_share_the_screen_in_mp4(tmp_path: Path) -> None:
    cues = Track.of([Cue(Span(0, millis(2000)), "Left."), Cue(Span(millis(1000), millis(3000)), "Right.")])
    film = make_film(tmp_path / "film.mp4")
    mux_captions(film, cues, tmp_path / "out.mp4", language=None, title=None)
    assert shown(tmp_path / "out.mp4") == [
        (0, 1000, "Left."),
        (1000, 2000, "Left.\nRight."),
        (2000, 3000, "Right."),
    ]
    mux_captions(film, cues, tmp_path / "out.mkv", language=None, title=None)
    assert [text for *_, text in shown(tmp_path / "out.mkv")] == ["Left.", "Right."]


SPANS = st.tuples(st.integers(0, 50), st.integers(0, 10)).map(lambda pair: Span(pair[0], sum(pair)))


@given(st.lists(SPANS, max_size=8))
def test_timed_text_leaves_no_gap_and_loses_no_cue(spans: list[Span]) -> None:
    cues = Track.of([Cue(span, f"cue {index};") for index, span in enumerate(spans)])
    samples = list(timed_text(cues))
    assert all(a.span.end == b.span.start for a, b in pairwise(samples))
    assert not samples or samples[0].span.start == 0
    for tick in range(61):
        expected = {cue.text for cue in cues if tick in cue.span}
        text = "".join(sample.payload[2:].decode() for sample in samples if tick in sample.span)
        assert {line for line in text.split("\n") if line} == expected


@pytest.mark.parametrize(
    ("tag", "code"),
    [("en", "eng"), ("en-GB", "eng"), ("zh-Hans", "zho"), ("PT_br", "por"), ("cmn", "zho"), ("gsw", "gsw"),
     ("de", "deu"), (None, "und"), ("", "und"), ("x-klingon", "und")],
)  # fmt: skip
def test_three_letters(tag: str | None, code: str) -> None:
    assert three_letters(tag) == code


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_film_cut_short_is_copied_as_far_as_it_goes(tmp_path: Path, suffix: str) -> None:
    options = {"movflags": "+faststart"} if suffix == ".mp4" else {}
    film = make_film(tmp_path / f"film{suffix}", options=options)
    film.write_bytes(film.read_bytes()[: film.stat().st_size * 2 // 3])
    target = tmp_path / f"out{suffix}"
    mux_captions(film, CUES, target, language="en", title=None)
    assert [start for start, *_ in shown(target)] == [500, 1240, 3700]
    copied = contents(target, "video")[0]
    assert copied == contents(film, "video")[0]
    assert len(copied) > 30


def test_progress_counts_the_bytes_of_the_film_and_may_stop_it(tmp_path: Path) -> None:
    film = write_media(tmp_path / "film.mp4", [Sound(tone(20))], Picture(grey(500)))
    steps: list[Progress] = []
    mux_captions(film, CUES, tmp_path / "a.mp4", language="en", title=None, on_progress=steps.append)
    assert len(steps) >= 3
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert 0 <= done[0] < done[-1] <= film.stat().st_size
    assert {(step.stage, step.total, step.unit) for step in steps} == {("mux", film.stat().st_size, "B")}

    def stop(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mux_captions(film, CUES, tmp_path / "b.mp4", language="en", title=None, on_progress=stop)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "film.mp4"]
