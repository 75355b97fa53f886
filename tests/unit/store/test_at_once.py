"""Processes that write to one state at the same moment, as threads with a store each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Barrier, Event
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import insert

from bookward.access import people
from bookward.access.access import Access
from bookward.access.caller import shell
from bookward.access.passwords import Passwords
from bookward.access.roles import Role
from bookward.errors import LastAdmin, OrganisationChanged, RunOvertaken, SettlementRefused
from bookward.ports import BudgetState
from bookward.records import Rejection
from bookward.rowstate import RowState
from bookward.settings import Settings
from bookward.store.doubts import Doubt
from bookward.store.store import Store
from bookward.store.tables import rows
from tests.fakes import FakeClock
from tests.unit.store.conftest import ONLY_POSTGRES
from tests.unit.store.test_store import NOW, PATIENCE, TOKENS, accepted, call, intent, operation, record

AT_ONCE = 4
ROUNDS = 8


def _fewer_than_two(known: BudgetState, calls: int) -> BudgetState | None:
    return known if calls < 2 else None


@pytest.fixture
def stores(settings: Settings, store: Store) -> Iterator[list[Store]]:
    with ExitStack() as opened:
        yield [opened.enter_context(closing(Store(settings, FakeClock()))) for _ in range(AT_ONCE)]


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Return what each of the calls returned or raised; all began at one moment."""
    ready = Barrier(len(calls))

    def begin(asked: Callable[[], Any]) -> Any:
        ready.wait()
        return asked()

    with ThreadPoolExecutor(len(calls)) as threads:
        futures = [threads.submit(begin, asked) for asked in calls]
    return [future.exception() or future.result() for future in futures]


def test_every_run_has_a_place_of_its_own_in_the_history(stores: list[Store]) -> None:
    for turn in range(ROUNDS):
        names = [f"{turn}-{number}" for number in range(AT_ONCE)]
        begun = at_once([partial(s.runs.begin, n, n, NOW, "{}") for s, n in zip(stores, names, strict=True)])
        assert begun == [None] * AT_ONCE
    with stores[0]._database.reading() as connection:
        places = connection.exec_driver_sql("SELECT position FROM runs").scalars().all()
    assert sorted(places) == list(range(1, ROUNDS * AT_ONCE + 1))


def test_of_runs_of_one_sync_that_begin_at_once_one_has_the_newest_epoch(stores: list[Store]) -> None:
    for turn in range(ROUNDS):
        at_once([partial(s.runs.begin, f"{turn}-{n}", "a", NOW, "{}") for n, s in enumerate(stores)])
        assert sorted(store.epochs.taken("a") for store in stores) == [
            turn * AT_ONCE + number for number in range(1, AT_ONCE + 1)
        ]
        checked = at_once([partial(s.epochs.check, "a") for s in stores])
        assert [type(found) for found in checked].count(RunOvertaken) == AT_ONCE - 1


def test_a_configuration_that_several_see_first_is_numbered_once(stores: list[Store]) -> None:
    for turn in range(ROUNDS):
        same = at_once([partial(s.sync("a").config, f"body {turn}") for s in stores])
        assert {config.version for config in same} == {turn + 1}
    others = at_once([partial(s.sync("b").config, str(n)) for n, s in enumerate(stores)])
    assert sorted(config.version for config in others) == list(range(1, AT_ONCE + 1))


@ONLY_POSTGRES
def test_nobody_takes_a_sync_over_while_its_journal_is_written(store: Store, stores: list[Store]) -> None:
    store.runs.begin("run-1", "a", NOW, "{}")
    with ThreadPoolExecutor(1) as other:
        with store._database.writing() as connection:
            store.epochs.require_of(connection, "run-1")
            taking: Future[None] = other.submit(stores[0].runs.begin, "run-2", "a", NOW, "{}")
            with pytest.raises(TimeoutError):
                taking.result(timeout=0.5)
        taking.result()
    with pytest.raises(RunOvertaken):
        store.journal("run-1").intend(intent("x", 0))


@ONLY_POSTGRES
def test_a_journal_that_waited_for_a_take_over_writes_nothing(store: Store, stores: list[Store]) -> None:
    store.runs.begin("run-1", "a", NOW, "{}")
    with ThreadPoolExecutor(1) as other:
        with stores[0]._database.writing() as connection:
            stores[0].epochs.take(connection, "a", "run-2")
            writing = other.submit(store.journal("run-1").intend, intent("x", 0))
            with pytest.raises(TimeoutError):
                writing.result(timeout=0.5)
        with pytest.raises(RunOvertaken):
            writing.result()
    assert stores[0].journal("run-1").open_intents() == []


def test_a_fold_of_an_overtaken_run_moves_nothing_whenever_it_was_overtaken(stores: list[Store]) -> None:
    one, other, *_ = stores
    for turn in range(ROUNDS):
        one.runs.begin(f"old-{turn}", "a", NOW, "{}")
        one.journal(f"old-{turn}").expect([operation(0)], [accepted(0)])

        def fold(turn: int = turn) -> None:
            one.sync("a").fold(f"old-{turn}", "books", f"old-{turn}", PATIENCE)

        def overtake(turn: int = turn) -> None:
            other.runs.begin(f"new-{turn}", "a", NOW, "{}")
            other.sync("a").fold(f"new-{turn}", "books", f"new-{turn}", PATIENCE)

        folded, overtaken = at_once([fold, overtake])
        assert overtaken is None
        assert folded is None or isinstance(folded, RunOvertaken)
        assert one.sync("a").pointer().snapshot == f"new-{turn}"


def test_a_fold_sees_whose_books_the_records_are_when_it_writes(store: Store) -> None:
    store.journal("run-1").expect([operation(0)], [accepted(0)])
    store.sync("a").fold("run-1", "mine", "one", PATIENCE)
    with pytest.raises(OrganisationChanged):
        store.sync("a").fold("run-2", "theirs", "two", PATIENCE)
    assert store.sync("a").pointer() == ("one", "mine", "run-1")


def test_of_persons_who_settle_a_row_at_once_one_is_heard(stores: list[Store]) -> None:
    unsure = Rejection(code="x", message="")
    doubt = Doubt(key="k", run="r", kind="insert", rejection=unsure, candidates=("a", "b"))
    for turn in range(ROUNDS):
        sync = f"sync-{turn}"
        with stores[0]._database.writing() as connection:
            connection.execute(
                insert(rows).values(sync=sync, key="k", state=RowState.UNCERTAIN, run="r", made=False)
            )
        said = at_once([partial(s.doubts(sync).decide, doubt, f"id-{n}", NOW) for n, s in enumerate(stores)])
        assert [type(one) for one in said].count(SettlementRefused) == AT_ONCE - 1
        (kept,) = stores[0].doubts(sync).decided()
        assert stores[0].sync(sync).remote_ids(["k"]) == {"k": kept.booked_as}


def test_a_sync_is_renamed_whole_while_its_overtaken_run_writes(stores: list[Store]) -> None:
    one, other, *_ = stores
    for turn in range(ROUNDS):
        old, new, run = f"old-{turn}", f"new-{turn}", f"run-{turn}"
        one.runs.begin(run, old, NOW, "{}")

        def write(run: str = run) -> None:
            for seq in range(5):
                one.journal(run).expect([operation(seq)], [accepted(seq)])

        def fold(old: str = old, run: str = run) -> None:
            one.sync(old).fold(run, "books", "snapshot", PATIENCE)

        written, renamed = at_once([write, partial(other.rename, old, new)])
        assert (written is None or isinstance(written, RunOvertaken), renamed) == (True, None)
        with pytest.raises(RunOvertaken):
            fold()
        assert [other.runs.newest(name) is None for name in (old, new)] == [True, False]
        assert other.sync(old).pointer().run is None


def test_a_scheduled_sync_is_renamed_while_schedulers_see_its_new_name(stores: list[Store]) -> None:
    one, *others = stores
    for turn in range(ROUNDS):
        old, new = f"old-{turn}", f"new-{turn}"
        one.turns.since({old: "hourly"}, NOW)
        said = {new: "hourly"}
        look = [partial(other.turns.since, said, NOW + timedelta(hours=1)) for other in others]
        renamed, *_ = at_once([partial(one.rename, old, new), *look])
        assert renamed is None
        assert one.turns.since(said, NOW) == {new: NOW}


def test_the_index_is_whole_whoever_fills_it(stores: list[Store]) -> None:
    names = [[record(f"r{number}", f"Name {number} of {n}") for number in range(200)] for n in range(AT_ONCE)]
    for _ in range(3):
        filled = at_once(
            [
                partial(s.index.put, "o", "contacts", found, "w")
                for s, found in zip(stores[1:], names[1:], strict=True)
            ]
            + [lambda: stores[0].index.replace("o", "contacts", reversed(names[0]))]
        )
        assert filled == [None] * AT_ONCE
        found = stores[0].index.by_id("o", "contacts", [f"r{number}" for number in range(200)])
        assert len({one.body["Name"].rpartition(" ")[2] for one in found.values()}) == 1
        assert all(one.keys == {"Name": one.body["Name"].casefold()} for one in found.values())


def test_calls_are_let_in_one_by_one(stores: list[Store]) -> None:
    for turn in range(ROUNDS):
        places = at_once([partial(s.budgets.enter, f"o-{turn}", NOW, _fewer_than_two) for s in stores])
        assert sum(place is not None for place in places) == 2


def test_whoever_asks_for_the_calls_behind_a_number_misses_none(stores: list[Store]) -> None:
    over, seen = Event(), []

    def follow() -> None:
        last = 0
        while True:
            ended = over.is_set()
            for number, _ in stores[0].calls.find("run-1", after=last):
                seen.append(number)
                last = number
            if ended:
                return

    def make(store: Store) -> None:
        for _ in range(40):
            store.calls.record(call())

    with ThreadPoolExecutor(1) as thread:
        following = thread.submit(follow)
        made = at_once([partial(make, s) for s in stores[1:]])
        over.set()
        following.result()
    assert made == [None] * (AT_ONCE - 1)
    assert len(seen) == 40 * (AT_ONCE - 1)


def test_a_sign_in_that_is_renewed_while_the_key_is_rotated_is_kept(
    stores: list[Store],
) -> None:
    one, other, *_ = stores
    for turn in range(ROUNDS):
        one.vault.save("xero", TOKENS)
        renewed = replace(TOKENS, access_token=f"token {turn}")
        assert at_once([partial(one.vault.save, "xero", renewed), other.secrets.reseal]) == [None, 1]
        found = one.vault.load("xero")
        assert found is not None
        assert found.access_token == f"token {turn}"


def test_of_admins_who_remove_each_other_one_stays(stores: list[Store]) -> None:
    cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    access = [Access(store.database, FakeClock(), store.seal, cheap) for store in stores]
    with stores[0].database.writing() as connection:
        admins = [
            people.add(connection, FakeClock(), email=f"{n}@example.com", name=str(n), role=Role.ADMIN)
            for n in range(AT_ONCE)
        ]
    for turn in range(ROUNDS):
        leaving: dict[str, Any] = {"disabled": True} if turn % 2 else {"role": Role.VIEWER}
        changes = [
            partial(each.people.change, shell("root"), admin.id, **leaving)
            for each, admin in zip(access, admins, strict=True)
        ]
        refused = [each for each in at_once(changes) if isinstance(each, Exception)]
        assert [type(each) for each in refused] == [LastAdmin]
        for admin in admins:
            access[0].people.change(shell("root"), admin.id, role=Role.ADMIN, disabled=False)
