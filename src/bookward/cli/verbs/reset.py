"""`bookward reset`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import rich_click as click

from bookward.cli.command import as_new_option, json_option, verb
from bookward.cli.confirming import confirmed
from bookward.cli.exitcodes import ExitCode, code_of_run
from bookward.cli.session import Session
from bookward.documents import run_document
from bookward.records import OperationKind

if TYPE_CHECKING:
    from bookward.app import App, Plan
    from bookward.ports import OnProgress


@verb(
    "reset",
    examples=(
        ("reset contacts", "Shows how many rows would be taken for synced, and asks."),
        ("reset contacts --yes", "Without a question."),
    ),
    exits=(
        ExitCode.OK,
        ExitCode.FAILED,
        ExitCode.USAGE,
        ExitCode.REJECTED,
        ExitCode.UNSETTLED,
        ExitCode.STOPPED,
    ),
)
@click.argument("sync", metavar="SYNC")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_new_option
@json_option
@click.pass_obj
def command(session: Session, sync: str, yes: bool, as_new: bool) -> ExitCode:
    """Take all rows of a sync for synced as they are, and send nothing.

    The model's rows become the baseline that the next run is compared with, whether the books say the same
    or not: the rows are shown as "assumed", never as accepted. Rows that left the model are forgotten, their
    records stay. A row that changes later finds its record by what the sync matches by.

    To compare every row with the books instead, use `bookward run SYNC --full`.
    """
    session.parting = "Nothing was changed."
    with session.app() as app:
        plan = confirmed(session, sync, partial(_plan, app, sync, as_new), asks=_ask, yes=yes)
        report = app.run(sync, plan=plan.header.id, approved=True, as_new=as_new)
    if session.json:
        session.terminal.document({"sync": sync, "run": run_document(report.run)})
    else:
        from bookward.cli.render.runs import run_view

        show = (
            session.command("rows", report.run.id, "--rejected"),
            session.command("rows", sync, "--waiting"),
        )
        session.terminal.show(*run_view(report, *show))
    return code_of_run(report.run.state, report.run.counts)


def _plan(app: App, sync: str, as_new: bool, told: OnProgress) -> Plan:
    return app.plan(sync, told, allow_empty=True, assume=True, as_new=as_new)


def _ask(plan: Plan) -> str:
    assumed = plan.header.operations.get(OperationKind.ASSUME, 0)
    forgotten = plan.header.operations.get(OperationKind.KEEP, 0)
    return f"Take {assumed:,} rows for synced and forget {forgotten:,}, without sending anything"
