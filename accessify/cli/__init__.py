"""The command line: parse, call one function of the library, print.

The only package that prints. Each command is a module here with one `command`; a command is
imported when it is asked for, so that `accessify --help` loads nothing heavy.

Exit codes: 0 done, 1 a check failed, 2 bad input or options, 3 done as far as a damaged file
allowed, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import logging
import os
import sys
from importlib import import_module
from typing import Any

import click

from accessify.core.errors import AccessifyError

COMMANDS = {
    "caption": "Caption films or sound files.",
    "live": "Caption a speaker while they speak.",
    "check": "Check a caption file against a style guide.",
    "convert": "Convert a caption or landmark file to another format.",
    "landmarks": "Find body, hands and face of a signer in a film or camera.",
    "signs": "Enrol signs, find them in films, read fingerspelling.",
    "sign": "Sign text, captions, notation or landmarks with an avatar.",
    "app": "Use all of it in the browser: films, live captions, signs.",
    "serve": "Serve live captions and transcription to players and programs.",
    "models": "List, fetch and verify models.",
    "train": "Train the networks that read signs.",
    "bench": "Measure accuracy and speed on your own data.",
    "sample": "Build the short sample film.",
}
"""Name → one line of help; the module `accessify.cli.NAME` holds it."""


class LazyGroup(click.Group):
    """A group whose commands are imported when used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"accessify.cli.{cmd_name}").command
        assert isinstance(command, click.Command)  # noqa: S101 - for the type checker
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; where the reader of its output went away, e.g. `| head`, end without a fault.

        Caught here because click, further out, would make it exit code 1.
        """
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="accessify")
@click.option("-v", "--verbose", is_flag=True, help="Log what is done.")
def program(verbose: bool) -> None:
    """Captions for films, and signing as landmarks and glosses, made on your own machine."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING, format="%(name)s: %(message)s", force=True
    )


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        code = program.main(standalone_mode=False, prog_name="accessify")
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        code = 2
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except AccessifyError as error:
        click.echo(f"accessify: {error}", err=True)
        code = 2
    except (KeyboardInterrupt, click.Abort):
        code = _stopped()
    except Exception as error:
        if not _means_ctrl_c(error):
            raise
        code = _stopped()
    sys.exit(code if isinstance(code, int) else 0)


def _stopped() -> int:
    click.echo("accessify: stopped; run the same command again to go on", err=True)
    return 130


def _means_ctrl_c(error: BaseException | None) -> bool:
    """Whether Ctrl-C lies behind `error`: packages dress it up when it strikes while they are imported."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None
