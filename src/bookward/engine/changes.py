"""The file of changes that a diff writes: one line per row that differs, with its old and new values."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from bookward.engine.parquet import read_groups
from bookward.engine.values import python_rows
from bookward.records import ChangeKind

_KINDS = {kind.value: kind for kind in ChangeKind}


class ChangeRow(Struct, frozen=True, kw_only=True):
    """One row that differs; values are exact, and text where Python has no equal (the year 12026)."""

    seq: int
    key: str
    kind: ChangeKind
    old: dict[str, Any] | None  #: what was last accepted; None for added
    new: dict[str, Any] | None  #: what the model says now; None for removed
    old_version: int | None  #: the configuration that the old values were accepted under


def read_changes(path: Path, start: int = 0) -> Iterator[list[ChangeRow]]:
    """Yield the changes of a file from place ``start`` on, in batches of bounded size."""
    for _, batch in read_groups(path, start):
        yield [
            ChangeRow(seq=seq, key=key, kind=_KINDS[kind], old=old, new=new, old_version=version)
            for seq, kind, key, old, new, version in zip(
                batch.column("seq").to_pylist(),
                batch.column("change").to_pylist(),
                batch.column("key").to_pylist(),
                python_rows(batch.column("old")),
                python_rows(batch.column("new")),
                batch.column("old_version").to_pylist(),
                strict=True,
            )
        ]
