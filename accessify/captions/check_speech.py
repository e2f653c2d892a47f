"""Rules of captions beside the speech they show; silent where no words are known."""

from __future__ import annotations

from accessify.captions.check_shots import end_target
from accessify.captions.check_timing import word_counts
from accessify.captions.findings import Breach
from accessify.captions.rules import Length
from accessify.captions.sheet import Sheet

_NONE = Length()


def late_start(sheet: Sheet, index: int) -> Breach | None:
    """A caption is there when its first word is heard.

    One that starts on a shot change may be as late as the guide pulls it there.
    """
    entry, grid, profile = sheet.entries[index], sheet.grid, sheet.profile
    if entry.speech is None:
        return None
    late, most = entry.start - entry.speech[0], grid.most(profile.lag)
    if entry.start == sheet.shot_near(entry.start):
        most = max(most, grid.most(profile.shot_snap or _NONE))
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
    entry, grid, profile = sheet.entries[index], sheet.grid, sheet.profile
    if entry.speech is None:
        return None
    early, most = entry.speech[0] - entry.start, grid.most(profile.lead)
    shot, zone = sheet.shot_near(entry.start), grid.most(profile.shot_zone or _NONE)
    if shot is not None and entry.start == shot:
        most = max(most, zone)
    elif shot is not None and zone and entry.start == shot - zone:
        most += zone - grid.most(profile.shot_snap or _NONE)
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

    It may stay `linger` after its last word; longer to reach its minimum duration, to close a gap
    that must not stay open, and to end as the guide wants it at a shot change.
    """
    entry, grid, profile = sheet.entries[index], sheet.grid, sheet.profile
    if entry.speech is None:
        return None
    latest = entry.speech[1] + grid.most(profile.linger)
    if sheet.chained(index) and profile.open_gap:
        latest += grid.most(profile.open_gap)
    elif _at_shot(sheet, entry.end):
        latest += grid.most(profile.shot_zone or _NONE)
    return max(latest, entry.start + max(grid.most(profile.min_duration), word_counts(sheet, entry)))


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
    entry, grid, profile = sheet.entries[index], sheet.grid, sheet.profile
    if entry.speech is None:
        return None
    early, most = entry.speech[1] - entry.end, grid.most(profile.lag)
    if sheet.chained(index):
        most += grid.most(profile.chain_gap)
    if _at_shot(sheet, entry.end):
        most += grid.most(profile.shot_snap or _NONE)
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
    shot, profile = sheet.shot_near(end), sheet.profile
    if shot is None or not profile.shot_zone:
        return False
    zone, chain = sheet.grid.aim(profile.shot_zone), sheet.grid.aim(profile.chain_gap)
    return end_target(sheet, end) is None and end in (shot - chain, shot + zone)
