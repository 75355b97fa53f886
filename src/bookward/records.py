"""What travels between the parts of Bookward: frozen records without any input or output of their own.

Those that there is one of for each row are ``Struct``s, which are made several times as fast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias

from msgspec import Struct

from bookward import exactjson
from bookward.bookings import Posting
from bookward.clock import Uptime
from bookward.errors import Retry, RowError

Row: TypeAlias = Mapping[str, Any]
"""One row of a model: column name to Python value; money is ``Decimal``, times carry zones."""

NARROWED = "\x1f"
"""In a claim, what stands behind this narrows it down: the number of a bill to its contact."""

Payload: TypeAlias = dict[str, Any]
"""What would be sent for one row: the destination's field names, nested as it nests them."""


def row_key(values: Sequence[Any]) -> str:
    """Return the text under which a row is known everywhere outside the snapshot.

    One key column gives its plain text; several give a JSON list of texts, so that ("a", "b,c") and
    ("a,b", "c") stay apart.
    """
    if len(values) == 1:
        return str(values[0])
    return exactjson.encode([str(value) for value in values]).decode()


class ChangeKind(StrEnum):
    """How a row differs from the snapshot."""

    ADDED = "added"  #: the key is not in the snapshot
    CHANGED = "changed"  #: the key is in both, a value that the sync refers to differs
    REMAPPED = "remapped"  #: the row may be as before, but it was accepted under an older configuration
    REMOVED = "removed"  #: the key is only in the snapshot
    RESYNCED = "resynced"  #: the row is as before, and everything is looked at again


class OperationKind(StrEnum):
    """What a plan does about one row."""

    INSERT = "insert"  #: create a record
    UPDATE = "update"  #: change a record
    REPLACE = "replace"  #: remove the record that the sync has inserted, then insert another in its place
    ARCHIVE = "archive"  #: archive the record of a removed row
    DELETE = "delete"  #: delete the record of a removed row
    VOID = "void"  #: void the document of a removed row, or delete it where it is a draft
    ADOPT = "adopt"  #: a record found at the destination already says the same: nothing is sent
    UNCHANGED = "unchanged"  #: the row moved, but nothing that would be sent did: nothing is sent
    KEEP = "keep"  #: the row was removed from the model; its record stays as it is: nothing is sent
    SKIP = "skip"  #: the sync creates nothing, and no record matches the row: nothing is sent
    HOLD = "hold"  #: the row was removed, but another row or sync has its record: nothing is sent
    ASSUME = "assume"  #: a person says that the books say what the row says: nothing is sent
    REJECT = "reject"  #: the row cannot be synced, for the reason given: nothing is sent
    DEFER = "defer"  #: the destination refused just this before; not tried again yet: nothing is sent
    PARK = "park"  #: refused for good until the row, its mapping or a person changes it: nothing is sent
    UNCERTAIN = "uncertain"  #: sent once, and whether it was booked a person has to say: nothing is sent
    LEAVE = "leave"  #: the plan is a trial of other rows: nothing is sent


SENDING = frozenset(
    {
        OperationKind.INSERT,
        OperationKind.UPDATE,
        OperationKind.REPLACE,
        OperationKind.ARCHIVE,
        OperationKind.DELETE,
        OperationKind.VOID,
    }
)
"""The kinds of operation that spend calls."""


class OutcomeStatus(StrEnum):
    """What became of one operation."""

    ACCEPTED = "accepted"  #: the destination said so
    ADOPTED = "adopted"  #: found there already, equal
    UNCHANGED = "unchanged"  #: nothing to send
    KEPT = "kept"  #: removed from the model, record left as it is
    SKIPPED = "skipped"  #: no record matches, and the sync creates none; looked at again next time
    HELD = "held"  #: removed from the model, and the record is another row's, or another sync's
    ASSUMED = "assumed"  #: taken for synced because a person said so
    REJECTED = "rejected"  #: not synced; the reason says why
    DEFERRED = "deferred"  #: rejected before, and it is not time yet to try again
    PARKED = "parked"  #: rejected before, and not tried again by itself
    UNCERTAIN = "uncertain"  #: sent, and neither the key nor reading back can say whether it was booked


REFUSED = frozenset({OperationKind.REJECT, OperationKind.DEFER, OperationKind.PARK, OperationKind.UNCERTAIN})
"""The kinds of operation of rows that are not synced, each with a reason."""

WRITING = frozenset({OperationKind.INSERT, OperationKind.UPDATE, OperationKind.REPLACE})
"""The kinds of operation that write what a row says."""

REMOVING = SENDING - WRITING
"""The kinds of operation that remove a record."""

WAITING = frozenset(
    {
        OutcomeStatus.SKIPPED,
        OutcomeStatus.HELD,
        OutcomeStatus.REJECTED,
        OutcomeStatus.DEFERRED,
        OutcomeStatus.PARKED,
        OutcomeStatus.UNCERTAIN,
    }
)
"""The outcomes that leave the snapshot as it was, so that the next plan looks at the row again."""


class Rejection(Struct, frozen=True, kw_only=True):
    """Why a row was not synced: a stable code, what happened, what to do, and the field if there is one."""

    code: str
    message: str
    remedy: str = ""
    field: str | None = None
    retry: Retry = Retry.PLAN

    @classmethod
    def of(cls, error: RowError) -> Rejection:
        """Return the rejection that ``error`` stands for."""
        return cls(
            code=error.code,
            message=error.message,
            remedy=error.remedy,
            field=error.field,
            retry=error.retry,
        )


class Draft(Struct, frozen=True):
    """One changed row after mapping and before matching."""

    seq: int  #: place in the plan, from 0, in key order
    key: str
    change: ChangeKind
    payload: Payload = {}  #: empty for removed and rejected rows
    previous: Payload | None = None  #: what the accepted version of this row was mapped to, if there is one
    create_only: frozenset[str] = frozenset()  #: top-level fields to send only when the record is created
    match_value: str | None = None  #: the value of the match field, as text
    claims: tuple[str, ...] = ()  #: values that no other record may have, each as "Field=folded value"
    notes: tuple[str, ...] = ()  #: what was tidied on the way, for a person to read
    rejection: Rejection | None = None


class Brief(Struct, frozen=True, kw_only=True):
    """What a person knows the record of an operation by, and how much money it is about.

    Amounts are what ``ObjectType.amount`` says: without the tax that the destination adds.
    """

    called: str = ""  #: its number or name; "" where it has none
    party: str = ""  #: the customer or supplier, by name; "" where it names none
    currency: str = ""  #: "" where it is not known
    amount: Decimal | None = None  #: once the operation is done; None where there is none
    former: Decimal | None = None  #: before; None where there was none


class Operation(Struct, frozen=True, kw_only=True):
    """One line of a plan: what will be done about one row, and what the record says before."""

    seq: int
    key: str
    change: ChangeKind
    kind: OperationKind
    remote_id: str | None = None
    payload: Payload = {}
    before: Payload | None = None  #: old values of the fields that will change; None where nothing is known
    notes: tuple[str, ...] = ()
    rejection: Rejection | None = None
    brief: Brief | None = None  #: None where nothing was read, and in plans of earlier releases
    digest: str = ""  #: of all that decides what is sent: a refusal holds as long as it stays the same
    disowned: tuple[str, ...] = ()  #: records that are not this row's, because a person said so


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of one operation."""

    seq: int
    key: str
    status: OutcomeStatus
    remote_id: str | None = None
    rejection: Rejection | None = None
    warnings: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()  #: of an uncertain row: the records that may be its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A batch that is about to be sent, written down before it leaves."""

    batch: str  #: unique over all runs
    run: str
    seqs: tuple[int, ...]  #: the operations in the body, in the order of its elements
    method: str
    path: str
    body: bytes  #: exactly what is sent
    idempotency_key: str
    at: datetime
    uptime: Uptime | None = None  #: then; None in journals of earlier releases


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCall:
    """One call to a destination's API, with all secrets already replaced."""

    run: str | None  #: None for calls outside a run: connect, check, plan
    destination: str
    at: datetime
    purpose: str  #: why it was made, in a few words: "send contacts", "index contacts", "refresh token"
    method: str
    url: str
    status: int | None  #: None when no answer came
    duration_ms: float
    request_headers: dict[str, str]
    request_body: bytes
    response_headers: dict[str, str]
    response_body: bytes
    error: str | None = None  #: what went wrong on the way, when no whole answer came
    rows: int = 0  #: how many rows the request carried


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteRecord:
    """A record as the destination last showed it."""

    remote_id: str
    body: Payload
    archived: bool
    keys: Mapping[str, str]  #: field to folded value, for every field that records can be found by


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedRecord:
    """A record in the books, as much of it as tells it from others."""

    remote_id: str
    called: str  #: in a few words, with its id
    live: bool  #: neither deleted, voided nor archived
    meant: bool  #: of the sort that the sync writes, as far as its constants say
    day: str  #: YYYY-MM-DD, "" where it has none
    currency: str  #: "" where it has none
    total: Decimal | None  #: as the destination shows it, with tax; None where it has no amount
    net: Decimal | None  #: what ``ObjectType.amount`` says of it
    shared: tuple[str, ...]  #: what another record of the same would have as well, as "Field=folded value"
    postings: tuple[Posting, ...] = ()  #: what a row of the sync books that this record is of


class FoundKind(StrEnum):
    """What a live record in the books is that no row of the model accounts for."""

    LEFT_BEHIND = "left-behind"  #: the sync had it; its row left the model, and it was kept
    TWICE = "twice"  #: it has what tells the record of a row from all others: probably booked twice
    UNKNOWN = "unknown"  #: of no row of any sync: made by hand, or by others


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One live record in the books that no row accounts for."""

    kind: FoundKind
    remote_id: str
    called: str
    day: str  #: YYYY-MM-DD, "" where it has none
    currency: str  #: "" where it has none
    total: Decimal | None  #: as the destination shows it, with tax; None where it has no amount
    row: str | None  #: key of the row that had it, or whose record it repeats; None where it is unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckStep:
    """One step of testing a connection."""

    name: str  #: "reach", "sign in", "read" ...
    ok: bool
    detail: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedColumn:
    """One column of a table, as the source's own catalogue has it."""

    name: str
    type: str  #: as the source calls it
    nullable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTable:
    """A table or view that a source lists."""

    schema: str  #: "" where the source has none
    name: str
    columns: tuple[ListedColumn, ...]  #: those that may be read, in the table's order
    primary_key: tuple[str, ...]  #: its columns, in the key's order; empty where none is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong in a project file, said so that a person can go there and put it right."""

    path: str  #: relative to the project folder, with forward slashes
    line: int  #: from 1; 1 when the whole file is meant
    column: int  #: from 1
    field: str  #: where in the document, dotted: "fields.Phones.0.PhoneType"
    message: str  #: names the offending value
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecProblem:
    """A problem in a specification, before it is known on which line it stands."""

    where: tuple[str | int, ...]  #: path of keys and indices from the top of the document
    message: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who does something."""

    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """One set of books that a sign-in can reach."""

    id: str
    name: str  #: "" where it is not known

    def __str__(self) -> str:
        """Return the name with the id, for a sentence."""
        return f"{self.name!r} ({self.id})" if self.name else self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOut:
    """What signing out of a destination did, besides forgetting its tokens."""

    organisation: Organisation
    connection_ended: bool  #: the destination's own link to the app is gone, by this
    sign_in_revoked: bool  #: the tokens are worth nothing any more, by this
    remarks: tuple[str, ...]  #: what was left as it was, and why
