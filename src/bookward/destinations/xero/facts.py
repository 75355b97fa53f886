"""What Xero says of an organisation itself: its currency, its time zone, up to when its books are closed.

Read at sign-in and kept beside the index; read again when a plan needs them and they are older than a day.
Source: Xero, Accounting API, Organisation.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bookward.clock import Clock
from bookward.destinations.xero.client import XeroClient
from bookward.destinations.xero.comparison import day_shown
from bookward.destinations.xero.zones import zone_named
from bookward.errors import FieldInvalid, RemoteRefused
from bookward.ports import RemoteIndex
from bookward.records import Payload, RemoteRecord

_NAME = "organisation"  # what stands for an object in the index
_MONEY = "currencies of the organisation"
_KEPT = (
    "BaseCurrency",
    "ShortCode",
    "Timezone",
    "CountryCode",
    "PeriodLockDate",
    "EndOfYearLockDate",
    "Class",
    "IsDemoCompany",
)
_AGE = timedelta(days=1)
_LOCKS = {"PeriodLockDate": "period", "EndOfYearLockDate": "end of year"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A day up to which the books are closed, itself included."""

    day: str  #: YYYY-MM-DD
    name: str  #: which of Xero's lock dates it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What an organisation says of itself; texts are "" where it says nothing."""

    currency: str
    timezone: str
    country: str
    plan: str  #: Xero calls it the class
    is_demo: bool
    lock: Lock | None  #: the later one of the lock dates

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Facts:
        """Return what an element of Xero's answer says."""
        locks = [
            Lock(day=str(day_shown(body[field]))[:10], name=name)
            for field, name in _LOCKS.items()
            if body.get(field)
        ]
        return cls(
            currency=str(body.get("BaseCurrency") or ""),
            timezone=str(body.get("Timezone") or ""),
            country=str(body.get("CountryCode") or ""),
            plan=str(body.get("Class") or ""),
            is_demo=bool(body.get("IsDemoCompany")),
            lock=max(locks, key=lambda lock: lock.day, default=None),
        )


class KnownFacts:
    """The facts about the organisation that a destination writes to, read as seldom as they allow."""

    def __init__(self, client: XeroClient, store: RemoteIndex, clock: Clock) -> None:
        self._client = client
        self._store = store
        self._clock = clock
        self._current: Facts | None = None  # as this plan has them
        self._read_for_plan = False

    def latest(self) -> Facts:
        """Return what is on file, read anew when that is older than a day.

        Raises:
            StopRun, RetryLater: it is, and Xero cannot be asked.
        """
        if self._current is None:
            tenant = self._client.tenant()
            if self._is_old(tenant, _NAME):
                return self.read()
            self._current = Facts.of(self._store.by_id(tenant, _NAME, [tenant])[tenant].body)
        return self._current

    def on_file(self) -> Facts | None:
        """Return what was read last, however long ago; None before the first time. Makes no call."""
        tenant = self._client.tenant()
        found = self._store.by_id(tenant, _NAME, [tenant]).get(tenant)
        return None if found is None else Facts.of(found.body)

    def certain(self) -> Facts:
        """Return what was read for this very plan; raises as ``latest`` does."""
        return self.latest() if self._read_for_plan else self.read()

    def read(self) -> Facts:
        """Ask Xero, in one call; raises as ``latest`` does."""
        answer = self._client.request("GET", "Organisation", purpose="read the organisation")
        if answer.status != 200 or not answer.is_json:
            raise RemoteRefused(f"Xero answered {answer.status} when asked for the organisation.")
        return self.keep(answer.json()["Organisations"][0])

    def keep(self, body: Payload) -> Facts:
        """Remember what Xero has just said."""
        tenant = self._client.tenant()
        kept = {name: body[name] for name in _KEPT if name in body}
        record = RemoteRecord(remote_id=tenant, body=kept, archived=False, keys={})
        self._store.put(tenant, _NAME, [record], watermark=self._clock.now().isoformat())
        self._current, self._read_for_plan = Facts.of(kept), True
        return self._current

    def has_one_currency(self) -> bool:
        """Return whether the organisation works in its own currency alone, asked in one call a day.

        False where Xero does not say; raises as ``latest`` does. Source: Xero, Accounting API, Currencies.
        """
        tenant = self._client.tenant()
        if self._is_old(tenant, _MONEY):
            answer = self._client.request("GET", "Currencies", purpose="read the currencies")
            if answer.status != 200 or not answer.is_json:
                return False
            codes = [str(each.get("Code")) for each in answer.json().get("Currencies") or ()]
            record = RemoteRecord(remote_id=tenant, body={"Codes": codes}, archived=False, keys={})
            self._store.put(tenant, _MONEY, [record], watermark=self._clock.now().isoformat())
        known = self._store.by_id(tenant, _MONEY, [tenant])[tenant].body["Codes"]
        return set(known) <= {self.latest().currency}

    def expire(self) -> None:
        """Say that another plan begins."""
        self._current, self._read_for_plan = None, False

    def doubt(self) -> None:
        """Say that they no longer hold: the next plan that needs them reads them anew."""
        self._store.put(self._client.tenant(), _NAME, (), watermark="")

    def _is_old(self, tenant: str, name: str) -> bool:
        read_at = self._store.mark(tenant, name).watermark
        return not read_at or self._clock.now() - datetime.fromisoformat(read_at) >= _AGE


def short_code(index: RemoteIndex, organisation: str) -> str:
    """Return what Xero's own pages call an organisation, as it was read last; "" where it was not."""
    found = index.by_id(organisation, _NAME, [organisation]).get(organisation)
    return str(found.body.get("ShortCode") or "") if found else ""


def zone_on_file(index: RemoteIndex, organisation: str) -> str | None:
    """Return the time zone of an organisation, as it was read last; None where it is not known."""
    found = index.by_id(organisation, _NAME, [organisation]).get(organisation)
    if found is None:
        return None
    with suppress(FieldInvalid):
        return zone_named(Facts.of(found.body).timezone).key
    return None
