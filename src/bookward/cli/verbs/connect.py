"""`bookward connect`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import rich_click as click

from bookward.cli.command import json_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session
from bookward.cli.terminal import is_interactive
from bookward.errors import NameUnknown
from bookward.records import Organisation


@verb(
    "connect",
    examples=(
        ("connect xero", "Opens the browser, waits for your consent, and keeps the sign-in, sealed."),
        ('connect xero --organisation "Demo Company"', "Without a question when there are several."),
        ("connect xero --no-browser", "Only prints the address, for a computer without a screen."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE, ExitCode.STOPPED),
)
@click.argument("destination", metavar="DESTINATION")
@click.option("--no-browser", is_flag=True, help="Only print the address to open.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8765,
    show_default=True,
    metavar="PORT",
    help="Where the browser comes back to: http://localhost:PORT/callback has to be a redirect URI of your "
    "app. 0 takes any port that is free.",
)
@click.option("--organisation", metavar="NAME", help="Name or id of the organisation to write to.")
@json_option
@click.pass_obj
def command(
    session: Session, destination: str, no_browser: bool, port: int, organisation: str | None
) -> ExitCode:
    """Sign in at a destination.

    You grant access in the browser, which then comes back to this computer. The tokens are kept sealed in
    the project's state; they are never shown.
    """
    with session.app() as app:
        tokens = app.connect(destination, _shower(session, no_browser), _chooser(session, organisation), port)
    if session.json:
        session.terminal.document(
            {
                "destination": destination,
                "organisation": {"id": tokens.tenant_id, "name": tokens.tenant_name},
                "scope": tokens.scope,
                "expires_at": tokens.expires_at,
            }
        )
        return ExitCode.OK
    from bookward.cli.render.setup import connected_view

    session.terminal.show(connected_view(destination, tokens.tenant_name))
    return ExitCode.OK


def _shower(session: Session, no_browser: bool) -> Callable[[str], None]:
    def show(address: str) -> None:
        from bookward.cli.render.setup import address_view

        for part in address_view(address, opened=not no_browser):
            session.terminal.err.print(part, soft_wrap=True)
        if not no_browser:
            session.backend.browse(address)

    return show


def _chooser(session: Session, wanted: str | None) -> Callable[[Sequence[Organisation]], Organisation]:
    def choose(organisations: Sequence[Organisation]) -> Organisation:
        if wanted is not None:
            return _named(wanted, organisations)
        if len(organisations) == 1:
            return organisations[0]
        if session.json or not is_interactive():
            raise NameUnknown(
                f"The sign-in reaches {len(organisations)} organisations: {_names(organisations)}.",
                remedy="Say which one with --organisation NAME.",
            )
        return _asked(session, organisations)

    return choose


def _named(wanted: str, organisations: Sequence[Organisation]) -> Organisation:
    found = [
        each for each in organisations if wanted.casefold() in (each.name.casefold(), each.id.casefold())
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise NameUnknown(
            f"{len(found)} organisations are called {wanted!r}.",
            remedy=f"Use the id: {', '.join(each.id for each in found)}.",
        )
    raise NameUnknown(
        f"The sign-in reaches no organisation {wanted!r}. It reaches: {_names(organisations)}.",
        remedy="Use one of these names, or grant access to the other one as well.",
    )


def _names(organisations: Sequence[Organisation]) -> str:
    return ", ".join(each.name for each in organisations) or "none"


def _asked(session: Session, organisations: Sequence[Organisation]) -> Organisation:
    from bookward.cli.render.setup import choices_view

    session.terminal.tell(choices_view([each.name for each in organisations]))
    number = click.prompt(
        "Which organisation", type=click.IntRange(1, len(organisations)), err=True, prompt_suffix="? "
    )
    return organisations[int(number) - 1]
