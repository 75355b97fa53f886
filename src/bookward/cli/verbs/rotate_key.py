"""`bookward rotate-key`."""

from __future__ import annotations

import rich_click as click

from bookward.cli.command import json_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session


@verb(
    "rotate-key",
    examples=(
        ("rotate-key", "With BOOKWARD_KEY=NEW,OLD: all is sealed with NEW from then on."),
        ("rotate-key --json", "The same for a script."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED),
)
@json_option
@click.pass_obj
def command(session: Session) -> ExitCode:
    """Seal all sign-ins and secrets anew with the first key.

    Give the new key and the old one, with a comma between them, in BOOKWARD_KEY or in the key file: the first
    seals, all of them open. Once this has been run, the old key can be taken away. When something was sealed
    with a key that is not given, nothing is changed.
    """
    with session.app() as app:
        count = app.rotate_key()
    if session.json:
        session.terminal.document({"sealed": count})
        return ExitCode.OK
    from bookward.cli.render.text import counted

    session.terminal.show(f"{counted(count, 'thing')} sealed with the first key; the others can go.")
    return ExitCode.OK
