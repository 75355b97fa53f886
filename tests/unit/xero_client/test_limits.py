"""The gate in front of an organisation: 429 of every kind, the day's reserve, threads, other processes."""

from __future__ import annotations

import math
from datetime import timedelta
from threading import Barrier, Condition, Event, Lock, Thread

import httpx
import pytest

from bookward.errors import Cancelled, RateLimited
from bookward.ports import BudgetState
from tests.fakes import FakeClock
from tests.unit.xero_client.fakes import TENANT, MemoryBudget, World, limits, ok, script, tokens, too_many


def test_a_minute_refusal_is_waited_out_and_the_same_bytes_and_key_go_again():
    asked: list[tuple[bytes, str]] = []
    answers = script(too_many("minute", "26", **limits(minute=0)), ok({"Contacts": []}))

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append((request.content, request.headers["Idempotency-Key"]))
        return answers(request)

    world = World(handle)
    begun = world.clock.now()
    answer = world.post(b'{"Contacts":[{"Name":"A"}]}', idempotency_key="k1")

    assert answer.status == 200
    assert asked[0] == asked[1]
    assert world.clock.now() - begun == timedelta(seconds=26)
    assert world.calls.statuses == [429, 200]


@pytest.mark.parametrize("spelling", ["day", "Day", "DailyLimit", "DayLimit", "daily"])
def test_the_day_limit_is_not_waited_for(spelling):
    world = World(script(too_many(spelling, "39600", **limits(day=0))))

    with pytest.raises(RateLimited, match="calls a day") as caught:
        world.get()

    assert caught.value.wait == timedelta(hours=11)
    assert world.clock.slept == []
    assert world.client.budget().blocked_until == world.clock.now() + timedelta(hours=11)


def test_a_day_limit_without_a_time_lasts_until_midnight_utc():
    world = World(script(too_many("day")))
    with pytest.raises(RateLimited) as caught:
        world.get()
    assert caught.value.wait == timedelta(hours=15)


def test_the_next_process_knows_of_the_day_limit_without_a_call():
    first = World(script(too_many("day", "3600")))
    with pytest.raises(RateLimited):
        first.get()

    second = World(script(), budget=first.budget)
    with pytest.raises(RateLimited):
        second.get()
    assert second.calls.made == []


def test_a_wait_longer_than_the_patience_is_handed_to_the_caller():
    world = World(script(too_many("minute", "45")), patience_seconds=30)
    with pytest.raises(RateLimited, match="calls a minute") as caught:
        world.get()
    assert caught.value.wait == timedelta(seconds=45)


def test_a_concurrent_refusal_has_no_time_and_is_tried_again_soon():
    world = World(script(too_many("concurrent"), too_many("Concurrent"), ok()))
    assert world.get().status == 200
    assert sum(world.clock.slept) == 1 + 2


@pytest.mark.parametrize("refusal", [too_many("concurrent"), too_many("minute", "0"), too_many("")])
def test_refusals_without_end_exhaust_the_patience(refusal):
    world = World(lambda request: refusal)
    with pytest.raises(RateLimited):
        world.get()
    assert len(world.calls.made) < 200


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "Mon, 02 Nov 2026 09:00:40 GMT"}, 40),
        ({"Retry-After": "soon"}, 60),
        ({"Retry-After": "1e400"}, 60),
        ({"X-Rate-Limit-Problem": "appminute"}, 60),
        ({"X-Rate-Limit-Problem": "Minute Limit", "Retry-After": "-5"}, 1),
    ],
)
def test_odd_refusals_are_waited_out(headers, seconds):
    world = World(script(httpx.Response(429, headers=headers), ok()))
    assert world.get().status == 200
    assert sum(world.clock.slept) == pytest.approx(seconds)


def test_a_share_of_the_day_is_left_alone():
    world = World(script(ok(**limits(day=101)), ok(**limits(day=100))))
    world.budget.states[TENANT] = BudgetState(day_left=4000, seen_at=world.clock.now())
    world.get()
    world.get()
    with pytest.raises(RateLimited) as caught:
        world.get()
    assert caught.value.wait == timedelta(hours=15)


def test_the_free_tier_has_a_smaller_reserve():
    world = World(script(ok(**limits(day=21)), ok(**limits(day=20))))
    world.get()
    world.get()
    with pytest.raises(RateLimited):
        world.get()


def test_a_new_day_makes_yesterdays_figure_worthless():
    world = World(script(ok(**limits(day=3)), ok()), signed_in=tokens(lives=100_000))
    world.get()
    world.clock.jump(hours=15)
    assert world.get().status == 200


def test_what_is_left_is_said_and_kept_for_the_next_process():
    world = World(script(ok(**limits(minute=41, day=900))))
    assert world.client.budget() == BudgetState()
    world.get()

    state = world.client.budget()
    assert (state.minute_left, state.day_left, state.seen_at) == (41, 900, world.clock.now())
    assert World(script(), budget=world.budget).client.budget() == state


@pytest.mark.parametrize(("second", "left"), [(899, 899), (500, 900)])
def test_an_answer_that_was_overtaken_does_not_say_what_is_left(second, left):
    begun, overtaken = Event(), Event()
    answers = script(ok(**limits(day=901)), ok(**limits(day=second)))

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/Slow"):
            begun.set()
            assert overtaken.wait(30)
            return ok(**limits(day=900))
        return answers(request)

    world = World(handle)
    world.get()
    slow = Thread(target=world.get, args=("Slow",))
    slow.start()
    assert begun.wait(30)
    world.get()
    overtaken.set()
    slow.join(30)
    # Where they are further apart it is not the order: a limit was raised, or another day has begun.
    assert world.client.budget().day_left == left


def test_a_minute_spent_by_another_process_is_waited_for():
    world = World(script(ok()))
    world.budget.states[TENANT] = BudgetState(minute_left=1, day_left=4000, seen_at=world.clock.now())
    world.get()
    assert sum(world.clock.slept) == pytest.approx(60)


def test_answers_without_limits_or_with_nonsense_do_no_harm():
    world = World(script(httpx.Response(200), httpx.Response(200, headers={"X-MinLimit-Remaining": "many"})))
    world.get()
    world.get()
    assert world.client.budget() == BudgetState()


def test_never_more_than_five_calls_are_in_flight():
    inside, most, lock = 0, 0, Lock()
    full = Condition(lock)

    def handle(request: httpx.Request) -> httpx.Response:
        nonlocal inside, most
        with full:
            inside += 1
            most = max(most, inside)
            full.notify_all()
            if world.calls.made:
                full.wait_for(lambda: most >= 5, timeout=10)
            inside -= 1
        return ok()

    world = World(handle)
    threads = [Thread(target=world.get) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert most == 5
    assert len(world.calls.made) == 20


class LimitedXero:
    """Counts as Xero does, on the test's clock; every call takes a moment."""

    def __init__(self, clock: FakeClock, phase: float) -> None:
        self.clock = clock
        self.phase = phase
        self.lock = Lock()
        self.used: dict[int, int] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self.lock:
            now = self.clock.now().timestamp() - self.phase
            window = math.floor(now / 60)
            self.used[window] = self.used.get(window, 0) + 1
            left = 60 - self.used[window]
            self.clock.jump(seconds=0.01)
        if left < 0:
            wait = str(math.ceil(60 - now % 60))
            return too_many("minute", wait, **limits(minute=0))
        return ok(**limits(minute=left))


@pytest.mark.parametrize("phase", [0, 17.3, 44])
def test_five_threads_fill_the_minutes_without_one_refusal(phase):
    clock = FakeClock()
    xero = LimitedXero(clock, phase)
    world = World(xero, clock=clock)
    start = Barrier(5)

    def write() -> None:
        start.wait(10)
        for _ in range(60):
            world.post()

    threads = [Thread(target=write) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert world.calls.statuses == [200] * 300
    whole = [count for _, count in sorted(xero.used.items())][1:-1]
    assert min(whole) >= 58


def test_whoever_sends_is_asked_each_time_when_the_limits_let_a_request_leave():
    world = World(script(too_many("minute", "26"), ok()))
    asked_at = []

    def ask():
        asked_at.append(world.clock.now())
        if len(asked_at) == 3:
            raise Cancelled("no longer")

    world.post(before_leaving=ask)
    assert asked_at[1] - asked_at[0] >= timedelta(seconds=26)
    with pytest.raises(Cancelled):
        world.post(before_leaving=ask)
    assert world.calls.statuses == [429, 200]


@pytest.mark.parametrize("hours", [-1, 1, -30, 30])
def test_a_clock_that_is_set_in_mid_run_neither_holds_the_calls_nor_lets_too_many_through(hours):
    answers = (ok(**limits(minute=1)), ok(**limits(minute=59)), ok())
    world = World(script(*answers), signed_in=tokens(lives=10**6))
    world.get()
    world.clock.misset(hours=hours)
    world.get()
    assert 50 <= sum(world.clock.slept) <= 60
    world.get()
    assert world.calls.statuses == [200] * 3


@pytest.mark.parametrize(("minute", "day", "waited"), [(0, 4000, 60), (9, 0, 30), (9, 4000, 30)])
def test_what_was_said_in_the_future_holds_no_longer_than_it_was_to(minute, day, waited):
    budget, clock = MemoryBudget(), FakeClock()
    ahead = clock.now() + timedelta(hours=1)
    until = ahead + timedelta(seconds=30)
    said = BudgetState(minute_left=minute, day_left=day, seen_at=ahead, blocked_until=until)
    budget.states[TENANT] = said
    world = World(script(ok()), budget=budget, clock=clock)
    world.get()
    assert sum(clock.slept) == waited


def test_a_failing_call_gives_its_place_back():
    failures = [httpx.ReadError("cut")] * 8
    world = World(script(*failures, ok()), budget=MemoryBudget())
    for _ in failures:
        with pytest.raises(Exception, match="cut"):
            world.get()
    assert world.get().status == 200
