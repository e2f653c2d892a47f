"""The form of a transcription request, read into values; what cannot be honoured is refused, not ignored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from starlette.datastructures import FormData, UploadFile

from accessify.core.errors import OptionError, UnknownName
from accessify.engines.registry import find_engine
from accessify.pipelines.caption import CaptionOptions
from accessify.speech.whisper_options import WhisperOptions

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
    options: CaptionOptions
    """How it is captioned."""
    format: str
    """One of `RESPONSE_FORMATS`."""
    parts: tuple[str, ...]
    """`word`, `segment` or both."""
    stream: bool


def read_form(form: FormData, options: CaptionOptions, task: str = "transcribe") -> Wanted:
    """What a form asks for, over the server's own `options`; raises `BadForm`."""
    if unknown := sorted(set(form) - _FIELDS):
        raise BadForm(unknown[0][:80], f"unknown field {unknown[0][:80]!r}", "unknown_parameter")
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise BadForm("file", "file is missing: send the recording as multipart/form-data")
    _refuse_what_cannot_be(form)
    options = replace(options, language=_text(form, "language") or options.language)
    options = replace(options, model=_model(form, options), whisper=_asked(form, options, task))
    kind = _text(form, "response_format") or "json"
    if kind not in RESPONSE_FORMATS:
        raise BadForm("response_format", f"response_format must be one of: {', '.join(RESPONSE_FORMATS)}")
    stream = _text(form, "stream").lower() in ("true", "1")
    if stream and kind not in ("json", "text"):
        raise BadForm("response_format", "stream works with response_format json or text")
    return Wanted(file, options, kind, _parts(form, kind), stream)


def _model(form: FormData, options: CaptionOptions) -> str | None:
    """What the options call the model; never a path that a client has sent."""
    name = _text(form, "model")
    if not name:
        raise BadForm("model", "model is missing; GET /v1/models lists them", "missing_parameter")
    try:
        engine = find_engine(options.engine, options.language)
    except UnknownName as error:
        raise BadForm("language", error.message) from None
    if name in ALIASES or name == _own_name(options):
        return options.model
    if name not in engine.models:
        known = ", ".join(_names(options))
        message = f"unknown model {name!r}; known: {known}; these are the ones {engine.name} loads"
        raise BadForm("model", message, "model_not_found", 404)
    return name


def _asked(form: FormData, options: CaptionOptions, task: str) -> WhisperOptions:
    asked, prompt, heat = (
        replace(options.whisper, task=task),
        _text(form, "prompt"),
        _text(form, "temperature"),
    )
    engine = find_engine(options.engine, options.language)
    try:
        if prompt:
            asked = replace(asked, prompt=prompt)
        if heat and _temperature(heat):
            asked = replace(asked, temperatures=(_temperature(heat),))
    except OptionError as error:  # such as a beam, which has none
        raise BadForm("temperature", error.message) from None
    for param, name in (("prompt", "prompt"), ("temperature", "temperatures"), ("model", "task")):
        if getattr(asked, name) != getattr(WhisperOptions(), name) and name not in engine.honours:
            message = f"{param} cannot be honoured: engine {engine.name} takes no {name}; leave it out"
            if name == "task":
                message = f"engine {engine.name} does not translate; start the server with --engine whisper"
            raise BadForm(param, message)
    return asked


def _temperature(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise BadForm("temperature", "temperature must be a number from 0 to 1")
    return value


def _refuse_what_cannot_be(form: FormData) -> None:
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
    rows = _names(options)
    return [{"id": name, "object": "model", "created": 0, "owned_by": "accessify"} for name in rows]


def _names(options: CaptionOptions) -> tuple[str, ...]:
    """Models that a client may ask for: the server's own first."""
    models = find_engine(options.engine, options.language).models
    own = _own_name(options)
    return (own, *models) if own and own not in models else models


def _own_name(options: CaptionOptions) -> str | None:
    """The name of the server's model, without its folder."""
    return Path(options.model).name if options.model else None
