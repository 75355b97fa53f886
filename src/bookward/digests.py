"""What a digest says: what was synced in some time, what was not and why, and what it cost.

It holds counts, sums and the names of things, never a value of a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

import msgspec


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncDone:
    """What the runs of one sync did together."""

    sync: str
    runs: int
    failed: int  #: of the runs: that ended with an error, were parked, or whose process died
    inserted: int  #: rows of which that was final in the time, as are all that follow
    updated: int
    removed: int
    adopted: int  #: rows that were found in the books, equal
    waiting: int  #: rows that the books do not show, when the digest was made

    @property
    def idle(self) -> bool:
        """Whether nothing was done and nothing waits; what a run left may be settled without another one."""
        done = self.inserted or self.updated or self.removed or self.adopted
        return not (self.runs or done or self.waiting)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """Money that was booked, without the tax that is added to it; with what lines include."""

    organisation: str  #: in whose books; its name, or else its id
    object: str  #: with its type where a sync has but one: "invoices ACCREC"
    currency: str  #: "" is the books' own, "?" one that is not known
    inserted: Decimal
    updated: Decimal  #: what the records say that were changed or replaced, as they are now


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Rows of one sync that were not synced, for one reason."""

    sync: str
    code: str  #: of the error
    said: str  #: what the code means
    rows: int  #: different rows that were refused in the time
    waiting: int  #: rows that wait for this reason, when the digest was made
    parked: int  #: of these, those that are not tried again by themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A run that did not end well."""

    sync: str
    run: str
    at: datetime
    state: str  #: "failed", "parked", "interrupted"
    said: str
    link: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What was used of the calls that one organisation allows."""

    organisation: str  #: its name
    calls: int
    left: int | None  #: of the day, as the destination said last; None where it has not, or not today


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What happened from one moment to another."""

    alert: str  #: slug of the recipient; "" where somebody only looks
    project: str  #: its name
    since: datetime
    until: datetime
    timezone: str  #: in which people are told the times
    syncs: Sequence[SyncDone] = ()
    sums: Sequence[Sum] = ()
    refused: Sequence[Refused] = ()
    troubles: Sequence[Trouble] = ()  #: the newest first
    more_troubles: int = 0  #: how many are left out
    spent: Sequence[Spent] = ()
    link: str | None = None  #: where people see more

    @property
    def id(self) -> str:
        """Tells the digest of this recipient and time from all others."""
        return f"digest-{self.alert}-{self.until:%Y%m%dT%H%M%SZ}"

    @property
    def quiet(self) -> bool:
        """Whether nothing happened and nothing waits."""
        busy = (not one.idle for one in self.syncs)
        return not (any(busy) or self.refused or any(one.calls for one in self.spent))

    def plain(self) -> dict[str, Any]:
        """Return it as JSON can hold it, money as text; ``of_plain`` reads it back."""
        said: dict[str, Any] = msgspec.to_builtins(self)
        return said

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> Self:
        """Return what ``plain`` was made of."""
        return msgspec.convert(plain, cls)
