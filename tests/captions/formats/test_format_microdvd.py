import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.captions.formats.microdvd import read_microdvd, read_mpl2
from accessify.core.errors import FormatError
from accessify.core.text import Cue, Run, Style
from accessify.core.timeline import Rate, Span, Track, millis
from tests.captions.formats.documents import RATES

ITALIC, BOLD = Style(italic=True), Style(bold=True)


def test_microdvd_with_its_frame_rate() -> None:
    text = "{1}{1}23.976\n{24}{48}{y:i}Hi|there {c:$0000FF}x\n\n{60}{}C:\\new {\\}\n{80}{100}{Y:b}a|b\n"
    document = read_microdvd("\ufeff" + text.replace("\n", "\r\n"))
    rate = Rate.parse("24000/1001")
    assert document.rate == rate
    assert document.cues.events == (
        Cue(Span(rate.at(24), rate.at(48)), "Hi\nthere x", (Run("Hi", ITALIC), Run("\nthere x"))),
        Cue(Span(rate.at(60), rate.at(80)), "C:\\new {\\}"),
        Cue(Span(rate.at(80), rate.at(100)), "a\nb", (Run("a\nb", BOLD),)),
    )
    assert [note.text for note in document.cues.notes] == ["line 2: {c:$0000FF} is not kept"]


@given(st.sampled_from(RATES), st.integers(0, 500_000), st.integers(1, 500))
def test_frames_are_exact(rate: Rate, first: int, length: int) -> None:
    for text, given_rate in (
        (f"{{{first}}}{{{first + length}}}A\n", rate),
        (f"{{1}}{{1}}{float(rate.fps):.3f}\n{{{first}}}{{{first + length}}}A\n", None),
    ):
        span = read_microdvd(text, "", given_rate).cues[0].span
        assert (span.start, span.end) == (rate.at(first), rate.at(first + length))


def test_a_rate_given_wins_and_the_file_s_is_told() -> None:
    document = read_microdvd("{0}{0}25\n{24}{48}A\n", "", Rate.parse("24"))
    assert document.cues[0].span == Span(millis(1000), millis(2000))
    assert document.rate == Rate.parse("24")
    assert [note.text for note in document.cues.notes] == ["the file states 25 frames a second; read at 24"]
    assert read_microdvd("{1}{1}25\n", "", Rate.parse("25")).cues == Track()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{10}{20}A\n", "film: line 1: MicroDVD counts frames .*--rate FPS.*{1}{1}25"),
        ("\n{1}{1}0\n", "film: line 2: 0 is no frame rate"),
        ("{1}{1}25\n{10}{20}A\nB\n", "film: line 3: not a line of MicroDVD: 'B'; write {25}{75}Hello|there"),
        ("{1}{1}25\n{20}{}A\n", "film: line 2: the last caption has no end"),
        ("{1}{1}25\n{9999999999}{}A\n", "film: line 2: not a line of MicroDVD"),
    ],
)
def test_damaged_microdvd_names_the_line(text: str, told: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_microdvd(text, "film")
    head, _, tail = told.partition(".*")
    assert str(caught.value).startswith(head)
    assert all(part in str(caught.value) for part in tail.split(".*"))


def test_mpl2_counts_tenths() -> None:
    document = read_mpl2("[10][25]/Hi |there\n[25][]a|/b {\\note}\n[40][50]C\\D\n")
    assert document.cues.events == (
        Cue(Span(millis(1000), millis(2500)), "Hi\nthere", (Run("Hi", ITALIC), Run("\nthere"))),
        Cue(Span(millis(2500), millis(4000)), "a\nb {\\note}", (Run("a\n"), Run("b {\\note}", ITALIC))),
        Cue(Span(millis(4000), millis(5000)), "C\\D"),
    )
    assert not document.cues.notes


def test_damaged_mpl2_names_the_line() -> None:
    with pytest.raises(FormatError, match=r"line 2: not a line of MPL2: '\[1\]A'; write \[10\]\[30\]Hello"):
        read_mpl2("[10][20]A\n[1]A\n")


def test_a_file_of_nothing() -> None:
    assert read_microdvd("").cues == read_mpl2("\n\n").cues == Track()


def test_a_long_file_is_read_whole() -> None:
    lines = "".join(f"[{30 * n}][{30 * n + 20}]Line {n}|of the film\n" for n in range(20_000))
    assert len(read_mpl2(lines).cues) == 20_000


def test_a_line_that_ends_before_it_starts_is_kept_and_noted() -> None:
    track = read_microdvd("{1}{1}25\n{20}{10}A\n", "film").cues
    assert track[0].span.duration == 0
    assert [(note.span, note.kind) for note in track.notes] == [(track[0].span, "negative-duration")]
