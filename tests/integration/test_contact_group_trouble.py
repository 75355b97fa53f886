"""Groups that cannot be made, joined or left: lost answers, outages, refusals."""

from __future__ import annotations

import pytest

from bookward.demo.xero.contact_rules import ARCHIVED_CONTACT
from bookward.demo.xero.faults import Fault, FaultKind
from bookward.ports import Progress
from bookward.store.runs import RunState
from tests.integration.test_contact_groups import (
    accepted,
    counts,
    delete,
    feed,
    groups,
    members,
    row,
    writes,
)
from tests.integration.world import World, moving


def test_the_hundred_and_first_group_is_refused_and_tried_again(world: World) -> None:
    ids = groups(world, *(f"G{n}" for n in range(100)))
    rows = feed(world, missing="create").rows(row("1", '["New", "G7"]'), row("2", "G1"))
    report = rows.run()
    (rejected,) = world.rows(report, "rejected")
    contact = world.contacts()["1"]["ContactID"]
    assert (rejected.key, rejected.code, rejected.remote_id) == ("1", "record_incomplete", contact)
    assert "You\u2019ve reached the limit of 100 contact groups." in str(rejected.message)
    assert members(world) == {"N1": ["G7"], "N2": ["G1"]}
    writes(world)
    assert rows.rejected() == {"1": ("record_incomplete", "ContactGroups")}
    assert writes(world) == [("PUT", "ContactGroups")]
    delete(world, ids["G9"])
    assert accepted(rows.run()) == 1
    assert members(world) == {"N1": ["G7", "New"], "N2": ["G1"]}


LOST = [
    Fault(kind=FaultKind.CUT, method="PUT", path="*/Contacts", when="after"),
    Fault(kind=FaultKind.STATUS, status=500, method="PUT", path="*/ContactGroups/*", when="after"),
    Fault(kind=FaultKind.STATUS, status=503, method="PUT", path="*/ContactGroups/*"),
    Fault(kind=FaultKind.CUT, method="PUT", path="*/ContactGroups/*", when="after", remember="nothing"),
    Fault(kind=FaultKind.HALF_JSON, method="PUT", path="*/ContactGroups/*", when="after"),
    Fault(kind=FaultKind.STATUS, status=500, method="PUT", path="*/ContactGroups", when="after"),
    Fault(kind=FaultKind.CUT, method="PUT", path="*/ContactGroups", when="before"),
    Fault(kind=FaultKind.RATE_LIMIT, method="PUT", path="*/ContactGroups/*", seconds=20),
    Fault(kind=FaultKind.RATE_LIMIT, method="PUT", path="*/ContactGroups", seconds=20),
    Fault(kind=FaultKind.STATUS, status=500, method="DELETE", when="after"),
    Fault(kind=FaultKind.CUT, method="DELETE", when="after"),
]


@pytest.mark.parametrize("fault", LOST, ids=lambda f: f"{f.kind} {f.status} {f.method} {f.path} {f.when}")
def test_answers_that_are_lost_change_nothing(world: World, fault: Fault) -> None:
    groups(world, "VIP", "Gold")
    rows = feed(world, missing="create").rows(row("1", "VIP"), row("2", "New"))
    if fault.method == "DELETE":
        rows.run()
        rows.rows(row("1", "Gold"), row("2", None))
    world.xero.faults.add(fault)
    assert accepted(rows.run()) == 2
    if fault.method == "DELETE":
        assert members(world) == {"N1": ["Gold"], "N2": []}
    else:
        assert members(world) == {"N1": ["VIP"], "N2": ["New"]}
    assert [group["Name"] for group in world.xero.records("ContactGroups")].count("New") == 1
    assert rows.run().run.counts["calls"] == 0


@pytest.mark.parametrize("path", ["*/ContactGroups/*", "*/ContactGroups"])
@pytest.mark.parametrize("late", [False, True], ids=["key alive", "key dead"])
def test_what_an_outage_leaves_open_is_done_by_the_next_run(world: World, path: str, late: bool) -> None:
    groups(world, "VIP")
    rows = feed(world, missing="create").rows(row("1", "VIP"), row("2", "New"))
    world.xero.faults.add(Fault(kind=FaultKind.STATUS, status=503, method="PUT", path=path, times=None))
    report = rows.run()
    assert (report.run.state, report.run.counts.get("rows_accepted", 0)) == (RunState.PAUSED, 0)
    world.xero.faults.clear()
    writes(world)
    if late:
        moving(world.clock).jump(minutes=10)
    assert rows.run().run.state is RunState.DONE
    assert members(world) == {"N1": ["VIP"], "N2": ["New"]}
    booked = writes(world)
    assert booked.count(("PUT", "Contacts")) == (path == "*/ContactGroups")
    assert rows.run().run.counts["calls"] == 0


def test_many_groups_too_many_keep_no_contact_from_being_booked(world: World) -> None:
    groups(world, *(f"G{n}" for n in range(99)))
    rows = feed(world, missing="create").rows(*(row(str(n), f"New {n}") for n in range(30)))
    assert counts(rows.run()) == {"rows_accepted": 1, "rows_rejected": 29}
    assert len(world.contacts()) == 30
    assert writes(world).count(("PUT", "ContactGroups")) == 1 + 20
    assert counts(rows.run()) == {"rows_rejected": 29}
    assert writes(world) == [("PUT", "ContactGroups")] * 20


def test_steps_that_are_refused_for_no_said_reason_hold_nobody_up(world: World) -> None:
    groups(world, "VIP")
    rows = feed(world).rows(*(row(str(n), "VIP") for n in range(30)))
    refusal = Fault(kind=FaultKind.STATUS, status=400, path="*/ContactGroups/*", times=None)
    world.xero.faults.add(refusal)
    report = rows.run()
    assert (report.run.state, counts(report)) == (RunState.DONE, {"rows_rejected": 30})
    world.xero.faults.clear()
    assert accepted(rows.run()) == 30
    assert all(in_ == ["VIP"] for in_ in members(world).values())


@pytest.mark.parametrize("mode", ["upsert", "insert"])
@pytest.mark.parametrize("match", ["ContactNumber", "ContactID"])
def test_only_the_membership_is_repeated_when_only_that_failed(world: World, mode: str, match: str) -> None:
    ids = groups(world, "VIP", "Gold")
    rows = feed(world, mode=mode, match=match).rows(row("1", "VIP"), row("2", "Gold"))
    plan = world.plan("feed")
    delete(world, ids["VIP"])
    report = rows.run(plan=plan.header.id)
    (rejected,) = world.rows(report, "rejected")
    contact = world.contacts()["1"]["ContactID"]
    assert (rejected.key, rejected.code, rejected.remote_id) == ("1", "record_incomplete", contact)
    assert "There is no contact group 'VIP' in Xero any more." in str(rejected.message)
    assert members(world) == {"N1": [], "N2": ["Gold"]}
    again = groups(world, "VIP")
    assert accepted(rows.run()) == 1
    assert members(world) == {"N1": ["VIP"], "N2": ["Gold"]}
    assert writes(world) == [("PUT", f"ContactGroups/{again['VIP']}/Contacts")]
    assert rows.run().run.counts["calls"] == 0


def test_a_contact_that_is_refused_keeps_no_other_out(world: World) -> None:
    ids = groups(world, "VIP")
    rows = feed(world).rows(*(row(str(n), None) for n in range(4)))
    rows.run()
    moving(world.clock).jump(minutes=20)
    rows.rows(*(row(str(n), None) for n in range(5))).run()
    bad = world.contacts()["2"]["ContactID"]
    writes(world)

    def archive(progress: Progress) -> None:
        if progress.phase == "sending":  # the plan is made by then
            world.xero.edit_contact(bad, status="ARCHIVED")

    report = rows.rows(*(row(str(n), "VIP") for n in range(5))).run(on_progress=archive)
    (rejected,) = world.rows(report, "rejected")
    assert (rejected.key, rejected.code) == ("2", "record_incomplete")
    assert ARCHIVED_CONTACT in str(rejected.message)
    assert {name for name, in_ in members(world).items() if in_} == {"N0", "N1", "N3", "N4"}
    assert set(writes(world)) == {("PUT", f"ContactGroups/{ids['VIP']}/Contacts")}
