from __future__ import annotations

import pytest

from bookward.destinations.base import Destination, ObjectType
from bookward.destinations.xero.accounts import ACCOUNTS
from bookward.destinations.xero.contacts import CONTACTS
from bookward.destinations.xero.destination import XeroDestination
from bookward.destinations.xero.forecast import forecast
from bookward.destinations.xero.items import ITEMS
from bookward.destinations.xero.problems import messages, remedy_for, whole_refusal
from bookward.errors import NotConnected, RemoteRejected, SignInLost
from bookward.ports import BudgetState
from bookward.spec.sync import SyncSpec
from tests.unit.xero.fakes import Bench


def sync(**changes):
    return SyncSpec(
        **{"model": "m", "destination": "d", "object": "contacts", "match": {"Name": "n"}, **changes}
    )


def test_it_holds_the_contract():
    destination: Destination = Bench().xero
    kind: ObjectType = XeroDestination.object_type(sync())
    assert kind is CONTACTS
    assert destination.organisation().name


def test_a_sound_sync_has_no_problems():
    for field in ("Name", "ContactNumber", "ContactID"):
        assert XeroDestination.problems(sync(match={field: "c"}, on_removal="archive")) == []


@pytest.mark.parametrize(
    ("changes", "where", "said"),
    [
        ({"object": "contact"}, ("object",), "Did you mean 'contacts'?"),
        ({"object": "vendors"}, ("object",), "Known are: accounts, contacts, items, "),
        (
            {"match": {"FirstName": "c"}},
            ("match", "FirstName"),
            "Match by Name, ContactNumber, AccountNumber, EmailAddress or ContactID",
        ),
        ({"object": "payments", "match": {"Reference": "c"}}, ("mode",), "Possible: insert."),
        (
            {"object": "payments", "match": {"PaymentID": "c"}, "mode": "insert"},
            ("match", "PaymentID"),
            "Match by Reference.",
        ),
    ],
)
def test_what_xero_does_not_allow_is_said_with_what_it_does(changes, where, said):
    (problem,) = XeroDestination.problems(sync(**changes))
    assert problem.where == where
    assert said in problem.remedy


def test_checking_a_connection_that_works():
    steps = list(Bench().xero.check())
    assert [step.ok for step in steps] == [True] * 3
    assert steps[1].detail == "Demo, NZD"
    assert "4,000 today" in steps[2].detail


@pytest.mark.parametrize("error", [SignInLost("over"), NotConnected("never")])
def test_checking_ends_with_the_first_failed_step(error):
    bench = Bench()

    def fail(client, work):
        raise error

    bench.client.read_faults = [fail]
    (step,) = bench.xero.check()
    assert (step.name, step.ok, step.remedy) == ("sign in", False, error.remedy)


def test_the_forecast_counts_calls_bytes_and_minutes():
    left = BudgetState(minute_left=60, day_left=900)
    fixed = forecast(CONTACTS, {"insert": 10_000, "keep": 5}, 4_000_000, 50, left)
    assert (fixed.calls, fixed.least_calls, fixed.day_left) == (200, 2, 900)
    assert fixed.seconds == 180
    adaptive = forecast(CONTACTS, {"insert": 10_000}, 4_000_000, None, BudgetState())
    assert adaptive.calls == 13
    mixed = forecast(CONTACTS, {"insert": 5_000, "update": 5_000}, 4_000_000, None, BudgetState())
    assert mixed.calls == 13  # what one learns serves the other, too
    both = forecast(CONTACTS, {"insert": 10, "update": 5, "archive": 5}, 8_000, None, BudgetState())
    assert (both.calls, both.least_calls) == (2, 2)
    assert forecast(CONTACTS, {"adopt": 7}, 0, None, BudgetState()).calls == 0


def test_messages_are_found_however_deep_and_in_either_spelling():
    element = {
        "ValidationErrors": [{"Message": "a"}],
        "Phones": [{"ValidationErrors": [{"Description": "b"}]}],
        "PaymentTerms": {"Bills": {"ValidationErrors": []}},
    }
    assert list(messages(element)) == ["a", "b"]


def test_known_messages_have_a_remedy_of_their_own():
    said = "The contact name X is already assigned to another contact. The contact name must be unique."
    assert remedy_for(said).startswith("Rename one")
    assert remedy_for("something new") == RemoteRejected.remedy


def test_a_refused_request_says_why():
    body = {
        "ErrorNumber": 10,
        "Message": "general",
        "Elements": [{"ValidationErrors": [{"Message": "exact"}]}],
    }
    assert whole_refusal(400, body) == "Xero answered 400: exact"
    assert whole_refusal(404, None) == "Xero answered 404 without a reason."


def test_what_goes_one_a_call_is_forecast_so():
    assert forecast(ACCOUNTS, {"insert": 7, "archive": 2}, 900, None, BudgetState()).calls == 9
    items = forecast(ITEMS, {"insert": 1200, "delete": 3}, 90_000, 2000, BudgetState())
    assert (items.calls, items.least_calls) == (6, 6)
