"""What is composed passes the check of its own profile, wherever the speech leaves room to read it."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from accessify.captions.check import check
from accessify.captions.compose import compose
from accessify.captions.film import Film
from accessify.captions.findings import Finding
from accessify.captions.rules import load_profile
from accessify.core.text import Document, Word
from accessify.core.timeline import Rate, Track, seconds
from tests.builders import make_words

SENTENCES = (
    "I still remember the morning we left the farm.",
    "It was cold, and my father hadn't said a word since breakfast.",
    "Get in the car, he told me.",
    "My sister was crying in the back seat, because she had wanted to bring the dog and nobody let her.",
    "We drove for two hundred miles without stopping once.",
    "When we finally arrived in the city, it was raining so hard that you couldn't see across the street.",
    "Mrs. Alvarez was waiting for us under a black umbrella.",
    "Are you hungry?",
    "Yes.",
    "Then come inside, and I'll make you something to eat.",
    "Her kitchen smelled of coffee and burnt sugar, and there was a radio playing somewhere upstairs.",
    "He looked older than I had ever seen him.",
    "We won't forget this, Maria.",
    "What happened to the house?",
    "They sold it to a man from Chicago who never lived in it, not even for a single day.",
    "No, don't ask me about the dog.",
)
RATES = ("23.976", "24", "25", "29.97", "30", "50", "59.94", "60")
UNHURRIED = {"netflix-en": 2.7, "web": 2.7, "amazon": 2.3, "vertical-9x16": 3.2, "bbc": 1.8, "dcmp": 1.5}
"""Words a second at which each profile's reading speed can be kept with these sentences."""
TOO_FAST = {"reading-speed", "word-rate", "min-word-duration"}


def speech(chance: random.Random, fastest: float) -> Track[Word]:
    parts: list[str] = []
    for _ in range(25):
        parts.append(chance.choice(SENTENCES))
        if chance.random() < 0.4:
            parts.append(f"[{chance.choice((0.2, 0.5, 0.8, 1.2, 2.5, 4))}]")
    return make_words(
        " ".join(parts),
        Fraction(chance.randint(120, round(fastest * 100)), 100),
        chance.random() * 3,
        comma=chance.random() * 0.4,
        stop=chance.random() * 0.9,
    )


def film_of(words: Track[Word], rate: Rate, chance: random.Random, shortest: float) -> Film:
    """A film with a shot change every few seconds."""
    assert words.span is not None
    shots, at = [], seconds(chance.uniform(0, 5))
    while at < words.span.end:
        shots.append(rate.at(rate.index(at)))
        at += seconds(shortest + chance.expovariate(0.4))
    return Film(rate, tuple(shots), words.span.end + seconds(8))


def findings(words: Track[Word], name: str, film: Film) -> tuple[Finding, ...]:
    profile = load_profile(name)
    return check(Document(compose(words, profile, film), rate=film.rate), profile, film)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", UNHURRIED)
def test_unhurried_speech_breaks_no_rule(name: str, rate: str) -> None:
    chance = random.Random(f"{name} {rate}")
    words = speech(chance, UNHURRIED[name])
    assert findings(words, name, Film(Rate.parse(rate))) == ()
    assert findings(words, name, film_of(words, Rate.parse(rate), chance, 1.2)) == ()


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", UNHURRIED)
def test_hurried_speech_is_only_too_fast_to_read(name: str, rate: str) -> None:
    chance = random.Random(f"{rate} {name}")
    words = speech(chance, 4.5)
    assert {found.rule for found in findings(words, name, Film(Rate.parse(rate)))} <= TOO_FAST


@pytest.mark.parametrize("rate", RATES)
def test_speech_that_is_too_fast_everywhere_is_reported(rate: str) -> None:
    words = make_words(" ".join(SENTENCES), 5, comma=0, stop=0)
    assert "reading-speed" in {found.rule for found in findings(words, "netflix-en", Film(Rate.parse(rate)))}


def test_chinese_breaks_no_rule() -> None:
    text = (
        "你 到底 想 说 什么？ 我 不知道， 我 只是 觉得 很累。 [1.2] 昨天 晚上 我在 办公室 等了 你 "
        "三个 小时， 你 一直 没有 接 电话。 对不起， 我的 手机 没电了。 [2.5] 如果 "
        "你 真的 关心 这个家， 就 应该 多花 "
        "一点 时间 陪陪 孩子， 而不是 整天 忙着 工作。 真的 吗？ 你 没有 骗我 吧？"
    )
    for rate in RATES:
        assert findings(make_words(text, 2), "netflix-zh-hans", Film(Rate.parse(rate))) == ()
