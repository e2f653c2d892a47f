"""HamNoSys to trees: every construct, nothing lost, and errors that point at the symbol."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accessify.core.errors import FormatError, ModelError
from accessify.evaluation.notation_parsing import parse_rates
from accessify.hub.fetch import model_files
from accessify.motion.hamnosys import LONGEST, parse
from accessify.motion.notation import SimpleSign
from accessify.motion.symbols import by_name, symbols
from tests.motion.written_trees import brief, lost, nodes, read

SHARED = Path(__file__).parents[3] / "shared/data/sign/hamnosys"

HAND = "fist extfingeru palml "
TWO_HANDS = "parbegin finger2 extfingeru palml plus flathand extfingerr palmr parend "


def only(names: str) -> SimpleSign:
    """The one part of a sign in which all is as it should be."""
    parsed = read(names, strict=True)
    assert not parsed.recoveries
    assert not lost(parsed)
    (part,) = parsed.sign.parts
    return part


# Hands


@pytest.mark.parametrize(
    ("names", "shapes"),
    [
        ("flathand thumboutmod fingerbendmod", "[HandShape(base=flat, thumb=out, bend=bent)]"),
        ("pinch12 fingerstraightmod thumbopenmod", "[HandShape(base=pinch, thumb=opposed, bend=straight)]"),
        (
            "finger2345 indexfinger fingerhookmod pinky doublebent",
            "[HandShape(base=four_spread, fingers=[Finger(name=index, bend=hooked)"
            " Finger(name=little, bend=double_bent)])]",
        ),
        ("finger2 pinky", "[HandShape(base=index, fingers=[Finger(name=little)])]"),
        ("fist thumboutmod thumb", "[HandShape(base=fist, thumb=out, fingers=[Finger(name=thumb)])]"),
        (
            "finger23 indexfinger fingernail middlefinger",
            "[HandShape(base=two, contacts=[FingerContact(finger=index, spot=nail, by=middle)])]",
        ),
        ("pinch12 fingerpad", "[HandShape(base=pinch, contacts=[FingerContact(spot=pad)])]"),
        (
            "fist ringfinger between pinky",
            "[HandShape(base=fist, thumb_between=[ring little])]",
        ),
        (
            "flathand between finger2345 fingerbendmod",
            "[HandShape(base=flat) HandShape(base=four_spread, bend=bent)]",
        ),
        ("etc", "[HandShape(base=any)]"),
        ("ceeall etc", "[HandShape(base=cee_all, loose)]"),
    ],
)
def test_a_hand_shape_is_read(names: str, shapes: str) -> None:
    assert brief(only(f"{names} extfingeru palmd").dominant.shapes) == shapes


@pytest.mark.parametrize(
    ("names", "direction", "palm"),
    [
        ("extfingerul palmdl", "Direction(ways=[[ul]])", "Direction(ways=[[dl]])"),
        ("extfingeruo extfingerol palmd", "Direction(ways=[[uo ol]])", "Direction(ways=[[d]])"),
        (
            "extfingeruo between extfingeru palmu between palmul",
            "Direction(ways=[[uo] [u]])",
            "Direction(ways=[[u] [ul]])",
        ),
        (
            "extfingero orirelative palmd orirelative",
            "Direction(ways=[[o]], relative)",
            "Direction(ways=[[d]], relative)",
        ),
    ],
)
def test_directions_are_read(names: str, direction: str, palm: str) -> None:
    hand = only(f"fist {names}").dominant
    assert (brief(hand.direction), brief(hand.palm)) == (direction, palm)


def test_two_hands_are_read_whole_and_in_parts() -> None:
    whole = only("parbegin finger2 extfingeru palml plus nondominant flathand extfingerr palmr parend")
    assert brief(whole.dominant) == (
        "Posture(shapes=[HandShape(base=index)], direction=Direction(ways=[[u]]), palm=Direction(ways=[[l]]))"
    )
    assert brief(whole.other) == (
        "Posture(shapes=[HandShape(base=flat)], direction=Direction(ways=[[r]]), palm=Direction(ways=[[r]]),"
        " nondominant)"
    )
    parts = only("symmlr fist parbegin extfingeru plus extfingero parend palml")
    assert (parts.dominant.shapes, parts.dominant.palm) != ((), None)
    assert brief(parts.other) == "Posture(direction=Direction(ways=[[o]]))"


@pytest.mark.parametrize(
    ("names", "symmetry"),
    [
        ("symmpar", "Symmetry(kind=parallel)"),
        ("symmlr", "Symmetry(kind=mirrored)"),
        (
            "symmlr fingerstraightmod largemod alternatingmotion",
            "Symmetry(kind=mirrored, in_out, up_down, alternating)",
        ),
        ("nonipsi symmlr largemod", "Symmetry(kind=mirrored, up_down, opposite_side)"),
    ],
)
def test_symmetry_is_read_apart_from_the_hand_shape(names: str, symmetry: str) -> None:
    part = only(f"{names} flathand fingerstraightmod extfingeru palml")
    assert brief(part.symmetry) == symmetry
    assert brief(part.dominant.shapes) == "[HandShape(base=flat, bend=straight)]"
    assert part.two_handed


def test_a_hand_alone_is_one_hand_and_may_be_the_other_one() -> None:
    assert not only(HAND).two_handed
    assert not only(HAND).nondominant
    assert only("nondominant " + HAND).nondominant


# Places


@pytest.mark.parametrize(
    ("names", "location"),
    [
        ("chest", "[At(ends=[BodyPlace(name=chest)])]"),
        ("lrbeside nose", "[At(ends=[BodyPlace(name=nose, sides=[Side(kind=beside, before)])])]"),
        (
            "shoulders lrat between lrat chest close",
            "[At(ends=[BodyPlace(name=shoulder, sides=[Side(kind=at)]) BodyPlace(name=chest,"
            " sides=[Side(kind=at, before)])], contact=Contact(kind=close))]",
        ),
        (
            "stomach lrbeside behind touch",
            "[At(ends=[BodyPlace(name=stomach, sides=[Side(kind=beside)], behind)],"
            " contact=Contact(kind=touch))]",
        ),
        (
            "ear seqbegin touch thumb fingerpad palm seqend",
            "[At(ends=[BodyPlace(name=ear)], contact=Contact(kind=touch,"
            " part=[HandPart(fingers=[thumb], spots=[pad palm])]))]",
        ),
        (
            "nose seqbegin touch fingerpad between fingertip seqend",
            "[At(ends=[BodyPlace(name=nose)], contact=Contact(kind=touch,"
            " part=[HandPart(spots=[pad]) HandPart(spots=[tip])]))]",
        ),
        (
            "touch shoulders",
            "[Meet(contact=Contact(kind=touch)) At(ends=[BodyPlace(name=shoulder)])]",
        ),
        ("shoulders touch", "[At(ends=[BodyPlace(name=shoulder)], contact=Contact(kind=touch))]"),
        ("armextended", "[At(contact=Contact(kind=arm_extended))]"),
        (
            "lowerarm handback lrat touch",
            "[At(ends=[BodyPlace(name=lower_arm, sides=[Side(kind=at)], surface=[back])],"
            " contact=Contact(kind=touch))]",
        ),
        (
            "handback seqbegin touch indexfinger fingertip seqend chest",
            "[Meet(other=[HandPart(spots=[back])], dominant=[HandPart(fingers=[index], spots=[tip])],"
            " contact=Contact(kind=touch)) At(ends=[BodyPlace(name=chest)])]",
        ),
        (
            "parbegin fingertip indexfinger plus fingermidjoint handback lrbeside parend interlock",
            "[Meet(other=[HandPart(fingers=[index], spots=[tip])], dominant=[HandPart(spots=[mid_joint back],"
            " sides=[Side(kind=beside)])], contact=Contact(kind=interlock), paired)]",
        ),
        (
            "parbegin lowerarm touch plus palm parend",
            "[Meet(other=[BodyPlace(name=lower_arm)], dominant=[HandPart(spots=[palm])],"
            " contact=Contact(kind=touch), paired)]",
        ),
        (
            "parbegin shoulders lrat close plus chest parend touch",
            "[Each(dominant=At(ends=[BodyPlace(name=shoulder, sides=[Side(kind=at)])],"
            " contact=Contact(kind=close)), other=At(ends=[BodyPlace(name=chest)]),"
            " contact=Contact(kind=touch))]",
        ),
        ("corefref", "[At(ends=[BodyPlace(name=named)])]"),
        ("neutralspace coreftag", "[At(ends=[BodyPlace(name=neutral, names_it)])]"),
    ],
)
def test_a_place_is_read(names: str, location: str) -> None:
    assert brief(only(TWO_HANDS + names).location) == location


# Movements


@pytest.mark.parametrize(
    ("names", "action"),
    [
        (
            "moved smallmod arcl largemod fast",
            "Move(kind=straight, ways=[[d]], size=[small], arcs=[Arc(way=l, size=[large])], manner=[fast])",
        ),
        ("moveu between moveul halt", "Move(kind=straight, ways=[[u] [ul]], manner=[halt])"),
        ("moveX largemod", "Move(kind=x, size=[large])"),
        (
            "circleo largemod clockd clockfull clocku ellipsev smallmod",
            "Move(kind=circle, ways=[[o]], size=[large], ellipses=[Ellipse(way=upright, size=[small])],"
            " clock=[d full u])",
        ),
        (
            "mover wavy smallmod ellipseh decreasing",
            "Move(kind=straight, ways=[[r]], waves=[Wave(kind=wavy, size=[small])],"
            " ellipses=[Ellipse(way=level)], manner=[decreasing])",
        ),
        (
            "mover zigzag fast smallmod",
            "Move(kind=straight, ways=[[r]], waves=[Wave(kind=zigzag, size=[small])], manner=[fast])",
        ),
        ("fingerplay smallmod slow", "Local(kind=finger_play, size=[small], manner=[slow])"),
        *(
            (name, f"Local(kind={kind})")
            for name, kind in {
                "nodding": "nod",
                "swinging": "swing",
                "twisting": "twist",
                "stircw": "stir_clockwise",
                "stirccw": "stir_counterclockwise",
                "wristtoback": "wrist_to_back",
            }.items()
        ),
        ("nomotion rest", "Still(manner=[rest])"),
        (
            "replace increasing fist thumbacrossmod extfingeru palml slow",
            "Replace(dominant=Posture(shapes=[HandShape(base=fist, thumb=across)],"
            " direction=Direction(ways=[[u]]), palm=Direction(ways=[[l]])), manner=[increasing slow],"
            " written)",
        ),
        (
            "replace parbegin palmu plus palmd parend",
            "Replace(dominant=Posture(palm=Direction(ways=[[u]])),"
            " other=Posture(palm=Direction(ways=[[d]])), written)",
        ),
        (
            "parbegin moved replace fist parend halt",
            "Together(steps=[Step(action=Move(kind=straight, ways=[[d]])) Step(action=Replace("
            "dominant=Posture(shapes=[HandShape(base=fist)]), written))], manner=[halt])",
        ),
        (
            "parbegin moved plus nomotion parend",
            "Hands(dominant=[Step(action=Move(kind=straight, ways=[[d]]))], other=[Step(action=Still())])",
        ),
        ("nondominant moveu", "Hands(other=[Step(action=Move(kind=straight, ways=[[u]]))])"),
        (
            "fusionbegin moved mover fusionend slow",
            "Sequence(steps=[Step(action=Move(kind=straight, ways=[[d]]))"
            " Step(action=Move(kind=straight, ways=[[r]]))], fused, manner=[slow])",
        ),
        (
            "seqbegin lips touch moveo seqend",
            "Sequence(steps=[Step(action=Go(), target=[At(ends=[BodyPlace(name=lips)],"
            " contact=Contact(kind=touch))]) Step(action=Move(kind=straight, ways=[[o]]))])",
        ),
        (
            "seqbegin head twisting seqend",
            "Bodily(part=BodyPlace(name=head), steps=[Step(action=Local(kind=twist))])",
        ),
    ],
)
def test_an_action_is_read(names: str, action: str) -> None:
    (step,) = only(HAND + names).steps
    assert brief(step.action) == action


@pytest.mark.parametrize(
    ("names", "rest"),
    [
        ("chest lrat", "target=[At(ends=[BodyPlace(name=chest, sides=[Side(kind=at)])])]"),
        ("close", "target=[Meet(contact=Contact(kind=close))]"),
        (
            "seqbegin brushing chest seqbegin touch pinkyside seqend seqend",
            "brushes=[At(ends=[BodyPlace(name=chest)], contact=Contact(kind=touch,"
            " part=[HandPart(spots=[little_side])]))], brushing",
        ),
        ("brushing palm", "brushing, target=[Meet(other=[HandPart(spots=[palm])])]"),
        (
            "repeatfromstart repeatfromstartseveral slow",
            "repetitions=[Repetition(kind=from_start) Repetition(kind=from_start_several, manner=[slow])]",
        ),
        (
            "chin touch repeatreverse",
            "target=[At(ends=[BodyPlace(name=chin)], contact=Contact(kind=touch))],"
            " repetitions=[Repetition(kind=reverse)]",
        ),
        (
            "seqbegin repeatfromstartseveral mover smallmod seqend",
            "repetitions=[Repetition(kind=from_start_several,"
            " steps=[Step(action=Move(kind=straight, ways=[[r]], size=[small]))])]",
        ),
        (
            "repeatcontinueseveral alternatingmotion increasing",
            "repetitions=[Repetition(kind=continue_several, alternating, manner=[increasing])]",
        ),
        ("alternatingmotion", "repetitions=[Repetition(alternating)]"),
    ],
)
def test_what_follows_an_action_belongs_to_its_step(names: str, rest: str) -> None:
    (step,) = only(f"{HAND} moved {names}").steps
    assert brief(step) == f"Step(action=Move(kind=straight, ways=[[d]]), {rest})"


def test_several_is_told_from_once_more() -> None:
    once, often = only(HAND + "moved repeatcontinue repeatcontinueseveral").steps[0].repetitions
    assert (once.several, often.several) == (False, True)


def test_moves_in_a_row_are_steps_one_after_another() -> None:
    steps = only(HAND + "moved chest close mover replace fist neck moved").steps
    assert [type(step.action).__name__ for step in steps] == ["Move", "Move", "Replace", "Move"]
    assert [len(step.target) for step in steps] == [1, 0, 1, 0]


def test_parts_of_a_finger_before_a_contact_are_a_place_and_else_a_hand_shape() -> None:
    (place,) = only(HAND + "replace flathand middlefinger fingertip touch").steps
    assert brief(place.target) == (
        "[Meet(other=[HandPart(fingers=[middle], spots=[tip])], contact=Contact(kind=touch))]"
    )
    (shape,) = only(HAND + "replace flathand middlefinger fingertip thumb").steps
    assert not shape.target
    assert "FingerContact(finger=middle, spot=tip, by=thumb)" in brief(shape.action)


def test_a_place_in_both_hands_bracket_is_kept_for_each() -> None:
    part = only("parbegin fist extfingeru palml chest plus fist extfingerr palmr stomach touch parend")
    assert [brief(each) for each in part.location] == [
        "At(ends=[BodyPlace(name=chest)])",
        "At(ends=[BodyPlace(name=stomach)], contact=Contact(kind=touch))",
    ]


# Whole signs


def test_a_plus_joins_the_parts_of_a_compound() -> None:
    parsed = read(f"{HAND} moved plus symmlr {HAND} mover", strict=True)
    assert len(parsed.sign.parts) == 2
    first, second = parsed.sign.parts
    assert (first.symmetry is None, second.symmetry is None) == (True, False)
    assert (first.where.start, first.where.end, second.where.start) == (0, 4, 5)


def test_punctuation_and_marks_are_kept_with_their_part() -> None:
    parsed = read(f"version40 {HAND} mime moved comma {HAND} query", strict=True)
    assert [part.marks for part in parsed.sign.parts] == [("version_4", "mime", "comma"), ("question",)]
    assert len(parsed.sign.parts[0].steps) == 1


def test_every_node_says_which_symbols_it_came_from() -> None:
    parsed = read("fist extfingeru palml chest touch moved smallmod arcl chin repeatfromstart")
    names = [symbol.name for symbol in parsed.symbols]
    found = {
        type(node).__name__: names[node.where.start : node.where.end]
        for node in nodes(parsed.sign)
        if hasattr(node, "where")
    }
    assert found["Move"] == ["hammoved", "hamsmallmod", "hamarcl"]
    assert found["Arc"] == ["hamarcl"]
    assert found["Repetition"] == ["hamrepeatfromstart"]
    assert found["Step"] == names[5:]
    assert found["Posture"] == names[:3]
    assert found["Contact"] == ["hamtouch"]
    assert found["NotatedSign"] == names


def test_symbols_may_be_characters_or_names() -> None:
    characters = "".join(by_name(f"ham{name}").char for name in HAND.split())
    assert parse(f" {characters}\n").sign == read(HAND).sign


# What should not be there


@pytest.mark.parametrize(
    ("names", "message", "kept"),
    [
        ("fist extfingeru palml replace", "after symbol 4, at the end: expected a hand shape", True),
        (HAND + "fist", "symbol 4 (hamfist): expected hamreplace", True),
        ("fist chest extfingeru palml", "symbol 3 (hamextfingeru): expected it before the place", True),
        ("fist palml extfingeru", "symbol 3 (hamextfingeru): it stands too late", True),
        (HAND + "lips fingerhookmod", "symbol 5 (hamfingerhookmod): expected it after a hand shape", True),
        (HAND + "moved fingerhookmod", "symbol 5 (hamfingerhookmod): expected a movement", False),
        ("fist between extfingeru palml", "symbol 2 (hambetween): expected a second hand shape", True),
        (HAND + "plus", "symbol 4 (hamplus): no sign follows it", True),
        (HAND + "seqbegin moved", "after symbol 5, at the end: expected hamseqend", True),
        (HAND + "moved parend", "symbol 5 (hamparend): no bracket is open", False),
        (HAND + "repeatfromstart", "symbol 4 (hamrepeatfromstart): no movement before it", True),
        (HAND + "lrat moved", "symbol 4 (hamlrat): expected a place", True),
        ("fist thumboutmod thumbopenmod", "symbol 3 (hamthumbopenmod): the thumb's position is said", False),
        ("flathand fingerbendmod fingerhookmod", "symbol 3 (hamfingerhookmod): how the fingers bend", False),
        ("symmlr smallmod fist", "symbol 2 (hamsmallmod): expected a hand shape; symmetry", False),
        ("extfingeru palml", "symbol 1 (hamextfingeru): expected a hand shape; left open", True),
        ("parbegin fist parend", "symbol 3 (hamparend): expected hamplus and the second hand;", True),
        ("parbegin fist plus fist plus parend", "symbol 5 (hamplus): there are only two hands", True),
        (HAND + "parbegin lips parend", "symbol 6 (hamparend): expected hamplus and the second hand's", True),
        (HAND + "lips seqbegin touch fast seqend", "symbol 7 (hamfast): expected hamseqend", False),
        ("pinchopen " + HAND, "symbol 1 (hampinchopen): HamNoSys 4 has no such symbol, perhaps", False),
        (HAND + "moved metaalt mover", "symbol 5 (hammetaalt): of several ways to sign this", False),
    ],
)
def test_what_should_not_be_there_is_told_with_its_place(names: str, message: str, kept: bool) -> None:
    parsed = read(names)
    assert not lost(parsed)
    found = [(recovery.message, recovery.kept) for recovery in parsed.recoveries]
    assert any(text.startswith(f"HamNoSys {message}") and how == kept for text, how in found), found
    with pytest.raises(FormatError) as error:
        read(names, strict=True)
    assert error.value.message == found[0][0]
    assert "\n" not in error.value.message


def test_a_bend_after_the_place_belongs_to_the_hand_shape() -> None:
    part = read(HAND + "lips fingerhookmod chest moved").sign.parts[0]
    assert brief(part.dominant.shapes) == "[HandShape(base=fist, bend=hooked)]"
    assert len(part.location) == 2
    assert len(part.steps) == 1


def test_a_hand_shape_between_one_and_nothing_is_between_it_and_a_loose_hand() -> None:
    part = read("fist between extfingeru palml moved").sign.parts[0]
    assert brief(part.dominant.shapes) == "[HandShape(base=fist) HandShape(base=any)]"
    assert part.dominant.direction is not None
    assert len(part.steps) == 1


def test_of_several_ways_to_sign_the_first_is_taken() -> None:
    parsed = read("altbegin fist metaalt flathand altend extfingeru palml")
    assert brief(parsed.sign.parts[0].dominant.shapes) == "[HandShape(base=fist)]"
    assert [recovery.where.start for recovery in parsed.recoveries] == [0, 2, 3, 4]
    assert not any(recovery.kept for recovery in parsed.recoveries)


@pytest.mark.parametrize(
    "text", ["", " \n", "house", "?!", "{|}", "\ue0ff", "hampinchopen", "\ud800", "手话"]
)
def test_what_is_no_notation_is_an_error_that_shows_it(text: str) -> None:
    with pytest.raises(FormatError, match=r"no symbol of HamNoSys in '.*'; give symbols of its font"):
        parse(text)


def test_endless_and_bottomless_texts_are_errors() -> None:
    with pytest.raises(FormatError, match="give at most"):
        parse("\ue000" * (LONGEST + 1))
    with pytest.raises(FormatError, match=r"symbol 44 \(hamparbegin\): brackets nest deeper"):
        read(HAND + "parbegin " * 5000)


@pytest.mark.parametrize(
    "names",
    [
        "moved smallmod chest touch",
        "fist indexfinger",
        "altbegin",
        "altbegin metaalt",
        "parbegin parend",
        "parbegin chest plus parend",
        "moved between",
        "chest between",
        "plus",
        "seqend",
        "pinchopen",
    ],
)
def test_a_long_text_does_not_take_long(names: str) -> None:
    started = time.process_time()
    parsed = read(HAND + f" {names}" * 2000 + " indexfinger" * 2000)
    assert time.process_time() - started < 5  # all of them take less than half a second
    assert not lost(parsed)


ANY_SYMBOL = st.sampled_from(symbols())
MOSTLY_SIGNS = st.lists(
    st.one_of(
        ANY_SYMBOL.map(lambda symbol: symbol.name[3:]),
        st.sampled_from(
            ["fist extfingeru palml", "parbegin", "plus", "parend", "seqbegin", "touch", "between", "replace"]
        ),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=300, deadline=None)
@given(MOSTLY_SIGNS)
@example(["parbegin", "parbegin", "lips", "plus", "chest", "parend", "plus", "chin", "parend", "moved"])
@example(["seqbegin", "fist", "parend", "nonipsi", "symmpar", "nondominant", "etc"])
@example(["pinch12open", "between", "extfingerul", "fingerstraightmod"])
@example(["fist", "between", "parbegin", "fist", "plus", "nondominant", "fist", "chest"])
def test_no_symbol_is_lost_whatever_the_order(names: list[str]) -> None:
    try:
        parsed = read(" ".join(names))
    except FormatError as error:
        assert "no symbol of HamNoSys" in error.message  # noqa: PT017 - either is right
        return
    assert not lost(parsed)
    for node in nodes(parsed.sign):
        where = getattr(node, "where", None)
        assert where is None or 0 <= where.start <= where.end <= len(parsed.symbols)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_read_or_is_a_clean_error(text: str) -> None:
    try:
        parsed = parse(text)
    except FormatError as error:
        assert "\n" not in error.message  # noqa: PT017 - either is right
    else:
        assert not lost(parsed)


# Published corpora


def german() -> list[str]:
    """The HamNoSys strings that the signwriting package carries, the first variant of each."""
    try:
        path = model_files("hamnosys-signs", offline=True)["parallel.json"]
    except ModelError as error:
        pytest.skip(f"run `accessify models pull hamnosys-signs` first: {error}")
    text = path.read_text("utf-8")
    return [entry["hamnosys"][0] for entry in json.loads(text) if entry.get("hamnosys")]


def column(name: str) -> Callable[[], list[str]]:
    def texts() -> list[str]:
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"{name} is not here")
        csv.field_size_limit(10**8)
        with path.open(encoding="utf-8", newline="") as file:
            return [row["hamnosys"] for row in csv.DictReader(file)]

    return texts


@pytest.mark.parametrize(
    ("texts", "whole", "clean"),
    [
        (german, 0.997, 0.995),
        (column("hamnosys_strings_dev.csv"), 1.0, 0.995),
        (column("oracle_dev.csv"), 1.0, 0.993),
    ],
)
def test_real_signs_are_read(texts: Callable[[], list[str]], whole: float, clean: float) -> None:
    found = texts()
    rates = parse_rates(found)
    assert rates.failed == 0
    assert rates.whole_share >= whole, rates.reasons
    assert rates.clean_share >= clean, rates.reasons
    for text in found:
        assert not lost(parse(text))
