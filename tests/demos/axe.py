"""axe-core on a page: what it finds that keeps people out."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.npm import npm_file

GRAVE = frozenset({"serious", "critical"})


def findings(page: Page, *within: str) -> list[str]:
    """Serious and critical findings in what is shown, one line each: rule and element."""
    page.add_script_tag(path=npm_file("axe-core@4.11.4", "axe-core/axe.min.js"))
    where = {"include": [[selector] for selector in within]} if within else None
    found = page.evaluate("(where) => where ? axe.run(where) : axe.run()", where)
    return [
        f"{rule['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for rule in found["violations"]
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]
