"""The state behind the server that ``bench/api.py`` measures: many syncs, runs, and API calls."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bookward.app import App
from bookward.clock import SystemClock
from bookward.records import ApiCall
from bookward.serving import Role, shell
from bookward.settings import Settings
from bookward.store import tables
from bookward.store.store import Store

PASSWORD = "correct horse battery"
EMAIL = "ana@example.com"
TOKENS = 25
BATCH = 10_000
CALLS_BEGAN = datetime(2026, 10, 1, tzinfo=UTC)
BODY = json.dumps(
    {"Contacts": [{"ContactNumber": str(n), "Name": f"Customer {n}"} for n in range(10)]}
).encode()
HEADERS = {"content-type": "application/json", "xero-tenant-id": "0f0c9a", "x-daylimit-remaining": "4000"}


@contextmanager
def opened(root: Path, environ: Mapping[str, str]) -> Iterator[Store]:
    """Open the state of the project."""
    with closing(Store(Settings.read(root, environ), SystemClock())) as store:
        yield store


def write_past(store: Store, syncs: int, runs: int, calls: int) -> None:
    """Write runs and their calls."""
    made = [f"2026100{1 + n % 9}-090000-{n:06x}" for n in range(runs)]
    with store.database.writing() as connection:
        connection.execute(insert(tables.runs), [_run(id_, n, syncs) for n, id_ in enumerate(made)])
    for batch in _batches(_calls(made, calls)):
        with store.database.writing(at_once=False) as connection:
            connection.execute(insert(tables.calls), batch)


def tokens(app: App) -> Sequence[str]:
    """Return tokens of an admin."""
    access = app.access
    access.links.accept(str(access.links.first(shell("bench"))), PASSWORD, name="Ana", email=EMAIL)
    _, caller = access.sign_in(EMAIL, PASSWORD, "", "")
    return [access.tokens.make(caller, f"bench {n}", Role.ADMIN, timedelta(days=1))[0] for n in range(TOKENS)]


def new_run(store: Store) -> str:
    """Return the id of a run that is at work."""
    id_ = "20261101-090000-ffffff"
    with store.database.writing() as connection:
        connection.execute(insert(tables.runs), [_run(id_, 10**6, 1) | {"state": "running"}])
    return id_


def call(run: str, at: datetime) -> ApiCall:
    """Return one call as a run makes it."""
    return ApiCall(
        run=run,
        destination="xero",
        at=at,
        purpose="write",
        method="POST",
        url="https://api.xero.com/api.xro/2.0/Contacts?summarizeErrors=false",
        status=200,
        duration_ms=412.5,
        request_headers=HEADERS,
        request_body=BODY,
        response_headers=HEADERS,
        response_body=BODY,
        error=None,
        rows=10,
    )


def write_project(root: Path, syncs: int) -> None:
    """Write the files of a project with so many syncs."""

    def write(path: str, text: str) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")

    write("project.yaml", "name: Bench\n")
    write("sources/sample.yaml", "type: sample\n")
    write("models/users.yaml", "source: sample\nprimary_key: id\ntable: users\n")
    write("destinations/xero.yaml", "type: xero\nclient_id: x\n")
    for number in range(syncs):
        write(
            f"syncs/sync-{number}.yaml",
            "model: users\ndestination: xero\nobject: contacts\n"
            "match: {ContactNumber: id}\nfields: {Name: name}\n",
        )


def _run(id_: str, number: int, syncs: int) -> dict[str, Any]:
    return {
        "id": id_,
        "sync": f"sync-{number % syncs}",
        "plan": None,
        "organisation": None,
        "state": "done",
        "started_at": CALLS_BEGAN + timedelta(minutes=number % 40_000),
        "finished_at": CALLS_BEGAN + timedelta(minutes=number % 40_000 + 1),
        "config": "{}",
        "counts": {"calls": 500, "rows_accepted": 5_000},
        "folded": True,
        "position": number,
    }


def _calls(runs: Sequence[str], count: int) -> Iterator[dict[str, Any]]:
    # Compressed once: making a million bodies is not what is measured.
    body, one = zlib.compress(BODY, 1), call("", CALLS_BEGAN)
    line = {name: getattr(one, name) for name in (field.name for field in fields(ApiCall))}
    line |= {"request_body": body, "response_body": body}
    for number in range(count):
        run = runs[number * len(runs) // count]
        yield line | {"run": run, "at": CALLS_BEGAN + timedelta(seconds=number)}


def _batches(lines: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(islice(lines, BATCH)):
        yield batch
