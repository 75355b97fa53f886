"""Messages and facts for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bookward.alerts.facts import RunFacts, SyncFacts
from bookward.digests import Digest, Refused, Spent, Sum, SyncDone, Trouble
from bookward.spec.triggers import DEFAULTS, Trigger, Triggers
from bookward.standings import Level, Message, Subject

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def run(number: int = 1, state: str = "done", *, minutes: float = 1, **more: Any) -> RunFacts:
    """Return the run of an hour; its counts are keywords that begin with rows or changes."""
    counts = {name: more.pop(name) for name in list(more) if name.startswith(("rows_", "changes_"))}
    started = NOW + timedelta(hours=number)
    finished = started + timedelta(minutes=minutes)
    return RunFacts(
        id=f"run-{number}", state=state, started_at=started, finished_at=finished, counts=counts, **more
    )


def facts(*runs: RunFacts, triggers: dict[str, Any] | None = None, **more: Any) -> SyncFacts:
    """Return a sync with its runs, the newest first, by the default triggers or others."""
    said = Triggers(**(DEFAULTS.model_dump() | (triggers or {})))
    return SyncFacts(
        sync="invoices", source="warehouse", destination="xero", triggers=said, runs=runs, **more
    )


def message(level: Level = Level.CRITICAL, **more: Any) -> Message:
    """Return a message about a run that failed, or is well again."""
    said: dict[str, Any] = {
        "id": "20261102-090000-3f9c21-team",
        "alert": "team",
        "level": level,
        "actual": level,
        "before": Level.OK if level is not Level.OK else Level.CRITICAL,
        "subject": Subject("syncs", "invoices"),
        "trigger": Trigger.RUN_FAILED,
        "said": "Sync 'invoices' failed: <Table> & \"invoices\" is gone.",
        "remedy": "Look at the model.",
        "at": NOW + timedelta(minutes=90) if level is Level.OK else NOW,
        "began": NOW,
        "episode": "run_failed@syncs/invoices@20261102T090000.000000Z",
        "run": "20261102-090000-3f9c21",
        "link": "https://books.example.com/runs/20261102-090000-3f9c21",
    }
    return Message(**said | more)


def digest(**more: Any) -> Digest:
    """Return what happened on one day: rows and money, refusals, a run that failed, and calls."""
    said: dict[str, Any] = {
        "alert": "team",
        "project": "Kea & Sons",
        "since": NOW - timedelta(days=1),
        "until": NOW,
        "timezone": "Pacific/Auckland",
        "syncs": [
            done("contacts", runs=24, inserted=1_200, updated=34, adopted=3),
            done("invoices", runs=24, failed=1, inserted=310, removed=2, waiting=5),
            done("items", runs=0),
        ],
        "sums": [
            Sum(
                organisation="Kea Ltd",
                object="invoices ACCREC",
                currency="NZD",
                inserted=Decimal("1234567.80"),
                updated=Decimal(0),
            ),
            Sum(
                organisation="Kea Ltd",
                object="invoices ACCREC",
                currency="",
                inserted=Decimal("0.0001"),
                updated=Decimal(-5),
            ),
        ],
        "refused": [
            Refused(
                sync="invoices",
                code="look_up_failed",
                said="The row names something that is not there.",
                rows=7,
                waiting=5,
                parked=2,
            )
        ],
        "troubles": [
            Trouble(
                sync="invoices",
                run="20261102-060000-3f9c21",
                at=NOW - timedelta(hours=3),
                state="failed",
                said='Table <"invoices"> is gone.\nSorry.',
                link="https://books.example.com/runs/20261102-060000-3f9c21",
            )
        ],
        "more_troubles": 2,
        "spent": [Spent(organisation="Kea Ltd", calls=812, left=4_188)],
        "link": "https://books.example.com",
    }
    return Digest(**said | more)


def done(sync: str, **counts: int) -> SyncDone:
    """Return what a sync did; what is left out is none."""
    none = dict.fromkeys(("runs", "failed", "inserted", "updated", "removed", "adopted", "waiting"), 0)
    return SyncDone(sync=sync, **none | counts)
