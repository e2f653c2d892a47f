from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from accessify.captions.reading import Row, Screen
from accessify.delivery.mpv.overlay import escaped, overlay_events


def test_a_line_keeps_its_place_until_it_scrolls() -> None:
    def places(*rows: str) -> list[str]:
        events = overlay_events(Screen(tuple(map(Row, rows))), 3)
        return re.findall(r"\\pos\(([\d,]+)\)", events)

    assert places("one") == ["110,532"]
    assert places("one", "two", "three") == ["110,532", "110,586", "110,640"]
    assert places() == []


def test_the_tail_is_dimmed_and_a_correction_has_another_color() -> None:
    events = overlay_events(Screen((Row("I am", " here"), Row("– not", correction=True))), 2)
    first, second = events.split("\n")
    assert re.search(r"\}I am\{\\1a&H\w+&\\3a&H\w+&\} here$", first)
    assert second.endswith(r"{\1c&H00FFFF&}– not")


@given(st.text(alphabet=st.sampled_from("{}\\N \n\rabc&H漢(1)"), max_size=30))
def test_no_text_can_give_an_order(text: str) -> None:
    said = escaped(text)
    assert "\n" not in said
    assert "\r" not in said
    assert not re.search(r"(?<!\\)[{}]", said)  # every brace is one to be drawn
    assert not re.search(r"\\[^{}\ufeff]|\\$", said)  # no backslash begins anything else
    plain = said.replace("\\{", "{").replace("\\}", "}").replace("\ufeff", "")
    assert " ".join(plain.split()) == " ".join(text.split())
