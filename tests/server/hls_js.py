"""hls.js, installed once by npm below `build/`, and a page that plays a film with it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.npm import npm_file

PACKAGE = "hls.js@1.7.4"
PAGE = """<!doctype html><title>film</title><video id="film" muted width="320"></video>
<script src="hls.min.js"></script>
<script>
  const film = document.getElementById("film"), seen = [], problems = [];
  let looked = 0;
  const hls = new Hls();
  hls.on(Hls.Events.ERROR, (_, { type, details, error, fatal }) => {
    const waits = /^buffer|^aborted$/.test(details) && !fatal; // on a busy machine it gives up loads itself
    if (!waits) problems.push(`${type} ${details} ${error ?? ""}`);
  });
  hls.loadSource("master.m3u8");
  hls.attachMedia(film);
  hls.subtitleDisplay = true;
  const cues = () => [...film.textTracks].flatMap((track) => [...(track.cues ?? [])])
    .map(({ startTime, endTime, text }) => [startTime, endTime, text]);
  const look = () => {
    const active = [...film.textTracks].flatMap((track) => [...(track.activeCues ?? [])]);
    const text = active.map((cue) => cue.text).join("|");
    if (!film.paused && text !== (seen.at(-1)?.[2] ?? "")) seen.push([looked, film.currentTime, text]);
    looked = film.currentTime; // on a busy machine, looks may lie far apart
    requestAnimationFrame(look);
  };
  look();
</script>
"""


def lay_out_player(folder: Path) -> None:
    """Put the page and hls.js into `folder`; skips the test where there is none."""
    shutil.copy(npm_file(PACKAGE, "hls.js/dist/hls.min.js"), folder / "hls.min.js")
    (folder / "index.html").write_text(PAGE, "utf-8")


class _Quiet(SimpleHTTPRequestHandler):
    """Says nothing on the terminal."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def published(folder: Path) -> Iterator[str]:
    """The address of `folder` on a web server of its own."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
