"""Live captions in a real Chromium: words come once, stay where they are, and are told once."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.delivery.web.loopback import Loopback, Message, line, tail, waited
from tests.delivery.web.pages import LIVE, PANE, STARTED, log_lines, open_demo, put, update

WATCH = """() => {
  window.removed = [];
  new MutationObserver((changes) => {
    const gone = changes.flatMap(({ removedNodes }) => [...removedNodes]);
    const changed = changes.flatMap(({ target }) => [target, target.parentNode ?? target]);
    const words = changed.filter((one) => one.className === 'word');
    const bad = [...gone.filter((one) => one.localName), ...words];
    window.removed.push(...bad.map((one) => one.textContent));
  }).observe(all('.lines')[0], { childList: true, subtree: true, characterData: true });
}"""
"""Notes elements that go, and words whose text changes."""
WORDS = "all('.word')"


def lines(page: Page) -> list[str]:
    """The lines on show, what is tentative left out."""
    shown: list[str] = page.evaluate(
        """() => all('.line:not(.next) > .text').map((text) => [...text.childNodes]
          .filter((node) => node.className !== 'tail').map((node) => node.textContent).join('').trim())"""
    )
    return shown


def heights(page: Page) -> list[float]:
    """How many rows of text each line takes."""
    found: list[float] = page.evaluate(
        """() => all('.line:not(.next):not(.mark)').map((one) =>
          one.offsetHeight / parseFloat(getComputedStyle(one).lineHeight))"""
    )
    return found


def speech(*texts: str, first: int = 1) -> list[Message]:
    """Messages of lines that come word by word, each with a tail."""
    messages: list[Message] = []
    seq = first
    for number, text in enumerate(texts, 1):
        words = text.split(" ")
        for count in range(1, len(words) + 1):
            closed = count == len(words)
            messages.append(line(seq, number, " ".join(words[:count]), closed=closed))
            messages.append(tail(" ".join(words[count : count + 3]) or "and so", line=number))
            seq += 1
    return messages


def test_words_are_appended_and_nothing_moves(page: Page, server: Loopback) -> None:
    put(server, PANE)
    open_demo(page, server)
    update(page, STARTED, line(1, 1, "Good evening"))
    page.evaluate(WATCH)
    page.evaluate(
        f"window.first = {WORDS}; window.places = window.first.map((one) => one.getBoundingClientRect().left)"
    )
    messages = speech("Good evening and welcome to this town", "where nobody reads the news any more")
    for message in messages[2:]:
        update(page, message | ({"seq": message["seq"] + 10} if "seq" in message else {}))
    assert lines(page) == ["Good evening and welcome to this town", "where nobody reads the news any more"]
    assert page.evaluate("window.removed") == []
    assert page.evaluate("window.first.every((one) => one.isConnected && one.childNodes.length === 1)")
    assert page.evaluate("window.first.map((one) => one.getBoundingClientRect().left)") == page.evaluate(
        "window.places"
    )


def test_the_log_has_whole_lines_once_and_no_tail(page: Page, server: Loopback) -> None:
    put(server, PANE)
    open_demo(page, server)
    update(page, STARTED, *speech("One two three", "four five six"))
    update(page, line(20, 3, "seven eight"), tail("maybe nine", line=3))
    assert log_lines(page) == ["One two three", "four five six"]
    log = page.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "polite")
    assert "maybe" in page.locator(".pane").inner_text()
    tree = page.locator("body").aria_snapshot()
    assert "maybe" not in tree, "only what is committed is in the tree"
    assert "seven" not in tree, "and only whole lines"
    assert tree.count("One two three") == 1
    update(page, line(21, 3, "seven eight nine", closed=True), {"type": "ended", "seq": 22})
    assert log_lines(page)[-1] == "seven eight nine"
    expect(page.get_by_role("status")).to_have_text("The captions have ended")


def test_a_line_that_is_open_at_the_end_reaches_the_log(page: Page, server: Loopback) -> None:
    put(server, PANE)
    open_demo(page, server)
    update(page, STARTED, line(1, 1, "cut off in the"), {"type": "ended", "seq": 2})
    assert log_lines(page) == ["cut off in the"]


def test_a_tail_fills_its_line_and_goes_on_below(page: Page, server: Loopback) -> None:
    put(server, PANE)
    open_demo(page, server)
    update(page, STARTED, line(1, 1, "What may still change"), tail("is marked, and goes on"))
    tails = page.locator(".tail")
    assert [text for text in tails.all_text_contents() if text] == ["is marked, and", "goes on"]
    look = tails.first.evaluate(
        "one => { const s = getComputedStyle(one); return [s.fontStyle, s.textDecorationLine]; }"
    )
    assert look == ["italic", "underline"], "told apart by more than colour"
    update(page, line(2, 1, "What may still change is"))
    assert [text for text in tails.all_text_contents() if text] == ["marked, and", "goes on"], "no blink"


def test_pause_holds_everything_and_resume_catches_up(page: Page, server: Loopback) -> None:
    put(server, PANE)
    open_demo(page, server)
    update(page, STARTED, line(1, 1, "Before", closed=True), tail("old"))
    page.get_by_role("button", name="Pause").click()
    update(
        page,
        line(2, 2, "while it"),
        line(3, 2, "while it stands", closed=True),
        tail("more"),
        line(4, 3, "two", closed=True),
    )
    assert lines(page) == ["Before"]
    assert log_lines(page) == ["Before"]
    resume = page.get_by_role("button", name="Resume")
    expect(resume).to_have_text("Resume (2 lines wait)")
    resume.press("p")
    assert lines(page) == ["Before", "while it stands", "two"]
    assert page.locator(".next").inner_text() == "more"
    assert log_lines(page) == ["Before", "while it stands", "two"]
    expect(page.get_by_role("button", name="Pause")).to_have_attribute("aria-pressed", "false")


def test_events_and_properties(page: Page, server: Loopback) -> None:
    put(server, PANE)
    open_demo(page, server)
    page.evaluate(
        """() => {
          window.heard = [];
          const note = ({ type, detail }) => window.heard.push([type, detail.text ?? detail.state]);
          for (const type of ['captionline', 'statechange']) document.addEventListener(type, note);
        }"""
    )
    update(page, STARTED, line(1, 1, "Hello"), tail("", state="catching-up", lag=4.2))
    heard: list[list[Any]] = page.evaluate("window.heard")
    assert ["captionline", "Hello"] in heard
    assert ["statechange", "catching-up"] in heard
    assert page.evaluate("[captions.state, captions.lag, captions.paused, captions.video]") == [
        "catching-up",
        4.2,
        False,
        None,
    ]
    expect(page.get_by_role("status")).to_have_text("Catching up")
    expect(page.locator(".lag")).to_have_text("· 4 s behind")
    update(page, tail("", state="stalled", lag=4.0))
    assert page.evaluate("captions.state") == "speech", "words still wait for their turn"
    update(page, tail("", state="stalled"))
    expect(page.get_by_role("status")).to_have_text("No sound arrives")
    update(page, tail("", state="speech"))
    expect(page.get_by_role("status")).to_have_text("")


@pytest.mark.parametrize("source", ["events", "relay"])
def test_a_source_comes_back_behind_the_last_number(page: Page, server: Loopback, source: str) -> None:
    put(
        server,
        LIVE.replace("{live}", source if source == "events" else f"ws://127.0.0.1:{server.port}/relay"),
    )
    server.events = [STARTED, line(1, 1, "Before the cut", closed=True)]
    open_demo(page, server)
    expect(page.get_by_role("log")).to_have_text("Before the cut")
    server.cut = True
    waited(lambda: len(server.asked) > 1, "the page comes back")
    assert server.asked[-1] == ("" if source == "events" else "after=1")
    server.events.append(line(2, 2, "and after it", closed=True))
    expect(page.get_by_role("log").locator("p")).to_have_count(2)
    assert log_lines(page) == ["Before the cut", "and after it"], "nothing twice"
    server.events.append({"type": "ended", "seq": 3})
    expect(page.get_by_role("status")).to_have_text("The captions have ended")


def test_a_lost_connection_is_told_calmly(page: Page, server: Loopback) -> None:
    put(server, LIVE.replace("{live}", "nowhere"))
    page.route("**/nowhere", lambda route: route.abort())
    open_demo(page, server)
    expect(page.get_by_role("status")).to_have_text("Connection lost. Trying again…")


@pytest.mark.parametrize(("status", "said"), [(404, "not there"), (401, "does not let this page")])
def test_a_stream_that_cannot_be_had_is_asked_for_no_more(
    page: Page, server: Loopback, status: int, said: str
) -> None:
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=status)

    page.route("**/nowhere", refuse)
    put(server, LIVE.replace("{live}", "nowhere"))
    open_demo(page, server)
    expect(page.get_by_role("status")).to_contain_text(said)
    page.wait_for_timeout(1500)
    assert len(asked) == 2, "the stream, and why it was refused"


def test_a_video_that_is_not_there_is_told(page: Page, server: Loopback) -> None:
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    put(server, PANE.replace("srclang", 'for="nobody" src="film.vtt" srclang'))
    open_demo(page, server)
    expect(page.get_by_role("status")).to_contain_text("video of these captions is not on this page")
    assert [text for text in errors if 'for="nobody"' in text]
    page.evaluate("captions.setAttribute('for', 'film')")
    expect(page.get_by_role("status")).to_have_text("")


def test_lines_larger_than_the_window_go_on_in_the_same_row(page: Page, server: Loopback) -> None:
    put(server, PANE)
    open_demo(page, server)
    page.evaluate("captions.setOptions({ size: 200 })")
    texts = ["Good evening and welcome to this town", "where nobody reads the news any more", "than once."]
    page.evaluate(WATCH)
    update(page, STARTED, *speech(*texts, "Then a pause"))
    assert page.evaluate("window.removed") == []
    assert log_lines(page) == [*texts, "Then a pause"], "the lines themselves stay whole"
    rows = lines(page)
    assert " ".join(rows) == " ".join([*texts, "Then a pause"])
    assert rows[-1] == "Then a pause", "a line that fits begins a row"
    assert min(map(len, rows[:-2])) > 12, "no half empty rows"
    assert max(heights(page)) < 1.2, "every row is one row"


def test_rows_fit_text_and_window_whatever_size_they_get(page: Page, server: Loopback) -> None:
    put(server, PANE)
    open_demo(page, server)
    spoken = [
        "Good evening and welcome to this town",
        "where nobody reads the news any more",
        "than once a week.",
    ]
    texts = [*spoken, *spoken, *spoken]
    update(page, STARTED, *speech(*texts))
    update(page, tail("still open", line=len(texts)))
    page.evaluate("captions.mark('Connection lost')")
    update(page, STARTED | {"id": "b"}, line(1, 1, "Somebody else", speaker="Anna", closed=True))
    usual = lines(page)
    assert usual == [*texts, "Connection lost", "Anna: Somebody else"]
    for change in ("captions.setOptions({ size: 200 })", "document.body.style.width = '36rem'"):
        before = len(lines(page)) + 1
        page.evaluate(change)
        page.wait_for_function("(before) => all('.line').length > before", arg=before)
        assert " ".join(lines(page)) == " ".join(usual)
        assert max(heights(page)) < 1.2, "every row is one row"
    assert log_lines(page) == [*texts, "Connection lost", "Anna: Somebody else"], "nothing is read again"
    page.evaluate("() => { captions.setOptions({ size: 100 }); document.body.style.width = ''; }")
    page.wait_for_function("(before) => all('.line').length === before", arg=len(usual) + 1)
    assert lines(page) == usual, "lines stand as they were broken"
    update(page, line(2, 2, "And on"), line(3, 2, "And on and on", closed=True))
    assert lines(page) == [*usual, "And on and on"]


def test_a_reader_s_place_survives_another_size(page: Page, server: Loopback) -> None:
    put(server, PANE)
    server.pages["demo.css"] += "accessify-captions{--accessify-pane-height:12rem} video{display:none}"
    open_demo(page, server)
    update(page, *[line(n, n, f"Line {n} of many that are said here", closed=True) for n in range(1, 60)])
    page.locator(".pane").hover()
    page.mouse.wheel(0, -600)
    expect(page.get_by_role("button", name="Newest line")).to_be_visible()
    first = """() => all('.line').find((one) =>
      one.getBoundingClientRect().bottom > box('.pane').top + 20).textContent.match(/[0-9]+/)?.[0]"""
    page.wait_for_function(
        "() => (window.at === all('.pane')[0].scrollTop) || ((window.at = all('.pane')[0].scrollTop), false)"
    )
    before = page.evaluate(first)
    page.evaluate("captions.setOptions({ size: 180 })")
    assert page.evaluate(first) == before


def test_lines_over_a_film_roll_and_keep_to_their_rows(page: Page, server: Loopback) -> None:
    put(server, LIVE)
    server.events = [
        STARTED,
        *[line(n, n, f"Line number {n}", closed=True) for n in range(1, 9)],
        tail("next"),
    ]
    open_demo(page, server)
    expect(page.get_by_role("log").locator("p")).to_have_count(8)
    rows, height = page.evaluate(
        """() => { const [node] = all('.lines');
        return [node.clientHeight / parseFloat(getComputedStyle(node).lineHeight), node.clientHeight]; }"""
    )
    page.evaluate("() => { captions.setAttribute('lines', 2); captions.setAttribute('width', 30); }")
    page.wait_for_function(
        "() => box('.lines').height < 2.1 * parseFloat(getComputedStyle(all('.lines')[0]).lineHeight)"
    )
    assert len(server.asked) == 1, "the connection stays"
    assert 2.9 < rows < 3.1
    assert height < 200
    expect(page.locator(".tail").last).to_be_in_viewport()


def test_lines_over_a_film_make_way_when_nobody_speaks(page: Page, server: Loopback) -> None:
    put(server, LIVE)
    page.clock.install()
    server.events = [STARTED, line(1, 1, "The last words", closed=True)]
    open_demo(page, server)
    shown = page.locator(".line:not(.next)")
    expect(shown).to_be_visible()
    page.clock.fast_forward(11_000)
    expect(shown).to_be_hidden()
    server.events.append(line(2, 2, "Speech again"))
    expect(shown).to_have_text("Speech again")
    page.clock.fast_forward(11_000)
    expect(shown).to_be_hidden()
    server.events.append(line(3, 2, "Speech again after a pause", closed=True))
    expect(shown).to_have_text("after a pause")
    page.evaluate("captions.setOptions({ size: 150 })")
    assert lines(page) == ["after a pause"], "what went does not come back"
    assert log_lines(page)[-1] == "Speech again after a pause"


def test_right_to_left_and_mixed_text(page: Page, server: Loopback) -> None:
    put(server, PANE, lang="ar")
    open_demo(page, server)
    update(
        page,
        STARTED,
        line(1, 1, "مرحبا بكم version 2", speaker="Ann"),
        line(2, 1, "مرحبا بكم version 2 هنا", speaker="Ann"),
    )
    box = page.locator(".line").first
    assert box.evaluate("one => getComputedStyle(one).direction") == "rtl"
    edges = page.evaluate("[box('.line').right, box('.word').right, box(all('.word').at(-1)).right]")
    assert edges[0] - edges[1] < 140, "begins at the right"
    assert edges[2] < edges[1], "goes to the left"
    assert page.locator("bdi.speaker").inner_text().strip() == "Ann:"


def test_chinese_has_no_spaces_and_its_own_language(page: Page, server: Loopback) -> None:
    put(server, PANE, lang="zh")
    open_demo(page, server)
    update(
        page,
        STARTED,
        line(1, 1, "今天我们"),
        line(2, 1, "今天我们讨论字幕，"),
        tail("文字一旦显示就不再改变"),
    )
    assert page.locator(".line").first.inner_text() == "今天我们讨论字幕，"
    assert page.locator(".next").inner_text() == "文字一旦显示就不再改变"
    update(page, line(3, 1, "今天我们讨论字幕，文字", closed=True))
    assert page.locator(".next").inner_text() == "一旦显示就不再改变"
    assert log_lines(page) == ["今天我们讨论字幕，文字"]
    assert page.locator(".lines").get_attribute("lang") == "zh"


def test_hostile_messages_are_text(page: Page, server: Loopback) -> None:
    put(server, PANE)
    open_demo(page, server)
    bad = "<img src=x onerror=window.hit=1></script><script>window.hit=1</script>"
    update(page, STARTED | {"id": bad}, line(1, 1, bad, closed=True, speaker=bad), tail(bad))
    update(
        page,
        {"type": "note", "seq": 2, "kind": bad, "text": bad},
        {"type": bad, "seq": 3},
        line(4, 2, "x") | {"text": None},
    )
    update(page, {"type": "error", "code": bad, "message": bad})
    assert page.evaluate("window.hit") is None
    assert page.locator("accessify-captions img, accessify-captions script").count() == 0
    assert bad in page.get_by_role("log").inner_text()


def test_a_new_stream_keeps_what_stands(page: Page, server: Loopback) -> None:
    put(server, PANE)
    open_demo(page, server)
    update(page, STARTED, line(1, 1, "old", closed=True), line(2, 2, "open"))
    update(page, STARTED | {"id": "b"}, line(1, 1, "new", closed=True), line(1, 1, "replayed", closed=True))
    assert lines(page) == ["old", "open", "new"]
    assert log_lines(page) == ["old", "open", "new"]


def test_a_long_stream_stays_small(page: Page, server: Loopback) -> None:
    put(server, PANE)
    open_demo(page, server)
    count: int = page.evaluate(
        """() => {
          for (let n = 1; n <= 3200; n++) {
            captions.update({ type: 'line', seq: n, line: n, text: `Line ${n}`, closed: true });
          }
          return all('.line').length;
        }"""
    )
    assert count <= 3000
    assert log_lines(page)[-1] == "Line 3200"


def test_the_pane_follows_unless_its_reader_scrolls_up(page: Page, server: Loopback) -> None:
    put(server, PANE)
    server.pages["demo.css"] += "accessify-captions{--accessify-pane-height:12rem} video{display:none}"
    open_demo(page, server)
    for number in range(1, 30, 3):
        update(page, *[line(n, n, f"Line {n} of many", closed=True) for n in range(number, number + 3)])
        page.wait_for_timeout(30)
    newest, latest = page.locator(".line:not(.next)").last, page.get_by_role("button", name="Newest line")
    expect(newest).to_be_in_viewport()
    expect(latest).to_be_hidden()
    page.locator(".pane").hover()
    page.mouse.wheel(0, -300)
    expect(latest).to_be_visible()
    update(page, line(40, 40, "Not followed", closed=True))
    expect(newest).not_to_be_in_viewport()
    latest.click()
    expect(newest).to_be_in_viewport()
    expect(latest).to_be_hidden()
    assert page.evaluate("focused()") == "Live captions"
