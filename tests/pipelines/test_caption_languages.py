"""Films in languages that are heard: which they are in, what they are captioned in, and in which script."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from accessify.captions import unify as unify_module
from accessify.core.errors import OptionError, UnknownName
from accessify.delivery.files import read_captions
from accessify.engines import registry
from accessify.pipelines.caption import Captioned, CaptionOptions, caption_film
from accessify.speech.whisper_options import WhisperOptions
from tests.fakes import BILINGUAL, speak, write_wav

LOW, HIGH = "alpha bravo charlie delta", "foxtrot golf hotel india juliet"

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("_loud_is_speech")]


@pytest.fixture(autouse=True)
def _bilingual(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(registry.ENGINES, "bilingual", BILINGUAL)
    monkeypatch.setenv("ACCESSIFY_STATE", str(tmp_path / "state"))


def captioned(folder: Path, text: str, **options: object) -> Captioned:
    (folder / "model.bin").write_bytes(b"tones")
    path = write_wav(folder / "film.wav", speak(f"[1] {text} [1]"))
    asked = {"engine": "bilingual", "model": str(folder / "model.bin"), "language": "auto", "offline": True}
    return caption_film(path, CaptionOptions(**(asked | options)), formats=["vtt"])  # type: ignore[arg-type]


def text(done: Captioned) -> str:
    return " ".join(word.text for word in done.document.words)


def test_a_film_is_captioned_in_the_language_that_is_heard(tmp_path: Path) -> None:
    done = captioned(tmp_path, HIGH)
    assert done.document.language == "zh"
    assert done.profile.name == "netflix-zh-hans"
    assert text(done) == "头 发 很 长 吗"
    assert read_captions(done.delivered.files[0]).language == "zh"


def test_where_another_language_is_spoken_is_noted(tmp_path: Path) -> None:
    done = captioned(tmp_path, f"{LOW} [1.5] {LOW} [1.5] {HIGH} [1.5] {LOW}")
    assert done.document.language == "en"
    (note,) = [note for note in done.document.cues.notes if note.kind == "language"]
    words = [word for word in done.document.words if word.text in "头发很长吗"]
    assert len(words) == 5
    assert note.span.start <= words[0].span.start < words[-1].span.end <= note.span.end


def test_a_language_that_is_told_is_not_guessed(tmp_path: Path) -> None:
    done = captioned(tmp_path, LOW, language="zh")
    assert text(done) == "头 发 很 长"
    assert not [note for note in done.document.cues.notes if note.kind == "language"]


def test_silence_has_no_language(tmp_path: Path) -> None:
    done = captioned(tmp_path, "[3]")
    assert done.document.language == "und"
    assert not done.document.cues


def test_a_translation_is_english_and_says_so(tmp_path: Path) -> None:
    done = captioned(tmp_path, HIGH, whisper=WhisperOptions(task="translate"))
    assert done.document.language == "en"
    assert done.profile.name == "netflix-en"
    assert text(done) == HIGH
    assert done.document.origin is not None
    assert "Machine-made translation of what was said (zh)" in done.document.origin


def test_a_prompt_changes_the_spelling_and_the_run(tmp_path: Path) -> None:
    assert text(captioned(tmp_path, LOW)) == LOW
    done = captioned(tmp_path, LOW, whisper=WhisperOptions(prompt="Alpha and Delta"))
    assert text(done) == "Alpha bravo charlie Delta"


def test_chinese_is_written_in_the_script_that_is_asked_for(tmp_path: Path) -> None:
    pytest.importorskip("opencc")
    done = captioned(tmp_path, HIGH, script="hant")
    assert text(done) == "頭 髮 很 長 嗎"
    assert done.document.language == "zh-Hant"
    assert done.profile.name == "netflix-zh-hant"


def test_a_tag_asks_for_a_script_too(tmp_path: Path) -> None:
    pytest.importorskip("opencc")
    assert text(captioned(tmp_path, LOW, language="zh-TW")) == "頭 髮 很 長"
    assert text(captioned(tmp_path, LOW, language="zh-Hans")) == "头 发 很 长"


def test_without_the_tables_a_note_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opencc", None)
    unify_module._converter.cache_clear()
    done = captioned(tmp_path, LOW, language="zh-Hant")
    assert text(done) == "头 发 很 长"
    (note,) = [note for note in done.document.cues.notes if note.kind == "script"]
    assert "maybe not as 'zh-Hant' has them" in note.text
    assert "accessify[chinese]" in note.text


def test_what_is_not_chinese_keeps_its_script(tmp_path: Path) -> None:
    pytest.importorskip("opencc")
    done = captioned(tmp_path, LOW, script="hant")
    assert text(done) == LOW
    assert done.document.language == "en"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"script": "latn"}, "unknown script"),
        ({"script": "hans", "language": "en"}, "'hans' is one of Chinese, the captions are in 'en'"),
        (
            {"whisper": WhisperOptions(language="zh"), "language": "en"},
            "two languages are told, 'en' and 'zh'",
        ),
        ({"profile": "netflx"}, "unknown profile"),
        ({"whisper": WhisperOptions(beam=2)}, "cannot honour beam"),
        ({"language": "fr"}, "unknown language"),
    ],
)
def test_what_cannot_be_is_told_before_any_work(
    tmp_path: Path, options: dict[str, object], told: str
) -> None:
    with pytest.raises((UnknownName, OptionError), match=told):
        captioned(tmp_path, LOW, **options)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.wav", "model.bin"]
