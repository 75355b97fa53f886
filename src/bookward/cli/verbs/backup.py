"""`bookward backup`."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from bookward.cli.command import json_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session


@verb(
    "backup",
    examples=(
        ("backup state-2026-11-02.tar.gz", "All that Bookward knows, in one file."),
        ("backup /backups/bookward.tar.gz --json", "For a script."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@click.pass_obj
def command(session: Session, file: Path) -> ExitCode:
    """Write Bookward's state into one file.

    It holds the history, the journal, the snapshots and the plans as they are at one moment, and the sealed
    sign-ins, but not the key that opens them: keep that elsewhere. It holds personal and bank data, so only
    you may read it. While a sync is being run no backup is made.

    `bookward restore FILE` puts it back.
    """
    with session.app() as app:
        size = app.backup(file)
    if session.json:
        session.terminal.document({"file": str(file), "bytes": size})
    else:
        session.terminal.show(f"{file}: {size:,} bytes. Restore it with `bookward restore {file}`.")
    return ExitCode.OK
