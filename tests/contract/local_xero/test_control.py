"""The switches over HTTP."""

from __future__ import annotations

from datetime import datetime

import httpx
import pytest

from bookward.demo.xero import DEMO_COMPANY, LocalXero
from tests.contract.local_xero.driver import CONTACTS, ORGANISATION, names, put


def test_faults_are_added_shown_and_cleared(api: httpx.Client, browser: httpx.Client) -> None:
    fault = {"kind": "status", "status": 500, "body": "empty", "times": 2, "path": "*/Contacts"}
    (shown,) = browser.post("/_control/faults", json=fault).json()
    assert shown.items() >= fault.items()
    assert api.get(CONTACTS).status_code == 500
    assert len(browser.get("/_control/faults").json()) == 1
    assert browser.delete("/_control/faults").json() == []
    assert api.get(CONTACTS).status_code == 200
    assert len(browser.post("/_control/faults", json=[fault, {"kind": "cut"}]).json()) == 2


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("faults", b'{"kind": "earthquake"}'),
        ("faults", b"{"),
        ("clock", b'{"set": "yesterday"}'),
        ("clock", b'{"jump": "far"}'),
        ("options", b'{"minute_limt": 3}'),
        ("options", b'{"minute_limit": "many"}'),
        ("options", b'{"summarised_saves": "some"}'),
    ],
)
def test_nonsense_is_refused(browser: httpx.Client, verb: str, body: bytes) -> None:
    assert browser.post(f"/_control/{verb}", content=body).status_code == 400


def test_unknown_switch_is_not_found(browser: httpx.Client) -> None:
    assert browser.get("/_control/nothing").status_code == 404


def test_clock_is_set_and_jumped(xero: LocalXero, browser: httpx.Client) -> None:
    before = browser.get("/_control/clock").json()
    answer = browser.post("/_control/clock", json={"set": "2027-01-01T00:00:00Z", "jump": 90})
    assert answer.json()["now"] == "2027-01-01T00:01:30+00:00"
    passed = datetime.fromisoformat(answer.json()["now"]) - datetime.fromisoformat(before["now"])
    assert answer.json()["uptime"]["seconds"] - before["uptime"]["seconds"] == passed.total_seconds()
    assert browser.get("/_control/clock").json() == answer.json()
    assert xero.clock.now().isoformat() == answer.json()["now"]


def test_options_are_set(api: httpx.Client, browser: httpx.Client) -> None:
    browser.post("/_control/options", json={"minute_limit": 1})
    assert [api.get(ORGANISATION).status_code for _ in range(2)] == [200, 429]


def test_organisations_and_fractions_are_set_too(browser: httpx.Client, xero: LocalXero) -> None:
    companies = [{"id": DEMO_COMPANY.id, "name": "Renamed"}, {"id": "c2", "name": "Second"}]
    changes = {"companies": companies, "read_lag_seconds": 0.5}
    assert browser.post("/_control/options", json=changes).status_code == 200
    assert [company.name for company in xero.options.companies] == ["Renamed", "Second"]
    fault = {"kind": "latency", "seconds": 0.5, "seconds_per_element": 0.005}
    assert browser.post("/_control/faults", json=fault).json()[0]["seconds_per_element"] == 0.005


def test_ledger_shows_contacts_and_calls(api: httpx.Client, browser: httpx.Client, xero: LocalXero) -> None:
    put(api, {"Name": "A"}, {"Name": "B"})
    (books,) = browser.get("/_control/ledger").json()
    assert (books["tenantId"], books["calls"]) == (DEMO_COMPANY.id, 1)
    assert books["contacts"] == xero.contacts()


def test_tokens_expire_and_books_are_emptied(
    api: httpx.Client, browser: httpx.Client, xero: LocalXero
) -> None:
    put(api, {"Name": "A"})
    browser.post("/_control/expire-tokens")
    assert api.get(CONTACTS).status_code == 401
    browser.post("/_control/reset")
    assert (xero.contacts(), xero.calls) == ([], [])


def test_control_is_neither_struck_nor_recorded(
    browser: httpx.Client, xero: LocalXero, api: httpx.Client
) -> None:
    xero.reset_calls()
    browser.post("/_control/faults", json={"kind": "status", "times": None})
    assert browser.get("/_control/ledger").status_code == 200
    assert xero.calls == []
    browser.delete("/_control/faults")
    assert names(api.get(CONTACTS)) == []
