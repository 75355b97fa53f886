"""Operations as rows of a Parquet file and back, payloads byte for byte as they will be sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache
from typing import Any

from bookward import exactjson
from bookward.heavy import pa, pc
from bookward.records import SENDING, Brief, ChangeKind, Operation, OperationKind, Payload, Rejection

_CHANGES = {kind.value: kind for kind in ChangeKind}
_KINDS = {kind.value: kind for kind in OperationKind}

_COLUMNS: dict[str, Callable[[Operation], Any]] = {
    "seq": lambda o: o.seq,
    "key": lambda o: o.key,
    "change": lambda o: o.change.value,
    "kind": lambda o: o.kind.value,
    "remote_id": lambda o: o.remote_id,
    "payload": lambda o: exactjson.encode(o.payload),
    "before": lambda o: None if o.before is None else exactjson.encode(o.before),
    "brief": lambda o: None if o.brief is None else exactjson.encode(o.brief),
    "notes": lambda o: o.notes,
    "code": lambda o: o.rejection and o.rejection.code,
    "message": lambda o: o.rejection and o.rejection.message,
    "remedy": lambda o: o.rejection and o.rejection.remedy,
    "field": lambda o: o.rejection and o.rejection.field,
    "digest": lambda o: o.digest,
    "disowned": lambda o: o.disowned,
}

WITHOUT_VALUES = [name for name in _COLUMNS if name not in ("payload", "before", "brief")]
"""The columns of operations that are read without what they send."""

BRIEFS = ["seq", "brief"]
"""The columns of what persons know the records of operations by."""


@cache
def operations_schema() -> pa.Schema:
    """Return the columns of operations with their types."""
    lists = pa.list_(pa.string())
    types: dict[str, pa.DataType] = {"seq": pa.int64(), "notes": lists, "disowned": lists}
    return pa.schema({name: types.get(name, pa.string()) for name in _COLUMNS})


def operations_batch(operations: Sequence[Operation]) -> pa.RecordBatch:
    """Return operations as rows."""
    schema = operations_schema()
    columns = zip(_COLUMNS.values(), schema.types, strict=True)
    arrays = [pa.array([get(o) for o in operations], type_) for get, type_ in columns]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


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


def briefs_of(batch: pa.RecordBatch) -> Iterator[tuple[int, Brief]]:
    """Yield the briefs of the rows that have one, each with its place; a batch may have ``BRIEFS`` only."""
    if "brief" not in batch.schema.names:  # a plan of an earlier release
        return
    columns: list[list[Any]] = [batch.column(name).to_pylist() for name in BRIEFS]
    for seq, brief in zip(*columns, strict=True):
        if brief is not None:
            yield seq, exactjson.decode_as(brief, Brief)


def _operation(
    seq: int,
    key: str,
    change: str,
    kind: str,
    remote_id: str | None,
    payload: str | None,
    before: str | None,
    brief: str | None,
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
        brief=None if brief is None else exactjson.decode_as(brief, Brief),
        notes=tuple(notes),
        rejection=Rejection(code=code, message=message, remedy=remedy, field=field) if code else None,
        digest=digest,
        disowned=tuple(disowned or ()),  # plans of older releases have none
    )


def _before(text: str | None) -> Payload | None:
    return None if text is None else exactjson.decode(text)
