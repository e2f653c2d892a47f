"""Our own JSON: everything a document holds, without loss.

Times stand twice: `seconds` for people and other programs, `ticks` (1/705 600 000 s) because they are
exact. Where the two differ by more than half a millisecond, somebody edited the seconds and they win.
Each word stands once, in `words`; a cue holds the numbers of its words there, from 0, or the word itself
where it is not among them. Values at their default are left out. `docs/json.md` tells people all this.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, NoReturn, TypeVar

from accessify.captions.formats.vtt import spell_rate
from accessify.core.errors import FormatError
from accessify.core.text import Cue, Document, Placement, Region, Run, Style, Stylesheet, Timing, Word
from accessify.core.timeline import TICKS_PER_MILLI, Note, Rate, Span, Track, seconds, to_seconds

SCHEMA = "accessify.captions"
VERSION = 1

_T = TypeVar("_T")
_PLAIN_FIELDS = ("language", "title", "origin", "source")


def write_json(document: Document) -> str:
    """JSON text of a document."""
    return json.dumps(document_data(document), indent=1, ensure_ascii=False) + "\n"


def document_data(document: Document) -> dict[str, Any]:
    """The same as values."""
    data: dict[str, Any] = {"schema": SCHEMA, "version": VERSION}
    data |= {name: getattr(document, name) for name in _PLAIN_FIELDS}
    data["rate"] = spell_rate(document.rate) if document.rate else None
    data["cues"] = cues_data(document.cues, document.words)
    data["notes"] = [_note_data(note) for note in document.cues.notes]
    data["words"] = [_word_data(word) for word in document.words]
    data["word_notes"] = [_note_data(note) for note in document.words.notes]
    data["regions"] = [_fields_data(region) for region in document.regions]
    data["stylesheets"] = [_fields_data(sheet) for sheet in document.stylesheets]
    data["comments"] = list(document.comments)
    return {key: value for key, value in data.items() if value not in (None, [])}


def cues_data(cues: Iterable[Cue], heard: Iterable[Word]) -> list[dict[str, Any]]:
    """Cues of a document whose words are `heard`."""
    places = {word: number for number, word in enumerate(heard)}
    return [_cue_data(cue, places) for cue in cues]


def read_json(text: str, source: str = "") -> Document:
    """The document of our JSON; raises `FormatError` naming the line, or the part, that is wrong."""
    try:
        data = json.loads(text.removeprefix("\ufeff"), parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise FormatError(f"not JSON: {error.msg}", line=error.lineno, source=source) from None
    except (ValueError, RecursionError) as error:
        raise FormatError(f"not usable JSON: {error}", line=1, source=source) from None
    part = _Part("the file", data, source)
    _check_schema(part)
    return part.build(_document)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def _check_schema(part: _Part) -> None:
    schema, version = part.get("schema", str, ""), part.get("version", int, 0)
    if schema != SCHEMA:
        raise part.error(f'this JSON is not ours: it does not say "schema": "{SCHEMA}"')
    if not 1 <= version <= VERSION:
        raise part.error(
            f"written by a newer accessify (format version {version}, known: {VERSION}); "
            "run pip install --upgrade accessify"
        )


@dataclass(frozen=True, slots=True)
class _Part:
    """One value of the JSON, with the words for where it stands."""

    where: str
    data: Any
    source: str

    def error(self, message: str) -> FormatError:
        return FormatError(f"{self.where}: {message}", source=self.source)

    def get(self, key: str, kind: type[_T], default: _T | None = None) -> Any:
        """The value at `key`, of type `kind` (an int will do for a float), or `default`."""
        if not isinstance(self.data, dict):
            raise self.error(f"expected an object, not {type(self.data).__name__}")
        value = self.data.get(key)
        if value is None:
            return default
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = _as_float(value)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.error(f"{key} must be {kind.__name__}, not {str(value)[:40]!r}")
        if isinstance(value, float) and not math.isfinite(value):
            raise self.error(f"{key} is too large")
        return value

    def each(self, key: str, name: str) -> list[_Part]:
        """The parts of the list at `key`, each called `name` and its number."""
        items = self.get(key, list, [])
        where = "" if self.where == "the file" else f"{self.where}, "
        return [_Part(f"{where}{name} {number}", item, self.source) for number, item in enumerate(items, 1)]

    def strings(self, key: str) -> tuple[str, ...]:
        items = self.get(key, list, [])
        if not all(isinstance(item, str) for item in items):
            raise self.error(f"{key} must be a list of texts")
        return tuple(items)

    def build(self, make: Callable[[_Part], _T]) -> _T:
        """What `make` makes of this part; a value it cannot hold is a `FormatError`."""
        try:
            return make(self)
        except FormatError:
            raise
        except (ValueError, OverflowError) as error:
            raise self.error(str(error)) from None


def _as_float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _document(part: _Part) -> Document:
    rate = part.get("rate", str)
    words = [item.build(_word) for item in part.each("words", "word")]
    return Document(
        cues=Track.of(
            [item.build(partial(_cue, heard=words)) for item in part.each("cues", "cue")],
            [item.build(_note) for item in part.each("notes", "note")],
        ),
        words=Track.of(words, [item.build(_note) for item in part.each("word_notes", "word note")]),
        rate=Rate.parse(rate) if rate else None,
        regions=tuple(item.build(_region) for item in part.each("regions", "region")),
        stylesheets=tuple(item.build(_stylesheet) for item in part.each("stylesheets", "style sheet")),
        comments=part.strings("comments"),
        **{name: part.get(name, str) for name in _PLAIN_FIELDS},
    )


def _fields_data(value: Any) -> dict[str, Any]:
    """The fields of a flat dataclass that differ from their default."""
    pairs = ((item.name, getattr(value, item.name), item.default) for item in fields(value))
    return {name: content for name, content, default in pairs if content != default}


def _span_data(span: Span) -> dict[str, Any]:
    return {
        "start": round(to_seconds(span.start), 9),
        "end": round(to_seconds(span.end), 9),
        "ticks": [span.start, span.end],
    }


def _span(part: _Part) -> Span:
    told = [part.get(key, float) for key in ("start", "end")]
    exact = part.get("ticks", list, [None, None])
    if len(exact) != 2 or not all(item is None or type(item) is int for item in exact):
        raise part.error("ticks must be two whole numbers")
    start, end = (_ticks(part, *pair) for pair in zip(told, exact, strict=True))
    return Span(start, end)


def _ticks(part: _Part, told: float | None, exact: int | None) -> int:
    if told is None and exact is None:
        raise part.error("it has no start or no end")
    if told is None or (exact is not None and abs(seconds(told) - exact) <= TICKS_PER_MILLI // 2):
        return exact or 0
    return seconds(told)


def _note_data(note: Note) -> dict[str, Any]:
    return {**_span_data(note.span), "kind": note.kind, "text": note.text}


def _note(part: _Part) -> Note:
    return Note(_span(part), part.get("kind", str, ""), part.get("text", str, ""))


def _word_data(word: Word) -> dict[str, Any]:
    data = {**_span_data(word.span), "text": word.text, "timing": word.timing.value}
    data |= {"confidence": word.confidence, "speaker": word.speaker}
    return {key: value for key, value in data.items() if value is not None}


def _word(part: _Part) -> Word:
    return Word(
        _span(part),
        part.get("text", str, ""),
        part.get("confidence", float),
        Timing(part.get("timing", str, Timing.GIVEN.value)),
        part.get("speaker", str),
    )


def _cue_data(cue: Cue, places: Mapping[Word, int]) -> dict[str, Any]:
    """A cue; `places` are the numbers of the document's words."""
    data: dict[str, Any] = {"id": cue.id, **_span_data(cue.span), "text": cue.text, "speaker": cue.speaker}
    data["runs"] = [_run_data(run) for run in cue.runs]
    data["placement"] = None if cue.placement is None else _fields_data(cue.placement)
    data["words"] = [places[word] if word in places else _word_data(word) for word in cue.words]
    return {key: value for key, value in data.items() if value not in (None, [])}


def _heard_word(part: _Part, heard: Sequence[Word]) -> Word:
    """A word that stands here, or by its number among those `heard`."""
    if type(part.data) is not int:
        return part.build(_word)
    if not 0 <= part.data < len(heard):
        raise part.error(f"the file has no word number {part.data}; they count from 0")
    return heard[part.data]


def _cue(part: _Part, heard: Sequence[Word]) -> Cue:
    placement = part.get("placement", dict)
    return Cue(
        span=_span(part),
        text=part.get("text", str, ""),
        runs=tuple(item.build(_run) for item in part.each("runs", "run")),
        id=part.get("id", str),
        speaker=part.get("speaker", str),
        placement=None if placement is None else _Part(part.where, placement, part.source).build(_placement),
        words=tuple(_heard_word(item, heard) for item in part.each("words", "word")),
    )


def _run_data(run: Run) -> dict[str, Any]:
    data: dict[str, Any] = {"text": run.text}
    if run.start is not None:
        data |= {"start": round(to_seconds(run.start), 9), "ticks": run.start}
    return data | {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in _fields_data(run.style).items()
    }


def _run(part: _Part) -> Run:
    told, exact = part.get("start", float), part.get("ticks", int)
    start = None if told is None and exact is None else _ticks(part, told, exact)
    flags = {name: part.get(name, bool, False) for name in ("italic", "bold", "underline")}
    names = ("color", "background", "voice", "language", "ruby")
    looks = {name: part.get(name, str) for name in names}
    return Run(part.get("text", str, ""), Style(**flags, **looks, classes=part.strings("classes")), start)


def _placement(part: _Part) -> Placement:
    numbers = {name: part.get(name, float) for name in ("line", "position", "size")}
    names = ("line_align", "position_align", "align", "vertical", "region")
    words = {name: part.get(name, str) for name in names}
    return Placement(line_number=part.get("line_number", int), **numbers, **words)


def _region(part: _Part) -> Region:
    identifier = part.get("id", str)
    if not identifier:
        raise part.error("it has no id")
    default = Region(identifier)
    return Region(
        identifier,
        part.get("width", float, default.width),
        part.get("lines", int, default.lines),
        _pair(part, "region_anchor", default.region_anchor),
        _pair(part, "viewport_anchor", default.viewport_anchor),
        part.get("scroll", bool, False),
    )


def _pair(part: _Part, key: str, default: tuple[float, float]) -> tuple[float, float]:
    items = part.get(key, list, list(default))
    if len(items) != 2 or not all(isinstance(item, int | float) for item in items):
        raise part.error(f"{key} must be two numbers")
    return float(items[0]), float(items[1])


def _stylesheet(part: _Part) -> Stylesheet:
    return Stylesheet(part.get("language", str, ""), part.get("text", str, ""))
