"""`bookward secret`."""

from __future__ import annotations

import getpass
import sys

import rich_click as click

from bookward.cli.command import json_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session
from bookward.cli.terminal import is_interactive
from bookward.errors import NameUnknown


@verb(
    "secret",
    examples=(
        ("secret set XERO_CLIENT_SECRET", "Asks for the value, and shows nothing of it."),
        ("secret list", "Names, and who set them when."),
        ("secret remove XERO_CLIENT_SECRET --json", "Forgets it; for a script."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@click.argument("action", metavar="set|list|remove", type=click.Choice(["set", "list", "remove"]))
@click.argument("name", metavar="[NAME]", required=False)
@json_option
@click.pass_obj
def command(session: Session, action: str, name: str | None) -> ExitCode:
    """Seal secrets that the project's files name as ${NAME}.

    A name is looked up in the environment, then in the project's .env, then among these. They are sealed with
    Bookward's key and never shown again; to see whether one is right, set it anew. The value is asked for, or
    read from the standard input (a file or a pipe); it is never an argument, for those stand in the shell's
    history.
    """
    if (name is None) != (action == "list"):
        raise click.UsageError("set and remove take a NAME, list takes none.")
    if name is None:
        return _list(session)
    if action == "set":
        value = _value(name)
        with session.app() as app:
            app.seal(name, value, getpass.getuser())
    else:
        with session.app() as app:
            if not app.secrets.remove(name):
                raise NameUnknown(f"There is no secret {name!r}.", remedy="`bookward secret list` names all.")
    if session.json:
        session.terminal.document({"name": name, "is_set": action == "set"})
    else:
        session.terminal.show(f"{name} is {'sealed' if action == 'set' else 'forgotten'}.")
    return ExitCode.OK


def _list(session: Session) -> ExitCode:
    with session.app() as app:
        known = app.secrets.list()
        outside = app.set_outside(each.name for each in known)
    if session.json:
        lines = [
            {"name": each.name, "set_by": each.set_by, "set_at": each.set_at}
            | {"set_outside": each.name in outside}
            for each in known
        ]
        session.terminal.document({"secrets": lines})
        return ExitCode.OK
    from bookward.cli.render.files import secrets_view

    session.terminal.show(*secrets_view(known, outside))
    return ExitCode.OK


def _value(name: str) -> str:
    if is_interactive():
        answer: str = click.prompt(f"Value of {name}", hide_input=True, err=True)
        return answer
    return sys.stdin.read().removesuffix("\n").removesuffix("\r")
