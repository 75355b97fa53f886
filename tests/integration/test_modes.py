"""Every object of Xero with every mode, every match and every removal, those that Xero forbids included."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from bookward.store.runs import RunState
from tests.integration.feeds import Feed
from tests.integration.world import World

SAMPLES: dict[str, dict[str, Any]] = {
    "contacts": {
        "Name": "Ann {n}",
        "ContactNumber": "C{n}",
        "AccountNumber": "A{n}",
        "EmailAddress": "ann{n}@example.com",
        "FirstName": "first",
    },
    "accounts": {"Name": "Advice {n}", "Code": "7{n}", "Type": "REVENUE", "Description": "first"},
    "items": {"Code": "WIDGET-{n}", "Name": "Widget", "Description": "first"},
}
KINDS = {
    "contacts": ("Contacts", "ContactID"),
    "accounts": ("Accounts", "AccountID"),
    "items": ("Items", "ItemID"),
}
MATCHES = {
    "contacts": ("Name", "ContactNumber", "AccountNumber", "EmailAddress", "ContactID"),
    "accounts": ("Code", "Name", "AccountID"),
    "items": ("Code", "ItemID"),
}
REMOVALS = {
    "contacts": ("keep", "archive"),
    "accounts": ("keep", "archive", "delete", "delete_or_archive"),
    "items": ("keep", "delete"),
}
FREE = {"contacts": "FirstName", "accounts": "Description", "items": "Description"}
CELLS = [(object_, match) for object_, matches in MATCHES.items() for match in matches]


def sample(object_: str, n: int, **more: Any) -> dict[str, Any]:
    """Return the n-th record of a kind."""
    return {name: str(value).format(n=n) for name, value in SAMPLES[object_].items()} | more


def row(object_: str, n: int, **more: Any) -> dict[str, Any]:
    """Return the row that stands for the n-th record."""
    return {"id": str(n)} | sample(object_, n) | more


def booked(world: World, object_: str) -> dict[str, Any]:
    """Return the field that is free to change of all records of a kind, by the number in their title."""
    kind, _ = KINDS[object_]
    title = "Code" if object_ == "items" else "Name"
    made = str(SAMPLES[object_][title]).format(n="")
    return {
        record[title].removeprefix(made): record.get(FREE[object_])
        for record in world.xero.records(kind)
        if record[title].startswith(made)
    }


def prepared(world: World, object_: str, match: str, mode: str, **settings: str) -> Feed:
    """Put records 1 and 2 into the books, and three rows into the warehouse: equal, different, new."""
    kind, id_field = KINDS[object_]
    ids = [
        record[id_field]
        for record in world.xero.add(kind, [sample(object_, 1), sample(object_, 2, **{FREE[object_]: "old"})])
    ]
    feed = Feed(world, object_, match, mode=mode, **settings)
    if match == id_field:
        feed.ids = {"1": ids[0], "2": ids[1]}
    return feed.rows(*[row(object_, n) for n in (1, 2, 3)])


@pytest.mark.parametrize(("object_", "match"), CELLS)
def test_upsert_changes_what_matches_and_creates_the_rest(world: World, object_: str, match: str) -> None:
    feed = prepared(world, object_, match, "upsert")
    assert feed.kinds() == {"adopt": 1, "update": 1, "insert": 1}
    assert feed.run().run.state is RunState.DONE
    assert booked(world, object_) == {"1": "first", "2": "first", "3": "first"}
    feed.rows(*[row(object_, n, **{FREE[object_]: "second"}) for n in (1, 2, 3)])
    feed.run()
    assert booked(world, object_) == {"1": "second", "2": "second", "3": "second"}
    world.api_calls()
    assert feed.run().run.counts["calls"] == 0


@pytest.mark.parametrize(("object_", "match"), CELLS)
def test_insert_creates_and_changes_nothing(world: World, object_: str, match: str) -> None:
    feed = prepared(world, object_, match, "insert")
    assert feed.rejected() == {"2": ("change_refused", None)}
    assert booked(world, object_) == {"1": "first", "2": "old", "3": "first"}
    feed.rows(*[row(object_, n, **{FREE[object_]: "second"}) for n in (1, 3)])
    calls = world.api_calls()
    assert feed.rejected() == {"1": ("change_refused", None), "3": ("change_refused", None)}
    assert world.api_calls() == [] != calls
    assert booked(world, object_) == {"1": "first", "2": "old", "3": "first"}


@pytest.mark.parametrize(("object_", "match"), CELLS)
def test_insert_leaves_what_it_finds_where_the_sync_says_so(world: World, object_: str, match: str) -> None:
    feed = prepared(world, object_, match, "insert", on_change="ignore")
    assert feed.rejected() == {}
    assert booked(world, object_) == {"1": "first", "2": "old", "3": "first"}
    feed.rows(*[row(object_, n, **{FREE[object_]: "second"}) for n in (1, 2, 3)])
    assert feed.rejected() == {}
    assert booked(world, object_) == {"1": "first", "2": "old", "3": "first"}
    assert feed.run().run.counts["calls"] == 0


@pytest.mark.parametrize(("object_", "match"), CELLS)
def test_update_creates_nothing(world: World, object_: str, match: str) -> None:
    feed = prepared(world, object_, match, "update")
    report = feed.run()
    assert [row.key for row in world.rows(report, "skipped")] == ["3"]
    assert "rows_rejected" not in report.run.counts
    assert booked(world, object_) == {"1": "first", "2": "first"}
    world.xero.add(KINDS[object_][0], [sample(object_, 3, **{FREE[object_]: "old"})])
    if match != KINDS[object_][1]:
        feed.run()
        assert booked(world, object_)["3"] == "first"


@pytest.mark.parametrize(
    ("object_", "removal"), [(o, r) for o, removals in REMOVALS.items() for r in removals]
)
def test_removals(world: World, object_: str, removal: str) -> None:
    feed = Feed(world, object_, MATCHES[object_][0], on_removal=removal)
    feed.rows(row(object_, 1), row(object_, 2)).run()
    feed.rows(row(object_, 1))
    report = feed.run()
    assert "rows_rejected" not in report.run.counts
    assert set(booked(world, object_)) == ({"1"} if removal.startswith("delete") else {"1", "2"})
    kind, _ = KINDS[object_]
    gone = [
        record
        for record in world.xero.records(kind)
        if "ARCHIVED" in (record.get("Status"), record.get("ContactStatus"))
    ]
    assert len(gone) == (removal == "archive")
    world.api_calls()
    assert feed.run().run.counts["calls"] == 0


@pytest.mark.parametrize("removal", ["keep", "archive", "delete", "delete_or_archive"])
@pytest.mark.parametrize("object_", list(KINDS))
def test_a_removal_that_xero_does_not_have_is_refused_by_check(
    world: World, object_: str, removal: str
) -> None:
    Feed(world, object_, MATCHES[object_][0], on_removal=removal).rows(row(object_, 1))
    with closing(world.app()) as app:
        problems = app.check().problems
    allowed = removal in REMOVALS[object_]
    assert [problem.message for problem in problems] == (
        [] if allowed else [f"on_removal '{removal}' is not possible for {object_} in Xero."]
    )


@pytest.mark.parametrize("mode", ["upsert", "update", "insert"])
def test_bank_accounts_can_only_be_inserted(world: World, mode: str) -> None:
    feed = Feed(world, "accounts", "Code", mode=mode)
    feed.constants = {"Type": "BANK"}
    feed.rows({"id": "1", "Name": "Till", "Code": "B91", "BankAccountNumber": "12-3456-0000001-00"})
    with closing(world.app()) as app:
        problems = app.check().problems
    assert [(p.path, "bank accounts" in p.message) for p in problems] == (
        [] if mode == "insert" else [("syncs/feed.yaml", True)]
    )
    if mode == "insert":
        assert feed.rejected() == {}
        assert [a["Name"] for a in world.xero.records("Accounts") if a.get("Code") == "B91"] == ["Till"]


def test_types_from_a_column_are_validated_row_by_row(world: World) -> None:
    bank = {
        "id": "b",
        "Name": "Till",
        "Code": "B91",
        "Type": "BANK",
        "BankAccountNumber": "12-3456-0000001-00",
    }
    feed = Feed(world, "accounts", "Code").rows(
        bank,
        row("accounts", 1),
        row("accounts", 2, Type="NONSENSE"),
        {"id": "n", "Name": "No number", "Code": "B92", "Type": "BANK"},
        {
            "id": "d",
            "Name": "Described",
            "Code": "B93",
            "Type": "BANK",
            "BankAccountNumber": "1",
            "Description": "x",
        },
        {"id": "c", "Name": "No code", "Type": "REVENUE"},
    )
    assert feed.rejected() == {
        "2": ("field_invalid", "Type"),
        "n": ("field_required", "BankAccountNumber"),
        "d": ("field_invalid", "Description"),
        "c": ("field_required", "Code"),
    }
    feed.rows(bank | {"Name": "Till two"}, row("accounts", 1, Description="second"))
    assert feed.rejected() == {"b": ("record_locked", None)}
    assert booked(world, "accounts") == {"1": "second"}
