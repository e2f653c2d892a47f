"""The form of a transcription request, read into values; what cannot be honoured is refused, not ignored."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile

from accessify.core.errors import UnknownName
from accessify.engines.registry import ENGINES, find_engine
from accessify.pipelines.caption import CaptionOptions

RESPONSE_FORMATS = ("json", "text", "srt", "verbose_json", "vtt")
ALIASES = ("whisper-1",)
"""Model names that stand in many programs; here they mean the default model."""
_FIELDS = {"file", "model", "language", "prompt", "response_format", "temperature", "stream", "include[]"}
_FIELDS |= {"timestamp_granularities[]", "timestamp_granularities", "include", "chunking_strategy"}


class BadForm(Exception):
    """A field cannot be used as it is."""

    def __init__(self, param: str, message: str, code: str = "invalid_value", status: int = 400) -> None:
        super().__init__(message)
        self.param, self.message, self.code, self.status = param, message, code, status


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a transcription request asks for."""

    file: UploadFile
    model: str
    language: str
    format: str
    """One of `RESPONSE_FORMATS`."""
    parts: tuple[str, ...]
    """`word`, `segment` or both."""
    stream: bool


def read_form(form: FormData, options: CaptionOptions) -> Wanted:
    """What a form asks for; raises `BadForm`."""
    if unknown := sorted(set(form) - _FIELDS):
        raise BadForm(unknown[0][:80], f"unknown field {unknown[0][:80]!r}", "unknown_parameter")
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise BadForm("file", "file is missing: send the recording as multipart/form-data")
    _refuse_what_cannot_be(form)
    language = _text(form, "language") or options.language
    model = _model(form, options, language)
    kind = _text(form, "response_format") or "json"
    if kind not in RESPONSE_FORMATS:
        raise BadForm("response_format", f"response_format must be one of: {', '.join(RESPONSE_FORMATS)}")
    stream = _text(form, "stream").lower() in ("true", "1")
    if stream and kind not in ("json", "text"):
        raise BadForm("response_format", "stream works with response_format json or text")
    return Wanted(file, model, language, kind, _parts(form, kind), stream)


def _model(form: FormData, options: CaptionOptions, language: str) -> str:
    name = _text(form, "model")
    if not name:
        raise BadForm("model", "model is missing; GET /v1/models lists them", "missing_parameter")
    try:
        engine = find_engine(options.engine, language)
        if name in ALIASES:
            return options.model or engine.models[0]
        find_engine(options.engine, language, name)
    except UnknownName as error:
        if error.kind == "model":
            raise BadForm("model", error.message, "model_not_found", 404) from None
        raise BadForm("language", error.message) from None
    return name


def _refuse_what_cannot_be(form: FormData) -> None:
    if _text(form, "prompt"):
        raise BadForm("prompt", "prompt cannot be honoured: the recogniser takes none; leave it out")
    if _text(form, "temperature") not in ("", "0", "0.0"):
        raise BadForm("temperature", "temperature cannot be honoured: the recogniser is greedy; send 0")
    if form.getlist("include[]") + form.getlist("include"):
        raise BadForm("include", "include cannot be honoured: there are no log probabilities of tokens")
    if _text(form, "chunking_strategy") not in ("", "auto"):
        raise BadForm("chunking_strategy", "chunking_strategy must be auto: speech is cut at pauses")


def _parts(form: FormData, kind: str) -> tuple[str, ...]:
    names = ("timestamp_granularities[]", "timestamp_granularities")
    parts = tuple(str(part) for name in names for part in form.getlist(name))
    if parts and kind != "verbose_json":
        raise BadForm(names[1], "timestamp_granularities needs response_format verbose_json")
    if set(parts) - {"word", "segment"}:
        raise BadForm(names[1], "timestamp_granularities must be word, segment or both")
    return parts or ("segment",)


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    if not isinstance(value, str):
        raise BadForm(name, f"{name} must be a text, not a file")
    return value.strip()


def model_rows(options: CaptionOptions) -> list[dict[str, object]]:
    """The models of the engine as OpenAI lists them."""
    names = ENGINES[options.engine.lower()].models
    return [{"id": name, "object": "model", "created": 0, "owned_by": "accessify"} for name in names]
