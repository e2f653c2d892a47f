"""Start messages, good and bad."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.server.refusal import Refused
from accessify.server.start import Start, parse_start

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ("type", "format", "rate", "channels", "language", "width", "pace", "resume", "key")


def test_what_is_not_said_has_its_usual_value() -> None:
    assert parse_start('{"type":"start"}') == Start("pcm16", 16_000, 1, None, 37, None, None, 0, None)


def test_everything_can_be_said() -> None:
    said = {
        "type": "start",
        "format": "float32",
        "rate": 48_000.0,
        "channels": 2,
        "language": "en-GB",
        "width": 42,
        "pace": 180,
        "resume": {"id": "abc", "seq": 12},
        "key": "mine",
    }
    assert parse_start(json.dumps(said)) == Start("float32", 48_000, 2, "en-GB", 42, 180, "abc", 12, "mine")


@given(st.dictionaries(st.sampled_from(FIELDS), JSON).map(lambda said: {"type": "start"} | said))
def test_anything_else_is_refused_with_a_reason_and_nothing_breaks(said: dict[str, object]) -> None:
    refused = None
    try:
        start = parse_start(json.dumps(said))
    except Refused as error:
        refused = error
    if refused is None:
        assert 8_000 <= start.rate <= 192_000
    else:
        assert (refused.code, refused.close) == ("bad-start", 4400)
        assert "\n" not in refused.message


@given(st.text(max_size=40))
def test_text_that_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        parse_start(text)


def test_a_number_of_thousands_of_digits_and_deep_nesting_are_refused() -> None:
    for text in ('{"type":"start","rate":' + "9" * 5_000 + "}", "[" * 100_000):
        with pytest.raises(Refused):
            parse_start(text)
