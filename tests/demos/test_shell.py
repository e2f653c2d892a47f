"""The page around the tabs: keyboard, languages, themes, sizes, connection, and what it lets through."""

from __future__ import annotations

import json
import re
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from accessify.server.jobs import Report
from accessify_app.app import TABS
from accessify_app.assets import LANGUAGES, words_in
from accessify_app.panels import answered
from tests.demos.axe import findings
from tests.demos.conftest import AppSite, open_app, settings
from tests.server.chromium import browser_page, in_a_thread_of_its_own

WEB = Path(__file__).parents[2] / "demos" / "accessify_app" / "web"
THEMES = ("light", "dark", "contrast")


def test_tabs_are_worked_by_keyboard_and_kept(app_page: Page, app_site: AppSite) -> None:
    open_app(app_page, app_site)
    app_page.focus("#tab-film")
    seen = []
    for key in ("ArrowRight", "ArrowRight", "End", "ArrowRight", "ArrowLeft", "Home"):
        app_page.keyboard.press(key)
        seen.append(app_page.evaluate("document.activeElement.dataset.tab"))
        shown = app_page.eval_on_selector_all(".panel:not([hidden])", "nodes => nodes.map((node) => node.id)")
        assert shown == [seen[-1]]
        assert app_page.evaluate("location.hash") == f"#{seen[-1]}"
    assert seen == ["live", "signs", "about", "film", "about", "film"]
    app_page.keyboard.press("ArrowRight")
    app_page.reload()
    app_page.wait_for_selector("html[data-ready]")
    assert app_page.get_attribute("[role=tab][aria-selected=true]", "data-tab") == "live"
    assert "Live captions" in app_page.title()


def test_tabs_are_steps_of_the_browser_s_history(app_page: Page, app_site: AppSite) -> None:
    open_app(app_page, app_site)

    def opens(tab: str) -> None:
        app_page.wait_for_selector(f"#tab-{tab}[aria-selected=true]")

    def focus() -> str:
        return str(app_page.evaluate("document.activeElement.id"))

    app_page.click("#tab-signs")
    app_page.focus("#tab-signs")
    for key in ("ArrowRight", "ArrowRight"):  # one walk, one step
        app_page.keyboard.press(key)
    opens("about")
    app_page.go_back()
    opens("signs")
    assert focus() == "tab-signs"
    app_page.locator("#signs input:visible").first.focus()
    app_page.go_back()
    opens("film")
    assert focus() == "tab-film", "not lost with the panel that is hidden"
    assert app_page.title().startswith("Caption a film")
    app_page.go_forward()
    opens("signs")
    app_page.reload()
    app_page.wait_for_selector("html[data-ready]")
    opens("signs")
    app_page.go_back()
    opens("film")


@in_a_thread_of_its_own
def test_a_chinese_browser_gets_chinese_and_may_choose(app_site: AppSite) -> None:
    with browser_page(locale="zh-CN") as page:
        open_app(page, app_site)
        assert page.get_attribute("html", "lang") == "zh-Hans"
        assert page.inner_text("#tab-live") == "实时字幕"
        settings(page, language="en")
        assert page.inner_text("#tab-live") == "Live captions"
        page.reload()
        page.wait_for_selector("html[data-ready]")
        assert page.inner_text("#tab-live") == "Live captions"


def _placeholders(value: Any) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", json.dumps(value)))


def _is_chinese(value: Any) -> bool:
    return re.search(r"[\u3000-\u303f\u4e00-\u9fff]", json.dumps(value, ensure_ascii=False)) is not None


def test_all_words_are_there_in_both_languages() -> None:
    english, chinese = (words_in(language) for language in LANGUAGES)
    assert english.keys() == chinese.keys()
    for key, text in english.items():
        assert _placeholders(text) == _placeholders(chinese[key]), key
        assert text, key
        is_word = re.search(r"[a-z]{3}", re.sub(r"\{\w+\}|[A-Z]\w+", "", json.dumps(text)))
        assert not is_word or _is_chinese(chinese[key]) or chinese[key] == text, key
    parts = {path.name.partition(".")[0] for path in (WEB / "text").glob("*.json")}
    for part in parts - {"player"}:
        for language in LANGUAGES:
            assert (WEB / "text" / f"{part}.{language}.json").exists()


def test_modules_ask_for_no_word_that_is_missing() -> None:
    known = words_in("en")
    asked = re.compile(r"""(?:\bt\(|data-t(?:-\w+)?"?[:=]\s*|[{ ]t: )["']([a-z][\w-]*\.[\w.-]+)["']""")
    for path in (*WEB.glob("*.js"), *WEB.glob("*.html")):
        for key in asked.findall(path.read_text("utf-8")):
            assert key in known, f"{path.name}: {key}"


@pytest.mark.parametrize("theme", THEMES)
def test_no_tab_keeps_anybody_out(app_page: Page, app_site: AppSite, theme: str) -> None:
    open_app(app_page, app_site)
    settings(app_page, theme=theme)
    for tab in TABS:
        app_page.click(f"#tab-{tab}")
        assert findings(app_page) == [], tab
        if theme == "contrast":
            assert faint(app_page) == [], tab
    settings(app_page, theme="system")


def faint(page: Page) -> list[str]:
    """Text below 7:1 (WCAG 2.2, 1.4.6)."""
    found = page.evaluate(
        "axe.run({runOnly: ['color-contrast-enhanced'], rules: {'color-contrast-enhanced': {enabled: true}}})"
    )
    return [node["html"][:160] for rule in found["violations"] for node in rule["nodes"]]


@pytest.mark.parametrize(
    ("width", "text_size"),
    [(320, "100"), (320, "200"), (640, "200"), (1280, "200")],
    ids=["narrow", "narrow and large", "zoomed", "large"],
)
def test_every_tab_reflows(app_page: Page, app_site: AppSite, width: int, text_size: str) -> None:
    """WCAG 2.2, 1.4.10: nothing is wider than the window; 640 CSS pixels are 1280 at 200 %."""
    open_app(app_page, app_site)
    app_page.set_viewport_size({"width": width, "height": 800})
    settings(app_page, text_size=text_size)
    for tab in TABS:
        app_page.click(f"#tab-{tab}")
        over = app_page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, f"{tab}: {over} px too wide"
    settings(app_page, text_size="100")
    app_page.set_viewport_size({"width": 1280, "height": 900})


def test_nothing_moves_for_who_asks_for_rest(app_page: Page, app_site: AppSite) -> None:
    app_page.emulate_media(reduced_motion="reduce")
    open_app(app_page, app_site)
    for tab in TABS:
        app_page.click(f"#tab-{tab}")
        assert (
            app_page.evaluate("document.getAnimations().filter((one) => one.playState === 'running').length")
            == 0
        )
    app_page.emulate_media(reduced_motion="no-preference")


def test_the_page_tells_that_the_connection_is_lost_and_back(app_page: Page, app_site: AppSite) -> None:
    open_app(app_page, app_site)
    address = re.compile(r"/rooms/[^/]+/events")
    app_page.route(address, lambda route: route.abort())
    app_page.reload()
    app_page.wait_for_selector(".connection:has-text('connection to accessify is lost')")
    app_page.unroute(address)
    app_page.wait_for_function("document.querySelector('.connection').textContent === ''")


def test_an_answer_that_never_comes_is_told(app_page: Page, app_site: AppSite) -> None:
    assert app_page.context.browser
    page = open_app(app_page.context.browser.new_page(locale="en"), app_site)
    page.clock.install()
    page.route("**/component_server/", lambda route: None)  # nobody answers
    with page.expect_request("**/component_server/"):
        page.get_by_role("button", name="sample").click()
    page.clock.run_for(25_000)
    problem = page.locator("#film .film-start > .problem")
    assert not problem.is_visible()
    page.clock.run_for(10_000)
    assert "accessify does not answer" in problem.inner_text()
    page.close()


UPLOAD = """async (given) => {
  const { room } = await import(new URL('web/room.js', document.baseURI));
  const file = new File([new Uint8Array(9_000_000)], 'film.mp4');
  const [usual, log, name] = [fetch, [], `film-${given.length}.mp4`];
  await room.ready;
  globalThis.fetch = async (url, options) => {
    const wrong = options?.method === 'PUT' && given.shift();
    if (options?.method === 'PUT') log.push(Number(new URL(url).searchParams.get('at')));
    const answer = await usual(url, options);
    if (wrong === 'lost') throw new TypeError('Failed to fetch');
    const problem = { code: wrong, text: '', data: {} };
    return wrong ? new Response(JSON.stringify({ problem }), { status: 409 }) : answer;
  };
  try {
    await room.upload(file, name);
    return [log, (await room.state()).files];
  } catch (error) {
    return [log, error.code];
  } finally {
    globalThis.fetch = usual;
  }
}"""


def test_an_upload_goes_on_whatever_is_lost(app_page: Page, app_site: AppSite) -> None:
    open_app(app_page, app_site)
    log, files = app_page.evaluate(UPLOAD, ["", "lost"])
    assert log == [0, 8 << 20, 8 << 20], "the answer to the last piece"
    assert files["film-2.mp4"]["received"] == 9_000_000
    log, files = app_page.evaluate(UPLOAD, ["stalled", "", ""])
    assert files["film-3.mp4"]["received"] == 9_000_000
    assert app_page.evaluate(UPLOAD, ["upload-replaced"]) == [[0], "upload-replaced"], "nobody asks for ever"


JOB = """async (rows) => {
  const { JobView } = await import(new URL('web/job.js', document.baseURI));
  const told = [];
  const heard = (name) => ({ status }) => told.push(`${name}:${status}`);
  const view = new JobView({ kind: 'test', onStart: heard('start'), onDone: heard('done') });
  const [left, said] = [view.node.querySelector('.hint'), view.node.querySelector('[role=status]')];
  const shown = rows.map((row) => {
    said.textContent = '';
    view.take({ id: 'a', kind: 'test', ahead: 0, wait: null, ...row });
    return [left.textContent, said.textContent !== ''];
  });
  return [shown, told];
}"""


@pytest.mark.parametrize(
    ("language", "waits"),
    [
        ("en", ["2 before you", "2 before you, about 3 minutes", "1 before you, about 20 seconds"]),
        ("zh-Hans", ["前面还有 2 项", "前面还有 2 项，大约等候 3 分钟", "前面还有 1 项，大约等候 20 秒"]),
    ],
)
def test_who_waits_is_told_how_long_and_once(
    app_page: Page, app_site: AppSite, language: str, waits: list[str]
) -> None:
    open_app(app_page, app_site)
    settings(app_page, language=language)
    queued: list[dict[str, Any]] = [
        {"status": "queued", "ahead": 2},
        {"status": "queued", "ahead": 2, "wait": 180},
        {"status": "queued", "ahead": 1, "wait": 20},
        {"status": "queued"},
    ]
    late = [{"status": "done"}, {"status": "running"}]  # an answer that was sent before overtakes nothing
    shown, told = app_page.evaluate(JOB, [*queued, *late])
    assert [text for text, _ in shown[:4]] == [*waits, ""]
    assert [said for _, said in shown[:4]] == [True, False, True, True], "read aloud when the place changes"
    assert told == ["start:queued", "done:done"]
    settings(app_page, language="en")


def test_a_job_ends_with_its_room(app_page: Page, app_site: AppSite) -> None:
    """As where the server is started anew: nothing is waited for that is not there any more."""
    open_app(app_page, app_site)
    room = app_site.studio.rooms.find(app_page.evaluate("sessionStorage.getItem('accessify-room')"))
    gone = threading.Event()

    def work(report: Report) -> dict[str, Any]:
        report.stage("transcribe")
        while not gone.wait(0.01):
            report.check()
        return {}

    app_site.studio.jobs.submit(room, "film", "caption", work)
    cancel = app_page.get_by_role("button", name="Cancel")
    cancel.wait_for()
    problem = {"code": "too-many", "text": "", "data": {}}
    app_page.route(
        re.compile(r"/rooms$"), lambda route: route.fulfill(status=429, json={"problem": problem}), times=1
    )
    app_site.studio.rooms.remove(room)
    cancel.wait_for(state="hidden")
    assert app_page.get_by_text("accessify was started anew").is_visible()
    app_page.locator("#film .drop").first.wait_for()
    gone.set()


def test_words_that_do_not_come_are_asked_for_again(app_page: Page, app_site: AppSite) -> None:
    assert app_page.context.browser
    page = app_page.context.browser.new_page(locale="en")
    page.route("**/web/words.*.json", lambda route: route.fulfill(status=503, json={"error": {}}), times=1)
    open_app(page, app_site)
    assert page.inner_text("#tab-live") == "Live captions"
    page.close()


def test_a_file_dropped_beside_its_place_does_not_lead_away(app_page: Page, app_site: AppSite) -> None:
    dropped = """file => {
      const data = new DataTransfer();
      if (file) data.items.add(new File(["x"], "film.mp4")); else data.setData("text/plain", "words");
      const drop = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
      document.querySelector("h2").dispatchEvent(drop);
      return drop.defaultPrevented;
    }"""
    page = open_app(app_page, app_site)
    assert page.evaluate(dropped, True)
    assert not page.evaluate(dropped, False)  # words may be dragged into fields


def test_rooms_are_private(app_page: Page, app_site: AppSite) -> None:
    open_app(app_page, app_site)
    mine = app_page.evaluate("sessionStorage.getItem('accessify-room')")
    assert len(mine) >= 32
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{app_site.address}/rooms/{mine[:-1]}x")
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{app_site.address}/rooms")


@pytest.mark.parametrize(
    "path", ["/gradio_api/upload", "/gradio_api/file=/etc/passwd", "/gradio_api/proxy=x"]
)
def test_doors_of_gradio_that_nobody_needs_are_closed(app_site: AppSite, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(app_site.address + path)


def test_the_page_may_connect_to_its_server_only(app_site: AppSite) -> None:
    with urllib.request.urlopen(app_site.address) as answer:
        policy = answer.headers["content-security-policy"]
        assert "connect-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        text = answer.read().decode()
    assert not re.findall(r"""<(?:script|link|img)[^>]+(?:src|href)=["']https?:""", text)


def test_what_a_callback_forgot_is_told_without_secrets(app_site: AppSite) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("/secret/path")

    room = app_site.studio.rooms.open()
    request = {"callback": "broken", "key": room.key, "args": []}
    told = answered({"broken": broken}, app_site.studio, request)
    assert told["problem"]["code"] == "failed"
    assert "secret" not in json.dumps(told)
    for wrong in ({}, request | {"callback": "other"}, request | {"args": "x"}, None):
        assert answered({"broken": broken}, app_site.studio, wrong)["problem"]["code"] == "bad-request"
    gone = answered({"broken": broken}, app_site.studio, request | {"key": "x" * 43})
    assert gone["problem"]["code"] == "no-room"
