"""What was enrolled and read from signing, on the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, TypeVar, cast

import click

from accessify.captions.formats.clock import clock_text
from accessify.cli.counting import counted
from accessify.cli.landmarks import INCOMPLETE
from accessify.core.errors import MediaError
from accessify.core.sign import Letter, Sign
from accessify.core.text import Word
from accessify.core.timeline import Note, Span, Timed, Track
from accessify.pipelines.enrolling import EnrolledClip
from accessify.pipelines.targets import Delivered
from accessify.signs.phrase import UNCLEAR, gloss_of, spell_words

_DEPTH = "assumed"
"""A guess about a landmark file that matters little here."""
_T = TypeVar("_T", bound=Timed)

SUREST = 0.99
"""No machine is surer than this, whatever it computes."""


def print_clip(name: str, clip: EnrolledClip) -> None:
    """One clip that was enrolled, and what may be wrong with it."""
    hand = "left" if clip.reference.clip.mirrored else "right"
    click.echo(f"{name}: enrolled from {clip.source}, {_when(clip.span)}, {hand} hand leads")
    _print_notes(clip.notes)


def print_sign(sign: Sign) -> None:
    """One sign with its time, and how sure it is; of an unknown one what it is likest to."""
    best = sign.best
    if best:
        answer, about = best.gloss or gloss_of(best.name), f"{min(best.confidence, SUREST):4.0%} sure"
        others = [one for one in sign.candidates[1:] if one.confidence >= 0.01]
        about += "".join(f", {one.gloss or gloss_of(one.name)} {one.confidence:.0%}" for one in others)
    else:
        near = sign.candidates[0] if sign.candidates else None
        answer = UNCLEAR
        about = f"unknown, likest to {near.gloss or gloss_of(near.name)}" if near else "unknown"
    click.echo(f"  {_when(sign.span)}  {answer:<12} {about}")


def print_signs(source: str, signs: Track[Sign]) -> None:
    """All signs of a film."""
    known = sum(sign.known for sign in signs)
    unknown = len(signs) - known
    click.echo(f"{source}: {counted(known, 'sign')} found, {unknown} unknown")
    for sign in signs:
        print_sign(sign)
    _print_notes(signs.notes)


def print_letter(letter: Letter) -> None:
    """One letter with its time, and how sure it is."""
    sure = f"{min(letter.candidates[0].confidence, SUREST):4.0%} sure" if letter.text else "unknown"
    click.echo(f"  {_when(letter.span)}  {letter.text or UNCLEAR:<3} {sure}")


def print_letters(source: str, letters: Track[Letter]) -> None:
    """The words spelled in a film, and how sure their least sure letter is."""
    words = spell_words(letters)
    click.echo(f"{source}: {counted(len(letters), 'letter')} in {counted(len(words), 'word')}")
    for word in words:
        _print_word(word)
    _print_notes(letters.notes)


def watched(found: Iterator[_T], show: Callable[[_T], None]) -> Track[_T]:
    """Show each sign or letter as it comes, until the camera ends, fails or Ctrl-C; all of them.

    Raises what the camera raises where nothing was read before.
    """
    events: list[_T] = []
    notes: list[Note] = []
    with closing(cast("Any", found)):
        try:
            for event in found:
                show(event)
                events.append(event)
        except KeyboardInterrupt:
            click.echo("  stopped", err=True)
        except MediaError as error:
            if not events:
                raise
            end = max(event.span.end for event in events)
            notes.append(Note(Span(end, end), "camera-lost", error.message))
            click.echo(f"  camera-lost: {error.message}", err=True)
    return Track.of(events, notes)


def finish(track: Track[Any], delivered: Delivered | None) -> int:
    """Tell what was written; the exit code."""
    for file in delivered.files if delivered else ():
        click.echo(f"  wrote {file}")
    for file in delivered.kept if delivered else ():
        click.echo(f"  kept the captions that were there as {file}")
    if len(track):
        click.echo("  Read by a machine, no translation: let a person who signs check it.")
    return 3 if any(note.kind in INCOMPLETE for note in track.notes) else 0


def _print_word(word: Word) -> None:
    sure = (
        f"least sure letter {min(word.confidence, SUREST):.0%}"
        if word.confidence
        else "with an unknown letter"
    )
    click.echo(f"  {_when(word.span)}  {word.text:<12} {sure}")


def _print_notes(notes: tuple[Note, ...]) -> None:
    for note in notes:
        if note.kind != _DEPTH:  # what it says to do is done by `accessify convert`
            click.echo(f"  {note.kind}: {note.text}")


def _when(span: Span) -> str:
    return f"{clock_text(max(span.start, 0))} – {clock_text(max(span.end, 0))}"
