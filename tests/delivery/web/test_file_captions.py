"""Captions of a file over a film, in a real Chromium."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from playwright.sync_api import Page, expect

from tests.delivery.web.loopback import Loopback
from tests.delivery.web.pages import FILE, log_lines, open_demo, put, seek

VTT = """WEBVTT

00:00.000 --> 00:03.000
It was the <i>best</i> of times,
it was &lt;the&gt; worst.

00:01.000 --> 00:03.000 line:0 align:start position:5%
<v Narrator>At the <c.yellow>top</c></v>

00:04.000 --> 00:05.000
Last <b>words</b>
"""


def boxes(page: Page) -> list[dict[str, Any]]:
    """Where cues stand, as shares of the picture's height and width."""
    found: list[dict[str, Any]] = page.evaluate(
        """() => all('.stage .cue').map((cue) => {
          const [own, picture] = [box(cue), box(film)];
          return {
            text: cue.textContent,
            top: (own.top - picture.top) / picture.height,
            bottom: (own.bottom - picture.top) / picture.height,
            left: (own.left - picture.left) / picture.width,
            right: (own.right - picture.left) / picture.width,
          };
        })"""
    )
    return found


def test_cues_come_and_go_with_the_film(page: Page, server: Loopback) -> None:
    put(server, FILE, vtt=VTT)
    open_demo(page, server)
    cues = page.locator(".stage .cue")
    seek(page, 2)
    expect(cues).to_have_count(2)
    expect(cues.first).to_have_text("It was the best of times,\nit was <the> worst.")
    assert cues.first.locator("i").inner_text() == "best"
    assert cues.last.locator(".voice").get_attribute("title") == "Narrator"
    seek(page, 3.5)
    expect(cues).to_have_count(0)
    seek(page, 4.5)
    expect(cues).to_have_text("Last words")
    assert log_lines(page)[-1] == "Last words"
    assert sorted(log_lines(page)[:2]) == ["At the top", "It was the best of times,\nit was <the> worst."]


def test_cues_stand_where_they_say_and_never_on_the_controls(page: Page, server: Loopback) -> None:
    put(server, FILE, vtt=VTT)
    open_demo(page, server)
    seek(page, 2)
    expect(page.locator(".stage .cue")).to_have_count(2)
    low, high = boxes(page)  # paused: the controls show
    assert high["top"] < 0.1
    assert high["left"] < 0.12
    assert low["bottom"] <= 1 - 70 / 360
    assert abs(low["left"] + low["right"] - 1) < 0.02, "centred"
    page.evaluate("() => { film.controls = false; window.dispatchEvent(new Event('resize')); }")
    page.wait_for_function("() => box('.stage .cue').bottom > box(film).bottom - 30")


def test_a_bar_of_the_page_s_own_is_avoided(page: Page, server: Loopback) -> None:
    put(server, FILE.replace("src=", 'avoid="bar" src=') + '<div id="bar"></div>', vtt=VTT)
    server.pages["demo.css"] += "main{position:relative}"
    server.pages["demo.css"] += (
        "#bar{position:absolute;top:300px;left:0;width:640px;height:140px;background:#333}"
    )
    open_demo(page, server)
    seek(page, 2)
    expect(page.locator(".stage .cue")).to_have_count(2)
    assert page.evaluate("box('.stage .cue').bottom <= box(document.getElementById('bar')).top + 1")


def test_cues_at_one_place_do_not_overlap(page: Page, server: Loopback) -> None:
    vtt = "WEBVTT\n\n" + "".join(f"00:00.000 --> 00:05.000\nCue number {n}\n\n" for n in range(4))
    put(server, FILE, vtt=vtt)
    open_demo(page, server)
    seek(page, 1)
    expect(page.locator(".stage .cue")).to_have_count(4)
    rows = sorted(boxes(page), key=lambda box: box["top"])
    assert [row["text"] for row in rows] == [f"Cue number {n}" for n in range(4)]
    assert all(upper["bottom"] <= lower["top"] + 0.003 for upper, lower in pairwise(rows))


HOSTILE = (
    "<img src=x onerror=window.hit=1>seen",
    "<script>window.hit=1</script>seen",
    "</span><svg onload=window.hit=1>seen",
    '<i.x"onclick=window.hit=1>seen</i>',
    "&lt;img src=x onerror=window.hit=1&gt;seen",
    "<c.a<b>seen",
    "<v <b>seen",
    "</ruby></rt></c>seen",
    "<00:00:01.000>seen<99:99:99>",
    "&#0;&#x110000;&#xd800;seen",
)


def test_text_is_never_markup(page: Page, server: Loopback) -> None:
    vtt = "WEBVTT\n\n" + "".join(f"00:00.000 --> 00:05.000\n{text}\n\n" for text in HOSTILE)
    put(server, FILE, vtt=vtt)
    open_demo(page, server)
    seek(page, 1)
    cues = page.locator(".stage .cue")
    expect(cues).to_have_count(len(HOSTILE))
    assert all("seen" in text for text in cues.all_text_contents())
    assert "<img" in cues.nth(4).inner_text()
    inside = "all('.cue *')"
    assert set(page.evaluate(f"{inside}.map((one) => one.localName)")) <= {
        "span",
        "i",
        "b",
        "u",
        "ruby",
        "rt",
    }
    names = set(page.evaluate(f"{inside}.flatMap((one) => one.getAttributeNames())"))
    assert names <= {"class", "dir", "part", "title", "lang", "data-at"}
    assert page.evaluate("window.hit") is None


def test_the_film_s_own_track_serves_where_no_file_is_named(page: Page, server: Loopback) -> None:
    track = '<track kind="captions" src="film.vtt" srclang="en" label="English" default>'
    put(server, '<accessify-captions id="captions" for="film"></accessify-captions>', vtt=VTT, tracks=track)
    open_demo(page, server)
    seek(page, 4.5)
    expect(page.locator(".stage .cue")).to_have_text("Last words")
    assert page.evaluate("document.getElementById('film').textTracks[0].mode") == "hidden", "not drawn twice"


def test_the_caption_menu_of_the_browser_works_too(page: Page, server: Loopback) -> None:
    put(server, FILE, vtt=VTT)
    open_demo(page, server)
    button = page.get_by_role("button", name="Captions", exact=True)
    expect(button).to_have_attribute("aria-pressed", "true")
    page.evaluate("document.getElementById('film').textTracks[0].mode = 'disabled'")
    expect(button).to_have_attribute("aria-pressed", "false")
    page.evaluate("document.getElementById('film').textTracks[0].mode = 'showing'")
    expect(button).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("document.getElementById('film').textTracks[0].mode") == "hidden"


def test_full_screen_has_captions_and_options(page: Page, server: Loopback) -> None:
    put(server, FILE, vtt=VTT)
    open_demo(page, server)
    seek(page, 2)
    page.locator("h1").click()  # full screen wants a gesture
    page.evaluate("document.getElementById('film').requestFullscreen()")
    page.wait_for_function("() => inside.querySelector('.overlay').matches(':popover-open')")
    expect(page.locator(".stage .cue").first).to_be_visible()
    page.locator("video").focus()
    page.keyboard.press("o")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("slider", name="Text size").fill("200")
    page.get_by_role("button", name="Close").click()
    page.evaluate("document.fullscreenElement && document.exitFullscreen()")
    page.wait_for_function("() => !inside.querySelector('.overlay').hasAttribute('popover')")
    low, _ = boxes(page)
    assert 0 < low["top"] < 1


def test_a_file_that_is_missing_is_told(page: Page, server: Loopback) -> None:
    put(server, FILE.replace("film.vtt", "none.vtt"))
    open_demo(page, server)
    expect(page.get_by_role("status")).to_have_text("The captions could not be loaded")


def test_an_element_that_leaves_and_comes_back_shows_each_cue_once(page: Page, server: Loopback) -> None:
    put(server, FILE, vtt=VTT)
    open_demo(page, server)
    page.evaluate(
        "() => { const [one, at] = [captions, captions.parentNode]; one.remove(); at.append(one); }"
    )
    seek(page, 4.5)
    expect(page.locator(".stage .cue")).to_have_text("Last words")
    assert page.evaluate("document.querySelectorAll('track').length") == 1
    assert log_lines(page) == ["Last words"]


def test_tracks_that_a_streaming_library_adds_later_are_shown(page: Page, server: Loopback) -> None:
    put(server, '<accessify-captions id="captions" for="film"></accessify-captions>')
    open_demo(page, server)
    page.evaluate(
        """() => {
          const track = film.addTextTrack('captions', 'English', 'en');
          track.mode = 'showing';
          track.addCue(new VTTCue(0, 7, 'From the <b>library</b>'));
        }"""
    )
    seek(page, 1)
    expect(page.locator(".stage .cue")).to_have_text("From the library")
    expect(page.get_by_role("button", name="Pause")).to_be_hidden()
    assert page.evaluate("film.textTracks[0].mode") == "hidden"
