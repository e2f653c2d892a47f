import json
import re
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, settings

from accessify.captions.formats.native import read_json, write_json
from accessify.core.errors import FormatError
from accessify.core.text import Cue, Document, Placement, Region, Style, Timing, Word
from accessify.core.timeline import Note, Rate, Span, Track, seconds
from tests.captions.formats.documents import any_documents

GOLDEN = """\
{
 "schema": "accessify.captions",
 "version": 1,
 "language": "en",
 "origin": "Machine-made captions",
 "rate": "24000/1001",
 "cues": [
  {
   "start": 1.001,
   "end": 2.0,
   "ticks": [
    706305600,
    1411200000
   ],
   "text": "Hi.",
   "speaker": "Mary",
   "placement": {
    "line_number": 0
   },
   "words": [
    {
     "start": 1.001,
     "end": 1.5,
     "ticks": [
      706305600,
      1058400000
     ],
     "text": "Hi.",
     "timing": "aligned",
     "confidence": 0.75
    }
   ]
  }
 ]
}
"""


def _document() -> Document:
    rate = Rate.parse("23.976")
    word = Word(Span(rate.at(24), seconds(1.5)), "Hi.", 0.75, Timing.ALIGNED)
    cue = Cue(Span(rate.at(24), seconds(2)), "Hi.", (), None, "Mary", Placement(line_number=0), words=(word,))
    return Document(Track((cue,)), "en", None, "Machine-made captions", rate)


def test_golden() -> None:
    assert write_json(_document()) == GOLDEN
    assert read_json(GOLDEN) == _document()


@settings(max_examples=80, deadline=None)
@given(any_documents())
def test_nothing_is_lost(document: Document) -> None:
    assert read_json(write_json(document)) == document


def test_edited_seconds_win_over_ticks() -> None:
    data = json.loads(GOLDEN)
    data["cues"][0]["end"] = 3.25
    assert read_json(json.dumps(data)).cues[0].span == Span(706305600, seconds(3.25))


def test_seconds_alone_will_do() -> None:
    text = '{"schema": "accessify.captions", "version": 1, "cues": [{"start": 1, "end": 2.5, "text": "A"}]}'
    assert read_json(text).cues[0] == Cue(Span(seconds(1), seconds(2.5)), "A")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 2}, "written by a newer accessify .*pip install --upgrade accessify"),
        ({"schema": "other"}, "this JSON is not ours"),
        ({"cues": 3}, "the file: cues must be list"),
        ({"cues": [3]}, "cue 1: expected an object, not int"),
        ({"cues": [{"text": "A", "start": 1}]}, "cue 1: it has no start or no end"),
        ({"cues": [{"start": 2, "end": 1}]}, "cue 1: a span must not end before it starts"),
        ({"cues": [{"start": "1", "end": 2}]}, "cue 1: start must be float"),
        (
            {"cues": [{"start": 1, "end": 2, "words": [{"text": "a b", "ticks": [1, 2]}]}]},
            "cue 1, word 1: a word is",
        ),
        (
            {"cues": [{"start": 1, "end": 2, "text": "A", "runs": [{"text": "B"}]}]},
            "cue 1: the runs of a cue",
        ),
        ({"words": [{"text": "a", "ticks": [1, 2], "timing": "guessed"}]}, "word 1: 'guessed'"),
        ({"rate": "fast"}, "not a frame rate"),
        ({"rate": "0"}, "must be positive"),
        ({"comments": [1]}, "comments must be a list of texts"),
        ({"regions": [{}]}, "region 1: it has no id"),
    ],
)
def test_errors_name_the_part(change: dict[str, object], words: str) -> None:
    data = json.loads(GOLDEN) | change
    with pytest.raises(FormatError, match=words):
        read_json(json.dumps(data), "film.json")


@pytest.mark.parametrize("text", ['{\n "schema": "accessify.captions",\n oops}', "{\n\n"])
def test_broken_json_names_the_line(text: str) -> None:
    with pytest.raises(FormatError, match="not JSON") as caught:
        read_json(text)
    assert caught.value.line == 3


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"version": NaN}', '{"version": 1' + "0" * 5000 + "}", "3", '"a"']
)
def test_hostile_json_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        read_json(text)


def test_each_word_stands_once() -> None:
    shown, unsure, own = (
        Word(Span(seconds(n), seconds(n + 1)), text, 0.5) for n, text in enumerate(("Hi", "hm", "there."))
    )
    cue = Cue(Span(0, seconds(3)), "Hi there.", words=(shown, own))
    document = Document(Track((cue,)), words=Track((shown, unsure)), source="film.mp4")
    text = write_json(document)
    data = json.loads(text)
    assert data["source"] == "film.mp4"
    assert [word["text"] for word in data["words"]] == ["Hi", "hm"]
    assert data["cues"][0]["words"][0] == 0
    assert data["cues"][0]["words"][1]["text"] == "there."
    assert read_json(text) == document


@pytest.mark.parametrize("number", [-1, 1, True])
def test_a_word_that_is_not_there_is_refused(number: int) -> None:
    data = json.loads(GOLDEN) | {"words": [{"text": "a", "ticks": [1, 2]}]}
    data["cues"][0]["words"] = [number]
    with pytest.raises(FormatError, match=r"cue 1, word 1: (the file has no word number|expected an object)"):
        read_json(json.dumps(data))


PAGE = (Path(__file__).parents[3] / "docs" / "json.md").read_text("utf-8")


def test_the_page_names_every_field() -> None:
    names = {item.name for kind in (Word, Cue, Style, Placement, Region) for item in fields(kind)}
    names |= {item.name for item in fields(Document)} | {item.name for item in fields(Note)}
    told = set(re.findall(r"`(\w+)`", PAGE))
    assert names - {"span", "style"} <= told  # a span is start, end and ticks; a style is its run's
    assert {"schema", "version", "start", "end", "ticks", "word_notes"} <= told


def test_the_example_on_the_page_is_what_is_written() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert json.loads(write_json(read_json(example))) == json.loads(example)
