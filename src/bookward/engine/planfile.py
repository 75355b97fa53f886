"""A plan as a folder that is written once: what differs, what will be done about it, and a header."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import ExitStack
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from bookward.disk import disk_errors, move_to_disk, sync
from bookward.engine.changes import ChangeRow, read_changes
from bookward.engine.findings import read_findings, write_findings
from bookward.engine.keys import KeyProblem
from bookward.engine.operations import (
    BRIEFS,
    WITHOUT_VALUES,
    briefs_of,
    bytes_to_send,
    operations_batch,
    operations_of,
    operations_schema,
)
from bookward.engine.parquet import RowWriter, new_file, read_groups
from bookward.engine.planheader import PlanHeader
from bookward.errors import KeysLeftOut, NameUnknown, StoreFailed
from bookward.failpoints import failpoint
from bookward.heavy import pa, pq
from bookward.records import Brief, ChangeKind, Finding, Operation, OperationKind, Rejection

NAMED_KEY_PROBLEMS = 1_000
"""So many null or duplicate keys are listed one by one in a plan; one more line counts the rest."""

_HEADER = "header.json"
_FINDINGS = "findings.parquet"
_GROUP_ROWS = 4_096
"""Small, because single operations are looked up by place while batches are sent."""


class PlanWriter:
    """Writes a plan; its folder appears when ``finish`` has returned, and never otherwise.

    Use it as a context: the diff writes to ``changes``, operations are added in the order of their
    places, then come the rows rejected for their keys, then the header.
    """

    def __init__(
        self, plans: Path, plan_id: str, partial: Path, put: Callable[[Path], None] = lambda _: None
    ) -> None:
        """Write the plan ``plan_id`` of the folder ``plans``; until it is whole, it lies in ``partial``.

        Args:
            put: is given the whole plan before it gets its name, to put it elsewhere too.
        """
        self.folder = plans / plan_id
        self._partial = partial
        self._put = put
        self._seq = 0
        self._key_problems = 0
        self._named_all = True
        self._counts: Counter[OperationKind] = Counter()
        self._bytes = 0
        self._open = ExitStack()

    @property
    def changes(self) -> Path:
        """Where the diff is to write."""
        return self._partial / "changes.parquet"

    @property
    def operations(self) -> dict[OperationKind, int]:
        """How many operations there are so far of each kind."""
        return {kind: self._counts[kind] for kind in OperationKind if self._counts[kind]}

    @property
    def bytes_to_send(self) -> int:
        """How many bytes of payload the operations so far will send."""
        return self._bytes

    @property
    def next_place(self) -> int:
        """The place of the next operation."""
        return self._seq

    def add_findings(self, findings: Sequence[Finding]) -> None:
        """Write down the records in the books that no row accounts for."""
        if findings:
            write_findings(findings, self._partial / _FINDINGS)

    def __enter__(self) -> Self:
        shutil.rmtree(self._partial, ignore_errors=True)
        with disk_errors(self._partial):
            self._partial.mkdir(parents=True)
            self.folder.parent.mkdir(parents=True, exist_ok=True)
        path = self._partial / "operations.parquet"
        self._file: RowWriter = self._open.enter_context(
            new_file(path, operations_schema(), group_rows=_GROUP_ROWS, group_bytes=None)
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._open.__exit__(kind, error, traceback)
        finally:
            shutil.rmtree(self._partial, ignore_errors=True)

    def add(self, operations: Sequence[Operation]) -> None:
        """Append operations; their places go on from those before.

        Raises:
            ValueError: an operation was left out or out of order.
        """
        for operation in operations:
            if operation.seq != self._seq:
                raise ValueError(f"operation {operation.seq} came where {self._seq} was due")
            self._seq += 1
            self._counts[operation.kind] += 1
        batch = operations_batch(operations)
        self._bytes += bytes_to_send(operations, batch)
        self._file.write(batch)

    def add_key_problems(self, problems: Iterable[KeyProblem]) -> None:
        """Append one rejected operation per bad key, and one that counts those beyond the first 1,000."""
        rest: Counter[str] = Counter()
        for number, problem in enumerate(problems):
            self._key_problems += problem.rows
            if number < NAMED_KEY_PROBLEMS:
                self._reject(problem.key, problem.rejection)
            else:
                rest[problem.rejection.code] += problem.rows
        if rest:
            self._named_all = False
            self._reject(f"{rest.total()} more rows", _rest(rest))

    def _reject(self, key: str, rejection: Rejection) -> None:
        # Whether such a row was accepted before is not known, so it counts as one that was not.
        operation = Operation(
            seq=self._seq, key=key, change=ChangeKind.ADDED, kind=OperationKind.REJECT, rejection=rejection
        )
        self.add([operation])

    def finish(self, header: PlanHeader) -> Plan:
        """Write the header and give the plan its name.

        Args:
            header: what the caller knows; what the writer counted itself is filled in.

        Raises:
            StoreFailed: the disk is full, or there is a plan of this id.
        """
        self._open.close()
        header = replace(
            header,
            operations={kind.value: count for kind, count in self.operations.items()},
            key_problems=self._key_problems,
            named_all=self._named_all,
            bytes_to_send=self._bytes,
            digest=_digest(self._partial),
        )
        path = self._partial / _HEADER
        with disk_errors(path):
            path.write_bytes(header.to_json())
            sync(path)
        failpoint("before-plan-rename")
        self._put(self._partial)
        move_to_disk(self._partial, self.folder)
        return Plan(self.folder, header)


class Plan:
    """A plan as it was written."""

    def __init__(self, folder: Path, header: PlanHeader) -> None:
        self.folder = folder
        self.header = header
        self.changes = folder / "changes.parquet"
        self._operations = folder / "operations.parquet"

    @classmethod
    def open(cls, folder: Path) -> Plan:
        """Return the plan in a folder.

        Raises:
            NameUnknown: there is none.
            StoreFailed: it is not what was written.
        """
        if not (folder / _HEADER).is_file():
            raise NameUnknown(f"There is no plan {folder.name!r} in {folder.parent}.", remedy="Plan again.")
        try:
            header = PlanHeader.from_json((folder / _HEADER).read_bytes())
            digest = _digest(folder)
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            raise StoreFailed(f"The plan {folder} cannot be read: {error}", remedy="Plan again.") from error
        if digest != header.digest:
            raise StoreFailed(
                f"The files in {folder} are not the ones that were planned: their digest is {digest}, "
                f"the header says {header.digest}.",
                remedy="Plan again.",
            )
        return cls(folder, header)

    def read_changes(self, start: int = 0) -> Iterator[list[ChangeRow]]:
        """Yield the changes from place ``start`` on, in batches of bounded size."""
        return read_changes(self.changes, start)

    def findings(self) -> Iterator[Finding]:
        """Yield the records in the books that no row accounts for, where they were looked at."""
        return read_findings(self.folder / _FINDINGS)

    def operations(
        self, kinds: Collection[OperationKind] | None = None, start: int = 0, *, values: bool = True
    ) -> Iterator[list[Operation]]:
        """Yield the operations from place ``start`` on, of the given kinds or of all, in bounded batches.

        Args:
            values: whether with what they send and what was before, which is most of the work.
        """
        for _, batch in read_groups(self._operations, start, None if values else WITHOUT_VALUES):
            operations = operations_of(batch, kinds)
            if operations:
                yield operations

    def operations_at(self, seqs: Iterable[int]) -> list[Operation]:
        """Return the operations of the given places, in the order of the places."""
        return [operation for batch in self._rows_at(seqs) for operation in operations_of(batch)]

    def briefs_at(self, seqs: Iterable[int]) -> Mapping[int, Brief]:
        """Return by place what persons know the records of some operations by, where that was looked up."""
        batches = self._rows_at(seqs, BRIEFS)
        return {seq: brief for batch in batches for seq, brief in briefs_of(batch)}

    def named(self, text: str) -> Set[int]:
        """Return the places of the operations whose record, contact included, is called somehow like this."""
        wanted = text.casefold()
        briefs = (each for _, batch in read_groups(self._operations, 0, BRIEFS) for each in briefs_of(batch))
        return {seq for seq, brief in briefs if wanted in f"{brief.called}\n{brief.party}".casefold()}

    def _rows_at(self, seqs: Iterable[int], columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
        with pq.ParquetFile(self._operations) as file:
            for group, places in groupby(sorted(set(seqs)), lambda seq: seq // _GROUP_ROWS):
                table = file.read_row_group(group, columns).combine_chunks()
                yield from table.take([place - group * _GROUP_ROWS for place in places]).to_batches()


def rename_plans(plans: Path, old: str, new: str) -> Iterator[Path]:
    """Let the plans of a sync say its new name, and yield each; those that cannot be read stay as they are.

    Raises:
        StoreFailed: one cannot be written.
    """
    for folder in plans.glob("[0-9]*"):
        header = _header_of(folder)
        if header is not None and header.sync == old:
            _write_header(folder, replace(header, sync=new))
            yield folder


def _header_of(folder: Path) -> PlanHeader | None:
    try:
        return PlanHeader.from_json((folder / _HEADER).read_bytes())
    except (OSError, ValueError, msgspec.MsgspecError):
        return None


def _write_header(folder: Path, header: PlanHeader) -> None:
    partial = folder / f"{_HEADER}.partial"
    with disk_errors(partial):
        partial.write_bytes(header.to_json())
    move_to_disk(partial, folder / _HEADER)


def _rest(rows: Counter[str]) -> Rejection:
    parts = [f"{count} with {_SAID[code]}" for code, count in sorted(rows.items())]
    return Rejection.of(
        KeysLeftOut(
            f"{rows.total()} more rows are left out for their keys: {', '.join(parts)}.",
            remedy=f"The first {NAMED_KEY_PROBLEMS} are listed one by one; correct the key in the model.",
        )
    )


_SAID = {
    "key_null": "a null in the key",
    "key_duplicate": "a duplicate key",
    "lines_disagree": "lines that disagree",
    "line_duplicate": "two lines in one place",
}


def _digest(folder: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(folder.glob("*.parquet")):
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()
