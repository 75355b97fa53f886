"""A model whose primary key changed: the person is asked what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from bookward.cli.session import Session
from bookward.cli.stopping import asking
from bookward.cli.terminal import is_interactive
from bookward.errors import KeyChanged
from bookward.records import OperationKind

if TYPE_CHECKING:
    from bookward.app import Plan

_GO_ON, _STOP = "a", "b"
_TAKES = {
    OperationKind.ADOPT: "adopt",
    OperationKind.UPDATE: "update",
    OperationKind.REPLACE: "replace",
    OperationKind.INSERT: "insert",
}


def goes_on_under_new_key(session: Session, error: KeyChanged) -> bool:
    """Ask whether to go on under the new key; where nobody can be asked, the answer is no.

    So it is with ``--server``, which takes no ``--new-key``.
    """
    if session.json or session.server is not None or not is_interactive():
        return False
    from bookward.cli.render.text import prose

    session.terminal.tell(
        prose(error.message, "bold"),
        prose(f"  ({_GO_ON}) Go on under the new key: every row finds its record anew by what the sync"),
        prose("      matches by, and nothing is made twice. The plan is shown first."),
        prose(f"  ({_STOP}) Stop, and put the former key back."),
    )
    with asking():
        answer = click.prompt("What now", type=click.Choice([_GO_ON, _STOP]), default=_STOP, err=True)
    return bool(answer == _GO_ON)


def asks_about_new_key(plan: Plan) -> str:
    """Return what to ask about a plan that goes over to another key, nothing about any other."""
    header = plan.header
    if not header.former_key:
        return ""
    counts = {word: header.operations.get(kind, 0) for kind, word in _TAKES.items()}
    said = ", ".join(f"{word} {n:,}" for word, n in counts.items() if n)
    return f"Go on under the new key: {said or 'nothing to send'}"
