"""`bookward rename`."""

from __future__ import annotations

import rich_click as click

from bookward.cli.command import json_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session


@verb(
    "rename",
    examples=(
        ("rename contacts customers", "The file, and everything that is known about the sync."),
        ("rename contacts customers --json", "The same for a script."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@click.argument("sync", metavar="SYNC")
@click.argument("new", metavar="NEW")
@json_option
@click.pass_obj
def command(session: Session, sync: str, new: str) -> ExitCode:
    """Give a sync another name; its history comes along.

    The file in the folder `syncs` is renamed, and what is known about the sync goes over to the new name: its
    rows and their records, its runs with their calls, its plans. So the next run sends nothing anew.

    When the file was renamed by hand or by git, say it here all the same: until then the sync does not run
    under its new name.
    """
    session.parting = "Say it once more; it is done whole or not at all."
    with session.app() as app:
        app.rename(sync, new)
    if session.json:
        session.terminal.document({"sync": new, "was": sync})
        return ExitCode.OK
    from bookward.cli.render.text import prose

    session.terminal.show(prose(f"Sync {sync!r} is {new!r} from now on."))
    return ExitCode.OK
