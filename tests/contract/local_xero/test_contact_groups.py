"""Contact groups and the contacts in them."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest
from xero_python.accounting import Contact, ContactGroup, ContactGroups, Contacts

from bookward.demo.xero import DEMO_COMPANY, LocalXero
from bookward.demo.xero import contact_group_write as rules
from bookward.demo.xero.contact_rules import ARCHIVED_CONTACT
from tests.contract.local_xero.driver import CONTACTS, ZERO, complaints, post
from tests.contract.local_xero.sdk import Driver

TENANT = DEMO_COMPANY.id
PATH = "/api.xro/2.0/ContactGroups"


def group_of(name: str, **more: str) -> ContactGroups:
    return ContactGroups(contact_groups=[ContactGroup(name=name, **more)])


def make(api: httpx.Client, name: str) -> str:
    answer = api.put(PATH, json={"ContactGroups": [{"Name": name}]})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["ContactGroups"][0]["ContactGroupID"])


def test_group_is_made_filled_emptied_renamed_and_deleted(xero: LocalXero, sdk: Driver) -> None:
    api = sdk.accounting
    ids = [one["ContactID"] for one in xero.add_contacts([{"Name": "A"}, {"Name": "B"}, {"Name": "C"}])]
    (group,) = api.create_contact_group(TENANT, group_of("VIPs")).contact_groups
    assert (group.status, group.contacts) == ("ACTIVE", [])
    id_ = group.contact_group_id
    members = Contacts(contacts=[Contact(contact_id=one) for one in ids])
    added = api.create_contact_group_contacts(TENANT, id_, members).contacts
    assert [one.contact_id for one in added] == ids
    found = api.get_contact_group(TENANT, id_).contact_groups[0].contacts
    assert {one.contact_id: one.name for one in found} == dict(zip(ids, "ABC", strict=True))
    assert api.get_contact_groups(TENANT).contact_groups[0].contacts == []
    (mine,) = api.get_contact(TENANT, ids[0]).contacts[0].contact_groups
    assert (mine.contact_group_id, mine.name) == (id_, "VIPs")
    api.delete_contact_group_contact(TENANT, id_, ids[0])
    left = api.get_contact_group(TENANT, id_).contact_groups[0].contacts
    assert {one.name for one in left} == {"B", "C"}
    assert api.get_contact(TENANT, ids[0]).contacts[0].contact_groups == []
    api.delete_contact_group_contacts(TENANT, id_)
    assert api.get_contact_group(TENANT, id_).contact_groups[0].contacts == []
    api.create_contact_group_contacts(TENANT, id_, members)
    assert api.update_contact_group(TENANT, id_, group_of("Best")).contact_groups[0].name == "Best"
    deleted = api.update_contact_group(TENANT, id_, group_of("Best", status="DELETED")).contact_groups[0]
    assert (deleted.status, api.get_contact_groups(TENANT).contact_groups) == ("DELETED", [])
    assert [one["ContactGroups"] for one in xero.contacts()] == [[], [], []]


def test_writing_a_contact_keeps_its_groups(xero: LocalXero, api: httpx.Client) -> None:
    (contact,) = xero.add_contacts([{"Name": "A"}])
    id_ = make(api, "VIPs")
    path = f"{PATH}/{id_}/Contacts"
    for _ in range(2):
        assert api.put(path, json={"Contacts": [{"ContactID": contact["ContactID"]}]}).status_code == 200
    (changed,) = post(api, {"Name": "A", "FirstName": "F", "ContactGroups": []})
    assert [group["Name"] for group in changed["ContactGroups"]] == ["VIPs"]
    assert api.get(CONTACTS, params={"page": 1}).json()["Contacts"][0]["ContactGroups"] == [
        {
            "ContactGroupID": id_,
            "Name": "VIPs",
            "Status": "ACTIVE",
            "Contacts": [],
            "HasValidationErrors": False,
        }
    ]


def test_names_are_unique_and_there_are_a_hundred_at_most(xero: LocalXero, api: httpx.Client) -> None:
    make(api, "Group 0")
    for name, message in (("group  0", rules.NAME_TAKEN), ("", rules.NO_NAME)):
        assert complaints(api.put(PATH, json={"ContactGroups": [{"Name": name}]})) == [message]
    xero.add("ContactGroups", [{"Name": f"Group {number}"} for number in range(1, 100)])
    answer = api.put(PATH, json={"ContactGroups": [{"Name": "One more"}]})
    assert complaints(answer) == ["You\u2019ve reached the limit of 100 contact groups."]
    assert answer.json()["Elements"][0]["ContactGroupID"] == ZERO


def test_archived_and_unknown_contacts_are_refused(xero: LocalXero, api: httpx.Client) -> None:
    good, old = xero.add_contacts([{"Name": "A"}, {"Name": "B", "ContactStatus": "ARCHIVED"}])
    id_ = make(api, "VIPs")

    def add(*ids: str) -> httpx.Response:
        body = {"Contacts": [{"ContactID": one} for one in ids]}
        return api.put(f"{PATH}/{id_}/Contacts", json=body)

    assert complaints(add(good["ContactID"], old["ContactID"])) == [ARCHIVED_CONTACT]
    assert add(good["ContactID"], TENANT).status_code == 404
    assert api.get(f"{PATH}/{id_}").json()["ContactGroups"][0]["Contacts"] == []
    assert api.delete(f"{PATH}/{id_}/Contacts/{good['ContactID']}").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [({}, ["B", "A"]), ({"order": "Name"}, ["A", "B"]), ({"where": 'Name.StartsWith("b")'}, ["B"])],
)
def test_groups_are_filtered_and_ordered(api: httpx.Client, query: dict[str, str], found: list[str]) -> None:
    for name in ("B", "A"):
        make(api, name)
    assert [one["Name"] for one in api.get(PATH, params=query).json()["ContactGroups"]] == found


@pytest.mark.parametrize("touch", [False, True])
def test_whether_a_group_counts_as_a_change_of_its_contacts(
    xero: LocalXero, sdk: Driver, touch: bool
) -> None:
    xero.options = replace(xero.options, groups_touch_contacts=touch)
    (contact,) = xero.add_contacts([{"Name": "A"}])
    id_ = sdk.accounting.create_contact_group(TENANT, group_of("VIPs")).contact_groups[0].contact_group_id
    before = sdk.accounting.get_contact(TENANT, contact["ContactID"]).contacts[0].updated_date_utc
    members = Contacts(contacts=[Contact(contact_id=contact["ContactID"])])
    for change in (
        lambda: sdk.accounting.create_contact_group_contacts(TENANT, id_, members),
        lambda: sdk.accounting.delete_contact_group_contact(TENANT, id_, contact["ContactID"]),
    ):
        xero.clock.jump(minutes=5)
        change()
        after = sdk.accounting.get_contact(TENANT, contact["ContactID"]).contacts[0].updated_date_utc
        assert (after > before) is touch
        before = after
