"""A press on a control that moves away before the release: whatever arrives meanwhile takes none away."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.demos.conftest import AppSite, open_app

_PUSHED = "document.querySelector('#signs .lead').style.paddingBlockEnd = '20rem'"
"""Something arrives above."""
_STATE = """() => {
  const [more, both] = ["#signs details", "#signs [value=both]"].map((one) => document.querySelector(one));
  return [more.open, both.checked];
}"""


@pytest.fixture
def signs(app_page: Page, app_site: AppSite) -> Page:
    app_page.set_viewport_size({"width": 1280, "height": 1600})
    return open_app(app_page, app_site, "signs")


def test_a_press_counts_where_its_control_has_moved(signs: Page) -> None:
    for control in ("#signs summary:has-text('More settings')", "#signs label:has([value=both])"):
        signs.hover(control)
        signs.mouse.down()
        signs.evaluate(_PUSHED)
        signs.mouse.up()
        signs.evaluate("document.querySelector('#signs .lead').style.paddingBlockEnd = ''")
    assert signs.evaluate(_STATE) == [True, True]


def test_a_press_is_taken_back_by_moving_the_pointer_away(signs: Page) -> None:
    before = signs.evaluate(_STATE)
    signs.hover("#signs summary:has-text('More settings')")
    signs.mouse.down()
    signs.mouse.move(1000, 300)
    signs.mouse.up()
    assert signs.evaluate(_STATE) == before
    signs.click("#signs summary:has-text('More settings')")  # once, not twice
    assert signs.evaluate(_STATE) == [not before[0], before[1]]
