"""What the books hold beside the rows: as a file of a plan, and at a glance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path

from bookward.engine.parquet import new_file, read_groups
from bookward.heavy import pa
from bookward.records import Finding, FoundKind

_PART = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How many records there are of one kind of finding, and what they come to."""

    records: int
    sums: Mapping[str, Decimal]  #: by currency, with tax; "" where none is said


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What comes of holding all rows against all records in the books."""

    rows: int  #: in the model, those without a key of their own too
    in_books: int  #: of them, those whose record says the same
    rows_sums: Mapping[str, Decimal]  #: by currency, without added tax, of the rows that say an amount
    records_sums: Mapping[str, Decimal]  #: the same, of the records of these rows
    found: Mapping[str, Found]  #: by kind of finding, none that is empty
    uncertain: int  #: records that may be those of uncertain rows, also of such as have left the model
    removing: tuple[str, ...]  #: kinds of finding that the plan removes
    calls: int  #: that reading and comparing took

    @property
    def agrees(self) -> bool:
        """Whether all rows are in the books, to the cent, and no record too many."""
        too_many = self.found or self.uncertain
        return self.rows == self.in_books and not too_many and self.rows_sums == self.records_sums


def tally(findings: Sequence[Finding]) -> dict[str, Found]:
    """Return the findings counted and added up, by their kind."""
    found: dict[str, Found] = {}
    for kind in FoundKind:
        of_kind = [finding for finding in findings if finding.kind is kind]
        sums: dict[str, Decimal] = {}
        for finding in of_kind:
            if finding.total is not None:
                sums[finding.currency] = sums.get(finding.currency, Decimal()) + finding.total
        if of_kind:
            found[kind.value] = Found(records=len(of_kind), sums=sums)
    return found


def write_findings(findings: Sequence[Finding], path: Path) -> None:
    """Write findings to a file that is whole or absent.

    Raises:
        StoreFailed: the disk is full.
    """
    schema = pa.schema({name: pa.string() for name in Finding.__dataclass_fields__})
    with new_file(path, schema) as file:
        for start in range(0, len(findings), _PART):
            lines = [asdict(finding) | _texts(finding) for finding in findings[start : start + _PART]]
            file.write(pa.RecordBatch.from_pylist(lines, schema))


def _texts(finding: Finding) -> dict[str, str | None]:
    return {"kind": finding.kind.value, "total": None if finding.total is None else f"{finding.total:f}"}


def read_findings(path: Path) -> Iterator[Finding]:
    """Yield the findings of a file, none where there is no file."""
    if not path.is_file():
        return
    for _, batch in read_groups(path):
        for line in batch.to_pylist():
            total = None if line["total"] is None else Decimal(line["total"])
            yield Finding(**{**line, "kind": FoundKind(line["kind"]), "total": total})
