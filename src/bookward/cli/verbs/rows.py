"""`bookward rows`."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import rich_click as click

from bookward.cli.command import json_option, limit_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session
from bookward.documents import row_document, run_document, sync_row_document
from bookward.records import OutcomeStatus
from bookward.rowstate import WAITING_STATES, RowState

if TYPE_CHECKING:
    from bookward.app import App

_STATUSES = (*(status.value for status in OutcomeStatus), "pending")


@verb(
    "rows",
    examples=(
        ("rows last --rejected", "The rows that the last run could not sync, each with its reason."),
        ("rows contacts --waiting", "The rows of a sync that are not in the books, and when they are tried."),
        ("rows 20261102-09 --search acme --json", "A run by the beginning of its id, for a script."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@click.argument("of", metavar="RUN|SYNC")
@click.option("--rejected", is_flag=True, help="Of a run: short for --status rejected.")
@click.option(
    "--status",
    type=click.Choice(_STATUSES),
    metavar="STATUS",
    help=f"Of a run: show only rows with this outcome: {', '.join(_STATUSES)}.",
)
@click.option("--waiting", is_flag=True, help="Of a sync: show only rows that are not in the books yet.")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in RowState]),
    metavar="STATE",
    help=f"Of a sync: show only rows in this state: {', '.join(RowState)}. May be given several times.",
)
@click.option("--search", metavar="TEXT", default="", help="Show only rows that mention this.")
@limit_option(100, "rows")
@json_option
@click.pass_obj
def command(
    session: Session,
    of: str,
    rejected: bool,
    status: str | None,
    waiting: bool,
    states: tuple[str, ...],
    search: str,
    limit: int,
) -> ExitCode:
    """Show what became of each row of a run, or where the rows of a sync stand.

    RUN is an id, its beginning, or "last"; rows that did not differ from what was accepted before are no
    part of a run and are not listed. SYNC is the name of a sync.
    """
    if waiting and states:
        raise click.UsageError("--waiting and --state exclude each other.")
    if rejected and status not in (None, OutcomeStatus.REJECTED):
        raise click.UsageError(f"--rejected and --status {status} exclude each other.")
    with session.app() as app:
        of_sync = app.has_sync(of)
        if (rejected or status) and of_sync:
            raise click.UsageError(f"{of!r} is a sync: --state and --waiting choose among its rows.")
        if (waiting or states) and not of_sync:
            run = app.find_run(of).id
            raise click.UsageError(f"{run!r} is a run: --status and --rejected choose among its rows.")
        if of_sync:
            _of_sync(session, app, of, WAITING_STATES if waiting else states, search, limit)
        else:
            wanted = OutcomeStatus.REJECTED.value if rejected else status
            _of_run(session, app, of, wanted, search, limit)
    return ExitCode.OK


def _of_run(session: Session, app: App, of: str, status: str | None, search: str, limit: int) -> None:
    run = app.find_run(of)
    if session.json:
        rows = app.rows(run.id, status=status, search=search, limit=limit or None)
        session.terminal.stream({"run": run_document(run)}, "rows", map(row_document, rows))
        return
    from bookward.cli.render.rows import rows_view

    shown = list(app.rows(run.id, status=status, search=search, limit=limit + 1 if limit else None))
    session.terminal.show(*rows_view(run, shown, limit))


def _of_sync(session: Session, app: App, sync: str, states: Collection[str], search: str, limit: int) -> None:
    counts = app.row_counts(sync)
    if session.json:
        rows = app.sync_rows(sync, states=states, search=search, limit=limit or None)
        head = {"sync": sync, "counts": dict(counts)}
        session.terminal.stream(head, "rows", map(sync_row_document, rows))
        return
    from bookward.cli.render.rows import sync_rows_view

    shown = list(app.sync_rows(sync, states=states, search=search, limit=limit + 1 if limit else None))
    retry = session.command("retry", sync)
    none = "Nothing waits." if states == WAITING_STATES and not search else "No such rows."
    session.terminal.show(*sync_rows_view(sync, counts, shown, limit, retry=retry, none=none))
