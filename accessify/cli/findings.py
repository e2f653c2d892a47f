"""The report of a check: a page for people, JSON for machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from accessify.captions.check_file import TITLES as FILE_TITLES
from accessify.captions.film import Film
from accessify.captions.film_clock import FilmStart
from accessify.captions.findings import Finding, Severity
from accessify.captions.formats import format_for
from accessify.captions.formats.clock import clock_text
from accessify.captions.frames import Grid
from accessify.captions.judge import RULES
from accessify.captions.rules import COUNTS, Profile
from accessify.cli.counting import counted
from accessify.core.errors import UnknownName
from accessify.core.text import Document
from accessify.core.timecode import frame_timecode
from accessify.core.timeline import to_seconds

SCHEMA, VERSION = "accessify.check", 1
"""Name and version of the JSON; the version grows when a field changes its meaning or goes."""
_LISTED = 10
"""Findings of one rule that the page shows unless all are asked for."""
_TITLES = {**FILE_TITLES, **{rule.name: rule.title for rule in RULES}}
_CLOCKS: dict[str, Callable[[int], str]] = {
    "srt": partial(clock_text, mark=","),
    "ass": partial(clock_text, digits=2, hour_digits=1),
}
"""Format → how its files write times; all others as `00:00:01.500`."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """What `--fix` did."""

    path: Path
    """The file that was written, or would have been had anything changed."""
    changed: int
    """Captions with another text or time."""
    removed: int
    """Captions without text that were taken out."""
    repaired: Counter[str]
    """Rule → findings that are gone."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found, and how it was judged."""

    path: Path
    document: Document
    profile: Profile
    grid: Grid
    basis: str
    """Where the rate comes from, in words."""
    film: Film | None = None
    """What is known of the film; None where only the file's own rate counts, if that."""
    start: FilmStart = field(default_factory=FilmStart)
    """Where the film begins on the captions' clock."""
    findings: tuple[Finding, ...] = ()
    fixed: Fixed | None = None

    @property
    def remarks(self) -> tuple[str, ...]:
        """What reading the file noted, but for what is a finding."""
        return tuple(note.text for note in self.document.cues.notes if note.kind not in _TITLES)

    def clock(self, ticks: int) -> str:
        """A time as the file writes it, so that it can be searched for there."""
        try:
            name = format_for(self.path).name
        except UnknownName:
            name = ""
        return _CLOCKS.get(name, clock_text)(max(0, ticks))

    def timecode(self, ticks: int) -> str | None:
        """A time as timecode, counted from zero where the film has none; None without a rate."""
        if self.grid.rate is None:
            return None
        count = self.grid.count(ticks)
        return self.start.timecode(count, self.grid.rate) or frame_timecode(max(0, count), self.grid.rate)

    def place(self, ticks: int) -> str:
        """Where a finding is, for people: the file's own time, the frame, the timecode of the film."""
        if self.grid.rate is None:
            return self.clock(ticks)
        frame = self.grid.count(ticks)
        timecode = self.start.timecode(frame, self.grid.rate)
        return f"{self.clock(ticks)} (frame {frame}{f', {timecode}' if timecode else ''})"

    @property
    def errors(self) -> int:
        """Findings that fail the check."""
        return sum(finding.severity == Severity.ERROR for finding in self.findings)

    @property
    def advice(self) -> int:
        """Findings that do not."""
        return len(self.findings) - self.errors


def changes(
    before: Document, after: Document, gone: tuple[tuple[Finding, ...], tuple[Finding, ...]], path: Path
) -> Fixed:
    """What a repair changed; `gone` is the findings before and after it."""
    old, new = (
        Counter((cue.span, cue.text, cue.runs) for cue in document.cues) for document in (before, after)
    )
    removed = len(before.cues) - len(after.cues)
    counts = [Counter(finding.rule for finding in findings) for findings in gone]
    return Fixed(path, (new - old).total(), removed, counts[0] - counts[1])


def as_json(report: Report) -> dict[str, Any]:
    """The report for machines; times in seconds and as text."""
    rate, fixed = report.grid.rate, report.fixed
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "file": str(report.path),
        "profile": report.profile.name,
        "counting": COUNTS[report.profile.count],
        "language": report.document.language,
        "rate": {"fps": str(rate.fps), "drop": rate.drop} if rate else None,
        "rate_from": report.basis,
        "start_timecode": report.start.timecode(0, rate) if rate else None,
        "captions": len(report.document.cues),
        "passed": report.errors == 0,
        "errors": report.errors,
        "advice": report.advice,
        "fixable": sum(finding.fixable for finding in report.findings),
        "fixed": None
        if fixed is None
        else {
            "file": str(fixed.path),
            "changed": fixed.changed,
            "removed": fixed.removed,
            "repaired": dict(fixed.repaired),
        },
        "notes": list(report.remarks),
        "findings": [_finding_data(finding, report) for finding in report.findings],
    }


def _finding_data(finding: Finding, report: Report) -> dict[str, Any]:
    span = finding.span
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "cue": finding.cue,
        "start": round(to_seconds(span.start), 6),
        "end": round(to_seconds(span.end), 6),
        "start_time": report.clock(span.start),
        "end_time": report.clock(span.end),
        "start_timecode": report.timecode(span.start),
        "end_timecode": report.timecode(span.end),
        "measured": finding.measured,
        "allowed": finding.allowed,
        "message": finding.message,
        "fix": finding.fix,
        "fixable": finding.fixable,
        "source": finding.source,
    }


def show(report: Report, *, every: bool, width: int | None = None) -> None:
    """Print the page: what was judged, the findings rule by rule, the verdict."""
    console = Console(highlight=False, width=width)
    captions = counted(len(report.document.cues), "caption")
    click.echo(f"{report.path}: {captions}, {report.profile.title}, {report.basis}")
    click.echo(f"counted: {COUNTS[report.profile.count]}")
    for text in report.remarks[:_LISTED]:
        click.echo(f"note: {text}")
    for name, found in _by_rule(report.findings):
        click.echo()
        click.echo(_heading(name, found))
        listed = found if every else found[:_LISTED]
        if console.is_terminal:
            _table(console, listed, report)
        else:
            for finding in listed:
                click.echo("  " + "  ".join(_cells(finding, report)))
        if len(found) > len(listed):
            click.echo(f"  … and {len(found) - len(listed)} more (--all lists them)")
    click.echo()
    for line in _verdict(report):
        click.echo(line)


def _by_rule(findings: Iterable[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.rule, []).append(finding)
    for name in _TITLES:
        if name in groups:
            yield name, groups[name]


def _heading(name: str, found: list[Finding]) -> str:
    parts = [f"{_TITLES[name]} ({name}): {len(found)}"]
    fixable = sum(finding.fixable for finding in found)
    if fixable:
        parts.append(f"{fixable} can be repaired")
    advice = sum(finding.severity == Severity.ADVICE for finding in found)
    if advice:
        parts.append("advice" if advice == len(found) else f"{advice} of them advice")
    return f"{', '.join(parts)}. Rule: {found[0].source}"


def _cells(finding: Finding, report: Report) -> tuple[str, str, str, str]:
    mark = "repair: " if finding.fixable else "by hand: "
    return (
        f"#{finding.cue}" if finding.cue else "file",
        report.place(finding.span.start) if finding.cue else "",
        f"{finding.measured}, should be {finding.allowed}",
        f"{mark}{finding.fix}",
    )


def _table(console: Console, findings: Iterable[Finding], report: Report) -> None:
    table = Table(box=None, show_header=False, pad_edge=True)
    for ratio in (None, None, 3, 2):
        table.add_column(ratio=ratio, no_wrap=ratio is None, overflow="fold")
    for finding in findings:
        number, time, measured, todo = _cells(finding, report)
        style = "green" if finding.fixable else "yellow"
        table.add_row(Text(number, "bold"), Text(time, "cyan"), Text(measured), Text(todo, style))
    console.print(table)


def _verdict(report: Report) -> Iterator[str]:
    fixed = report.fixed
    if fixed is not None:
        yield from _told_fixes(fixed)
    if not report.findings:
        yield "Passed: nothing was found."
        return
    counts = f"{counted(report.errors, 'error')}, {report.advice} advice"
    yield f"{'Failed' if report.errors else 'Passed'}: {counts}."
    fixable = sum(finding.fixable for finding in report.findings)
    if fixable and fixed is None:
        yield f"{fixable} of these can be repaired without changing a word: run the same with --fix."
    elif report.errors:
        yield "What is left needs a person: each line above says what to do."


def _told_fixes(fixed: Fixed) -> Iterator[str]:
    if not (fixed.changed or fixed.removed or fixed.repaired):
        yield "Nothing could be repaired without changing words."
        return
    named = ", ".join(f"{name} {count}" for name, count in fixed.repaired.most_common())
    yield f"Repaired: {named or 'times moved to whole frames'}."
    removed = f", {counted(fixed.removed, 'empty caption')} removed" if fixed.removed else ""
    yield f"{counted(fixed.changed, 'caption')} changed{removed}: {fixed.path}"
