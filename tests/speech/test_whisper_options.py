from __future__ import annotations

from dataclasses import replace
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.errors import OptionError, UnknownName
from accessify.speech.whisper_options import (
    Attempt,
    Verdict,
    WhisperOptions,
    circles,
    compression,
    judge,
    language_tag,
    least_bad,
    longest_run,
    prompt_tokens,
    whisper_code,
)

PLAIN = Attempt("Ever tried. Ever failed.", (1, 2, 3, 1, 4, 3), -0.3, 0.1)
UNSURE = replace(PLAIN, chance=-1.5)


def letters(text: str) -> list[int]:
    """One token a character, but for the space before."""
    return list(text.removeprefix(" ").encode())


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "en"),
        ("de-AT", "de"),
        ("ZH-Hans-CN", "zh"),
        ("cmn", "zh"),
        ("yue", "yue"),
        ("zh-yue-HK", "yue"),
        ("jv", "jw"),
        ("nb-NO", "no"),
        ("nn", "nn"),
        ("fil", "tl"),
        ("haw", "haw"),
        ("iw", "he"),
    ],
)
def test_tags_become_whispers_codes(tag: str, code: str) -> None:
    assert whisper_code(tag) == code


@pytest.mark.parametrize("tag", ["", "e", "german", "en_US", "en-", "<|en|>", "zh-Hans-verylongsubtag"])
def test_what_is_no_tag_is_refused(tag: str) -> None:
    with pytest.raises(OptionError, match="no language tag"):
        WhisperOptions(language=tag)


def test_every_language_of_whisper_can_be_named() -> None:
    languages = pytest.importorskip("whisper.tokenizer").LANGUAGES
    assert [whisper_code(language_tag(code)) for code in languages] == list(languages)
    assert language_tag("jw") == "jv"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"task": "translation"}, "did you mean 'translate'"),
        ({"beam": 0}, "beam is 0; it must be at least 1"),
        ({"batch": 0}, "batch"),
        ({"beam": 5, "patience": 0.0}, "patience"),
        ({"beam": 5, "patience": nan}, "patience"),
        ({"beam": 5, "patience": 0.05}, "larger for a beam of 5"),
        ({"patience": 2.0}, "set beam to 2 or more"),
        ({"beam": 5, "temperatures": (0.2,)}, "0 first"),
        ({"temperatures": ()}, "temperatures"),
        ({"temperatures": [0.0]}, "a tuple"),
        ({"temperatures": (0.0, 0.0)}, "each above the one before"),
        ({"temperatures": (-0.1, 0.2)}, "temperatures"),
        ({"temperatures": (0.0, nan)}, "temperatures"),
        ({"temperatures": (0.0, inf)}, "temperatures"),
        ({"compression": 0.0}, "compression"),
        ({"compression": nan}, "compression"),
        ({"chance": 0.5}, "chance is 0.5; it must be a log-probability"),
        ({"chance": nan}, "chance"),
        ({"no_speech": 1.1}, "no_speech"),
        ({"repeats": 1}, "repeats"),
        ({"silence": -1.0}, "silence"),
        ({"silence": nan}, "silence"),
        ({"terms": "Beckett"}, "tuple"),
        ({"terms": ("Beckett", " ")}, "none of them empty"),
    ],
)
def test_what_cannot_be_honoured_is_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(OptionError, match=said) as caught:
        WhisperOptions(**wrong)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_an_unknown_task_is_told_with_the_known_ones() -> None:
    with pytest.raises(UnknownName) as caught:
        WhisperOptions(task="sing")
    assert caught.value.known == ("transcribe", "translate")


def test_guards_can_be_switched_off() -> None:
    options = WhisperOptions(compression=inf, chance=-inf, no_speech=1.0, repeats=10**9)
    worst = Attempt("ha " * 500, (5,) * 500, -50.0, 1.0)
    assert judge(worst, options) is Verdict.KEEP


def test_a_text_is_kept_heard_again_or_left_out() -> None:
    options = WhisperOptions()
    assert judge(PLAIN, options) is Verdict.KEEP
    assert judge(UNSURE, options) is Verdict.AGAIN
    assert judge(replace(UNSURE, no_speech=0.7), options) is Verdict.SILENT
    assert judge(replace(PLAIN, no_speech=0.7), options) is Verdict.KEEP  # sure of its text
    assert judge(replace(PLAIN, tokens=(9, *(1, 2) * 7)), options) is Verdict.AGAIN
    assert judge(replace(PLAIN, tokens=(9, *(1, 2) * 6)), options) is Verdict.KEEP
    assert judge(replace(PLAIN, text="so it goes on and on " * 8), options) is Verdict.AGAIN


def test_each_guard_stands_where_it_is_put() -> None:
    assert judge(UNSURE, WhisperOptions(chance=-1.5)) is Verdict.KEEP
    assert judge(replace(UNSURE, no_speech=0.3), WhisperOptions(no_speech=0.2)) is Verdict.SILENT
    assert judge(replace(PLAIN, tokens=(1, 1, 1)), WhisperOptions(repeats=3)) is Verdict.AGAIN
    assert judge(PLAIN, WhisperOptions(compression=0.5)) is Verdict.AGAIN


def test_the_least_bad_attempt_is_the_likeliest_that_is_no_loop() -> None:
    options = WhisperOptions()
    loop = Attempt("ha " * 50, (5,) * 50, -0.1, 0.0)
    assert least_bad([loop, replace(UNSURE, chance=-3.0), replace(UNSURE, chance=-2.0)], options) == 2
    assert least_bad([replace(loop, chance=-0.5), loop], options) == 1


@given(st.lists(st.integers(0, 2), max_size=40))
def test_the_longest_run_is_what_counting_gives(tokens: list[int]) -> None:
    most = 0
    for size in range(1, 17):
        for at in range(len(tokens) - size + 1):
            count = 1
            phrase = tokens[at : at + size]
            while tokens[at + count * size : at + (count + 1) * size] == phrase:
                count += 1
            most = max(most, count)
    assert longest_run(tokens) == most


@given(st.text(max_size=300))
def test_compression_is_openai_whispers(text: str) -> None:
    theirs = pytest.importorskip("whisper.utils").compression_ratio
    assert compression(text) == theirs(text)


def test_nothing_said_is_no_circle() -> None:
    assert not circles(Attempt("", (), 0.0, 0.0), WhisperOptions(repeats=2, compression=1.0))


def test_terms_stand_before_the_prompt() -> None:
    options = WhisperOptions(terms=("Beckett", "Godot "), prompt=" A play. ")
    assert bytes(prompt_tokens(options, letters, 99)).decode() == "Beckett, Godot. A play."
    assert bytes(prompt_tokens(WhisperOptions(prompt="A play."), letters, 99)).decode() == "A play."
    assert bytes(prompt_tokens(WhisperOptions(terms=("Godot",)), letters, 99)).decode() == "Godot."
    assert prompt_tokens(WhisperOptions(prompt="  "), letters, 0) == []


def test_what_does_not_fit_is_refused() -> None:
    options = WhisperOptions(terms=("Beckett",), prompt="A play.")
    assert len(prompt_tokens(options, letters, 16)) == 16
    with pytest.raises(OptionError, match="glossary and prompt take 16 tokens, and the model holds 15"):
        prompt_tokens(options, letters, 15)
    with pytest.raises(OptionError, match=r"a glossary of 1 terms takes 8 tokens.*holds 7; keep the terms"):
        prompt_tokens(options, letters, 7)
    with pytest.raises(OptionError, match="the prompt takes 7 tokens"):
        prompt_tokens(WhisperOptions(prompt="A play."), letters, 6)
