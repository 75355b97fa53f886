"""Whatever is sent, the answer is one that the Accounting API has."""

from __future__ import annotations

from datetime import date
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookward.demo.xero import LocalXero, Options
from bookward.demo.xero.bodies import Boolean, Choice, Day, Group, Id, Items, Kind, Number, Whole
from bookward.demo.xero.catalogue import WRITERS
from tests.contract.local_xero.driver import ZERO
from tests.contract.local_xero.judge import checked

VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-5, 400)
    | st.decimals(-5, 400, places=3).map(float)
    | st.sampled_from(["", " ", "A", "200", "610", "630", "310", "BANK", "OUTPUT2", "EUR", "x" * 200])
)
IDS = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"]


def values(kind: Kind) -> st.SearchStrategy[Any]:
    """Return values of a field, most of them of its kind."""
    match kind:
        case Group():
            return elements(kind) | st.none()
        case Items(of):
            return st.lists(elements(of), max_size=2) | st.none()
        case Choice(names):
            return st.sampled_from(sorted(names)) | st.none()
        case Number() | Whole():
            return st.integers(-5, 400) | st.decimals(-5, 400, places=3).map(float) | st.none()
        case Boolean():
            return st.booleans() | st.none()
        case Day():
            return st.dates(date(2020, 1, 1), date(2030, 1, 1)).map(date.isoformat) | st.none()
        case Id():
            return st.sampled_from([ZERO, *IDS]) | st.none()
        case _:
            return VALUES


def elements(group: Group) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={name: values(kind) for name, kind in group.fields.items()})


@pytest.mark.parametrize("plural", WRITERS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_body_is_taken_or_refused(
    xero: LocalXero, api: httpx.Client, plural: str, data: st.DataObject
) -> None:
    xero.options = Options(minute_limit=10**9, day_limit=10**9)
    kind = WRITERS[plural].kind
    sent = data.draw(st.lists(elements(kind.group), min_size=1, max_size=3))
    method, place = data.draw(st.sampled_from(["PUT", "POST"])), data.draw(st.integers(0, 8))
    path, records = f"/api.xro/2.0/{plural}", xero.records(plural)
    target = path if place < 3 or not records else f"{path}/{records[place * 7 % len(records)][kind.id]}"
    answer = api.request(method, target, json={plural: sent})
    assert answer.status_code in {200, 400, 404, 501}, answer.text
    if answer.status_code == 200:
        checked(answer, plural)
    assert api.get(path).status_code == 200
