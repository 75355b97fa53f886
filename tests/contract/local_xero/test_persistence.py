"""Restart, concurrency, and a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from bookward.demo.xero import DEMO_COMPANY, LocalXero
from bookward.demo.xero.__main__ import main
from tests.contract.local_xero.driver import (
    CONTACTS,
    ORGANISATION,
    client_of,
    names,
    put,
    sign_in,
    signed_in,
    token_request,
)
from tests.fakes import FakeClock


def test_restart_keeps_books_sign_ins_and_idempotency_keys(tmp_path: Path) -> None:
    file, clock = tmp_path / "data" / "xero.sqlite", FakeClock()
    with LocalXero.running(file, clock=clock) as xero:
        tokens = sign_in(xero)
        with client_of(xero, tokens["access_token"], DEMO_COMPANY.id) as api:
            made = put(api, {"Name": "A", "ContactNumber": "1"}, idempotency_key="k")
        before = xero.contacts()
    with LocalXero.running(file, clock=clock) as xero:
        assert xero.contacts() == before
        with client_of(xero, tokens["access_token"], DEMO_COMPANY.id) as api:
            assert put(api, {"Name": "A", "ContactNumber": "1"}, idempotency_key="k") == made
            assert put(api, {"Name": "a"})[0]["StatusAttributeString"] == "ERROR"
        form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        assert token_request(xero, **form).status_code == 200


def test_concurrent_writers_never_make_doubles(xero: LocalXero, api: httpx.Client) -> None:
    batches = [[{"Name": f"N{(start + number) % 60}"} for number in range(40)] for start in range(0, 60, 12)]
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda batch: put(api, *batch), batches))
    made = [one for answer in answers for one in answer if one["StatusAttributeString"] == "OK"]
    assert sorted(one["Name"] for one in made) == sorted(f"N{number}" for number in range(60))
    assert len(xero.contacts()) == 60


def test_same_key_at_the_same_time_is_booked_once(xero: LocalXero, api: httpx.Client) -> None:
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: put(api, {"Name": "A"}, idempotency_key="k"), range(5)))
    assert all(answer == answers[0] for answer in answers)
    assert len(xero.contacts()) == 1


def test_calls_are_recorded_until_reset(xero: LocalXero, api: httpx.Client) -> None:
    xero.reset_calls()
    api.get(ORGANISATION)
    put(api, {"Name": "A"})
    assert xero.calls == [("GET", ORGANISATION, 200), ("PUT", CONTACTS, 200)]
    xero.reset_calls()
    assert xero.calls == []


def test_two_local_xeros_can_run_side_by_side() -> None:
    with LocalXero.running() as one, LocalXero.running() as other:
        assert one.url != other.url
        one.add_contacts([{"Name": "A"}])
        assert other.contacts() == []


def test_port_can_be_chosen_again_at_once() -> None:
    with LocalXero.running() as xero:
        port = int(xero.url.rpartition(":")[2])
        with signed_in(xero, DEMO_COMPANY.id) as api:
            assert names(api.get(CONTACTS)) == []
    with LocalXero.running(port=port) as xero:
        assert xero.url.endswith(f":{port}")


def test_process_of_its_own_prints_its_address_and_keeps_its_data(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bookward.demo.xero", "--port", "0", "--data", str(tmp_path)]
    for expected in ([], ["A"]):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            ledger = httpx.get(f"{url}/_control/ledger", verify=False).json()
            assert [contact["Name"] for contact in ledger[0]["contacts"]] == expected
            if not expected:
                with client_of(
                    _Elsewhere(url), sign_in(_Elsewhere(url))["access_token"], DEMO_COMPANY.id
                ) as api:
                    put(api, {"Name": "A"})
            process.send_signal(signal.SIGTERM)
            assert process.wait() == 0


def test_taken_port_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with LocalXero.running() as xero, pytest.raises(SystemExit):
        main(["--port", xero.url.rpartition(":")[2]])
    assert "cannot serve on port" in capsys.readouterr().err


class _Elsewhere(LocalXero):
    """A local Xero of which only the address is known."""

    def __init__(self, url: str) -> None:
        self.url = url
