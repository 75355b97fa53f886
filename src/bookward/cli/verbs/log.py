"""`bookward log`."""

from __future__ import annotations

import rich_click as click

from bookward.cli.command import json_option, limit_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session


@verb(
    "log",
    examples=(
        ("log syncs/contacts", "The newest 20 changes of a sync."),
        ("log models/contacts --json", "Those of a model and its query, for a script."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@click.argument("file", metavar="KIND/SLUG")
@limit_option(20, "changes")
@json_option
@click.pass_obj
def command(session: Session, file: str, limit: int) -> ExitCode:
    """List who changed a file of the project, newest change first.

    It is what git knows, where the project's folder is in a repository, also under names that the file had
    before. KIND is sources, models, destinations, syncs or alerts.
    """
    kind, _, slug = file.partition("/")
    with session.app() as app:
        history = app.files.history(kind, slug.partition(".")[0], limit or None)
    if session.json:
        versions = [
            {
                "id": each.id,
                "author": {"name": each.author.name, "email": each.author.email},
                "at": each.at,
                "message": each.message,
                "files": each.files,
            }
            for each in history.versions
        ]
        session.terminal.document({"versions": versions, "missing": history.missing})
        return ExitCode.OK
    from bookward.cli.render.files import log_view

    session.terminal.show(*log_view(history))
    return ExitCode.OK
