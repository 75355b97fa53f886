from __future__ import annotations

import stat
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from bookward.errors import NameUnknown, RateLimited, StoreFailed, SyncBusy
from bookward.ports import Tokens
from bookward.records import (
    ApiCall,
    ChangeKind,
    Intent,
    Operation,
    OperationKind,
    Organisation,
    Outcome,
    OutcomeStatus,
    Rejection,
    RemoteRecord,
)
from bookward.settings import Settings
from bookward.store.refusals import Patience
from bookward.store.runs import RunState
from bookward.store.store import Store
from bookward.store.tables import metadata
from tests.fakes import FakeClock
from tests.unit.store.conftest import ONLY_SQLITE
from tests.unit.store.older import opened

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PATIENCE = Patience(at=NOW, park_after=8)
TOKENS = Tokens(
    access_token="acc-secret",
    refresh_token="ref-secret",
    expires_at=NOW,
    scope="accounting.contacts",
    tenant_id="t-1",
    tenant_name="Demo Company",
)


def operation(seq: int, kind: OperationKind = OperationKind.INSERT, **more: object) -> Operation:
    return Operation(seq=seq, key=f"k{seq}", change=ChangeKind.ADDED, kind=kind, **more)  # type: ignore[arg-type]


def accepted(seq: int) -> Outcome:
    return Outcome(seq=seq, key=f"k{seq}", status=OutcomeStatus.ACCEPTED, remote_id=f"r{seq}")


def rejected(seq: int) -> Outcome:
    reason = Rejection(code="remote_rejected", message="Name taken", remedy="Rename", field="Name")
    return Outcome(seq=seq, key=f"k{seq}", status=OutcomeStatus.REJECTED, rejection=reason)


def intent(batch: str, *seqs: int) -> Intent:
    return Intent(
        batch=batch,
        run="run-1",
        seqs=seqs,
        method="PUT",
        path="Contacts",
        body=b'{"Contacts":[]}',
        idempotency_key=f"key-{batch}",
        at=NOW,
    )


def call(**more: object) -> ApiCall:
    values: dict[str, object] = {
        "run": "run-1",
        "destination": "xero",
        "at": NOW,
        "purpose": "send contacts",
        "method": "PUT",
        "url": "http://localhost/Contacts",
        "status": 200,
        "duration_ms": 12.5,
        "request_headers": {"accept": "application/json"},
        "request_body": b"sent",
        "response_headers": {"x-minlimit-remaining": "59"},
        "response_body": b"got O\xe2\x80\x99Brien",
        "rows": 3,
    }
    return ApiCall(**(values | more))  # type: ignore[arg-type]


@ONLY_SQLITE
def test_the_state_is_readable_by_its_owner_only(store: Store) -> None:
    assert stat.S_IMODE((store.folder / "state.db").stat().st_mode) == 0o600
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700


@ONLY_SQLITE
def test_commits_survive_a_power_cut(store: Store) -> None:
    with store._database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    for at_once, wanted in ((True, 2), (False, 1), (True, 2)):
        with store._database.writing(at_once=at_once) as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == wanted


def test_tokens_come_back_and_are_sealed_on_disk(store: Store) -> None:
    assert store.vault.load("xero") is None
    store.vault.save("xero", TOKENS)
    assert store.vault.load("xero") == TOKENS
    with store._database.reading() as connection:
        (kept,) = connection.exec_driver_sql("SELECT sealed FROM tokens").one()
    on_disk = kept + b"".join(path.read_bytes() for path in store.folder.glob("state.db*"))
    assert b"acc-secret" not in on_disk
    assert b"ref-secret" not in on_disk


def test_tokens_sealed_with_another_key_are_a_clear_error(store: Store, settings: Settings) -> None:
    store.vault.save("xero", TOKENS)
    settings.key_file.unlink()
    other = Store(settings, FakeClock())
    with pytest.raises(StoreFailed, match="another key") as caught:
        other.vault.load("xero")
    assert "BOOKWARD_KEY" in caught.value.remedy
    other.close()


def test_connections_that_stay_busy_are_a_clear_error(store: Store) -> None:
    pool = store._database._engine.pool
    pool._timeout = 0.01  # type: ignore[attr-defined]
    with ExitStack() as busy:
        for _ in range(15):
            busy.enter_context(store._database.reading())
        with pytest.raises(StoreFailed, match="all connections of this process"):
            store.runs.list()


def test_a_new_state_has_the_tables_that_the_code_knows(store: Store) -> None:
    with store._database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_state_of_a_newer_release_is_refused(store: Store, settings: Settings) -> None:
    store.close()
    with opened(settings) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreFailed, match="newer Bookward"):
        Store(settings, FakeClock())


def test_an_intent_is_open_until_it_is_settled(store: Store) -> None:
    journal = store.journal("run-1")
    journal.expect([operation(0), operation(1), operation(2)])
    journal.intend(intent("a", 0, 1, 2))
    assert journal.open_intents() == [intent("a", 0, 1, 2)]
    journal.settle("a", [accepted(0)], [intent("b", 1), intent("c", 2)])
    assert [open_.batch for open_ in journal.open_intents()] == ["b", "c"]
    assert store.runs.has_open_intents("run-1")
    journal.settle("b", [rejected(1)])
    journal.settle("c", [accepted(2)])
    assert journal.open_intents() == []
    assert not store.runs.has_open_intents("run-1")


def test_settling_twice_keeps_the_first_outcome(store: Store) -> None:
    journal = store.journal("run-1")
    journal.expect([operation(0)])
    journal.intend(intent("a", 0))
    journal.settle("a", [accepted(0)])
    journal.settle("a", [rejected(0)])
    assert [row.status for row in store.runs.rows("run-1")] == ["accepted"]


def test_rows_without_an_outcome_are_pending(store: Store) -> None:
    store.journal("run-1").expect([operation(0), operation(1)], [rejected(1)])
    assert store.runs.outcome_counts("run-1") == {"pending": 1, "rejected": 1}
    (row,) = store.runs.rows("run-1", status="rejected")
    assert (row.key, row.code, row.field) == ("k1", "remote_rejected", "Name")
    assert [row.key for row in store.runs.rows("run-1", search="NAME TAKEN")] == ["k1"]
    assert [row.seq for row in store.runs.rows("run-1", after=0)] == [1]


def test_the_syncs_that_were_run_are_named_once(store: Store) -> None:
    assert store.runs.syncs() == []
    for number, sync in enumerate(["paid", "invoices", "paid", "contacts", "paid"]):
        store.runs.begin(f"run-{number}", sync, NOW, "{}")
    assert store.runs.syncs() == ["contacts", "invoices", "paid"]


def test_folding_moves_the_pointer_and_the_rows_together(store: Store) -> None:
    state = store.sync("contacts")
    store.runs.begin("run-1", "contacts", NOW, "{}")
    store.runs.plan("run-1", "plan-1", Organisation(id="books-1", name="Books"))
    assert [run.id for run in store.runs.unfolded("contacts")] == ["run-1"]
    store.journal("run-1").expect([operation(0), operation(1)], [accepted(0), rejected(1)])
    state.fold("run-1", "t-1", "snap-1", PATIENCE)
    assert state.pointer() == ("snap-1", "t-1", "run-1")
    assert state.remote_ids(["k0", "k1"]) == {"k0": "r0"}
    assert state.owners(["r0", "r1"]) == {"r0": "k0"}
    assert store.runs.unfolded("contacts") == []


def test_a_removed_row_keeps_its_record_but_owns_it_no_more(store: Store) -> None:
    state = store.sync("contacts")
    store.journal("run-1").expect([operation(0)], [accepted(0)])
    state.fold("run-1", "t-1", "snap-1", PATIENCE)
    removal = Operation(seq=0, key="k0", change=ChangeKind.REMOVED, kind=OperationKind.KEEP)
    kept = Outcome(seq=0, key="k0", status=OutcomeStatus.KEPT)
    store.journal("run-2").expect([removal], [kept])
    state.fold("run-2", "t-1", "snap-2", PATIENCE)
    assert state.remote_ids(["k0"]) == {}
    assert state.former_ids(["k0"]) == {"k0": "r0"}
    assert state.owners(["r0"]) == {}


def test_a_row_that_comes_back_and_is_rejected_does_not_own_its_former_record(store: Store) -> None:
    state = store.sync("contacts")
    store.journal("run-1").expect([operation(0)], [accepted(0)])
    state.fold("run-1", "t-1", "snap-1", PATIENCE)
    removal = Operation(seq=0, key="k0", change=ChangeKind.REMOVED, kind=OperationKind.KEEP)
    kept = Outcome(seq=0, key="k0", status=OutcomeStatus.KEPT)
    store.journal("run-2").expect([removal], [kept])
    state.fold("run-2", "t-1", "snap-2", PATIENCE)
    store.journal("run-3").expect([operation(0, OperationKind.REJECT)], [rejected(0)])
    state.fold("run-3", "t-1", "snap-3", PATIENCE)
    assert state.owners(["r0"]) == {}
    assert state.former_ids(["k0"]) == {"k0": "r0"}


def test_a_row_about_to_leave_keeps_its_record_until_other_syncs_have_let_it_go(store: Store) -> None:
    state, other = store.sync("contacts"), store.sync("vips")
    store.journal("run-1").expect([operation(0)], [accepted(0)])
    state.fold("run-1", "t-1", "snap-1", PATIENCE)
    assert other.owned_by(["contacts"], ["r0"]) == {"r0"}
    leaving = Operation(seq=0, key="k0", change=ChangeKind.REMOVED, kind=OperationKind.HOLD)
    store.journal("run-2").expect([leaving], [Outcome(seq=0, key="k0", status=OutcomeStatus.HELD)])
    state.fold("run-2", "t-1", "snap-1", PATIENCE)
    assert [list(part) for part in store.runs.taken("run-2")] == []
    assert state.remote_ids(["k0"]) == {"k0": "r0"}
    assert state.owners(["r0"]) == {"r0": "k0"}
    assert other.owned_by(["contacts"], ["r0"]) == set()
    state.fold(
        "run-3", "t-1", "snap-1", PATIENCE
    )  # a plan without this row: it is back in the model, as it was
    assert other.owned_by(["contacts"], ["r0"]) == {"r0"}


def test_rows_without_a_key_of_their_own_get_no_state(store: Store) -> None:
    state = store.sync("contacts")
    reason = Rejection(code="key_null", message="null")
    none = Outcome(seq=0, key="row 17", status=OutcomeStatus.REJECTED, rejection=reason)
    store.journal("run-1").expect([operation(0, OperationKind.REJECT)], [none])
    state.fold("run-1", "t-1", None, PATIENCE)
    with store._database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM rows").scalar() == 0


def test_the_snapshot_takes_over_what_was_settled_for_good(store: Store) -> None:
    store.journal("run-1").expect(
        [operation(seq) for seq in range(3)], [accepted(0), rejected(1), accepted(2)]
    )
    assert list(store.runs.taken("run-1")) == [[0, 2]]


def test_a_configuration_is_numbered_once(store: Store) -> None:
    state = store.sync("contacts")
    first, second, again = state.config("one"), state.config("two"), state.config("one")
    assert (first.version, second.version, again.version) == (1, 2, 1)
    assert state.config_body(2) == "two"
    assert store.sync("other").config("two").version == 1


def test_runs_are_found_by_the_beginning_of_their_id(store: Store) -> None:
    store.runs.begin("abc-1", "contacts", NOW, "{}")
    store.runs.begin("abd-2", "contacts", NOW + timedelta(seconds=1), "{}")
    assert store.runs.get("abc").id == "abc-1"
    assert store.runs.get("last").id == "abd-2"
    with pytest.raises(NameUnknown, match="more than one"):
        store.runs.get("ab")
    with pytest.raises(NameUnknown, match="no run"):
        store.runs.get("x")
    assert [run.id for run in store.runs.list()] == ["abd-2", "abc-1"]


def test_a_run_tells_how_it_ended(store: Store) -> None:
    store.runs.begin("r", "contacts", NOW, "{}")
    store.runs.end("r", RunState.FAILED, NOW, {"rows": 3}, StoreFailed("no room", remedy="make room"))
    run = store.runs.get("r")
    assert (run.state, run.counts, run.error_code, run.error_remedy) == (
        RunState.FAILED,
        {"rows": 3},
        "store_failed",
        "make room",
    )
    assert (run.finished_at, run.resume_at) == (NOW, None)


def test_a_paused_run_knows_when_it_can_go_on(store: Store) -> None:
    waits = {"a": timedelta(hours=15), "b": timedelta(0), "c": None}
    for id_, wait in waits.items():
        store.runs.begin(id_, "contacts", NOW, "{}")
        store.runs.end(id_, RunState.PAUSED, NOW, {}, RateLimited("too many", wait=wait))
    known = {id_: store.runs.get(id_).resume_at for id_ in waits}
    assert known == {"a": NOW + timedelta(hours=15), "b": NOW, "c": None}


def test_one_run_of_a_sync_at_a_time(store: Store) -> None:
    with store.locks.running("contacts"):
        with pytest.raises(SyncBusy), store.locks.running("contacts"):
            pass
        with store.locks.running("other"):
            pass
    with store.locks.running("contacts"):
        pass


def test_calls_are_found_by_status_and_text(store: Store) -> None:
    store.calls.record(call())
    store.calls.record(call(status=500, response_body=b"", error="half an answer"))
    store.calls.record(call(run="run-2"))
    assert [found.status for _, found in store.calls.find("run-1")] == [200, 500]
    assert [found.status for _, found in store.calls.find("run-1", failed=True)] == [500]
    assert [found.status for _, found in store.calls.find("run-1", text="brien")] == [200]
    assert store.calls.count("run-1") == 2
    number = next(number for number, _ in store.calls.find("run-1"))
    assert [found.status for _, found in store.calls.find("run-1", after=number)] == [500]


def test_bodies_are_forgotten_and_the_calls_stay(store: Store) -> None:
    store.calls.record(call(at=NOW - timedelta(days=31)))
    store.calls.record(call())
    assert store.calls.forget_bodies(NOW - timedelta(days=30)) == 1
    old, new = [found for _, found in store.calls.find("run-1")]
    assert (old.request_body, old.response_body, old.status) == (b"", b"", 200)
    assert new.request_body == b"sent"


def record(remote_id: str, name: str, archived: bool = False) -> RemoteRecord:
    return RemoteRecord(
        remote_id=remote_id,
        body={"Name": name, "Discount": Decimal("1.10")},
        archived=archived,
        keys={"Name": name.casefold()},
    )


def test_the_index_finds_records_and_forgets_old_names(store: Store) -> None:
    assert store.index.mark("t-1", "contacts").watermark is None
    store.index.put("t-1", "contacts", [record("a", "Ann"), record("b", "Ann", archived=True)], "w1")
    assert store.index.mark("t-1", "contacts").watermark == "w1"
    found = store.index.by_key("t-1", "contacts", "Name", ["ann", "bob"])
    assert {key: [r.remote_id for r in records] for key, records in found.items()} == {"ann": ["a", "b"]}
    store.index.put("t-1", "contacts", [record("a", "Bob")])
    assert [r.remote_id for r in store.index.by_key("t-1", "contacts", "Name", ["ann"])["ann"]] == ["b"]
    assert store.index.by_id("t-1", "contacts", ["a", "zz"]) == {"a": record("a", "Bob")}
    assert store.index.by_id("t-2", "contacts", ["a"]) == {}


def test_the_index_holds_many_records(store: Store) -> None:
    many = [record(f"r{number}", f"Name {number}") for number in range(1200)]
    store.index.put("t-1", "contacts", iter(many))
    names = [f"name {number}" for number in range(1200)]
    assert len(store.index.by_key("t-1", "contacts", "Name", names)) == 1200
