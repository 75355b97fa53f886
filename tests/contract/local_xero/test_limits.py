"""Calls in flight, a minute, a day; headers; the empty 429."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import httpx
import pytest

from bookward.demo.xero import (
    DEMO_COMPANY,
    WEB_APP,
    App,
    AppKind,
    Company,
    Fault,
    FaultKind,
    LocalXero,
    Options,
)
from tests.contract.local_xero.driver import CONTACTS, ORGANISATION, call, client_of, sign_in, token_request

LEFT = ("X-DayLimit-Remaining", "X-MinLimit-Remaining", "X-AppMinLimit-Remaining")


def left(answer: httpx.Response) -> tuple[int, ...]:
    return tuple(int(answer.headers[name]) for name in LEFT)


def test_every_answer_tells_what_is_left(api: httpx.Client) -> None:
    assert left(api.get(ORGANISATION)) == (4999, 59, 9999)
    assert left(api.put(CONTACTS, content=b"{")) == (4998, 58, 9998)
    assert left(api.get(f"{CONTACTS}/nobody")) == (4997, 57, 9997)


def test_the_sixty_first_call_of_a_minute_is_refused(xero: LocalXero, api: httpx.Client) -> None:
    xero.clock.jump(seconds=14.5)
    for _ in range(60):
        assert api.get(ORGANISATION).status_code == 200
    refused = api.get(ORGANISATION)
    assert (refused.status_code, refused.content) == (429, b"")
    assert "content-type" not in refused.headers
    assert refused.headers["X-Rate-Limit-Problem"] == "minute"
    assert refused.headers["Retry-After"] == "46"
    assert left(refused) == (4940, 0, 9940)
    xero.clock.jump(seconds=46)
    assert left(api.get(ORGANISATION)) == (4939, 59, 9999)


def test_minute_is_a_fixed_window_with_a_phase(xero: LocalXero, api: httpx.Client) -> None:
    xero.options = Options(minute_limit=2, minute_phase=20)
    xero.clock.jump(seconds=19)
    assert [api.get(ORGANISATION).status_code for _ in range(3)] == [200, 200, 429]
    xero.clock.jump(seconds=1)
    assert [api.get(ORGANISATION).status_code for _ in range(3)] == [200, 200, 429]


def test_day_limit_is_hours_away(xero: LocalXero, api: httpx.Client) -> None:
    xero.options = Options(day_limit=1)
    assert api.get(ORGANISATION).status_code == 200
    refused = api.get(ORGANISATION)
    assert refused.headers["X-Rate-Limit-Problem"] == "day"
    assert refused.headers["Retry-After"] == str(12 * 3600)
    assert left(refused)[0] == 0


def test_app_minute_is_shared_by_all_organisations(xero: LocalXero) -> None:
    other = Company(id="b0c1d2e3-0002-4000-8000-000000000002", name="Second")
    xero.options = Options(companies=(DEMO_COMPANY, other), app_minute_limit=1, app_minute_problem="app")
    token = sign_in(xero, DEMO_COMPANY.id, other.id)["access_token"]
    with client_of(xero, token, DEMO_COMPANY.id) as first, client_of(xero, token, other.id) as second:
        assert first.get(ORGANISATION).status_code == 200
        refused = second.get(ORGANISATION)
        assert (refused.status_code, refused.headers["X-Rate-Limit-Problem"]) == (429, "app")
        assert left(refused) == (5000, 60, 0)


def test_the_busiest_minute_is_told_of_one_organisation_and_of_all(xero: LocalXero) -> None:
    other = Company(id="b0c1d2e3-0002-4000-8000-000000000002", name="Second")
    xero.options = Options(companies=(DEMO_COMPANY, other))
    token = sign_in(xero, DEMO_COMPANY.id, other.id)["access_token"]
    assert xero.most_a_minute == (0, 0)
    with client_of(xero, token, DEMO_COMPANY.id) as first, client_of(xero, token, other.id) as second:
        for client in (first, second, first):
            client.get(ORGANISATION)
        xero.clock.jump(seconds=60)
        second.get(ORGANISATION)
    assert xero.most_a_minute == (2, 3)


def test_apps_have_counters_of_their_own(xero: LocalXero, api: httpx.Client) -> None:
    own = App(id="other", name="Other", kind=AppKind.CUSTOM, secret="s", tenant=DEMO_COMPANY.id)
    xero.options = Options(apps=(WEB_APP, own), minute_limit=1)
    assert [api.get(ORGANISATION).status_code for _ in range(2)] == [200, 429]
    token = token_request(xero, own, grant_type="client_credentials").json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert call("GET", xero.url + ORGANISATION, headers=headers).status_code == 200


@pytest.mark.parametrize(("counts", "after"), [(False, 1), (True, 0)])
def test_whether_refused_calls_count_is_a_switch(
    xero: LocalXero, api: httpx.Client, counts: bool, after: int
) -> None:
    xero.options = Options(minute_limit=1, day_limit=3, refused_calls_count=counts)
    assert [api.get(ORGANISATION).status_code for _ in range(2)] == [200, 429]
    xero.clock.jump(minutes=1)
    assert left(api.get(ORGANISATION))[0] == after


def test_unauthorised_calls_and_long_queries_do_not_count(xero: LocalXero, api: httpx.Client) -> None:
    assert api.get(ORGANISATION, headers={"Authorization": "Bearer x"}).status_code == 401
    assert api.get(f"{ORGANISATION}?{'x' * 2049}").status_code == 404
    assert left(api.get(ORGANISATION))[0] == 4999


def test_sixth_call_in_flight_is_refused_without_retry_after(xero: LocalXero, api: httpx.Client) -> None:
    xero.faults.add(Fault(kind=FaultKind.HOLD, times=5))
    with ThreadPoolExecutor(5) as pool:
        held = [pool.submit(api.get, ORGANISATION) for _ in range(5)]
        wait = Event()
        while xero.in_flight() < 5:
            wait.wait(0.001)
        sixth = api.get(ORGANISATION)
        xero.faults.release()
        assert {future.result().status_code for future in held} == {200}
    assert (sixth.status_code, sixth.content) == (429, b"")
    assert sixth.headers["X-Rate-Limit-Problem"] == "concurrent"
    assert "Retry-After" not in sixth.headers
    assert api.get(ORGANISATION).status_code == 200
    assert xero.in_flight() == 0
