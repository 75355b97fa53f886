"""`bookward report`."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from bookward.cli.command import json_option, run_argument, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session
from bookward.errors import FilesInTheWay
from bookward.reportdocument import report_document
from bookward.reportpage import report_page


@verb(
    "report",
    examples=(
        ("report last", "The last run, into run-ID.html in this folder."),
        ("report 20261102-0900 --to audit/november.html", "A certain one, into a file of your choice."),
        ("report last --json", "The same for a script."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@run_argument
@click.option(
    "--to", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Where to write it."
)
@json_option
@click.pass_obj
def command(session: Session, run: str, to: Path | None) -> ExitCode:
    """Write what an auditor asks of a run into one HTML file.

    It tells who began it, how it was configured, what became of the rows, what was booked on which account
    and in which currency, which rows were not synced and why, and every kind of call. A checksum over all of
    it shows later that nothing was changed. RUN is a run's id, the beginning of it, or "last".

    The page needs nothing beside it; a browser prints it as a PDF.
    """
    with session.app() as app:
        report = app.report(run)
        made_at = app.clock.now()
    if session.json:
        session.terminal.document(report_document(report))
        return ExitCode.OK
    file = to or Path(f"run-{report.run.id}.html")
    try:
        file.write_text(report_page(report, made_at), encoding="utf-8")
    except OSError as error:
        raise FilesInTheWay(
            f"The report cannot be written to {file}: {error.strerror}.",
            remedy="Name another file with --to.",
        ) from error
    session.terminal.show(f"{file}: the report of run {report.run.id}.")
    return ExitCode.OK
