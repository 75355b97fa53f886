"""`bookward serve`."""

from __future__ import annotations

import getpass

import rich_click as click

from bookward.cli.command import address_of_server, json_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session


@verb(
    "serve",
    examples=(
        ("serve", "On this machine only: http://localhost:8000."),
        ("serve --host 0.0.0.0 --host-name books.lan", "For the network, under this name."),
        ("serve --url https://books.example.com", "Behind a proxy that speaks HTTPS."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Listen on this.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, metavar="N",
              help="Listen on this port; 0 takes a free one.")  # fmt: skip
@click.option(
    "--url",
    callback=address_of_server,
    metavar="URL",
    help="Where people reach the server, when a proxy stands before it; default: BOOKWARD_URL.",
)
@click.option("--host-name", "host_names", multiple=True, metavar="NAME",
              help="A name by which it may be asked, besides localhost; can be repeated.")  # fmt: skip
@click.option("--runs", type=click.IntRange(0, 64), default=2, show_default=True, metavar="N",
              help="Run so many syncs at a time, like a worker; 0 leaves them to workers.")  # fmt: skip
@json_option
@click.pass_obj
def command(
    session: Session, host: str, port: int, url: str | None, host_names: tuple[str, ...], runs: int
) -> ExitCode:
    """Run the server: the REST API of this project, and its syncs when their time has come.

    While there is nobody who could sign in, every start prints a link with which the first admin chooses a
    password; the link before it dies. SIGTERM or Ctrl-C lets what is at work be finished, gives
    back the rest, and stops.
    """

    def ready(address: str, link: str | None) -> None:
        if session.json:
            session.terminal.document({"url": address, "first_admin": link})
            return
        session.terminal.text(f"Bookward serves {session.project.resolve().name} at {address}\n")
        if link is not None:  # never wrapped, for it is to be copied
            session.terminal.text(f"Nobody can sign in yet. The first admin starts here, once:\n{link}\n")

    session.log_level = "info"
    with session.app() as app:
        session.backend.serve(
            app,
            host=host,
            port=port,
            url=url,
            host_names=host_names,
            user=getpass.getuser(),
            on_ready=ready,
            runs=runs,
        )
    return ExitCode.OK
