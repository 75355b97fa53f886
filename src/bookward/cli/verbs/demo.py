"""`bookward demo`."""

from __future__ import annotations

import rich_click as click

from bookward.cli.command import verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session


@verb(
    "demo",
    examples=(
        ("demo", "Tells the whole story, then serves the web app until Ctrl-C."),
        ("demo --again", "Serves the company of the last demo as it was left."),
        ("demo --once --users 10000", "A larger company, and ends by itself; good for scripts."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.STOPPED),
)
@click.option("--once", is_flag=True, help="Run through and exit.")
@click.option("--again", is_flag=True, help="Tell no story: serve what the last demo left in demo-company.")
@click.option(
    "--users",
    type=click.IntRange(1_000, 1_000_000),
    default=1_000,
    show_default=True,
    metavar="N",
    help="How many users the sample company has, 1,000 to 1,000,000.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    metavar="PORT",
    help="Port of the local Xero. [default: any that is free]",
)
@click.pass_obj
def command(session: Session, once: bool, again: bool, users: int, port: int) -> int:
    """Run the demo company: a sample warehouse into a local Xero.

    No account, no key, no question: it makes a software company's warehouse, starts an emulator of Xero on
    this computer, signs in, plans, runs, changes some rows, and runs again to show that only those move.
    """
    if once and again:
        raise click.UsageError("--once leaves nothing that --again could serve: say one of both.")
    from rich.console import Console

    # The story is our own text, with markup, so it does not get the console on which data is printed.
    console = Console(no_color=None if session.terminal.color else True, highlight=False)
    return session.backend.demo(console, once=once, again=again, users=users, port=port)
