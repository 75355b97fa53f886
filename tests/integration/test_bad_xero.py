"""A Xero that fails, lies, or is in the way: nothing lost, nothing booked twice, history tells the truth."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bookward.demo.xero.faults import Fault, FaultKind
from bookward.errors import StoreFailed
from bookward.ports import Progress
from bookward.run import RunReport
from bookward.store.runs import RunState
from tests.integration.test_bad_input import last, rejected
from tests.integration.world import World

CONTACTS = "*/Contacts"


def ends_well(world: World, fault: Fault, rows: int = 120) -> RunReport:
    """Run under a fault, then again until nothing is left; the books must be the model, each once."""
    world.many(rows)
    world.xero.faults.add(fault)
    first = world.run()
    world.xero.faults.clear()
    for _ in range(3):
        if world.run().run.counts["calls"] == 0:
            break
    assert sorted(world.contacts(), key=int) == [str(n) for n in range(1, rows + 1)]
    assert len(world.xero.contacts()) == rows
    return first


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "kind", [FaultKind.CUT, FaultKind.HALF_JSON, FaultKind.HALF_ANSWER, FaultKind.FEWER_ELEMENTS]
)
def test_an_answer_that_is_lost_books_nothing_twice(world: World, kind: FaultKind, when: str) -> None:
    fault = Fault(kind=kind, method="PUT", path=CONTACTS, when=when)  # type: ignore[arg-type]
    assert ends_well(world, fault).run.state is RunState.DONE


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("status", [500, 503])
@pytest.mark.parametrize("body", ["html", "empty"])
def test_a_server_error_before_or_after_the_commit_books_nothing_twice(
    world: World, status: int, when: str, body: str
) -> None:
    fault = Fault(
        kind=FaultKind.STATUS,
        method="PUT",
        path=CONTACTS,
        status=status,
        when=when,  # type: ignore[arg-type]
        body=body,  # type: ignore[arg-type]
    )
    ends_well(world, fault)


@pytest.mark.parametrize("problem", ["minute", "concurrent"])
def test_an_empty_429_is_waited_out(world: World, problem: str) -> None:
    fault = Fault(kind=FaultKind.RATE_LIMIT, path=CONTACTS, times=3, seconds=20, problem=problem)
    assert ends_well(world, fault).run.state is RunState.DONE


def test_a_sign_in_that_is_lost_stops_the_run(world: World) -> None:
    world.many(3)
    world.xero.faults.add(Fault(kind=FaultKind.TOKEN_EXPIRED, path="/api.xro/*", times=None))
    run = world.run().run
    assert (run.state, run.error_code) == (RunState.FAILED, "sign_in_lost")
    assert "connect" in str(run.error_remedy)


def test_a_refused_access_stops_the_run(world: World) -> None:
    world.many(3)
    world.xero.faults.add(Fault(kind=FaultKind.STATUS, status=403, path=CONTACTS, times=None))
    assert last_code(world) == "access_denied"


def last_code(world: World) -> str | None:
    return world.run().run.error_code


def test_a_404_page_for_every_write_stops_the_run_without_burning_calls(world: World) -> None:
    world.many(500)
    world.xero.faults.add(Fault(kind=FaultKind.STATUS, status=404, method="PUT", path=CONTACTS, times=None))
    run = world.run().run
    assert (run.state, run.error_code) == (RunState.FAILED, "remote_refused")
    assert run.counts["calls"] < 40
    world.xero.faults.clear()
    assert world.run().run.state is RunState.DONE
    assert len(world.xero.contacts()) == 500


def test_rows_that_xero_refuses_inside_a_200_are_rejected_with_its_words(world: World) -> None:
    world.customers((1, "Ann"), (2, "Good"))

    def interfere(progress: Progress) -> None:
        if progress.phase == "sending" and not world.xero.contacts():
            world.xero.add_contacts([{"Name": "ann", "EmailAddress": "somebody.else@example.com"}])

    report = world.run(on_progress=interfere)
    (row,) = world.rows(report, "rejected")
    assert (row.key, row.code) == ("1", "remote_rejected")
    assert "already assigned to another contact" in str(row.message)
    (ann,) = [contact for contact in world.contacts().values() if contact["Name"] == "ann"]
    assert ann["EmailAddress"] == "somebody.else@example.com"
    assert last(world).counts["rows_accepted"] == last(world).counts["rows_rejected"] == 1


def test_an_address_that_xero_is_known_to_refuse_spends_no_call(world: World) -> None:
    world.customers((1, "Ann", "not-an-address"))
    assert rejected(world, world.run()) == {"1": ("field_invalid", "EmailAddress")}
    assert world.api_calls() == []


def lost(world: World) -> RunReport:
    """Run while every answer to a write is lost and nothing can be read back."""
    world.xero.faults.add(
        Fault(kind=FaultKind.CUT, method="PUT", path=CONTACTS, when="after", times=None),
        Fault(kind=FaultKind.CUT, method="GET", path=CONTACTS, times=None, skip=1),
    )
    report = world.run()
    world.xero.faults.clear()
    return report


@pytest.mark.parametrize("status", [404, 412])
def test_a_refusal_after_a_lost_answer_does_not_hide_what_was_booked(world: World, status: int) -> None:
    world.many(50)
    world.xero.faults.add(
        Fault(kind=FaultKind.CUT, method="PUT", path=CONTACTS, when="after"),
        Fault(kind=FaultKind.STATUS, status=status, method="PUT", path=CONTACTS),
    )
    report = world.run()
    assert report.run.counts == {"rows_accepted": 50, "calls": report.run.counts["calls"]} | {
        name: n for name, n in report.run.counts.items() if name.startswith(("rows_read", "changes"))
    }
    assert len(world.xero.contacts()) == 50


def test_history_tells_how_a_run_ended_and_what_came_of_it_after_all(world: World) -> None:
    world.many(50)
    paused = lost(world).run
    assert (paused.error_code, paused.counts["rows_pending"]) == ("answer_lost", 50)
    world.run()
    app = world.app()
    settled = app.find_run(paused.id)
    app.close()
    assert (settled.error_code, settled.counts["rows_accepted"]) == ("answer_lost", 50)
    assert "rows_pending" not in settled.counts


@pytest.mark.parametrize("damage", [lambda file: file.unlink(), lambda file: file.write_bytes(b"PAR1")])
def test_a_snapshot_that_is_lost_or_damaged_stops_the_run(
    world: World, damage: Callable[[Path], object]
) -> None:
    world.many(3)
    world.run()
    for file in (world.root / ".bookward" / "snapshots").rglob("*.parquet"):
        damage(file)
    world.many(1, start=4)
    run = world.run().run
    assert (run.state, run.error_code) == (RunState.FAILED, "store_failed")
    assert "backup" in str(run.error_remedy)
    assert len(world.contacts()) == 3


def test_a_plan_whose_files_were_changed_is_not_executed(world: World) -> None:
    world.many(3)
    plan = world.plan()
    plan.changes.write_bytes(plan.changes.read_bytes()[:200])
    with pytest.raises(StoreFailed, match="not the ones that were planned"):
        world.run(plan=plan.header.id)
    assert world.contacts() == {}


def test_others_in_the_way_are_waited_for_with_few_refusals(world: World) -> None:
    world.many(300)
    world.plan()
    world.api_calls()
    world.xero.faults.add(
        Fault(kind=FaultKind.RATE_LIMIT, method="PUT", path=CONTACTS, problem="concurrent", times=200)
    )
    world.run()
    world.xero.faults.clear()
    assert sum(status == 429 for _, _, status in world.api_calls()) < 60
    world.run()
    assert len(world.contacts()) == 300
