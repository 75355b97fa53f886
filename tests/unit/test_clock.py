from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bookward.clock import EvenClock, SystemClock, Uptime, age
from tests.fakes import FakeClock

MINUTE = timedelta(minutes=1)


def test_an_age_is_told_by_the_uptime_whatever_the_clock_was_set_back_to() -> None:
    clock = FakeClock()
    at, uptime = clock.now(), clock.uptime()
    clock.jump(minutes=1)
    assert age(clock, at, uptime) == MINUTE
    clock.misset(hours=-1)
    assert age(clock, at, uptime) == MINUTE


def test_an_age_is_the_time_of_days_where_the_machine_as_a_whole_was_held() -> None:
    clock = FakeClock()
    at, uptime = clock.now(), clock.uptime()
    clock.misset(hours=1)
    assert age(clock, at, uptime) == timedelta(hours=1)


def test_an_age_is_not_known_across_boots_nor_without_a_reading() -> None:
    clock = FakeClock()
    seconds = clock.uptime().seconds
    assert age(clock, clock.now(), Uptime(boot="another", seconds=seconds)) is None
    assert age(clock, clock.now(), Uptime(boot="fake", seconds=seconds + 1)) is None
    assert age(clock, clock.now(), None) is None


def test_an_even_clock_goes_on_whatever_the_other_is_set_to() -> None:
    clock = FakeClock()
    even, began = EvenClock(clock), clock.now()
    clock.misset(days=-400)
    even.sleep(60)
    assert (even.now(), even.uptime()) == (began + MINUTE, clock.uptime())
    assert clock.slept == [60]


@pytest.mark.skipif(sys.platform != "linux", reason="the others have no reading that processes share")
def test_processes_of_one_boot_share_the_uptime() -> None:
    since_boot = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
    uptime = SystemClock().uptime()
    assert uptime.boot == Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    assert since_boot - 0.02 <= uptime.seconds <= time.clock_gettime(time.CLOCK_BOOTTIME)
    assert SystemClock().now() <= datetime.now(UTC)
