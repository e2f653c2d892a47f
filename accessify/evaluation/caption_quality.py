"""How well composed captions keep the rules of a style guide, by accessify's own check.

findings per 100 cues = 100 × findings / cues, rule by rule, split in three:

- *meetable*: errors that timing and line breaks can avoid without changing a word;
- *too fast*: reading-speed errors that no timing can avoid because people speak that fast: the
  check itself says that it cannot repair them;
- *advice*: what a person should look at, not an error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from accessify.captions.findings import Finding, Severity

SPEED_RULES = frozenset({"reading-speed", "word-rate", "min-word-duration"})
"""Rules about how much text there is for the time: only fewer words help when speech is too fast."""


@dataclass(frozen=True, slots=True)
class CaptionQuality:
    """Findings over some captions, rule → how many."""

    cues: int
    meetable: Mapping[str, int]
    too_fast: Mapping[str, int]
    advice: Mapping[str, int]


def caption_quality(cues: int, findings: Iterable[Finding]) -> CaptionQuality:
    """Counts of `findings` over `cues` captions."""
    groups: dict[str, Counter[str]] = {"meetable": Counter(), "too fast": Counter(), "advice": Counter()}
    for finding in findings:
        groups[_group(finding)][finding.rule] += 1
    ordered = {name: dict(counter.most_common()) for name, counter in groups.items()}
    return CaptionQuality(cues, ordered["meetable"], ordered["too fast"], ordered["advice"])


def _group(finding: Finding) -> str:
    if finding.severity is not Severity.ERROR:
        return "advice"
    return "too fast" if finding.rule in SPEED_RULES and not finding.fixable else "meetable"
