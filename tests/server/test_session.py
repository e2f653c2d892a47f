"""What is heard over the network is what the library hears."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import pytest

import accessify
from accessify.core.text import Word
from accessify.core.timeline import to_seconds
from tests.server.site import Site, hear_all, pieces, shown
from tests.spoken import agreement, clip, plain

pytestmark = pytest.mark.models


def test_a_stream_at_true_pace_gives_the_words_of_the_library(site: Site) -> None:
    speech = clip("beckett.wav")
    updates = list(accessify.live(speech, accessify.LiveOptions(offline=True)))
    data = speech.read_bytes()
    with site.talk(format="webm") as client:
        due = time.monotonic()
        for piece in pieces(data, len(data) // 100):
            client.send(piece)
            due += 0.1
            time.sleep(max(0.0, due - time.monotonic()))
        client.send(json.dumps({"type": "finish"}))
        messages = hear_all(client)
    clocks = [each["clock"] for each in messages if each["type"] == "tail"]
    assert all(later - earlier < 5 for earlier, later in pairwise(clocks))  # heard as it came
    finals = [each["words"] for each in messages if each["type"] == "final"]
    whole = [update.final for update in updates if update.final]
    starts = [to_seconds(words[0].span.start) for words in whole]
    assert [words[0]["start"] for words in finals] == pytest.approx(starts, abs=0.2)
    # what is heard when depends on the machine, and with it now and then a word
    assert agreement(said(word["text"] for words in finals for word in words), said(texts(whole))) > 0.8
    assert agreement(shown(messages), said(texts(update.committed for update in updates))) > 0.8


def texts(utterances: Iterable[Sequence[Word]]) -> Iterator[str]:
    return (word.text for words in utterances for word in words)


def said(words: Iterable[str]) -> str:
    return plain(" ".join(words))
