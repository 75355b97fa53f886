"""Every request that Bookward makes, held against the contract distilled from Xero's own OpenAPI."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from bookward import exactjson
from bookward.records import ApiCall
from tests.contract.local_xero.judge import CONTRACT, SCHEMAS, fits
from tests.integration import test_invoices, test_modes, test_payments
from tests.integration.feeds import Feed
from tests.integration.world import World

ROOT = "/api.xro/2.0"
DEVIATIONS: dict[str, str] = {}
"""What is sent although the contract does not have it, with the evidence: nothing so far."""


def disagreements(call: ApiCall) -> Iterator[str]:
    """Yield what about a request is not as the contract says."""
    url = urlsplit(call.url)
    path = url.path.partition(ROOT)[2]
    found = [o for o in CONTRACT["operations"].values() if _is_called(o, call.method, path)]
    if not found:
        yield f"no operation {call.method} {path}"
        return
    (operation,) = found
    query = {name for name, _ in parse_qsl(url.query)}
    yield from (f"{path}?{name}" for name in query - set(operation.get("in_query", ())))
    if sends := operation.get("sends"):
        yield from _body(exactjson.decode(call.request_body), sends, sends)
    elif call.request_body:
        yield f"{path}: a body"


def _is_called(operation: dict[str, Any], method: str, path: str) -> bool:
    pattern = re.sub(r"{[^}]*}", "[^/]+", operation["path"])
    return operation["method"] == method and re.fullmatch(pattern, path) is not None


def _body(value: Any, schema: str, where: str) -> Iterator[str]:
    for name, member in value.items():
        inside = f"{where}.{name}"
        field = SCHEMAS[schema].get(name)
        if field is None or field.get("read_only"):
            if inside not in DEVIATIONS:
                yield inside
        elif "ref" in field and "" not in SCHEMAS[field["ref"]]:
            for part in member if field.get("list") else [member]:
                yield from _body(part, field["ref"], inside)
        elif not _fits(member, SCHEMAS[field["ref"]][""] if "ref" in field else field):
            yield f"{inside}: {member!r}"


def _fits(value: Any, field: dict[str, Any]) -> bool:
    if field.get("date"):
        return date.fromisoformat(value).isoformat() == value
    return value == "" or fits(value, field)


def settings_objects(world: World, object_: str) -> None:
    """Create, change and remove a record."""
    match, removal = test_modes.MATCHES[object_][0], test_modes.REMOVALS[object_][-1]
    feed = Feed(world, object_, match, on_removal=removal)
    rows = [test_modes.row(object_, n) for n in (1, 2)]
    feed.rows(*rows).run()
    feed.rows(rows[0] | {test_modes.FREE[object_]: "second"}).run()


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
    ("object_", "act"),
    [
        ("contacts", settings_objects),
        ("accounts", settings_objects),
        ("items", settings_objects),
        ("invoices", documents),
        ("credit-notes", documents),
        ("payments", payments),
    ],
)
def test_every_request_is_one_of_the_contract(
    world: World, object_: str, act: Callable[[World, str], None]
) -> None:
    act(world, object_)
    with closing(world.app()) as app:
        runs = app.history()
        calls = [call for run in runs for _, call in app.calls(run.id)]
    assert all("rows_rejected" not in run.counts for run in runs)
    asked = [call for call in calls if ROOT in call.url]
    assert {call.method for call in asked} >= {"GET", "PUT"}
    assert len([call for call in asked if call.method != "GET"]) >= 2
    assert [found for call in asked for found in disagreements(call)] == []
