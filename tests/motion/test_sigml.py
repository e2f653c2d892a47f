"""SiGML: signs with their hands and the rest, wild files, and nothing expanded or fetched."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accessify.core.errors import FormatError
from accessify.motion.hamnosys import parse
from accessify.motion.sigml import LARGEST, read_sigml
from tests.motion.written_trees import lost, read

SHARED = Path(__file__).parents[3] / "shared/data/sign/hamnosys/oracle_dev.csv"

HAND = "fist extfingeru palml chest moved"


def manual(names: str) -> str:
    return "".join(f"\n<ham{name}/>" for name in names.split())


def sign(names: str, gloss: str = "HOUSE", nonmanual: str = "") -> str:
    return (
        f'<hns_sign gloss="{gloss}"><hamnosys_nonmanual>{nonmanual}</hamnosys_nonmanual>'
        f"<hamnosys_manual>{manual(names)}</hamnosys_manual></hns_sign>"
    )


def file(*signs: str) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>\n<sigml>\n' + "\n".join(signs) + "\n</sigml>\n"


def test_signs_are_read_in_order_with_their_glosses() -> None:
    first, second = read_sigml(file(sign(HAND), sign("flathand extfingerl palmd", "FÜR")), strict=True)
    assert (first.gloss, second.gloss) == ("HOUSE", "FÜR")
    assert first.parsed is not None
    assert first.parsed == read(HAND)
    assert second.parsed == read("flathand extfingerl palmd")
    assert (first.line, first.lines, second.line) == (3, (4, 5, 6, 7, 8), 9)


def test_tags_of_the_rest_of_the_body_are_kept_in_order() -> None:
    tags = '<hnm_mouthpicture picture="haUs"/><hnm_head tag="SH"/><hnm_shoulder tag="UB"/><hnm_extra/>'
    (found,) = read_sigml(file(sign(HAND, nonmanual=tags)))
    assert found.nonmanual == (
        ("hnm_mouthpicture", "haUs"),
        ("hnm_head", "SH"),
        ("hnm_shoulder", "UB"),
        ("hnm_extra", ""),
    )
    assert not found.unread


def test_a_sign_may_have_no_hands() -> None:
    (found,) = read_sigml(file(sign("", nonmanual='<hnm_head tag="NO"/>')), strict=True)
    assert found.parsed is None
    assert found.nonmanual == (("hnm_head", "NO"),)


@pytest.mark.parametrize(
    "text",
    [
        sign(HAND),
        f"\ufeff\n{sign(HAND)}\n{sign(HAND)}",
        f"<sigml>{sign(HAND)}</sigml>",
        f'<!DOCTYPE sigml SYSTEM "http://example.org/sigml.dtd">\n<sigml>{sign(HAND)}</sigml>',
        f"<sigml><!-- a & b; --><part>{sign(HAND)}</part></sigml>",
        sign(HAND).replace("<hamnosys_manual>", "").replace("</hamnosys_manual>", ""),
        sign(HAND).replace("hamfist", "HAMFIST"),
        '<hns_sign gloss="HOUSE"><hamnosys_manual>'
        "\n\ue000 \ue020\ue03e\n\ue052\ue084</hamnosys_manual></hns_sign>",
    ],
)
def test_wild_forms_of_the_same_sign_are_read(text: str) -> None:
    for found in read_sigml(text):
        assert found.parsed is not None
        assert found.parsed == read(HAND)
        assert not found.unread


def test_bytes_are_decoded_as_they_say() -> None:
    text = file(sign(HAND, "FÜR"))
    latin = text.replace("UTF-8", "ISO-8859-1").encode("latin-1")
    assert read_sigml(latin) == read_sigml(text.encode()) == read_sigml(text.encode("utf-8-sig"))
    assert read_sigml(latin)[0].gloss == "FÜR"


def test_a_wild_tag_is_told_and_the_rest_is_read() -> None:
    text = file(sign("flathand extfingeru palml replace pinchopen"))
    (found,) = read_sigml(text)
    assert found.parsed is not None
    assert not lost(found.parsed)
    assert found.parsed.recoveries[0].message == (
        "HamNoSys symbol 5 (hampinchopen): HamNoSys 4 has no such symbol, perhaps hampinch12open is meant;"
        " it is left out"
    )
    with pytest.raises(FormatError, match=r"line 8: HamNoSys symbol 5 \(hampinchopen\)"):
        read_sigml(text, strict=True)


@pytest.mark.parametrize(
    ("place", "strange", "told"),
    [
        ("<hamnosys_manual>", "<handshape/>", "line 3: <handshape> is not part of HNS SiGML"),
        ("<hamnosys_nonmanual>", "hello", "line 3: the text 'hello' stands outside the manual part"),
        (
            "<hamnosys_nonmanual>",
            '<hnm_head tag="SH" speed="2"/>',
            'line 3: <hnm_head> has speed="2", which HNS SiGML does not read',
        ),
    ],
)
def test_what_is_no_sigml_is_told_with_its_line(place: str, strange: str, told: str) -> None:
    text = file(sign(HAND).replace(place, place + strange))
    (found,) = read_sigml(text)
    assert found.unread == (told,)
    assert found.parsed is not None
    assert found.parsed == read(HAND)
    with pytest.raises(FormatError) as error:
        read_sigml(text, strict=True)
    assert error.value.message == f"{told}; take it out"
    assert error.value.line == 3


def test_a_sign_of_nothing_but_wild_tags_is_told_beside_the_others() -> None:
    text = file(sign("wild"), sign(HAND))
    wild, good = read_sigml(text)
    assert wild.parsed is None
    assert wild.unread[0].startswith("line 4: no symbol of HamNoSys in '<hamwild/>'")
    assert good.parsed is not None
    with pytest.raises(FormatError, match="line 4: no symbol of HamNoSys"):
        read_sigml(text, strict=True)


def test_strict_reading_gives_the_line_of_a_misplaced_symbol() -> None:
    with pytest.raises(FormatError, match=r"line 9: HamNoSys symbol 6 \(hamthumboutmod\)"):
        read_sigml(file(sign(HAND + " thumboutmod")), strict=True)
    with pytest.raises(FormatError, match="line 9: HamNoSys after symbol 6, at the end: expected a hand"):
        read_sigml(file(sign(HAND + " replace")), strict=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: not well-formed XML, no element found"),
        ("house", "line 1: not well-formed XML, syntax error"),
        ("<sigml>\n<hns_sign>\n</sigml>", "line 3: not well-formed XML, mismatched tag"),
        ("\n\n<sigml>\n<hns_sign>\n</sigml>", "line 5: not well-formed XML, mismatched tag"),
        (file(), "no <hns_sign> in it; give HNS SiGML"),
        ("<sigml><hamgestural_sign/></sigml>", "no <hns_sign> in it, but <hamgestural_sign>; give HNS SiGML"),
        ("<sigml>&bomb;</sigml>", "line 1: not well-formed XML, undefined entity"),
        ('<!DOCTYPE s [\n<!ENTITY a "b">]><sigml/>', "line 2: it declares or uses entities"),
        ('<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]><sigml>&a;</sigml>', "line 1: it declares"),
        ('<!DOCTYPE s SYSTEM "x"><hns_sign gloss="&b;"/>', "line 1: it declares or uses entities"),
        ('<!DOCTYPE s [<!ENTITY % p "x"> %p;]><sigml/>', "line 1: it declares or uses entities"),
        ("<sigml>" + "<a>" * 100, "line 1: elements nest deeper than"),
        (b"<sigml>\xff</sigml>", "line 1: not well-formed XML, not well-formed (invalid token)"),
        (b'<?xml version="1.0" encoding="klingon"?><sigml/>', "its characters cannot be read"),
        ("<sigml>\ud800</sigml>", "its characters cannot be read"),
    ],
)
def test_what_cannot_be_read_is_an_error(text: str | bytes, message: str) -> None:
    with pytest.raises(FormatError) as error:
        read_sigml(text)
    assert error.value.message.startswith(message)
    assert "\n" not in error.value.message


def test_a_text_without_end_is_an_error_before_it_is_parsed() -> None:
    with pytest.raises(FormatError, match="give at most"):
        read_sigml(" " * (LARGEST + 1))


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=60), st.binary(max_size=60)), st.integers(0, 600), st.integers(0, 20))
def test_damage_anywhere_is_read_or_is_a_clean_error(junk: str | bytes, at: int, cut: int) -> None:
    whole: str | bytes = file(sign(HAND, nonmanual='<hnm_head tag="SH"/>'))
    if isinstance(whole, str) and isinstance(junk, bytes):
        whole = whole.encode()
    damaged = whole[:at] + junk + whole[at + cut :]  # type: ignore[operator]
    try:
        found = read_sigml(damaged)
    except FormatError as error:
        assert "\n" not in error.message  # noqa: PT017 - either is right
        return
    for each in found:
        assert each.parsed is None or not lost(each.parsed)
        assert each.parsed is None or len(each.lines) == len(each.parsed.symbols)


def test_reference_signs_give_the_same_tree_from_sigml_as_from_characters() -> None:
    if not SHARED.exists():
        pytest.skip("the reference signs are not here")
    csv.field_size_limit(10**8)
    with SHARED.open(encoding="utf-8", newline="") as rows:
        signs = list(csv.DictReader(rows))
    mouthed = 0
    for row in signs:
        (found,) = read_sigml(row["sigml"])
        assert found.parsed is not None
        assert found.parsed == parse(row["hamnosys"])
        assert not found.unread
        mouthed += any(name == "hnm_mouthpicture" for name, _ in found.nonmanual)
    assert mouthed == 20
