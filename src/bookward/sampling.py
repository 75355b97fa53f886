"""The first rows of models as a plan would have them: in canonical types, gathered, exact."""

from __future__ import annotations

import shutil
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import TypeAlias

from bookward import exactjson
from bookward.clock import Clock
from bookward.engine.gathering import Gathering, gather
from bookward.engine.parquet import read_groups
from bookward.engine.staging import stage
from bookward.engine.values import python_rows
from bookward.engine.workspace import Workspace
from bookward.heavy import pa
from bookward.model import Mappable, Model
from bookward.records import Row, row_key
from bookward.sources.base import NotANumber
from bookward.spec.source import SourceSpec

ROWS = 100
LINES = 1_000  #: rows that are read where several make one
KEPT = timedelta(minutes=2)
MODELS = 8

FOLDER = ".sample"
"""Under the work folder: of whoever holds the lock of this name."""

Alone: TypeAlias = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The first rows of a model."""

    columns: tuple[Mappable, ...]  #: what a sync can refer to
    keys: tuple[str, ...]  #: of the rows, as they are known everywhere
    rows: Sequence[Row]


class Samples:
    """Samples of models, kept for a moment: whoever writes a mapping looks at them again and again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._guard = Lock()
        self._kept: OrderedDict[bytes, tuple[datetime, Sample]] = OrderedDict()

    def of(self, model: Model, source: SourceSpec, workspace: Workspace, alone: Alone) -> Sample:
        """Return the sample of a model, read anew when it is old or the model is another by now.

        Args:
            model: what is read.
            source: of the model, as its file has it.
            workspace: its folder is made and removed.
            alone: holds the folder, waiting for whoever has it.

        Raises:
            ModelRefused, SourceUnreachable, SourceFailed: the model cannot be read.
            ColumnMissing: it lacks a column of its key or of its lines.
        """
        both = {"model": model.spec.model_dump(mode="json"), "source": source.model_dump(mode="json")}
        name = exactjson.encode_sorted(both)
        with self._guard:
            kept = self._kept.get(name)
        if kept is not None and self._clock.now() - kept[0] <= KEPT:
            return kept[1]
        sample = _read(model, workspace, alone)
        self._keep(name, sample)
        return sample

    def _keep(self, name: bytes, sample: Sample) -> None:
        with self._guard:
            self._kept[name] = (self._clock.now(), sample)
            self._kept.move_to_end(name)
            while len(self._kept) > MODELS:
                self._kept.popitem(last=False)


def _read(model: Model, workspace: Workspace, alone: Alone) -> Sample:
    mappable = model.mappable()
    columns = [column.name for column in mappable]
    gathering = Gathering.of(model.spec, columns)
    limit = LINES if gathering else ROWS
    schema, batches = _first(model, gathering.reads if gathering else columns, limit)
    keys = model.spec.primary_key
    with alone():
        shutil.rmtree(workspace.folder, ignore_errors=True)  # what a killed process left behind
        workspace.folder.mkdir(parents=True)
        try:
            read = workspace.folder / "read.parquet"
            stage(schema, iter(batches), read, lambda _: None)
            rows = _rows(read)
            if gathering is not None:
                cut = rows[-1] if len(rows) == limit else None
                gather(read, gathering, workspace.folder / "gathered.parquet", workspace)
                rows = _whole(_rows(workspace.folder / "gathered.parquet"), keys, cut)
        finally:
            shutil.rmtree(workspace.folder, ignore_errors=True)
    keyed = [row for row in rows if all(row[name] is not None for name in keys)]
    return Sample(columns=mappable, keys=tuple(_key(keys, row) for row in keyed), rows=keyed)


def _whole(rows: Sequence[Row], keys: Sequence[str], cut: Row | None) -> list[Row]:
    """Return rows without the one whose lines the limit may have cut off, unless there is no other."""
    whole = [row for row in rows if cut is None or _key(keys, row) != _key(keys, cut)]
    return whole or list(rows)


def _first(model: Model, columns: Sequence[str], limit: int) -> tuple[pa.Schema, list[pa.RecordBatch]]:
    try:
        with model.read(columns, limit) as rows:
            return rows.schema, list(rows.batches)
    except NotANumber as error:
        model.loosen(error.column)
        return _first(model, columns, limit)


def _rows(path: Path) -> list[Row]:
    return [
        row
        for _, batch in read_groups(path, 0)
        for row in python_rows(pa.StructArray.from_arrays(batch.columns, fields=list(batch.schema)))
        if row is not None
    ]


def _key(names: Sequence[str], row: Row) -> str:
    return row_key([row[name] for name in names])
