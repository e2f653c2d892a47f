"""`accessify sign`: text, captions, notation or landmarks signed by an avatar."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from accessify.avatar.look import CLOTHES, HAIRS, SKINS, Look
from accessify.captions.formats.clock import clock_text
from accessify.cli.counting import counted
from accessify.cli.interrupt import heeded
from accessify.cli.progress import shown
from accessify.core.errors import OptionError
from accessify.core.gloss import Origin
from accessify.core.text import Document
from accessify.core.timeline import Rate, to_seconds
from accessify.delivery.files import read_captions
from accessify.pipelines.figures import FigureOptions
from accessify.pipelines.performance import Performance
from accessify.pipelines.sign import SignOptions, sign, sign_notation, sign_poses, sign_sigml
from accessify.pipelines.sign_files import SIGN_SUFFIXES, write_performance
from accessify.pipelines.sign_film import FilmOptions, parse_size
from accessify.render.signer_place import Wanted

_FILE = click.Path(path_type=Path, dir_okay=False)
_TOLD = {
    Origin.LEXICON: "your lexicon",
    Origin.NOTATION: "notation",
    Origin.SPELLED: "spelled on the hand",
    Origin.MISSING: "no sign: shown as a word",
}


@click.command("sign")
@click.argument("text", required=False)
@click.option("--file", "captions", type=_FILE, help="Captions to sign within their times: .vtt, .srt …")
@click.option("--hamnosys", metavar="STRING", help="A sign in HamNoSys, as characters or names of symbols.")
@click.option("--sigml", type=_FILE, help="Signs in SiGML.")
@click.option("--pose", type=_FILE, help="A file of landmarks: the avatar does what it shows.")
@click.option(
    "--language", default="ase", show_default=True, help="Sign language, ISO 639-3: ase, gsg, csl …"
)
@click.option("--text-language", default="", help="Language of the text. Default: by the sign language.")
@click.option(
    "--lexicon",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of your own signs: .pose, .sigml, HamNoSys in .csv.",
)
@click.option("-o", "--output", type=_FILE, required=True, help=f"File to write: {', '.join(SIGN_SUFFIXES)}.")
@click.option("--size", default="1280x720", show_default=True, help="Width and height; of a film, its own.")
@click.option("--fps", default="25", show_default=True, help="Pictures per second.")
@click.option(
    "--style",
    type=click.Choice(["avatar", "skeleton"]),
    default="avatar",
    show_default=True,
    help="The figure, or its joints, which needs no OpenGL.",
)
@click.option("--background", default="", help="A colour, e.g. #2b3a4a, or transparent (.webm, .mov).")
@click.option("--speed", type=float, default=1.0, show_default=True, help="1 is natural.")
@click.option("--letters", type=float, help="Letters a second in spelling. Default: 3.")
@click.option("--over", type=_FILE, help="A film to put the signer into, its sound kept.")
@click.option("--beside", is_flag=True, help="Beside a smaller picture of the film, not over it.")
@click.option(
    "--side", type=click.Choice(["left", "right"]), default="right", show_default=True, help="In a film."
)
@click.option("--area", type=float, default=1 / 6, help="Share of the film's picture. Default: a sixth.")
@click.option(
    "--words",
    type=click.Choice(["missing", "all", "none"]),
    default="missing",
    show_default=True,
    help="Words shown on the screen: those without a sign, all, none.",
)
@click.option("--no-label", is_flag=True, help="No words in the picture that say it is an avatar; tags do.")
@click.option("--no-mouthing", is_flag=True, help="A still mouth.")
@click.option("--skin", type=click.Choice(list(SKINS)), default="light", show_default=True, help="Its tone.")
@click.option(
    "--hair", type=click.Choice(list(HAIRS)), default="brown", show_default=True, help="Its colour."
)
@click.option("--shirt", type=click.Choice(list(CLOTHES)), help="Default: what hands stand out from.")
@click.option("--figure", type=_FILE, help="A VRM or humanoid .glb of your own instead of our figure.")
@click.option("--offline", is_flag=True, help="Never dial out.")
@click.option(
    "--progress", type=click.Choice(["bar", "json", "none"]), help="Default: bar on a terminal, else none."
)
@click.pass_context
def command(
    ctx: click.Context, /, text: str | None, output: Path, progress: str | None, **given: object
) -> None:
    """Sign TEXT, captions, notation or landmarks with an avatar.

    Words are looked up in your lexicon, then among published signs of that sign language (German only so
    far), else spelled on the hand, else shown as words; each is told. Signed words in the order of the text
    are no translation into a sign language, and an avatar is no interpreter.
    """
    source = _source(text, given)
    film_options = _film_options(given)
    _keep_inputs(output, given)
    try:
        performance, document = _performed(source, given)
        if film_options.over is not None:
            film_options = replace(film_options, captions=document)
        with shown(progress, str(output)) as show, heeded(show) as step:
            written = write_performance(performance, output, film_options, step)
    except KeyboardInterrupt:
        click.echo("accessify: stopped; nothing was written", err=True)
        ctx.exit(130)
    _print(performance.with_notes(written.notes))
    for file in written.files:
        seconds = to_seconds(performance.motion.span.duration)
        click.echo(f"  {file}  {seconds:.1f} s{f', drawn by {written.renderer}' if written.renderer else ''}")


def _keep_inputs(output: Path, given: dict[str, object]) -> None:
    """Raise `OptionError` where the result would be written over what it is made from."""
    for name in ("captions", "sigml", "pose", "over", "figure"):
        path = given.get(name)
        if isinstance(path, Path) and path.exists() and output.exists() and output.samefile(path):
            raise OptionError(f"{output}: that is what is read; give another name with -o")


def _source(text: str | None, given: dict[str, object]) -> str:
    """Which of the five sources is given; exactly one."""
    named = [name for name in ("captions", "hamnosys", "sigml", "pose") if given[name] is not None]
    if text is not None:
        named.append("text")
    if len(named) != 1:
        many = "give only one of" if named else "give something to sign:"
        raise OptionError(f"{many} TEXT, --file, --hamnosys, --sigml or --pose")
    given["text"] = text
    return named[0]


def _performed(source: str, given: dict[str, object]) -> tuple[Performance, Document | None]:
    options = _sign_options(given)
    if source == "text":
        return sign(str(given["text"]), options), None
    if source == "hamnosys":
        return sign_notation(str(given["hamnosys"]), options), None
    path = given[source]
    assert isinstance(path, Path)  # noqa: S101 - for the type checker
    if source == "sigml":
        return sign_sigml(path, options), None
    if source == "pose":
        return sign_poses(path, options), None
    document = read_captions(path)
    return sign(document.cues, options), document


def _sign_options(given: dict[str, object]) -> SignOptions:
    shirt = given["shirt"]
    look = Look(
        skin=SKINS[str(given["skin"])],
        hair=HAIRS[str(given["hair"])],
        shirt=CLOTHES[str(shirt)] if shirt else None,
    )
    try:
        rate = Rate.parse(str(given["fps"]))
    except ValueError as error:
        raise OptionError(f"--fps: {error}") from None
    letters = given["letters"]
    options = SignOptions(
        language=str(given["language"]),
        text_language=str(given["text_language"]),
        lexicon=given["lexicon"],  # type: ignore[arg-type]
        speed=float(str(given["speed"])),
        rate=rate.fps,
        mouthing=not given["no_mouthing"],
        figure=FigureOptions(look, given["figure"]),  # type: ignore[arg-type]
        offline=bool(given["offline"]),
    )
    return options if letters is None else replace(options, letters=float(str(letters)))


def _film_options(given: dict[str, object]) -> FilmOptions:
    return FilmOptions(
        size=parse_size(str(given["size"])),
        style=given["style"],  # type: ignore[arg-type]
        background=str(given["background"]),
        label=not given["no_label"],
        words=given["words"],  # type: ignore[arg-type]
        over=given["over"],  # type: ignore[arg-type]
        place=Wanted(str(given["side"]), float(str(given["area"])), bool(given["beside"])),
    )


def _print(performance: Performance) -> None:
    """Each gloss with its time and where it comes from, then what is not done."""
    width = max((len(gloss.text) for gloss in performance.glosses), default=0)
    for gloss in performance.glosses:
        name = f"  {gloss.name}" if gloss.name != gloss.text else ""
        source = f" ({gloss.source})" if gloss.source else ""
        told = _TOLD[gloss.origin]
        click.echo(f"{clock_text(gloss.span.start)}  {gloss.text:<{width}}  {told}{source}{name}")
    counts = {origin: sum(one.origin is origin for one in performance.glosses) for origin in Origin}
    parts = [f"{count} {_TOLD[origin].split(':')[0]}" for origin, count in counts.items() if count]
    click.echo(f"{counted(len(performance.glosses), 'sign')}: {', '.join(parts)}")
    for note in performance.glosses.notes:
        click.echo(f"  {clock_text(note.span.start)} {note.kind}: {note.text}")
