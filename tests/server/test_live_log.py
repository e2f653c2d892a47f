"""The numbered log of a stream and its readers."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from accessify.server.live_log import LiveLog, LiveReader, Told
from accessify.server.refusal import Refused


def note(text: str) -> dict[str, Any]:
    return {"type": "note", "text": text}


def text_of(told: Told | None) -> str:
    assert told is not None
    return str(json.loads(told.text)["text"])


async def all_of(reader: LiveReader) -> list[str]:
    texts = []
    while (message := await reader.next()) is not None:
        texts.append(f"{text_of(message)}{message.seq or '~'}")
    return texts


def test_every_reader_gets_every_message_behind_its_place() -> None:
    async def run() -> None:
        log = LiveLog(10)
        early = log.read()
        for text in "abc":
            log.append(note(text))
        late = log.read(2)
        log.append(note("d"))
        log.end()
        assert await all_of(early) == ["a1", "b2", "c3", "d4"]
        assert await all_of(late) == ["c3", "d4"]
        assert await all_of(log.read(99)) == []

    asyncio.run(run())


def test_only_the_newest_volatile_message_is_told_and_only_behind_the_numbered_ones() -> None:
    async def run() -> None:
        log = LiveLog(10)
        reader = log.read()
        log.tell(note("old"))
        log.tell(note("new"))
        log.append(note("a"))
        assert [text_of(await reader.next()) for _ in range(2)] == ["a", "new"]
        waiting = asyncio.create_task(reader.next())
        await asyncio.sleep(0)
        log.tell(note("newer"))
        assert text_of(await waiting) == "newer"

    asyncio.run(run())


def test_what_was_forgotten_is_told() -> None:
    async def run() -> None:
        log = LiveLog(3)
        slow = log.read()
        for text in "abcde":
            log.append(note(text))
        assert log.missed(0) == 2
        with pytest.raises(Refused, match="faster than you read"):
            await slow.next()
        back = log.read(0)  # gets what is left
        log.end()
        assert await all_of(back) == ["c3", "d4", "e5"]

    asyncio.run(run())


def test_a_stream_that_is_broken_off_says_why_behind_the_last_message() -> None:
    async def run() -> None:
        log = LiveLog(3)
        reader = log.read()
        log.append(note("a"))
        log.end(Refused("restarting", "comes back"))
        assert text_of(await reader.next()) == "a"
        with pytest.raises(Refused, match="comes back"):
            await reader.next()

    asyncio.run(run())


def test_readers_are_counted_while_they_read() -> None:
    async def run() -> None:
        log = LiveLog(3)
        readers = [log.read(), log.read()]
        assert log.readers == 2
        for reader in readers:
            reader.close()
        assert log.readers == 0

    asyncio.run(run())
