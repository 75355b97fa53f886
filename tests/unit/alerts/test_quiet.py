"""Until when a message is held back: nights by the clocks of their zone, and silences."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bookward.alerts.quiet import LOOK_AGAIN, held_until
from bookward.spec.alert import QuietHours
from bookward.spec.triggers import Trigger
from bookward.standings import Level, Silence, Subject

ZONE = ZoneInfo("Pacific/Auckland")
NIGHT = QuietHours(begin="22:00", end="07:00", timezone="Pacific/Auckland")
SYNC = Subject("syncs", "invoices")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def until(
    quiet: QuietHours, now: datetime, weight: Level = Level.WARNING, silences: tuple[Silence, ...] = ()
) -> datetime | None:
    return held_until([quiet], silences, SYNC, Trigger.RUN_FAILED, weight, now)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-11-02 21:59", None),
        ("2026-11-02 22:00", "2026-11-03 07:00"),
        ("2026-11-03 06:59", "2026-11-03 07:00"),
        ("2026-11-03 07:00", None),
        ("2026-09-26 23:00", "2026-09-27 07:00"),  # the night in which clocks go forward
        ("2026-04-05 02:30", "2026-04-05 07:00"),  # and the one in which they go back
    ],
)
def test_a_night_is_by_the_clocks_of_its_zone(now: str, end: str | None) -> None:
    assert until(NIGHT, at(now)) == (at(end) if end else None)


def test_what_is_critical_goes_through_unless_the_file_says_otherwise() -> None:
    night = at("2026-11-02 23:00")
    assert until(NIGHT, night, Level.CRITICAL) is None
    strict = NIGHT.model_copy(update={"critical": "hold"})
    assert until(strict, night, Level.CRITICAL) == at("2026-11-03 07:00")


def test_days_are_those_on_which_a_night_begins() -> None:
    weekend = QuietHours(begin="18:00", end="09:00", days=["fri"], timezone="Pacific/Auckland")
    assert until(weekend, at("2026-11-07 08:00")) == at("2026-11-07 09:00")  # Saturday morning
    assert until(weekend, at("2026-11-08 08:00")) is None


def test_a_silence_holds_what_is_critical_too_until_it_ends() -> None:
    now = at("2026-11-02 12:00")
    snooze = Silence(subject=SYNC, trigger=None, until=at("2026-11-02 14:00"), by="ann", at=now)
    assert until(NIGHT, now, Level.CRITICAL, (snooze,)) == snooze.until
    assert until(NIGHT, at("2026-11-02 14:00"), Level.CRITICAL, (snooze,)) is None
    mute = Silence(subject=SYNC, trigger=Trigger.RUN_FAILED, until=None, by="ann", at=now)
    assert until(NIGHT, now, Level.CRITICAL, (mute,)) == now + LOOK_AGAIN
    others = (
        Silence(subject=SYNC, trigger=Trigger.SLOWER, until=None, by="ann", at=now),
        Silence(subject=Subject("syncs", "contacts"), trigger=None, until=None, by="ann", at=now),
    )
    assert until(NIGHT, now, Level.CRITICAL, others) is None


def test_the_longest_of_all_counts() -> None:
    now = at("2026-11-02 23:00")
    snooze = Silence(subject=SYNC, trigger=None, until=at("2026-11-03 09:00"), by="ann", at=now)
    assert until(NIGHT, now, Level.WARNING, (snooze,)) == at("2026-11-03 09:00")
