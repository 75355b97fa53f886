"""What a plan tells a bookkeeper of each document: its number, its contact, and its money, old and new."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal
from shutil import rmtree

import pytest

from bookward.bookings import Moved
from bookward.destinations.xero.invoices import INVOICES
from bookward.records import Brief, OperationKind
from bookward.store.runs import RunState
from tests.integration.test_invoices import booked, contacts, feed, invoice
from tests.integration.world import World


def briefs(world: World) -> dict[str, tuple[OperationKind, Brief | None]]:
    """Return what a plan made now says of each row."""
    plan = world.plan("feed")
    return {o.key: (o.kind, o.brief) for part in plan.operations() for o in part}


def test_a_document_is_told_by_number_contact_and_money(world: World) -> None:
    contacts(world)
    rows = [invoice("1"), invoice("2", CurrencyCode="NZD"), invoice("3")]
    documents = feed(world, on_removal="void").rows(*rows)
    first = {"party": "Ann", "currency": "NZD", "amount": Decimal("157.69")}
    assert briefs(world) == {
        key: (OperationKind.INSERT, Brief(called=f"INV-{key}", **first)) for key in ("1", "2", "3")
    }
    documents.run()
    documents.rows(invoice("1", price=Decimal(200)), invoice("2", DueDate="2026-10-30"))
    former = Decimal("157.69")
    assert briefs(world) == {
        "1": (
            OperationKind.UPDATE,
            Brief(called="INV-1", **first | {"amount": Decimal("307.5"), "former": former}),
        ),
        "2": (OperationKind.UPDATE, Brief(called="INV-2", **first, former=former)),
        "3": (
            OperationKind.VOID,
            Brief(called="INV-3", **first | {"amount": None, "former": former}),
        ),
    }


@pytest.mark.parametrize(
    ("was", "becomes", "before"),
    [
        ("Exclusive", "Inclusive", "132.25"),
        ("Inclusive", "Exclusive", "100"),
        ("Inclusive", "NoTax", "100"),
        ("Inclusive", "Inclusive", "115"),
        ("Exclusive", "NoTax", "115"),
    ],
)
def test_what_a_document_came_to_is_told_with_tax_where_the_row_has_it_in_its_lines(
    world: World, was: str, becomes: str, before: str
) -> None:
    contacts(world)
    row = invoice("1", price=Decimal(115), quantity=Decimal(1), freight=Decimal(0), LineAmountTypes=was)
    documents = feed(world).rows(row)
    documents.run()
    (live,) = booked(world).values()
    assert (
        Decimal(before)
        == {
            "Inclusive": live["Total"],
            "Exclusive": live["SubTotal"],
            "NoTax": live["SubTotal"],
        }[becomes]
    )
    documents.rows(row | {"LineAmountTypes": becomes, "Reference": "R"})
    ((_, brief),) = briefs(world).values()
    assert brief is not None
    assert (brief.former, brief.amount) == (Decimal(before), Decimal(115))
    moved = world.plan("feed").header.money["NZD"]
    assert (moved.net, moved.gross) == (115 - Decimal(before), abs(115 - Decimal(before)))
    sums = world.plan("feed", reconcile=True).header.reconciled
    assert sums is not None
    assert sums.rows_sums == {"NZD": Decimal(115)}


def test_what_a_document_of_unknown_tax_came_to_is_not_known() -> None:
    body = {"LineAmountTypes": "Exclusive", "LineItems": [{"LineAmount": Decimal(115)}]}
    assert INVOICES.amount_before({"LineAmountTypes": "Inclusive"}, body) is None
    assert INVOICES.amount_before({"Reference": "R"}, body) == ("", Decimal(115))
    inclusive = body | {"LineAmountTypes": "Inclusive"}
    assert INVOICES.amount_before({"Reference": "R"}, inclusive) == ("", Decimal(115))
    assert INVOICES.amount_before({"Reference": "R"}, inclusive, anew=True) is None


@pytest.mark.parametrize(("says", "records"), [("Inclusive", "132.25"), ("Exclusive", "115")])
def test_records_are_added_up_with_tax_where_the_sync_says_it_is_in_the_lines(
    world: World, says: str, records: str
) -> None:
    contacts(world)
    row = invoice("1", price=Decimal(115), quantity=Decimal(1), freight=Decimal(0))
    feed(world).rows(row).run()
    del row["LineAmountTypes"]
    documents = feed(world)
    documents.constants = {"LineAmountTypes": says}
    documents.rows(row)
    sums = world.plan("feed", reconcile=True).header.reconciled
    assert sums is not None
    assert (sums.rows_sums, sums.records_sums) == ({"NZD": Decimal(115)}, {"NZD": Decimal(records)})


def test_a_contact_that_is_not_there_yet_is_told_by_what_the_row_says(world: World) -> None:
    contacts(world)
    look_up = {
        "by": "EmailAddress",
        "column": "customer",
        "missing": "create",
        "fields": {"Name": "buyer"},
    }
    documents = feed(world, look_up={"Contact": look_up})
    documents.rows(invoice("1", customer="new@example.com", buyer="Newcomer Ltd"))
    ((kind, brief),) = briefs(world).values()
    assert brief is not None
    assert (kind, brief.party) == (OperationKind.INSERT, "Newcomer Ltd")


def test_a_row_that_is_refused_books_nothing(world: World) -> None:
    contacts(world)
    feed(world).rows(invoice("1", customer="nobody@example.com"))
    ((kind, brief),) = briefs(world).values()
    assert brief is not None
    assert (kind, brief.called, brief.party) == (OperationKind.REJECT, "INV-1", "nobody@example.com")
    assert (brief.amount, brief.former) == (None, None)


def test_a_contact_is_told_by_its_name(world: World) -> None:
    world.customers((1, "Acme"))
    ((operation,),) = world.plan().operations()
    assert operation.brief == Brief(called="Acme")
    with closing(world.app()) as app:
        told = list(app.open_plan("last", "customers").operations(values=False))
    assert told[0][0].brief is None


def test_a_plan_moves_what_each_record_comes_to_less_what_it_came_to(world: World) -> None:
    contacts(world)
    documents = feed(world, on_removal="void").rows(*(invoice(key) for key in "1234"))
    each = Decimal("157.69")
    assert world.plan("feed").header.money == {"NZD": Moved(after=4 * each, up=4 * each)}
    documents.run()
    documents.rows(
        invoice("1", price=Decimal(200)),  # 307.50
        invoice("2", quantity=Decimal(1), price=Decimal("42.5")),  # 50.00
        invoice("3", DueDate="2026-10-30"),
    )
    more, less = Decimal("149.81"), Decimal("107.69") + each
    (moved,) = world.plan("feed").header.money.values()
    assert moved == Moved(before=4 * each, after=4 * each + more - less, up=more, down=less)


def test_what_moves_is_guarded_whichever_way_it_goes(world: World) -> None:
    contacts(world)
    documents = feed(world, guards={"max_amount": 320}).rows(invoice("1"), invoice("2"))
    assert documents.run().run.state is RunState.DONE
    documents.rows(invoice("1", price=Decimal(310)), invoice("2", price=Decimal(0)))
    run = documents.run().run
    assert run.state is RunState.PARKED
    said = "It moves 465.00 NZD (314.81 up, 150.19 down), and max_amount is 320.00."
    assert said in str(run.error_message)
    documents.rows(invoice("1", price=Decimal(310)), invoice("2"))
    assert documents.run().run.state is RunState.DONE


def test_the_rows_of_a_run_are_known_as_its_plan_says_for_as_long_as_that_is_kept(world: World) -> None:
    contacts(world)
    documents = feed(world).rows(*(invoice(str(number)) for number in range(3)))
    run = documents.run().run
    with closing(world.app()) as app:
        first, *_ = app.rows(run.id)
        assert first.brief == Brief(called="INV-0", party="Ann", currency="NZD", amount=Decimal("157.69"))
        assert [row.key for row in app.rows(run.id, search="inv-1")] == ["1"]
        assert [row.key for row in app.rows(run.id, search="ANN", after=0, limit=1)] == ["1"]
        assert list(app.rows(run.id, search="ann", named=False)) == []
        rmtree(world.root / ".bookward" / "plans" / str(run.plan))
        assert [(row.key, row.brief) for row in app.rows(run.id)] == [(key, None) for key in "012"]
