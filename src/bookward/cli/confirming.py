"""A plan that is shown and confirmed before it is executed."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING

import rich_click as click

from bookward.cli.session import Session
from bookward.cli.stopping import asking
from bookward.cli.terminal import is_interactive
from bookward.cli.watching import watched
from bookward.records import SENDING, OperationKind

if TYPE_CHECKING:
    from bookward.app import Plan
    from bookward.ports import OnProgress

_FINDINGS = 20  # shown with the question


def confirmed(
    session: Session,
    sync: str,
    make: Callable[[OnProgress], Plan],
    *,
    asks: Callable[[Plan], str],
    yes: bool,
) -> Plan:
    """Make a plan, and return it once a person has agreed to it.

    Args:
        session: where it is shown.
        sync: whose plan it is.
        make: makes it.
        asks: returns what to ask about it, nothing where nobody has to be asked.
        yes: nobody wants to be asked.

    Raises:
        click.Abort: the person does not want it.
    """
    if not yes and (session.json or not is_interactive()):
        raise click.UsageError("Nobody is there to be asked: say --yes.")
    with watched(session, sync) as on_progress:
        plan = make(on_progress)
    question = asks(plan)
    if question and not yes:
        from bookward.cli.render.plan import plan_view

        shown = list(islice(plan.findings(), _FINDINGS))
        session.terminal.tell(*plan_view(plan, [], [], all_fields=False, findings=shown))
        with asking():
            click.confirm(question, abort=True, err=True)
    return plan


def changing(plan: Plan) -> str:
    """Return the question whether a plan may change what is in the books, nothing where it does not.

    Of records that no row accounts for, it says what they come to.
    """
    kinds = {kind: plan.header.operations.get(kind, 0) for kind in SENDING - {OperationKind.INSERT}}
    said = ", ".join(f"{kind} {n:,}" for kind, n in sorted(kinds.items()) if n)
    if not said:
        return ""
    found = plan.header.reconciled.found if plan.header.reconciled else {}
    removing = plan.header.reconciled.removing if plan.header.reconciled else ()
    from bookward.cli.render.text import money

    going = [
        f"{found[kind].records:,} {kind}{f' over {money(found[kind].sums)}' if found[kind].sums else ''}"
        for kind in removing
        if kind in found
    ]
    too_many = f" (too many: {', '.join(going)})" if going else ""
    return f"Go on and {said} records that are in the books{too_many}"
