"""`bookward schema`."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from bookward.cli.command import json_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session

_FOLDER = ".schemas"  # where the first lines of the starter's files look


@verb(
    "schema",
    examples=(
        ("schema", "Writes them to .schemas in the project, where the starter's files look for them."),
        ("schema --out /tmp/schemas", "Writes them elsewhere."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help=f"Where to write them. [default: {_FOLDER} in the project]",
)
@json_option
@click.pass_obj
def command(session: Session, out: Path | None) -> ExitCode:
    """Write JSON Schemas of the project's files, for editors.

    An editor with a YAML language server then completes keys and underlines mistakes while you type. Older
    schemas are replaced; run it again after an update of Bookward.
    """
    folder = out or session.project / _FOLDER
    with session.app() as app:
        files = app.write_schemas(folder)
    if session.json:
        session.terminal.document({"folder": str(folder), "files": [str(file) for file in files]})
        return ExitCode.OK
    from bookward.cli.render.setup import written_view

    session.terminal.show(*written_view(files))
    return ExitCode.OK
