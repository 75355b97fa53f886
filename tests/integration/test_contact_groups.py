"""Groups of contacts: named by a look-up, joined and left by calls of their own."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from bookward.demo.xero.contact_groups import GROUP_KIND
from bookward.demo.xero.records import Records
from bookward.run import RunReport
from bookward.store.runs import RunState
from tests.integration.feeds import Feed
from tests.integration.world import World

BASE = "/api.xro/2.0/"


def groups(world: World, *names: str) -> dict[str, str]:
    """Put groups into the books and return their ids by name."""
    made = world.xero.add("ContactGroups", [{"Name": name} for name in names])
    world.api_calls()
    return {group["Name"]: group["ContactGroupID"] for group in made}


def feed(
    world: World, missing: str = "reject", by: str = "Name", match: str = "ContactNumber", **settings: Any
) -> Feed:
    look_up = {"ContactGroups": {"by": by, "column": "segment", "missing": missing}}
    made = Feed(world, "contacts", match, look_up=look_up, **settings)
    made.ids = {"nobody": "has one"} if match == "ContactID" else {}
    return made


def row(key: str, segment: str | None, **more: Any) -> dict[str, Any]:
    return {"id": key, "ContactNumber": key, "Name": f"N{key}", "segment": segment or "", **more}


def unnamed(key: str, segment: str) -> dict[str, Any]:
    """Return a row without a number: nothing but the id that Xero gives it finds its contact."""
    return {"id": key, "Name": f"N{key}", "segment": segment}


def by_hand(world: World, contact: str, *ids: str) -> None:
    """Put a contact into these groups and no other, as a person can."""
    world.xero.edit_contact(contact, ContactGroupIDs=list(ids))


def delete(world: World, id_: str) -> None:
    with world.xero.books() as books:
        groups_ = Records(books, GROUP_KIND)
        group = groups_.by_id(id_)
        assert group is not None
        groups_.delete(group)


def members(world: World) -> dict[str, list[str]]:
    """Return the names of the groups of each contact in the books."""
    return {
        contact["Name"]: sorted(group["Name"] for group in contact["ContactGroups"])
        for contact in world.xero.contacts()
    }


def writes(world: World) -> list[tuple[str, str]]:
    """Return what was written since the last look, without the base of its address and its query."""
    calls = [(method, path.partition("?")[0].removeprefix(BASE)) for method, path, _ in world.api_calls()]
    return [call for call in calls if call[0] != "GET"]


def counts(report: RunReport) -> dict[str, int]:
    return {
        name: n for name, n in report.run.counts.items() if name.startswith("rows_") and name != "rows_read"
    }


def accepted(report: RunReport) -> int:
    assert report.run.state is RunState.DONE, report.run
    assert "rows_rejected" not in report.run.counts
    return report.run.counts.get("rows_accepted", 0)


def test_contacts_are_booked_and_put_into_their_groups(world: World) -> None:
    ids = groups(world, "VIP", "Gold")
    rows = feed(world).rows(row("1", "VIP"), row("2", " vip "), row("3", "Gold"), row("4", None))
    report = rows.run()
    assert accepted(report) == 4
    assert members(world) == {"N1": ["VIP"], "N2": ["VIP"], "N3": ["Gold"], "N4": []}
    with closing(world.app()) as app:
        made = [(call.purpose, call.rows) for _, call in app.calls(report.run.id)]
    assert sorted(made) == [
        ("index contact groups", 0),
        ("index contacts", 0),
        ("send contacts", 4),
        ("send contacts in groups", 1),
        ("send contacts in groups", 2),
    ]
    calls = writes(world)
    assert calls[0] == ("PUT", "Contacts")
    assert sorted(calls[1:]) == sorted(("PUT", f"ContactGroups/{id_}/Contacts") for id_ in ids.values())
    assert rows.run().run.counts["calls"] == 0


def test_a_call_a_group_serves_all_batches(world: World) -> None:
    world.edit("destinations/xero.yaml", "batch_size: 50", "batch_size: 3")
    ids = groups(world, "VIP")
    rows = feed(world).rows(*(row(str(n), "VIP" if n % 3 == 0 else None) for n in range(9)))
    assert accepted(rows.run()) == 9
    path = f"ContactGroups/{ids['VIP']}/Contacts"
    assert writes(world) == [("PUT", "Contacts")] * 3 + [("PUT", path)]


def test_a_changed_row_leaves_the_groups_it_named_and_no_other(world: World) -> None:
    ids = groups(world, "VIP", "Gold", "By hand")
    rows = feed(world).rows(row("1", "VIP"), row("2", "VIP"))
    rows.run()
    contact = world.contacts()["1"]["ContactID"]
    by_hand(world, contact, ids["VIP"], ids["By hand"])
    world.api_calls()
    rows.rows(row("1", "Gold"), row("2", "VIP"))
    (operation,) = [o for part in world.plan("feed").operations() for o in part]
    assert operation.before == {
        "ContactGroups": {
            "Gold": {"ContactGroupID": ids["Gold"], "Member": False},
            "VIP": {"ContactGroupID": ids["VIP"], "Member": True},
        }
    }
    assert {name: group["Member"] for name, group in operation.payload["ContactGroups"].items()} == {
        "Gold": True,
        "VIP": False,
    }
    assert accepted(rows.run()) == 1
    assert members(world) == {"N1": ["By hand", "Gold"], "N2": ["VIP"]}
    assert sorted(writes(world)) == [
        ("DELETE", f"ContactGroups/{ids['VIP']}/Contacts/{contact}"),
        ("PUT", f"ContactGroups/{ids['Gold']}/Contacts"),
    ]
    rows.rows(row("1", None), row("2", "VIP"))
    assert accepted(rows.run()) == 1
    assert members(world) == {"N1": ["By hand"], "N2": ["VIP"]}
    assert rows.run().run.counts["calls"] == 0


def test_what_differs_in_the_contact_and_its_groups_goes_in_one_run(world: World) -> None:
    groups(world, "VIP", "Gold")
    rows = feed(world).rows(row("1", "VIP", FirstName="A"))
    rows.run()
    rows.rows(row("1", "Gold", FirstName="B"))
    assert accepted(rows.run()) == 1
    assert (world.contacts()["1"]["FirstName"], members(world)) == ("B", {"N1": ["Gold"]})


@pytest.mark.parametrize(
    ("column", "type_"),
    [('["VIP", "Gold", "vip"]', "text"), ('["VIP", "Gold"]', "jsonb"), ("{VIP,Gold}", "text[]")],
)
def test_a_list_names_several_groups(world: World, column: str, type_: str) -> None:
    groups(world, "VIP", "Gold")
    rows = feed(world).rows(row("1", column), row("2", None) | {"segment": None})
    world.warehouse.execute(f"ALTER TABLE feed ALTER segment TYPE {type_} USING segment::{type_}")
    assert accepted(rows.run()) == 2
    assert members(world) == {"N1": ["Gold", "VIP"], "N2": []}
    assert rows.run().run.counts["calls"] == 0
    world.warehouse.execute(f"UPDATE feed SET segment = NULL::{type_}")
    assert accepted(rows.run()) == 1
    assert members(world) == {"N1": [], "N2": []}


def test_the_forecast_knows_the_calls_of_groups(world: World) -> None:
    world.edit("destinations/xero.yaml", "batch_size: 50", "batch_size: 2")

    def forecast(*wanted: str) -> object:
        rows.rows(*(row(str(n), segment) for n, segment in enumerate(wanted)))
        calls = world.plan("feed").header.forecast["calls"]
        writes(world)
        assert accepted(rows.run()) == 5
        assert len(writes(world)) == calls
        return calls

    groups(world, "VIP")
    rows = feed(world, missing="create")
    assert forecast("VIP", "VIP", "VIP", "New", '["New", "VIP"]') == 3 + 1 + 2 + 1
    assert forecast("", "New", "", "VIP", "Other") == 2 + 1 + 1 + 4 + 1 + 1
    assert members(world) == {"N0": [], "N1": ["New"], "N2": [], "N3": ["VIP"], "N4": ["Other"]}


def test_a_list_in_another_order_costs_no_call(world: World) -> None:
    groups(world, "VIP", "Gold")
    rows = feed(world).rows(row("1", '["VIP", "Gold"]'))
    rows.run()
    rows.rows(row("1", '["Gold","VIP"]'))
    assert rows.run().run.counts["calls"] == 0


def test_groups_are_found_by_their_id(world: World) -> None:
    ids = groups(world, "VIP", "Gold")
    rows = feed(world, by="ContactGroupID").rows(row("1", ids["VIP"].upper()))
    assert accepted(rows.run()) == 1
    rows.rows(row("1", ids["Gold"]))
    assert accepted(rows.run()) == 1
    assert members(world) == {"N1": ["Gold"]}


def test_a_group_that_is_missing_rejects_the_row_before_anything_is_sent(world: World) -> None:
    rows = feed(world).rows(row("1", "Nobody"), row("2", None))
    assert rows.rejected() == {"1": ("look_up_failed", "ContactGroups")}
    assert members(world) == {"N2": []}


def test_a_group_that_is_missing_is_made_once_where_that_is_wanted(world: World) -> None:
    world.edit("destinations/xero.yaml", "batch_size: 50", "batch_size: 1")
    rows = feed(world, missing="create").rows(row("1", "New"), row("2", "new"), row("3", "Other"))
    first = next(o for part in world.plan("feed").operations() for o in part)
    assert first.notes == ("There is no contact group 'New' in Xero; it is made.",)
    assert accepted(rows.run()) == 3
    assert members(world) == {"N1": ["New"], "N2": ["New"], "N3": ["Other"]}
    assert writes(world).count(("PUT", "ContactGroups")) == 2
    assert rows.run().run.counts["calls"] == 0


def test_groups_can_be_told_of_an_older_sync(world: World) -> None:
    rows = Feed(world, "contacts", "ContactNumber").rows(row("1", "New"), row("2", None))
    rows.run()
    writes(world)
    rows.settings = feed(world, missing="create").settings
    assert accepted(rows.rows(row("1", "New"), row("2", None)).run()) == 1
    (group,) = world.xero.records("ContactGroups")
    assert writes(world) == [
        ("PUT", "ContactGroups"),
        ("PUT", f"ContactGroups/{group['ContactGroupID']}/Contacts"),
    ]
    assert members(world) == {"N1": ["New"], "N2": []}
    assert rows.run().run.counts["calls"] == 0


def test_a_contact_that_was_in_xero_before_joins_what_it_is_not_in(world: World) -> None:
    ids = groups(world, "VIP", "Gold", "By hand")
    made = world.xero.add_contacts([{"Name": f"N{n}", "ContactNumber": str(n)} for n in (1, 2, 3)])
    by_hand(world, made[0]["ContactID"], ids["VIP"], ids["By hand"])
    by_hand(world, made[2]["ContactID"], ids["By hand"])
    rows = feed(world).rows(row("1", "VIP"), row("2", "Gold"), row("3", None))
    assert rows.kinds() == {"adopt": 2, "update": 1}
    report = rows.run()
    assert counts(report) == {"rows_accepted": 1, "rows_adopted": 2}
    assert members(world) == {"N1": ["By hand", "VIP"], "N2": ["Gold"], "N3": ["By hand"]}
    assert writes(world) == [("PUT", f"ContactGroups/{ids['Gold']}/Contacts")]


@pytest.mark.parametrize(("on_change", "kept"), [("reject", None), ("ignore", "unchanged")])
def test_a_sync_that_only_inserts_changes_no_groups_later(
    world: World, on_change: str, kept: str | None
) -> None:
    groups(world, "VIP", "Gold")
    world.xero.add_contacts([{"Name": "N2", "ContactNumber": "2"}])
    rows = feed(world, mode="insert", on_change=on_change).rows(row("1", "VIP"), row("2", "VIP"))
    report = rows.run()
    assert members(world) == {"N1": ["VIP"], "N2": []}
    assert report.run.counts["rows_accepted"] == 1
    rows.rows(row("1", "Gold"), row("2", "VIP"))
    rows.run()
    assert members(world) == {"N1": ["VIP"], "N2": []}


def test_a_sync_that_only_updates_manages_groups(world: World) -> None:
    groups(world, "VIP", "Gold")
    world.xero.add_contacts([{"Name": "N1", "ContactNumber": "1"}])
    rows = feed(world, mode="update").rows(row("1", "VIP"), row("2", "VIP"))
    assert counts(rows.run()) == {"rows_accepted": 1, "rows_skipped": 1}
    rows.rows(row("1", "Gold"), row("2", "VIP")).run()
    assert members(world) == {"N1": ["Gold"]}


def test_a_row_that_archives_its_contact_puts_it_into_no_group(world: World) -> None:
    groups(world, "VIP")
    rows = feed(world).rows(
        row("1", "VIP", ContactStatus="ARCHIVED"), row("2", "VIP", ContactStatus="ACTIVE")
    )
    assert rows.rejected() == {"1": ("field_invalid", "ContactGroups")}


def test_what_a_person_changed_since_the_plan_stops_the_row(world: World) -> None:
    ids = groups(world, "VIP")
    rows = feed(world).rows(row("1", None))
    rows.run()
    rows.rows(row("1", "VIP"))
    plan = world.plan("feed")
    by_hand(world, world.contacts()["1"]["ContactID"], ids["VIP"])
    report = rows.run(plan=plan.header.id)
    (rejected,) = world.rows(report, "rejected")
    assert rejected.code == "record_moved"


@pytest.mark.parametrize("touch", [False, True])
def test_contacts_leave_whether_or_not_lists_of_changes_tell_of_groups(world: World, touch: bool) -> None:
    world.xero.options = replace(world.xero.options, groups_touch_contacts=touch)
    groups(world, "VIP", "Gold")
    rows = feed(world).rows(row("1", "VIP"))
    rows.run()
    for segment in ("Gold", "VIP", None):
        assert accepted(rows.rows(row("1", segment)).run()) == 1
        assert members(world) == {"N1": [segment] if segment else []}


def test_a_removed_row_stays_in_its_groups(world: World) -> None:
    groups(world, "VIP")
    rows = feed(world, on_removal="keep").rows(row("1", "VIP"), row("2", "VIP"))
    rows.run()
    writes(world)
    rows.rows(row("1", "VIP")).run()
    assert (members(world), writes(world)) == ({"N1": ["VIP"], "N2": ["VIP"]}, [])


def problems(world: World, sync: dict[str, Any]) -> list[tuple[str, str]]:
    world.write("models/feed.yaml", "source: warehouse\nprimary_key: id\n")
    world.write("models/feed.sql", "SELECT 1 AS id, 'VIP' AS segment, 'N' AS name\n")
    world.write("syncs/feed.yaml", json.dumps({"model": "feed", "destination": "xero", **sync}))
    with closing(world.app()) as app:
        return [(problem.field, problem.message) for problem in app.check().problems]


CONTACTS = {"object": "contacts", "match": {"Name": "name"}}


@pytest.mark.parametrize(
    ("sync", "field", "message"),
    [
        (
            CONTACTS | {"fields": {"ContactGroups": "segment"}},
            "fields.ContactGroups",
            "ContactGroups is not part of what is sent for a record, so nothing can be mapped to it.",
        ),
        (
            CONTACTS | {"look_up": {"ContactGroups": {"by": "Status", "column": "segment"}}},
            "look_up.ContactGroups.by",
            "ContactGroups cannot be found by 'Status'.",
        ),
        (
            CONTACTS
            | {"look_up": {"ContactGroups": {"by": "ContactGroupID", "column": "id", "missing": "create"}}},
            "look_up.ContactGroups.by",
            "A contact group that is missing cannot be created by 'ContactGroupID'.",
        ),
        (
            {
                "object": "accounts",
                "match": {"Code": "id"},
                "fields": {"Name": "name", "Type": {"value": "REVENUE"}},
                "look_up": {"ContactGroups": {"by": "Name", "column": "segment"}},
            },
            "look_up.ContactGroups",
            "accounts are in no groups: only contacts are.",
        ),
    ],
)
def test_check_says_what_cannot_work(world: World, sync: dict[str, Any], field: str, message: str) -> None:
    assert (field, message) in problems(world, sync)
