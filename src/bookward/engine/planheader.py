"""What a plan says about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

import msgspec

from bookward import exactjson
from bookward.bookings import Moved
from bookward.engine.findings import Reconciled
from bookward.records import OperationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanHeader:
    """A plan at a glance; what stands at the end is filled in by the writer."""

    id: str
    sync: str
    created: datetime
    expires: datetime
    organisation: str  #: the id of the books that the plan was made for
    organisation_name: str = ""  #: as it was then; "" in plans of older releases
    config_version: int
    config_hash: str
    settings: str  #: SHA-256 of everything that was configured, in hexadecimal
    base_snapshot: str | None  #: the snapshot that the rows were compared with; None on the first run
    rows_read: int  #: as they are compared; of a model that gathers rows, the gathered ones
    changes: Mapping[str, int]  #: rows per kind of change, and "same"
    first: Mapping[str, int] = field(default_factory=dict)  #: records of other kinds made first, by kind
    forecast: Mapping[str, Any] = field(default_factory=dict)
    operations: Mapping[str, int] = field(default_factory=dict)  #: per kind of operation, none that is zero
    key_problems: int = 0  #: rows rejected because their key is null or they cannot be one row
    named_all: bool = True  #: each of them is an operation of its own; if not, the last one counts the rest
    bytes_to_send: int = 0
    money: Mapping[str, Moved] = field(default_factory=dict)  #: by currency, "" where it is not known
    reconciled: Reconciled | None = None  #: where all records in the books were looked at too
    tripped: tuple[str, ...] = ()  #: what is beyond the guards, a sentence each
    untouched: tuple[str, ...] = ()  #: rows that a trial asked for and that have nothing to be done about
    columns: tuple[str, ...] = ()  #: that the model had; none in plans of older releases
    notes: tuple[str, ...] = ()  #: what a person may want to know and nothing depends on, a sentence each
    former_key: tuple[str, ...] = ()  #: by which the sync's rows were known, where they go over to another
    left_behind: int = 0  #: records of rows of the former key that no row takes over: they stay as they are
    digest: str = ""  #: SHA-256 over those of changes and operations, in hexadecimal

    @property
    def changed(self) -> bool:
        """Whether any row differs from the snapshot."""
        return any(count for kind, count in self.changes.items() if kind != "same")

    @property
    def grave(self) -> str:
        """What it does beyond what a sync does by itself, which a second person has to want; or ""."""
        if self.reconciled is not None and self.reconciled.removing:
            return "It removes records that a reconciliation found."
        if self.operations.get(OperationKind.ASSUME):
            return "It resets the sync: rows count as synced without being sent."
        return ""

    def to_json(self) -> bytes:
        """Return the header as indented JSON."""
        return msgspec.json.format(exactjson.encode(self), indent=2) + b"\n"

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Return the header that was written.

        Raises:
            msgspec.MsgspecError: it is not one.
        """
        return msgspec.convert(exactjson.decode(text), cls)
