"""`bookward settle`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from bookward.cli.command import json_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session
from bookward.cli.terminal import is_interactive
from bookward.settlingdocuments import decision_document, uncertain_document

if TYPE_CHECKING:
    from bookward.app import App

_DECISIONS = 10  # shown below the rows that are still uncertain


@verb(
    "settle",
    examples=(
        ("settle payments", "The uncertain rows, each with the records that may be its own."),
        ("settle payments --row PAY-1017 --booked 8e6c3a1f-...", "That record is the row's."),
        ("settle payments --row PAY-1017 --not-booked", "None of them is: the next run sends the row again."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE, ExitCode.UNSETTLED, ExitCode.STOPPED),
)
@click.argument("sync", metavar="SYNC")
@click.option("--row", "key", metavar="KEY", help="The row that something is said of.")
@click.option("--booked", metavar="ID", help="The row is booked, as the record with this id.")
@click.option("--not-booked", is_flag=True, help="The row is not booked, and none of the records is its own.")
@click.option("--yes", is_flag=True, help="With --not-booked: do not ask.")
@json_option
@click.pass_obj
def command(
    session: Session, sync: str, key: str | None, booked: str | None, not_booked: bool, yes: bool
) -> ExitCode:
    """Say of uncertain rows whether they are booked.

    A row is uncertain when the answer to its sending was lost, and reading the books cannot tell either: two
    payments have its reference, say, of which one may have been made by hand meanwhile. Such a row is shown
    and counted, and never sent again, until you say here what is true.

    With `--booked ID` the record is read: it must be there, in use, of the right sort, and no other row's.
    The next plan compares it with the row and shows what differs. With `--not-booked` the next run sends the
    row again, although the records that may have been its own are still there: if one of them is, the row is
    booked twice then. What was said, and when, is kept and shown below the uncertain rows.
    """
    said = (booked is not None) + not_booked
    if said > 1 or (key is None) != (said == 0):
        raise click.UsageError("Name a --row, and say --booked ID or --not-booked of it.")
    session.parting = "Nothing was settled."
    with session.app() as app:
        if key is None:
            return _list(session, app, sync)
        if not_booked and not yes:
            _ask(session, app, sync, key)
        decision = app.settle(sync, key, booked)
    if session.json:
        session.terminal.document({"sync": sync, "settled": decision_document(decision)})
        return ExitCode.OK
    from bookward.cli.render.settle import settled_view

    session.terminal.show(*settled_view(decision, session.command("plan", sync)))
    return ExitCode.OK


def _list(session: Session, app: App, sync: str) -> ExitCode:
    rows, decisions = app.uncertain(sync), app.decisions(sync, None if session.json else _DECISIONS)
    if session.json:
        documents = [uncertain_document(row) for row in rows]
        settled = [decision_document(decision) for decision in decisions]
        session.terminal.document({"sync": sync, "uncertain": documents, "settled": settled})
    else:
        from bookward.cli.render.settle import uncertain_view

        session.terminal.show(*uncertain_view(sync, rows, decisions, session.command("settle", sync)))
    return ExitCode.UNSETTLED if rows else ExitCode.OK


def _ask(session: Session, app: App, sync: str, key: str) -> None:
    if session.json or not is_interactive():
        raise click.UsageError("Nobody is there to be asked: say --yes.")
    from bookward.cli.render.settle import candidates_view

    for row in app.uncertain(sync):
        if row.doubt.key == key:
            session.terminal.tell(*candidates_view(row))
            question = "Is none of these the row's? If one is, the next run books it twice. Not booked"
            click.confirm(question, abort=True, err=True)
