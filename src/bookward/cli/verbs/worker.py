"""`bookward worker`."""

from __future__ import annotations

import logging
import signal
from threading import Event
from types import FrameType

import rich_click as click

from bookward.cli.command import verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session

_LINE = "%(asctime)s %(levelname)s %(threadName)s: %(message)s"


@verb(
    "worker",
    examples=(
        ("worker", "Two runs at a time, until Ctrl-C or SIGTERM."),
        ("worker --runs 4", "Four at a time."),
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
@click.pass_obj
def command(session: Session, runs: int) -> ExitCode:
    """Run syncs when their time has come, and whatever else was asked for.

    The times are those of `schedule` in the syncs' files; `bookward schedule` shows them. Any number of
    workers may be up for one project: each run is begun once, and what a worker leaves that dies is gone on
    with by another. Ctrl-C or SIGTERM lets what is in flight be finished and gives back the rest.
    """
    stopped = Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if stopped.is_set():
            signal.default_int_handler(number, frame)
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    logging.basicConfig(format=_LINE, level=logging.WARNING)  # others tell of every request and migration
    logging.getLogger("bookward").setLevel(logging.INFO)
    from bookward.worker import Worker

    with session.app() as app:
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
