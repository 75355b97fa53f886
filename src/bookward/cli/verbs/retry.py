"""`bookward retry`."""

from __future__ import annotations

import rich_click as click

from bookward.cli.command import json_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session


@verb(
    "retry",
    examples=(
        ("retry payments", "Let the next run send all refused rows of a sync again."),
        ("retry payments --row PAY-1017", "Only one of them."),
        ("rows payments --waiting", "See first which rows wait, and why."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@click.argument("sync", metavar="SYNC")
@click.option(
    "--row", "keys", multiple=True, metavar="KEY", help="Only this row. May be given several times."
)
@click.option("--all", "everything", is_flag=True, help="All refused rows, as without --row.")
@json_option
@click.pass_obj
def command(session: Session, sync: str, keys: tuple[str, ...], everything: bool) -> ExitCode:
    """Let rows that were refused be sent again by the next run.

    A row that the books refused is not sent again and again: it waits until it or its mapping changed, or, if
    the reason may pass by itself, for a while. When what was wrong has been put right in the books, ask for
    it here. Nothing is sent yet; `bookward run` does that.
    """
    if keys and everything:
        raise click.UsageError("--row and --all exclude each other.")
    with session.app() as app:
        found = app.retry(sync, keys or None)
    if session.json:
        session.terminal.document({"sync": sync, "rows": list(found)})
        return ExitCode.OK
    from bookward.cli.render.rows import retry_view

    session.terminal.show(*retry_view(found, session.command("run", sync)))
    return ExitCode.OK
