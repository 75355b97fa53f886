"""The whole destination over HTTP against the local Xero, with its misbehaviours."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import replace

import pytest

from bookward.demo.xero.faults import Fault, FaultKind
from bookward.demo.xero.options import CUSTOM_APP, Options
from bookward.demo.xero.server import LocalXero
from bookward.destinations.base import Services
from bookward.destinations.xero.destination import XeroDestination
from bookward.destinations.xero.spec import XeroSpec
from bookward.errors import BookwardError, RateLimited
from bookward.records import ChangeKind, OperationKind, OutcomeStatus
from bookward.spec.sync import SyncSpec
from tests.fakes import FakeClock, MemoryBudget
from tests.unit.xero.fakes import MemoryIndex, MemoryJournal, MemoryLedger, archive, draft, insert, update

CHANGED, REMOVED = ChangeKind.CHANGED, ChangeKind.REMOVED


class MemoryVault:
    def __init__(self):
        self.tokens = {}

    def load(self, destination):
        return self.tokens.get(destination)

    def save(self, destination, tokens):
        self.tokens[destination] = tokens

    @contextmanager
    def refreshing(self, destination):
        yield


class MemoryCalls:
    def __init__(self):
        self.calls = []

    def record(self, call):
        self.calls.append(call)


class Office:
    """A destination that is connected to a local Xero."""

    def __init__(self, xero: LocalXero, clock: FakeClock, batch_size: int | None = 5, **sync):
        self.remote, self.clock = xero, clock
        self.ledger, self.journal, self.calls = MemoryLedger(), MemoryJournal(), MemoryCalls()
        basis = {"model": "users", "destination": "xero", "object": "contacts", "match": {"Name": "name"}}
        self.sync = SyncSpec(**{**basis, "on_removal": "archive", **sync})
        spec = XeroSpec(
            type="xero",
            client_id=CUSTOM_APP.id,
            client_secret=CUSTOM_APP.secret,
            grant="client_credentials",
            base_url=xero.url,
            batch_size=batch_size,
            scopes=["accounting.settings", "accounting.contacts"],
        )
        services = Services(
            clock=clock, calls=self.calls, budget=MemoryBudget(), vault=MemoryVault(), index=MemoryIndex()
        )
        self.destination = XeroDestination("xero", spec, services)
        self.destination.connect(lambda _: None, lambda found: found[0], 0)
        xero.reset_calls()

    def plan(self, *drafts):
        return self.destination.resolve(self.sync, drafts, self.ledger, {})

    def write(self, operations):
        groups = self.destination.write(self.sync, "run", iter(operations), self.journal)
        return self._sorted(groups)

    def resume(self, operations):
        by_seq = {operation.seq: operation for operation in operations}
        return self._sorted(
            self.destination.resume(self.sync, "run", lambda seqs: [by_seq[s] for s in seqs], self.journal)
        )

    def close(self):
        self.destination.close()

    def _sorted(self, groups):
        outcomes = sorted((outcome for group in groups for outcome in group), key=lambda o: o.seq)
        self.ledger.ids |= {o.key: o.remote_id for o in outcomes if o.status is OutcomeStatus.ACCEPTED}
        return outcomes


@pytest.fixture(scope="module")
def server():
    clock = FakeClock()
    with LocalXero.running(None, clock=clock) as xero:
        yield xero, clock


@pytest.fixture
def office(server):
    xero, clock = server
    xero.reset()
    xero.options = Options()
    with closing(Office(xero, clock)) as office:
        yield office


def statuses(outcomes):
    return [outcome.status.value for outcome in outcomes]


def names(xero):
    return sorted(contact["Name"] for contact in xero.contacts() if contact["ContactStatus"] == "ACTIVE")


PERSON = {
    "FirstName": "Ann",
    "EmailAddress": "ann@acme.nz",
    "Phones": [{"PhoneType": "MOBILE", "PhoneNumber": "123", "PhoneAreaCode": "21"}],
    "Addresses": [{"AddressType": "STREET", "City": "Napier", "Country": "New Zealand"}],
    "ContactPersons": [{"FirstName": "Bo", "EmailAddress": "bo@acme.nz", "IncludeInEmails": True}],
    "PaymentTerms": {"Sales": {"Day": 20, "Type": "OFCURRENTMONTH"}},
    "DefaultCurrency": "NZD",
    "AccountNumber": "A-1",
}


def test_the_life_of_a_contact(office):
    (first,) = office.plan(draft(0, Name="Acme", **PERSON))
    assert statuses(office.write([first])) == ["accepted"]
    with closing(Office(office.remote, office.clock)) as another:
        (adopted,) = another.plan(draft(0, Name="Acme", **PERSON))
    assert adopted.kind is OperationKind.ADOPT
    moved = {**PERSON, "Phones": [{"PhoneType": "MOBILE", "PhoneNumber": "9"}], "LastName": "Lee"}
    (changed,) = office.plan(draft(0, change=CHANGED, Name="Acme", previous=PERSON, **moved))
    assert changed.before == {"Phones": [{"PhoneType": "MOBILE", "PhoneNumber": "123"}], "LastName": None}
    office.journal = MemoryJournal()
    assert statuses(office.write([changed])) == ["accepted"]
    (gone,) = office.plan(draft(0, change=REMOVED))
    assert gone.kind is OperationKind.ARCHIVE
    office.journal = MemoryJournal()
    assert statuses(office.write([gone])) == ["accepted"]
    assert [contact["ContactStatus"] for contact in office.remote.contacts()] == ["ARCHIVED"]
    (kept,) = office.plan(draft(0, change=REMOVED))
    assert kept.kind is OperationKind.ADOPT
    office.ledger.ids.clear()
    (back,) = office.plan(draft(1, key="another", Name="acme"))
    assert back.rejection.code == "record_archived"


def test_planning_and_sending_take_the_calls_they_must(office):
    operations = office.plan(*(draft(seq, Name=f"N{seq}") for seq in range(20)))
    assert statuses(office.write(operations)) == ["accepted"] * 20
    assert len(office.remote.calls) == 1 + 4


def test_rows_that_xero_refuses_keep_their_reason_and_the_others_go_through(office):
    office.remote.add_contacts([{"Name": "N1"}])
    outcomes = office.write([insert(0), insert(1), insert(2, EmailAddress="broken"), insert(3)])
    assert statuses(outcomes) == ["accepted", "rejected", "rejected", "accepted"]
    assert "already assigned" in outcomes[1].rejection.message
    assert outcomes[2].rejection.remedy == "Correct the e-mail address in the source."


FAULTS = {
    "cut before": Fault(kind=FaultKind.CUT),
    "cut after": Fault(kind=FaultKind.CUT, when="after"),
    "cut after, forgotten": Fault(kind=FaultKind.CUT, when="after", remember="nothing"),
    "cut in the middle": Fault(kind=FaultKind.HALF_ANSWER, when="after"),
    "half json": Fault(kind=FaultKind.HALF_JSON, when="after"),
    "500 before": Fault(kind=FaultKind.STATUS, status=500),
    "500 after": Fault(kind=FaultKind.STATUS, status=500, when="after", body="json"),
    "503 html": Fault(kind=FaultKind.STATUS, status=503),
    "503 after": Fault(kind=FaultKind.STATUS, status=503, when="after"),
    "504 after": Fault(kind=FaultKind.STATUS, status=504, when="after", body="empty"),
    "404 html": Fault(kind=FaultKind.STATUS, status=404),
    "413": Fault(kind=FaultKind.STATUS, status=413),
    "fewer elements": Fault(kind=FaultKind.FEWER_ELEMENTS, elements=2),
    "token expired": Fault(kind=FaultKind.TOKEN_EXPIRED),
    "minute limit": Fault(kind=FaultKind.RATE_LIMIT, seconds=7),
}


ONCE = {"404 html", "413", "token expired"}  # repeated, these are meant


@pytest.mark.parametrize(
    ("name", "times"),
    [(name, times) for name in FAULTS for times in (1, 3) if times == 1 or name not in ONCE],
)
def test_the_books_equal_the_rows_whatever_goes_wrong(office, name, times):
    held = office.remote.add_contacts([{"Name": "Held"}, {"Name": "Gone"}])
    fault = FAULTS[name]
    for method in ("PUT", "POST"):
        office.remote.faults.add(replace(fault, method=method, path="*/Contacts", times=times))
    operations = [insert(seq) for seq in range(12)]
    operations.append(update(12, held[0]["ContactID"], Name="Held", FirstName="New"))
    operations.append(archive(13, held[1]["ContactID"]))
    outcomes = office.write(operations)
    office.remote.faults.clear()
    assert statuses(outcomes) == ["accepted"] * 14
    assert names(office.remote) == sorted(["Held", *(f"N{seq}" for seq in range(12))])
    by_id = {contact["ContactID"]: contact for contact in office.remote.contacts()}
    assert [by_id[o.remote_id]["Name"] for o in outcomes[:12]] == [f"N{seq}" for seq in range(12)]
    assert by_id[held[0]["ContactID"]]["FirstName"] == "New"
    assert office.journal.open_intents() == []


@pytest.mark.parametrize("later", [30, 600])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_run_that_broke_off_is_finished_by_the_next(office, later, when):
    office.remote.faults.add(Fault(kind=FaultKind.CUT, when=when, times=None, method="PUT"))
    office.remote.faults.add(Fault(kind=FaultKind.STATUS, status=503, times=None, method="GET"))
    operations = [insert(seq) for seq in range(12)]
    with pytest.raises(BookwardError):
        office.write(operations)
    office.remote.faults.clear()
    office.clock.jump(seconds=later)
    settled = dict(office.journal.outcomes)
    outcomes = office.resume(operations)
    rest = [operation for operation in operations if operation.seq not in office.journal.outcomes]
    outcomes += office.write(rest)
    assert statuses(outcomes) == ["accepted"] * (12 - len(settled))
    assert names(office.remote) == sorted(f"N{seq}" for seq in range(12))
    assert office.journal.open_intents() == []


def test_an_unknown_id_costs_one_row(office):
    held = office.remote.add_contacts([{"Name": f"H{seq}"} for seq in range(4)])
    ids = [contact["ContactID"] for contact in held]
    ids[2] = "dead0000-0000-4000-8000-000000000000"
    outcomes = office.write([update(seq, id_, FirstName="New") for seq, id_ in enumerate(ids)])
    assert statuses(outcomes) == ["accepted", "accepted", "rejected", "accepted"]
    assert outcomes[2].rejection.code == "record_missing"


def test_the_day_limit_pauses_the_run_and_loses_nothing(office):
    office.remote.options = Options(day_limit=4)
    operations = [insert(seq) for seq in range(40)]
    with pytest.raises(RateLimited):
        office.write(operations)
    assert names(office.remote) == sorted(f"N{seq}" for seq in office.journal.outcomes)
    assert office.journal.open_intents() == []


def test_checking_the_connection(office):
    assert [step.ok for step in office.destination.check()] == [True, True, True]
