"""Rules of captions beside the speech they show; silent where no words are known."""

from __future__ import annotations

from accessify.captions.check_shots import end_target, reach
from accessify.captions.findings import Breach
from accessify.captions.sheet import Sheet


def late_start(sheet: Sheet, index: int) -> Breach | None:
    """A caption is there when its first word is heard.

    One that starts on a shot change may be as late as the guide pulls it there.
    """
    entry, grid, limits = sheet.entries[index], sheet.grid, sheet.limits
    if entry.speech is None:
        return None
    late, most = entry.start - entry.speech[0], limits["lag"].most
    if entry.start == sheet.shot_near(entry.start):
        most = max(most, reach(sheet, "shot_snap"))
    if late <= most:
        return None
    return Breach(
        f"{grid.text(late)} after the first word",
        f"at most {grid.text(most)} after it",
        "appears too late",
        "end the caption before it earlier, so that this one may start with its first word",
    )


def early_start(sheet: Sheet, index: int) -> Breach | None:
    """A caption does not give away what is not yet said.

    One on a shot change may be as early as the shot zone, one pulled clear of it as early as that takes.
    """
    entry, grid, limits = sheet.entries[index], sheet.grid, sheet.limits
    if entry.speech is None:
        return None
    early, most = entry.speech[0] - entry.start, limits["lead"].most
    shot, zone = sheet.shot_near(entry.start), reach(sheet, "shot_zone")
    if shot is not None and entry.start == shot:
        most = max(most, zone)
    elif shot is not None and zone and entry.start == shot - zone:
        most += zone - reach(sheet, "shot_snap")
    if early <= most:
        return None
    return Breach(
        f"{grid.text(early)} before the first word",
        f"at most {grid.text(most)} before it",
        "appears before it is said",
        "start it with its first word",
    )


def latest_end(sheet: Sheet, index: int) -> int | None:
    """The latest count at which a caption may end, or None when its words are not known.

    It may stay `linger` after its last word, or until it has its minimum duration and can be read at
    the guide's speed; from there on longer to close a gap that must not stay open, or to end as the
    guide wants it at a shot change.
    """
    entry, limits = sheet.entries[index], sheet.limits
    if entry.speech is None:
        return None
    needed = max(limits["min_duration"].most, entry.saying, entry.reading)
    latest = max(entry.speech[1] + limits["linger"].most, entry.start + needed)
    if sheet.chained(index) and "open_gap" in limits:
        latest += limits["open_gap"].most
    elif _at_shot(sheet, entry.end):
        latest += reach(sheet, "shot_zone")
    return latest


def lingers(sheet: Sheet, index: int) -> Breach | None:
    """A caption goes when its speech has ended."""
    entry, grid, latest = sheet.entries[index], sheet.grid, latest_end(sheet, index)
    if latest is None or entry.speech is None or entry.end <= latest:
        return None
    return Breach(
        f"{grid.text(entry.end - entry.speech[1])} after the last word",
        f"at most {grid.text(max(0, latest - entry.speech[1]))} after it",
        "stays after its speech has ended",
        "end it earlier",
    )


def early_end(sheet: Sheet, index: int) -> Breach | None:
    """A caption stays until its last word is said.

    It may go earlier by what the gap to the next one takes, or to end before a shot change.
    """
    entry, grid, limits = sheet.entries[index], sheet.grid, sheet.limits
    if entry.speech is None:
        return None
    early, most = entry.speech[1] - entry.end, limits["lag"].most
    if sheet.chained(index):
        most += limits["chain_gap"].most
    if _at_shot(sheet, entry.end):
        most += reach(sheet, "shot_snap")
    if early <= most:
        return None
    return Breach(
        f"{grid.text(early)} before its last word ends",
        f"at most {grid.text(most)} before it",
        "goes while it is still being said",
        "let it stay until its last word has ended",
    )


def _at_shot(sheet: Sheet, end: int) -> bool:
    """Whether a caption ends at one of the places that a shot change gives."""
    shot, zone, chain = sheet.shot_near(end), reach(sheet, "shot_zone"), sheet.limits["chain_gap"].aim
    if shot is None or not zone:
        return False
    return end_target(sheet, end) is None and end in (shot - chain, shot + zone)
