"""axe-core on a page: what it finds that keeps people out."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.npm import npm_file

GRAVE = frozenset({"serious", "critical"})
_RUN = """async (where) => {
  const found = await axe.run(where ?? document, { resultTypes: ["violations"] });
  return found.violations; // all else is a megabyte of what is well
}"""


def findings(page: Page, *within: str) -> list[str]:
    """Serious and critical findings in what is shown, one line each: rule and element."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=npm_file("axe-core@4.14.1", "axe-core/axe.min.js"))
    where = {"include": [[selector] for selector in within]} if within else None
    return [
        f"{rule['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for rule in page.evaluate(_RUN, where)
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]
