"""`bookward disconnect`."""

from __future__ import annotations

import rich_click as click

from bookward.cli.command import json_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session
from bookward.cli.terminal import is_interactive
from bookward.documents import signed_out_document
from bookward.records import Organisation


@verb(
    "disconnect",
    examples=(
        ("disconnect xero", "Asks first; then Xero and this project forget each other's keys."),
        ("disconnect xero --yes", "Without a question."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE, ExitCode.UNSETTLED, ExitCode.STOPPED),
)
@click.argument("destination", metavar="DESTINATION")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_obj
def command(session: Session, destination: str, yes: bool) -> ExitCode:
    """Sign out of a destination.

    Ends the connection to the organisation, revokes the sign-in, and forgets its tokens. Revoking ends all
    that the same user gave the same app, also to other projects. What the destination has ended already is
    only forgotten here.

    Nothing that was booked changes, and everything known about it is kept: after `bookward connect` the syncs
    go on where they stopped.
    """
    if not yes and (session.json or not is_interactive()):
        raise click.UsageError("Nobody is there to be asked: say --yes.")
    session.parting = "The destination is still connected."

    def confirm(organisation: Organisation) -> None:
        if not yes:
            _ask(session, destination, organisation)
        session.parting = "Run it again to be sure that all of it was done."

    with session.app() as app:
        done = app.disconnect(destination, confirm)
    if session.json:
        session.terminal.document(signed_out_document(destination, done))
        return ExitCode.OK
    from bookward.cli.render.setup import disconnected_view

    session.terminal.show(*disconnected_view(destination, done, session.command("connect", destination)))
    return ExitCode.OK


def _ask(session: Session, destination: str, organisation: Organisation) -> None:
    from bookward.cli.render.text import clean

    click.confirm(f"Disconnect {clean(destination)} from {clean(organisation.name)}", abort=True, err=True)
