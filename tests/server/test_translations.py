"""Options of engines that take some, by OpenAI's own client: language, prompt, temperature, translation."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openai import BadRequestError, NotFoundError, OpenAI

from accessify.engines import registry
from accessify.pipelines import listen
from accessify.pipelines.caption import CaptionOptions
from accessify.pipelines.live import LiveEngine
from tests.fakes import BILINGUAL, LoudSpeech, speak, write_wav
from tests.server.site import WAIT, serving

pytestmark = pytest.mark.models

LOW, HIGH = "alpha bravo charlie", "foxtrot golf hotel"


@pytest.fixture
def client(live_engine: LiveEngine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[OpenAI]:
    """Of a server whose model is a file of its own."""
    monkeypatch.setitem(registry.ENGINES, "bilingual", BILINGUAL)
    monkeypatch.setattr(listen, "Silero", LoudSpeech)
    own = tmp_path / "mine.pt"
    own.write_bytes(b"tones")
    caption = CaptionOptions(
        engine="bilingual", model=str(own), language="auto", shots=False, workers=1, offline=True
    )
    with (
        serving(live_engine, caption=caption) as site,
        OpenAI(base_url=f"{site.address}/v1", api_key="none", timeout=WAIT, max_retries=0) as opened,
    ):
        yield opened


@pytest.fixture
def upload(tmp_path: Path) -> dict[str, Any]:
    path = write_wav(tmp_path / "high.wav", speak(f"[1] {HIGH} [1]"))
    return {"file": ("high.wav", io.BytesIO(path.read_bytes())), "model": "whisper-1"}


def test_the_language_is_heard_or_told(client: OpenAI, upload: dict[str, Any]) -> None:
    heard: Any = client.audio.transcriptions.create(**upload, response_format="verbose_json")
    assert (heard.text, heard.language) == ("头发很", "chinese")
    upload["file"][1].seek(0)
    told: Any = client.audio.transcriptions.create(**upload, response_format="verbose_json", language="en")
    assert (told.text.lower().rstrip("."), told.language) == (HIGH, "english")


def test_a_prompt_and_a_temperature_are_honoured(client: OpenAI, upload: dict[str, Any]) -> None:
    done = client.audio.transcriptions.create(**upload, language="en", prompt="GOLF", temperature=0)
    assert "GOLF" in done.text
    upload["file"][1].seek(0)
    with pytest.raises(BadRequestError, match="takes no temperatures"):  # this engine has none
        client.audio.transcriptions.create(**upload, temperature=0.4)
    for heat in ("warm", 7, -1, "nan"):
        with pytest.raises(BadRequestError, match="a number from 0 to 1"):
            client.audio.transcriptions.create(**upload, temperature=heat)


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")  # OpenAI ends it; others go on
def test_what_was_said_is_translated(client: OpenAI, upload: dict[str, Any]) -> None:
    done = client.audio.translations.create(**upload)
    assert done.text.lower().rstrip(".") == HIGH


def test_a_client_names_the_servers_own_model_and_never_a_path(
    client: OpenAI, upload: dict[str, Any], tmp_path: Path
) -> None:
    assert [model.id for model in client.models.list()] == ["mine.pt", "tones"]
    assert client.audio.transcriptions.create(**(upload | {"model": "mine.pt"})).text == "头发很"
    upload["file"][1].seek(0)
    with pytest.raises(NotFoundError) as refused:
        client.audio.transcriptions.create(**(upload | {"model": str(tmp_path / "mine.pt")}))
    assert refused.value.code == "model_not_found"


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")  # OpenAI ends it; others go on
def test_an_engine_that_does_not_translate_says_so(live_engine: LiveEngine, upload: dict[str, Any]) -> None:
    with (
        serving(live_engine) as site,
        OpenAI(base_url=f"{site.address}/v1", api_key="none", timeout=WAIT, max_retries=0) as client,
        pytest.raises(
            BadRequestError, match="engine moonshine does not translate; start the server with --engine"
        ),
    ):
        client.audio.translations.create(**upload)
