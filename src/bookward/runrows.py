"""The rows of a run as a person knows them: by number, contact and money, where its plan is still kept."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace
from itertools import islice

from bookward.engine.planfile import Plan
from bookward.reasons import reason_id
from bookward.runplans import plan_of
from bookward.store.runs import Run, RunRow
from bookward.store.store import Store

_PART = 1_000


def rows_of(
    store: Store,
    run: Run,
    *,
    status: str | None = None,
    search: str = "",
    reason: str = "",
    after: int = -1,
    limit: int | None = None,
    named: bool = True,
) -> Iterator[RunRow]:
    """Yield the rows of a run in the order of its plan; see ``Lookback.rows``."""
    plan = plan_of(store, run) if named else None
    called = plan.named(search) if plan and search else frozenset[int]()
    most = None if reason or called else limit
    asked = "" if called else search
    found = store.runs.rows(run.id, status=status, search=asked, in_words=named, after=after, limit=most)
    rows = (row for row in found if _is_of(reason, row) and _mentions(row, search, called))
    yield from islice(_with_briefs(plan, rows) if plan else rows, limit)


def _with_briefs(plan: Plan, rows: Iterator[RunRow]) -> Iterator[RunRow]:
    while part := list(islice(rows, _PART)):
        briefs = plan.briefs_at(row.seq for row in part)
        yield from (replace(row, brief=briefs.get(row.seq)) for row in part)


def _is_of(reason: str, row: RunRow) -> bool:
    said = row.code is not None and reason_id(row.code, row.message or "", row.field) == reason
    return said or not reason


def _mentions(row: RunRow, text: str, called: Set[int]) -> bool:
    """Say whether a row is to be shown; without names the state has searched already."""
    parts = (row.key, row.remote_id or "", row.message or "")
    return not called or row.seq in called or any(text.casefold() in part.casefold() for part in parts)
