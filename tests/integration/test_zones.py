"""Moments that meet a date field: the day is that of the organisation, wherever the moment was taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.integration.feeds import Feed
from tests.integration.test_invoices import booked, contacts, feed, row
from tests.integration.world import World, moving

ORGANISATION = ("GET", "/api.xro/2.0/Organisation", 200)
EVENING = datetime(2026, 10, 1, 20, 0, tzinfo=UTC)  # in Auckland, it is the 2nd by then


def live_in(world: World, zone: str) -> None:
    (company, *others) = world.xero.options.companies
    world.xero.options = replace(world.xero.options, companies=(replace(company, timezone=zone), *others))
    world.connect()
    world.api_calls()


def dates(world: World) -> dict[str, tuple[str, str]]:
    return {
        number: (str(document["DateString"])[:10], str(document["DueDateString"])[:10])
        for number, document in booked(world).items()
    }


def made(world: World, **more: Any) -> Feed:
    contacts(world)
    return feed(world).rows(row("1", "invoices", Date=EVENING, DueDate="2026-10-20", **more))


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("NEWZEALANDSTANDARDTIME", "2026-10-02"),
        ("GMTSTANDARDTIME", "2026-10-01"),
        ("PACIFICSTANDARDTIME", "2026-10-01"),
    ],
)
def test_the_day_of_a_moment_is_that_of_the_organisation(world: World, zone: str, day: str) -> None:
    live_in(world, zone)
    assert made(world).rejected() == {}
    assert dates(world) == {"INV-1": (day, "2026-10-20")}


def test_a_moment_written_as_text_or_in_another_zone_is_the_same_moment(world: World) -> None:
    contacts(world)
    elsewhere = EVENING.astimezone(timezone(timedelta(hours=-9)))
    rows = feed(world).rows(
        row("1", "invoices", Date="2026-10-01T20:00:00Z", DueDate="2026-10-01 20:00:00"),
        row("2", "invoices", Date=elsewhere.isoformat(), DueDate="2026-10-20"),
    )
    assert rows.rejected() == {}
    assert dates(world) == {"INV-1": ("2026-10-02", "2026-10-01"), "INV-2": ("2026-10-02", "2026-10-20")}


def test_the_zone_is_asked_for_only_when_a_moment_meets_a_date(world: World) -> None:
    rows = made(world)
    moving(world.clock).jump(days=2)
    world.api_calls()
    rows.run()
    assert world.api_calls().count(ORGANISATION) == 1
    moving(world.clock).jump(days=2)
    rows.run()
    assert world.api_calls() == []


def test_a_move_to_another_zone_resends_nothing_by_itself(world: World) -> None:
    rows = made(world)
    rows.run()
    live_in(world, "PACIFICSTANDARDTIME")
    assert rows.run().run.counts["calls"] == 0
    rows.rows(row("1", "invoices", Date=EVENING, DueDate="2026-10-20", note="of no field"))
    assert rows.run().run.counts["calls"] == 0
    rows.rows(row("1", "invoices", Date=EVENING, DueDate="2026-10-21"))
    assert rows.kinds() == {"update": 1}
    assert rows.rejected() == {}
    assert dates(world) == {"INV-1": ("2026-10-01", "2026-10-21")}


def test_another_configuration_is_compared_in_the_same_zone(world: World) -> None:
    rows = made(world)
    rows.run()
    rows.constants = {"LineAmountTypes": "Exclusive"}
    rows.rows(
        {name: v for name, v in row("1", "invoices", Date=EVENING).items() if name != "LineAmountTypes"}
    )
    live_in(world, "GMTSTANDARDTIME")
    assert rows.kinds() == {"unchanged": 1}


def test_a_moment_that_is_the_same_for_all_rows_is_told_in_the_zone_too(world: World) -> None:
    contacts(world)
    rows = feed(world)
    rows.constants = {"DueDate": "2026-10-01T20:00:00Z"}
    given = row("1", "invoices")
    del given["DueDate"]
    assert rows.rows(given).rejected() == {}
    assert dates(world) == {"INV-1": ("2026-10-01", "2026-10-02")}


@pytest.mark.unlike_xero  # so far it has no such zone
def test_where_the_zone_is_not_known_no_day_is_guessed(world: World) -> None:
    live_in(world, "ATLANTISSTANDARDTIME")
    rows = made(world)
    rows.rows(row("1", "invoices", Date=EVENING), row("2", "invoices"))
    (held,) = world.rows(rows.run(), "rejected")
    assert (held.key, held.code) == ("1", "field_invalid")
    assert held.message == (
        "The organisation's time zone 'ATLANTISSTANDARDTIME' is not known, so the day of a moment is not "
        "either."
    )
    assert held.remedy == "Return a date instead of a moment from the model."
    assert list(booked(world)) == ["INV-2"]
