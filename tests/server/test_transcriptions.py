"""The transcription endpoint, driven by OpenAI's own client."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from openai import APIStatusError, BadRequestError, NotFoundError, OpenAI

from accessify.captions.formats.srt import read_srt
from accessify.captions.formats.vtt import read_vtt
from accessify.core.timeline import seconds
from accessify.media.sample import build_sample
from accessify.pipelines.live import LiveEngine
from accessify.server.options import Limits
from tests.server.site import WAIT, Site, serving
from tests.spoken import BECKETT, TWO_CITIES, agreement, clip

KEY = "correct horse"

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def client(site: Site) -> Iterator[OpenAI]:
    with openai_client(site) as opened:
        yield opened


def openai_client(site: Site, key: str = "none") -> OpenAI:
    return OpenAI(base_url=f"{site.address}/v1", api_key=key, timeout=WAIT, max_retries=0)


def transcribe(client: OpenAI, path: Path | None = None, **options: Any) -> Any:
    with (path or clip("beckett.wav")).open("rb") as file:
        return client.audio.transcriptions.create(file=file, **({"model": "whisper-1"} | options))


def test_json_is_the_text(client: OpenAI) -> None:
    answer = transcribe(client, model="moonshine-tiny-en")
    assert agreement(answer.text, BECKETT) > 0.7
    assert answer.usage.type == "duration"
    assert answer.usage.seconds == 10


def test_text_srt_and_vtt_are_files(client: OpenAI) -> None:
    assert agreement(transcribe(client, response_format="text"), BECKETT) > 0.7
    for name, read in (("srt", read_srt), ("vtt", read_vtt)):
        text = transcribe(client, response_format=name)
        cues = read(text, name).cues
        assert agreement(" ".join(cue.text for cue in cues), BECKETT) > 0.7
        assert cues[-1].span.end <= seconds(10.5)
        assert "upload" not in text  # what the server calls the file is nobody's business


def test_verbose_json_has_words_and_segments_as_asked(client: OpenAI) -> None:
    both = transcribe(
        client, response_format="verbose_json", timestamp_granularities=["word", "segment"], language="en"
    )
    assert both.language == "english"
    assert 9.5 < both.duration < 10.5
    assert [word.word for word in both.words] == both.text.split()
    assert all(0 <= word.start <= word.end <= 10.5 for word in both.words)
    assert all(
        earlier.start <= later.start for earlier, later in zip(both.words, both.words[1:], strict=False)
    )
    assert " ".join(segment.text for segment in both.segments).split() == both.text.split()
    assert [segment.id for segment in both.segments] == list(range(len(both.segments)))
    assert all(segment.avg_logprob < 0 and segment.compression_ratio > 0 for segment in both.segments)
    words = transcribe(client, response_format="verbose_json", timestamp_granularities=["word"])
    assert words.words
    assert words.segments is None
    plain = transcribe(client, response_format="verbose_json")
    assert plain.segments
    assert plain.words is None


def test_streaming_tells_words_as_they_are_heard_and_all_of_them_at_the_end(client: OpenAI) -> None:
    events = list(transcribe(client, clip("two_cities.wav"), stream=True))
    *deltas, done = events
    assert {event.type for event in deltas} == {"transcript.text.delta"}
    assert done.type == "transcript.text.done"
    assert "".join(event.delta for event in deltas) == done.text
    assert agreement(" ".join(done.text.split()[: len(TWO_CITIES.split())]), TWO_CITIES) > 0.8


def test_a_film_is_heard_too(client: OpenAI, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    build_sample(clip("beckett.wav"), film)
    assert agreement(transcribe(client, film).text, BECKETT) > 0.7


def test_models_are_listed(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["moonshine-tiny-en"]


@pytest.mark.parametrize(
    ("options", "param", "told"),
    [
        ({"language": "tlh"}, "language", "tlh"),
        ({"response_format": "diarized_json"}, "response_format", "verbose_json"),
        ({"prompt": "Beckett"}, "prompt", "cannot be honoured"),
        ({"temperature": 0.7}, "temperature", "cannot be honoured"),
        ({"include": ["logprobs"]}, "include", "cannot be honoured"),
        ({"timestamp_granularities": ["word"]}, "timestamp_granularities", "verbose_json"),
        ({"extra_body": {"colour": "red"}}, "colour", "unknown field"),
        ({"stream": True, "response_format": "srt"}, "response_format", "stream"),
    ],
)
def test_what_cannot_be_honoured_is_refused(
    client: OpenAI, options: dict[str, Any], param: str, told: str
) -> None:
    with pytest.raises(BadRequestError, match=told) as refused:
        transcribe(client, **options)
    assert refused.value.param == param


def test_an_unknown_model_is_not_found(client: OpenAI) -> None:
    with pytest.raises(NotFoundError) as refused:
        transcribe(client, model="moonshine-huge")
    assert refused.value.code == "model_not_found"
    assert "moonshine-tiny-en" in refused.value.message


@pytest.mark.parametrize("data", [b"", b"no sound at all", b"RIFF" + bytes(100)])
def test_what_is_no_recording_is_told(client: OpenAI, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "../odd name;rm.wav"
    path.write_bytes(data)
    with pytest.raises(BadRequestError) as refused:
        transcribe(client, path)
    assert refused.value.code == "invalid_file"
    assert "/" not in refused.value.message


def test_damage_told_in_a_stream_is_an_error_for_the_client(client: OpenAI, tmp_path: Path) -> None:
    path = tmp_path / "none.wav"
    path.write_bytes(b"nothing")
    with pytest.raises(Exception, match="not a media file"):
        list(transcribe(client, path, stream=True))


def test_uploads_and_times_are_limited(live_engine: LiveEngine) -> None:
    with serving(live_engine, Limits(upload_bytes=100_000)) as site, openai_client(site) as client:
        with pytest.raises(APIStatusError) as refused:
            transcribe(client)
        assert refused.value.status_code == 413
        head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
        request = urllib.request.Request(
            f"{site.address}/v1/audio/transcriptions",
            iter([head, bytes(60_000), bytes(60_000)]),  # chunks: no length that could be looked at first
            {"Content-Type": "multipart/form-data; boundary=x"},
        )
        with pytest.raises(HTTPError) as broken, urllib.request.urlopen(request, timeout=WAIT):
            pass
        with broken.value as error:
            assert error.code == 413
    with serving(live_engine, Limits(request_seconds=0.01)) as site, openai_client(site) as client:
        with pytest.raises(APIStatusError) as refused:
            transcribe(client)
        assert refused.value.status_code == 408
    with serving(live_engine, Limits(requests=1, waiting=-1)) as site, openai_client(site) as client:
        with pytest.raises(APIStatusError) as refused:
            transcribe(client)
        assert refused.value.status_code == 429


def test_a_key_is_a_token(live_engine: LiveEngine) -> None:
    with serving(live_engine, token=KEY) as site:
        with openai_client(site, "wrong horse") as client, pytest.raises(APIStatusError) as refused:
            transcribe(client)
        assert refused.value.status_code == 401
        with openai_client(site, KEY) as client:
            assert agreement(transcribe(client).text, BECKETT) > 0.7


def test_figures_tell_of_the_work(client: OpenAI, site: Site) -> None:
    transcribe(client)
    with urllib.request.urlopen(f"{site.address}/metrics", timeout=WAIT) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        figures = dict(
            line.rsplit(" ", 1) for line in answer.read().decode().splitlines() if not line.startswith("#")
        )
    assert float(figures['accessify_transcriptions_total{result="done"}']) >= 1
    assert float(figures["accessify_transcription_real_time_factor_sum"]) > 0
    assert {
        "accessify_queue_seconds",
        "accessify_streams",
        "accessify_worst_lag_seconds",
        "accessify_real_time_factor",
    } <= set(figures)
    with urllib.request.urlopen(f"{site.address}/healthz", timeout=WAIT) as answer:
        assert json.load(answer)["status"] == "ok"
