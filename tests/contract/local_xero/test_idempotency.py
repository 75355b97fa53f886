"""The Idempotency-Key cache."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bookward.demo.xero import DEMO_COMPANY, LocalXero
from tests.contract.local_xero.driver import CONTACTS, names, post, put, signed_in


def send(api: httpx.Client, key: str, *elements: Any, method: str = "PUT", **query: str) -> httpx.Response:
    query.setdefault("summarizeErrors", "false")
    headers = {"Idempotency-Key": key}
    return api.request(method, CONTACTS, params=query, json={"Contacts": elements}, headers=headers)


def test_same_request_is_answered_from_the_cache(xero: LocalXero, api: httpx.Client) -> None:
    first = send(api, "k", {"Name": "A"})
    again = send(api, "k", {"Name": "A"})
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["content-type"] == first.headers["content-type"]
    assert len(xero.contacts()) == 1


def test_replayed_calls_count_towards_the_limits(api: httpx.Client) -> None:
    remaining = [send(api, "k", {"Name": "A"}).headers["X-DayLimit-Remaining"] for _ in range(2)]
    assert remaining == ["4999", "4998"]


def test_key_lives_six_minutes_from_the_first_call(xero: LocalXero, api: httpx.Client) -> None:
    send(api, "k", {"Name": "A"})
    xero.clock.jump(minutes=3)
    send(api, "k", {"Name": "A"})
    xero.clock.jump(minutes=2, seconds=59)
    assert send(api, "k", {"Name": "A"}).json()["Contacts"][0]["StatusAttributeString"] == "OK"
    xero.clock.jump(seconds=1)
    assert send(api, "k", {"Name": "A"}).json()["Contacts"][0]["StatusAttributeString"] == "ERROR"


@pytest.mark.parametrize(
    "change",
    [{"method": "POST"}, {"element": {"Name": "B"}}, {"summarizeErrors": "true"}],
)
def test_another_request_under_the_key_is_refused(
    xero: LocalXero, api: httpx.Client, change: dict[str, Any]
) -> None:
    send(api, "my key", {"Name": "A"})
    answer = send(api, "my key", change.pop("element", {"Name": "A"}), **change)
    assert answer.status_code == 400
    assert answer.json()["Message"] == "Idempotency Key: my key is used with a different request."
    assert len(xero.contacts()) == 1


def test_errors_are_kept_too(api: httpx.Client) -> None:
    unknown = {"ContactID": "11111111-1111-4111-8111-111111111111"}
    for key, element in (("invalid", {"Name": {}}), ("missing", unknown)):
        first, again = (send(api, key, element, method="POST") for _ in range(2))
        assert first.status_code in {400, 404}
        assert (first.status_code, first.content) == (again.status_code, again.content)
    summarised = {"summarizeErrors": "true"}
    first = send(api, "rejected", {"FirstName": "F"}, **summarised)
    assert first.status_code == 400
    assert send(api, "rejected", {"FirstName": "F"}, **summarised).content == first.content


def test_refused_sign_in_is_not_kept(xero: LocalXero, api: httpx.Client) -> None:
    xero.expire_tokens()
    assert send(api, "k", {"Name": "A"}).status_code == 401
    with signed_in(xero, DEMO_COMPANY.id) as fresh:
        assert send(fresh, "k", {"Name": "A"}).status_code == 200


def test_key_has_at_most_128_characters(api: httpx.Client) -> None:
    assert send(api, "k" * 128, {"Name": "A"}).status_code == 200
    assert send(api, "k" * 129, {"Name": "B"}).status_code == 400


def test_get_ignores_the_key(api: httpx.Client) -> None:
    headers = {"Idempotency-Key": "k"}
    assert names(api.get(CONTACTS, headers=headers)) == []
    put(api, {"Name": "A"})
    assert names(api.get(CONTACTS, headers=headers)) == ["A"]


def test_without_a_key_nothing_is_kept(api: httpx.Client) -> None:
    assert put(api, {"Name": "A"})[0]["StatusAttributeString"] == "OK"
    assert put(api, {"Name": "A"})[0]["StatusAttributeString"] == "ERROR"
    assert post(api, {"Name": "A"}, idempotency_key="k")[0]["StatusAttributeString"] == "OK"
