"""Every request of every test here is held against the contract: these make one of each kind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.contract.local_xero.exchanges import Exchange
from tests.contract.local_xero.judge import CONTRACT
from tests.contract.local_xero.verdicts import operation_of
from tests.integration import test_invoices, test_payments
from tests.integration.kinds import OBJECTS
from tests.integration.world import World

NAMES = {(o["method"], o["path"]): name for name, o in CONTRACT["operations"].items()}


def settings_objects(world: World, object_: str) -> None:
    """Create, change and remove a record."""
    kind = OBJECTS[object_]
    feed = kind.feed(world, on_removal=kind.removals[-1])
    feed.rows(*kind.rows(1, 2)).run()
    feed.rows(kind.row_of(1, **{kind.free: "second"})).run()


def documents(world: World, object_: str) -> None:
    """Create, change and void a document."""
    test_invoices.contacts(world)
    feed = test_invoices.feed(world, object_, on_removal="void")
    rows = [test_invoices.row(key, object_, Status="AUTHORISED") for key in ("1", "2")]
    feed.rows(*rows).run()
    feed.rows(rows[0] | {"what": "Else"}).run()


def payments(world: World, _object: str) -> None:
    """Make and delete a payment."""
    test_payments.invoices(world, 100)
    feed = test_payments.feed(world, on_removal="delete")
    feed.rows(test_payments.payment("1"), test_payments.payment("2")).run()
    feed.rows(test_payments.payment("1")).run()


@pytest.mark.parametrize(
    ("object_", "act", "calls"),
    [
        ("contacts", settings_objects, {"getContacts", "createContacts", "updateOrCreateContacts"}),
        ("accounts", settings_objects, {"getAccounts", "createAccount", "updateAccount", "deleteAccount"}),
        ("items", settings_objects, {"getItems", "createItems", "updateOrCreateItems", "deleteItem"}),
        ("invoices", documents, {"getInvoices", "createInvoices", "updateOrCreateInvoices"}),
        (
            "credit-notes",
            documents,
            {"getCreditNotes", "createCreditNotes", "updateOrCreateCreditNotes"},
        ),
        ("payments", payments, {"getPayments", "createPayments", "deletePayment"}),
    ],
)
def test_every_kind_of_request_is_judged(
    world: World,
    exchanges: list[Exchange],
    object_: str,
    act: Callable[[World, str], None],
    calls: set[str],
) -> None:
    act(world, object_)
    named = {
        NAMES[operation["method"], operation["path"]]
        for exchange in exchanges
        if (operation := operation_of(exchange.method, exchange.path)) is not None
    }
    assert named >= calls
    assert {exchange.status for exchange in exchanges} <= {200, 204}
