"""`bookward worker`."""

from __future__ import annotations

import signal
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING

import rich_click as click

from bookward.cli.command import verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session
from bookward.errors import NotPublished, ProjectInvalid

if TYPE_CHECKING:
    from bookward.app import App


@verb(
    "worker",
    examples=(
        ("worker", "Two runs at a time, until Ctrl-C or SIGTERM."),
        ("worker --runs 4", "Four at a time."),
        (
            "worker --follow",
            "Without the project's folder: its server publishes the files.",
        ),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE, ExitCode.STOPPED),
)
@click.option(
    "--runs",
    type=click.IntRange(1, 64),
    default=2,
    show_default=True,
    metavar="N",
    help="Run so many syncs at a time; each may use as much memory as BOOKWARD_MEMORY_LIMIT says.",
)
@click.option(
    "--follow",
    is_flag=True,
    help="Take the project from the server that shares BOOKWARD_DATABASE_URL, not from a folder.",
)
@click.pass_obj
def command(session: Session, runs: int, *, follow: bool) -> ExitCode:
    """Run syncs when their time has come, and whatever else was asked for.

    The times are those of `schedule` in the syncs' files; `bookward schedule` shows them. Any number of
    workers may be up for one project: each run is begun once, and what a worker leaves that dies is gone on
    with by another. Secrets are resolved on the worker's machine: from its environment, or sealed in the
    database, which BOOKWARD_KEY opens.

    Ctrl-C or SIGTERM lets what is in flight be finished and gives back the rest.
    """
    stopped = Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if stopped.is_set():
            signal.default_int_handler(number, frame)
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    session.log_level = "info"
    from bookward.worker import Worker

    with session.app(followed=follow) as app:
        if follow and not _published(app, session, stopped):
            return ExitCode.OK
        worker = Worker(app, runs=runs)
        worker.start()
        session.terminal.tell(f"At work, {runs} runs at a time. Ctrl-C stops.")
        try:
            while not stopped.wait(1):
                pass
            session.terminal.tell("Finishing what is in flight. Ctrl-C again stops at once.")
        finally:
            worker.stop()
    return ExitCode.OK


def _published(app: App, session: Session, stopped: Event) -> bool:
    """Wait until there is a project to follow; return whether there is one."""
    told = False
    while not stopped.is_set():
        try:
            app.syncs()
        except NotPublished as error:
            if not told:
                session.terminal.tell(f"{error.message} Waiting for one. {error.remedy}")
            told = True
            stopped.wait(1)
        except ProjectInvalid:
            return True  # its good files are worked on
        else:
            return True
    return False
