"""`accessify signs`: enrol signs, find them in films and cameras, read fingerspelling."""

from __future__ import annotations

from pathlib import Path

import click

from accessify.cli.counting import counted
from accessify.cli.interrupt import heeded
from accessify.cli.progress import shown
from accessify.cli.sign_report import print_report
from accessify.cli.sign_results import (
    finish,
    print_clip,
    print_letter,
    print_letters,
    print_sign,
    print_signs,
    watched,
)
from accessify.delivery.sign_book import update_book
from accessify.media.address import is_address
from accessify.media.address import shown as without_password
from accessify.pipelines.enrolling import EnrolOptions, enrol
from accessify.pipelines.landmarks import LandmarkOptions
from accessify.pipelines.recognizing import RecognizeOptions, recognize, sign_book, watch_signs
from accessify.pipelines.sign_captions import (
    Reading,
    deliver_reading,
    gloss_captions,
    require_caption_target,
    spelling_captions,
)
from accessify.pipelines.signing import SigningOptions, is_live
from accessify.pipelines.spelling import SpellingOptions, spell, watch_letters
from accessify.signs.alphabet import alphabet_names, load_alphabet

_BOOK = click.option(
    "--book",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("my.signs"),
    show_default=True,
    help="The sign book.",
)
_MIRRORED = click.option(
    "--mirrored",
    is_flag=True,
    help="The picture is a selfie's: the signer's right hand is on its right. Films and files rarely say so.",
)
_DOMINANT = click.option(
    "--dominant",
    type=click.Choice(["right", "left", "auto"]),
    default="auto",
    show_default=True,
    help="The signer's leading hand; auto takes the one that is seen more often and moves further.",
)
_OUTPUT = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Caption file to write; its ending gives the format: .vtt, .srt, .json, .eaf …",
)
_OFFLINE = click.option("--offline", is_flag=True, help="Never dial out.")
_PROGRESS = click.option(
    "--progress", type=click.Choice(["bar", "json", "none"]), help="Default: bar on a terminal, else none."
)


@click.group()
def command() -> None:
    """Enrol signs, find them in films, read fingerspelling.

    A sign that was enrolled from one clip is found again, in any sign language; what is not enrolled, or not
    clear, is shown as unknown. Names and glosses stand for signs: they are no translation.
    """


@command.command("enrol", short_help="Enrol a sign from one clip or more.")
@click.argument("name")
@click.argument("clips", nargs=-1, required=True, metavar="CLIP…")
@_BOOK
@click.option("--gloss", help="Conventional notation, e.g. HOUSE. Default: the name in capitals.")
@click.option("--language", default="", help="ISO 639-3 code of the sign language, e.g. ase.")
@click.option("--consent", default="", help="What the person shown agreed to, in your words.")
@_MIRRORED
@_DOMINANT
@_OFFLINE
@_PROGRESS
def enrol_sign(
    name: str, clips: tuple[str, ...], book: Path, progress: str | None, **options: object
) -> None:
    """Enrol the sign NAME as each CLIP shows it: films of one sign from rest to rest, or landmark files.

    All clips are enrolled or, where one cannot be, none. A book holds measures of people's bodies and hands:
    ask them first, and say with --consent what they agreed to.
    """
    gloss, language, consent = (options[key] for key in ("gloss", "language", "consent"))
    settings = EnrolOptions(book, gloss, language, consent, _signing(options))  # type: ignore[arg-type]
    with shown(progress, name) as show, heeded(show) as step:
        done = enrol(name, clips, settings, on_progress=step)
    for clip in done.clips:
        print_clip(done.name, clip)
    count = len(done.book.find(done.name).references)
    click.echo(f"  {book} holds {counted(len(done.book), 'sign')}, {counted(count, 'clip')} of {done.name}")
    if not consent:
        click.echo("  no consent is noted; add --consent when the person shown has agreed to something")


@command.command("list")
@_BOOK
def list_signs(book: Path) -> None:
    """List the signs of a book."""
    found = sign_book(book)
    if not len(found):
        click.echo(f"{book}: no sign yet; enrol one: accessify signs enrol NAME CLIP")
    width = max((len(sign.name) for sign in found), default=0)
    for sign in found:
        sources = ", ".join(dict.fromkeys(one.source for one in sign.references))
        about = "  ".join(filter(None, (sign.gloss, sign.language)))
        count = counted(len(sign.references), "clip")
        click.echo(f"{sign.name:<{width}}  {count:>8}  {about + '  ' if about else ''}{sources}")
    silent = len(found.without_consent)
    if silent:
        click.echo(f"{counted(silent, 'clip')} without a note of consent")


@command.command("remove")
@click.argument("name")
@_BOOK
def remove_sign(name: str, book: Path) -> None:
    """Remove the sign NAME and its clips from a book."""
    gone = sign_book(book).find(name)
    left = update_book(book, lambda current: current.without(name), create=False)
    click.echo(f"removed {gone.name} ({counted(len(gone.references), 'clip')}) from {book}")
    click.echo(f"  {counted(len(left), 'sign')} left")


@command.command("report", short_help="Tell which signs look alike, and what differs.")
@_BOOK
def report(book: Path) -> None:
    """Tell which enrolled signs look alike, what differs, and what to do."""
    print_report(book)


@command.command("recognize", short_help="Find enrolled signs in a film, file or camera.")
@click.argument("source")
@_BOOK
@_OUTPUT
@click.option(
    "--false-signs",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.1,
    show_default=True,
    help="Share of signs not enrolled that may be taken for enrolled ones; smaller is stricter.",
)
@_MIRRORED
@_DOMINANT
@_OFFLINE
@_PROGRESS
@click.pass_context
def recognize_signs(
    ctx: click.Context, /, source: str, book: Path, output: Path | None, **options: object
) -> None:
    """Find the signs of a book in SOURCE: a film, a landmark file, or a camera (0, /dev/video0, rtsp://…).

    Of a camera each sign is printed as it ends, until Ctrl-C. Signs that are not enrolled, or not clear
    enough, are shown as (?).
    """
    enrolled = sign_book(book)
    settings = RecognizeOptions(enrolled, float(str(options["false_signs"])), _signing(options))
    if output:
        require_caption_target(output)
    if is_live(source):
        signs = watched(watch_signs(source, settings), print_sign)
    else:
        with shown(_text(options["progress"]), source) as show, heeded(show) as step:
            signs = recognize(source, settings, on_progress=step)
        print_signs(source, signs)
    languages = {sign.language for sign in enrolled}
    signed = languages.pop() if len(languages) == 1 else ""
    reading = Reading(_name(source), f"sign book {book.name}", signed=signed)
    kept = deliver_reading(gloss_captions(signs, reading), source, output) if output else None
    ctx.exit(finish(signs, kept))


@command.command("spell", short_help="Read fingerspelling in a film, file or camera.")
@click.argument("source")
@click.option(
    "--alphabet",
    default="ase",
    show_default=True,
    help=f"Manual alphabet: {', '.join(alphabet_names())}.",
)
@_OUTPUT
@_MIRRORED
@_DOMINANT
@_OFFLINE
@_PROGRESS
@click.pass_context
def spell_words(
    ctx: click.Context, /, source: str, alphabet: str, output: Path | None, **options: object
) -> None:
    """Read fingerspelling in SOURCE: a film, a landmark file, or a camera (0, /dev/video0, rtsp://…).

    Everything in the picture is read as spelling: choose a film, or a part of one, that spells. Letters that
    are not clear enough are shown as (?).
    """
    settings = SpellingOptions(alphabet, signing=_signing(options))
    if output:
        require_caption_target(output)
    if is_live(source):
        letters = watched(watch_letters(source, settings), print_letter)
    else:
        with shown(_text(options["progress"]), source) as show, heeded(show) as step:
            letters = spell(source, settings, on_progress=step)
        print_letters(source, letters)
    known = load_alphabet(alphabet)
    reading = Reading(_name(source), f"letter network {known.name}", signed=known.language)
    kept = deliver_reading(spelling_captions(letters, reading), source, output) if output else None
    ctx.exit(finish(letters, kept))


def _signing(options: dict[str, object]) -> SigningOptions:
    look = LandmarkOptions(face="none", offline=bool(options["offline"]))
    return SigningOptions(bool(options["mirrored"]), options["dominant"], look)  # type: ignore[arg-type]


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _name(source: str) -> str:
    return without_password(source) if is_address(source) else Path(source).name
