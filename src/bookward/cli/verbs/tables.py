"""`bookward tables`."""

from __future__ import annotations

import rich_click as click

from bookward.cli.command import json_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session
from bookward.documents import tables_document


@verb(
    "tables",
    examples=(
        ("tables warehouse", "Every table and view, with its columns and their types."),
        ("tables warehouse --like invoice", "Those with `invoice` in their name."),
        ("tables warehouse --json", "The same as JSON."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@click.argument("source", metavar="SOURCE")
@click.option("--like", metavar="TEXT", default="", help="Only those whose schema.name has this in it.")
@json_option
@click.pass_obj
def command(session: Session, source: str, like: str) -> ExitCode:
    """List the tables and views of a source that its user can read.

    Beside each stand its columns with the source's own names for their types; those of the primary key,
    where it is known, are marked with a star.
    """
    with session.app() as app:
        listed = app.tables(source)
    found = [each for each in listed if like.casefold() in f"{each.schema}.{each.name}".casefold()]
    if session.json:
        session.terminal.document(tables_document(found))
        return ExitCode.OK
    from bookward.cli.render.tables import tables_view

    session.terminal.show(*tables_view(found, len(listed)))
    return ExitCode.OK
