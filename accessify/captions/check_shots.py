"""Rules of captions at shot changes: on the cut, just before it, or clear of it."""

from __future__ import annotations

from accessify.captions.findings import Breach
from accessify.captions.sheet import Sheet


def reach(sheet: Sheet, rule: str) -> int:
    """Counts of a rule of shot changes, 0 where the profile has none."""
    limit = sheet.limits.get(rule)
    return limit.most if limit else 0


def start_target(sheet: Sheet, start: int) -> int | None:
    """Where a caption that starts at `start` should start because of a shot change, if elsewhere.

    After a cut, within the zone: on the cut. Before it: on the cut when within the snapping
    distance, else clear of the zone (NFLX 360051554394).
    """
    shot = sheet.shot_near(start)
    if shot is None or start == shot:
        return None
    snap, zone = reach(sheet, "shot_snap"), reach(sheet, "shot_zone")
    distance = start - shot
    if -snap <= distance <= snap or 0 < distance < zone:
        return shot
    return shot - zone if -zone < distance < 0 else None


def end_target(sheet: Sheet, end: int) -> int | None:
    """Where a caption that ends at `end` should end because of a shot change, if elsewhere."""
    shot, zone, chain = sheet.shot_near(end), reach(sheet, "shot_zone"), sheet.limits["chain_gap"].aim
    if shot is None or end == shot - chain or abs(end - shot) >= zone:
        return None
    return shot - chain


def shot_start(sheet: Sheet, index: int) -> Breach | None:
    """A caption starts on a shot change or clear of it."""
    entry, grid = sheet.entries[index], sheet.grid
    target = start_target(sheet, entry.start)
    shot = sheet.shot_near(entry.start)
    if target is None or shot is None:
        return None
    side = "after" if entry.start > shot else "before"
    return Breach(
        f"starts {grid.text(abs(entry.start - shot))} {side} a shot change",
        f"at {grid.time(target)}" + (", on the cut" if target == shot else ", clear of the cut"),
        "appears too near to a shot change",
        "leave it where speech runs across the cut; else move it by hand",
    )


def shot_end(sheet: Sheet, index: int) -> Breach | None:
    """A caption ends just before a shot change or clear of it.

    One that is chained to a caption which itself starts at that cut is judged there.
    """
    entry, grid = sheet.entries[index], sheet.grid
    target, shot, after = end_target(sheet, entry.end), sheet.shot_near(entry.end), sheet.after(index)
    if target is None or shot is None:
        return None
    if after is not None and sheet.chained(index) and start_target(sheet, after.start) is not None:
        return None
    if entry.end == shot:
        measured = "ends on a shot change"
    else:
        side = "after" if entry.end > shot else "before"
        measured = f"ends {grid.text(abs(entry.end - shot))} {side} a shot change"
    return Breach(
        measured,
        f"at {grid.time(target)}, just before the cut, or clear of it",
        "disappears too near to a shot change",
        "leave it where speech runs across the cut; else move it by hand",
    )
