"""`POST /v1/audio/transcriptions` and `…/translations`, `GET /v1/models` as OpenAI defines them."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Message

from accessify.core.errors import AccessifyError, MediaError, OptionError
from accessify.core.progress import Progress
from accessify.core.text import Document, join_words
from accessify.core.timeline import to_seconds
from accessify.pipelines.caption import CaptionOptions, caption_film
from accessify.server.guard import problem
from accessify.server.metrics import Metrics
from accessify.server.options import ServerOptions
from accessify.server.transcript import TYPES, file_of, plain_json, text_of, verbose_json
from accessify.server.transcription_form import BadForm, Wanted, model_rows, read_form

log = logging.getLogger(__name__)

_LOOK_EVERY = 0.5
"""Seconds between two looks whether the client is still there."""


class _GivenUp(Exception):
    """The client has left, or its time is up."""


class _TooBig(Exception):
    """The body is larger than it may be."""


class Job:
    """One file at work in a thread, which can be told to give up."""

    def __init__(self, seconds: float) -> None:
        self._stop = threading.Event()
        self._ends = time.monotonic() + seconds
        self.on_heard: Callable[[tuple[str, ...]], None] = lambda _: None
        """Gets words as they are heard, in the worker's thread."""

    @property
    def late(self) -> bool:
        """Whether its time is up."""
        return time.monotonic() > self._ends

    def stop(self) -> None:
        """Give up at the next step."""
        self._stop.set()

    def run(self, upload: IO[bytes], name: str, options: CaptionOptions) -> tuple[Document, float]:
        """Caption an upload: the document, and the file's length in seconds."""
        with tempfile.TemporaryDirectory(prefix="accessify-upload-") as folder:
            path = Path(folder) / f"upload{_suffix(name)}"
            with path.open("wb") as target:
                shutil.copyfileobj(upload, target, 1 << 20)
            self._step(Progress("begin", 0, None))
            done = caption_film(path, options, on_progress=self._step)
        end = done.film.end or max((word.span.end for word in done.document.words), default=0)
        return done.document, to_seconds(end)

    def _step(self, progress: Progress) -> None:
        if self._stop.is_set() or self.late:
            raise _GivenUp
        if progress.heard:
            self.on_heard(progress.heard)


class Desk:
    """Takes transcriptions in, a few at a time."""

    def __init__(self, options: ServerOptions, metrics: Metrics) -> None:
        self.options, self._limits, self._metrics = options, options.limits, metrics
        self._threads = ThreadPoolExecutor(self._limits.requests, "accessify-transcribe", _step_back)
        self._taken = 0
        metrics.watch("accessify_transcriptions_taken", "At work or waiting", lambda: float(self._taken))

    @property
    def full(self) -> bool:
        """Whether no more can wait."""
        return self._taken >= self._limits.requests + self._limits.waiting

    def start(self, wanted: Wanted) -> tuple[Job, asyncio.Future[tuple[Document, float]]]:
        """Begin with a file as soon as there is room."""
        job = Job(self._limits.request_seconds)
        name, file = wanted.file.filename or "", wanted.file.file
        self._taken += 1
        began = time.monotonic()
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._threads, job.run, file, name, wanted.options)
        work.add_done_callback(lambda done: self._done(done, time.monotonic() - began))
        return job, work

    def close(self) -> None:
        """Take nothing more in."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _done(self, work: asyncio.Future[tuple[Document, float]], took: float) -> None:
        self._taken -= 1
        failed = work.cancelled() or work.exception() is not None
        self._metrics.files.labels("failed" if failed else "done").inc()
        if not failed and (length := work.result()[1]) > 0:
            self._metrics.factor.observe(took / length)


async def models(request: Request) -> Response:
    """`GET /v1/models`."""
    desk: Desk = request.app.state.desk
    return JSONResponse({"object": "list", "data": model_rows(desk.options.caption)})


async def transcriptions(request: Request) -> Response:
    """`POST /v1/audio/transcriptions`."""
    return await _take(request, "transcribe")


async def translations(request: Request) -> Response:
    """`POST /v1/audio/translations`: what was said, in English, where the engine translates."""
    return await _take(request, "translate")


async def _take(request: Request, task: str) -> Response:
    desk: Desk = request.app.state.desk
    limit = desk.options.limits.upload_bytes
    length = request.headers.get("content-length", "0")
    too_big = problem(413, "file_too_large", f"the upload is larger than {limit} bytes", "file")
    if not length.isdecimal() or int(length) > limit:
        return too_big
    if desk.full:
        return problem(429, "too_many_requests", "too many files are waiting; try again later")
    bounded = Request(request.scope, _bounded(request, limit))
    try:
        async with asyncio.timeout(desk.options.limits.request_seconds):
            form = await bounded.form(max_files=1, max_fields=20, max_part_size=1 << 16)
        try:
            return await _answer(request, desk, read_form(form, desk.options.caption, task))
        except BadForm as bad:
            await form.close()
            return problem(bad.status, bad.code, bad.message, bad.param)
    except _TooBig:
        return too_big
    except TimeoutError:
        return problem(408, "timeout", "the upload took too long")
    except HTTPException as error:
        return problem(400, "invalid_form", error.detail)


async def _answer(request: Request, desk: Desk, wanted: Wanted) -> Response:
    if wanted.stream:
        return StreamingResponse(
            _events(desk, wanted), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )
    job, work = desk.start(wanted)
    try:
        while not (await asyncio.wait({work}, timeout=_LOOK_EVERY))[0]:
            if job.late or await request.is_disconnected():
                job.stop()
        document, duration = await work
    except Exception as error:
        status, code, message = _fault(error)
        return problem(status, code, message, "file" if status == 400 else None)
    finally:
        job.stop()
        await wanted.file.close()
    if wanted.format in TYPES:
        return Response(file_of(document, wanted.format), media_type=TYPES[wanted.format])
    if wanted.format == "verbose_json":
        return JSONResponse(verbose_json(document, duration, wanted.parts, wanted.options.whisper.task))
    return JSONResponse(plain_json(document, duration))


async def _events(desk: Desk, wanted: Wanted) -> AsyncIterator[str]:
    """Words as they are heard, then all of them."""
    job, work = desk.start(wanted)
    heard: asyncio.Queue[tuple[str, ...] | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    job.on_heard = lambda words: loop.call_soon_threadsafe(heard.put_nowait, words)  # type: ignore[assignment]
    work.add_done_callback(lambda _: heard.put_nowait(None))
    text = ""
    try:
        while (words := await heard.get()) is not None:
            longer = join_words((text, *words)) if text else join_words(words)
            yield _event({"type": "transcript.text.delta", "delta": longer[len(text) :]})
            text = longer
        document, _ = await work
        yield _event({"type": "transcript.text.done", "text": text_of(document)})
        yield "data: [DONE]\n\n"
    except Exception as error:
        _, code, message = _fault(error)
        yield _event({"error": {"message": message, "type": "server_error", "param": None, "code": code}})
    finally:
        job.stop()
        await wanted.file.close()


def _fault(error: Exception) -> tuple[int, str, str]:
    """Status, code and message for what went wrong; the upload's temporary name is not told."""
    if isinstance(error, _GivenUp | asyncio.CancelledError):
        return 408, "timeout", "the transcription took too long and was given up"
    if isinstance(error, MediaError):
        return 400, "invalid_file", error.message.replace(getattr(error, "path", ""), "the file")
    if isinstance(error, OptionError):
        return 400, "invalid_value", error.message
    log.error("a transcription failed", exc_info=error)
    if isinstance(error, AccessifyError):
        return 500, "failed", error.message
    return 500, "failed", f"the transcription failed ({type(error).__name__})"


def _event(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data, ensure_ascii=True)}\n\n"


def _bounded(request: Request, limit: int) -> Callable[[], Any]:
    """The request's `receive`, which breaks off behind `limit` bytes."""
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise _TooBig
        return message

    return receive


def _step_back() -> None:
    """Let live captions go first: on Linux each thread has a priority of its own."""
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


def _suffix(name: str) -> str:
    """The ending of a client's file name, where it is harmless."""
    suffix = Path(name.replace("\\", "/")).suffix.lower()
    return suffix if suffix[1:].isalnum() and suffix.isascii() and len(suffix) <= 8 else ""
