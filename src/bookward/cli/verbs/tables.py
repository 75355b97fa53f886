"""`bookward tables`."""

from __future__ import annotations

import rich_click as click

from bookward.cli.command import json_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session
from bookward.sourcedocuments import tables_document


@verb(
    "tables",
    examples=(
        ("tables warehouse", "Every table and view that models can read, with its columns."),
        ("tables warehouse --like invoice", "Those with this in their name, or in a column's."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@click.argument("source", metavar="SOURCE")
@click.option("--like", default="", metavar="TEXT", help="Only those with this in a name.")
@json_option
@click.pass_obj
def command(session: Session, source: str, like: str) -> ExitCode:
    """List the tables and columns of a source.

    Key columns are marked with an asterisk. What the role that signs in may not read is not listed.
    """
    wanted = like.casefold()
    with session.app() as app:
        found = [
            table
            for table in app.tables(source)
            if any(wanted in name.casefold() for name in (table.name, *(c.name for c in table.columns)))
        ]
    if session.json:
        session.terminal.document(tables_document(source, found))
        return ExitCode.OK
    from bookward.cli.render.tables import tables_view

    session.terminal.show(*tables_view(source, found))
    return ExitCode.OK
