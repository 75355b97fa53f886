"""A plan that is shown and confirmed before it is executed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import rich_click as click

from bookward.cli.session import Session
from bookward.cli.terminal import is_interactive
from bookward.cli.watching import watched

if TYPE_CHECKING:
    from bookward.app import Plan
    from bookward.ports import OnProgress


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

        session.terminal.tell(*plan_view(plan, [], [], all_fields=False))
        click.confirm(question, abort=True, err=True)
    return plan
