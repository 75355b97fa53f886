"""`bookward preview`."""

from __future__ import annotations

import rich_click as click

from bookward.cli.command import json_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session
from bookward.documents import preview_document


@verb(
    "preview",
    examples=(
        ("preview customers", "The columns with their types, and the first 100 rows."),
        ("preview customers --limit 5 --json", "Five rows as JSON, decimals exact."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@click.argument("model", metavar="MODEL")
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=100,
    show_default=True,
    metavar="N",
    help="Show the first N rows.",
)
@json_option
@click.pass_obj
def command(session: Session, model: str, limit: int) -> ExitCode:
    """Show the columns and the first rows of a model.

    The query runs at the source in a read-only session; no more rows are fetched than are shown.
    """
    with session.app() as app:
        preview = app.preview(model, limit)
    if session.json:
        session.terminal.document(preview_document(model, preview))
        return ExitCode.OK
    from bookward.cli.render.preview import preview_view

    session.terminal.show(*preview_view(model, preview, session.terminal.out.width))
    return ExitCode.OK
