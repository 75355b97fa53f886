"""Tracking categories and their options."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from xero_python.accounting import TrackingCategory, TrackingOption

from bookward.demo.xero import DEMO_COMPANY, LocalXero
from bookward.demo.xero import tracking_options as option_rules
from bookward.demo.xero import tracking_write as rules
from tests.contract.local_xero.driver import ZERO, complaints
from tests.contract.local_xero.sdk import Driver

TENANT = DEMO_COMPANY.id
PATH = "/api.xro/2.0/TrackingCategories"


def make(api: httpx.Client, name: str) -> str:
    answer = api.put(PATH, json={"Name": name})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["TrackingCategories"][0]["TrackingCategoryID"])


def option(api: httpx.Client, category: str, **fields: Any) -> httpx.Response:
    return api.put(f"{PATH}/{category}/Options", json=fields)


def test_category_and_options_are_made_changed_archived_and_deleted(sdk: Driver) -> None:
    api = sdk.accounting
    (region,) = api.create_tracking_category(TENANT, TrackingCategory(name="Region")).tracking_categories
    id_ = region.tracking_category_id
    assert (region.name, region.status, region.options) == ("Region", "ACTIVE", [])
    north, south = (
        api.create_tracking_options(TENANT, id_, TrackingOption(name=name)).options[0]
        for name in ("North", "South")
    )
    renamed = TrackingOption(name="Northland")
    (changed,) = api.update_tracking_options(TENANT, id_, north.tracking_option_id, renamed).options
    assert (changed.tracking_option_id, changed.name) == (north.tracking_option_id, "Northland")
    (gone,) = api.delete_tracking_options(TENANT, id_, south.tracking_option_id).options
    assert (gone.name, gone.status) == ("South", "DELETED")
    (renamed,) = api.update_tracking_category(TENANT, id_, TrackingCategory(name="Area")).tracking_categories
    assert [one.name for one in renamed.options] == ["Northland"]
    archived = TrackingCategory(status="ARCHIVED")
    assert api.update_tracking_category(TENANT, id_, archived).tracking_categories[0].status == "ARCHIVED"
    assert api.get_tracking_categories(TENANT).tracking_categories == []
    (shown,) = api.get_tracking_categories(TENANT, include_archived=True).tracking_categories
    assert (shown.tracking_category_id, shown.name) == (id_, "Area")
    assert api.get_tracking_category(TENANT, id_).tracking_categories[0].status == "ARCHIVED"
    assert api.delete_tracking_category(TENANT, id_).tracking_categories[0].status == "DELETED"
    assert api.get_tracking_categories(TENANT, include_archived=True).tracking_categories == []


def test_two_categories_are_active_and_four_in_all(xero: LocalXero, api: httpx.Client) -> None:
    ids = [make(api, name) for name in ("A", "B")]
    assert complaints(api.put(PATH, json={"Name": "C"})) == [rules.TOO_MANY_ACTIVE]
    for id_ in ids:
        assert api.post(f"{PATH}/{id_}", json={"Status": "ARCHIVED"}).status_code == 200
    make(api, "C")
    fourth = make(api, "D")
    assert complaints(api.post(f"{PATH}/{ids[0]}", json={"Status": "ACTIVE"})) == [rules.TOO_MANY_ACTIVE]
    api.post(f"{PATH}/{fourth}", json={"Status": "ARCHIVED"})
    assert complaints(api.put(PATH, json={"Name": "E"})) == [rules.TOO_MANY]
    assert api.post(f"{PATH}/{ids[0]}", json={"Status": "ACTIVE"}).status_code == 200
    assert [one["Status"] for one in xero.records("TrackingCategories")] == [
        "ACTIVE",
        "ARCHIVED",
        "ACTIVE",
        "ARCHIVED",
    ]


@pytest.mark.parametrize(
    ("fields", "messages"),
    [
        ({"Name": " "}, [rules.NO_NAME]),
        ({"Name": "region"}, [rules.NAME_TAKEN]),
        ({"Name": "x" * 101}, ["The Name must not be longer than 100 characters."]),
    ],
)
def test_refused_categories(api: httpx.Client, fields: dict[str, Any], messages: list[str]) -> None:
    id_ = make(api, "Region")
    answer = api.put(PATH, json=fields)
    assert complaints(answer) == messages
    assert answer.json()["Elements"][0]["TrackingCategoryID"] == ZERO
    assert complaints(api.post(f"{PATH}/{id_}", json={"Status": "DELETED"})) == [rules.NO_DELETING]


def test_refused_options(api: httpx.Client) -> None:
    id_ = make(api, "Region")
    (north,) = option(api, id_, Name=" North ").json()["Options"]
    assert north["Name"] == "North"
    assert complaints(option(api, id_, Name="NORTH")) == [option_rules.NAME_TAKEN]
    assert complaints(option(api, id_, Status="ACTIVE")) == [option_rules.NO_NAME]
    path = f"{PATH}/{id_}/Options/{north['TrackingOptionID']}"
    assert complaints(api.post(path, json={"Status": "DELETED"})) == [option_rules.NO_DELETING]
    for method in ("POST", "DELETE"):
        answer = api.request(method, f"{PATH}/{id_}/Options/{ZERO}", json={"Name": "x"})
        assert answer.status_code == 404


def test_a_category_has_a_hundred_active_options(api: httpx.Client) -> None:
    id_ = make(api, "Region")
    many = api.put(f"{PATH}/{id_}/Options", json={"Options": [{"Name": f"N{n}"} for n in range(100)]})
    first = many.json()["Options"][0]["TrackingOptionID"]
    assert complaints(option(api, id_, Name="one more")) == [option_rules.TOO_MANY]
    archived = api.post(f"{PATH}/{id_}/Options/{first}", json={"Status": "ARCHIVED"})
    assert archived.json()["Options"][0]["Status"] == "ARCHIVED"
    assert option(api, id_, Name="one more").status_code == 200


def test_categories_are_filtered_and_ordered(api: httpx.Client) -> None:
    for name in ("B", "A"):
        make(api, name)

    def names(**query: str) -> list[str]:
        return [one["Name"] for one in api.get(PATH, params=query).json()["TrackingCategories"]]

    assert (names(), names(order="Name"), names(where='Name=="a"')) == (["B", "A"], ["A", "B"], ["A"])
