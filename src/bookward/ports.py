"""The few contracts between parts that do not know each other; app.py plugs the implementations in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol, TypeAlias

from bookward.heavy import pa
from bookward.records import ApiCall, Intent, Organisation, Outcome, Payload, RemoteRecord


class CallLog(Protocol):
    """Keeps every API call."""

    def record(self, call: ApiCall) -> None:
        """Write one finished call down."""


class Journal(Protocol):
    """The append-only write-ahead journal of one run; every method has returned only when it is on disk.

    Writing raises ``RunOvertaken``, and writes nothing, once another process works on the run's sync.
    """

    def check(self) -> None:
        """Raise ``RunOvertaken`` once another process works on the run's sync."""

    def intend(self, intent: Intent) -> None:
        """Write down a batch before it is sent."""

    def settle(self, batch: str, outcomes: Sequence[Outcome], next_intents: Sequence[Intent] = ()) -> None:
        """Close a batch: the outcomes now known and the batches that carry the rest, in one transaction."""

    def record(self, outcomes: Sequence[Outcome]) -> None:
        """Write down outcomes that no batch has brought."""

    def open_intents(self) -> Sequence[Intent]:
        """Return the batches that were written down and never closed, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a sign-in gave us. Never logged; sealed at rest."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime
    scope: str
    tenant_id: str
    tenant_name: str
    lost_at: datetime | None = None  #: when the destination refused to renew them; None: it has not
    at: str | None = None  #: what stood in for the destination where they were given; None: nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A person's consent that is asked for: where, and what tells the answer to it from any other."""

    url: str = field(repr=False)  #: the destination's page on which a person grants access
    redirect_uri: str  #: where the browser comes back to
    state: str = field(repr=False)
    verifier: str | None = field(repr=False)  #: of PKCE, for apps that use it
    at: str | None = None  #: as of ``Tokens``


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What a sign-in gave, before one of the organisations it reaches is chosen. Treated as ``Tokens``."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime
    scope: str
    organisations: tuple[Organisation, ...]  #: at least one; only those that the destination's file means
    at: str | None = None  #: as of ``Tokens``


class TokenVault(Protocol):
    """Keeps the tokens of destinations, sealed."""

    def load(self, destination: str) -> Tokens | None:
        """Return the tokens of a destination, None when it was never connected."""

    def save(self, destination: str, tokens: Tokens) -> None:
        """Replace the tokens of a destination; on disk when this returns."""

    def forget(self, destination: str) -> None:
        """Drop the tokens of a destination, if there are any."""

    def refreshing(self, destination: str) -> AbstractContextManager[None]:
        """Let one refresher in at a time, over all processes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetState:
    """What is known about an organisation's limits on calls."""

    minute_left: int | None = None  #: calls left in the present minute, as last said by the destination
    day_left: int | None = None
    seen_at: datetime | None = None  #: when the two figures above were said
    blocked_until: datetime | None = None  #: no call before this moment
    minute: str | None = None  #: what else the destination knows of the present minute, in words of its own


Admits: TypeAlias = Callable[[BudgetState, int], BudgetState | None]
"""Is given what is known of an organisation's limits and how many calls are in flight; returns what is known
once another call leaves, None when none may."""
Learns: TypeAlias = Callable[[BudgetState], BudgetState]
"""Is given what is known of an organisation's limits, and returns what is known after an answer."""


class Budget(Protocol):
    """The call budget of organisations, shared by all processes: what is known of it, and who is calling."""

    def load(self, organisation: str) -> BudgetState:
        """Return what was last known."""

    def enter(self, organisation: str, at: datetime, admits: Admits) -> str | None:
        """Take a place for one call if ``admits`` lets it leave; return the place, None when it may not.

        No other process is let in between the question and its answer. What calls of a process that is gone
        does not count.
        """

    def leave(self, organisation: str, place: str, learns: Learns | None) -> None:
        """Give a place back, and remember what the call has told, if anything, in one step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexMark:
    """How far the index of one object is filled."""

    watermark: str | None  #: the destination's own time up to which changes are known; None: never filled


class RemoteIndex(Protocol):
    """The records of one organisation as last seen, for record matching and look-ups."""

    def mark(self, organisation: str, object_: str) -> IndexMark:
        """Return how far the index is filled."""

    def put(
        self, organisation: str, object_: str, records: Iterable[RemoteRecord], watermark: str | None = None
    ) -> None:
        """Add or replace records; move the watermark too when one is given, in the same transaction."""

    def replace(self, organisation: str, object_: str, records: Iterable[RemoteRecord]) -> None:
        """Put records in the place of all that there are, in one transaction."""

    def by_id(self, organisation: str, object_: str, remote_ids: Sequence[str]) -> Mapping[str, RemoteRecord]:
        """Return the known ones of ``remote_ids``."""

    def by_key(
        self, organisation: str, object_: str, field: str, folded: Sequence[str]
    ) -> Mapping[str, Sequence[RemoteRecord]]:
        """Return, per folded value that is known, the records whose ``field`` has it."""


class RowLedger(Protocol):
    """What is known about the rows of a sync beyond one run."""

    def remote_ids(self, keys: Sequence[str]) -> Mapping[str, str]:
        """Return, for the rows of this sync that have a record, its id."""

    def made(self, remote_ids: Sequence[str]) -> Set[str]:
        """Return those of the records that this sync has inserted; it found others there."""

    def former_ids(self, keys: Sequence[str]) -> Mapping[str, str]:
        """Return, for the rows that had a record before they left the model, its id."""

    def disowned(self, keys: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Return, for rows of which a person said that they are not booked, records that are not theirs."""

    def owners(self, remote_ids: Sequence[str]) -> Mapping[str, str]:
        """Return, for the records that a live row of this sync owns, the key of that row."""

    def heirs(self, remote_ids: Sequence[str]) -> Mapping[str, str]:
        """Return, for the records that rows of this plan take over from removed ones, the heirs' keys."""

    def owned_elsewhere(self, remote_ids: Sequence[str]) -> Set[str]:
        """Return those of the records that rows of other syncs have."""

    def claimants(self, claims: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Return, for each claim that rows of this plan make, the keys of those rows, rejected ones too."""

    def first_to_make(self, object_: str, claim: str, key: str, payload: Payload) -> tuple[str, Payload]:
        """Note that a row of this plan needs a record of another kind made first, told by ``claim``.

        Returns:
            The key of the first row that needs it, and what the record is made of as that row says.
        """

    def held_back(self, claims: Sequence[str]) -> str | None:
        """Return the key of a row that this plan rejects and that makes one of ``claims``, if any."""


class Rows(NamedTuple):
    """What a query returns: its schema, and its rows in batches of bounded size, read as they are asked for.

    The iterator raises ``SourceFailed`` when the connection is lost: a short result never looks whole.
    """

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """Whose accepted rows a warehouse keeps the hashes of, and as of when."""

    sync: str
    organisation: str  #: id of the one that they were written to
    snapshot: str | None  #: name of the snapshot that has their values; None: whatever is kept does not count


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A plan asks which rows of a model may not be as they were accepted."""

    query: str  #: gives the columns that the sync reads, and no others
    keys: Sequence[str]
    config_version: int  #: rows that were accepted under another one all may differ
    plan: str  #: id of the plan that asks


class Narrowed(Protocol):
    """The answer: rows that may differ. It may hold equal ones, and never leaves a different one out."""

    whole: bool  #: all rows are there: none are kept that they could be compared with
    unread: int  #: keys whose rows are as they were accepted

    def gone(self) -> Rows:
        """Return the keys that were accepted and are not in the model, to be read before the rows."""

    def rows(self) -> Rows:
        """Return all rows of the keys that may differ, and those with a null in their key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """What became of the rows that a plan has looked at.

    A row's place is the one in which ``Narrowed.rows`` gave it, from 0; the gone keys come after.
    """

    plan: str
    base: str | None  #: the snapshot that the plan was compared with
    whole: bool
    looked_at: int  #: rows and gone keys
    open_places: pa.RecordBatchReader  #: ``place``, and ``held``: whether the new snapshot has the key
    strays: pa.Table  #: keys, as text, that the new snapshot has and the plan was not given
    rows: int  #: of the new snapshot


class SqlPushdown(Protocol):
    """Compares in a warehouse: keeps there, for each accepted row of a sync, its key and a hash of it.

    What it keeps can be lost or out of date at any time: then all rows are read, and it is made anew.
    """

    def check(self) -> None:
        """Make sure that there is a place for the tables.

        Raises:
            RightsMissing: there is none; the message has the statements that make one.
            SourceUnreachable, SourceFailed: as a source.
        """

    def narrow(self, accepted: Accepted, question: Question) -> AbstractContextManager[Narrowed]:
        """Ask which rows may differ; what was looked at is remembered under the plan's id.

        Raises:
            RightsMissing, SourceUnreachable, SourceFailed: as above, also while rows are taken.
        """

    def advance(self, accepted: Accepted, advance: Advance) -> None:
        """Take over what a plan has looked at, all of it or nothing; again for the same plan changes nothing.

        Args:
            accepted: names the new snapshot.

        Raises:
            RightsMissing, SourceUnreachable, SourceFailed: as above.
        """

    def forget(self, accepted: Accepted, needed: Callable[[str], bool]) -> None:
        """Drop what is remembered for plans of a sync whose id is not ``needed``; of others it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a plan or run stands; sent often, each one whole."""

    phase: str  #: "reading", "comparing", "mapping", "matching", "sending", "folding", "waiting", "done"
    rows_read: int = 0
    changes: int = 0
    to_send: int = 0
    sent: int = 0
    rejected: int = 0
    calls: int = 0
    minute_left: int | None = None
    day_left: int | None = None
    wait_until: datetime | None = None


OnProgress: TypeAlias = Callable[[Progress], None]
