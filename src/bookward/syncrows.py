"""The rows of a sync as a person knows them, by the plans of the runs that brought them where they stand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, islice

from bookward.engine.planfile import Plan
from bookward.errors import NameUnknown
from bookward.records import Brief
from bookward.runplans import plan_of
from bookward.store.rowstates import SyncRow
from bookward.store.store import Store

_PART = 500
_MOST_RUNS = 100
_MOST_CALLED = 5_000
"""So many rows, of so many of the newest runs, are found by what they are called: a search that finds
more has to say more of the name."""


def rows_of_sync(
    store: Store,
    sync: str,
    *,
    states: Collection[str] = (),
    search: str = "",
    after: str | None = None,
    limit: int | None = None,
    in_words: bool = True,
    named: bool = True,
) -> Iterator[SyncRow]:
    """Yield where the rows of a sync stand, in the order of their keys; see ``Lookback.sync_rows``."""
    called = _called(store, sync, search) if search and in_words and named else {}
    kept = store.row_states(sync)
    found = kept.list(
        states=states, search=search, in_words=in_words, called=called, after=after, limit=limit
    )
    return _with_briefs(store, found) if named else found


def _with_briefs(store: Store, rows: Iterator[SyncRow]) -> Iterator[SyncRow]:
    while part := list(islice(rows, _PART)):
        briefs = {
            (run, key): brief
            for run, ours in groupby(sorted(part, key=lambda row: row.run), lambda row: row.run)
            for key, brief in _briefs(store, run, {row.key: row.remote_id for row in ours}).items()
        }
        yield from (replace(row, brief=briefs.get((row.run, row.key))) for row in part)


def _briefs(store: Store, id_: str, rows: Mapping[str, str | None]) -> Mapping[str, Brief]:
    """Return by key what the plan of a run says of rows; of one that is not kept, nothing."""
    plan = _plan(store, id_)
    if plan is None:
        return {}
    places = store.runs.places(id_, rows)
    briefs = plan.briefs_at(places.values())
    return {key: briefs[seq] for key, seq in places.items() if seq in briefs}


def _called(store: Store, sync: str, text: str) -> Mapping[str, Collection[str]]:
    """Return by run the keys of rows whose record, contact included, is called somehow like this."""
    found: dict[str, Collection[str]] = {}
    left = _MOST_CALLED
    for id_ in store.row_states(sync).runs(_MOST_RUNS):
        plan = _plan(store, id_) if left > 0 else None
        places = sorted(plan.named(text))[:left] if plan else []
        if places:
            found[id_] = [key for part in _parts(places) for key in store.runs.keys_at(id_, part)]
            left -= len(places)
    return found


def _plan(store: Store, id_: str) -> Plan | None:
    try:
        return plan_of(store, store.runs.get(id_))
    except NameUnknown:  # the rows outlive what is known of their runs
        return None


def _parts(places: Sequence[int]) -> Iterator[Sequence[int]]:
    return (places[start : start + _PART] for start in range(0, len(places), _PART))
