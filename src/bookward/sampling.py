"""The first rows of models as a plan would have them: in canonical types, gathered, exact."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import TypeAlias

from bookward.clock import Clock
from bookward.engine.gathering import Gathering, bad_lines, gather
from bookward.engine.keys import KeyProblem, bad_keys, known_keys
from bookward.engine.parquet import read_groups
from bookward.engine.staging import stage
from bookward.engine.values import python_rows
from bookward.engine.workspace import Workspace
from bookward.errors import KeyNull
from bookward.heavy import pa
from bookward.model import Mappable, Model
from bookward.records import Rejection, Row
from bookward.sources.base import NotANumber
from bookward.spec.model import ModelSpec
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
    """The first rows of a model, as they were read."""

    columns: tuple[Mappable, ...]  #: what a sync can refer to
    model: ModelSpec
    read: pa.Table

    def rows(
        self, wanted: Sequence[str], workspace: Workspace, alone: Alone
    ) -> Mapping[str, Row | Rejection]:
        """Return the rows by key, as it is known everywhere; of a key that no plan takes, why.

        Args:
            wanted: the columns that a sync refers to: lines may differ in all others.
            workspace: its folder is made and removed.
            alone: holds the folder, waiting for whoever has it.

        Raises:
            ColumnMissing: the model lacks a column of its key.
        """
        keys = self.model.primary_key
        gathering = Gathering.of(self.model, [*keys, *wanted])
        with alone():
            shutil.rmtree(workspace.folder, ignore_errors=True)  # what a killed process left behind
            workspace.folder.mkdir(parents=True)
            try:
                read = workspace.folder / "read.parquet"
                stage(self.read.schema, iter(self.read.to_batches()), read, lambda _: None)
                if gathering is not None:
                    return _gathered(read, gathering, workspace)
                return _by_key(read, keys, bad_keys(read, keys, workspace), workspace)
            finally:
                shutil.rmtree(workspace.folder, ignore_errors=True)


class Samples:
    """Samples of models, kept for a moment: whoever writes a mapping looks at them again and again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._guard = Lock()
        self._kept: deque[tuple[datetime, SourceSpec, Sample]] = deque(maxlen=MODELS)

    def of(self, model: Model, source: SourceSpec) -> Sample:
        """Return the sample of a model, read anew when it is old or the model is another by now.

        Args:
            model: what is read.
            source: of the model, as its file has it.

        Raises:
            ModelRefused, SourceUnreachable, SourceFailed: the model cannot be read.
            ColumnMissing: it lacks a column of its key or of its lines.
        """
        since = self._clock.now() - KEPT
        with self._guard:
            for read_at, of, sample in self._kept:
                # Compared as they are: written out, a secret looks like every other.
                if read_at >= since and (sample.model, of) == (model.spec, source):
                    return sample
        sample = _read(model)
        with self._guard:
            self._kept.append((self._clock.now(), source, sample))
        return sample


def _read(model: Model) -> Sample:
    """Return the first rows; where they are gathered those of the least keys, whose lines may lie apart."""
    mappable = model.mappable()
    columns = [column.name for column in mappable]
    gathering = Gathering.of(model.spec, columns)
    first = (gathering.reads, LINES, gathering.keys) if gathering else (columns, ROWS)
    try:
        with model.read(*first) as rows:
            read = pa.Table.from_batches(list(rows.batches), rows.schema)
    except NotANumber as error:
        model.loosen(error.column)
        return _read(model)
    return Sample(columns=mappable, model=model.spec, read=read)


def _gathered(read: Path, gathering: Gathering, workspace: Workspace) -> Mapping[str, Row | Rejection]:
    """Return rows without the one whose lines the limit may have cut off, unless there is no other."""
    out, keys = workspace.folder / "gathered.parquet", gathering.keys
    gather(read, gathering, out, workspace)
    rows = _by_key(out, keys, bad_lines(read, gathering, workspace), workspace)
    known = known_keys(read, keys, workspace)
    whole = {key: row for key, row in rows.items() if len(known) < LINES or key != known[-1]}
    return whole or rows


def _by_key(
    path: Path, keys: Sequence[str], problems: Iterable[KeyProblem], workspace: Workspace
) -> Mapping[str, Row | Rejection]:
    refused = {each.key: each.rejection for each in problems if each.rejection.code != KeyNull.code}
    known = zip(known_keys(path, keys, workspace), _rows(path), strict=True)
    return {key: refused.get(key, row) for key, row in known if key is not None}


def _rows(path: Path) -> list[Row]:
    return [
        row
        for _, batch in read_groups(path, 0)
        for row in python_rows(pa.StructArray.from_arrays(batch.columns, fields=list(batch.schema)))
        if row is not None
    ]
