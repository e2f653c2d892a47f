"""The page of `accessify serve` in a real Chromium with a microphone that beeps; the test is the server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.delivery.web.loopback import Loopback, Talk, line, tail, waited
from tests.delivery.web.pages import log_lines

OUTAGE = """(() => {
  let node;
  const Node = AudioWorkletNode;
  window.AudioWorkletNode = function (...made) { return (node = new Node(...made)); };
  window.hear = (seconds) => {
    const data = () => ({ sound: new ArrayBuffer(1280), peak: 0.1 });
    for (let n = 0; n < seconds * 25; n++) node.port.onmessage({ data: data() });
  };
  const Socket = WebSocket;
  window.WebSocket = function (...made) {
    return new Socket(...(window.away ? [`ws://${location.host}/nowhere`] : made));
  };
})();"""
"""Sound that comes at once, and a server that is not to be found, where a test wants it so."""
LANDING = "Ready."


@pytest.fixture
def look() -> dict[str, Any]:
    return {"permissions": ["microphone"], "viewport": {"width": 1100, "height": 760}}


@pytest.fixture
def live(page: Page, server: Loopback) -> Page:
    page.goto(server.address())
    expect(page.locator("#state")).to_have_text(LANDING)
    return page


def begin(page: Page, server: Loopback) -> Talk:
    page.get_by_role("button", name="Start captions").click()
    talk = server.talk()
    talk.send(started("a"))
    expect(page.locator("#state")).to_have_text(re.compile("Listening"))
    return talk


def started(name: str, **more: object) -> dict[str, object]:
    return {"type": "started", "id": name, "seq": 0, "resumed": False, "clock": 0, "missed": 0, **more}


def test_sound_goes_out_and_words_come_in(live: Page, server: Loopback) -> None:
    talk = begin(live, server)
    assert talk.start | {"key": "", "width": 37} == {
        "type": "start",
        "format": "pcm16",
        "rate": 16000,
        "channels": 1,
        "width": 37,
        "key": "",
    }
    assert len(talk.start["key"]) >= 32
    assert 16 <= talk.start["width"] <= 42
    waited(lambda: talk.sound > 32_000, "a second of sound comes")
    talk.send(line(1, 1, "Good evening", closed=True), line(2, 2, "and welcome"), tail("to this"))
    expect(live.locator(".lines")).to_contain_text("Good evening")
    expect(live.locator(".tail").filter(has_text="to this")).to_be_visible()
    assert log_lines(live) == ["Good evening"]
    live.get_by_role("button", name="Stop").click()
    waited(lambda: talk.finished, "the end is told")
    talk.send(line(3, 2, "and welcome home", closed=True), {"type": "ended", "seq": 4})
    expect(live.locator("#state")).to_contain_text("Stopped")
    assert log_lines(live) == ["Good evening", "and welcome home"]
    assert "machine" in live.locator(".notice").inner_text()


def test_a_cut_connection_resumes_without_a_gap(live: Page, server: Loopback) -> None:
    talk = begin(live, server)
    talk.send(line(1, 1, "Before the cut", closed=True))
    expect(live.get_by_role("log")).to_contain_text("Before")
    waited(lambda: talk.sound > 32_000, "sound comes")
    talk.close()
    again = server.talk(1)
    assert again.start["resume"] == {"id": "a", "seq": 1}
    assert again.start["key"] == talk.start["key"]
    again.send(started("a", resumed=True, clock=0.5), line(2, 2, "and after it", closed=True))
    expect(live.locator("#state")).to_have_text("Listening.")
    waited(lambda: again.sound > 16_000, "what was not heard is sent again")
    assert log_lines(live) == ["Before the cut", "and after it"], "nothing is missing, no mark"


def test_a_stream_that_ended_while_the_connection_was_away_is_followed_by_another(
    live: Page, server: Loopback
) -> None:
    talk = begin(live, server)
    talk.send(line(1, 1, "Before the outage", closed=True))
    expect(live.get_by_role("log")).to_contain_text("outage")
    talk.close()
    again = server.talk(1)
    again.send(started("a", resumed=True), line(2, 2, "the rest", closed=True), {"type": "ended", "seq": 3})
    new = server.talk(2)
    assert "resume" not in new.start
    new.send(started("b"), line(1, 1, "We go on", closed=True))
    expect(live.get_by_role("log")).to_contain_text("We go on")
    expect(live.locator("#state")).to_have_text("Listening.")
    waited(lambda: new.sound > 16_000, "the microphone is still on")


def test_a_server_restart_keeps_the_text_and_marks_the_place(live: Page, server: Loopback) -> None:
    talk = begin(live, server)
    talk.send(line(1, 1, "Before the restart", start=0.0, end=0.1, closed=True))
    talk.send(line(2, 2, "and half a", start=0.1, end=0.2))
    expect(live.locator(".lines")).to_contain_text("half a")
    talk.close(1012)
    again = server.talk(1)
    again.send({"type": "error", "code": "unknown-stream", "message": "there is no such stream"})
    again.close(4404)
    new = server.talk(2)
    assert "resume" not in new.start
    new.send(started("b"), line(1, 1, "We go on", closed=True))
    expect(live.get_by_role("log")).to_contain_text("We go on")
    assert [text for text in log_lines(live) if "Connection" not in text] == [
        "Before the restart",
        "and half a",
        "We go on",
    ]
    assert re.fullmatch(r"Connection lost until .*: what was said meanwhile follows", log_lines(live)[2])
    expect(live.locator(".mark")).to_be_visible()
    with live.expect_download() as download:
        live.get_by_role("button", name="Save as text").click()
    text = Path(download.value.path()).read_text("utf-8")
    assert [row.split("  ", 1)[1][:12] for row in text.splitlines()] == [
        "Before the r",
        "and half a",
        "[Connection ",
        "We go on",
    ]


def test_a_server_that_stays_away_is_told(live: Page, server: Loopback) -> None:
    talk = begin(live, server)
    talk.send(line(1, 1, "Kept", closed=True))
    expect(live.get_by_role("log")).to_contain_text("Kept")
    live.context.set_offline(True)  # no close comes: the network is gone
    expect(live.locator("#state")).to_contain_text("Connection lost")
    live.get_by_role("button", name="Stop").click()
    expect(live.locator("#state")).to_contain_text("Stopped")
    kept, mark = log_lines(live)
    assert kept == "Kept"
    assert "Connection lost" in mark


def test_saved_captions_are_read_by_a_browser(live: Page, server: Loopback) -> None:
    talk = begin(live, server)
    expect(live.get_by_role("button", name="Save as .vtt")).to_be_disabled()
    talk.send(line(1, 1, "1 < 2 & --> <b>", closed=True), line(2, 2, "second", closed=True))
    expect(live.get_by_role("log")).to_contain_text("second")
    with live.expect_download() as download:
        live.get_by_role("button", name="Save as .vtt").click()
    assert re.fullmatch(r"captions-[\d-]+\.vtt", download.value.suggested_filename)
    server.pages["saved.vtt"] = Path(download.value.path()).read_text("utf-8")
    texts = live.evaluate(
        """() => new Promise((done) => {
          const [film, track] = ['video', 'track'].map((name) => document.createElement(name));
          track.src = 'saved.vtt';
          film.append(track);
          track.onload = () => done([...track.track.cues].map((cue) => cue.getCueAsHTML().textContent));
          track.onerror = () => done(null);
          track.track.mode = 'hidden';
        })"""
    )
    assert texts == ["1 < 2 & --> <b>", "second"]


def test_a_token_is_asked_for_and_kept(page: Page, server: Loopback) -> None:
    server.token = "open-sesame"  # noqa: S105
    page.goto(server.address())
    page.get_by_role("button", name="Start captions").click()
    field = page.get_by_label("Token of this server")
    expect(field).to_be_focused()
    field.fill("wrong")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("does not accept this token")
    field.fill("open-sesame")
    field.press("Enter")
    server.talk().send(started("a"))
    expect(page.locator("#state")).to_have_text(re.compile("Listening"))
    expect(field).to_be_hidden()
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    assert page.evaluate("[sessionStorage.length, localStorage.length]") == [1, 0]


@pytest.mark.parametrize("look", [{}])
def test_a_blocked_microphone_is_explained(live: Page) -> None:
    live.context.grant_permissions([])
    live.get_by_role("button", name="Start captions").click()
    expect(live.get_by_role("alert")).to_contain_text("The microphone is blocked.")
    expect(live.get_by_role("alert")).to_contain_text("Allow it in the browser")
    expect(live.get_by_role("button", name="Start captions")).to_be_visible()


def test_other_troubles_are_explained(live: Page) -> None:
    troubles = {
        "NotFoundError": "No microphone was found.",
        "NotReadableError": "Another program may be using it.",
        "OverconstrainedError": "Choose another one",
        "AbortError": "could not be opened",
    }
    for name, said in troubles.items():
        live.evaluate(
            """name => {
              navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', name); };
            }""",
            name,
        )
        live.get_by_role("button", name="Start captions").click()
        expect(live.get_by_role("alert")).to_contain_text(said)
    live.evaluate("() => { Object.defineProperty(navigator, 'mediaDevices', { value: undefined }); }")
    live.get_by_role("button", name="Start captions").click()
    expect(live.get_by_role("alert")).to_contain_text("https")


def test_a_microphone_that_is_pulled_out_is_explained(page: Page, server: Loopback) -> None:
    page.add_init_script(
        """const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async (wanted) => (window.microphone = await open(wanted));"""
    )
    page.goto(server.address())
    talk = begin(page, server)
    talk.send(line(1, 1, "Kept", closed=True))
    page.evaluate("() => { window.microphone.getAudioTracks()[0].dispatchEvent(new Event('ended')); }")
    expect(page.get_by_role("alert")).to_contain_text("unplugged")
    waited(lambda: talk.finished, "what was said is heard out")
    talk.send({"type": "ended", "seq": 2})
    page.get_by_role("button", name="Start captions").click()
    second = server.talk(1)
    second.send(started("b"), line(1, 1, "Again", closed=True))
    expect(page.get_by_role("log")).to_contain_text("Again")
    assert log_lines(page) == ["Kept", "Again"]
    expect(page.get_by_role("alert")).to_be_empty()


def test_a_browser_without_worklets_sends_what_it_records(page: Page, server: Loopback) -> None:
    page.add_init_script("delete window.AudioWorkletNode;")
    page.goto(server.address())
    talk = begin(page, server)
    assert talk.start["format"] == "webm"
    waited(lambda: talk.sound > 1000, "sound comes")
    assert talk.head == bytes.fromhex("1a45dfa3"), "from the beginning of a container"
    talk.close()
    again = server.talk(1)
    assert "resume" not in again.start, "a container cannot be continued"
    again.send(started("b"))
    waited(lambda: again.sound > 1000, "sound comes again")
    assert again.head == bytes.fromhex("1a45dfa3")
    page.wait_for_timeout(300)
    again.send(line(1, 1, "After the cut", start=0.1, end=0.2, closed=True))
    expect(page.get_by_role("log")).to_contain_text("After the cut")
    assert re.search("words may be missing|not captioned", log_lines(page)[0]), (
        "what was said meanwhile is lost"
    )
    (mark, _), (after, _) = saved_times(page)
    assert 0.2 < mark < after, "a new recording begins where the page's clock is"


def saved_times(page: Page) -> list[tuple[float, float]]:
    """Seconds at which the saved cues begin and end."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as .vtt").click()
    text = Path(download.value.path()).read_text("utf-8")
    times = [float(m) * 60 + float(s) for m, s in re.findall(r"00:(\d\d):(\d\d\.\d{3})", text)]
    assert times == sorted(times), "never back, and none over another"
    return list(zip(times[::2], times[1::2], strict=True))


def test_times_go_on_through_an_outage(page: Page, server: Loopback) -> None:
    page.add_init_script(OUTAGE)
    page.goto(server.address())
    talk = begin(page, server)
    talk.send(line(1, 1, "Before", start=0.1, end=0.4, closed=True))
    waited(lambda: talk.sound > 32_000, "a second of sound comes")
    page.evaluate("window.away = true")
    talk.close()
    page.wait_for_timeout(200)
    page.evaluate("window.hear(30)")  # seconds, of which the last 20 are kept
    page.evaluate("window.away = false")
    again = server.talk(1)
    again.send(started("a", resumed=True, clock=1.0))
    words = [{"text": word, "start": at, "end": at + 0.3} for word, at in (("Held", 0.6), ("behind", 1.2))]
    again.send({"type": "final", "seq": 2, "text": "Held behind", "words": words[:1]})
    again.send({"type": "final", "seq": 3, "text": "behind", "words": words[1:]})
    again.send(line(4, 2, "and now", start=1.6, end=2.0, closed=True))
    expect(page.get_by_role("log")).to_contain_text("and now")
    assert re.match(r"Connection lost: about 1\d s not captioned", log_lines(page)[1])
    starts = [start for start, _ in saved_times(page)]
    assert starts[0] == pytest.approx(0.6, abs=0.01)
    assert starts[1] == pytest.approx(1.0, abs=0.01), "the mark stands where sound is missing"
    assert starts[2] - 1.2 == pytest.approx(starts[3] - 1.6, abs=0.01)
    assert 8 < starts[2] - 1.2 < 20, "what followed is as late as it was said"


def test_a_browser_that_does_not_resample_says_its_rate(page: Page, server: Loopback) -> None:
    page.add_init_script(
        """const make = AudioContext.prototype.createMediaStreamSource;
        AudioContext.prototype.createMediaStreamSource = function (stream) {
          if (this.sampleRate === 16000) throw new DOMException('', 'NotSupportedError');
          return make.call(this, stream);
        };"""
    )
    page.goto(server.address())
    talk = begin(page, server)
    assert talk.start["rate"] in {44_100, 48_000}
    waited(lambda: talk.sound > 50_000, "sound comes")


def test_a_refusal_is_told_in_the_server_s_words(live: Page, server: Loopback) -> None:
    live.get_by_role("button", name="Start captions").click()
    talk = server.talk()
    talk.send({"type": "error", "code": "too-many", "message": "all 32 streams are taken; try again later"})
    talk.close(4429)
    expect(live.get_by_role("alert")).to_contain_text("all 32 streams are taken")
    expect(live.get_by_role("button", name="Start captions")).to_be_visible()
    assert len(server.talks) == 1, "it does not try again by itself"


def test_text_size_and_devices(live: Page, server: Loopback) -> None:
    before = live.locator(".lines").evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    live.get_by_role("button", name="Larger text").click()
    live.get_by_role("button", name="Larger text").click()
    after = live.locator(".lines").evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert after == pytest.approx(before * 1.2, rel=0.01)
    begin(live, server)
    waited(
        lambda: live.get_by_label("Microphone", exact=True).locator("option").count() > 1, "devices are named"
    )


def test_the_page_is_worked_by_keyboard_alone(live: Page, server: Loopback) -> None:
    def focused() -> str:
        name: str = live.evaluate("focused()")
        return name

    live.keyboard.press("Tab")
    assert focused() == "start"
    live.keyboard.press("Enter")
    talk = server.talk()
    talk.send(started("a"), line(1, 1, "Words", closed=True))
    expect(live.get_by_role("button", name="Save as text")).to_be_enabled()
    reached = []
    for _ in range(8):
        live.keyboard.press("Tab")
        reached.append(focused())
    assert reached == [
        "Live captions",
        "Caption options",
        "Pause",
        "smaller",
        "larger",
        "transcript",
        "save-txt",
        "save-vtt",
    ]
    expect(live.get_by_text("Keys, while the captions")).to_be_visible()
    live.locator(".pane").focus()
    live.keyboard.press("p")
    expect(live.get_by_role("button", name="Resume")).to_be_visible()
    live.keyboard.press("p")
    live.keyboard.press("o")
    expect(live.get_by_role("dialog")).to_be_visible()
    live.keyboard.press("Escape")
    expect(live.get_by_role("dialog")).to_be_hidden()
    assert focused() == "Live captions"
    live.locator("#start").focus()
    live.keyboard.press("Enter")
    waited(lambda: talk.finished, "it stops")


@pytest.mark.parametrize("look", [{"viewport": {"width": 320, "height": 640}, "permissions": ["microphone"]}])
def test_a_phone_has_no_sideways_scrolling(live: Page, server: Loopback) -> None:
    talk = begin(live, server)
    assert talk.start["width"] < 30, "lines as long as the window is wide"
    talk.send(line(1, 1, "Lines fit in", closed=True))
    live.evaluate("captions.setOptions({ size: 200 })")
    expect(live.get_by_role("log")).to_contain_text("Lines fit in")
    assert live.evaluate("document.scrollingElement.scrollWidth") <= 320
    for number in range(2, 12):
        talk.send(line(number, number, f"Line {number}", closed=True))
    newest = live.locator(".line:not(.next)").last
    expect(newest).to_have_text("Line 11")
    expect(newest).to_be_in_viewport(ratio=1)
    larger = live.get_by_role("button", name="Larger text")
    expect(larger).to_be_hidden()
    live.locator("summary").press("Enter")
    expect(larger).to_be_visible()
    expect(newest).to_be_in_viewport(ratio=1)


def test_the_final_reading_is_what_is_saved(live: Page, server: Loopback) -> None:
    talk = begin(live, server)
    talk.send(line(1, 1, "It was the best of tines", closed=True), line(2, 2, "– times", closed=True))
    spoken = "It was the best of times. It was the worst of times, and nobody had expected any of it to last."
    words = [{"text": word, "start": n / 2, "end": n / 2 + 0.4} for n, word in enumerate(spoken.split())]
    talk.send(
        {"type": "final", "seq": 3, "text": spoken, "words": words},
        line(4, 3, "and now", start=12.0, end=13.0),
    )
    expect(live.locator(".lines")).to_contain_text("and now")
    assert log_lines(live) == ["It was the best of tines", "– times"]
    with live.expect_download() as download:
        live.get_by_role("button", name="Save as text").click()
    rows = Path(download.value.path()).read_text("utf-8").splitlines()
    assert [row.split("  ", 1)[1] for row in rows] == [spoken, "and now"]
    with live.expect_download() as download:
        live.get_by_role("button", name="Save as .vtt").click()
    cues = re.findall(r"-->.*\n(.+)\n", Path(download.value.path()).read_text("utf-8"))
    assert cues[0] == "It was the best of times."
    assert " ".join(cues) == f"{spoken} and now"
    assert max(map(len, cues)) <= 74


def test_easy_reading_asks_for_a_pace_and_saves_nothing_twice(live: Page, server: Loopback) -> None:
    live.get_by_role("checkbox", name="Easy reading").check()
    talk = begin(live, server)
    assert talk.start["pace"] == 180
    expect(live.get_by_role("checkbox", name="Easy reading")).to_be_disabled()
    words = [{"text": word, "start": float(n), "end": n + 0.9} for n, word in enumerate(["Slow", "words"])]
    talk.send({"type": "final", "seq": 1, "text": "Slow words", "words": words})
    transcript = live.get_by_role("region", name="Transcript")
    expect(transcript.locator("p")).to_have_text(re.compile("00:0\\d Slow words"))
    talk.send(
        line(2, 1, "Slow words", start=0.0, end=1.5, closed=True), line(3, 2, "go on", start=2.0, end=2.5)
    )
    expect(live.locator(".lines")).to_contain_text("go on")
    with live.expect_download() as download:
        live.get_by_role("button", name="Save as text").click()
    rows = Path(download.value.path()).read_text("utf-8").splitlines()
    assert [row.split("  ", 1)[1] for row in rows] == ["Slow words", "go on"]
    other = live.context.new_page()
    other.goto(server.address())
    expect(other.get_by_role("checkbox", name="Easy reading")).to_be_checked()
