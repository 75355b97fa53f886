"""Every kind of record with every mode, every match and every removal: what is in the books afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from bookward.store.runs import RunState
from tests.contract.local_xero.exchanges import Exchange
from tests.integration.feeds import Feed
from tests.integration.kinds import KINDS, Kind
from tests.integration.world import World

PAIRS = [(kind, match) for kind, made in KINDS.items() for match in made.matches]
#: With the commonest match each removal; with the others that which does most.
TRIPLES = [
    (kind, match, removal)
    for kind, match in PAIRS
    for removal in (KINDS[kind].removals if match == KINDS[kind].matches[0] else KINDS[kind].removals[-1:])
]


def cells(table: Sequence[tuple[str, ...]]) -> list[Any]:
    """Return the cells of a table; most of credit notes, so like invoices, are for the night."""
    nightly = [name.endswith("notes") and match != KINDS[name].matches[0] for name, match, *_ in table]
    return [
        pytest.param(*cell, marks=[pytest.mark.nightly] if later else [])
        for cell, later in zip(table, nightly, strict=True)
    ]


CELLS = cells(PAIRS)
MODES = ("upsert", "insert", "update")
REMOVED = {"keep": "first", "archive": "ARCHIVED", "void": "VOIDED"}


def prepared(world: World, kind: Kind, match: str, mode: str, **settings: str) -> Feed:
    """Put records 1 and 2 into the books, and three rows into the warehouse: equal, different, new."""
    kind.prepare(world)
    changed = kind.row_of(2, **{kind.free: "old"})
    made = world.xero.add(kind.plural, [kind.element(1), kind.element(2, **changed)])
    feed = kind.feed(world, match, mode=mode, **settings)
    if match == kind.id_field:
        feed.ids = {str(n): record[kind.id_field] for n, record in enumerate(made, 1)}
    return feed.rows(*kind.rows(1, 2, 3))


def second(kind: Kind, feed: Feed, *numbers: int) -> Feed:
    """Change some rows, and take the others away."""
    return feed.rows(*kind.rows(*numbers, **{kind.free: "second"}))


def is_quiet(feed: Feed) -> bool:
    """Run again, and return whether that made no call and had nothing to do."""
    counts = feed.run().run.counts
    return counts["calls"] == 0 and not counts.get("rows_accepted")


@pytest.mark.parametrize(("name", "match"), CELLS)
def test_upsert_changes_what_matches_and_creates_the_rest(world: World, name: str, match: str) -> None:
    kind = KINDS[name]
    feed = prepared(world, kind, match, "upsert")
    assert feed.kinds() == {"adopt": 1, "update": 1, "insert": 1}
    assert feed.run().run.state is RunState.DONE
    assert kind.booked(world) == {"1": "first", "2": "first", "3": "first"}
    second(kind, feed, 1, 2, 3).run()
    assert kind.booked(world) == {"1": "second", "2": "second", "3": "second"}
    assert len(kind.made(world)) == 3
    assert is_quiet(feed)


@pytest.mark.parametrize(("name", "match"), CELLS)
def test_insert_creates_and_changes_nothing(world: World, name: str, match: str) -> None:
    kind = KINDS[name]
    feed = prepared(world, kind, match, "insert")
    assert feed.rejected() == {"2": ("change_refused", None)}
    assert kind.booked(world) == {"1": "first", "2": "old", "3": "first"}
    second(kind, feed, 1, 3)
    calls = world.api_calls()
    assert feed.rejected() == {"1": ("change_refused", None), "3": ("change_refused", None)}
    assert world.api_calls() == [] != calls
    assert kind.booked(world) == {"1": "first", "2": "old", "3": "first"}


@pytest.mark.parametrize(("name", "match"), CELLS)
def test_insert_leaves_what_it_finds_where_the_sync_says_so(world: World, name: str, match: str) -> None:
    kind = KINDS[name]
    feed = prepared(world, kind, match, "insert", on_change="ignore")
    assert feed.rejected() == {}
    assert kind.booked(world) == {"1": "first", "2": "old", "3": "first"}
    assert second(kind, feed, 1, 2, 3).rejected() == {}
    assert kind.booked(world) == {"1": "first", "2": "old", "3": "first"}
    assert is_quiet(feed)


@pytest.mark.parametrize(("name", "match"), CELLS)
def test_update_creates_nothing(world: World, name: str, match: str) -> None:
    kind = KINDS[name]
    feed = prepared(world, kind, match, "update")
    report = feed.run()
    assert [row.key for row in world.rows(report, "skipped")] == ["3"]
    assert "rows_rejected" not in report.run.counts
    assert kind.booked(world) == {"1": "first", "2": "first"}
    (third,) = world.xero.add(kind.plural, [kind.element(3, **kind.row_of(3, **{kind.free: "old"}))])
    feed.ids |= {"3": third[kind.id_field]} if feed.ids else {}
    feed.rows(*kind.rows(1, 2, 3)).run()
    assert kind.booked(world) == {"1": "first", "2": "first", "3": "first"}
    assert is_quiet(feed)


@pytest.mark.parametrize(("name", "match", "removal"), cells(TRIPLES))
def test_removals(world: World, name: str, match: str, removal: str) -> None:
    kind = KINDS[name]
    mode = MODES[TRIPLES.index((name, match, removal)) % 3]  # a removal has nothing to do with the mode
    kind.prepare(world)
    feed = kind.feed(world, match, mode=mode, on_removal=removal)
    if mode == "update" or match == kind.id_field:
        made = world.xero.add(kind.plural, [kind.element(n) for n in (1, 2)])
        feed.ids = {str(n): r[kind.id_field] for n, r in enumerate(made, 1)} if match == kind.id_field else {}
    feed.rows(*kind.rows(1, 2)).run()
    report = feed.rows(kind.row_of(1)).run()
    assert "rows_rejected" not in report.run.counts
    assert kind.booked(world) == {"1": "first"} | ({"2": REMOVED[removal]} if removal in REMOVED else {})
    assert is_quiet(feed)


@pytest.mark.parametrize("removal", ["delete", "delete_or_archive"])
def test_an_account_in_use_is_archived_instead_of_deleted_where_the_sync_says_so(
    world: World, removal: str, exchanges: list[Exchange]
) -> None:
    accounts, invoices = KINDS["accounts"], KINDS["invoices"]
    feed = accounts.feed(world, on_removal=removal)
    feed.rows(*accounts.rows(1, 2)).run()
    invoices.prepare(world)
    document = invoices.element(1)
    world.xero.add("Invoices", [document | {"LineItems": [document["LineItems"][0] | {"AccountCode": "X2"}]}])
    exchanges.clear()
    feed.rows(accounts.row_of(1))
    deleted, archived = ("DELETE", 400), ("POST", 200)
    if removal == "delete":
        assert feed.rejected() == {"2": ("remote_rejected", None)}
        assert accounts.booked(world) == {"1": "first", "2": "first"}
        assert [(e.method, e.status) for e in exchanges if e.method != "GET"] == [deleted]
    else:
        assert feed.rejected() == {}
        assert accounts.booked(world) == {"1": "first", "2": "ARCHIVED"}
        assert [(e.method, e.status) for e in exchanges if e.method != "GET"] == [deleted, archived]
        assert is_quiet(feed)


def test_types_from_a_column_are_validated_row_by_row(world: World) -> None:
    accounts = KINDS["accounts"]
    bank = {
        "id": "b",
        "Name": "Till",
        "Code": "B91",
        "Type": "BANK",
        "BankAccountNumber": "12-3456-0000001-00",
    }
    feed = Feed(world, "accounts", "Code").rows(
        bank,
        accounts.row_of(1),
        accounts.row_of(2, Type="NONSENSE"),
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
    feed.rows(bank | {"Name": "Till two"}, accounts.row_of(1, Description="second"))
    assert feed.rejected() == {"b": ("record_locked", None)}
    assert accounts.booked(world) == {"1": "second"}
