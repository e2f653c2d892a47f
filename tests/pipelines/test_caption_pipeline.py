from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import accessify
from accessify.captions.doubt import unsure_remarks, unsure_words
from accessify.captions.rules import default_profile
from accessify.core.errors import OptionError, OutputError, UnknownName
from accessify.core.progress import Progress
from accessify.core.text import Cue
from accessify.core.timeline import Rate, Track, millis, seconds
from accessify.delivery.files import read_captions
from accessify.engines import registry
from accessify.hub import catalog
from accessify.hub.cache import path_of
from accessify.hub.catalog import find_model
from accessify.media.probe import probe
from accessify.pipelines.caption import (
    CaptionOptions,
    caption,
    caption_film,
)
from accessify.pipelines.targets import plan_targets
from tests.fakes import TONES, speak, write_wav
from tests.media.make_media import Picture, Sound, grey, write_media

WEIGHTS = b"tones need no weights"
CATALOG = "[wheels]\n" + "".join(
    f"""
[models.{name}]
title = "{name}"
task = "{task}"
licence = "MIT"
languages = ["en"]
sources = [{{ url = "https://models.invalid/" }}]
files = [{{ name = "weights.bin", size = {len(WEIGHTS)}, sha256 = "{hashlib.sha256(WEIGHTS).hexdigest()}" }}]
"""
    for name, task in (("tones", "automatic-speech-recognition"), ("silero-vad", "voice-activity-detection"))
)
SPOKEN = "[1] alpha bravo charlie [1.5] delta echo foxtrot [1.5] golf hotel [1]"


@pytest.fixture(autouse=True)
def options(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, _loud_is_speech: None) -> CaptionOptions:
    """Options for a recogniser of tones, whose model is in a cache of its own."""
    (tmp_path / "catalog.toml").write_text(CATALOG, "utf-8")
    monkeypatch.setattr(catalog, "CATALOG", tmp_path / "catalog.toml")
    monkeypatch.setenv("ACCESSIFY_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("ACCESSIFY_MIRROR", raising=False)
    monkeypatch.setitem(registry.ENGINES, "tones", TONES)
    for name in ("tones", "silero-vad"):
        path = path_of(find_model(name).files[0])
        path.parent.mkdir(parents=True)
        path.write_bytes(WEIGHTS)
    return CaptionOptions(engine="tones", offline=True)


@pytest.fixture
def films(tmp_path: Path) -> Path:
    folder = tmp_path / "films"
    folder.mkdir()
    return folder


@pytest.fixture
def sound(films: Path) -> Path:
    return write_wav(films / "take.one.wav", speak(SPOKEN))


@pytest.fixture
def film(films: Path) -> Path:
    """Two shots at 25 fps with the words over them."""
    rate, samples = 48_000, np.repeat(speak(SPOKEN), 3)[None, :]
    pictures = grey(190, lambda index: 40 if index < 70 else 200)
    return write_media(films / "film.mp4", [Sound(samples, rate=rate)], Picture(pictures))


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_as_a_function_it_gives_the_cues_and_writes_nothing(sound: Path, options: CaptionOptions) -> None:
    before = names(sound.parent)
    cues = accessify.caption(sound, options)
    assert [word.text for cue in cues for word in cue.words] == SPOKEN_WORDS
    assert names(sound.parent) == before


SPOKEN_WORDS = [word for word in SPOKEN.split() if not word.startswith("[")]


def test_cues_show_the_words_when_they_are_said(sound: Path, options: CaptionOptions) -> None:
    for cue in caption(str(sound), options):
        assert cue.text.split() == [word.text for word in cue.words]
        assert abs(cue.span.start - cue.words[0].span.start) <= millis(200)
        assert cue.span.end >= cue.words[-1].span.end - millis(50)


def test_files_land_beside_the_film_in_every_format_asked_for(sound: Path, options: CaptionOptions) -> None:
    done = caption_film(sound, options, formats=["srt", "vtt", "srt"])
    assert [path.name for path in done.delivered.files] == ["take.one.srt", "take.one.vtt"]
    assert names(sound.parent) == ["take.one.srt", "take.one.vtt", "take.one.wav"]
    for path in done.delivered.files:
        shown = [(cue.text, cue.span.start) for cue in read_captions(path).cues]
        assert shown == [(cue.text, millis(round(cue.span.start / millis(1)))) for cue in done.document.cues]


def test_the_document_says_that_a_machine_made_it(sound: Path, options: CaptionOptions) -> None:
    done = caption_film(sound, options, formats=["json"])
    document = read_captions(done.delivered.files[0])
    assert document.origin is not None
    assert document.origin.startswith("Machine-made captions: tones, accessify ")
    assert document.language == "en"
    assert document.words == done.document.words
    assert all(word.confidence is not None for word in document.words)


def test_the_journal_is_gone_when_all_is_written(sound: Path, state: Path, options: CaptionOptions) -> None:
    caption_film(sound, options, formats=["srt"])
    assert names(state / "jobs") == []


def test_a_place_that_cannot_be_written_is_found_before_any_work(
    sound: Path, state: Path, options: CaptionOptions
) -> None:
    steps: list[Progress] = []
    with pytest.raises(OutputError, match="choose another"):
        caption_film(sound, options, output=sound / "below" / "a.srt", on_progress=steps.append)
    assert not steps
    assert not (state / "jobs").exists()
    assert names(sound.parent) == ["take.one.wav"]


def test_the_journal_stays_when_the_files_cannot_be_written(
    sound: Path, state: Path, options: CaptionOptions
) -> None:
    folder = sound.parent / "out"

    def lose_the_folder(step: Progress) -> None:
        if step.stage == "transcribe" and folder.is_dir():
            folder.rmdir()
            folder.write_text("a file in the way")

    with pytest.raises(OutputError, match="in the way; choose another with -o"):
        caption_film(sound, options, output=folder / "a.srt", on_progress=lose_the_folder)
    (journal,) = (state / "jobs").iterdir()
    assert journal.read_text().strip()
    steps: list[Progress] = []
    done = caption_film(sound, options, formats=["srt"], on_progress=steps.append)
    assert done.delivered.files
    assert names(state / "jobs") == []


def test_captions_that_a_person_corrected_are_kept(sound: Path, options: CaptionOptions) -> None:
    (path,) = caption_film(sound, options, formats=["srt"]).delivered.files
    made = path.read_bytes()
    assert caption_film(sound, options, formats=["srt"]).delivered.kept == ()
    assert names(sound.parent) == ["take.one.srt", "take.one.wav"]
    for number, text in enumerate((b"corrected once", b"corrected twice")):
        path.write_bytes(text)
        (kept,) = caption_film(sound, options, formats=["srt"]).delivered.kept
        assert kept.name == ("take.one.earlier.srt", "take.one.earlier-2.srt")[number]
        assert kept.read_bytes() == text
        assert path.read_bytes() == made


def test_files_say_which_words_to_listen_to_first(sound: Path, options: CaptionOptions) -> None:
    done = caption_film(sound, options, formats=["vtt"])
    unsure = unsure_words(done.document.words)
    text = done.delivered.files[0].read_text("utf-8")
    assert ("Listen to these words first:" in text) == bool(unsure)
    words = Track.of([replace(done.document.words[0], confidence=0.25), done.document.words[1]])
    (remark,) = unsure_remarks(words, 0.5)
    assert remark.splitlines()[1].endswith("alpha (25% sure)")
    assert unsure_remarks(words, 0.2) == ()


def test_a_drop_frame_timecode_counts_so(films: Path, options: CaptionOptions) -> None:
    rate = Rate.parse("29.97")
    voice = [Sound(np.repeat(speak(SPOKEN), 3)[None, :], rate=48_000)]
    film = write_media(films / "df.mp4", voice, Picture(grey(220), rate=rate.fps))
    late = replace(options, start_timecode="01:00:00;00")
    done = caption_film(film, late, formats=["json"])
    assert done.start == Rate(rate.fps, drop=True).at(107_892)  # frames in a drop-frame hour
    assert done.document.rate == Rate(rate.fps, drop=True)
    with pytest.raises(OptionError, match="no start timecode of its own"):
        caption_film(film, replace(options, start_timecode="film"))


def test_the_track_in_the_language_spoken_is_taken(films: Path, options: CaptionOptions) -> None:
    voice = np.repeat(speak(SPOKEN), 3)[None, :]
    tracks = [
        Sound(np.zeros_like(voice), rate=48_000, tags={"language": "fra"}, default=True),
        Sound(voice, rate=48_000, tags={"language": "eng"}, default=False),
    ]
    film = write_media(films / "two.mkv", tracks, Picture(grey(190)))
    assert len(caption_film(film, options).document.words) == len(SPOKEN_WORDS)
    silent = caption_film(film, replace(options, audio_track=0)).document
    assert not silent.cues
    notes = {note.kind: note.text for note in silent.cues.notes}
    assert "'en'" in notes["language"]
    assert "other tracks for --audio-track: 1 (eng" in notes["silent"]


def test_a_start_timecode_moves_what_is_written_and_nothing_else(film: Path, options: CaptionOptions) -> None:
    plain = caption_film(film, options, formats=["srt", "json"])
    before = read_captions(plain.delivered.files[0]).cues
    late = CaptionOptions(engine="tones", offline=True, start_timecode="01:00:00:12")
    done = caption_film(film, late, formats=["srt", "json"])
    shift = seconds(3600) + Rate.parse("25").at(12)
    assert [cue.span for cue in read_captions(done.delivered.files[0]).cues] == [
        cue.span.shift(shift) for cue in before
    ]
    assert done.document == plain.document
    words = read_captions(done.delivered.files[1]).words
    assert [word.span for word in words] == [word.span.shift(shift) for word in plain.document.words]


def test_the_rate_and_the_end_are_those_of_the_film(film: Path, options: CaptionOptions) -> None:
    done = caption_film(film, options)
    assert done.film.rate == Rate.parse("25")
    assert done.film.end == probe(film).span.end
    assert done.document.rate == done.film.rate


def test_shots_are_found_where_asked_for(film: Path, options: CaptionOptions) -> None:
    steps: list[Progress] = []
    asked = CaptionOptions(engine="tones", offline=True, shots=True)
    done = caption_film(film, asked, on_progress=steps.append)
    assert done.film.shots == (Rate.parse("25").at(70),)
    assert {step.stage for step in steps} == {"transcribe", "find shots"}


def test_a_muxed_film_carries_the_captions_unshifted(film: Path, options: CaptionOptions) -> None:
    import av

    asked = CaptionOptions(engine="tones", offline=True, mux=True, start_timecode="01:00:00:00")
    done = caption_film(film, asked)
    (muxed,) = done.delivered.files
    assert muxed.name == "film.captioned.mp4"
    with av.open(str(muxed)) as container:
        (stream,) = container.streams.subtitles
        assert stream.language == "eng"
        packets = [packet for packet in container.demux(stream) if packet.size > 2]
        starts = [float(packet.pts * packet.time_base) for packet in packets]
    expected = [cue.span.start / seconds(1) for cue in done.document.cues]
    assert starts == pytest.approx(expected, abs=0.002)


def test_a_muxed_film_lands_in_the_folder_asked_for(
    film: Path, tmp_path: Path, options: CaptionOptions
) -> None:
    asked = CaptionOptions(engine="tones", offline=True, mux=True)
    done = caption_film(film, asked, output=tmp_path / "out", formats=["vtt"])
    assert names(tmp_path / "out") == ["film.captioned.mp4", "film.vtt"]
    assert set(done.delivered.files) == {tmp_path / "out" / name for name in names(tmp_path / "out")}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"start_timecode": "1 hour"}, OptionError, "not a timecode"),
        ({"start_timecode": "00:00:00:30"}, OptionError, "frame 30 does not exist at 25"),
        ({"profile": "netflicks"}, UnknownName, "unknown profile 'netflicks'"),
        ({"language": "zh"}, UnknownName, "use --engine whisper"),
        ({"model": "huge"}, UnknownName, "unknown model 'huge'"),
        ({"engine": "siren"}, UnknownName, "unknown engine 'siren'"),
        ({"audio_track": 3}, LookupError, "no audio track 3; choose --audio-track from: 0"),
    ],
)
def test_options_that_cannot_be_honoured_are_refused_before_any_work(
    film: Path, state: Path, change: dict[str, object], error: type[Exception], message: str
) -> None:
    steps: list[Progress] = []
    asked = CaptionOptions(**{"engine": "tones", "offline": True, **change})  # type: ignore[arg-type]
    with pytest.raises(error, match=message):
        caption_film(film, asked, formats=["srt"], on_progress=steps.append)
    assert steps == []
    assert names(film.parent) == ["film.mp4"]
    assert not list(state.rglob("*.jsonl"))


def test_mux_is_refused_before_any_work_where_it_cannot_be(sound: Path, films: Path) -> None:
    asked = CaptionOptions(engine="tones", offline=True, mux=True)
    steps: list[Progress] = []
    with pytest.raises(OptionError, match="there is no picture to put captions into; leave out --mux"):
        caption_film(sound, asked, on_progress=steps.append)
    avi = write_media(
        films / "old.avi",
        [Sound(speak("alpha")[None, :], "pcm_s16le", 16_000)],
        Picture(grey(25), codec="mpeg4"),
    )
    with pytest.raises(
        OptionError, match=r"old\.avi: captions cannot be muxed into this kind of file; use \.mp4"
    ):
        caption_film(avi, asked, on_progress=steps.append)
    assert steps == []


class TestTargets:
    def test_beside_the_film(self) -> None:
        film = Path("a/b.c.mov")
        assert plan_targets(film, None, []).captions == ()
        assert plan_targets(film, None, ["srt", "ttml"]).captions == (Path("a/b.c.srt"), Path("a/b.c.ttml"))

    def test_in_a_folder(self) -> None:
        assert plan_targets(Path("a/b.mov"), "out", []).captions == (Path("out/b.srt"),)
        assert plan_targets(Path("a/b.mov"), "out", ["vtt", "txt"]).captions == (
            Path("out/b.vtt"),
            Path("out/b.txt"),
        )

    def test_in_a_folder_whose_name_has_a_dot(self, tmp_path: Path) -> None:
        (tmp_path / "v1.2").mkdir()
        assert plan_targets(Path("b.mov"), tmp_path / "v1.2", []).captions == (tmp_path / "v1.2" / "b.srt",)

    def test_one_file(self) -> None:
        assert plan_targets(Path("b.mov"), "x/y.vtt", []).captions == (Path("x/y.vtt"),)
        assert plan_targets(Path("b.mov"), "x/y.vtt", ["vtt"]).captions == (Path("x/y.vtt"),)

    @pytest.mark.parametrize("formats", [["srt", "vtt"], ["vtt"]])
    def test_one_file_cannot_be_of_another_format(self, formats: list[str]) -> None:
        with pytest.raises(OptionError, match=r"-o one\.srt names one \.srt file; name a folder"):
            plan_targets(Path("b.mov"), "one.srt", formats)

    def test_unknown_formats(self) -> None:
        for output, formats in ((None, ["docx"]), ("out", ["docx"]), ("one.docx", []), ("one.docx", ["srt"])):
            with pytest.raises(UnknownName, match="unknown format 'docx'"):
                plan_targets(Path("b.mov"), output, formats)


def test_the_usual_profile_of_a_language() -> None:
    assert default_profile("en") == default_profile("en-GB") == "netflix-en"
    assert default_profile("zh-Hans") == "netflix-zh-hans"
    assert default_profile("fi") == "web"


def test_captions_come_while_the_film_is_heard(films: Path, options: CaptionOptions) -> None:
    """Window by window, each word once and in order; and a run that was stopped tells them again."""
    spoken = "[1.5] ".join(f"{' '.join(SPOKEN_WORDS[at % 6 : at % 6 + 3])} " for at in range(24))
    path = write_wav(films / "long.wav", speak(f"[1] {spoken}[1]"))
    told: list[Track[Cue]] = []
    done = caption_film(path, options, on_cues=told.append)
    assert len(told) >= 4
    assert len(told[0]) == 1  # soon: after one utterance
    shown = [cue for cues in told for cue in cues]
    assert [word for cue in shown for word in cue.words] == list(done.document.words)
    for before, after in pairwise(shown):
        assert before.span.end <= after.span.start
    assert done.document.cues == caption_film(path, options).document.cues
    journal = films / "journal"

    def stop_after_two(cues: Track[Cue]) -> None:
        if cues.events[0] == told[2].events[0]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        caption_film(path, replace(options, journal=journal), on_cues=stop_after_two)
    (kept,) = journal.iterdir()
    assert kept.suffix == ".jsonl"
    again: list[Track[Cue]] = []
    assert caption_film(path, replace(options, journal=journal), on_cues=again.append) == done
    assert again == told
    assert names(journal) == []
