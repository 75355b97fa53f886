"""`bookward check`."""

from __future__ import annotations

import rich_click as click

from bookward.cli.command import json_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session
from bookward.documents import check_document


@verb(
    "check",
    examples=(
        ("check", "Reads all files and lists all problems at once."),
        ("check --connect", "Also signs in everywhere and looks whether the models have the columns."),
        ("check --json", "The same for a script or an editor."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@click.option("--connect", is_flag=True, help="Test the connections too, and the columns of the models.")
@json_option
@click.pass_obj
def command(session: Session, connect: bool) -> ExitCode:
    """Look for everything that is wrong in the project.

    Each problem comes with its file and line, the value that is wrong, and what to do about it. Warnings are
    of what works and should be put right all the same: secrets in files, scopes that a sync will miss.
    Nothing is written, neither here nor in the books; where BOOKWARD_FILES names a storage, --connect writes
    a small file there and removes it again. Where BOOKWARD_DATABASE_URL names a database, --connect looks
    whether the state is safe there, and whether this machine has its snapshots and plans.
    """
    with session.app() as app:
        report = app.check(connect=connect)
    if session.json:
        session.terminal.document(check_document(report))
    else:
        from bookward.cli.render.check import check_view

        session.terminal.show(*check_view(report))
    return ExitCode.OK if report.ok else ExitCode.FAILED
