"""Misbehaviour on demand, on either side of the commit."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import httpx
import pytest

from bookward.demo.xero import DEMO_COMPANY, Call, Fault, FaultKind, LocalXero
from tests.contract.local_xero.driver import (
    CONTACTS,
    ORGANISATION,
    names,
    put,
    sign_in,
    signed_in,
    token_request,
)
from tests.fakes import FakeClock


def send(api: httpx.Client, name: str = "A", key: str = "k") -> httpx.Response:
    query, headers = {"summarizeErrors": "false"}, {"Idempotency-Key": key}
    return api.put(CONTACTS, params=query, json={"Contacts": [{"Name": name}]}, headers=headers)


@pytest.mark.parametrize(("when", "committed"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize(
    ("status", "body", "type_"),
    [(500, "html", "text/html"), (503, "empty", None), (412, "json", "application/json")],
)
def test_status_before_or_after_the_commit(
    xero: LocalXero, api: httpx.Client, when: Any, committed: int, status: int, body: Any, type_: str | None
) -> None:
    xero.faults.add(Fault(kind=FaultKind.STATUS, status=status, body=body, when=when))
    answer = send(api)
    assert answer.status_code == status
    assert (answer.headers.get("content-type") or "").startswith(type_ or "")
    assert (answer.content == b"") is (body == "empty")
    assert "X-DayLimit-Remaining" in answer.headers
    assert len(xero.contacts()) == committed
    assert xero.faults.waiting() == []


@pytest.mark.parametrize(("when", "committed"), [("before", 0), ("after", 1)])
def test_connection_cut_before_or_after_the_commit(
    xero: LocalXero, api: httpx.Client, when: Any, committed: int
) -> None:
    xero.faults.add(Fault(kind=FaultKind.CUT, when=when))
    with pytest.raises(httpx.RemoteProtocolError):
        send(api)
    assert len(xero.contacts()) == committed
    assert xero.calls[-1] == Call("PUT", CONTACTS, 0)
    answer = send(api)
    assert answer.json()["Contacts"][0]["StatusAttributeString"] == "OK"
    assert len(xero.contacts()) == 1


def test_answer_cut_in_the_middle(xero: LocalXero, api: httpx.Client) -> None:
    xero.faults.add(Fault(kind=FaultKind.HALF_ANSWER))
    with pytest.raises(httpx.RemoteProtocolError, match="complete message body"):
        send(api)
    assert len(xero.contacts()) == 1
    assert send(api).json()["Contacts"][0]["StatusAttributeString"] == "OK"


def test_json_cut_in_half_arrives_whole_as_http(xero: LocalXero, api: httpx.Client) -> None:
    xero.faults.add(Fault(kind=FaultKind.HALF_JSON))
    answer = send(api)
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert len(xero.contacts()) == 1


@pytest.mark.parametrize(
    ("status", "remember", "replayed"),
    [(500, None, 500), (503, None, 200), (500, "answer", 200), (503, "fault", 503)],
)
def test_what_the_key_remembers_of_a_lost_answer(
    xero: LocalXero, api: httpx.Client, status: int, remember: Any, replayed: int
) -> None:
    xero.faults.add(Fault(kind=FaultKind.STATUS, status=status, when="after", remember=remember))
    assert send(api).status_code == status
    assert send(api).status_code == replayed
    assert len(xero.contacts()) == 1


def test_key_may_remember_nothing(xero: LocalXero, api: httpx.Client) -> None:
    xero.faults.add(Fault(kind=FaultKind.STATUS, when="after", remember="nothing"))
    assert send(api).status_code == 503
    assert send(api).json()["Contacts"][0]["StatusAttributeString"] == "ERROR"


def test_fault_before_the_commit_leaves_the_key_free(xero: LocalXero, api: httpx.Client) -> None:
    xero.faults.add(Fault(kind=FaultKind.STATUS, status=500))
    assert send(api).status_code == 500
    assert send(api).status_code == 200


@pytest.mark.parametrize("problem", ["minute", "day", "concurrent"])
def test_storm_of_429(xero: LocalXero, api: httpx.Client, problem: str) -> None:
    xero.faults.add(Fault(kind=FaultKind.RATE_LIMIT, times=3, seconds=26, problem=problem))
    for _ in range(3):
        answer = send(api)
        assert (answer.status_code, answer.content) == (429, b"")
        assert answer.headers["X-Rate-Limit-Problem"] == problem
        assert answer.headers.get("Retry-After") == (None if problem == "concurrent" else "26")
    assert send(api).status_code == 200


def test_token_may_expire_at_any_call(xero: LocalXero, api: httpx.Client) -> None:
    xero.faults.add(Fault(kind=FaultKind.TOKEN_EXPIRED, skip=1))
    assert [api.get(ORGANISATION).status_code for _ in range(3)] == [200, 401, 200]


def test_answer_may_hold_fewer_elements_than_were_sent(xero: LocalXero, api: httpx.Client) -> None:
    xero.faults.add(Fault(kind=FaultKind.FEWER_ELEMENTS, elements=2))
    elements = [{"Name": f"N{number}"} for number in range(5)]
    assert len(put(api, *elements)) == 3
    assert len(xero.contacts()) == 5


def test_latency_passes_on_the_clock_and_grows_with_elements(xero: LocalXero, api: httpx.Client) -> None:
    xero.faults.add(Fault(kind=FaultKind.LATENCY, times=None, seconds=2, seconds_per_element=0.5))
    before = xero.clock.now()
    put(api, *({"Name": f"N{number}"} for number in range(4)))
    assert (xero.clock.now() - before).total_seconds() == 4
    assert len(xero.faults.waiting()) == 1


def test_a_pace_counts_what_the_request_took_anyway(xero: LocalXero, api: httpx.Client) -> None:
    xero.faults.add(
        Fault(kind=FaultKind.LATENCY, times=None, seconds=3),
        Fault(kind=FaultKind.PACE, times=None, seconds=2, seconds_per_element=0.5),
    )
    for elements, seconds in ((4, 4), (1, 3)):
        before = xero.clock.now()
        put(api, *({"Name": f"N{elements}{number}"} for number in range(elements)))
        assert (xero.clock.now() - before).total_seconds() == seconds


def test_delays_and_another_fault_strike_together(xero: LocalXero, api: httpx.Client) -> None:
    xero.faults.add(
        Fault(kind=FaultKind.LATENCY, seconds=1, when="after"),
        Fault(kind=FaultKind.LATENCY, seconds=2),
        Fault(kind=FaultKind.STATUS, when="after"),
        Fault(kind=FaultKind.CUT),
    )
    before = xero.clock.now()
    assert send(api).status_code == 503
    assert (xero.clock.now() - before).total_seconds() == 3
    assert [fault.kind for fault in xero.faults.waiting()] == [FaultKind.CUT]


def test_fault_waits_for_its_method_and_path(xero: LocalXero, api: httpx.Client) -> None:
    xero.faults.add(Fault(kind=FaultKind.STATUS, method="PUT", path="*/Contacts"))
    assert api.get(CONTACTS).status_code == 200
    assert api.get(ORGANISATION).status_code == 200
    assert send(api).status_code == 503
    assert send(api).status_code == 200


def test_refresh_may_be_cut_after_the_token_was_rotated(xero: LocalXero) -> None:
    token = sign_in(xero)["refresh_token"]
    xero.faults.add(Fault(kind=FaultKind.CUT, path="/connect/token", when="after"))
    with pytest.raises(httpx.RemoteProtocolError):
        token_request(xero, grant_type="refresh_token", refresh_token=token)
    assert token_request(xero, grant_type="refresh_token", refresh_token=token).status_code == 200


def test_cleared_faults_do_not_strike(xero: LocalXero, api: httpx.Client) -> None:
    xero.faults.add(Fault(kind=FaultKind.STATUS, times=None))
    assert send(api).status_code == 503
    xero.faults.clear()
    assert names(api.get(CONTACTS)) == []


def test_client_that_leaves_in_the_middle_of_its_body_does_no_harm(
    xero: LocalXero, api: httpx.Client
) -> None:
    host, port = xero.url.removeprefix("http://").split(":")
    head = f"PUT {CONTACTS} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
    head += f"Authorization: {api.headers['authorization']}\r\nxero-tenant-id: {DEMO_COMPANY.id}\r\n\r\n{{"
    wait = Event()
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode())
        while not xero.in_flight():
            wait.wait(0.001)
    while xero.in_flight():
        wait.wait(0.001)
    assert xero.contacts() == []
    assert send(api).status_code == 200


def test_server_ends_while_a_request_is_held() -> None:
    with ThreadPoolExecutor(1) as pool:
        with LocalXero.running(clock=FakeClock()) as xero, signed_in(xero, DEMO_COMPANY.id) as api:
            xero.faults.add(Fault(kind=FaultKind.HOLD))
            held = pool.submit(api.get, ORGANISATION)
            wait = Event()
            while not xero.in_flight():
                wait.wait(0.001)
        assert held.exception() is None or isinstance(held.exception(), httpx.HTTPError)
