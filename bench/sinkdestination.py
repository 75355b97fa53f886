"""The sink as a destination of Bookward: all of the engine, and next to nothing at the other end.

Every batch is written down before it leaves, its call is recorded, and its rows are settled one by one, as
for Xero.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, tzinfo
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Literal
from uuid import uuid4

import httpx

from bookward import exactjson
from bookward.destinations.base import Forecast, Services
from bookward.ports import BudgetState, Journal, RowLedger
from bookward.records import (
    ApiCall,
    ChangeKind,
    Draft,
    Intent,
    Operation,
    OperationKind,
    Organisation,
    Outcome,
    OutcomeStatus,
    Payload,
    Rejection,
)
from bookward.spec.destination import DestinationSpec
from bookward.spec.field import Field, FieldKind
from bookward.spec.sync import SyncSpec

BATCH = 100
IN_FLIGHT = 5  # requests at a time, as the Xero destination has them
_KINDS = {"credit": FieldKind.DECIMAL, "since": FieldKind.DATE, "updated_at": FieldKind.DATETIME}
_TEXTS = ("name", "email", "phone", "first_name", "last_name", "company", "street", "city", "country")


def register(folder: Path) -> None:
    """Make whoever has ``folder`` in its PYTHONPATH find this destination, as an installed one is found."""
    distribution = folder / "bookward_bench-0.dist-info"
    distribution.mkdir()
    (distribution / "METADATA").write_text("Metadata-Version: 2.1\nName: bookward-bench\nVersion: 0\n")
    points = "[bookward.destinations]\nsink = sinkdestination:SinkDestination\n"
    (distribution / "entry_points.txt").write_text(points)


class SinkSpec(DestinationSpec):
    """One sink."""

    type: Literal["sink"]
    """Always `sink`."""
    url: str
    """Its address."""


class Contacts:
    """What the sink takes."""

    name = "contacts"
    modes = ("upsert",)
    has_amount = False
    match_fields = ("id",)
    also_called: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    named_once: ClassVar[frozenset[str]] = frozenset()
    fields: ClassVar[Mapping[str, Field]] = {
        name: Field(name=name, kind=_KINDS.get(name, FieldKind.TEXT)) for name in ("id", *_TEXTS, *_KINDS)
    }

    def amount(self, _payload: Payload) -> None:
        return None

    def claims(self, _payload: Payload, *_more: str) -> tuple[str, ...]:
        return ()

    def tidy(self, payload: Payload) -> tuple[Payload, tuple[str, ...]]:
        return payload, ()


_CONTACTS = Contacts()


class SinkDestination:
    """Books that take everything."""

    spec_class = SinkSpec
    objects = ("contacts",)

    def __init__(self, name: str, spec: SinkSpec, services: Services) -> None:
        self._name = name
        self._services = services
        self._client = httpx.Client(base_url=spec.url)

    @classmethod
    def problems(cls, _sync: SyncSpec) -> Sequence[Any]:
        return ()

    @classmethod
    def object_type(cls, _sync: SyncSpec) -> Contacts:
        return _CONTACTS

    def organisation(self) -> Organisation:
        return Organisation(id="sink", name="Sink")

    def zone(self) -> tzinfo:
        return UTC

    def resolve(
        self, _sync: SyncSpec, drafts: Sequence[Draft], ledger: RowLedger, _doubles: Mapping[str, Any]
    ) -> list[Operation]:
        ids = ledger.remote_ids([draft.key for draft in drafts])
        return [_operation(draft, ids.get(draft.key)) for draft in drafts]

    def moved(self, _sync: SyncSpec, _operations: Sequence[Operation]) -> Mapping[int, Rejection]:
        return {}

    def write(
        self, _sync: SyncSpec, run: str, operations: Iterable[Operation], journal: Journal
    ) -> Iterator[Sequence[Outcome]]:
        waiting = deque[Future[Sequence[Outcome]]]()
        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            for path, batch in _batches(operations):
                intent = self._intent(run, path, batch)
                waiting.append(pool.submit(self._written, intent, batch, journal))
                if len(waiting) == IN_FLIGHT:
                    yield waiting.popleft().result()
            for written in waiting:
                yield written.result()

    def resume(
        self,
        _sync: SyncSpec,
        _run: str,
        operations: Callable[[Sequence[int]], Sequence[Operation]],
        journal: Journal,
    ) -> Iterator[Sequence[Outcome]]:
        for intent in journal.open_intents():
            yield self._delivered(intent, operations(intent.seqs), journal)

    def beside(self, _operations: Sequence[Operation]) -> Mapping[str, int]:
        return {}

    def forecast(self, _sync: SyncSpec, sending: Mapping[str, int], *_beside: object) -> Forecast:
        calls = -(-sum(sending.values()) // BATCH)
        return Forecast(calls=calls, least_calls=calls, seconds=0.0, day_left=None)

    def budget(self) -> BudgetState:
        return BudgetState()

    def close(self) -> None:
        self._client.close()

    def _intent(self, run: str, path: str, batch: Sequence[Operation]) -> Intent:
        key = uuid4().hex
        return Intent(
            batch=key,
            run=run,
            seqs=tuple(operation.seq for operation in batch),
            method="POST",
            path=path,
            body=exactjson.encode([_element(operation) for operation in batch]),
            idempotency_key=key,
            at=self._services.clock.now(),
        )

    def _written(self, intent: Intent, batch: Sequence[Operation], journal: Journal) -> Sequence[Outcome]:
        journal.intend(intent)
        return self._delivered(intent, batch, journal)

    def _delivered(self, intent: Intent, batch: Sequence[Operation], journal: Journal) -> Sequence[Outcome]:
        self._post(intent)
        outcomes = [_outcome(operation) for operation in batch]
        journal.settle(intent.batch, outcomes)
        return outcomes

    def _post(self, intent: Intent) -> None:
        begun = time.perf_counter()
        headers = {"Content-Type": "application/json", "Idempotency-Key": intent.idempotency_key}
        answer = self._client.post(intent.path, content=intent.body, headers=headers).raise_for_status()
        self._services.calls.record(
            ApiCall(
                run=intent.run,
                destination=self._name,
                at=intent.at,
                purpose="send contacts",
                method=intent.method,
                url=str(answer.url),
                status=answer.status_code,
                duration_ms=(time.perf_counter() - begun) * 1000,
                request_headers=headers,
                request_body=intent.body,
                response_headers=dict(answer.headers),
                response_body=answer.content,
                rows=len(intent.seqs),
            )
        )


def _batches(operations: Iterable[Operation]) -> Iterator[tuple[str, list[Operation]]]:
    """Yield full batches; rows that are removed come last in a plan, and go by themselves."""
    left = iter(operations)
    while batch := list(islice(left, BATCH)):
        removed = [operation for operation in batch if operation.kind is OperationKind.DELETE]
        written = [operation for operation in batch if operation.kind is not OperationKind.DELETE]
        yield from ((path, part) for path, part in (("/rows", written), ("/removed", removed)) if part)


def _operation(draft: Draft, remote_id: str | None) -> Operation:
    kind = OperationKind.INSERT if remote_id is None else OperationKind.UPDATE
    if draft.change is ChangeKind.REMOVED:
        kind = OperationKind.DELETE
    if draft.rejection is not None:
        kind = OperationKind.REJECT
    return Operation(
        seq=draft.seq,
        key=draft.key,
        change=draft.change,
        kind=kind,
        remote_id=remote_id,
        payload=draft.payload,
        before=None if draft.previous is None else _before(draft.payload, draft.previous),
        notes=draft.notes,
        rejection=draft.rejection,
    )


def _before(payload: Payload, previous: Payload) -> Payload:
    return {name: previous.get(name) for name, value in payload.items() if previous.get(name) != value}


def _element(operation: Operation) -> Payload:
    return operation.payload | {"id": operation.key}


def _outcome(operation: Operation) -> Outcome:
    return Outcome(
        seq=operation.seq,
        key=operation.key,
        status=OutcomeStatus.ACCEPTED,
        remote_id=operation.remote_id or f"sink-{operation.key}",
    )
