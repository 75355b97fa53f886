"""Operations as rows of a Parquet file and back, payloads byte for byte as they will be sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pyarrow as pa

from bookward import exactjson
from bookward.records import ChangeKind, Operation, OperationKind, Payload, Rejection

_COLUMNS: dict[str, pa.DataType] = {
    "seq": pa.int64(),
    "key": pa.string(),
    "change": pa.string(),
    "kind": pa.string(),
    "remote_id": pa.string(),
    "payload": pa.string(),
    "before": pa.string(),
    "notes": pa.list_(pa.string()),
    "code": pa.string(),
    "message": pa.string(),
    "remedy": pa.string(),
    "field": pa.string(),
    "digest": pa.string(),
    "disowned": pa.list_(pa.string()),
}
OPERATIONS_SCHEMA = pa.schema(_COLUMNS)


def operations_batch(operations: Sequence[Operation]) -> pa.RecordBatch:
    """Return operations as rows."""
    return pa.RecordBatch.from_pylist([_line(operation) for operation in operations], OPERATIONS_SCHEMA)


def _line(operation: Operation) -> dict[str, Any]:
    rejection = operation.rejection
    return {
        "seq": operation.seq,
        "key": operation.key,
        "change": operation.change.value,
        "kind": operation.kind.value,
        "remote_id": operation.remote_id,
        "payload": exactjson.encode(operation.payload).decode(),
        "before": None if operation.before is None else exactjson.encode(operation.before).decode(),
        "notes": list(operation.notes),
        "code": rejection and rejection.code,
        "message": rejection and rejection.message,
        "remedy": rejection and rejection.remedy,
        "field": rejection and rejection.field,
        "digest": operation.digest,
        "disowned": list(operation.disowned),
    }


def operations_of(batch: pa.RecordBatch, kinds: Collection[OperationKind] | None = None) -> list[Operation]:
    """Return the rows that are of the given kinds, or all, as operations."""
    return [_operation(line) for line in batch.to_pylist() if kinds is None or line["kind"] in kinds]


def _operation(line: dict[str, Any]) -> Operation:
    return Operation(
        seq=line["seq"],
        key=line["key"],
        change=ChangeKind(line["change"]),
        kind=OperationKind(line["kind"]),
        remote_id=line["remote_id"],
        payload=exactjson.decode(line["payload"]),
        before=_before(line["before"]),
        notes=tuple(line["notes"]),
        rejection=_rejection(line),
        digest=line["digest"],
        disowned=tuple(line.get("disowned") or ()),  # plans of older releases have none
    )


def _before(text: str | None) -> Payload | None:
    return None if text is None else exactjson.decode(text)


def _rejection(line: dict[str, Any]) -> Rejection | None:
    if line["code"] is None:
        return None
    return Rejection(code=line["code"], message=line["message"], remedy=line["remedy"], field=line["field"])
