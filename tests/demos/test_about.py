"""About and limits: models, figures and places of data are told as they are, to everybody."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accessify.hub.catalog import load_catalog
from accessify_app import about
from accessify_app.assets import words_in
from tests.demos.axe import findings
from tests.demos.conftest import AppSite, open_app, settings

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def page(app_page: Page, app_site: AppSite) -> Page:
    open_app(app_page, app_site, "about")
    app_page.reload()  # opened here, not come from another tab
    app_page.wait_for_selector("html[data-ready]")
    app_page.wait_for_selector("#about table")
    return app_page


def test_figures_are_those_of_the_bench_files_with_their_verdicts(page: Page) -> None:
    cards, words, missed = page.locator(".about-pairs > article"), words_in("en"), 0
    assert cards.count() == len(about.CHOSEN)
    for place, bench in enumerate(about.figures()):
        shown_rows = cards.nth(place).locator("tbody tr").all_inner_texts()
        assert len(shown_rows) == len(bench["rows"])
        measured = json.loads((ROOT / "docs" / "benchmarks" / f"{bench['bench']}.json").read_text("utf-8"))
        for row, shown in zip(bench["rows"], shown_rows, strict=True):
            assert str(words[f"about.figure.{row['name']}"]) in shown
            assert f"{measured['figures'][row['name']]:.{row['digits']}f}" in shown
            verdict = {True: "reached", False: "missed", None: ""}[row["reached"]]
            assert verdict in shown
            missed += verdict == "missed"
            assert ("goal" in shown) == (row["goal"] is not None)
            assert row["formula"] == measured["formulas"][row["name"]]
    assert missed  # told, not hidden
    page.locator("#about summary").first.click()
    how = page.locator("#about details").first.inner_text()
    assert "normaliser" in how
    assert "commit" not in how
    commit = json.loads((ROOT / "docs" / "benchmarks" / "captions.json").read_text("utf-8"))["software"][
        "commit"
    ]
    assert commit[:10] in page.inner_text("#about")


def test_models_are_those_of_the_catalogue_and_their_cards(page: Page) -> None:
    catalog = load_catalog()
    shown = page.locator(".about-models > li").all_inner_texts()
    assert len(shown) == len(about.USED) + len(about.SHIPPED) + 1
    for name, text in zip(about.USED, shown, strict=False):
        assert catalog[name].licence in text
        assert catalog[name].sources[0].name.split("-")[0].replace("_", "-") in text
    for name in about.SHIPPED:
        card = (ROOT / "models" / f"{name}.md").read_text("utf-8")
        assert re.search(r"^license: apache-2.0$", card, re.MULTILINE)


def test_what_the_app_tells_is_in_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    for bench in about.CHOSEN:
        assert included[f"docs/benchmarks/{bench}.json"] == f"accessify_app/benchmarks/{bench}.json"


def test_parts_are_reached_by_keyboard(page: Page) -> None:
    button = page.locator("#about nav button", has_text="Figures")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#about-figures")).to_be_focused()
    expect(page.locator("#about-figures")).to_be_in_viewport()


def test_the_lines_for_a_report_can_be_copied(page: Page) -> None:
    lines = page.locator("#about-versions")
    assert re.search(r"^gradio 6\.", lines.input_value(), re.MULTILINE)
    page.locator("#about button", has_text="Copy these lines").click()
    expect(page.locator("#about [role=status]")).to_have_text(re.compile("Copied|selected"))


def test_all_of_it_is_told_in_chinese(page: Page) -> None:
    settings(page, language="zh-Hans")
    expect(page.locator("#about h2")).to_have_text("关于与局限")
    assert "未达到" in page.inner_text("#about")
    english = [
        text for text in page.locator("#about :is(li, dd, th):not([lang=en] *)").all_inner_texts() if text
    ]
    assert [text for text in english if re.fullmatch(r"[A-Za-z ,.]{30,}", text)] == []
    assert findings(page) == []
    settings(page, language="en")


@pytest.mark.parametrize("theme", ["dark", "contrast"])
def test_figures_and_models_are_readable_in_every_theme(page: Page, theme: str) -> None:
    settings(page, theme=theme)
    assert findings(page, "#about") == []
    settings(page, theme="light")


@pytest.mark.parametrize("text_size", ["100", "200"])
def test_figures_with_their_formulas_fit_a_narrow_window(page: Page, text_size: str) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    settings(page, text_size=text_size)
    page.eval_on_selector_all("#about details", "nodes => nodes.forEach((node) => { node.open = true; })")
    wide = page.eval_on_selector_all(
        "#about :not(.visually-hidden, .visually-hidden *)",
        "nodes => nodes.filter((one) => one.getBoundingClientRect().right > 321).map((one) => one.outerHTML)",
    )
    assert wide == []
    settings(page, text_size="100")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_everything_of_the_page_is_removed_when_asked_twice(page: Page, app_site: AppSite) -> None:
    key = page.evaluate("sessionStorage.getItem('accessify-room')")
    folder = app_site.studio.rooms.find(key).folder
    assert folder.exists()
    page.locator("#about button", has_text="Remove everything").click()
    expect(page.locator("#about [role=alert]").last).to_contain_text("for good")
    expect(page.locator("#about button", has_text="Keep it")).to_be_focused()
    page.locator("#about button", has_text="Remove it all").click()
    page.wait_for_function("key => sessionStorage.getItem('accessify-room') !== key", arg=key)
    page.wait_for_selector("html[data-ready]")
    assert not folder.exists()
