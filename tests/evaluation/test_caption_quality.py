"""Findings counted by kind, as a person would count them."""

from __future__ import annotations

from accessify.captions.findings import Finding, Severity
from accessify.core.timeline import Span
from accessify.evaluation.caption_quality import caption_quality


def finding(rule: str, *, fixable: bool, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(rule, 1, Span(0, 1), "a", "b", "c", None, fixable, "d", severity)


def test_findings_are_told_apart_by_what_could_be_done() -> None:
    quality = caption_quality(
        50,
        [
            finding("gap", fixable=True),
            finding("gap", fixable=False),
            finding("line-length", fixable=False),
            finding("reading-speed", fixable=True),
            finding("reading-speed", fixable=False),
            finding("reading-speed", fixable=False),
            finding("shot-change", fixable=False, severity=Severity.ADVICE),
        ],
    )
    assert quality.meetable == {"gap": 2, "line-length": 1, "reading-speed": 1}
    assert quality.too_fast == {"reading-speed": 2}
    assert quality.advice == {"shot-change": 1}


def test_no_cues_no_findings() -> None:
    quality = caption_quality(0, [])
    assert (quality.cues, quality.meetable) == (0, {})
