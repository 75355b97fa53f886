"""`bookward run`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import rich_click as click

from bookward.cli.border import show_error
from bookward.cli.command import as_new_option, json_option, new_key_option, verb
from bookward.cli.exitcodes import ExitCode, code_of, code_of_run, worst
from bookward.cli.newkey import asks_about_new_key, goes_on_under_new_key
from bookward.cli.session import Session
from bookward.cli.stopping import stopping
from bookward.documents import Document, error_document, sync_document
from bookward.errors import BookwardError, KeyChanged, NameUnknown

if TYPE_CHECKING:
    from bookward.app import App, Plan, RunReport, Trial


@verb(
    "run",
    examples=(
        ("run contacts", "Plans and executes: what changed goes into the books, once."),
        ("run contacts --plan 20261102-090000-3f9c", "Executes a plan that you have looked at."),
        ("run --all --wait", "Every sync, each after those that it needs; waits out limits and outages."),
    ),
    exits=(
        ExitCode.OK,
        ExitCode.FAILED,
        ExitCode.USAGE,
        ExitCode.REJECTED,
        ExitCode.UNSETTLED,
        ExitCode.STOPPED,
    ),
)
@click.argument("syncs", metavar="[SYNC]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Run every sync of the project.")
@click.option("--plan", "plan", metavar="ID", help='Execute this plan, or "last", not a new one.')
@click.option("--approve", "approved", metavar="ID", help="Execute this plan though it is beyond the guards.")
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="Send at most N rows; leave the others."
)
@click.option("--rows", "keys", multiple=True, metavar="KEY,KEY", help="A trial: send only these rows.")
@click.option("--full", is_flag=True, help="Look at every row as if for the first time; asks before changes.")
@click.option("--yes", is_flag=True, help="With --full or --new-key: do not ask.")
@click.option("--allow-empty", is_flag=True, help="Go on even when the model returns no row at all.")
@click.option(
    "--wait", is_flag=True, help="When limits or an outage pause a run, wait and go on until it is done."
)
@new_key_option
@as_new_option
@json_option
@click.pass_obj
def command(
    session: Session,
    syncs: tuple[str, ...],
    everything: bool,
    plan: str | None,
    approved: str | None,
    limit: int | None,
    keys: tuple[str, ...],
    full: bool,
    yes: bool,
    allow_empty: bool,
    wait: bool,
    new_key: bool,
    as_new: bool,
) -> ExitCode:
    """Bring the books up to date.

    Settles first what an earlier run left open, then plans and executes. Only what differs is sent; a row
    counts as synced only when the books said so; a rejected row does not hold up the others. A run that was
    killed can simply be started again.

    With `--all` the syncs run in the order of what they write: accounts, contacts, items, invoices, credit
    notes, payments. So what one has written is known to the next. One that fails does not hold up the
    others.

    A plan that is beyond the sync's guards is parked, and nothing is sent. `bookward plan SYNC --show ID`
    shows it, and `--approve ID` executes exactly that plan, or refuses when the world has moved since.

    With `--limit` or `--rows` a run is a trial of some rows that counts as real: what it sends is in the
    books, and the others are left for the next run.

    With `--full` every row is compared with its record in the books, also when it did not change: what
    somebody changed there is put right, what is missing is found by its match or created, and nothing is made
    twice. It asks before it changes or removes anything that is there.

    When a model's primary key changed, a run asks what to do. With `--new-key` every row finds its record
    anew by what the sync matches by, and is known by the new key from then on; nothing is made twice, and
    records that no row takes stay as they are. It asks before it goes on.

    With `--wait` a run that pauses goes on by itself: at the time when the limit is free again, or after an
    outage, which is looked at every 5 minutes at least.

    Ctrl-C ends a run cleanly: what is in flight is finished, nothing else is sent. Ctrl-C once more ends it
    at once, and the next run settles what was sent.
    """
    if bool(syncs) == everything:
        raise click.UsageError("Name the syncs to run, or say --all.")
    if plan and approved:
        raise click.UsageError("--plan and --approve exclude each other.")
    plan = approved or plan
    if plan and len(syncs) != 1:
        raise click.UsageError("A plan belongs to one sync; name only that one.")
    picked = bool(limit or keys)
    _refuse_mixed(plan, full=full, new_key=new_key, picked=picked, wait=wait)
    session.parting = "The next run settles what was sent."
    documents: list[Document] = []
    codes: list[ExitCode] = []
    with session.app() as app:
        run = partial(
            app.run,
            plan=plan,
            allow_empty=allow_empty,
            approved=bool(approved),
            trial=_trial(limit, keys),
            wait=wait,
            as_new=as_new,
        )
        planned = _Planned(session, app, yes=yes, as_new=as_new)
        first = planned.full if full else planned.under_new_key if new_key else None
        otherwise = None if plan or full or wait or picked else planned.under_new_key
        with stopping(session, app) as stopped:
            for sync in _every(app) if everything else dict.fromkeys(syncs):
                code, document = _run(session, sync, run, first, otherwise)
                codes.append(code)
                documents.append(document)
                if stopped():
                    codes.append(ExitCode.STOPPED)
                    break
        if session.server is None:  # a server's worker tells by itself
            _tell(session, app)
    code = worst(codes)
    if session.json:
        session.terminal.document({"syncs": documents, "exit_code": int(code)} | _first_error(documents))
    return code


def _tell(session: Session, app: App) -> None:
    """Tell whom the project's alerts name; where a worker is up, it may have done so already."""
    try:
        app.alerts.turn()
    except BookwardError as error:
        session.terminal.tell(f"Nobody could be told how it went: {error.message}")


def _refuse_mixed(plan: str | None, *, full: bool, new_key: bool, picked: bool, wait: bool) -> None:
    if plan and picked:
        raise click.UsageError("A plan is executed whole; --limit and --rows belong to a new one.")
    if plan and wait:
        raise click.UsageError("--wait plans anew what a pause left over; a plan sends only what you saw.")
    if (full or new_key) and (plan or picked or wait or (full and new_key)):
        way = "--full" if full else "--new-key"
        raise click.UsageError(f"{way} looks at every row, by a plan of its own.")


def _trial(limit: int | None, given: Sequence[str]) -> Trial:
    from bookward.trial import Trial

    # The key of several columns is a JSON list, which has commas of its own.
    keys = [key for text in given for key in ([text] if text.startswith("[") else text.split(","))]
    named = frozenset(key.strip() for key in keys if key.strip())
    if given and not named:
        raise click.UsageError("--rows names no row.")
    return Trial(limit=limit, keys=named or None)


def _every(app: App) -> Sequence[str]:
    syncs = app.syncs()
    if not syncs:
        raise NameUnknown("The project has no sync.", remedy="Write one: a file in the folder `syncs`.")
    return syncs


class _Planned:
    """Plans that a person has seen and agreed to."""

    def __init__(self, session: Session, app: App, *, yes: bool, as_new: bool) -> None:
        self._session = session
        self._make = partial(app.plan, as_new=as_new)
        self._yes = yes

    def full(self, sync: str) -> Plan:
        from bookward.cli.confirming import changing

        return self._confirmed(sync, changing, full=True)

    def under_new_key(self, sync: str) -> Plan:
        return self._confirmed(sync, asks_about_new_key, new_key=True)

    def _confirmed(self, sync: str, asks: Callable[[Plan], str], **how: bool) -> Plan:
        from bookward.cli.confirming import confirmed

        with _undecided(self._session, sync):
            return confirmed(self._session, sync, partial(self._make, sync, **how), asks=asks, yes=self._yes)


@contextmanager
def _undecided(session: Session, sync: str) -> Iterator[None]:
    """Let whoever stops now be told that nothing was sent."""
    before, session.parting = session.parting, f"Of {sync}, nothing was sent."
    try:
        yield
    except BookwardError:  # others may run all the same
        session.parting = before
        raise
    session.parting = before


def _run(
    session: Session,
    sync: str,
    run: Callable[..., RunReport],
    planned: Callable[[str], Plan] | None,
    otherwise: Callable[[str], Plan] | None,
) -> tuple[ExitCode, Document]:
    try:
        report = _reported(session, sync, run, planned, otherwise)
    except BookwardError as error:
        # One sync that cannot begin does not keep the others from running.
        code = code_of(error)
        if not session.json:
            _headline(session, sync)
            show_error(session, error.code, error.message, error.remedy)
        return code, sync_document(sync, code, error=error_document(error.code, error.message, error.remedy))
    code = code_of_run(report.run.state, report.run.counts)
    if not session.json:
        _show(session, report)
    notes = (*(report.plan.header.notes if report.plan else ()), *filter(None, [report.logs]))
    return code, sync_document(sync, code, report.run, report.recovered, report.paused, notes)


def _reported(
    session: Session,
    sync: str,
    run: Callable[..., RunReport],
    planned: Callable[[str], Plan] | None,
    otherwise: Callable[[str], Plan] | None,
) -> RunReport:
    """Run a sync, by a plan that is confirmed first if so, and by another one where its key changed."""
    from bookward.cli.watching import watched

    try:
        by_plan = {"plan": planned(sync).header.id} if planned else {}
        with watched(session, sync) as on_progress:
            return run(sync, on_progress, **by_plan)
    except KeyChanged as error:
        if otherwise is None:
            raise
        with _undecided(session, sync):
            if not goes_on_under_new_key(session, error):
                raise
    return _reported(session, sync, run, otherwise, None)


def _show(session: Session, report: RunReport) -> None:
    from bookward.cli.render.runs import run_view

    rejected = session.command("rows", report.run.id, "--rejected")
    waiting = session.command("rows", report.run.sync, "--waiting")
    session.terminal.show(*run_view(report, rejected, waiting), "")


def _headline(session: Session, sync: str) -> None:
    from bookward.cli.render.text import prose

    session.terminal.tell(prose(f"{sync}  could not run", "bold"))


def _first_error(documents: list[Document]) -> Document:
    """Return the error that kept a sync from beginning, where all other verbs have theirs."""
    errors = [document["error"] for document in documents if document["error"]]
    return {"error": errors[0]} if errors else {}
