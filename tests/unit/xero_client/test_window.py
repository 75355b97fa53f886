"""The minute window against servers that count as Xero may count, all calls our own."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookward.destinations.xero.window import IN_FLIGHT, PERIOD, MinuteWindow

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LIMIT = 60


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class FixedWindows:
    """Counts in windows that begin every sixty seconds, whatever is sent."""

    def __init__(self, phase: float) -> None:
        self.phase = phase
        self.counts: dict[int, int] = {}

    def count(self, moment: float) -> int:
        window = int((moment - self.phase) // 60)
        self.counts[window] = self.counts.get(window, 0) + 1
        return LIMIT - self.counts[window]


class WindowsFromFirstCall:
    """Begins a window with the first call after the last one was over."""

    def __init__(self) -> None:
        self.began = float("-inf")
        self.used = 0

    def count(self, moment: float) -> int:
        if moment >= self.began + 60:
            self.began, self.used = moment, 0
        self.used += 1
        return LIMIT - self.used


def drive(server, calls: int, latency: Callable[[], float], share: float = 0.5) -> tuple[float, int]:
    """Send calls five wide as soon as the window admits them; return how long it took, and the refusals.

    ``share`` of a call's latency passes before the server counts it.
    """
    window = MinuteWindow()
    now, sent_calls, in_flight, refused, number = 0.0, 0, 0, 0, 0
    events: list[tuple[float, int, str, dict]] = []
    while sent_calls < calls or events:
        while sent_calls < calls and in_flight < IN_FLIGHT and window.admits(at(now), in_flight):
            took = latency()
            call = {"sent": window.send(at(now))}
            number += 1
            heapq.heappush(events, (now + took * share, number, "counted", call))
            number += 1
            heapq.heappush(events, (now + took, number, "answered", call))
            in_flight += 1
            sent_calls += 1
        if in_flight == 0:
            now = max((window.opens(at(now)) - START).total_seconds(), now + 0.001)
            continue
        wake = now if in_flight >= IN_FLIGHT or sent_calls == calls else now + 1
        if events[0][0] > wake > now:
            now = wake
            continue
        now, _, kind, call = heapq.heappop(events)
        if kind == "counted":
            call["said"] = server.count(now)
            continue
        in_flight -= 1
        if call["said"] < 0:
            refused += 1
        window.hear(call["sent"], max(call["said"], 0), at(now), counted=call["said"] >= 0)
    return now, refused


latencies = st.sampled_from([0.01, 0.05, 0.3, 0.75, 2.0, 5.0])


@given(phase=st.floats(0, 60), latency=latencies, spread=st.floats(0, 1), seed=st.integers(0, 2**16))
def test_fixed_windows_are_filled_and_never_overrun(phase, latency, spread, seed):
    random = Random(seed)

    def took() -> float:
        return latency * (1 + spread * random.random())

    _, refused = drive(FixedWindows(phase), 300, took, random.random())

    assert refused == 0


@given(latency=latencies, spread=st.floats(0, 1), seed=st.integers(0, 2**16))
def test_windows_from_the_first_call_are_never_overrun(latency, spread, seed):
    random = Random(seed)

    def took() -> float:
        return latency * (1 + spread * random.random())

    _, refused = drive(WindowsFromFirstCall(), 300, took, random.random())

    assert refused == 0


@pytest.mark.parametrize("latency", [0.01, 0.25, 0.75])
@pytest.mark.parametrize("phase", [0.5, 13.0, 31.7, 59.9])
def test_a_run_bound_by_the_limit_uses_nearly_all_of_it(phase, latency):
    server = FixedWindows(phase)

    _, refused = drive(server, 1200, lambda: latency)

    whole = [count for _, count in sorted(server.counts.items())][1:-1]
    assert refused == 0
    assert sum(whole) >= 0.98 * LIMIT * len(whole)


def test_nothing_leaves_beside_the_first_call_of_all():
    window = MinuteWindow()
    assert window.admits(at(0), in_flight=0)
    assert not window.admits(at(0), in_flight=1)


def test_calls_in_flight_count_as_used():
    window = MinuteWindow()
    window.hear(window.send(at(0)), 6, at(1), counted=True)

    assert window.admits(at(1), in_flight=3)
    assert not window.admits(at(1), in_flight=4)


def test_the_last_call_of_a_minute_is_left_alone_until_the_minute_is_over():
    window = MinuteWindow()
    window.hear(window.send(at(0)), 1, at(1), counted=True)

    assert not window.admits(at(60.9), in_flight=0)
    assert window.opens(at(2)) == at(61)
    assert window.admits(at(61), in_flight=0)


def test_a_figure_that_does_not_fall_begins_a_new_window():
    window = MinuteWindow()
    window.hear(window.send(at(0)), 3, at(1), counted=True)
    window.hear(window.send(at(20)), 59, at(21), counted=True)

    assert window.left == 59
    assert window.over_by == at(21) + PERIOD


def test_an_answer_that_comes_late_within_a_window_does_not_raise_what_is_left():
    window = MinuteWindow()
    window.hear(window.send(at(0)), 50, at(0.1), counted=True)
    first, second = window.send(at(1)), window.send(at(1))
    window.hear(second, 48, at(2), counted=True)
    window.hear(first, 49, at(3), counted=True)

    assert window.left == 48


def test_what_another_process_was_told_counts_for_a_minute():
    window = MinuteWindow()
    window.overhear(1, at(0), at(30))
    assert not window.admits(at(59), in_flight=0)
    assert window.admits(at(60), in_flight=0)

    forgotten = MinuteWindow()
    forgotten.overhear(1, at(0), at(61))
    assert forgotten.left is None


def test_a_window_that_was_written_down_goes_on_where_it_was():
    window = MinuteWindow()
    sent = window.send(at(0))
    window.hear(sent, 40, at(1), counted=True)
    other = MinuteWindow.read(window.text())
    assert other == window
    other.hear(other.send(at(2)), 39, at(3), counted=True)
    assert MinuteWindow.read(other.text()).left == 39


def test_a_window_written_down_by_a_clock_that_is_ahead_is_over_no_later():
    window = MinuteWindow()
    window.hear(window.send(at(3600)), 1, at(3601), counted=True)
    read = MinuteWindow.read(window.text(), ahead=timedelta(seconds=3601))
    assert read.over_by == at(60)
    assert not read.admits(at(59), in_flight=0)
    assert read.admits(at(60), in_flight=0)
