"""What a viewer can set, by keyboard alone, and that it is kept."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.delivery.web.loopback import Loopback, line, tail
from tests.delivery.web.pages import FILE, LIVE, PANE, STARTED, open_demo, put, seek, update

VTT = "WEBVTT\n\n00:00.000 --> 00:07.000\nHow it looks\n"
FOCUSED = "focused()"


@pytest.fixture
def cue(page: Page, server: Loopback) -> Locator:
    """The text of a cue on show."""
    put(server, FILE, vtt=VTT)
    open_demo(page, server)
    seek(page, 1)
    text = page.locator(".stage .cue .text")
    expect(text).to_have_text("How it looks")
    return text


def style(node: Locator, name: str) -> str:
    value: str = node.evaluate("(one, name) => getComputedStyle(one)[name]", name)
    return value


def tab_stops(page: Page, most: int = 60) -> list[str]:
    """Names of what Tab reaches, from where the focus is, until it is there again."""
    stops: list[str] = []
    for _ in range(most):
        name = page.evaluate(FOCUSED)
        if stops and name == stops[0]:
            break
        stops.append(name)
        page.keyboard.press("Tab")
    return stops


def test_every_option_is_seen_at_once(page: Page, cue: Locator) -> None:
    small = float(style(cue, "fontSize")[:-2])
    page.get_by_role("button", name="Caption options").click()
    dialog = page.get_by_role("dialog", name="Caption options")
    sample = dialog.locator(".sample .text")
    dialog.get_by_role("slider", name="Text size").fill("200")
    assert float(style(cue, "fontSize")[:-2]) == pytest.approx(2 * small, rel=0.01)
    dialog.get_by_role("group", name="Text colour").get_by_role("radio", name="Yellow").check()
    dialog.get_by_role("combobox", name="Text opacity").select_option("50")
    dialog.get_by_role("group", name="Background colour").get_by_role("radio", name="Blue").check()
    dialog.get_by_role("combobox", name="Background opacity").select_option("100")
    dialog.get_by_role("group", name="Window colour").get_by_role("radio", name="Red").check()
    dialog.get_by_role("combobox", name="Window opacity").select_option("25")
    dialog.get_by_role("combobox", name="Font").select_option("mono-serif")
    dialog.get_by_role("combobox", name="Text edges").select_option("drop-shadow")
    for text in (cue, sample):
        assert style(text, "color") == "color(srgb 1 1 0 / 0.5)"
        assert style(text, "backgroundColor") == "color(srgb 0 0 1)"
        assert "Courier New" in style(text, "fontFamily")
        assert style(text, "textShadow") != "none"
    assert style(cue.locator(".."), "backgroundColor") == "color(srgb 1 0 0 / 0.25)"
    dialog.get_by_role("button", name="Reset to defaults").click()
    assert float(style(cue, "fontSize")[:-2]) == pytest.approx(small, rel=0.01)
    assert style(cue, "color") == "color(srgb 1 1 1)"


def test_the_regulators_lists_are_complete(page: Page, cue: Locator) -> None:
    page.get_by_role("button", name="Caption options").click()
    for group in ("Text colour", "Background colour", "Window colour"):
        names = (
            page.get_by_role("group", name=group)
            .get_by_role("radio")
            .evaluate_all("all => all.map((one) => one.value)")
        )
        assert sorted(names) == ["Black", "Blue", "Cyan", "Green", "Magenta", "Red", "White", "Yellow"]
    assert page.get_by_role("combobox", name="Font").locator("option").count() == 8
    edges = page.get_by_role("combobox", name="Text edges").locator("option").all_text_contents()
    assert edges == ["None", "Raised", "Depressed", "Outline", "Drop shadow"]
    size = page.get_by_role("slider", name="Text size")
    assert (size.get_attribute("min"), size.get_attribute("max")) == ("50", "200")


def test_choices_are_kept_for_other_pages(page: Page, cue: Locator, server: Loopback) -> None:
    page.get_by_role("button", name="Caption options").click()
    page.get_by_role("slider", name="Text size").fill("150")
    page.get_by_role("group", name="Text colour").get_by_role("radio", name="Cyan").check()
    other = page.context.new_page()
    open_demo(other, server)
    seek(other, 1)
    expect(other.locator(".stage .cue")).to_be_visible()
    assert style(other.locator(".stage .cue .text"), "color") == "color(srgb 0 1 1)"
    page.get_by_role("group", name="Text colour").get_by_role("radio", name="Green").check()
    expect(other.locator(".stage .cue .text")).to_have_css("color", "color(srgb 0 1 0)")


def test_blocked_and_broken_storage_do_no_harm(page: Page, server: Loopback) -> None:
    page.add_init_script(
        """Object.defineProperty(window, 'localStorage', {
          get() { throw new DOMException('', 'SecurityError'); },
        });"""
    )
    put(server, FILE, vtt=VTT)
    open_demo(page, server)
    page.get_by_role("button", name="Captions", exact=True).click()
    expect(page.get_by_role("button", name="Captions", exact=True)).to_have_attribute("aria-pressed", "false")
    other = page.context.browser.new_page() if page.context.browser else page
    stored = '{"size":9000,"color":"url(x)","font":"constructor","on":"x"}'
    other.add_init_script(f"localStorage.setItem('accessify-captions', '{stored}')")
    open_demo(other, server)
    assert other.evaluate("captions.options.size") == 100
    assert other.evaluate("[captions.options.color, captions.options.font, captions.options.on]") == [
        None,
        "default",
        True,
    ]
    other.close()


def test_cues_at_twice_the_size_break_their_lines_anew(page: Page, server: Loopback) -> None:
    text = "It was the best of times and it was\nthe worst of times for everybody"
    put(server, FILE, vtt=VTT.replace("How it looks", text))
    open_demo(page, server)
    seek(page, 1)
    cue = page.locator(".stage .cue")
    expect(cue).to_have_css("white-space", "pre-line")
    page.evaluate("captions.setOptions({ size: 200 })")
    expect(cue).to_have_css("white-space-collapse", "collapse")
    inside = page.evaluate("[box('.cue').left - box(film).left, box(film).right - box('.cue').right]")
    assert min(inside) > 0
    page.evaluate("captions.setOptions({ size: 100 })")
    expect(cue).to_have_css("white-space", "pre-line")


def test_keys_of_the_player(page: Page, cue: Locator) -> None:
    page.locator("video").focus()
    page.keyboard.press("c")
    expect(page.locator(".stage")).to_be_hidden()
    page.keyboard.press("c")
    expect(page.locator(".stage")).to_be_visible()
    page.keyboard.press("o")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate(FOCUSED) == "size"
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("dialog").locator("output")).to_have_text("110 %")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert page.evaluate(FOCUSED) == "film", "the focus is where it was"
    page.locator("h1").evaluate("one => { one.tabIndex = 0; one.focus(); }")
    page.keyboard.press("c")
    expect(page.locator(".stage")).to_be_visible()  # not outside the player


def test_everything_is_reached_by_tab(page: Page, cue: Locator) -> None:
    page.get_by_role("button", name="Captions", exact=True).focus()
    stops = tab_stops(page)
    assert [stop for stop in stops if stop in {"Captions on", "Caption options", "Transcript"}] == [
        "Captions on",
        "Caption options",
        "Transcript",
    ]
    page.get_by_role("button", name="Transcript").press("Enter")
    expect(page.get_by_role("log")).to_have_attribute("tabindex", "0")
    page.get_by_role("button", name="Caption options").press("Enter")
    inside = tab_stops(page)
    assert [
        name
        for name in inside
        if name
        in {"size", "font", "edge", "color", "background", "window", "announce", "Reset to defaults", "Close"}
    ] == [
        "size",
        "font",
        "edge",
        "color",
        "background",
        "window",
        "announce",
        "Reset to defaults",
        "Close",
    ]
    page.get_by_role("group", name="Text colour").get_by_role("radio", name="White").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("captions.options.color") == "Black"
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUSED) == "Caption options"


def test_reading_aloud_can_be_switched_off(page: Page, cue: Locator) -> None:
    page.get_by_role("button", name="Caption options").click()
    page.get_by_role("checkbox").uncheck()
    expect(page.get_by_role("log", include_hidden=True)).to_have_attribute("aria-live", "off")


@pytest.mark.parametrize("look", [{"viewport": {"width": 320, "height": 640}}])
@pytest.mark.parametrize("body", [FILE, LIVE, PANE])
def test_a_narrow_window_and_large_text(page: Page, server: Loopback, body: str) -> None:
    put(server, body, vtt=VTT)
    server.events = [
        STARTED,
        line(1, 1, "Incomprehensibilities and Donaudampfschifffahrtsgesellschaften"),
        tail("so it goes"),
    ]
    open_demo(page, server)
    seek(page, 1)
    if body == PANE:
        update(page, *server.events)
    page.evaluate("captions.setOptions({ size: 200 })")
    page.get_by_role("button", name="Caption options").click()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
    wide = page.evaluate(
        """() => all('dialog, .pane, .line, .cue, .field')
          .filter((one) => one.scrollWidth > one.clientWidth + 1 || box(one).right > 321)
          .map((one) => one.className)"""
    )
    assert wide == []
    small = page.evaluate(
        """() => all('button, select, input')
          .filter((one) => box(one).width && Math.min(box(one).width, box(one).height) < 24)
          .map((one) => one.name || one.textContent)"""
    )
    assert small == [], "targets of 24 by 24 pixels"


@pytest.mark.parametrize(
    "look", [{"forced_colors": "active", "reduced_motion": "reduce", "contrast": "more"}]
)
def test_the_system_s_colours_and_calm(page: Page, cue: Locator) -> None:
    page.evaluate("captions.setOptions({ color: 'Red', background: 'Blue' })")
    canvas = page.evaluate(
        """() => {
          const probe = document.body.appendChild(document.createElement('i'));
          probe.style.color = 'CanvasText';
          return getComputedStyle(probe).color;
        }"""
    )
    assert style(cue, "color") == canvas
    moving = page.evaluate(
        """() => all('*').map((one) => getComputedStyle(one))
          .filter((look) => look.animationName !== 'none' || /[1-9]/.test(look.transitionDuration)).length"""
    )
    assert moving == 0


def test_another_language_is_seen_at_once(page: Page, server: Loopback) -> None:
    put(server, PANE)
    open_demo(page, server)
    update(page, STARTED, line(1, 1, "What was said", closed=True))
    page.get_by_role("button", name="Caption options").click()
    page.get_by_role("group", name="Text colour").get_by_role("radio", name="Yellow").check()
    changes = {
        "options": "Darstellung",
        "colors": {"Yellow": "Gelb"},
        "fonts.casual": "Locker",
        "waiting": {"one": "{n} Zeile wartet", "other": "{n} Zeilen warten"},
        "no.such.words": "nothing",
    }
    page.evaluate("async changes => (await import('./accessify-captions.js')).setText(changes)", changes)
    dialog = page.get_by_role("dialog", name="Darstellung")
    expect(dialog.get_by_role("radio", name="Gelb").first).to_be_checked()
    expect(dialog.locator("#color-name")).to_have_text("Gelb")
    expect(dialog.get_by_role("combobox", name="Font")).to_contain_text("Locker")
    dialog.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Pause").click()
    update(page, line(2, 2, "one", closed=True), line(3, 3, "two", closed=True))
    expect(page.get_by_role("button", name="Resume (2 Zeilen warten)")).to_be_visible()
    expect(page.get_by_role("log")).to_have_text("What was said")
    page.evaluate("async () => (await import('./accessify-captions.js')).setText()")
    expect(page.get_by_role("button", name="Resume (2 lines wait)")).to_be_visible()
    expect(page.get_by_role("button", name="Caption options")).to_be_visible()
