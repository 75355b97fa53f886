"""`bookward user`."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import rich_click as click

from bookward.cli.command import address_of_server, json_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session

if TYPE_CHECKING:
    from bookward.app import App
    from bookward.serving import Caller, Member

_HERE = "http://localhost:8000"  # where `serve` listens when nothing else is said
ROLES = ("viewer", "editor", "approver", "admin")


@verb(
    "user",
    examples=(
        ("user add ben@example.com --role editor", "Prints a link with which Ben chooses a password."),
        ("user reset ana@example.com", "Prints a link with which Ana chooses another password."),
        ("user disable ben@example.com", "Ben is signed out, and cannot sign in any more."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@click.argument("action", metavar="add|list|reset|disable|enable",
                type=click.Choice(["add", "list", "reset", "disable", "enable"]))  # fmt: skip
@click.argument("email", metavar="[EMAIL]", required=False)
@click.option("--role", type=click.Choice(ROLES), default="viewer", show_default=True,
              help="What somebody who is added may do.")  # fmt: skip
@click.option(
    "--url",
    callback=address_of_server,
    metavar="URL",
    help=f"Where people reach the server; links begin with it. [default: BOOKWARD_URL, or {_HERE}]",
)
@json_option
@click.pass_obj
def command(session: Session, action: str, email: str | None, role: str, url: str | None) -> ExitCode:
    """Say who may sign in at the server.

    Whoever may run this could change the state's file anyway, so nobody is asked for a password; the audit
    log has it as done in the shell. Links are shown once, can be used once, and for three days.
    """
    if (email is None) != (action == "list"):
        raise click.UsageError("list takes no EMAIL, all else takes one.")
    with session.app() as app:
        if action != "add":  # a state that is made by looking into it knows nobody
            app.require_state()
        if email is None:
            return _list(session, app.access.people.list())
        from bookward.serving import shell

        document = _done(app, shell(getpass.getuser()), action, email, role, url or app.url or _HERE)
    if session.json:
        session.terminal.document(document)
    elif "link" in document:  # never wrapped, for it is to be copied
        session.terminal.text(f"{document['email']} chooses a password here, once:\n{document['link']}\n")
    else:
        session.terminal.show(f"{document['email']} is {action}d.")
    return ExitCode.OK


def _done(app: App, caller: Caller, action: str, email: str, role: str, url: str) -> dict[str, Any]:
    from bookward.serving import Role

    access = app.access
    if action == "add":
        secret, link = access.links.invite(caller, email, Role(role))
        return {"email": link.email, "link": f"{url}/join#{secret}"}
    member = access.people.find(email)
    if action == "reset":
        secret, _ = access.links.reset(caller, member.id)
        return {"email": member.email, "link": f"{url}/join#{secret}"}
    access.people.change(caller, member.id, disabled=action == "disable")
    return {"email": member.email, "is_disabled": action == "disable"}


def _list(session: Session, people: Sequence[Member]) -> ExitCode:
    lines = [
        {"email": each.email, "name": each.name, "role": each.role.value, "is_disabled": each.disabled}
        for each in people
    ]
    if session.json:
        session.terminal.document({"people": lines})
        return ExitCode.OK
    from bookward.cli.render.people import people_view

    session.terminal.show(*people_view(people))
    return ExitCode.OK
