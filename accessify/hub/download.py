"""Download over HTTP: resumed, retried, given up when it stalls, verified.

Python's own client is enough: it honours the user's proxy settings (environment, macOS, Windows)
and the machine's certificate store, and a timeout on each read is the stall limit.
"""

from __future__ import annotations

import http.client
import logging
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from accessify.core.errors import ChecksumMismatch, DiskFull, DownloadFailed
from accessify.core.progress import OnProgress, Progress
from accessify.hub.cache import CHUNK, move_in, part_of, require_space, sha256_of, writing_cache
from accessify.hub.catalog import ModelFile, Pinned, UrlSource

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a server."""

    stall: float = 30.0
    """Seconds without one byte after which a connection is given up."""
    attempts: int = 4
    """Tries in a row that bring nothing new before the download is given up."""
    pause: float = 0.5
    """Seconds before the second try; doubled for each further one."""


PATIENCE = Patience()


class Absent(DownloadFailed):
    """The address is answered, but not with the file wanted."""


class _Interrupted(Exception):
    """The transfer broke; going on may help."""


def fetch_from_url(source: UrlSource, files: tuple[ModelFile, ...], on_progress: OnProgress | None) -> None:
    """Fetch `files` from below `source.base` and place them.

    Raises `DownloadFailed`, `ChecksumMismatch`, `DiskFull`, `OutputError`.
    """
    for file in files:
        part = download(source.base + quote(file.member), file, on_progress)
        move_in(file, part)


def download(
    url: str, wanted: Pinned, on_progress: OnProgress | None = None, patience: Patience = PATIENCE
) -> Path:
    """Fetch `url`, going on where an earlier run stopped; returns the path of the verified part.

    Raises `Absent`, `DownloadFailed`, `ChecksumMismatch`, `DiskFull`, `OutputError`.
    """
    part = part_of(wanted)
    with writing_cache():
        part.parent.mkdir(parents=True, exist_ok=True)
    require_space(wanted.size - _length(part))
    try:
        for fresh in (not _length(part), True):  # an earlier run's part may be what is wrong
            _transfer(url, wanted, on_progress, patience)
            actual = sha256_of(part)
            if actual == wanted.sha256:
                return part
            part.unlink()
            if fresh:
                break
            logger.warning("%s: the partial download was damaged; starting over", wanted.label)
    except DiskFull:
        part.unlink(missing_ok=True)  # it is what filled the disk
        raise
    raise ChecksumMismatch(
        url,
        wanted.sha256,
        actual,
        "what arrived was thrown away; run the same command again, and if this persists look for a proxy "
        "that alters downloads or set ACCESSIFY_MIRROR to a folder that has the file",
    )


def _transfer(url: str, wanted: Pinned, on_progress: OnProgress | None, patience: Patience) -> None:
    """Bring the part to its full size over as many connections as it takes."""
    part = part_of(wanted)
    furthest, fruitless = _length(part), 0
    while True:
        try:
            _go_on(url, wanted, on_progress, patience.stall)
        except _Interrupted as interruption:
            reached = _length(part)
            fruitless = 0 if reached > furthest else fruitless + 1
            furthest = max(furthest, reached)
            logger.info("%s: %s", url, interruption)
            if fruitless >= patience.attempts:
                raise DownloadFailed(f"{url}: {interruption}") from interruption
            time.sleep(patience.pause * 2 ** max(0, fruitless - 1))
        else:
            return


def _go_on(url: str, wanted: Pinned, on_progress: OnProgress | None, stall: float) -> None:
    """One connection: ask for what is missing and append it."""
    part = part_of(wanted)
    have = _length(part)
    if have > wanted.size:
        part.unlink()
        have = 0
    if have == wanted.size:
        return
    with _open(url, have, part, stall) as response:
        done = _start(response, have, part)
        _check_length(url, response, done, wanted)
        with writing_cache(), part.open("ab" if done else "wb") as written:
            for chunk in _chunks(response):
                done += len(chunk)
                if done > wanted.size:
                    break
                written.write(chunk)
                if on_progress:
                    on_progress(Progress(f"fetch {wanted.label}", done, wanted.size, "B"))
    if done > wanted.size:
        part.unlink()
        raise Absent(f"{url}: more than the {wanted.size} bytes of the pinned file")
    if done < wanted.size:
        raise _Interrupted(f"the connection was cut after {done} of {wanted.size} bytes")


def _open(url: str, have: int, part: Path, stall: float) -> http.client.HTTPResponse:
    headers = {"User-Agent": "accessify", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - http(s), see mirror and catalogue
        opener = urllib.request.build_opener()  # its own, so that the proxy settings of now count
        response: http.client.HTTPResponse = opener.open(request, timeout=stall)
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(url, error, part) from error
    except (OSError, http.client.HTTPException) as error:
        raise _breakage(url, error, stall) from error
    return response


def _refusal(url: str, error: urllib.error.HTTPError, part: Path) -> Exception:
    """What an answer other than 2xx means."""
    answer = f"the server answered {error.code} {error.reason}"
    if error.code in (404, 410):
        return Absent(f"{url}: {answer}")
    if error.code == 416:  # the part ends past the server's file
        part.unlink(missing_ok=True)
        return _Interrupted(answer)
    if error.code in (408, 429) or error.code >= 500:
        return _Interrupted(answer)
    return DownloadFailed(f"{url}: {answer}")


def _breakage(url: str, error: Exception, stall: float) -> Exception:
    """What a connection that fails means."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return DownloadFailed(
            f"{url}: its certificate is not trusted ({reason.verify_message}); "
            "set SSL_CERT_FILE to the certificate file of your network"
        )
    if isinstance(reason, TimeoutError):
        return _Interrupted(f"no byte came for {stall:g} s")
    return _Interrupted(getattr(reason, "strerror", None) or str(reason) or type(reason).__name__)


def _start(response: http.client.HTTPResponse, have: int, part: Path) -> int:
    """The byte at which the body starts: `have`, or 0 where the server knows no ranges."""
    if response.status != 206:
        return 0
    content_range = response.headers.get("Content-Range", "")
    if not content_range.startswith(f"bytes {have}-"):
        part.unlink(missing_ok=True)
        raise _Interrupted(f"the server resumed elsewhere than at byte {have}: {content_range!r}")
    return have


def _check_length(url: str, response: http.client.HTTPResponse, start: int, wanted: Pinned) -> None:
    length = response.headers.get("Content-Length")
    if length is not None and start + int(length) != wanted.size:
        raise Absent(
            f"{url}: {start + int(length)} bytes of {response.headers.get_content_type()}, "
            f"not the {wanted.size} bytes of the pinned file"
        )


def _chunks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    try:
        while chunk := response.read1(CHUNK):  # what has arrived, so that a stall loses nothing
            yield chunk
    except TimeoutError as error:
        raise _Interrupted("the server stalled") from error
    except (OSError, http.client.HTTPException) as error:
        raise _Interrupted(f"the connection broke ({error})") from error


def _length(part: Path) -> int:
    try:
        return part.stat().st_size
    except FileNotFoundError:
        return 0
