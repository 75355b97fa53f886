"""`bookward plan`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING

import rich_click as click

from bookward.cli.command import as_new_option, json_option, limit_option, new_key_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.newkey import goes_on_under_new_key
from bookward.cli.session import Session
from bookward.documents import finding_document, operation_document, plan_document
from bookward.errors import KeyChanged
from bookward.records import REFUSED, SENDING, Operation, OperationKind

if TYPE_CHECKING:
    from bookward.app import Plan


@verb(
    "plan",
    examples=(
        ("plan contacts", "What a run would send now, with old and new values, and what it would cost."),
        ("plan contacts --kind update --limit 0", "All records that would change."),
        ("plan contacts --json --all", "Every operation, for a script."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE, ExitCode.REJECTED, ExitCode.UNSETTLED),
)
@click.argument("sync", metavar="SYNC")
@click.option("--allow-empty", is_flag=True, help="Plan removals even when the model returns no row at all.")
@click.option("--full", is_flag=True, help="Compare every row with the books, changed or not.")
@click.option("--show", "shown", metavar="ID", help='Show this plan, made before; "last" is the newest.')
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([kind.value for kind in OperationKind]),
    metavar="KIND",
    help=f"Show only operations of this kind: {', '.join(OperationKind)}. May be given several times.",
)
@click.option("--all", "everything", is_flag=True, help="Show operations of all kinds, all of them, whole.")
@limit_option(20, "operations, and as many rejected rows")
@new_key_option
@as_new_option
@json_option
@click.pass_obj
def command(
    session: Session,
    sync: str,
    allow_empty: bool,
    full: bool,
    new_key: bool,
    as_new: bool,
    shown: str | None,
    kinds: tuple[str, ...],
    everything: bool,
    limit: int,
) -> ExitCode:
    """Show what a run would do, and what it would cost.

    Reads the model and the books and writes to neither. The plan is kept as a file; `bookward run SYNC
    --plan ID` executes exactly what you have seen, or refuses when the world has moved since.

    When the model's primary key changed, it asks what to do; `--new-key` says it: every row finds its record
    anew by what the sync matches by.
    """
    session.parting = "Nothing was planned."
    with session.app() as app:
        if shown:
            plan = app.open_plan(shown, sync)
            if plan.header.sync != sync:
                raise click.UsageError(f"Plan {shown} is one of sync {plan.header.sync!r}.")
        else:
            make = partial(app.plan, sync, allow_empty=allow_empty, full=full, as_new=as_new)
            plan = _made(session, sync, make, new_key=new_key)
        _show(session, plan, _picked(kinds, everything), None if everything else limit or None)
    if plan.header.operations.get(OperationKind.UNCERTAIN):
        return ExitCode.UNSETTLED
    refused = any(plan.header.operations.get(kind) for kind in REFUSED)
    return ExitCode.REJECTED if refused else ExitCode.OK


def _made(session: Session, sync: str, make: Callable[..., Plan], *, new_key: bool) -> Plan:
    from bookward.cli.watching import watched

    try:
        with watched(session, sync) as on_progress:
            return make(on_progress=on_progress, new_key=new_key)
    except KeyChanged as error:
        if not goes_on_under_new_key(session, error):
            raise
    return _made(session, sync, make, new_key=True)


def _picked(kinds: Collection[str], everything: bool) -> frozenset[OperationKind]:
    if kinds:
        return frozenset(OperationKind(kind) for kind in kinds)
    return frozenset(OperationKind) if everything else SENDING | REFUSED


def _show(session: Session, plan: Plan, kinds: frozenset[OperationKind], limit: int | None) -> None:
    operations = first(plan, kinds - REFUSED, limit)
    rejected = first(plan, kinds & REFUSED, limit)
    how = "--approve" if plan.header.tripped or plan.header.grave else "--plan"
    command_ = session.command("run", plan.header.sync, how, plan.header.id)
    if session.json:
        findings = [finding_document(finding) for finding in islice(plan.findings(), limit)]
        head = {"plan": plan_document(plan), "run_with": command_, "findings": findings}
        shown = chain(operations, rejected)
        session.terminal.stream(head, "operations", (operation_document(each) for each in shown))
        return
    from bookward.cli.render.plan import closing_line, plan_view

    session.terminal.show(
        *plan_view(
            plan,
            list(operations),
            list(rejected),
            all_fields=limit is None,
            findings=list(islice(plan.findings(), limit)),
        ),
        closing_line(plan, command_),
    )


def first(plan: Plan, kinds: Collection[OperationKind], limit: int | None) -> Iterator[Operation]:
    """Yield the first operations of some kinds, all of them where there is no limit."""
    if not kinds:
        return iter(())
    return islice(chain.from_iterable(plan.operations(kinds)), limit)
