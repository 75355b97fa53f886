"""A small Xero behind the client's own interface, and the ports in memory."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from threading import Lock
from types import SimpleNamespace

from bookward import exactjson
from bookward.demo.xero import filters
from bookward.demo.xero.contact_shape import FILTERABLE, INDEXED
from bookward.destinations.base import Services
from bookward.destinations.xero.client import Answer, Unavailable
from bookward.destinations.xero.contacts import CONTACTS
from bookward.destinations.xero.destination import XeroDestination
from bookward.destinations.xero.objects import ZERO_ID
from bookward.destinations.xero.spec import XeroSpec
from bookward.errors import AnswerLost
from bookward.ports import BudgetState, IndexMark
from bookward.records import (
    ChangeKind,
    Draft,
    Intent,
    Operation,
    OperationKind,
    Organisation,
    Outcome,
    RemoteRecord,
)
from bookward.spec.sync import SyncSpec
from tests.fakes import FakeClock

ORGANISATION = "0f0e0d0c-0001-4000-8000-000000000001"
JSON = {"content-type": "application/json; charset=utf-8"}
HTML = {"content-type": "text/html"}

Fault = Callable[["FakeClient", Callable[[], Answer]], Answer]


class MemoryIndex:
    """``ports.RemoteIndex``."""

    def __init__(self):
        self.records: dict[str, RemoteRecord] = {}
        self.watermark = None

    def mark(self, organisation, object_):
        return IndexMark(watermark=self.watermark)

    def put(self, organisation, object_, records: Iterable[RemoteRecord], watermark=None):
        self.records.update({record.remote_id: record for record in records})
        self.watermark = watermark or self.watermark

    def replace(self, organisation, object_, records):
        self.records = {record.remote_id: record for record in records}

    def by_id(self, organisation, object_, remote_ids):
        return {id_: self.records[id_] for id_ in remote_ids if id_ in self.records}

    def by_key(self, organisation, object_, field, folded):
        found: dict[str, list[RemoteRecord]] = {}
        for record in sorted(self.records.values(), key=lambda record: record.remote_id):
            if (value := record.keys.get(field)) in folded:
                found.setdefault(value, []).append(record)
        return found


class MemoryJournal:
    """``ports.Journal``; remembers the order of things in ``events``."""

    def __init__(self):
        self.intents: dict[str, Intent] = {}
        self.closed: set[str] = set()
        self.outcomes: dict[int, Outcome] = {}
        self.events: list[tuple[str, object]] = []
        self._lock = Lock()

    def check(self):
        """Nobody overtakes here."""

    def intend(self, intent):
        with self._lock:
            assert intent.batch not in self.intents
            self.intents[intent.batch] = intent
            self.events.append(("intend", intent.batch))

    def settle(self, batch, outcomes: Sequence[Outcome], next_intents: Sequence[Intent] = ()):
        with self._lock:
            assert batch in self.intents
            assert batch not in self.closed
            self.closed.add(batch)
            for outcome in outcomes:
                assert outcome.seq not in self.outcomes
                self.outcomes[outcome.seq] = outcome
            self.intents.update({intent.batch: intent for intent in next_intents})
            self.events.append(("settle", batch))

    def open_intents(self):
        return [intent for batch, intent in self.intents.items() if batch not in self.closed]


class MemoryLedger:
    """``ports.RowLedger``."""

    def __init__(self, ids: Mapping[str, str] | None = None):
        self.ids = dict(ids or {})
        self.former: dict[str, str] = {}
        self.shared: set[str] = set()
        self.makers: dict[str, tuple[str, dict]] = {}

    def remote_ids(self, keys):
        return {key: self.ids[key] for key in keys if key in self.ids}

    def owners(self, remote_ids):
        return {id_: key for key, id_ in self.ids.items() if id_ in remote_ids}

    def made(self, remote_ids):
        return set()

    def disowned(self, keys):
        return {}

    def former_ids(self, keys):
        return {key: self.former[key] for key in keys if key in self.former}

    def heirs(self, remote_ids):
        return {}

    def owned_elsewhere(self, remote_ids):
        return self.shared.intersection(remote_ids)

    def claimants(self, claims):
        return {}

    def first_to_make(self, object_, claim, key, payload):
        return self.makers.setdefault(claim, (key, payload))

    def held_back(self, claims):
        return None


class FakeClient:
    """Xero's contacts in a dict; ``faults`` happen to the next writes, ``read_faults`` to the next reads."""

    def __init__(self, clock: FakeClock):
        self.clock = clock
        self.contacts: dict[str, dict] = {}
        self.calls: list[SimpleNamespace] = []
        self.faults: list[Fault | None] = []
        self.read_faults: list[Fault] = []
        self.poison: set[str] = set()  # a body that holds one of these is refused as a whole
        self._answers: dict[str, tuple] = {}
        self._ids = itertools.count(1)
        self._lock = Lock()

    def tenant(self):
        return ORGANISATION

    def organisation(self):
        return Organisation(id=ORGANISATION, name="Harbour Analytics")

    def budget(self):
        return BudgetState(minute_left=60, day_left=4000)

    def request(self, method, path, *, purpose, run=None, params=None, body=b"", idempotency_key=None,
                modified_since=None, rows=0, before_leaving=lambda: None):  # fmt: skip
        before_leaving()
        call = SimpleNamespace(
            method=method, path=path, params=dict(params or {}), body=body, key=idempotency_key, rows=rows,
            since=modified_since, run=run,
        )  # fmt: skip
        with self._lock:
            self.calls.append(call)
            faults = self.read_faults if method == "GET" else self.faults
            fault = faults.pop(0) if faults else None
            work = (lambda: self._read(call)) if method == "GET" else (lambda: self._remembered(call))
            return fault(self, work) if fault else work()

    @property
    def reads(self):
        return [call for call in self.calls if call.method == "GET"]

    @property
    def writes(self):
        return [call for call in self.calls if call.method != "GET"]

    def add(self, **fields) -> str:
        id_ = f"c0000000-0000-4000-8000-{next(self._ids):012d}"
        self.contacts[id_] = {"ContactID": id_, "ContactStatus": "ACTIVE", "at": self.clock.now(), **fields}
        return id_

    def touch(self, id_, **fields):
        self.contacts[id_] |= {**fields, "at": self.clock.now()}

    def named(self, name):
        return [
            c
            for c in self.contacts.values()
            if CONTACTS.fold("Name", c.get("Name", "")) == CONTACTS.fold("Name", name)
        ]

    def _remembered(self, call):
        known = self._answers.get(call.key)
        if known and self.clock.now() < known[0] + timedelta(minutes=6):
            assert known[1] == (call.method, call.path, call.body)
            return known[2]
        answer = self._write(call)
        self._answers[call.key] = (self.clock.now(), (call.method, call.path, call.body), answer)
        return answer

    def _write(self, call):
        assert call.params == {"summarizeErrors": "false"}
        elements = exactjson.decode(call.body)["Contacts"]
        if any(word.encode() in call.body for word in self.poison):
            return json_answer(400, {"ErrorNumber": 14, "Message": "Malformed"})
        if call.method == "POST" and any(element["ContactID"] not in self.contacts for element in elements):
            return Answer(status=404, headers=HTML, body=b"<html>The resource cannot be found</html>")
        return self.envelope([self._one(call.method, element) for element in elements])

    def _one(self, method, element):
        own = element.get("ContactID") if method == "POST" else None
        name = element.get("Name")
        if own and self.contacts[own]["ContactStatus"] == "ARCHIVED":
            return failed(element, "The specified contact details matched an archived contact.")
        if name and any(c["ContactID"] != own for c in self.named(name) if c["ContactStatus"] == "ACTIVE"):
            return failed(element, f"The contact name {name} is already assigned to another contact.")
        if "refuse" in (name or ""):
            return failed(element, "Email address must be valid")
        if own:
            self.touch(own, **element)
        else:
            own = self.add(**element)
        return self.shown(own)

    def shown(self, id_):
        return {name: value for name, value in self.contacts[id_].items() if name != "at"}

    def _read(self, call):
        if call.path == "Organisation":
            return json_answer(200, {"Organisations": [{"Name": "Demo", "BaseCurrency": "NZD"}]})
        found = sorted(self.contacts, key=lambda id_: self.contacts[id_]["at"])
        if "IDs" in call.params:
            found = [id_ for id_ in found if id_ in call.params["IDs"].split(",")]
        if "where" in call.params:
            test = filters.parse(call.params["where"], FILTERABLE, INDEXED, "Contact").test
            found = [id_ for id_ in found if test(self.contacts[id_])]
        if call.since:
            found = [id_ for id_ in found if f"{self.contacts[id_]['at']:%Y-%m-%dT%H:%M:%S}" >= call.since]
        size, page = int(call.params["pageSize"]), int(call.params["page"])
        part = found[(page - 1) * size : page * size]
        pages = {"page": page, "pageSize": size, "pageCount": -(-len(found) // size), "itemCount": len(found)}
        return self.envelope([self.shown(id_) for id_ in part], pagination=pages)

    def envelope(self, elements, **more):
        millis = int(self.clock.now().timestamp() * 1000)
        return json_answer(200, {"DateTimeUTC": f"/Date({millis})/", **more, "Contacts": elements})


def json_answer(status, document):
    return Answer(status=status, headers=JSON, body=exactjson.encode(document))


def failed(element, message):
    return element | {
        "ContactID": ZERO_ID,
        "HasValidationErrors": True,
        "ValidationErrors": [{"Message": message}],
    }


def lost_after_commit(client, work):
    work()
    raise AnswerLost("cut")


def lost_before_commit(client, work):
    raise AnswerLost("cut")


def server_error_after_commit(client, work):
    work()
    raise Unavailable("500", status=500)


def server_error_before_commit(client, work):
    raise Unavailable("503", status=503)


def nothing_left(client, work):
    raise Unavailable("no connection", status=None)


def fewer_elements(client, work):
    document = exactjson.decode(work().body)
    document["Contacts"].pop()
    return json_answer(200, document)


def half_json(client, work):
    answer = work()
    return Answer(status=200, headers=JSON, body=answer.body[: len(answer.body) // 2])


def html_404(client, work):
    return Answer(status=404, headers=HTML, body=b"<html>gone</html>")


def too_large(client, work):
    return Answer(status=413, headers=HTML, body=b"")


class Bench:
    """A destination with fakes all around it."""

    def __init__(self, batch_size: int | None = None, **sync):
        self.clock = FakeClock()
        self.client = FakeClient(self.clock)
        self.index = MemoryIndex()
        self.ledger = MemoryLedger()
        self.journal = MemoryJournal()
        basis = {"model": "users", "destination": "xero", "object": "contacts", "match": {"Name": "name"}}
        self.sync = SyncSpec(**{**basis, **sync})
        services = Services(clock=self.clock, calls=None, budget=None, vault=None, index=self.index)
        spec = XeroSpec(type="xero", client_id="x", batch_size=batch_size)
        self.xero = XeroDestination("xero", spec, services, client=self.client)

    def resolve(self, *drafts: Draft, doubles=None) -> list[Operation]:
        return self.xero.resolve(self.sync, drafts, self.ledger, doubles or {})

    def write(self, operations, journal=None) -> list[Outcome]:
        groups = self.xero.write(self.sync, "run-1", iter(operations), journal or self.journal)
        return sorted((outcome for group in groups for outcome in group), key=lambda outcome: outcome.seq)

    def resume(self, operations) -> list[Outcome]:
        by_seq = {operation.seq: operation for operation in operations}
        groups = self.xero.resume(
            self.sync, "run-1", lambda seqs: [by_seq[seq] for seq in seqs], self.journal
        )
        return sorted((outcome for group in groups for outcome in group), key=lambda outcome: outcome.seq)


def draft(seq, key="", change=ChangeKind.ADDED, match=None, match_field="Name", **payload) -> Draft:
    own = ("previous", "create_only", "rejection", "notes")
    more = {name: payload.pop(name) for name in own if name in payload}
    return Draft(
        seq=seq,
        key=key or f"k{seq}",
        change=change,
        payload=payload,
        match_value=match or payload.get(match_field),
        claims=CONTACTS.claims(payload),
        **more,
    )


def operation(seq: int, kind: OperationKind, change=ChangeKind.CHANGED, **fields) -> Operation:
    return Operation(seq=seq, key=f"k{seq}", kind=kind, change=change, **fields)


def insert(seq: int, **payload) -> Operation:
    return operation(seq, OperationKind.INSERT, ChangeKind.ADDED, payload={"Name": f"N{seq}", **payload})


def update(seq: int, remote_id: str, **payload) -> Operation:
    return operation(seq, OperationKind.UPDATE, remote_id=remote_id, payload=payload)


def archive(seq: int, remote_id: str) -> Operation:
    status = {"ContactStatus": "ARCHIVED"}
    return operation(seq, OperationKind.ARCHIVE, ChangeKind.REMOVED, remote_id=remote_id, payload=status)
