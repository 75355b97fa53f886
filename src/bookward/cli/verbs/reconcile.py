"""`bookward reconcile`."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import rich_click as click

from bookward.cli.command import json_option, limit_option, verb
from bookward.cli.exitcodes import ExitCode, code_of_run
from bookward.cli.session import Session
from bookward.cli.verbs.plan import first
from bookward.documents import finding_document, plan_document, run_document
from bookward.records import REFUSED, SENDING, FoundKind, OperationKind

if TYPE_CHECKING:
    from bookward.app import Plan, RunReport
    from bookward.ports import OnProgress

_REMOVABLE = (FoundKind.LEFT_BEHIND.value, FoundKind.TWICE.value)


@verb(
    "reconcile",
    examples=(
        (
            "reconcile invoices --look",
            "Are all rows in the books, and no record too many? Sends nothing.",
        ),
        ("reconcile invoices", "And puts right what differs, after a question."),
        ("reconcile payments --remove twice", "And removes what is booked twice, after a question."),
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
@click.option("--look", is_flag=True, help="Only look: send nothing, and ask nothing.")
@click.option(
    "--remove",
    "remove",
    multiple=True,
    type=click.Choice(_REMOVABLE),
    metavar="KIND",
    help=f"Remove what was found of this kind: {', '.join(_REMOVABLE)}. May be given twice.",
)
@click.option("--allow-empty", is_flag=True, help="Go on even when the model returns no row at all.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@limit_option(20, "findings, operations and rejected rows")
@json_option
@click.pass_obj
def command(
    session: Session, sync: str, look: bool, remove: tuple[str, ...], allow_empty: bool, yes: bool, limit: int
) -> ExitCode:
    """Hold every row against its record, and every record in the books against the rows.

    All rows are compared as by `bookward run SYNC --full`: what differs is sent, and nothing is made twice.
    All live records of the object are read too, each page once, and those that no row accounts for are shown:

    left-behind: the sync had them; their rows left the model, and they were kept.

    twice: they have what tells the record of a row from all others, such as its reference: they are probably
    booked twice.

    unknown: they are of no row of any sync: made by hand, or by others. Only those are meant that have the
    sync's constants, such as its Type.

    Records that may be those of uncertain rows are only counted: `bookward settle SYNC` shows them.

    Nothing is done about them unless `--remove` asks for it: then those of that kind are removed in the way
    that the sync's `on_removal` says. What is unknown is never removed. It asks before anything that is there
    is changed or removed; the guards hold. The report stays with the plan: `bookward plan SYNC --show ID`.
    """
    from bookward.cli.confirming import changing, confirmed
    from bookward.cli.watching import watched

    def make(told: OnProgress) -> Plan:
        return app.plan(sync, told, allow_empty=allow_empty, reconcile=True, remove=remove)

    session.parting = "Nothing was sent."
    with session.app() as app:
        if look:
            with watched(session, sync) as on_progress:
                plan = make(on_progress)
            _show(session, plan, None, limit)
            return _code_of(plan)
        plan = confirmed(session, sync, make, asks=changing, yes=yes)
        session.parting = "The next run settles what was sent."
        with watched(session, sync) as on_progress:
            report = app.run(sync, on_progress, plan=plan.header.id, confirmed=True)
    _show(session, plan, report, limit)
    return code_of_run(report.run.state, report.run.counts)


def _code_of(plan: Plan) -> ExitCode:
    if plan.header.operations.get(OperationKind.UNCERTAIN):
        return ExitCode.UNSETTLED
    return ExitCode.REJECTED if any(map(plan.header.operations.get, REFUSED)) else ExitCode.OK


def _show(session: Session, plan: Plan, report: RunReport | None, limit: int) -> None:
    if session.json:
        head = {"plan": plan_document(plan), "run": run_document(report.run) if report else None}
        session.terminal.stream(head, "findings", map(finding_document, plan.findings()))
        return
    from bookward.cli.render.plan import plan_view

    operations, refused = (list(first(plan, kinds, limit or None)) for kinds in (SENDING, REFUSED))
    findings = list(islice(plan.findings(), limit or None))
    session.terminal.show(*plan_view(plan, operations, refused, all_fields=False, findings=findings))
    if report is not None:
        from bookward.cli.render.runs import run_view

        rejected = session.command("rows", report.run.id, "--rejected")
        waiting = session.command("rows", plan.header.sync, "--waiting")
        session.terminal.show(*run_view(report, rejected, waiting), "")
