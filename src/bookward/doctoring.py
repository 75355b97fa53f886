"""Looking Bookward itself over: its versions, its disks, its state, its clock, and what is left undone."""

from __future__ import annotations

import platform
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path

from bookward import __version__
from bookward.checking import Connection
from bookward.planstanding import in_words, with_standings
from bookward.records import ApiCall, CheckStep
from bookward.rowstate import WAITING_STATES
from bookward.store.holdings import Holding
from bookward.store.plans import PlanState
from bookward.store.runs import Run, RunState
from bookward.wiring import Wiring

_LEAST_FREE = 1_000_000_000  # bytes; a snapshot of some million rows, twice
_SKEW = timedelta(seconds=60)  # beyond that, sign-ins and the hours of schedules go wrong
_PARTS = ("duckdb", "pyarrow", "httpx", "sqlalchemy")


def examined(wiring: Wiring, has_state: bool) -> Iterator[Connection]:
    """Yield what there is to say of each part of this installation; connections are ``checking``'s.

    Args:
        wiring: the project.
        has_state: whether there was a state before anything was looked at.
    """
    yield Connection(kind="bookward", slug=__version__, steps=tuple(_versions()))
    yield Connection(kind="disk", slug="", steps=tuple(_disks(wiring)))
    if not has_state:
        yield Connection(kind="state", slug="", steps=(_no_state(wiring),))
        return
    yield Connection(kind="state", slug="", steps=tuple(_state(wiring)))
    if clock := list(_clock(wiring)):
        yield Connection(kind="clock", slug="", steps=tuple(clock))
    yield Connection(kind="work", slug="", steps=tuple(_left(wiring)))


def _versions() -> Iterator[CheckStep]:
    parts = ", ".join(f"{part} {version(part)}" for part in _PARTS)
    python = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    yield _well("versions", f"{python}; {parts}, SQLite {sqlite3.sqlite_version}")


def _disks(wiring: Wiring) -> Iterator[CheckStep]:
    settings = wiring.settings
    for name, folder, variable in (
        ("state", settings.state, "BOOKWARD_STATE"),
        ("work", settings.work, "BOOKWARD_WORK"),
    ):
        free = shutil.disk_usage(_nearest(folder)).free
        said = f"{_size(free)} free for {folder}"
        if free >= _LEAST_FREE:
            yield _well(name, said)
        else:
            yield _bad(name, said, f"Make room there, or name a larger disk with {variable}.")


def _no_state(wiring: Wiring) -> CheckStep:
    said = f"there is none yet in {wiring.settings.state_place}; a service may name another place"
    return _well("holds", said)


def _state(wiring: Wiring) -> Iterator[CheckStep]:
    store = wiring.store
    if faults := store.faults():
        yield _bad("health", faults, "Stop Bookward, and put the newest backup back with `bookward restore`.")
        return
    yield _well("health", "its file is sound")
    yield _well("holds", "; ".join(map(_held, store.holdings())))


def _clock(wiring: Wiring) -> Iterator[CheckStep]:
    call = wiring.store.calls.newest_answered()
    there = _told(call) if call else None
    if call is None or there is None:
        return
    apart = abs(call.at + timedelta(milliseconds=call.duration_ms) - there)
    said = f"{apart.total_seconds():.0f} s apart from that of {call.destination}, by its last answer"
    if apart <= _SKEW:
        yield _well("clock", said)
    else:
        yield _bad("clock", said, "Let the machine keep its time by NTP: `timedatectl set-ntp true`.")


def _left(wiring: Wiring) -> Iterator[CheckStep]:
    runs = wiring.store.runs
    for sync in sorted(wiring.project.syncs):
        newest = runs.newest(sync)
        if newest is None:
            yield _well(sync, "has not run yet")
        elif newest.state is RunState.DONE or _is_under_way(wiring, newest):
            yield _rows(wiring, newest)
        else:
            (told,) = with_standings(wiring, [newest])
            yield _unfinished(told)


def _is_under_way(wiring: Wiring, run: Run) -> bool:
    """Return whether a process is at a run; one that was killed left it as running."""
    if run.state is not RunState.RUNNING:
        return False
    locks = wiring.store.locks
    with locks.waiting("sweep"), locks.if_free_everywhere(f"sync-{run.sync}") as free:
        return not free


def _unfinished(run: Run) -> CheckStep:
    again = f"Run it again: `bookward run {run.sync}`."
    if run.parked and run.parked.state is not PlanState.OPEN:
        return _bad(run.sync, f"{run.state}, and of its plan: {in_words(run.parked)}", again)
    said = f"{run.state}: {run.error_message or 'it was cut off'}"
    return _bad(run.sync, said, run.error_remedy or again)


def _rows(wiring: Wiring, run: Run) -> CheckStep:
    counts = wiring.store.row_states(run.sync).counts()
    wrong = [f"{counts[state]:,} {state}" for state in WAITING_STATES if counts.get(state)]
    if wrong:
        said = ", ".join(wrong)
        return _bad(run.sync, f"rows wait: {said}", f"See why: `bookward rows {run.sync} --waiting`.")
    if left := run.counts.get("rows_left"):
        return _bad(run.sync, f"{left:,} rows are not sent yet", f"Send them: `bookward run {run.sync}`.")
    return _well(run.sync, f"{run.state}; every row is as it should be")


def _told(call: ApiCall) -> datetime | None:
    said = next((value for name, value in call.response_headers.items() if name.lower() == "date"), None)
    try:
        return parsedate_to_datetime(said) if said else None
    except ValueError:
        return None


def _held(holding: Holding) -> str:
    size = "" if holding.bytes is None else f" ({_size(holding.bytes)})"
    since = f" since {holding.oldest:%Y-%m-%d}" if holding.oldest else ""
    return f"{holding.count:,} {holding.kind}{size}{since}"


def _nearest(folder: Path) -> Path:
    return next(each for each in (folder, *folder.absolute().parents) if each.exists())


def _size(count: int) -> str:
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} B"


def _well(name: str, detail: str) -> CheckStep:
    return CheckStep(name=name, ok=True, detail=detail)


def _bad(name: str, detail: str, remedy: str) -> CheckStep:
    return CheckStep(name=name, ok=False, detail=detail, remedy=remedy)
