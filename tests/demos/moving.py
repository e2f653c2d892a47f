"""What moves by itself: a press that is under way on a button is lost when the button moves away from it."""

from __future__ import annotations

from playwright.sync_api import Page

_WATCH = """() => {
  const places = new Map();
  window.moved = new Set();
  const look = () => {
    for (const one of document.querySelectorAll("button, select, input, textarea, summary, a[href]")) {
      const { left, top, width } = one.getBoundingClientRect();
      const place = [left + scrollX, top + scrollY];
      const [x, y] = places.get(one) ?? place;
      if (width && Math.hypot(place[0] - x, place[1] - y) > 8) window.moved.add(one.textContent || one.id);
      if (width) places.set(one, place);
      else places.delete(one);
    }
    requestAnimationFrame(look);
  };
  look();
}"""


def watch(page: Page) -> None:
    """From now on, look at each picture of the page where its controls are."""
    page.evaluate(_WATCH)


def moved(page: Page) -> list[str]:
    """The controls that moved since `watch`, or since this was last asked; what was hidden did not."""
    names: list[str] = page.evaluate("() => { const all = [...moved]; moved.clear(); return all; }")
    return names
