"""`accessify sample`: the short film that shows what captioning does."""

from __future__ import annotations

from pathlib import Path

import click

from accessify.cli.progress import shown
from accessify.core.errors import OutputError
from accessify.hub.fetch import model_files
from accessify.media.sample import build_sample, is_sample


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("sample.mp4"),
    show_default=True,
    help="The film to write; a folder gets sample.mp4.",
)
@click.option("--force", is_flag=True, help="Build it anew, over whatever is there.")
@click.option("--offline", is_flag=True, help="Never dial out; fail where the speech is missing.")
def command(output: Path, force: bool, offline: bool) -> None:
    """Build the short sample film: real speech over drawn pictures with a timecode.

    A film that is there already, and whole, is kept. Prints the film's path.
    """
    target = output / "sample.mp4" if output.is_dir() else output
    if target.suffix.lower() != ".mp4":
        raise OutputError(f"{target}: the sample film is an MP4; give -o a name that ends in .mp4")
    with shown() as on_progress:
        files = model_files("sample-speech", offline=offline, on_progress=on_progress)
    speech = files["two_cities.wav"]
    if force or not target.exists():
        build_sample(speech, target)
    elif not is_sample(target, speech):
        raise OutputError(
            f"{target}: another file is there; choose another name with -o, or replace it with --force"
        )
    click.echo(str(target))
