from pathlib import Path

import pytest

from accessify.core.errors import FormatError, OptionError, OutputError, UnknownName
from accessify.core.text import Cue, Document
from accessify.core.timeline import Rate, Span, Track, seconds
from accessify.delivery.files import read_captions, write_captions

SRT = "1\n00:00:01,000 --> 00:00:02,000\n{}\n"


def _srt(path: Path, text: str, encoding: str) -> Path:
    path.write_bytes(SRT.format(text).encode(encoding))
    return path


def _document(text: str = "Hi") -> Document:
    return Document(Track((Cue(Span(seconds(1), seconds(2)), text),)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_read_without_a_note(tmp_path: Path, encoding: str) -> None:
    document = read_captions(_srt(tmp_path / "a.srt", "Grüße, 世界", encoding))
    assert document == _document("Grüße, 世界")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_with_a_mark(tmp_path: Path, encoding: str) -> None:
    path = _srt(tmp_path / "a.srt", "\ufeff", encoding)
    path.write_bytes(("\ufeff" + SRT.format("世界")).encode(encoding))
    assert read_captions(path) == _document("世界")


@pytest.mark.parametrize(
    ("name", "text", "encoding", "shown"),
    [
        ("a.srt", "Où étais-tu, “cœur” ?", "cp1252", "cp1252"),
        ("a.srt", "你好，世界。我们走吧！", "gb18030", "gb18030"),
        ("a.ja.srt", "こんにちは、世界", "cp932", "cp932"),
        ("film.ru.srt", "Привет, мир", "cp1251", "cp1251"),
        ("film_tw.srt", "你好，世界", "big5", "big5"),
    ],
)
def test_old_encodings_are_guessed_and_noted(
    tmp_path: Path, name: str, text: str, encoding: str, shown: str
) -> None:
    document = read_captions(_srt(tmp_path / name, text, encoding))
    assert document.cues[0].text == text
    (note,) = document.cues.notes
    assert note.kind == "encoding"
    assert note.text.startswith(f"read as {shown}, not UTF-8")


def test_the_xml_declaration_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "a.ttml"
    text = (
        '<?xml version="1.0" encoding="ISO-8859-1"?><tt xmlns="http://www.w3.org/ns/ttml"><body><div>'
        '<p begin="1s" end="2s">Où</p></div></body></tt>'
    )
    path.write_bytes(text.encode("latin-1"))
    assert read_captions(path) == _document("Où")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.srt", "WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n"),
        ("a.vtt", SRT.format("Hi")),
        ("a.txt", SRT.format("Hi")),
        ("a.sub", SRT.format("Hi")),
        (
            "a.xml",
            '<?xml version="1.0"?>\n<!-- made\nby hand -->\n<ANNOTATION_DOCUMENT><TIME_ORDER>'
            '<TIME_SLOT TIME_SLOT_ID="a" TIME_VALUE="1000"/><TIME_SLOT TIME_SLOT_ID="b" TIME_VALUE="2000"/>'
            '</TIME_ORDER><TIER TIER_ID="t"><ANNOTATION><ALIGNABLE_ANNOTATION TIME_SLOT_REF1="a" '
            'TIME_SLOT_REF2="b"><ANNOTATION_VALUE>Hi</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>'
            "</TIER></ANNOTATION_DOCUMENT>",
        ),
        ("a.srt", "[Script Info]\n\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,Hi\n"),
    ],
)
def test_the_content_decides_where_the_name_lies(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    assert read_captions(path).cues == _document().cues


@pytest.mark.parametrize("name", ["srt", "vtt", "ass", "ttml", "json", "eaf"])
def test_written_files_are_read_back(tmp_path: Path, name: str) -> None:
    path = tmp_path / "new" / f"a.{name}"
    write_captions(_document("Où, 世界"), path)
    assert read_captions(path) == _document("Où, 世界")
    assert b"\r" not in path.read_bytes()
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_the_format_named_wins_over_the_suffix(tmp_path: Path) -> None:
    write_captions(_document(), tmp_path / "a.txt", "vtt")
    assert (tmp_path / "a.txt").read_text("utf-8").startswith("WEBVTT\n")


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        (
            "a.txt",
            b"Hello there",
            "plain text has no times .* give a file in one of: srt, vtt, ass, ttml, json, eaf",
        ),
        ("a.srt", b"\0\1\2\3", "not a text file"),
        ("a.srt", b"Hello", "line 1: expected a cue number"),
        (
            "a.ttml",
            b'<?xml version="1.0" encoding="martian"?><tt/>',
            "not text in martian; save the file as UTF-8",
        ),
        ("a.srt", "\ufeffHi".encode("utf-16-le") + b"\x00", "not text in utf-16-le"),
    ],
)
def test_what_cannot_be_read_names_file_and_fix(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(FormatError, match=words) as caught:
        read_captions(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no such file"):
        read_captions(tmp_path / "a.srt")
    with pytest.raises(FormatError, match="cannot be read"):
        read_captions(tmp_path)


def test_unknown_formats(tmp_path: Path) -> None:
    (tmp_path / "a.cap").write_bytes(b"850STL25")
    with pytest.raises(UnknownName, match="unknown format 'cap'"):
        read_captions(tmp_path / "a.cap")
    with pytest.raises(UnknownName, match="unknown format 'cap'"):
        write_captions(_document(), tmp_path / "b.cap")
    with pytest.raises(OptionError, match="EBU STL can be read but not written; choose one of: srt, vtt"):
        write_captions(_document(), tmp_path / "b.stl")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.cap"]


def test_frames_are_counted_at_the_films_rate(tmp_path: Path) -> None:
    path = tmp_path / "a.sub"
    path.write_text("{25}{50}Hi\n", "utf-8")
    with pytest.raises(FormatError, match=r"line 1: MicroDVD counts frames .*--rate"):
        read_captions(path)
    document = read_captions(path, Rate.parse("25"))
    assert document.cues == _document().cues
    assert document.rate == Rate.parse("25")
    assert read_captions(_srt(tmp_path / "a.srt", "Hi", "utf-8"), Rate.parse("25")) == _document()


def test_a_name_that_promises_another_kind_of_file(tmp_path: Path) -> None:
    path = tmp_path / "a.stl"
    path.write_bytes(b"$FontName = Arial\n00:00:01:00 , 00:00:02:00 , Hi\n")
    with pytest.raises(FormatError, match=r"a\.stl: not EBU STL"):
        read_captions(path)
    path.write_bytes(b"850STL99.01\0" + bytes(2000))
    with pytest.raises(FormatError, match=r"a\.stl: not EBU STL"):
        read_captions(path)
    assert read_captions(_srt(path, "Hi", "utf-8")) == _document()


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    write_captions(_document(), path)
    before = path.read_bytes()
    with pytest.raises(FormatError, match="before the film does"):
        write_captions(Document(Track((Cue(Span(-5, 5), "a"),))), path)
    assert path.read_bytes() == before
    with pytest.raises(OutputError):
        write_captions(_document(), path / "b.srt")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.srt"]


def test_paths_may_be_texts(tmp_path: Path) -> None:
    path = str(tmp_path / "a.vtt")
    write_captions(_document(), path)
    assert read_captions(path) == _document()
