"""The state in a database, as a person meets it: `check`, `backup`, other machines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from bookward.errors import BackupRefused, SettingInvalid
from bookward.store import opening
from bookward.store.database import Database, revisions
from bookward.store.runs import RunState
from tests.crash.machines import on_machine, shared_state
from tests.integration.test_run_all import bookward
from tests.integration.world import World, moving


@pytest.fixture
def shared(world: World) -> Iterator[World]:
    with shared_state(world):
        yield world


def steps(world: World) -> dict[str, tuple[bool, str, str]]:
    """Return what `check --connect` says of the database, by step."""
    with closing(world.app()) as app:
        (found,) = (one for one in app.check(connect=True).connections if one.kind == "database")
    assert world.warehouse.password not in repr(found)
    return {step.name: (step.ok, step.detail, step.remedy) for step in found.steps}


def test_check_looks_whether_tables_are_there_or_can_be_made(shared: World) -> None:
    with closing(shared.app()) as app:
        app._store._database.close()
        with app._store._database.writing() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    assert steps(shared)["tables"][:2] == (True, "none yet; the first run makes them")
    # To look into the books it has to know the sign-in.
    assert steps(shared)["tables"][:2] == (True, f"revision {revisions()[-1]}")


def test_check_says_whether_the_server_keeps_what_it_is_given(shared: World) -> None:
    assert steps(shared)["reach"][1].startswith("PostgreSQL ")
    # The tests' own server is set to be fast.
    assert steps(shared)["durable"][:2] == (
        False,
        "fsync and full_page_writes off: a power cut may lose intents",
    )


def test_check_says_where_the_files_are(shared: World) -> None:
    shared.customers((1, "Ann"))
    storage = shared.environ.pop("BOOKWARD_FILES")
    assert shared.run().run.state is RunState.DONE
    ok, said, _ = steps(shared)["files"]
    assert (ok, "BOOKWARD_FILES" in said) == (True, True)
    on_machine(shared, "other")
    ok, said, remedy = steps(shared)["files"]
    assert (ok, "machine-one" in said, "BOOKWARD_FILES" in remedy) == (False, True, True)
    on_machine(shared, "one")
    shared.environ["BOOKWARD_FILES"] = storage
    assert shared.run().run.counts["calls"] == 0
    on_machine(shared, "other")
    assert steps(shared)["files"][:2] == (True, storage)
    assert shared.run().run.counts["calls"] == 0
    del shared.environ["BOOKWARD_FILES"]
    assert steps(shared)["files"][0] is False


def test_a_second_machine_without_a_storage_is_told_so_before_it_sends_anything(shared: World) -> None:
    shared.customers((1, "Ann"))
    del shared.environ["BOOKWARD_FILES"]
    shared.run()
    shared.customers((2, "Bob"))
    on_machine(shared, "other")
    shared.api_calls()
    for verb in (shared.plan, shared.run):
        with pytest.raises(SettingInvalid, match="are kept elsewhere"):
            verb()
    assert [call for call in shared.api_calls() if call[0] != "GET"] == []
    with closing(shared.app()) as app:
        assert [run.state for run in app.history()][-1] is RunState.DONE


def test_the_last_plan_is_the_newest_of_all_machines(shared: World) -> None:
    shared.customers((1, "Ann"))
    shared.plan()
    on_machine(shared, "other")
    moving(shared.clock).jump(minutes=1)
    newest = shared.plan().header.id
    on_machine(shared, "one")
    with closing(shared.app()) as app:
        assert app.open_plan("last", "customers").header.id == newest
    assert shared.run(plan="last").run.plan == newest
    shared.customers((2, "Bob"))
    moving(shared.clock).jump(minutes=1)
    executed = shared.run().run
    on_machine(shared, "other")
    with closing(shared.app()) as app:
        assert app.open_plan("last", "customers").header.id == executed.id


def test_a_plan_goes_with_its_sync_though_that_is_renamed_on_another_machine(shared: World) -> None:
    shared.customers((1, "Ann"))
    shared.run()
    shared.customers((2, "Bob"))
    plan = shared.plan().header.id
    on_machine(shared, "other")
    with closing(shared.app()) as app:
        app.rename("customers", "clients")
        assert app.open_plan(plan, "clients").header.sync == "clients"
    on_machine(shared, "one")
    assert shared.run("clients", plan=plan).run.state is RunState.DONE
    assert len(shared.contacts()) == 2


def test_an_open_state_is_not_looked_for_with_another_connection(
    shared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, connect = list[str](), opening._postgres

    def noted(url: str) -> Database:
        made.append(url)
        return connect(url)

    monkeypatch.setattr(opening, "_postgres", noted)
    with closing(shared.app()) as app:
        app.secrets.set("WAREHOUSE_URL", shared.environ.pop("WAREHOUSE_URL"), "ann@example.com")
        made.clear()
        for name in ("one", "another"):
            shared.write("project.yaml", f"name: {name}\n")
            assert not app.check().problems
    assert made == []


def test_a_database_is_backed_up_by_its_own_means(shared: World) -> None:
    shared.run()
    file = shared.root / "backup.tar.gz"
    with closing(shared.app()) as app:
        for verb in (app.backup, app.restore):
            with pytest.raises(BackupRefused, match="BOOKWARD_DATABASE_URL") as caught:
                verb(file)
            assert "pg_dump" in caught.value.remedy
    assert not file.exists()
    said = bookward(shared, "backup", str(file), "--json")
    assert (said.exit_code, json.loads(said.stdout)["error"]["code"]) == (1, "backup_refused")


@pytest.mark.parametrize("verb", [("run", "customers"), ("history",), ("check",), ("secret", "list")])
def test_a_database_that_does_not_answer_is_one_clear_error(shared: World, verb: tuple[str, ...]) -> None:
    shared.write("sources/other.yaml", "type: postgres\nurl: ${ELSEWHERE}\n")
    shared.environ["BOOKWARD_DATABASE_URL"] = "postgresql://me:pass-word@127.0.0.1:1/books"
    said: Any = bookward(shared, *verb, "--json")
    assert said.exit_code == 1
    assert "pass-word" not in said.stdout
    error = json.loads(said.stdout)["error"]
    assert error["code"] == "store_failed"
    assert error["message"].startswith("BOOKWARD_DATABASE_URL: the database 127.0.0.1:1/books cannot be used")
