"""One run as Arrow tables, a part at a time; the first columns have the names that others use, too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, TypeAlias

from bookward import exactjson
from bookward.heavy import pa
from bookward.records import WAITING, ApiCall, ChangeKind
from bookward.store.runs import Run, RunRow

_PART = 5_000  # rows
_WORDS = {ChangeKind.ADDED: "added", ChangeKind.REMOVED: "removed"}
_COUNTED = {"added": "add", "changed": "change", "removed": "remove"}


@cache
def sync_runs() -> pa.Schema:
    """Return the columns of what became of runs."""
    whole = (
        f"num_{what}_{kind}"
        for what in ("planned", "attempted", "succeeded", "failed")
        for kind in _COUNTED.values()
    )
    return _schema(
        "sync_id sync_run_id primary_key destination model_name error status",
        {"started_at": _time(), "finished_at": _time()}
        | dict.fromkeys(whole, pa.int64())
        | {"organisation": pa.string(), "asked_by": pa.string(), "reason": pa.string(), "calls": pa.int64()},
    )


@cache
def sync_changelog() -> pa.Schema:
    """Return the columns of what became of rows."""
    return _schema(
        "sync_id sync_run_id row_id op_type status failure_reason fields operation outcome remote_id code",
        {"place": pa.int64(), "started_at": _time()},
    )


@cache
def api_calls() -> pa.Schema:
    """Return the columns of calls."""
    return _schema(
        "sync_id sync_run_id",
        {"at": _time(), "purpose": pa.string(), "method": pa.string(), "url": pa.string()}
        | {"status": pa.int64(), "duration_ms": pa.float64(), "rows": pa.int64(), "error": pa.string()},
    )


def _time() -> pa.DataType:
    return pa.timestamp("us", "UTC")


def _schema(texts: str, others: Mapping[str, pa.DataType]) -> pa.Schema:
    return pa.schema({**dict.fromkeys(texts.split(), pa.string()), **others})


Batches: TypeAlias = "Callable[[], Iterator[pa.RecordBatch]]"
"""Gives a table from its beginning."""


@dataclass(frozen=True, kw_only=True)
class Tables:
    """One run. The tables can be gone through again."""

    run: str
    sync: str
    parts: Mapping[str, tuple[pa.Schema, Batches]]  #: by the table's name


def tables_of(
    run: Run,
    rows: Callable[[], Iterable[RunRow]],
    values: Callable[[], Iterator[tuple[int, Mapping[str, Any]]]],
    calls: Callable[[], Iterable[ApiCall]],
    about: Mapping[str, str | None],
) -> Tables:
    """Return the tables of a run that has ended.

    Args:
        rows: gives its rows, in the order of the plan.
        values: gives the places of rows, ascending, and what the model said of them, or said last.
        calls: gives its calls.
        about: `primary_key`, `destination` and `model_name`.
    """
    who = {"sync_id": run.sync, "sync_run_id": run.id}

    def run_lines() -> Iterator[dict[str, Any]]:
        yield {**who, **about, **_run_line(run, rows())}

    def row_lines() -> Iterator[dict[str, Any]]:
        for row, said in _beside(rows(), values()):
            yield who | _row_line(row, said) | {"started_at": run.started_at}

    def call_lines() -> Iterator[dict[str, Any]]:
        return (who | _call_line(call) for call in calls())

    made = {
        "sync_runs": (sync_runs(), run_lines),
        "sync_changelog": (sync_changelog(), row_lines),
        "api_calls": (api_calls(), call_lines),
    }
    parts = {name: (schema, _batches(schema, lines)) for name, (schema, lines) in made.items()}
    return Tables(run=run.id, sync=run.sync, parts=parts)


def _batches(schema: pa.Schema, lines: Callable[[], Iterator[dict[str, Any]]]) -> Batches:
    def batches() -> Iterator[pa.RecordBatch]:
        left = lines()
        while part := list(islice(left, _PART)):
            yield pa.RecordBatch.from_pylist(part, schema=schema)

    return batches


def _run_line(run: Run, rows: Iterable[RunRow]) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    for row in rows:
        kind = _COUNTED[_change(row)]
        counts[f"num_planned_{kind}"] += 1
        status = _status(row)
        if status != "aborted":
            counts[f"num_attempted_{kind}"] += 1
            counts[f"num_{status}_{kind}"] += 1
    return {name: counts[name] for name in sync_runs().names if name.startswith("num_")} | {
        "error": run.error_message,
        "status": run.state.value,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "organisation": run.organisation_name or run.organisation,
        "asked_by": run.asked_by,
        "reason": run.reason,
        "calls": run.counts.get("calls", 0),
    }


def _row_line(row: RunRow, said: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "row_id": row.key,
        "op_type": _change(row),
        "status": _status(row),
        "failure_reason": row.message,
        "fields": None if said is None else exactjson.encode(said).decode(),
        "operation": row.kind,
        "outcome": row.status,
        "remote_id": row.remote_id,
        "code": row.code,
        "place": row.seq,
    }


def _call_line(call: ApiCall) -> dict[str, Any]:
    names: Sequence[str] = api_calls().names[2:]
    return {name: getattr(call, name) for name in names}


def _change(row: RunRow) -> str:
    return _WORDS.get(ChangeKind(row.change), "changed")


def _status(row: RunRow) -> str:
    if row.status == "pending":
        return "aborted"
    return "failed" if row.status in WAITING else "succeeded"


def _beside(
    rows: Iterable[RunRow], values: Iterator[tuple[int, Mapping[str, Any]]]
) -> Iterator[tuple[RunRow, Mapping[str, Any] | None]]:
    """Yield each row with its values; both come in the order of their places."""
    place, said = next(values, (-1, {}))
    for row in rows:
        while 0 <= place < row.seq:
            place, said = next(values, (-1, {}))
        yield row, said if place == row.seq else None
