"""What a check found: one broken rule of a style guide at one caption."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from accessify.core.timeline import Span


class Severity(StrEnum):
    """Whether a finding fails the check."""

    ERROR = "error"
    """Breaks a rule of the guide: the file is not ready to deliver."""
    ADVICE = "advice"
    """A person should look: a recommendation, or a rule that the film itself makes impossible to keep."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule at one caption, and what to do about it."""

    rule: str
    """Stable kebab-case id, e.g. `reading-speed`."""
    cue: int
    """Number of the caption, from 1, in order of time; 0 for the file as a whole."""
    span: Span
    """Where the caption stands on the clock."""
    measured: str
    """What the caption has, with its unit."""
    allowed: str
    """What the guide asks for, with its unit."""
    message: str
    """One line for people."""
    fix: str | None
    """What repairs it: what `fix()` will do if `fixable`, else what a person may do."""
    fixable: bool
    """Whether `fix()` repairs it without changing a word."""
    source: str
    """Whose rule it is: guide and section."""
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Breach:
    """What one rule says about one caption, before it is known whether it can be repaired."""

    measured: str
    allowed: str
    message: str
    advice: str
    """What a person may do."""
    severity: Severity | None = None
    """Where it differs from the rule's."""
