"""`bookward dbt`."""

from __future__ import annotations

import rich_click as click

from bookward.cli.command import json_option, verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session
from bookward.documents import dbt_document


@verb(
    "dbt",
    examples=(
        ("dbt ../shop/target", "What dbt has built there, with the key of each model."),
        ("dbt --git target --json", "What is committed in that folder of the project's dbt repository."),
        ("dbt --job 4711", "What the last run of a job of dbt Cloud has built."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@click.argument("target", metavar="[TARGET]", required=False)
@click.option("--git", metavar="FOLDER", help="A folder in the repository that project.yaml names.")
@click.option("--job", type=click.IntRange(min=1), metavar="N", help="A job of dbt Cloud.")
@json_option
@click.pass_obj
def command(session: Session, target: str | None, git: str | None, job: int | None) -> ExitCode:
    """List the models that dbt builds, with the key that its tests prove.

    TARGET is the folder that dbt writes manifest.json and run_results.json to. A model is used with
    `dbt: {model: NAME, target: TARGET}` in its file, beside `source` and `primary_key`.
    """
    if [target, git, job].count(None) != 2:
        raise click.UsageError("Name one of the target folder, a --git folder and a --job.")
    with session.app() as app:
        found = app.dbt(target, job, git)
    if session.json:
        session.terminal.document(dbt_document(found))
    else:
        from bookward.cli.render.dbt import dbt_view

        session.terminal.show(*dbt_view(found))
    return ExitCode.OK
