"""What holds for every format of the table."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accessify.captions.formats import FEATURES, FORMATS, READABLE, WRITABLE, Format, format_for
from accessify.core.errors import FormatError, OptionError, UnknownName
from accessify.core.text import Cue, Document, Placement, Run, Style, Word
from accessify.core.timeline import Rate, Span, Track, millis, seconds
from tests.captions.formats.documents import any_documents, vtt_documents

READERS = [entry for entry in FORMATS.values() if entry.read]
BOTH = [entry for entry in READERS if entry.write]
"""Formats that are read and written."""
SAMPLE = Document(
    Track(
        (
            Cue(Span(millis(1000), millis(2500)), "Hello,\nworld & <you>", id="a", speaker="Mary"),
            Cue(
                Span(millis(3000), millis(4000)),
                "Up there",
                (Run("Up "), Run("there", Style(italic=True, color="#ff0000"))),
                placement=Placement(line_number=0),
            ),
        )
    ),
    "en",
    "A film",
    "Machine-made captions",
    Rate.parse("25"),
)


def test_names() -> None:
    assert WRITABLE == ("srt", "vtt", "ass", "ttml", "json", "eaf", "txt")
    assert READABLE == ("srt", "vtt", "ass", "ttml", "json", "eaf", "microdvd", "mpl2", "sami", "scc", "stl")
    assert set(READABLE) | set(WRITABLE) == set(FORMATS)
    assert all(name == entry.name for name, entry in FORMATS.items())
    assert all(entry.keeps <= set(FEATURES) for entry in FORMATS.values())


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("srt", "srt"),
        ("film.SRT", "srt"),
        ("a/b.en.vtt", "vtt"),
        (".ass", "ass"),
        ("x.xml", "ttml"),
        ("json", "json"),
        ("SRT", "srt"),
        ("film.scc", "scc"),
        ("film.eaf", "eaf"),
        ("microdvd", "microdvd"),
    ],
)
def test_a_name_or_a_suffix_finds_the_format(given_name: str, name: str) -> None:
    assert format_for(given_name).name == name


@pytest.mark.parametrize("name", ["film", "", "strt"])
def test_unknown_formats_list_the_known(name: str) -> None:
    with pytest.raises(UnknownName, match=r"known: srt, vtt, ass, ttml, json, eaf, txt, microdvd, .*stl$"):
        format_for(name)
    with pytest.raises(UnknownName, match=r"known: srt, vtt, ass, ttml, json, eaf, txt$"):
        format_for(name, writing=True)


@pytest.mark.parametrize("path", ["film.xyz", Path("film.xyz"), Path("film")])
def test_files_of_unknown_formats_are_told_what_to_be_called(path: Path | str) -> None:
    with pytest.raises(UnknownName, match=r"stl; give the file one of these endings$"):
        format_for(path)
    with pytest.raises(UnknownName, match=r"txt; give the file .*, or name the format with --format$"):
        format_for(path, writing=True)


@pytest.mark.parametrize("name", ["scc", "film.stl", "a.sub"])
def test_formats_that_are_only_read_say_what_can_be_written(name: str) -> None:
    with pytest.raises(
        OptionError, match=r"read but not written; choose one of: srt, vtt, ass, ttml, json, eaf, txt$"
    ):
        format_for(name, writing=True)


@pytest.mark.parametrize("entry", BOTH, ids=lambda entry: entry.name)
def test_plain_captions_survive_every_format(entry: Format) -> None:
    assert entry.read
    again = entry.read(entry.writer()(SAMPLE), "")
    places = [cue.placement if "places" in entry.keeps else None for cue in SAMPLE.cues]
    assert [cue.placement for cue in again.cues] == places
    assert [(cue.span, cue.text) for cue in again.cues] == [(cue.span, cue.text) for cue in SAMPLE.cues]
    assert entry.read(entry.writer()(Document(Track())), "") == Document(Track())


@pytest.mark.parametrize(
    "entry",
    [FORMATS[name] for name in ("vtt", "ass", "ttml", "json", "eaf", "txt")],
    ids=lambda entry: entry.name,
)
def test_machine_made_captions_say_so(entry: Format) -> None:
    assert "Machine-made captions" in entry.writer()(SAMPLE)


@pytest.mark.parametrize("entry", BOTH, ids=lambda entry: entry.name)
def test_signatures_tell_formats_apart(entry: Format) -> None:
    text = entry.writer()(SAMPLE)
    matching = [other.name for other in FORMATS.values() if other.signature and other.signature.match(text)]
    assert matching == [entry.name]


@settings(max_examples=60, deadline=None)
@given(vtt_documents())
def test_what_a_format_keeps_it_keeps(document: Document) -> None:
    """What a format claims to keep still occurs after a round trip, if only in another form."""
    moved = {"voices", "starts", "places", "positions", "regions", "ids"}
    for entry in BOTH:
        assert entry.read
        again = entry.read(entry.writer()(document), "")
        for name in entry.keeps - moved:
            if FEATURES[name].occurs(document):
                assert FEATURES[name].occurs(again), (entry.name, name)


def test_a_loss_is_not_told_twice() -> None:
    cue = Cue(Span(0, 5), "a", id="1", placement=Placement(line=12.5))
    document = Document(Track((cue,)))
    assert FORMATS["txt"].losses(document) == ("times", "cue ids", "placement")
    assert FORMATS["srt"].losses(document) == (
        "cue ids",
        "exact positions (the nearest of nine places is kept)",
    )
    assert FORMATS["ttml"].losses(document) == ("cue ids that XML forbids (numbers, spaces, twice the same)",)


def test_losses_are_named() -> None:
    assert FORMATS["srt"].losses(SAMPLE) == (
        "the note on how the text was made",
        "the language",
        "the title",
        "the frame rate",
        "cue ids",
        "speakers",
    )
    assert FORMATS["vtt"].losses(SAMPLE) == ()
    cue = Cue(Span(0, 5), "a", words=(Word(Span(0, 5), "a"),))
    assert FORMATS["vtt"].losses(Document(Track((cue,)))) == ("word times and confidence",)


@given(any_documents())
@settings(max_examples=40, deadline=None)
def test_our_json_loses_nothing(document: Document) -> None:
    assert FORMATS["json"].losses(document) == ()


def _attempt(action: Callable[[], Document | str]) -> Document | str | FormatError:
    try:
        return action()
    except FormatError as error:
        return error


def _survives(entry: Format, text: str) -> None:
    """A reader gives a document, or a `FormatError` that names where; never anything else."""
    read = entry.read
    assert read
    found = _attempt(lambda: read(text, "film"))
    if isinstance(found, FormatError):
        assert re.match(r"film: (line \d+: |the file: |\w)", str(found))
        assert "\n" not in str(found)
        return
    assert isinstance(found, Document)
    for name in WRITABLE:
        written = _attempt(lambda name=name: FORMATS[name].writer()(found))  # type: ignore[misc]
        assert isinstance(written, str) or "before the film" in str(written)


SNIPPETS = [
    *("WEBVTT\n\n", "NOTE\n", "STYLE\n", "REGION\nid:a\n", "00:01.000 --> 00:02.000"),
    *("0:00:01,000 --> 0:00:02,000\n", "-->", "<v Mary>", "<c.red>", "</c>", "<ruby>a<rt>b", "<i>", "</i>"),
    *("{\\an8}", "{\\k50}", "\\N", "[Events]\n", "[Script Info]\n", "Format: Text\n", "Style: a,b\n"),
    *("Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,", '<tt xmlns="http://www.w3.org/ns/ttml">'),
    *("<body><div>", '<p begin="1s" end="2s">', "</p></div></body></tt>"),
    *('{"schema": "accessify.captions", "version": 1, "cues": [', '{"start": 1, "end": 2, "text": "a"}'),
    *("{1}{1}25\n", "{10}{20}", "{y:i}", "[10][20]", "|", "/", "<SAMI>", "<SYNC Start=10>", "<P Class=A>"),
    *("<br>", "<!--", "<font color=red>", "Scenarist_SCC V1.0\n\n", "00:00:01:00\t", "00:00:02;00\t"),
    *(
        "9420 ",
        "94ae ",
        "942f ",
        "942c ",
        "9425 ",
        "94ad ",
        "9429 ",
        "9470 ",
        "91ae ",
        "c8e9 ",
        "92b0 ",
        "94a1 ",
    ),
    *("<ANNOTATION_DOCUMENT>", '<TIER TIER_ID="a" LINGUISTIC_TYPE_REF="caption">', "<ANNOTATION>"),
    *("<ANNOTATION_VALUE>", '<TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="5"/>', 'TIME_VALUE="', "<TIER>"),
    *("]}", "\n", "\n\n", "\r", "\0", "\ufeff", "&amp;", "&", "1", "99999999999999999999", "é漢", "\ud800"),
]


@pytest.mark.parametrize("entry", READERS, ids=lambda entry: entry.name)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.lists(st.sampled_from(SNIPPETS) | st.text(max_size=5), max_size=12).map("".join))
def test_readers_survive_garbage(entry: Format, text: str) -> None:
    _survives(entry, text)


@pytest.mark.parametrize("entry", BOTH, ids=lambda entry: entry.name)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_readers_survive_damaged_files(entry: Format, data: st.DataObject) -> None:
    text = entry.writer()(SAMPLE)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 8))
        text = text[:at] + data.draw(st.sampled_from([*SNIPPETS, ""])) + text[at + length :]
    _survives(entry, text)


@pytest.mark.parametrize("entry", READERS, ids=lambda entry: entry.name)
@pytest.mark.parametrize(
    "unit",
    [
        "0",
        "-",
        "<",
        "<i",
        "{\\",
        "&",
        "<ruby>",
        "00:",
        "00:00:01,000 -",
        "\n",
        "WEBVTT\n<c.",
        "a ",
        "[",
        "\\k1",
        "<v a",
        "<p ",
        "<p class=a>",
        "<sync start=1>",
        "<font color=red>",
        "{y:i}",
        "|",
        "9425 ",
        "94ad ",
        "91ae ",
        "c8e9 ",
        "942f ",
    ],
)
def test_long_runs_of_anything_are_read_in_linear_time(entry: Format, unit: str) -> None:
    """A reader whose expressions backtrack would take hours for these."""
    heads = {
        "vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\n",
        "scc": "Scenarist_SCC V1.0\n\n00:00:01:00\t9420 ",
        "sami": "<SAMI><BODY><SYNC Start=1><P Class=a>",
        "microdvd": "{1}{1}25\n{10}{20}",
        "mpl2": "[10][20]",
        "ass": "[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,,,,,,,",
        "eaf": '<ANNOTATION_DOCUMENT><HEADER><PROPERTY NAME="note">',
    }
    for head in ("", heads.get(entry.name, "1\n00:00:01,000 --> 00:00:02,000\n")):
        _survives(entry, head + unit * (20_000 // len(unit)))


@pytest.mark.parametrize("entry", BOTH, ids=lambda entry: entry.name)
def test_a_long_film_is_read_whole(entry: Format) -> None:
    assert entry.read
    cues = (Cue(Span(seconds(3 * n), seconds(3 * n + 2)), f"Line {n}\nof the film") for n in range(3600))
    assert len(entry.read(entry.writer()(Document(Track.of(cues))), "").cues) == 3600
