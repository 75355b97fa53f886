"""The command line's top: global options, and a table of verbs that are loaded when they are called."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import rich_click as click

from bookward import __version__
from bookward.cli.backend import Backend
from bookward.cli.border import close_quietly, guarded
from bookward.cli.exitcodes import ExitCode
from bookward.cli.remote.server import server_of
from bookward.cli.session import Session

VERBS = {
    "Start": {
        "init": "Write a commented starter project into a folder.",
        "demo": "Run the demo company: a sample warehouse into a local Xero.",
        "schema": "Write JSON Schemas of the project's files, for editors.",
    },
    "Set up": {
        "check": "Look for everything that is wrong in the project.",
        "tables": "List the tables of a source, with their columns.",
        "preview": "Show the columns and the first rows of a model.",
        "dbt": "List the models that dbt builds, with their keys.",
        "suggest": "Propose which columns of a model become which fields of an object.",
        "connect": "Sign in at a destination.",
        "disconnect": "Sign out of a destination.",
        "secret": "Seal the secrets that the project's files name.",
        "alert": "Show who is told that something is wrong, try it, and silence what is known.",
    },
    "Work": {
        "plan": "Show what a run would do, and what it would cost.",
        "run": "Bring the books up to date.",
        "reconcile": "Compare everything, and find what should not be there.",
        "reset": "Take all rows for synced, and send nothing.",
        "retry": "Let refused rows be sent again.",
        "settle": "Say of uncertain rows whether they are booked.",
        "worker": "Run syncs when their time has come.",
    },
    "Serve": {
        "serve": "Run the server: the REST API of the project.",
        "user": "Say who may sign in at the server.",
    },
    "Keep": {
        "rename": "Give a sync another name; its history comes along.",
        "doctor": "Look over everything, and say what to fix.",
        "repoint": "Move the models of a source to another; what is known of their syncs stays.",
        "backup": "Write Bookward's state into one file.",
        "restore": "Put back what a backup holds.",
        "rotate-key": "Seal everything anew with another key.",
    },
    "Look back": {
        "history": "List the newest runs.",
        "schedule": "Show when syncs run next, and what waits for its turn.",
        "rows": "Show what became of each row of a run, or of a sync.",
        "calls": "Show every API call of a run.",
        "digest": "Tell what was synced lately, what was not and why, and what it cost.",
        "report": "Write what an auditor asks of a run into one HTML file.",
        "log": "List who changed a file of the project, and when.",
    },
}
"""Every verb by its group, with its line in the list; verb ``x-y`` stands in ``bookward.cli.verbs.x_y``."""


_LOOKS = click.RichHelpConfiguration(
    theme="default-slim",
    max_width=100,
    padding_helptext_first_line=(0, 0, 1, 0),
    options_table_help_sections=["help", "default", "required"],
)


class CommandLine(click.RichGroup):
    """The group of all verbs. What it lists are stand-ins; the real ones are imported to be called."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Fill the list from ``VERBS``."""
        super().__init__(*args, **kwargs)
        for group, verbs in VERBS.items():
            for name, line in verbs.items():
                self.add_command(click.RichCommand(name=name, help=line, panel=group))

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        return name, load(name) if name else command, rest

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # caught here, before Click takes it for a failure
            close_quietly()
            ctx.exit(ExitCode.PIPE_CLOSED)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        *_: Any,
        standalone_mode: bool = True,
        obj: Backend | None = None,
        **extra: Any,
    ) -> Any:
        """Run a command line and leave with its exit code.

        Args:
            args: the words; by default those of this process.
            prog_name: as for Click.
            standalone_mode: leave the process; otherwise return the exit code.
            obj: what to work with instead of the real app; for tests.
            **extra: as for Click.
        """
        words = list(sys.argv[1:] if args is None else args)
        session = Session(obj or Backend())
        run = super().main
        code = guarded(
            lambda: run(words, prog_name or "bookward", standalone_mode=False, obj=session, **extra),
            session,
            words,
        )
        if standalone_mode:
            sys.exit(code)
        return code


def load(name: str) -> click.Command:
    """Return a verb, imported."""
    command: click.Command = import_module(f"bookward.cli.verbs.{name.replace('-', '_')}").command
    return command


@click.group(
    "bookward",
    cls=CommandLine,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="`bookward VERB --help` explains a verb, with examples and exit codes.",
)
@click.option(
    "-C",
    "--project",
    envvar="BOOKWARD_PROJECT",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The project folder. [default: BOOKWARD_PROJECT, or this folder]",
)
@click.option(
    "--server",
    envvar="BOOKWARD_SERVER",
    metavar="URL",
    help="Use the project of this server, not a folder: plan, run, retry, check and looking back. "
    "[default: BOOKWARD_SERVER, where no -C is said]",
)
@click.option(
    "--token",
    envvar="BOOKWARD_TOKEN",
    metavar="TOKEN",
    help="The server's token. Others on this machine can read it here: better set BOOKWARD_TOKEN.",
)
@click.option(
    "--token-file",
    envvar="BOOKWARD_TOKEN_FILE",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A file that holds the token. [default: BOOKWARD_TOKEN_FILE]",
)
@click.option("--no-color", is_flag=True, help="No colours; the variable NO_COLOR does the same.")
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.rich_config(help_config=_LOOKS)
@click.pass_context
def command_line(
    context: click.Context,
    project: Path | None,
    server: str | None,
    token: str | None,
    token_file: Path | None,
    no_color: bool,
) -> None:
    """Bring rows from your warehouse into your accounting system: previewed, and booked once.

    A project is a folder: sources and models to read, destinations to write to, and syncs that join them.
    `bookward init my-books` starts one; check, plan and run take it from there.
    """
    session: Session = context.obj
    session.project = project or Path()
    session.project_given = _is_typed(context, "project")
    session.server_given = _is_typed(context, "server")
    if session.project_given and session.server_given:
        raise click.UsageError("-C and --server exclude each other.")
    # What is typed wins over the environment: a folder is not sent to the server of another project.
    session.server = None if session.project_given else server_of(server, token, token_file)
    session.terminal.color = not no_color


def _is_typed(context: click.Context, option: str) -> bool:
    source = context.get_parameter_source(option)
    return source is not None and source.name == "COMMANDLINE"


def main() -> None:
    """Run the command line of this process."""
    command_line.main()
