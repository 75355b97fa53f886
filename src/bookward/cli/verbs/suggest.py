"""`bookward suggest`."""

from __future__ import annotations

import rich_click as click

from bookward.cli.command import json_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session
from bookward.documents import suggestion_document


@verb(
    "suggest",
    examples=(
        ("suggest users --object contacts", "A sync of the model's columns into contacts, to correct."),
        ("suggest users --object contacts --json", "The same, field by field, with scores from 0 to 1."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@click.argument("model", metavar="MODEL")
@click.option("--object", "object_", required=True, metavar="OBJECT", help="What a row is to become.")
@click.option(
    "--destination",
    metavar="DESTINATION",
    help="Where it is to be written; needed where the project has several.",
)
@json_option
@click.pass_obj
def command(session: Session, model: str, object_: str, destination: str | None) -> ExitCode:
    """Propose which columns of a model become which fields of an object.

    Columns are held against the fields by name, by type and by the length of their first values; beside each
    proposal stands how sure it is, and why. Required fields without a column are listed. Nothing is written,
    and the destination is not asked.
    """
    with session.app() as app:
        suggested = app.suggest(model, object_, destination)
    if session.json:
        session.terminal.document(suggestion_document(suggested))
        return ExitCode.OK
    session.terminal.text(suggested.yaml)
    return ExitCode.OK
