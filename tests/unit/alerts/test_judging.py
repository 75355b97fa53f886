"""What runs and the clock show, trigger by trigger."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bookward.alerts.facts import DestinationFacts, RunFacts, SyncFacts
from bookward.alerts.judging import after_run, in_words, of_destination, over_time
from bookward.spec.triggers import DEFAULTS, Trigger
from bookward.standings import Level, Verdict
from tests.unit.alerts.samples import NOW, facts, run

FAILED = {"state": "failed", "code": "store_failed", "message": "No room."}
GONE = {"state": "failed", "code": "source_unreachable", "message": "No answer."}
LOST = {"state": "failed", "code": "sign_in_lost", "message": "Signed out."}


def verdicts(found: SyncFacts) -> dict[str, Verdict]:
    """Return what the newest run shows, by subject and trigger; nothing is judged twice."""
    all_ = list(after_run(found, found.runs[0]))
    named = {f"{one.subject} {one.trigger}": one for one in all_}
    assert len(named) == len(all_)
    return named


def levels(found: SyncFacts) -> dict[str, Level]:
    return {name: one.level for name, one in verdicts(found).items()}


def test_a_run_that_went_well_is_well_in_all_that_it_shows() -> None:
    assert levels(facts(run(rows_read=10))) == {
        "syncs/invoices run_failed": Level.OK,
        "sources/warehouse source_unreachable": Level.OK,
        "syncs/invoices rows_rejected": Level.OK,
    }


def test_a_run_that_failed_is_critical_and_says_why() -> None:
    found = verdicts(facts(run(2, **FAILED), run(1, rows_read=10)))
    (one,) = found.values()
    assert (one.level, one.run) == (Level.CRITICAL, "run-2")
    assert one.said == "Sync 'invoices' failed: No room."


def test_failures_in_a_row_are_counted_and_pauses_do_not_interrupt_them() -> None:
    levels_ = {"run_failed": {"warning": 2, "critical": 3}}
    failed = [run(4, **FAILED), run(3, "paused"), run(2, **FAILED), run(1, **FAILED), run(0, rows_read=1)]

    def newest(runs: list[RunFacts]) -> Level:
        return levels(facts(*runs, triggers=levels_))["syncs/invoices run_failed"]

    assert [newest(failed[place:]) for place in (3, 2, 0)] == [Level.OK, Level.WARNING, Level.CRITICAL]


@pytest.mark.parametrize("state", ["paused", "cancelled", "interrupted"])
def test_a_run_that_a_person_or_a_limit_ended_says_nothing_of_failing(state: str) -> None:
    assert levels(facts(run(2, state, read_source=False), run(1, **FAILED))) == {}


@pytest.mark.parametrize(
    ("ended", "name"),
    [(GONE, "sources/warehouse source_unreachable"), (LOST, "destinations/xero sign_in")],
)
def test_a_cause_that_syncs_share_is_told_of_the_cause(ended: dict[str, Any], name: str) -> None:
    assert levels(facts(run(2, **ended), run(1, rows_read=1))) == {name: Level.CRITICAL}


@pytest.mark.parametrize(
    ("rejected", "read", "level"),
    [(0, 100, Level.OK), (1, 100, Level.WARNING), (9, 100, Level.WARNING), (10, 100, Level.CRITICAL)],
)
def test_rows_that_are_not_synced_are_counted_and_weighed(rejected: int, read: int, level: Level) -> None:
    found = verdicts(facts(run(rows_read=read, rows_rejected=rejected)))["syncs/invoices rows_rejected"]
    assert found.level is level
    assert (f"{rejected:,} of {read:,} rows" in found.said) == (rejected > 0)


def test_parked_deferred_and_uncertain_rows_are_not_synced_either() -> None:
    ended = run(rows_read=100, rows_parked=1, rows_deferred=1, rows_uncertain=1, rows_skipped=50)
    assert "3 of 100" in verdicts(facts(ended))["syncs/invoices rows_rejected"].said


def test_a_trial_of_some_rows_says_nothing_of_the_others() -> None:
    trial = run(2, rows_read=100, rows_rejected=50, rows_left=50)
    assert levels(facts(trial, run(1, rows_read=1_000))).keys() == {
        "syncs/invoices run_failed",
        "sources/warehouse source_unreachable",
    }


def test_a_run_is_slow_by_what_is_usual_and_never_under_a_minute() -> None:
    usual = [run(number, minutes=2, rows_read=1) for number in range(5, 0, -1)]

    def level(minutes: float, earlier: list[RunFacts]) -> Level | None:
        newest = run(6, minutes=minutes, rows_read=1)
        triggers = {"slower": {"warning": 3, "critical": 10}}
        return levels(facts(newest, *earlier, triggers=triggers)).get("syncs/invoices slower")

    assert [level(minutes, usual) for minutes in (2, 6, 20)] == [Level.OK, Level.WARNING, Level.CRITICAL]
    assert level(20, usual[1:]) is None
    fast = [run(number, minutes=0.05, rows_read=1) for number in range(5, 0, -1)]
    assert level(0.9, fast) is Level.OK


def test_rows_that_are_gone_are_held_against_what_is_usual() -> None:
    usual = [run(number, rows_read=1_000) for number in (3, 2, 1)]

    def level(rows: int, *earlier: RunFacts) -> Level | None:
        return levels(facts(run(4, rows_read=rows), *earlier)).get("syncs/invoices rows_dropped")

    assert [level(rows, *usual) for rows in (1_000, 501, 500, 1)] == [
        Level.OK,
        Level.OK,
        Level.WARNING,
        Level.WARNING,
    ]
    assert level(1) is None


def test_a_plan_that_waits_is_told_at_once_and_is_critical_after_a_day() -> None:
    parked = run(1, "parked", message="It removes 40 records.", remedy="Approve it.")

    def found(hours: float) -> Verdict:
        now = parked.finished_at + timedelta(hours=hours)
        return next(one for one in over_time(facts(parked), now) if one.trigger is Trigger.APPROVAL_WAITS)

    assert [found(hours).level for hours in (0, 23, 24)] == [Level.WARNING, Level.WARNING, Level.CRITICAL]
    assert (found(0).said.endswith("It removes 40 records."), found(0).remedy) == (True, "Approve it.")


@pytest.mark.parametrize("became", ["discarded", "superseded"])
def test_a_plan_that_nobody_can_approve_any_more_waits_for_nobody(became: str) -> None:
    parked = run(1, "parked", message="It removes 40 records.", plan=became)
    verdicts = over_time(facts(parked), parked.finished_at + timedelta(days=2))
    assert next(one.level for one in verdicts if one.trigger is Trigger.APPROVAL_WAITS) is Level.OK


def test_a_plan_that_was_not_approved_in_time_is_told_as_that() -> None:
    parked = run(1, "parked", message="It removes 40 records.", plan="expired")
    verdicts = over_time(facts(parked), parked.finished_at + timedelta(days=8))
    found = next(one for one in verdicts if one.trigger is Trigger.APPROVAL_WAITS)
    assert (found.level, "not approved in time" in found.said) == (Level.CRITICAL, True)
    assert "`bookward run invoices`" in found.remedy


def test_time_shows_what_waits_too_long_and_what_never_changes() -> None:
    now = NOW + timedelta(days=2)

    def level(trigger: Trigger, **more: Any) -> Level | None:
        found = facts(run(rows_read=1), triggers={"nothing_changed": {"warning": "2d"}}, **more)
        return next((one.level for one in over_time(found, now) if one.trigger is trigger), None)

    assert level(Trigger.SCHEDULE_MISSED) is Level.OK
    waits = [now - timedelta(hours=hours) for hours in (0.5, 1, 6)]
    assert [level(Trigger.SCHEDULE_MISSED, waits_since=since) for since in waits] == list(Level)
    assert level(Trigger.NOTHING_CHANGED, changed_at=NOW) is Level.WARNING
    assert level(Trigger.NOTHING_CHANGED, changed_at=NOW + timedelta(hours=1)) is Level.OK
    assert level(Trigger.NOTHING_CHANGED) is None


def test_of_a_destination_the_sign_in_and_the_calls_of_the_day_are_told() -> None:
    def level(trigger: Trigger, lost: bool = False, **more: Any) -> Level | None:
        found = DestinationFacts(destination="xero", triggers=DEFAULTS, **more)
        lost_at = NOW - timedelta(hours=1) if lost else None
        return next(
            (one.level for one in of_destination(found, lost_at, NOW) if one.trigger is trigger), None
        )

    ends = {days: NOW + timedelta(days=days) for days in (7, 8)}
    assert level(Trigger.SIGN_IN, signed_in_at=NOW, signed_in_until=ends[8]) is Level.OK
    assert level(Trigger.SIGN_IN, signed_in_at=NOW, signed_in_until=ends[7]) is Level.WARNING
    assert level(Trigger.SIGN_IN, signed_in_at=NOW, signed_in_until=None) is Level.OK
    before = NOW - timedelta(hours=2)
    assert level(Trigger.SIGN_IN, lost=True, signed_in_at=before, signed_in_until=ends[8]) is None
    assert level(Trigger.SIGN_IN, lost=True, signed_in_at=NOW, signed_in_until=ends[8]) is Level.OK
    assert [level(Trigger.QUOTA, calls_left=calls) for calls in (151, 150)] == [Level.OK, Level.WARNING]
    assert level(Trigger.QUOTA) is None
    assert level(Trigger.QUOTA, day_is_new=True) is Level.OK


def test_what_is_off_is_well_whatever_happens() -> None:
    off = dict.fromkeys(DEFAULTS.model_dump(), "off")
    for ended in (FAILED, GONE, LOST):
        assert set(levels(facts(run(2, **ended), run(1), triggers=off)).values()) == {Level.OK}
    found = facts(run(1, "parked"), triggers=off, waits_since=NOW, changed_at=NOW)
    assert {one.level for one in over_time(found, NOW + timedelta(days=30))} == {Level.OK}


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "a moment"),
        (1, "1 second"),
        (60, "1 minute"),
        (61, "1 minute 1 second"),
        (3_600, "1 hour"),
        (5_400, "1 hour 30 minutes"),
        (86_400 * 7, "7 days"),
        (86_400 + 60, "1 day"),
    ],
)
def test_lengths_of_time_are_said_as_people_say_them(seconds: int, said: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == said
