"""The demo, told in one go: a warehouse into the books, then a change, then nothing to do."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import TypeAlias

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from bookward.app import App
from bookward.demo.browser import allow_access
from bookward.demo.company import BOOKS, change_users, make_company, move_users, point_to, require_company
from bookward.demo.xero.faults import Fault, FaultKind
from bookward.demo.xero.server import LocalXero
from bookward.errors import StopRun
from bookward.ports import Progress
from bookward.records import OperationKind, Organisation, Row

_SYNC = "users-to-contacts"
_FOLDER = Path("demo-company")
_UNHURRIED = Fault(
    kind=FaultKind.PACE, method="POST", path="*/Contacts", seconds_per_element=0.2, times=60
)  # for about a minute, and no call too long, so that whoever signs in sees a run as it happens
_SHOWN = ("id", "name", "plan", "city")  # so many columns of the users fit on any terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """The figures of one run, for the table at the end."""

    title: str
    rows: int
    operations: Mapping[str, int]
    rejected: int
    calls: int
    least_calls: int  #: with the largest bodies that Xero advises, and one look at what is there
    seconds: float


Serve: TypeAlias = Callable[[App, Callable[[str, str | None], None]], None]
"""Serves an app until it is told to stop; tells the address, and the link of the first admin."""


def run_demo(console: Console, *, once: bool, serve: Serve, users: int = 1_000, port: int = 0) -> int:
    """Tell the story; unless ``once``, serve the web app afterwards until Ctrl-C.

    Args:
        once: work in a temporary folder and come to an end.
        serve: serves the web app.
        users: how many users the company has.
        port: the port of the local Xero; 0 for any that is free.

    Returns:
        The exit code: 0 when the books are what the warehouse says, 1 otherwise.
    """
    with _folder(once=once) as folder:
        if kept := make_company(folder, users):
            console.print(f"The company of the demo before this one is kept in [bold]{kept}[/bold].")
        with LocalXero.running(folder / BOOKS, port=port) as xero:
            point_to(folder, xero.url)
            right = _tell(console, folder, xero)
            if not once and right:
                xero.faults.add(_UNHURRIED)
                _stay(console, folder, xero, serve, moved=move_users(folder))
    return 0 if right else 1


def serve_again(console: Console, *, serve: Serve, port: int = 0) -> int:
    """Serve the web app of the company that the last demo left, and its books, until Ctrl-C.

    Args:
        serve: serves the web app.
        port: the port of the local Xero; 0 for any that is free.

    Returns:
        The exit code, which is 0.

    Raises:
        SettingInvalid: there is none in the current folder.
    """
    require_company(_FOLDER)
    with LocalXero.running(_FOLDER / BOOKS, port=port) as xero:
        point_to(_FOLDER, xero.url)
        _stay(console, _FOLDER, xero, serve)
    return 0


@contextmanager
def _folder(*, once: bool) -> Iterator[Path]:
    if not once:
        yield _FOLDER
        return
    with TemporaryDirectory(prefix="bookward-demo-") as folder:
        yield Path(folder) / _FOLDER


def _tell(console: Console, folder: Path, xero: LocalXero) -> bool:
    app = App(folder, environ=os.environ)
    try:
        app.files.begin_history("The demo company")
        _step(console, "A software company's warehouse, and the local Xero at " + xero.url)
        preview = app.preview("users", limit=3)
        console.print(_people(preview.rows))
        tokens = app.connect("xero-demo", allow_access, _no_choice)
        console.print(f"Signed in by OAuth to [bold]{tokens.tenant_name}[/bold], without a browser.")
        _step(console, "First run: everything is new")
        chapters = [_plan_and_run(console, app, "first run")]
        changed, deleted = change_users(folder)
        _step(console, f"Overnight: {changed} users move to Wellington, {deleted} are deleted")
        chapters.append(_plan_and_run(console, app, "second run"))
        _step(console, "Nothing happens, and the third run makes no call at all")
        chapters.append(_plan_and_run(console, app, "third run"))
        _step(console, "What it took")
        console.print(_table(chapters))
        return _prove(console, app, xero)
    finally:
        app.close()


def _plan_and_run(console: Console, app: App, title: str) -> Chapter:
    started = time.monotonic()
    with _progress(console) as bar:
        plan = app.plan(_SYNC, bar)
    header = plan.header
    console.print(f"The plan: {_said(header.operations)}", highlight=False)
    with _progress(console) as bar:
        run = app.run(_SYNC, bar, plan=header.id).run
    if run.error_code:
        raise StopRun(f"The {title} ended early: {run.error_message}", remedy="Please report this.")
    looks = sum(1 for _ in app.calls(header.id))
    chapter = Chapter(
        title=title,
        rows=header.rows_read,
        operations=dict(header.operations),
        rejected=run.counts.get("rows_rejected", 0),
        calls=looks + run.counts["calls"],
        least_calls=header.forecast["least_calls"] + min(looks, 1),
        seconds=time.monotonic() - started,
    )
    console.print(
        f"{looks} API calls to plan and {run.counts['calls']} to write, in {chapter.seconds:.1f} s.",
        highlight=False,
    )
    return chapter


def _said(operations: Mapping[str, int]) -> str:
    parts = [f"{count:,} to {_DOING[kind]}" for kind, count in operations.items() if kind in _DOING]
    return ", ".join(parts) + "." if parts else "nothing to do."


def _prove(console: Console, app: App, xero: LocalXero) -> bool:
    """Hold the books against the warehouse, contact by contact."""
    users = {str(row["id"]): row for row in app.preview("users", limit=1_000_000).rows}
    active = [contact for contact in xero.contacts() if contact["ContactStatus"] == "ACTIVE"]
    numbers = [contact["ContactNumber"] for contact in active]
    same = all(
        contact["Name"] == users[contact["ContactNumber"]]["name"]
        for contact in active
        if contact["ContactNumber"] in users
    )
    right = sorted(numbers) == sorted(users) and same
    verdict = "[green]the same people, each once[/green]" if right else "[red]not the same[/red]"
    console.print(
        f"In the warehouse {len(users):,} users, in Xero {len(active):,} contacts: {verdict}.",
        highlight=False,
    )
    return right


def _stay(console: Console, folder: Path, xero: LocalXero, serve: Serve, *, moved: int = 0) -> None:
    """Serve the web app of the company and the local Xero, until Ctrl-C; where users moved, run meanwhile."""

    def ready(address: str, link: str | None) -> None:
        if moved:
            app.queue.ask(_SYNC, who="the demo")
            _step(console, f"{moved} more users move, and a run is under way: watch it in the web app")
        _step(
            console, f"The web app is at {address}, the books of the local Xero at {xero.url}, until Ctrl-C"
        )
        if link is not None:  # never wrapped, for it is to be opened
            console.print("Open this once, and choose a password:", highlight=False)
            console.print(link, style="bold", highlight=False, soft_wrap=True)
        console.print("Or in another terminal:", highlight=False)
        for line in ("history", "calls last --full", f"plan {_SYNC}", f"run {_SYNC}"):
            console.print(f"  {_program()} -C {folder} {line}", highlight=False, soft_wrap=True)

    app = App(folder, environ=os.environ)
    try:
        serve(app, ready)
    except KeyboardInterrupt:
        console.print()
        console.print(f"Go on another time: {_program()} demo --again", highlight=False, soft_wrap=True)
    finally:
        app.close()


def _program() -> str:
    """Return how the command line is called in the shell that people have at hand."""
    here = Path(sys.executable).with_name("bookward")
    if which("bookward"):
        return "bookward"
    return str(here.relative_to(Path.cwd()) if here.is_relative_to(Path.cwd()) else here)


_DOING: dict[str, str] = {
    OperationKind.INSERT: "create",
    OperationKind.UPDATE: "update",
    OperationKind.ARCHIVE: "archive",
    OperationKind.REJECT: "reject",
}
_DONE: dict[str, str] = {
    OperationKind.INSERT: "created",
    OperationKind.UPDATE: "updated",
    OperationKind.ARCHIVE: "archived",
}


def _no_choice(found: Sequence[Organisation]) -> Organisation:
    return found[0]


def _step(console: Console, text: str) -> None:
    console.print()
    console.print(f"[bold]{text}[/bold]", highlight=False)


@contextmanager
def _progress(console: Console) -> Iterator[Callable[[Progress], None]]:
    columns = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn())
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def tell(progress: Progress) -> None:
            sending = progress.phase == "sending"
            bar.update(
                task,
                description=progress.phase,
                total=progress.to_send if sending else None,
                completed=progress.sent if sending else progress.rows_read,
            )

        yield tell


def _people(rows: Sequence[Row]) -> Table:
    table = Table(box=SIMPLE_HEAD)
    for name in _SHOWN:
        table.add_column(name, no_wrap=True)
    for row in rows:
        table.add_row(*(Text(str(row[name])) for name in _SHOWN))
    return table


def _table(chapters: Sequence[Chapter]) -> Table:
    table = Table(
        box=SIMPLE_HEAD,
        caption="fewest possible: 3.5 MB a call, one look at Xero",
        caption_justify="left",
    )
    table.add_column("")
    for chapter in chapters:
        table.add_column(chapter.title, justify="right")
    table.add_row("rows in the model", *(f"{chapter.rows:,}" for chapter in chapters))
    for kind, said in _DONE.items():
        table.add_row(f"contacts {said}", *(f"{chapter.operations.get(kind, 0):,}" for chapter in chapters))
    table.add_row("contacts rejected", *(f"{chapter.rejected:,}" for chapter in chapters))
    table.add_row("API calls made", *(f"{chapter.calls:,}" for chapter in chapters))
    table.add_row("fewest possible", *(f"{chapter.least_calls:,}" for chapter in chapters))
    table.add_row("seconds", *(f"{chapter.seconds:.1f}" for chapter in chapters))
    return table
