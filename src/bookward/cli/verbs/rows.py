"""`bookward rows`."""

from __future__ import annotations

import rich_click as click

from bookward.cli.command import json_option, limit_option, run_argument, verb
from bookward.cli.documents import row_document, run_document
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session
from bookward.records import OutcomeStatus

_STATUSES = (*(status.value for status in OutcomeStatus), "pending")


@verb(
    "rows",
    examples=(
        ("rows last --rejected", "The rows that the last run could not sync, each with its reason."),
        ("rows last --search acme", "The rows whose key, record or reason contains a text."),
        ("rows 20261102-09 --status uncertain --json", "A run by the beginning of its id, for a script."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@run_argument
@click.option("--rejected", is_flag=True, help="Short for --status rejected.")
@click.option(
    "--status",
    type=click.Choice(_STATUSES),
    metavar="STATUS",
    help=f"Show only rows with this outcome: {', '.join(_STATUSES)}.",
)
@click.option("--search", metavar="TEXT", default="", help="Show only rows that mention this.")
@limit_option(100, "rows")
@json_option
@click.pass_obj
def command(
    session: Session, run: str, rejected: bool, status: str | None, search: str, limit: int
) -> ExitCode:
    """Show what became of each row of a run.

    RUN is an id, its beginning, or "last". Rows that did not differ from what was accepted before are no
    part of a run and are not listed.
    """
    if rejected and status not in (None, OutcomeStatus.REJECTED):
        raise click.UsageError(f"--rejected and --status {status} exclude each other.")
    with session.app() as app:
        found = app.find_run(run)
        wanted = OutcomeStatus.REJECTED.value if rejected else status
        if session.json:
            rows = app.rows(found.id, status=wanted, search=search, limit=limit or None)
            session.terminal.stream({"run": run_document(found)}, "rows", (row_document(row) for row in rows))
            return ExitCode.OK
        shown = list(app.rows(found.id, status=wanted, search=search, limit=limit + 1 if limit else None))
    from bookward.cli.render.rows import rows_view

    session.terminal.show(*rows_view(found, shown, limit))
    return ExitCode.OK
