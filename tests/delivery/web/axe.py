"""axe-core, installed once by npm below `build/`, run inside a page."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.npm import npm_file

_PACKAGE, _SCRIPT = "axe-core@4.14.1", "axe-core/axe.min.js"


def grave(page: Page) -> list[str]:
    """Serious and critical findings, one line each; skips the test where there is no axe-core."""
    script = npm_file(_PACKAGE, _SCRIPT)
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(script.read_text("utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    report: dict[str, Any] = page.evaluate(
        "tags => axe.run(document, { runOnly: tags, resultTypes: ['violations'] })", tags
    )
    return [
        f"{one['impact']} {one['id']}: {node['target']} {node['failureSummary']}"
        for one in report["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]
