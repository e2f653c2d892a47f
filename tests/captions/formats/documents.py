"""Hypothesis strategies for documents as readers give them: runs merged, no empty lines."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import strategies as st

from accessify.core.text import (
    Cue,
    Document,
    Placement,
    Region,
    Run,
    Style,
    Stylesheet,
    Timing,
    Word,
    merge_runs,
)
from accessify.core.timeline import Note, Rate, Span, Track, millis

LETTERS = "abz AZ09éß漢字かな…—'\"&<>-:{}\\/;#!\u200e\U0001f3b5"
RATES = [
    Rate(Fraction(24000, 1001)),
    Rate(Fraction(24)),
    Rate(Fraction(25)),
    Rate(Fraction(30000, 1001)),
    Rate(Fraction(30000, 1001), drop=True),
    Rate(Fraction(50)),
    Rate(Fraction(60000, 1001)),
    Rate(Fraction(60)),
]

percents = st.integers(0, 100_000).map(lambda value: value / 1000)
names = st.text("abcXYZ0189_", min_size=1, max_size=6)
phrases = (
    st.text("abz AZ09é漢&<>.,", min_size=1, max_size=12).map(lambda text: " ".join(text.split())).filter(bool)
)
colors = st.sampled_from(["#ff0000", "#ffff00", "#00ff00", "#123456", "#00000080", "#ff8800cc"])
lines = st.text(LETTERS, min_size=1, max_size=12).filter(str.strip)
texts = st.lists(lines, min_size=1, max_size=3).map("\n".join)
maybe = st.none


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = draw(st.integers(0, 4 * 3600 * 1000))
    return Span(millis(start), millis(start + draw(st.integers(1, 7000))))


styles = st.builds(
    Style,
    italic=st.booleans(),
    bold=st.booleans(),
    underline=st.booleans(),
    color=maybe() | colors,
    background=maybe() | colors,
    voice=maybe() | phrases,
    language=maybe() | st.sampled_from(["en-GB", "zh-Hans", "ja"]),
    classes=st.lists(st.sampled_from(["loud", "sfx", "a-b"]), unique=True, max_size=2).map(tuple),
    ruby=maybe() | st.text("かなabc&<", min_size=1, max_size=3),
)
vtt_placements = st.builds(
    Placement,
    line=percents,
    line_align=maybe() | st.sampled_from(["start", "center", "end"]),
    position=maybe() | percents,
    size=maybe() | percents,
    align=maybe() | st.sampled_from(["start", "center", "end", "left", "right"]),
    vertical=maybe() | st.sampled_from(["rl", "lr"]),
    region=maybe() | names,
) | st.builds(
    Placement,
    line_number=st.integers(-20, 20),
    line_align=maybe() | st.sampled_from(["start", "center", "end"]),
    position=percents,
    position_align=maybe() | st.sampled_from(["line-left", "center", "line-right"]),
)


@st.composite
def vtt_cues(draw: st.DrawFn) -> Cue:
    """A cue in the form that the WebVTT reader gives."""
    span = draw(spans())
    text = draw(texts)
    runs = draw(_runs(text, span))
    speaker = draw(maybe() | phrases)
    voices = {run.style.voice for run in runs}
    if speaker or (len(voices) == 1 and None not in voices):
        runs = merge_runs(replace(run, style=replace(run.style, voice=None)) for run in runs)
    placement = draw(maybe() | vtt_placements)
    return Cue(span, text, runs, draw(maybe() | phrases), speaker, placement)


@st.composite
def _runs(draw: st.DrawFn, text: str, span: Span) -> tuple[Run, ...]:
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=3)))
    runs = []
    start = None
    for first, last in zip([0, *cuts], [*cuts, len(text)], strict=True):
        if last > first and draw(st.integers(0, 3)) == 0:
            later = draw(st.integers(span.start // millis(1), span.end // millis(1) - 1))
            start = millis(later) if millis(later) > (span.start if start is None else start) else start
        style = draw(st.just(Style()) | styles)
        if "\n" in text[first:last] or not text[first:last].strip():
            style = replace(style, ruby=None)
        runs.append(Run(text[first:last], style, start))
    return merge_runs(runs)


comments = st.lists(
    st.text("abc é:.", min_size=1, max_size=10).map(str.strip).filter(bool), min_size=1, max_size=2
)
regions = st.builds(
    Region,
    id=names,
    width=percents,
    lines=st.integers(1, 9),
    region_anchor=st.tuples(percents, percents),
    viewport_anchor=st.tuples(percents, percents),
    scroll=st.booleans(),
)
titles = st.text("abc é漢", min_size=1, max_size=9).map(str.strip).filter(bool)
css = st.sampled_from(
    ["::cue { color: white }", "::cue(.loud) {\n  font-size: 120%;\n}", "::cue(.red) { color: #c00 }"]
)


def vtt_documents() -> st.SearchStrategy[Document]:
    """Documents that WebVTT holds without loss."""
    return st.builds(
        Document,
        cues=st.lists(vtt_cues(), max_size=4).map(Track.of),
        language=maybe() | st.sampled_from(["en", "zh-Hans"]),
        title=maybe() | titles,
        origin=maybe() | titles,
        rate=maybe() | st.sampled_from(RATES),
        regions=st.lists(regions, max_size=2).map(tuple),
        stylesheets=st.lists(css.map(lambda text: Stylesheet("css", text)), max_size=2).map(tuple),
        comments=st.lists(comments.map("\n".join), max_size=2).map(tuple),
    )


@st.composite
def any_spans(draw: st.DrawFn) -> Span:
    start = draw(st.integers(-(10**12), 10**14))
    return Span(start, start + draw(st.integers(0, 10**10)))


words = st.builds(
    Word,
    span=any_spans(),
    text=st.text("abé漢,.", min_size=1, max_size=6),
    confidence=maybe() | st.floats(0, 1),
    timing=st.sampled_from(Timing),
    speaker=maybe() | st.text(max_size=4),
)
notes = st.builds(Note, span=any_spans(), kind=names, text=st.text(max_size=6))
floats = st.floats(-1e6, 1e6)
any_placements = st.builds(
    Placement,
    line=maybe() | floats,
    line_number=maybe() | st.integers(),
    line_align=maybe() | names,
    position=maybe() | floats,
    position_align=maybe() | names,
    size=maybe() | floats,
    align=maybe() | names,
    vertical=maybe() | names,
    region=maybe() | names,
)


@st.composite
def any_cues(draw: st.DrawFn) -> Cue:
    runs = tuple(
        draw(
            st.lists(
                st.builds(Run, st.text(max_size=5), styles, maybe() | st.integers(0, 10**12)), max_size=3
            )
        )
    )
    text = "".join(run.text for run in runs) if runs else draw(st.text(max_size=8))
    return Cue(
        draw(any_spans()),
        text,
        runs,
        draw(maybe() | st.text(max_size=4)),
        draw(maybe() | st.text(max_size=4)),
        draw(maybe() | any_placements),
        tuple(draw(st.lists(words, max_size=2))),
    )


def any_documents() -> st.SearchStrategy[Document]:
    """Documents with anything in them."""
    text = maybe() | st.text(max_size=6)
    return st.builds(
        Document,
        cues=st.builds(Track.of, st.lists(any_cues(), max_size=3), st.lists(notes, max_size=2)),
        language=text,
        title=text,
        origin=text,
        rate=maybe() | st.sampled_from(RATES),
        regions=st.lists(regions, max_size=2).map(tuple),
        stylesheets=st.lists(st.builds(Stylesheet, names, st.text(max_size=6)), max_size=2).map(tuple),
        comments=st.lists(st.text(max_size=6), max_size=2).map(tuple),
        words=st.builds(Track.of, st.lists(words, max_size=2), st.lists(notes, max_size=1)),
    )
