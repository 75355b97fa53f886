"""When syncs are due: intervals, cron, times of day, clocks that are set, closed books, missed times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bookward.schedule import GRACE, Timetable, closed
from bookward.spec.schedule import Blackout, Schedule, interval_of
from bookward.spec.sync import SyncSpec

AUCKLAND = ZoneInfo("Pacific/Auckland")
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
CLOSE = Blackout(begins="2026-11-30 18:00", ends="2026-12-03 08:00", timezone="Pacific/Auckland")
MONTHLY = Blackout(cron="0 18 L * *", hours=62, timezone="Pacific/Auckland", reason="Month-end close")


def timetable(*blackouts: Blackout, sync: str = "invoices", **schedule) -> Timetable:
    return Timetable(sync=sync, schedule=Schedule(**schedule), blackouts=blackouts)


def local(moments, zone=AUCKLAND) -> list[str]:
    return [moment.astimezone(zone).strftime("%m-%d %H:%M") for moment in moments]


@given(
    minutes=st.integers(1, 9999),
    sync=st.text(min_size=1),
    after=st.datetimes(
        datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None),
        datetime(2040, 1, 1, tzinfo=UTC).replace(tzinfo=None),
        timezones=st.just(UTC),
    ),
)
def test_an_interval_gives_times_that_lie_it_apart_whenever_one_looks(minutes, sync, after):
    first, *others = timetable(sync=sync, every=f"{minutes}m").coming(after)
    interval = timedelta(minutes=minutes)
    assert after < first <= after + interval
    assert others == [first + interval * place for place in range(1, 5)]
    assert timetable(sync=sync, every=f"{minutes}m").coming(first)[:4] == others


def test_syncs_of_one_interval_are_spread_over_it():
    firsts = [timetable(sync=f"s{n}", every="1h").coming(START)[0] for n in range(600)]
    in_parts = [sum(first - START <= timedelta(minutes=m) for first in firsts) for m in (15, 30, 45, 60)]
    assert in_parts[3] == 600
    assert all(100 < later - earlier < 200 for earlier, later in zip([0, *in_parts], in_parts, strict=False))


def test_times_of_day_on_some_days():
    found = timetable(at=["18:30", "06:00"], days=["mon", "wed"], timezone="Pacific/Auckland").coming(START)
    assert local(found) == ["11-04 06:00", "11-04 18:30", "11-09 06:00", "11-09 18:30", "11-11 06:00"]


def test_when_clocks_go_forward_a_time_that_is_left_out_is_made_up_for():
    saturday = datetime(2026, 9, 26, 0, tzinfo=AUCKLAND)
    for given_ in ({"cron": "30 2 * * *"}, {"at": "02:30"}):
        found = timetable(**given_, timezone="Pacific/Auckland").coming(saturday)
        assert local(found)[:3] == ["09-26 02:30", "09-27 03:00", "09-28 02:30"]
    twice = timetable(at=["02:15", "02:30", "03:00"], timezone="Pacific/Auckland").coming(
        datetime(2026, 9, 26, 12, tzinfo=AUCKLAND)
    )
    assert local(twice)[:2] == ["09-27 03:00", "09-28 02:15"]


def test_when_clocks_go_back_a_time_that_comes_twice_counts_once():
    saturday = datetime(2027, 4, 3, 0, tzinfo=AUCKLAND)
    found = timetable(at="02:30", timezone="Pacific/Auckland").coming(saturday)
    assert local(found)[:3] == ["04-03 02:30", "04-04 02:30", "04-05 02:30"]
    half_hours = timetable(cron="*/30 * * * *", timezone="Pacific/Auckland").coming(
        datetime(2027, 4, 4, 1, 45, tzinfo=AUCKLAND), 7
    )
    assert {later - earlier for earlier, later in pairwise(half_hours)} == {timedelta(minutes=30)}


def test_a_time_in_a_blackout_is_moved_to_its_end_once_or_left_out():
    late = datetime(2026, 11, 30, 12, tzinfo=AUCKLAND)
    hourly = {"cron": "0 * * * *", "timezone": "Pacific/Auckland"}
    run = timetable(CLOSE, **hourly).coming(late)
    assert local(run) == ["11-30 13:00", "11-30 14:00", "11-30 15:00", "11-30 16:00", "11-30 17:00"]
    within = CLOSE.instant(CLOSE.begins) + timedelta(hours=20, minutes=1)
    assert local(timetable(CLOSE, **hourly).coming(within))[:2] == ["12-03 08:00", "12-03 09:00"]
    daily = {"at": "20:00", "timezone": "Pacific/Auckland"}
    assert local(timetable(CLOSE, **daily).coming(within))[:2] == ["12-03 08:00", "12-03 20:00"]
    assert local(timetable(CLOSE, **daily, missed="skip").coming(within))[:2] == [
        "12-03 20:00",
        "12-04 20:00",
    ]


def test_a_blackout_comes_again_every_month_and_says_why():
    moment = datetime(2027, 3, 1, 10, tzinfo=AUCKLAND)
    shut = closed([MONTHLY], moment)
    assert (local([shut.until]), shut.reason) == (["03-03 08:00"], "Month-end close")
    assert closed([MONTHLY], datetime(2027, 3, 3, 8, tzinfo=AUCKLAND)) is None
    assert closed([MONTHLY], datetime(2027, 2, 28, 17, 59, tzinfo=AUCKLAND)) is None


def test_blackouts_one_after_the_other_are_one():
    longer = Blackout(begins="2026-12-03 07:00", ends="2026-12-09 00:00", timezone="Pacific/Auckland")
    shut = closed([longer, CLOSE], datetime(2026, 12, 1, tzinfo=AUCKLAND))
    assert local([shut.until]) == ["12-09 00:00"]


NIGHT = Blackout(cron="0 0 * * *", hours=6)
ALL_DAY = (Blackout(cron="0 0 * * *", hours=24, reason="Closed"),)
DAY_AND_NIGHT = (Blackout(cron="0 18 * * *", hours=12), Blackout(cron="0 6 * * *", hours=12))
EVERY_MINUTE = (Blackout(cron="* * * * *", hours=24 * 31),)
ZONE = {"timezone": "America/New_York"}
FOR_EVER = (Blackout(begins="2026-11-01 00:00", ends="9999-12-31 23:59", **ZONE),)
ALWAYS = [ALL_DAY, DAY_AND_NIGHT, EVERY_MINUTE, FOR_EVER]


@pytest.mark.parametrize("blackouts", ALWAYS)
def test_a_blackout_without_an_end_says_so_and_nothing_is_due(blackouts):
    shut = closed(blackouts, START)
    assert shut is not None
    assert shut.until is None
    for schedule in ({"every": "1h"}, {"cron": "0 7 * * *"}, {"at": "03:00", "missed": "skip"}):
        table = timetable(*blackouts, **schedule)
        assert table.coming(START) == []
        assert table.due(START - timedelta(days=40), START) is None


def test_a_schedule_whose_every_time_is_left_out_has_none():
    table = timetable(NIGHT, at=["01:30", "03:00"], missed="skip")
    assert table.coming(START) == []
    assert table.due(START - timedelta(days=40), START) is None
    hours = {f"s{n}": timetable(sync=f"s{n}", every="1d").coming(START)[0].hour for n in range(99)}
    sync = next(name for name, hour in hours.items() if hour < 6)
    assert timetable(NIGHT, sync=sync, every="1d", missed="skip").coming(START) == []
    moved = timetable(NIGHT, sync=sync, every="1d").coming(START, 2)
    assert local(moved, UTC) == ["11-03 06:00", "11-04 06:00"]


def test_a_time_behind_a_long_blackout_or_a_rare_one_is_found():
    long = Blackout(begins="2026-11-01 00:00", ends="2031-03-01 00:00")
    assert timetable(long, cron="30 * * * *").coming(START, 2) == [
        datetime(2031, 3, 1, tzinfo=UTC),
        datetime(2031, 3, 1, 0, 30, tzinfo=UTC),
    ]
    season = Blackout(cron="0 0 * 12,1-6 *", hours=24)
    december = datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert timetable(season, at="12:00", missed="skip").coming(december, 1) == [
        datetime(2027, 7, 1, 12, tzinfo=UTC)
    ]
    shut = closed([season], december)
    assert shut is not None
    assert shut.until == datetime(2027, 7, 1, tzinfo=UTC)
    leap = [each.year for each in timetable(cron="0 0 29 2 *").coming(START, 3)]
    assert leap == [2028, 2032, 2036]


@pytest.mark.parametrize("late", [timedelta(), timedelta(minutes=4), GRACE])
def test_a_time_is_due_once_it_has_come(late):
    for missed in ("run", "skip"):
        hourly = timetable(cron="0 * * * *", missed=missed)
        ten = START + timedelta(hours=1)
        assert hourly.due(START, ten - timedelta(seconds=1)) is None
        assert hourly.due(START, ten + late) == ten
        assert hourly.due(ten, ten + late) is None


def test_of_missed_times_the_latest_is_run_or_none():
    now = START + timedelta(days=2, minutes=30)
    ten = START + timedelta(days=2)
    assert timetable(cron="0 * * * *").due(START, now) == ten
    assert timetable(cron="0 * * * *", missed="skip").due(START, now) is None
    assert timetable(cron="0 * * * *", missed="skip").due(START, ten + timedelta(minutes=3)) == ten


def test_nothing_is_due_while_the_books_are_closed_and_one_run_behind_it():
    begins, ends = CLOSE.instant(CLOSE.begins), CLOSE.instant(CLOSE.ends)
    hourly = timetable(CLOSE, cron="0 * * * *")
    before = begins - timedelta(minutes=1)
    assert hourly.due(before, ends - timedelta(seconds=1)) is None
    assert hourly.due(before, ends) == ends
    assert hourly.due(ends, ends + timedelta(minutes=1)) is None
    assert timetable(CLOSE, cron="1 * * * *", missed="skip").due(before, ends) is None


@given(
    gap=st.timedeltas(timedelta(0), timedelta(days=800)),
    schedule=st.sampled_from(
        [{"every": "7m"}, {"cron": "*/5 * * * *"}, {"cron": "0 6 1 * *"}, {"at": ["06:00", "18:00"]}]
    ),
    blackouts=st.sampled_from([(), (CLOSE,), (MONTHLY,)]),
)
def test_what_is_due_is_the_last_of_the_times(gap, schedule, blackouts):
    table = timetable(*blackouts, **schedule)
    since, now = START, START + gap
    found = table.due(since, now)
    if closed(blackouts, now):
        assert found is None
    elif found is None:
        assert table.coming(since, 1)[0] > now
    else:
        assert since < found <= now
        assert table.coming(found, 1)[0] > now


def test_a_sync_that_follows_others_has_no_times():
    table = timetable(after=["contacts"])
    assert list(islice(table.times(START), 3)) == []
    assert (table.follows, table.due(START, START + timedelta(days=9))) == (["contacts"], None)


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({}, "None of them is there"),
        ({"every": "5m", "cron": "* * * * *"}, "every and cron stand side by side"),
        ({"every": "0m"}, "a number of minutes, hours or days"),
        ({"every": "400d"}, "a number of minutes, hours or days"),
        ({"every": "5s"}, "a number of minutes, hours or days"),
        ({"cron": "0 0 30"}, "five parts"),
        ({"cron": "0 0 30 2 *"}, "no cron expression"),
        ({"cron": "61 * * * *"}, "no cron expression"),
        ({"cron": "* * * * *", "timezone": "Mars/Olympus"}, "no time zone 'Mars/Olympus'"),
        ({"at": "24:00"}, "pattern"),
        ({"every": "5m", "days": "mon"}, "go with the times in at"),
    ],
)
def test_a_schedule_that_says_nothing_clear_is_refused(given_, said):
    with pytest.raises(ValidationError, match=said):
        Schedule(**given_)


@pytest.mark.parametrize(
    "given_",
    [
        {},
        {"begins": "2026-01-01 00:00"},
        {"cron": "0 18 L * *"},
        {"begins": "2026-01-02 00:00", "ends": "2026-01-01 00:00"},
        {"begins": "2026-01-01 00:00", "ends": "2026-01-02 00:00", "hours": 3},
    ],
)
def test_a_blackout_that_is_none_is_refused(given_):
    with pytest.raises(ValidationError, match="A blackout"):
        Blackout(**given_)


def test_manual_is_no_schedule():
    basis = {"model": "m", "destination": "d", "object": "contacts", "match": {"Name": "name"}}
    assert SyncSpec(**basis).schedule is None
    assert SyncSpec(**basis, schedule="manual").schedule is None
    assert SyncSpec(**basis, schedule={"every": "15m"}).schedule.every == "15m"
    assert interval_of("15m") == timedelta(minutes=15)
