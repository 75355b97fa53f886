"""`bookward schedule`."""

from __future__ import annotations

import rich_click as click

from bookward.cli.command import json_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session
from bookward.errors import NameUnknown
from bookward.workdocuments import upcoming_document


@verb(
    "schedule",
    examples=(
        ("schedule", "The next times of every sync, and what waits."),
        ("schedule invoices", "Those of one sync."),
        ("schedule --json", "The same for a script."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@click.argument("sync", metavar="[SYNC]", required=False)
@json_option
@click.pass_obj
def command(session: Session, sync: str | None) -> ExitCode:
    """Show when syncs run next, and what waits for its turn or is under way.

    The times stand in the `schedule` of each sync's file, and count where a worker is up. They are shown in
    the time of this computer.
    """
    with session.app() as app:
        if sync is not None and not app.has_sync(sync):
            raise NameUnknown(f"There is no sync {sync!r}.", remedy="`bookward schedule` lists them.")
        found = [one for one in app.queue.upcoming() if sync in (None, one.sync)]
    if session.json:
        session.terminal.document({"syncs": [upcoming_document(one) for one in found]})
        return ExitCode.OK
    from bookward.cli.render.upcoming import upcoming_view

    session.terminal.show(*upcoming_view(found))
    return ExitCode.OK
