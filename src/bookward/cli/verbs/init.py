"""`bookward init`."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from bookward.cli.command import json_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session


@verb(
    "init",
    examples=(
        ("init my-books", "Writes the starter project into the folder my-books."),
        ("-C my-books check", "Looks whether everything in it is right."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@json_option
@click.pass_obj
def command(session: Session, folder: Path) -> ExitCode:
    """Write a commented starter project into a folder.

    It reads from a sample warehouse, so that it works before you have set up your own; every file says what
    else may stand in it. Nothing is ever overwritten.
    """
    files = session.backend.init(folder)
    if session.json:
        session.terminal.document({"folder": str(folder), "files": [str(file) for file in files]})
        return ExitCode.OK
    from bookward.cli.render.setup import starter_view

    session.terminal.show(*starter_view(folder, files))
    return ExitCode.OK
