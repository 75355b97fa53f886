"""``missing: create``: the contacts that documents need are made first, each once, and then named by id."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from bookward.demo.xero.faults import Fault, FaultKind
from bookward.destinations.xero import delivery
from bookward.store.runs import RunState
from tests.integration.feeds import Feed
from tests.integration.test_invoices import booked, contacts, feed, invoice
from tests.integration.world import World

BY = {"EmailAddress": "{}@example.com", "ContactNumber": "N-{}", "Name": "New {}"}


def creating(world: World, by: str = "EmailAddress", **fields: Any) -> Feed:
    named = {} if by == "Name" else {"Name": "named"}
    look_up = {"by": by, "column": "customer", "missing": "create", "fields": named | fields}
    return feed(world, look_up={"Contact": look_up})


def new(key: str, customer: str = "x", by: str = "EmailAddress", **more: Any) -> dict[str, Any]:
    return invoice(key, customer=BY[by].format(customer), named=f"New {customer}") | more


def made(world: World) -> list[str]:
    return sorted(str(contact["Name"]) for contact in world.xero.contacts())


def test_documents_are_sent_with_the_ids_of_contacts_made_in_one_batch(world: World) -> None:
    contacts(world)
    phones = [{"PhoneType": {"value": "MOBILE"}, "PhoneNumber": "phone"}]
    documents = creating(world, Phones=phones, FirstName="first")
    more = {"phone": "021 555", "first": "Nell"}
    rows = [new(str(n), f"c{n % 3}") | more for n in range(7)]
    documents.rows(*rows, new("8", "ann") | more, *[new("9", "c0", Type="ACCPAY", account="400") | more])
    plan = world.plan("feed")
    assert plan.header.first == {"contacts": 3}
    assert plan.header.forecast["calls"] == 2
    notes = {o.key: o.notes for part in plan.operations() for o in part}
    assert notes["4"] == ("The contact 'New c1' is created first.",)
    assert notes["8"] == ()
    world.api_calls()
    report = documents.run()
    assert world.rows(report, "rejected") == []
    assert [path for method, path, _ in world.api_calls() if method != "GET"] == [
        "/api.xro/2.0/Contacts",
        "/api.xro/2.0/Invoices",
    ]
    assert made(world) == ["Ann", "Bob", "Cat", "Gone", "New c0", "New c1", "New c2"]
    (contact,) = [c for c in world.xero.contacts() if c["Name"] == "New c0"]
    assert (contact["EmailAddress"], contact["FirstName"]) == ("c0@example.com", "Nell")
    with closing(world.app()) as app:
        (sent,) = [c for _, c in app.calls(report.run.id) if c.method == "PUT" and "Invoices" in c.url]
    assert b'"Contact":{"ContactID":' in sent.request_body
    assert b"New c" not in sent.request_body
    assert {
        (i["InvoiceNumber"], i["Type"], i["Contact"]["Name"]) for i in world.xero.records("Invoices")
    } == {
        *((f"INV-{n}", "ACCREC", f"New c{n % 3}") for n in range(7)),
        ("INV-8", "ACCREC", "Ann"),
        ("INV-9", "ACCPAY", "New c0"),
    }
    assert documents.run().run.counts["calls"] == 0


@pytest.mark.parametrize("by", list(BY))
@pytest.mark.parametrize("type_", ["ACCREC", "ACCPAY"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_made_once_whatever_becomes_of_the_answers(world: World, by: str, type_: str, when: Any) -> None:
    documents = creating(world, by).rows(*[new(str(n), "a", by, Type=type_) for n in range(3)])
    for path in ("*Contacts", "*Invoices"):
        world.xero.faults.add(Fault(kind=FaultKind.STATUS, status=500, method="PUT", when=when, path=path))
    assert documents.rejected() == {}
    assert [status for _, path, status in world.api_calls()].count(500) == 2
    assert made(world) == ["New a"]
    assert len(world.xero.records("Invoices")) == 3
    assert documents.run().run.counts["calls"] == 0


def test_rows_that_say_different_things_of_one_contact(world: World) -> None:
    documents = creating(world).rows(
        new("1", "a"),
        new("2", "a", named="Other"),
        new("3", "a", named=" new  A "),
        new("4", "b", named="New a"),
        new("5", "c", named=None),
        new("6", "d") | {"customer": "no address"},
        new("7", "e"),
    )
    report = documents.run()
    said = {row.key: (row.code, row.field, row.message) for row in world.rows(report, "rejected")}
    assert {key: (code, field) for key, (code, field, _) in said.items()} == {
        "2": ("match_taken", "Contact.Name"),
        "4": ("match_taken", "Contact.Name"),
        "5": ("field_required", "Contact.Name"),
        "6": ("field_invalid", "Contact.EmailAddress"),
    }
    assert "is called 'Other' here, and 'New a' by row '1'" in str(said["2"][2])
    assert "row '1' needs" in str(said["4"][2])
    assert made(world) == ["New a", "New e"]
    assert sorted(booked(world)) == ["INV-1", "INV-3", "INV-7"]


def test_a_contact_that_xero_refuses_rejects_its_rows_and_no_others(world: World) -> None:
    contacts(world)
    documents = creating(world).rows(new("1", "a", named="Bob"), new("2", "a", named="Bob"), new("3", "b"))
    report = documents.run()
    rejected = {row.key: (row.code, row.field, row.message) for row in world.rows(report, "rejected")}
    assert set(rejected) == {"1", "2"}
    assert rejected["1"][:2] == ("remote_rejected", "Contact.Name")
    assert "The contact name Bob is already assigned to another contact." in str(rejected["1"][2])
    assert list(booked(world)) == ["INV-3"]
    documents.rows(new("1", "a", named="Bobby"), new("2", "a", named="Bobby"), new("3", "b"))
    assert documents.rejected() == {}
    assert sorted(booked(world)) == ["INV-1", "INV-2", "INV-3"]


@pytest.mark.parametrize("by", list(BY))
def test_a_contact_that_appeared_since_the_plan_is_taken(world: World, by: str) -> None:
    documents = creating(world, by).rows(new("1", "a", by), new("2", "b", by))
    plan = world.plan("feed")
    world.xero.add("Contacts", [{"Name": "NEW A"} | ({} if by == "Name" else {by: BY[by].format("a")})])
    report = world.run("feed", plan=plan.header.id)
    assert world.rows(report, "rejected") == []
    assert made(world) == ["NEW A", "New b"]
    assert booked(world)["INV-1"]["Contact"]["Name"] == "NEW A"
    assert documents.run().run.counts["calls"] == 0


def test_a_contact_that_appears_while_it_is_made_is_taken(world: World) -> None:
    documents = creating(world, "Name").rows(new("1", "a", "Name"))
    documents.kinds()

    with closing(world.app()) as app:
        index_read = app.plan("feed")
        assert index_read.header.first == {"contacts": 1}
        world.xero.add("Contacts", [{"Name": "New A"}])
        report = app.run("feed", plan=index_read.header.id)
    assert world.rows(report, "rejected") == []
    assert made(world) == ["New A"]


def test_a_changed_row_makes_the_contact_that_it_names_now(world: World) -> None:
    contacts(world)
    documents = creating(world).rows(new("1", "ann"), new("2", "ann"))
    assert documents.rejected() == {}
    documents.rows(new("1", "fresh"), new("2", "ann", named="Ann Renamed"))
    assert documents.kinds() == {"update": 1, "adopt": 1}
    assert documents.rejected() == {}
    assert booked(world)["INV-1"]["Contact"]["Name"] == "New fresh"
    assert booked(world)["INV-2"]["Contact"]["Name"] == "Ann"
    assert documents.run().run.counts["calls"] == 0


def test_rows_that_are_not_sent_make_no_contact(world: World) -> None:
    documents = creating(world)
    documents.rows(new("1", "a", account="NOPE"), new("2", "b", Type=None))
    assert world.plan("feed").header.first == {}
    documents.settings["mode"] = "update"
    documents.rows(new("3", "c"))
    assert documents.kinds() == {"skip": 1}
    documents.run()
    assert made(world) == []


def test_a_stopped_run_makes_no_more_contacts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.edit("destinations/xero.yaml", "batch_size: 50", "batch_size: 10")
    rows = [new(str(n), f"c{n}") for n in range(250)]
    documents = creating(world).rows(*rows)
    with closing(world.app()) as app:
        monkeypatch.setattr(delivery, "failpoint", lambda name: app.cancel())
        assert app.run("feed").run.state is RunState.CANCELLED
    monkeypatch.undo()
    assert 0 < len(made(world)) < 250
    assert world.xero.records("Invoices") == []
    assert documents.run().run.counts["rows_accepted"] == 250
    assert len(made(world)) == 250


def test_a_killed_run_is_settled_though_its_sync_creates_no_contacts_any_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = creating(world).rows(new("1", "a"))

    def die(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(delivery, "failpoint", die)
    with pytest.raises(KeyboardInterrupt):
        documents.run()
    monkeypatch.undo()
    documents.settings["look_up"]["Contact"]["missing"] = "reject"
    documents.settings["look_up"]["Contact"].pop("fields")
    documents.rows(new("1", "a"))
    report = documents.run()
    assert [run.state for run in report.recovered] == [RunState.INTERRUPTED]
    assert made(world) == ["New a"]
    assert documents.rejected() == {}
    assert list(booked(world)) == ["INV-1"]
