"""`bookward doctor`."""

from __future__ import annotations

import rich_click as click

from bookward.cli.command import json_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session
from bookward.documents import check_document


@verb(
    "doctor",
    examples=(
        ("doctor", "When something is odd, and before asking for help."),
        ("doctor --json", "The same, to be sent along with a report."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@json_option
@click.pass_obj
def command(session: Session) -> ExitCode:
    """Look over everything, and say what to fix.

    Versions, room on the disks, whether the state is sound and what it holds, whether this machine's clock
    is right, how each sync stands, all files of the project, and all connections as `check --connect` tests
    them. Nothing is changed, and nothing of it is secret.
    """
    with session.app() as app:
        report = app.doctor()
    if session.json:
        session.terminal.document(check_document(report))
    else:
        from bookward.cli.render.check import check_view

        session.terminal.show(*check_view(report))
    return ExitCode.OK if report.ok else ExitCode.FAILED
