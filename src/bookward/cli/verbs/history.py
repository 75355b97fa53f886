"""`bookward history`."""

from __future__ import annotations

import rich_click as click

from bookward.cli.command import json_option, limit_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session
from bookward.documents import run_document

_ALL = 1_000_000_000


@verb(
    "history",
    examples=(
        ("history", "The newest 20 runs of all syncs."),
        ("history contacts --limit 5", "The newest five of one sync."),
        ("history --json", "The same for a script."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED),
)
@click.argument("sync", metavar="[SYNC]", required=False)
@limit_option(20, "runs")
@json_option
@click.pass_obj
def command(session: Session, sync: str | None, limit: int) -> ExitCode:
    """List the newest runs, newest first, with what came of them.

    "OK" counts the rows that are as they should be in the books, "Bad" those that were rejected or are not
    settled.
    """
    with session.app() as app:
        runs = app.history(sync, limit or _ALL)
    if session.json:
        session.terminal.document({"runs": [run_document(run) for run in runs]})
        return ExitCode.OK
    from bookward.cli.render.runs import history_view

    session.terminal.show(*history_view(runs, session.terminal.out.width))
    return ExitCode.OK
