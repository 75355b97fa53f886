"""`bookward calls`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

import rich_click as click

from bookward import callarchives
from bookward.cli.command import json_option, limit_option, run_argument, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.render.calls import NumberedCall, call_view, calls_table
from bookward.cli.session import Session
from bookward.documents import call_document


@verb(
    "calls",
    examples=(
        ("calls last", "Every call of the last run, a line each."),
        ("calls last --har run.har", "All of them, for the network panel of a browser."),
        ('calls last --failed --search "Acme Ltd" --full', "Those that failed and mention a text, whole."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@run_argument
@click.option("--status", type=click.IntRange(100, 599), metavar="N", help="Show only calls answered with N.")
@click.option("--failed", is_flag=True, help="Show only calls that were not answered with success.")
@click.option(
    "--search", metavar="TEXT", default="", help="Show only calls that mention this, in bodies too."
)
@click.option("--full", is_flag=True, help="Show headers and bodies.")
@click.option(
    "--har",
    type=click.File("wb", lazy=True),
    metavar="FILE",
    help="Write all that fit, with headers and bodies, into a HAR file for browsers' tools.",
)
@limit_option(100, "calls")
@json_option
@click.pass_obj
def command(
    session: Session,
    run: str,
    status: int | None,
    failed: bool,
    search: str,
    full: bool,
    har: BinaryIO | None,
    limit: int,
) -> ExitCode:
    """Show every API call of a run.

    RUN is the id of a run or plan, the beginning of a run's id, or "last". Secrets were replaced before the
    calls were kept. Bodies hold personal and bank data, and are forgotten after the number of days that
    project.yaml says.
    """
    with session.app() as app:
        calls = app.calls(run, status=status, failed=failed, text=search)
        if har is not None:
            har.writelines(callarchives.har(call_document(number, call, full=True) for number, call in calls))
        elif session.json:
            picked = islice(calls, limit or None)
            documents = (call_document(number, call, full=full) for number, call in picked)
            session.terminal.stream({"run": app.run_or_plan(run)}, "calls", documents)
        else:
            _show(session, calls, full, limit)
    return ExitCode.OK


def _show(session: Session, calls: Iterator[NumberedCall], full: bool, limit: int) -> None:
    shown = islice(calls, limit or None)
    if full:
        count = 0
        for count, (number, call) in enumerate(shown, 1):  # noqa: B007 - the last count is used below
            session.terminal.show(*call_view(number, call))
    else:
        listed = list(shown)
        count = len(listed)
        if listed:
            session.terminal.show(calls_table(listed))
    if not count:
        session.terminal.show("No such calls: the run made none, or none that fits.")
    elif next(calls, None):
        session.terminal.show(f"There are more than these {count}; --limit 0 shows all.")
