import pytest

from accessify.captions.formats.sami import read_sami
from accessify.core.errors import FormatError
from accessify.core.text import Cue, Run, Style
from accessify.core.timeline import Span, Track, millis

SAMI = """\
<SAMI>
<HEAD><TITLE>A film</TITLE>
<STYLE TYPE="text/css">
<!--
P { margin-left: 1em; color: white; }
.ENCC { Name: English; lang: en-US; SAMIType: CC; }
.FRCC { Name: French; lang: fr-FR; SAMIType: CC; }
-->
</STYLE></HEAD>
<BODY>
<SYNC Start=1000><P Class=ENCC ID=Source>Mary
<P Class=ENCC>Hello <font color="#ff0000">red</font><br>
<i>there</i>, {x}
 C:\\new &amp; so
<P Class=FRCC>Bonjour
<SYNC Start=1500><P Class=FRCC>&nbsp;
<SYNC start="7001"><P class=ENCC>&nbsp;
<sync Start=8000><p Class=ENCC>Last
"""


def span(start: int, end: int) -> Span:
    return Span(millis(start), millis(end))


def test_the_first_language_until_the_next_block() -> None:
    document = read_sami(SAMI)
    hello, last = document.cues
    assert (document.title, document.language) == ("A film", "en-US")
    assert hello == Cue(
        span(1000, 7001),
        "Mary\nHello red\nthere, {x} C:\\new & so",
        (
            Run("Mary\nHello "),
            Run("red", Style(color="#ff0000")),
            Run("\n"),
            Run("there", Style(italic=True)),
            Run(", {x} C:\\new & so"),
        ),
    )
    assert (last.span.start, last.text) == (millis(8000), "Last")
    assert [(note.span.start, note.text) for note in document.cues.notes] == [
        (0, "only the text of class encc is read, not that of frcc"),
        (millis(8000), "nothing clears the last caption; its end is a guess"),
    ]


def test_a_block_that_clears_ends_the_last_caption() -> None:
    text = "<SAMI><BODY><SYNC Start=10>One<SYNC Start=20>Two<SYNC Start=30>&nbsp;</BODY></SAMI>"
    assert read_sami(text).cues == Track((Cue(span(10, 20), "One"), Cue(span(20, 30), "Two")))


def test_blocks_at_the_same_time_stand_together() -> None:
    text = "<SAMI><SYNC Start=10><P>One<SYNC Start=10><P>Two<SYNC Start=30><P>"
    assert [(cue.span, cue.text) for cue in read_sami(text).cues] == [
        (span(10, 30), "One"),
        (span(10, 30), "Two"),
    ]


def test_blocks_in_a_remark_are_told() -> None:
    document = read_sami("<SAMI><!-- <SYNC Start=1>A --><SYNC Start=2>B<SYNC Start=3></SAMI>")
    assert [cue.text for cue in document.cues] == ["B"]
    assert [note.text for note in document.cues.notes] == ["1 of 3 SYNC blocks stand in a remark"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "film: line 1: not SAMI"),
        (
            "<SAMI>\n\n<SYNC><P>A",
            "film: line 3: not a time in milliseconds: '<SYNC'; write <SYNC Start=1000>",
        ),
        ("<SAMI>\n<SYNC Start=1s>A", "film: line 2: not a time in milliseconds: '<SYNC Start=1s'"),
        ("<SAMI>\n<SYNC Start=1.5>A", "film: line 2: not a time in milliseconds"),
        ("<SAMI>\n<SYNC Start=-5>A", "film: line 2: not a time in milliseconds"),
    ],
)
def test_damaged_files_name_the_line(text: str, told: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_sami(text, "film")
    assert str(caught.value).startswith(told)


def test_a_long_file_is_read_whole() -> None:
    blocks = (f"<SYNC Start={1000 * n}><P Class=A>Line {n}<br>of it\n" for n in range(5000))
    document = read_sami("<SAMI><BODY>\n" + "".join(blocks) + "</BODY></SAMI>")
    assert len(document.cues) == 5000
    assert document.cues[4000] == Cue(span(4_000_000, 4_001_000), "Line 4000\nof it")
