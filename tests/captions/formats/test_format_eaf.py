"""ELAN annotations: read back by ourselves and by pympi, and as the schema wants them."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accessify.captions.formats import FORMATS
from accessify.captions.formats.eaf_read import read_eaf
from accessify.captions.formats.eaf_write import write_eaf
from accessify.core.errors import FormatError
from accessify.core.text import Cue, Document, Timing, Word
from accessify.core.timeline import Note, Rate, Span, Track, millis, to_millis
from tests.captions.formats.documents import any_documents, maybe, names, phrases, spans, vtt_documents

ORDER = (
    *("LICENSE", "HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE", "LOCALE", "LANGUAGE", "CONSTRAINT"),
    *("CONTROLLED_VOCABULARY", "LEXICON_REF", "REF_LINK_SET", "EXTERNAL_REF"),
)
"""Elements below the root as the schema orders them."""
WORDS = (
    Word(Span(millis(1000), millis(1200)), "THANK-YOU", 0.93, Timing.ALIGNED),
    Word(Span(millis(1300), millis(1500)), "HOUSE", 0.4, Timing.ESTIMATED, "Mary"),
    Word(Span(millis(1400), millis(1900)), "谢谢"),
)
DOCUMENT = Document(
    Track.of(
        (
            Cue(Span(millis(1000), millis(2000)), "THANK-YOU\nHOUSE & <谢谢>"),
            Cue(Span(millis(1500), millis(3000)), "At once", speaker="Mary"),
            Cue(Span(millis(1800), millis(2500)), "Over the first"),
        ),
        (Note(Span(millis(5000), millis(6000)), "unheard", "maybe speech"),),
    ),
    language="en-x-gloss-ase",
    title="A film",
    origin="Machine-made glosses; not checked by a person",
    rate=Rate.parse("29.97df"),
    source="film.mp4",
    comments=("one\ntwo",),
    words=Track.of(WORDS),
)
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<ANNOTATION_DOCUMENT FORMAT="3.0">\n'
SLOTS = """<TIME_ORDER>
<TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="1000"/><TIME_SLOT TIME_SLOT_ID="ts2" TIME_VALUE="2500"/>
<TIME_SLOT TIME_SLOT_ID="ts3"/><TIME_SLOT TIME_SLOT_ID="ts4" TIME_VALUE="4000"/>
</TIME_ORDER>
"""

aligned_words = st.builds(
    Word,
    span=spans(),
    text=st.text("abé漢<&.-", min_size=1, max_size=6),
    confidence=maybe() | st.floats(0, 1),
    timing=st.sampled_from(Timing),
    speaker=maybe() | phrases,
)


def file(*tiers: str, header: str = "") -> str:
    return f"{HEAD}<HEADER>{header}</HEADER>\n{SLOTS}{''.join(tiers)}</ANNOTATION_DOCUMENT>\n"


def tier(name: str, text: str, more: str = "", slots: tuple[str, str] = ("ts1", "ts2")) -> str:
    first, last = slots
    return (
        f'<TIER TIER_ID="{name}" LINGUISTIC_TYPE_REF="default-lt" {more}><ANNOTATION>\n'
        f'<ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="{first}" TIME_SLOT_REF2="{last}">'
        f"<ANNOTATION_VALUE>{text}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>\n"
    )


@pytest.fixture
def pympi() -> ModuleType:
    return pytest.importorskip("pympi", reason="pympi-ling, which reads ELAN files, is not installed")


@pytest.fixture
def parsed(pympi: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Document], Any]:
    """A document's file as pympi reads it, which warns of what it does not know."""
    path = tmp_path_factory.mktemp("eaf") / "a.eaf"

    def read(document: Document) -> Any:
        path.write_text(write_eaf(document), "utf-8")
        return pympi.Eaf(path)

    return read


def test_everything_but_looks_comes_back() -> None:
    assert read_eaf(write_eaf(DOCUMENT)) == DOCUMENT
    assert FORMATS["eaf"].losses(DOCUMENT) == ()


def test_pympi_reads_the_same(parsed: Callable[[Document], Any]) -> None:
    found = parsed(DOCUMENT)
    assert found.get_annotation_data_for_tier("captions") == [(1000, 2000, "THANK-YOU\nHOUSE & <谢谢>")]
    assert found.get_annotation_data_for_tier("captions 2") == [(1800, 2500, "Over the first")]
    assert found.get_annotation_data_for_tier("captions@Mary") == [(1500, 3000, "At once")]
    assert found.get_annotation_data_for_tier("words") == [(1000, 1200, "THANK-YOU"), (1400, 1900, "谢谢")]
    assert found.get_ref_annotation_data_for_tier("confidence of words") == [
        (1000, 1200, "0.93", "THANK-YOU")
    ]
    assert found.get_ref_annotation_data_for_tier("timing of words@Mary") == [
        (1300, 1500, "estimated", "HOUSE")
    ]
    assert found.get_parameters_for_tier("words@Mary") == {
        "TIER_ID": "words@Mary",
        "LINGUISTIC_TYPE_REF": "word",
        "PARTICIPANT": "Mary",
        "ANNOTATOR": DOCUMENT.origin,
        "LANG_REF": "en-x-gloss-ase",
    }
    assert found.get_parameters_for_linguistic_type("confidence")["CONSTRAINTS"] == "Symbolic_Association"
    assert ("origin", DOCUMENT.origin) in found.properties
    assert found.media_descriptors == [
        {"MEDIA_URL": "film.mp4", "RELATIVE_MEDIA_URL": "./film.mp4", "MIME_TYPE": "video/mp4"}
    ]
    found.add_annotation("captions", 7000, 8000, "more")  # a new number, not one of ours
    assert len(found.annotations) == len(re.findall("ANNOTATION_ID", write_eaf(DOCUMENT))) + 1


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=vtt_documents(), words=st.lists(aligned_words, max_size=5))
def test_pympi_finds_every_time_and_text(
    parsed: Callable[[Document], Any], document: Document, words: list[Word]
) -> None:
    document = replace(document, words=Track.of(words))
    found = parsed(document)
    kinds: dict[str, list[tuple[int, int, str]]] = {"caption": [], "word": []}
    for name in found.get_tier_names():
        kind = found.get_parameters_for_tier(name)["LINGUISTIC_TYPE_REF"]
        if kind in kinds:
            marks = found.get_annotation_data_for_tier(name)
            kinds[kind] += marks
            taken = sorted((start, end) for start, end, _ in marks)
            assert all(end <= later for (_, end), (later, _) in pairwise(taken))
    events: tuple[tuple[str, Track[Any]], ...] = (("caption", document.cues), ("word", document.words))
    for kind, track in events:
        wanted = [(to_millis(one.span.start), to_millis(one.span.end), one.text) for one in track]
        assert sorted(kinds[kind]) == sorted(wanted)


@settings(max_examples=60, deadline=None)
@given(document=vtt_documents(), words=st.lists(aligned_words, max_size=5))
def test_words_come_back_with_all_that_is_known_of_them(document: Document, words: list[Word]) -> None:
    again = read_eaf(write_eaf(replace(document, words=Track.of(words))))

    def key(word: Word) -> tuple[object, ...]:
        return word.span, word.text, word.speaker or "", word.timing, repr(word.confidence)

    assert sorted(map(key, again.words)) == sorted(map(key, words))
    assert again.words == Track.of(words)


def test_words_that_only_captions_hold_are_written_once() -> None:
    first, second = WORDS[0], WORDS[2]
    cue = Cue(Span(millis(1000), millis(2000)), "THANK-YOU 谢谢", words=(first, second))
    assert read_eaf(write_eaf(Document(Track((cue,))))).words.events == (first, second)
    document = Document(Track((cue,)), words=Track((first,)))
    assert read_eaf(write_eaf(document)).words.events == (first, second)


@settings(max_examples=60, deadline=None)
@given(any_documents())
def test_the_file_is_as_the_schema_wants_it(document: Document) -> None:
    """Elements in their order, each id once, each reference to something there, no overlap."""
    start = min(
        [cue.span.start for cue in document.cues] + [word.span.start for word in document.words] + [0]
    )
    inner = [word.span.start for cue in document.cues for word in cue.words]
    text = write_eaf(document.shift(-min([start, *inner])))
    root = ElementTree.fromstring(text)  # noqa: S314 - our own
    places = [ORDER.index(child.tag) for child in root]
    assert places == sorted(places)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", root.attrib["DATE"])
    ids = [
        element.attrib[name]
        for element in root.iter()
        for name in ("TIME_SLOT_ID", "ANNOTATION_ID", "LANG_ID", "LANGUAGE_CODE")
        if name in element.attrib
    ]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[A-Za-z_][\w.-]*", name) for name in ids)
    for element in root.iter():
        for name in ("TIME_SLOT_REF1", "TIME_SLOT_REF2", "ANNOTATION_REF", "LANG_REF"):
            assert element.attrib.get(name, ids[0] if ids else None) in (*ids, None)
    tiers = [element.attrib["TIER_ID"] for element in root.iter("TIER")]
    assert len(tiers) == len(set(tiers))
    types = {element.attrib["LINGUISTIC_TYPE_ID"] for element in root.iter("LINGUISTIC_TYPE")}
    assert {element.attrib["LINGUISTIC_TYPE_REF"] for element in root.iter("TIER")} <= types
    values = [int(slot.attrib["TIME_VALUE"]) for slot in root.iter("TIME_SLOT")]
    assert values == sorted(values)


def test_one_document_gives_the_same_bytes() -> None:
    assert write_eaf(DOCUMENT) == write_eaf(replace(DOCUMENT))
    assert 'DATE="1970-01-01T00:00:00Z"' in write_eaf(DOCUMENT)


def test_times_are_rounded_down_and_never_without_length() -> None:
    cues = (Cue(Span(millis(1) - 1, millis(2) + 5), "a"), Cue(Span(millis(7), millis(7)), "b"))
    found = read_eaf(write_eaf(Document(Track(cues)))).cues
    assert [cue.span for cue in found] == [Span(0, millis(2)), Span(millis(7), millis(8))]


def test_captions_at_the_same_time_keep_their_order() -> None:
    span = Span(millis(5), millis(9))
    speakers = ["B", None, "A", None, "B"]
    cues = tuple(Cue(span, str(number), speaker=name) for number, name in enumerate(speakers))
    early = Cue(Span(0, millis(1)), "first", speaker="A")
    assert read_eaf(write_eaf(Document(Track((early, *cues))))).cues.events == (early, *cues)


def test_a_caption_before_the_film_is_refused() -> None:
    with pytest.raises(FormatError, match=r"before the film does, .* shift it with --offset"):
        write_eaf(Document(Track((Cue(Span(-5, 5), "a"),))))


def test_a_language_that_is_no_tag_is_kept_as_a_property() -> None:
    document = Document(Track(), language="American Sign Language")
    assert read_eaf(write_eaf(document)) == document


def test_speakers_that_differ_in_what_xml_forbids_share_a_tier() -> None:
    cues = [Cue(Span(millis(n), millis(n + 1)), "a", speaker=name) for n, name in enumerate(["A", "A\x01"])]
    again = read_eaf(write_eaf(Document(Track.of(cues))))
    assert [cue.speaker for cue in again.cues] == ["A", "A"]


@given(name=names, other=phrases)
def test_tiers_of_like_named_speakers_stay_apart(name: str, other: str) -> None:
    span = Span(0, millis(5))
    cues = [
        Cue(span, "a", speaker=speaker) for speaker in (name, name, f"{name} 2", other, f"{name}@{other}")
    ]
    again = read_eaf(write_eaf(Document(Track.of(cues))))
    assert [cue.speaker for cue in again.cues] == [cue.speaker for cue in cues]


def test_a_file_of_somebody_else() -> None:
    glosses = tier("RH", "HOUSE", 'PARTICIPANT="Anna"')
    translation = tier("Translation", "A house", slots=("ts2", "ts4"))
    below = tier("Handshape", "5", 'PARENT_REF="RH"')
    document = read_eaf(file(glosses, translation, below))
    assert [(cue.text, cue.speaker, cue.span) for cue in document.cues] == [
        ("HOUSE", "Anna", Span(millis(1000), millis(2500))),
        ("A house", "Translation", Span(millis(2500), millis(4000))),
    ]
    assert [note.text for note in document.cues.notes] == [
        "line 12: the tier Handshape (1 annotations) is not kept"
    ]
    assert read_eaf(file(tier("default", "Hi"))).cues[0].speaker is None


def test_a_file_that_pympi_made_is_read(pympi: ModuleType, tmp_path: Path) -> None:
    made = pympi.Eaf(author="somebody")
    made.remove_tier("default")
    made.add_tier("signer")
    made.add_annotation("signer", 40, 1240, "HOUSE")
    made.add_annotation("signer", 1300, 2000, "")
    made.add_linked_file("film.mp4", relpath="./film.mp4", mimetype="video/mp4", time_origin=500)
    made.to_file(tmp_path / "a.eaf")
    document = read_eaf((tmp_path / "a.eaf").read_text("utf-8"), "a.eaf")
    assert document.cues.events == (Cue(Span(millis(40), millis(1240)), "HOUSE"),)
    assert document.source == "film.mp4"
    told = " ".join(note.text for note in document.cues.notes)
    assert "ELAN shifts the film by 500 ms (TIME_ORIGIN), which is not followed" in told
    assert "an annotation without text is not kept" in told


def test_what_the_header_says() -> None:
    header = (
        '<MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/films/My film.mov" MIME_TYPE="video/quicktime"/>'
        '<MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/films/sound.wav" MIME_TYPE="audio/x-wav"/>'
        '<PROPERTY NAME="URN">urn:x</PROPERTY><PROPERTY NAME="rate">fast</PROPERTY>'
        '<PROPERTY NAME="mood">good</PROPERTY><PROPERTY NAME="note">free text</PROPERTY>'
    )
    text = file(tier("default", "Hi"), header=header)
    text = text.replace("<HEADER>", '<LICENSE LICENSE_URL="https://x.org">CC BY</LICENSE><HEADER>')
    document = read_eaf(text)
    assert document.source == "My film.mov"
    assert document.comments == ("License: CC BY https://x.org", "free text")
    assert [note.text.partition(": ")[2] for note in document.cues.notes] == [
        "of several films the first is kept, not sound.wav",
        "the property rate is not kept",
        "the property mood is not kept",
    ]


@pytest.mark.parametrize(("units", "ticks"), [("PAL-frames", 40), ("milliseconds", 1)])
def test_other_units_of_time(units: str, ticks: int) -> None:
    text = file(tier("default", "Hi")).replace("<HEADER>", f'<HEADER TIME_UNITS="{units}">')
    assert read_eaf(text).cues[0].span == Span(millis(1000 * ticks), millis(2500 * ticks))


def test_ntsc_frames_are_exact() -> None:
    text = file(tier("default", "Hi")).replace("<HEADER>", '<HEADER TIME_UNITS="NTSC-frames">')
    rate = Rate.parse("29.97")
    assert read_eaf(text).cues[0].span == Span(rate.at(1000), rate.at(2500))


def test_what_people_changed_in_our_file() -> None:
    text = write_eaf(DOCUMENT)
    text = text.replace(">0.93<", ">sure<").replace(">estimated<", ">guessed<").replace("谢谢<", "谢 谢<")
    document = read_eaf(text)
    assert [word.text for word in document.words] == ["THANK-YOU", "HOUSE", "谢", "谢"]
    assert document.words[0].confidence is None
    assert document.words[1].timing is Timing.GIVEN
    told = " ".join(note.text for note in document.cues.notes)
    assert "a confidence lies in 0..1, not 'sure'" in told
    assert "a timing is one of aligned, estimated, given, not 'guessed'" in told


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("<tt/>", 1, "not ELAN's: the root element is 'tt'"),
        ("<ANNOTATION_DOCUMENT>\n<TIER>", 2, "not well-formed XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]>\n<ANNOTATION_DOCUMENT/>', 1, "document type declaration"),
        ("<ANNOTATION_DOCUMENT>" + "\n<TIER>" * 100, 61, "more than 60 deep"),
        (file(tier("a", "b", slots=("ts1", "ts9"))), 9, "TIME_SLOT_REF2 'ts9' is not in TIME_ORDER"),
        (file(tier("a", "b", slots=("ts3", "ts4"))), 9, "TIME_SLOT_REF1 'ts3' has no TIME_VALUE"),
        (HEAD + '<TIME_ORDER>\n<TIME_SLOT TIME_VALUE="1.5"/></TIME_ORDER></ANNOTATION_DOCUMENT>', 4, "'1.5'"),
        (
            HEAD + '<TIME_ORDER><TIME_SLOT TIME_VALUE="-1"/></TIME_ORDER></ANNOTATION_DOCUMENT>',
            3,
            "not a time",
        ),
        (HEAD + '<HEADER TIME_UNITS="hours"/></ANNOTATION_DOCUMENT>', 3, "none of milliseconds, PAL-frames"),
    ],
)
def test_wrong_files_are_refused_with_the_line(text: str, line: int, words: str) -> None:
    with pytest.raises(FormatError, match=rf"^film\.eaf: line {line}: .*{re.escape(words)}"):
        read_eaf(text, "film.eaf")


def test_an_annotation_that_ends_before_it_starts_is_noted() -> None:
    document = read_eaf(file(tier("a", "b", slots=("ts2", "ts1"))))
    assert document.cues[0].span == Span(millis(2500), millis(2500))
    assert [note.kind for note in document.cues.notes] == ["negative-duration"]
