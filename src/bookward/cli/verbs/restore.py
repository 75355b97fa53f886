"""`bookward restore`."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from bookward.cli.command import json_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session


@verb(
    "restore",
    examples=(
        ("restore state-2026-11-02.tar.gz", "Puts a backup where no state is."),
        ("restore state-2026-11-02.tar.gz --json", "For a script."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@click.pass_obj
def command(session: Session, file: Path) -> ExitCode:
    """Put back what `bookward backup` wrote.

    Refuses to overwrite a state that is there. What was booked after the backup was made is not lost: the
    next run finds those records in the books and takes them over instead of booking them again.
    """
    with session.app() as app:
        app.restore(file)
    if session.json:
        session.terminal.document({"file": str(file), "restored": True})
    else:
        session.terminal.show(f"Restored from {file}. See what a run would do: `bookward plan SYNC`.")
    return ExitCode.OK
