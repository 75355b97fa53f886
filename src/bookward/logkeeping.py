"""Writing runs down as tables once they have ended, and those that could not be written before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bookward import exactjson
from bookward.errors import BookwardError
from bookward.logtables import Tables, open_writer, tables_of
from bookward.runplans import plan_of
from bookward.store.runs import Run
from bookward.wiring import Wiring

_MOST = 20
"""So many runs at once: the first time there may be years of them, and each run goes on with it."""


def keep_logs(wiring: Wiring, sync: str) -> str:
    """Write down what is missing of a sync, where project.yaml says where; return what went wrong, or "".

    Logs never keep a run from happening: what cannot be written now is written by the next run.
    """
    logs = wiring.project.spec.logs if wiring.project.spec else None
    if logs is None:
        return ""
    runs = wiring.store.runs
    try:
        writer = open_writer(logs, wiring.root)
        for run in runs.unlogged(sync, _MOST):
            writer.write(_tables(wiring, run, values=logs.fields))
            runs.logged(run.id)
    except BookwardError as error:
        return f"{error.message} {error.remedy}"
    return ""


def _tables(wiring: Wiring, run: Run, *, values: bool) -> Tables:
    store = wiring.store
    said = exactjson.decode(store.runs.config(run.id))
    keys, sync = said.get("model", {}).get("primary_key", []), said.get("sync", {})
    return tables_of(
        run,
        lambda: store.runs.rows(run.id),
        lambda: _values(wiring, run) if values else iter(()),
        lambda: (call for _, call in store.calls.find(run.id)),
        {
            "primary_key": ", ".join(keys),
            "destination": sync.get("destination"),
            "model_name": sync.get("model"),
        },
    )


def _values(wiring: Wiring, run: Run) -> Iterator[tuple[int, Mapping[str, Any]]]:
    plan = plan_of(wiring.store, run)
    for changes in plan.read_changes() if plan else ():
        for change in changes:
            yield change.seq, change.new or change.old or {}
