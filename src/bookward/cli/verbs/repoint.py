"""`bookward repoint`."""

from __future__ import annotations

import rich_click as click

from bookward.cli.command import json_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session


@verb(
    "repoint",
    examples=(
        ("repoint old-warehouse snowflake", "Every model of `old-warehouse` reads from `snowflake`."),
        ("repoint old-warehouse snowflake --json", "The same for a script."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@click.argument("source", metavar="SOURCE")
@click.argument("new", metavar="NEW")
@json_option
@click.pass_obj
def command(session: Session, source: str, new: str) -> ExitCode:
    """Move the models of a source to another; what is known of their syncs stays.

    The models' files name the new source, and their queries are translated into its SQL, all of them or none.
    Names of tables and functions that both have stay as they are, so look at each with `preview`. What was
    accepted is known by the primary key: `plan` shows what the new source gives otherwise.
    """
    session.parting = "Say it once more; it is done whole or not at all."
    with session.app() as app:
        models = app.repoint(source, new)
    if session.json:
        session.terminal.document({"source": new, "was": source, "models": list(models)})
        return ExitCode.OK
    from bookward.cli.render.text import prose

    session.terminal.show(prose(_said(source, new, list(models))))
    return ExitCode.OK


def _said(source: str, new: str, models: list[str]) -> str:
    if not models:
        return f"No model reads from {source!r}."
    named = ", ".join(models)
    return f"From {new!r} read from now on: {named}. Look at each with `bookward preview MODEL`, then plan."
