"""The judges bite: whatever is wrong in a request or an answer, however deep, is found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import httpx
import pytest

from bookward.demo.xero import LocalXero
from bookward.demo.xero.catalogue import WRITERS
from tests.contract.local_xero import verdicts
from tests.contract.local_xero.exchanges import Exchange
from tests.contract.local_xero.judge import ENVELOPE, group_disagreements
from tests.contract.local_xero.samples import GOOD, add_good
from tests.contract.local_xero.sdk_judge import DROPPED, losses


def places(value: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield the path, the container and the key of everything inside a value."""
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, member in members:
        yield f"{path}.{key}", value, key
        yield from places(member, f"{path}.{key}")


def objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for _, container, key in places(value):
        if isinstance(container[key], dict):
            yield container[key]


def wrong(value: Any) -> list[Any]:
    """Return values of other types than this one."""
    if isinstance(value, dict | list):
        return ["text", 1]
    return [{"Nonsense": 1}, [1], 7 if isinstance(value, str) else "nonsense"]


def unnoticed(value: dict[str, Any], judge: Callable[[Any], list[str]]) -> list[str]:
    """Return the changes for the worse that a judge does not see: wrong types and unknown fields."""
    assert judge(value) == []
    found = []
    for path, container, key in list(places(value)):
        right = container[key]
        for bad in wrong(right):
            container[key] = bad
            found += [f"{path} = {bad!r}"] if judge(value) == [] else []
        container[key] = right
    for one in list(objects(value)):
        one["Nonsense"] = "x"
        found += [f"unknown field in {sorted(one)}"] if judge(value) == [] else []
        del one["Nonsense"]
    return found


def answered(xero: LocalXero, api: httpx.Client, plural: str) -> dict[str, Any]:
    """Return the page of a kind with its good elements only: what is deep in them is there once."""
    made = {element[WRITERS[plural].kind.id] for element in add_good(xero, plural)}
    document: dict[str, Any] = api.get(f"/api.xro/2.0/{plural}", params={"page": 1}).json()
    document[plural] = [e for e in document[plural] if e[WRITERS[plural].kind.id] in made][:2]
    return document


@pytest.mark.parametrize("plural", WRITERS)
def test_what_is_wrong_in_an_answer_is_found_by_the_contract(
    xero: LocalXero, api: httpx.Client, plural: str
) -> None:
    document = answered(xero, api, plural)
    inner = {name: member for name, member in document.items() if name not in ENVELOPE}
    assert unnoticed(inner, lambda value: list(group_disagreements(value, plural))) == []


@pytest.mark.parametrize("plural", WRITERS)
def test_what_is_wrong_in_a_request_is_found_by_the_contract(plural: str) -> None:
    body = {plural: deepcopy(GOOD[plural])}
    judged = lambda value: list(group_disagreements(value, plural, sent=True))  # noqa: E731
    assert unnoticed(body, judged) == []


@pytest.mark.parametrize("plural", WRITERS)
def test_what_is_wrong_in_an_answer_is_found_by_the_sdk(
    xero: LocalXero, api: httpx.Client, plural: str
) -> None:
    document = answered(xero, api, plural)
    element = document[plural][0]
    for path, container, key in list(places(element)):
        if path.rpartition(".")[2] in {name.partition(".")[2] for name in DROPPED}:
            del container[key]  # the SDK does not know these
    found = unnoticed(element, lambda value: list(losses(json.dumps({plural: [value]}), plural)))
    assert found == []


@pytest.mark.parametrize(
    ("plural", "path", "bad"),
    [
        ("Invoices", ("LineItems", 0, "Tracking", 0, "TrackingOptionID"), "no id"),
        ("Invoices", ("LineItems", 0, "TaxType"), 1),
        ("Invoices", ("LineAmountTypes",), "Sometimes"),
        ("Invoices", ("Contact", "ContactStatus"), "SLEEPING"),
        ("Invoices", ("Contact", "Addresses", 0, "AddressType"), "MOON"),
        ("Invoices", ("Contact", "PaymentTerms"), {"Bills": {"Day": 1, "Type": "SOMETIMES"}}),
        ("Payments", ("Invoice", "Contact", "ContactStatus"), "SLEEPING"),
        ("Payments", ("Account", "Type"), "PURSE"),
        ("Payments", ("Date",), "2026-10-01"),
        ("Contacts", ("Phones", 0, "PhoneType"), "DRUM"),
        ("Contacts", ("EmailAddress",), "e" * 256),
    ],
)
def test_wrong_choices_lengths_and_forms_deep_inside_are_found_by_the_contract(
    plural: str, path: tuple[str | int, ...], bad: Any
) -> None:
    element: Any = bad
    for key in reversed(path):
        element = [element] if isinstance(key, int) else {key: element}
    assert list(group_disagreements({plural: [element]}, plural)) != []


GOOD_REQUEST = Exchange(
    method="PUT",
    path="/Contacts",
    query="summarizeErrors=false",
    headers={
        "xero-tenant-id": "b0c1d2e3-0001-4000-8000-000000000001",
        "accept": "application/json",
        "content-type": "application/json",
        "idempotency-key": "k",
    },
    body=b'{"Contacts":[{"Name":"Ann"}]}',
    status=200,
    answer=b"",
)


@pytest.mark.parametrize(
    "change",
    [
        {"method": "PATCH"},
        {"path": "/Contracts"},
        {"query": "summariseErrors=false"},
        {"query": "summarizeErrors=maybe"},
        {"query": "summarizeErrors=false&summarizeErrors=true"},
        {"headers": {}},
        {"headers": GOOD_REQUEST.headers | {"idempotency-key": "k" * 129}},
        {"headers": GOOD_REQUEST.headers | {"accept": "*/*"}},
        {"headers": GOOD_REQUEST.headers | {"if-modified-since": "2026-11-02T12:00:00"}},
        {"method": "GET", "query": "page=one", "body": b""},
        {"method": "GET", "query": f"where={'x' * 2048}", "body": b""},
        {"method": "GET", "query": ""},
        {"body": b'{"Contacts":[{"Name":"' + b"A" * 3_500_000 + b'"}]}'},
        {"body": b'{"Contacts":[{"Name":"Ann","UpdatedDateUTC":"2026-01-01"}]}'},
        {"path": "/Items", "body": b'{"Items":[%b]}' % b",".join([b"{}"] * 501)},
    ],
)
def test_what_is_wrong_about_a_request_is_found(change: dict[str, Any]) -> None:
    assert verdicts.of_requests([GOOD_REQUEST]) == []
    assert len(verdicts.of_requests([replace(GOOD_REQUEST, **change)])) > 0


@pytest.mark.parametrize(
    "change",
    [
        {"answer": b""},
        {"answer": b'{"Id":"x","Contacts":[]}'},
        {"answer": b'{"Contacts":[{"Name":1}]}'},
        {"status": 400, "answer": b"{}"},
        {
            "status": 400,
            "answer": b'{"ErrorNumber":10,"Type":"ValidationException","Message":"m","Elements":[{"A":1}]}',
        },
    ],
)
def test_what_is_wrong_about_an_answer_is_found(change: dict[str, Any]) -> None:
    good = replace(GOOD_REQUEST, answer=b'{"Contacts":[{"Name":"Ann","HasAttachments":false}]}')
    assert verdicts.of_answers([good]) == []
    assert len(verdicts.of_answers([replace(good, **change)])) > 0
