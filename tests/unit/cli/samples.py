"""Records as the app returns them, for the command line to show."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from bookward.engine.suggesting import Candidate, Missing, Suggestion
from bookward.records import (
    ApiCall,
    ChangeKind,
    Finding,
    ListedColumn,
    ListedTable,
    Operation,
    OperationKind,
    Rejection,
)
from bookward.rowstate import RowState
from bookward.store.rowstates import SyncRow
from bookward.store.runs import Run, RunRow, RunState
from bookward.suggestions import SuggestedSync

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
RUN_ID = "20261102-090000-3f9c"

HOSTILE = "[red]Ac\x1b[31mme\x1b]0;owned\x07[/red] \u202egnp.exe\nLtd"


def run(state: RunState = RunState.DONE, **changes: Any) -> Run:
    counts = changes.pop("counts", {"rows_accepted": 12, "rows_read": 1000, "changes_added": 12, "calls": 1})
    given = {
        "id": RUN_ID,
        "sync": "contacts",
        "plan": RUN_ID,
        "organisation": "0f1e",
        "organisation_name": "Demo Company",
        "started_at": NOW,
        "finished_at": NOW + timedelta(seconds=4.25),
        "folded": True,
    }
    return Run(state=state, counts=counts, **given | changes)


def row(seq: int = 0, status: str = "accepted", **changes: Any) -> RunRow:
    given = {
        "key": f"C-{seq:03}",
        "change": "added",
        "kind": "insert",
        "remote_id": "5f0c1a0e-0000-4000-8000-000000000001",
        "code": None,
        "message": None,
        "remedy": None,
        "field": None,
        "warnings": (),
    }
    return RunRow(seq=seq, status=status, **given | changes)


def sync_row(key: str, state: RowState = RowState.ACCEPTED, **changes: Any) -> SyncRow:
    given = {
        "remote_id": "5f0c1a0e-0000-4000-8000-000000000001",
        "run": RUN_ID,
        "code": None,
        "message": None,
        "remedy": None,
        "field": None,
        "attempts": 0,
        "next_try": None,
    }
    return SyncRow(key=key, state=state, **given | changes)


def refused_row(key: str, state: RowState = RowState.PARKED, **changes: Any) -> SyncRow:
    given = {
        "remote_id": None,
        "code": "remote_rejected",
        "message": "Email address must be valid.",
        "remedy": "Correct the e-mail address in the source.",
        "attempts": 1,
    }
    return sync_row(key, state, **given | changes)


def rejected_row(seq: int = 0, **changes: Any) -> RunRow:
    given = {
        "kind": "reject",
        "remote_id": None,
        "code": "field_invalid",
        "message": "'nobody at example' is not an e-mail address.",
        "remedy": "Correct the value in the source or change the mapping.",
        "field": "EmailAddress",
    }
    return row(seq, "rejected", **given | changes)


def call(status: int | None = 200, **changes: Any) -> ApiCall:
    given = {
        "run": RUN_ID,
        "destination": "xero",
        "at": NOW,
        "purpose": "send contacts",
        "method": "POST",
        "url": "https://api.xero.com/api.xro/2.0/Contacts?summarizeErrors=false",
        "duration_ms": 412.5,
        "request_headers": {"Authorization": "***", "Idempotency-Key": "abc"},
        "request_body": b'{"Contacts":[{"Name":"Acme","Balance":10.10}]}',
        "response_headers": {"Content-Type": "application/json"},
        "response_body": b'{"Contacts":[{"ContactID":"5f0c"}]}',
        "rows": 1,
    }
    return ApiCall(status=status, **given | changes)


def insert(seq: int = 0, **payload: Any) -> Operation:
    fields = payload or {"Name": f"Customer {seq}", "EmailAddress": f"c{seq}@example.com"}
    return Operation(
        seq=seq, key=f"C-{seq:03}", change=ChangeKind.ADDED, kind=OperationKind.INSERT, payload=fields
    )


def update(seq: int, payload: dict[str, Any], before: dict[str, Any] | None, **changes: Any) -> Operation:
    return Operation(
        seq=seq,
        key=f"C-{seq:03}",
        change=ChangeKind.CHANGED,
        kind=OperationKind.UPDATE,
        remote_id="5f0c",
        payload=payload,
        before=before,
        **changes,
    )


def reject(seq: int, message: str = "'nobody' is not an e-mail address.") -> Operation:
    reason = Rejection(
        code="field_invalid", message=message, remedy="Correct the value in the source.", field="EmailAddress"
    )
    return Operation(
        seq=seq,
        key=f"C-{seq:03}",
        change=ChangeKind.ADDED,
        kind=OperationKind.REJECT,
        rejection=reason,
    )


class SamplePlan:
    """A plan that was never written anywhere."""

    def __init__(self, *operations: Operation, forecast: Mapping[str, Any] | None = None) -> None:
        self._all = operations
        self.found: list[Finding] = []
        kinds = [operation.kind for operation in operations]
        self.header = SimpleNamespace(
            id=RUN_ID,
            sync="contacts",
            created=NOW,
            expires=NOW + timedelta(hours=24),
            organisation="0f1e",
            organisation_name="Demo Company",
            config_version=1,
            rows_read=1000,
            changes={"same": 990, "added": len(operations)},
            operations={kind.value: kinds.count(kind) for kind in dict.fromkeys(kinds)},
            key_problems=0,
            first={},
            bytes_to_send=1234,
            money={},
            reconciled=None,
            tripped=(),
            grave="",
            notes=(),
            former_key=(),
            left_behind=0,
            forecast=forecast or {"calls": 2, "least_calls": 1, "seconds": 3.5, "day_left": 4998},
        )

    def findings(self) -> Iterator[Finding]:
        return iter(self.found)

    def operations(self, kinds: Collection[OperationKind] | None = None) -> Iterator[list[Operation]]:
        for operation in self._all:
            if kinds is None or operation.kind in kinds:
                yield [operation]


PREVIEW_COLUMNS = (("customer_id", "integer"), ("name", "text"), ("balance", "decimal(12,2)"))
PREVIEW_ROWS = [
    {"customer_id": 1, "name": "Acme Ltd", "balance": Decimal("1200.50")},
    {"customer_id": 2, "name": None, "balance": Decimal("0.00")},
]

SUGGESTED = SuggestedSync(
    model="customers",
    destination="xero",
    object="contacts",
    mode="upsert",
    suggestion=Suggestion(
        match=Candidate(path=("ContactNumber",), column="customer_id", score=0.9, reason="often said"),
        fields=(
            Candidate(path=("Name",), column="name", score=1.0, reason="the same words"),
            Candidate(path=("Phones", "PhoneNumber"), column="phone", score=0.81, reason="often said"),
        ),
        lines=(),
        of_lines=(),
        lists=frozenset({("Phones",)}),
        missing=(Missing(path=("Phones", "PhoneType"), choices=("DEFAULT", "MOBILE")),),
        unused=("balance",),
    ),
    yaml="model: customers\n"
    + "# a line that is much too long for a terminal of eighty letters, and stays whole " * 2,
)

LISTED = (
    ListedTable(
        schema="sales",
        name="invoices",
        columns=(
            ListedColumn(name="id", type="bigint", nullable=False),
            ListedColumn(name="total", type="numeric(12,2)", nullable=True),
        ),
        primary_key=("id",),
    ),
    ListedTable(
        schema="",
        name="rates",
        columns=(ListedColumn(name="rate", type="double", nullable=True),),
        primary_key=(),
    ),
)
