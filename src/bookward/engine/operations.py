"""Operations as rows of a Parquet file and back, payloads byte for byte as they will be sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bookward import exactjson
from bookward.records import SENDING, ChangeKind, Operation, OperationKind, Payload, Rejection

_CHANGES = {kind.value: kind for kind in ChangeKind}
_KINDS = {kind.value: kind for kind in OperationKind}

_COLUMNS: dict[str, tuple[pa.DataType, Callable[[Operation], Any]]] = {
    "seq": (pa.int64(), lambda o: o.seq),
    "key": (pa.string(), lambda o: o.key),
    "change": (pa.string(), lambda o: o.change.value),
    "kind": (pa.string(), lambda o: o.kind.value),
    "remote_id": (pa.string(), lambda o: o.remote_id),
    "payload": (pa.string(), lambda o: exactjson.encode(o.payload)),
    "before": (pa.string(), lambda o: None if o.before is None else exactjson.encode(o.before)),
    "notes": (pa.list_(pa.string()), lambda o: o.notes),
    "code": (pa.string(), lambda o: o.rejection and o.rejection.code),
    "message": (pa.string(), lambda o: o.rejection and o.rejection.message),
    "remedy": (pa.string(), lambda o: o.rejection and o.rejection.remedy),
    "field": (pa.string(), lambda o: o.rejection and o.rejection.field),
    "digest": (pa.string(), lambda o: o.digest),
    "disowned": (pa.list_(pa.string()), lambda o: o.disowned),
}
OPERATIONS_SCHEMA = pa.schema([pa.field(name, type_) for name, (type_, _) in _COLUMNS.items()])

WITHOUT_VALUES = [name for name in _COLUMNS if name not in ("payload", "before")]
"""The columns of operations that are read without what they send."""


def operations_batch(operations: Sequence[Operation]) -> pa.RecordBatch:
    """Return operations as rows."""
    arrays = [pa.array([get(o) for o in operations], type_) for type_, get in _COLUMNS.values()]
    return pa.RecordBatch.from_arrays(arrays, schema=OPERATIONS_SCHEMA)


def bytes_to_send(operations: Sequence[Operation], batch: pa.RecordBatch) -> int:
    """Return how many bytes of payload the operations of a batch will send."""
    payloads: Any = batch.column("payload")
    sizes = pc.binary_length(payloads)
    return sum(size for o, size in zip(operations, sizes.to_pylist(), strict=True) if o.kind in SENDING)


def operations_of(batch: pa.RecordBatch, kinds: Collection[OperationKind] | None = None) -> list[Operation]:
    """Return the rows that are of the given kinds, or all, as operations; without values where none are."""
    columns = {name: batch.column(name).to_pylist() for name in batch.schema.names}
    there = [columns.get(name) or [None] * batch.num_rows for name in _COLUMNS]
    return [
        _operation(*line) for line in zip(*there, strict=True) if kinds is None or _KINDS[line[3]] in kinds
    ]


def _operation(
    seq: int,
    key: str,
    change: str,
    kind: str,
    remote_id: str | None,
    payload: str | None,
    before: str | None,
    notes: list[str],
    code: str | None,
    message: str,
    remedy: str,
    field: str | None,
    digest: str,
    disowned: list[str] | None,
) -> Operation:
    return Operation(
        seq=seq,
        key=key,
        change=_CHANGES[change],
        kind=_KINDS[kind],
        remote_id=remote_id,
        payload={} if payload is None else exactjson.decode(payload),
        before=_before(before),
        notes=tuple(notes),
        rejection=Rejection(code=code, message=message, remedy=remedy, field=field) if code else None,
        digest=digest,
        disowned=tuple(disowned or ()),  # plans of older releases have none
    )


def _before(text: str | None) -> Payload | None:
    return None if text is None else exactjson.decode(text)
