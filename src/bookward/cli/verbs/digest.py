"""`bookward digest`."""

from __future__ import annotations

from datetime import timedelta

import rich_click as click

from bookward.cli.command import json_option, verb
from bookward.cli.durations import duration
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session


@verb(
    "digest",
    examples=(
        ("digest --for 7d", "What was synced in the last week; in the last day without --for."),
        ("digest finance --show", "What alert finance would be told now, since its last digest."),
        ("digest finance --send", "Tells it, by its channel."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--show", is_flag=True, help="Print it, and send nothing: so it is without --send.")
@click.option("--send", is_flag=True, help="Send it to alert NAME at once; its own times stay as they are.")
@click.option("--for", "time", metavar="TIME", callback=duration, help="Of so long until now: 12h, 7d.")
@json_option
@click.pass_obj
def command(
    session: Session, name: str | None, time: timedelta | None, *, show: bool, send: bool
) -> ExitCode:
    """Tell what was synced: rows, sums, what was refused and why, runs that failed, and calls.

    NAME is an alert: a file of `alerts/`. With `digest` in its file it is told so by itself, daily or
    weekly, by e-mail, Slack or whatever its channel is. Without NAME it is about all syncs.
    """
    if send and (name is None or show):
        raise click.UsageError("--send takes the NAME of an alert, and does not go with --show.")
    from bookward.alertdocuments import digest_document
    from bookward.cli.render.digest import digest_view

    with session.app() as app:
        digest = app.alerts.digest(name, time)
        if send:
            app.alerts.send_digest(digest)
    if session.json:
        session.terminal.document(digest_document(digest) | {"sent": send})
    elif send:
        session.terminal.show(f"The channel of {name} has taken the digest.")
    else:
        session.terminal.show(*digest_view(digest))
    return ExitCode.OK
