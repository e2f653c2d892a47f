"""What a real browser's `MediaRecorder` records is heard."""

from __future__ import annotations

import json

import pytest

from tests.server.chromium import browser_page, in_a_thread_of_its_own
from tests.server.site import Site, shown
from tests.spoken import BECKETT, agreement, clip

pytestmark = pytest.mark.models

RECORD = """async (seconds) => {
  const told = [], sound = await navigator.mediaDevices.getUserMedia({ audio: true });
  const socket = new WebSocket(location.origin.replace("http", "ws") + "/v1/captions");
  const recorder = new MediaRecorder(sound, { mimeType: "audio/webm;codecs=opus" });
  const ended = new Promise((done) => (socket.onclose = done));
  socket.onmessage = ({ data }) => told.push(data);
  await new Promise((done) => (socket.onopen = done));
  socket.send(JSON.stringify({ type: "start", format: "webm" }));
  recorder.ondataavailable = async ({ data }) => socket.send(await data.arrayBuffer());
  recorder.start(100);
  await new Promise((done) => setTimeout(done, 1000 * seconds));
  await new Promise((done) => { recorder.onstop = done; recorder.stop(); });
  await new Promise((done) => setTimeout(done, 100));
  socket.send(JSON.stringify({ type: "finish" }));
  await ended;
  return told;
}"""


@in_a_thread_of_its_own
def test_a_browsers_recording_is_heard_while_it_is_made(site: Site) -> None:
    speech = clip("beckett.wav")
    fake = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    with browser_page(*fake, f"--use-file-for-fake-audio-capture={speech}%noloop") as page:
        page.goto(site.address)
        messages = [json.loads(text) for text in page.evaluate(RECORD, 5)]
    assert messages[-1]["type"] == "ended"
    assert agreement(shown(messages), " ".join(BECKETT.split()[:6])) > 0.5
    clocks = [each["clock"] for each in messages if each["type"] == "tail"]
    assert clocks[0] < 2  # heard as it comes, not in the end
