"""The files of the state on an object storage: the same stories, and what the storage can do to them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bookward.dbt import fetching
from bookward.errors import (
    ModelRefused,
    SettingInvalid,
    SourceUnreachable,
    StorageRefused,
    StorageUnreachable,
    StoreFailed,
)
from bookward.ports import Progress
from bookward.records import CheckStep
from bookward.store.runs import RunState
from tests.integration.test_dbt_models import manifest
from tests.integration.world import World, moving
from tests.peers.objectstore import READER, WRITER, ObjectStore, as_role, running_object_store

PARTS = ("changes.parquet", "header.json", "operations.parquet", "whole.json")


@pytest.fixture(scope="module")
def objects() -> Iterator[ObjectStore]:
    with running_object_store() as server:
        yield server


@pytest.fixture
def prefix(world: World, objects: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> str:
    """Keep the files of the world's state on the object storage; return below which prefix."""
    for name, value in as_role({}, WRITER).items():
        monkeypatch.setenv(name, value)
    prefix = world.root.parent.name
    world.environ["BOOKWARD_FILES"] = objects.url(prefix)
    return prefix


def kept(world: World, *plans: str) -> set[str]:
    """Return the objects that there are to be for these plans and the snapshot that counts."""
    with closing(world.app()) as app:
        snapshot = app._store.sync("customers").pointer().snapshot
    files = {f"plans/{plan}/{part}" for plan in plans for part in PARTS}
    folder = f"snapshots/customers/{snapshot}"
    return files | {"files.id"} | ({f"{folder}/{snapshot}", f"{folder}/whole.json"} if snapshot else set())


def forget_this_machine(world: World) -> None:
    """Lose every file of the state that lies in its folder, but for the database."""
    for name in ("plans", "snapshots"):
        shutil.rmtree(world.root / ".bookward" / name)


def storage_step(world: World) -> CheckStep:
    """Return the one step in which `check --connect` tests the storage."""
    with closing(world.app()) as app:
        connections = app.check(connect=True).connections
    (storage,) = (connection for connection in connections if connection.kind == "storage")
    (step,) = storage.steps
    return step


def test_runs_keep_their_files_there_and_read_them_from_there(
    world: World, objects: ObjectStore, prefix: str
) -> None:
    world.many(20)
    first = world.run().run
    assert objects.files(prefix) == kept(world, first.plan)
    forget_this_machine(world)
    world.warehouse.execute("UPDATE customers SET email = 'new@example.com' WHERE id = 3")
    second = world.run().run
    assert (second.counts["changes_changed"], second.counts["rows_accepted"]) == (1, 1)
    assert objects.files(prefix) == kept(world, first.plan, second.plan)
    forget_this_machine(world)
    third = world.run().run
    assert third.counts["calls"] == 0
    with closing(world.app()) as app:
        assert app.open_plan(first.plan, "customers").header.operations == {"insert": 20}
    assert objects.files(prefix) == kept(world, first.plan, second.plan, third.plan)


def test_a_plan_is_executed_where_it_was_not_made(world: World, objects: ObjectStore, prefix: str) -> None:
    world.many(5)
    plan = world.plan().header.id
    shutil.rmtree(world.root / ".bookward/plans")
    assert world.run(plan=plan).run.counts["rows_accepted"] == 5
    assert objects.files(prefix) == kept(world, plan)


def test_files_made_before_are_found_where_they_are_and_put_there(
    world: World, objects: ObjectStore, prefix: str
) -> None:
    url = world.environ.pop("BOOKWARD_FILES")
    world.many(5)
    world.run()
    plan = world.plan().header.id
    world.environ["BOOKWARD_FILES"] = url
    run = world.run(plan=plan).run
    assert run.counts["calls"] == 0
    assert objects.files(prefix) == kept(world)
    forget_this_machine(world)
    assert world.run().run.counts["calls"] == 0
    del world.environ["BOOKWARD_FILES"]
    assert world.run().run.counts["calls"] == 0


def test_without_the_url_what_lies_there_is_missed_by_name(
    world: World, objects: ObjectStore, prefix: str
) -> None:
    world.many(5)
    world.run()
    forget_this_machine(world)
    url = world.environ.pop("BOOKWARD_FILES")
    run = world.run().run
    assert (run.state, run.error_code) == (RunState.FAILED, "store_failed")
    assert "set BOOKWARD_FILES as it was" in str(run.error_remedy)
    world.environ["BOOKWARD_FILES"] = url
    assert world.run().run.counts["calls"] == 0


def test_what_is_old_is_forgotten_there_too(world: World, objects: ObjectStore, prefix: str) -> None:
    world.many(1)
    old = world.run().run.plan
    moving(world.clock).sleep(86_400 * 2)
    world.connect()
    younger = world.run().run.plan
    assert objects.files(prefix) == kept(world, old, younger)
    assert {path.name for path in (world.root / ".bookward/plans").iterdir()} == {younger}
    moving(world.clock).sleep(86_400 * 29)
    world.connect()
    youngest = world.run().run.plan
    assert objects.files(prefix) == kept(world, younger, youngest)


def test_a_backup_holds_what_lies_there(
    world: World, objects: ObjectStore, prefix: str, tmp_path: Path
) -> None:
    world.many(5)
    world.run()
    forget_this_machine(world)
    with closing(world.app()) as app:
        app.backup(tmp_path / "state.tar.gz")
    shutil.rmtree(world.root / ".bookward")
    with closing(world.app()) as app:
        app.restore(tmp_path / "state.tar.gz")
    objects.stop()
    try:
        url = world.environ.pop("BOOKWARD_FILES")
        assert world.run().run.counts["calls"] == 0
    finally:
        objects.start()
    world.environ["BOOKWARD_FILES"] = url
    assert world.run().run.counts["calls"] == 0


def test_another_states_files_are_neither_used_nor_removed(
    world: World, objects: ObjectStore, prefix: str
) -> None:
    world.many(5)
    world.run()
    before = objects.files(prefix)
    shutil.rmtree(world.root / ".bookward")
    world.connect()
    run = world.run().run
    assert (run.state, run.error_code) == (RunState.FAILED, "storage_refused")
    assert "another state" in str(run.error_message)
    assert objects.files(prefix) == before


def test_a_damaged_file_is_noticed(world: World, objects: ObjectStore, prefix: str) -> None:
    world.many(5)
    plan = world.run().run.plan
    forget_this_machine(world)
    objects.damage(prefix, f"plans/{plan}/operations.parquet")
    with closing(world.app()) as app, pytest.raises(StoreFailed, match="is not what was put there"):
        app.open_plan(str(plan), "customers")
    assert not (world.root / ".bookward/plans" / str(plan)).exists()


@pytest.mark.nightly  # the client tries again for long
def test_a_storage_that_goes_down_in_mid_run_pauses_it(
    world: World, objects: ObjectStore, prefix: str
) -> None:
    world.many(5)

    def end_when_sending(progress: Progress) -> None:
        if progress.phase == "sending" and not progress.sent:
            objects.stop()

    try:
        run = world.run(on_progress=end_when_sending).run
        assert (run.state, run.error_code) == (RunState.PAUSED, "storage_unreachable")
        assert run.counts["rows_accepted"] == 5
        world.api_calls()
        with pytest.raises(StorageUnreachable):
            world.plan()
        assert [call for call in world.api_calls() if call[0] != "GET"] == []
    finally:
        objects.start()
    report = world.run()
    assert (report.run.state, report.run.counts["calls"]) == (RunState.DONE, 0)
    assert [run.id for run in report.recovered] == [run.id]
    assert len(world.contacts()) == 5
    assert objects.files(prefix) == kept(world, *(r.plan for r in (run, report.run)))


REFUSALS = {
    "wrong key": ({"AWS_ACCESS_KEY_ID": "NOBODY"}, None, "AWS_ACCESS_KEY_ID"),
    "wrong secret": ({"AWS_SECRET_ACCESS_KEY": "guessed"}, None, "AWS_SECRET_ACCESS_KEY"),
    "no right to write": (READER, None, "Allow reading, writing"),
    "no such bucket": ({}, "missing-bucket", "Make the bucket"),
}


@pytest.mark.parametrize("trouble", REFUSALS)
def test_a_storage_that_refuses_stops_the_run_before_anything_is_read(
    world: World, objects: ObjectStore, prefix: str, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, bucket, remedy = REFUSALS[trouble]
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    if bucket:
        world.environ["BOOKWARD_FILES"] = objects.url(prefix, bucket)
    world.many(2)
    world.api_calls()
    run = world.run().run
    assert (run.state, run.error_code) == (RunState.FAILED, "storage_refused")
    assert f"s3://{bucket or 'bookward'}/{prefix}" in str(run.error_message)
    assert remedy in str(run.error_remedy)
    assert "secret" not in str(run.error_message)
    assert world.api_calls() == []
    with pytest.raises(StorageRefused):
        world.plan()
    step = storage_step(world)
    assert not step.ok
    assert remedy in step.remedy


def test_check_tests_the_storage_too(world: World, objects: ObjectStore, prefix: str) -> None:
    before = objects.files(prefix)
    assert storage_step(world).ok
    assert objects.files(prefix) == before


@pytest.mark.parametrize(
    "url",
    [
        "s3://key:secret@bucket/a",
        "s3://key:sec/ret@bucket/a",
        "s3://key@bucket/a",
        "s3://bucket/a?secret_key=hidden",
        "abfs://:p@c/a",
    ],
)
def test_a_url_with_a_key_in_it_is_refused_and_not_repeated(world: World, url: str) -> None:
    world.environ["BOOKWARD_FILES"] = url
    with pytest.raises(SettingInvalid, match="holds a key or a password") as caught:
        world.app()
    assert url not in caught.value.message + caught.value.remedy


@pytest.mark.parametrize("url", ["bucket/prefix", "https://bucket/a", "s3://", "s3:bucket"])
def test_a_url_that_is_none_is_refused(world: World, url: str) -> None:
    world.environ["BOOKWARD_FILES"] = url
    with pytest.raises(SettingInvalid, match="BOOKWARD_FILES is"):
        world.app()


def test_artefacts_of_dbt_are_read_from_a_bucket(
    objects: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in as_role({}, READER).items():
        monkeypatch.setenv(name, value)
    built = json.dumps(manifest(datetime(2026, 11, 2, 9, 30, tzinfo=UTC)))
    with objects._opened().open_output_stream("bookward/shop/target/manifest.json") as file:
        file.write(built.encode())
    found = fetching.at(objects.url("shop/target")).artefacts()
    assert [(model.name, model.primary_key) for model in found.models] == [("customers", ("id",))]
    assert found.built is None
    with pytest.raises(ModelRefused, match=r"no manifest\.json of dbt in s3://bookward/gone\.$"):
        fetching.at(objects.url("gone")).artefacts()
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "guessed")
    with pytest.raises(SourceUnreachable, match=r"manifest\.json of dbt cannot be read"):
        fetching.at(objects.url("shop/target")).artefacts()


def test_keys_in_the_address_of_artefacts_are_not_repeated() -> None:
    with pytest.raises(SourceUnreachable, match=r"from s3://bucket/shop: ") as caught:
        fetching.at("s3://AKIA:top/secret@bucket/shop").artefacts()
    assert "secret" not in caught.value.message


def test_a_misspelt_parameter_of_the_url_is_named(world: World, objects: ObjectStore, prefix: str) -> None:
    world.environ["BOOKWARD_FILES"] += "&regoin=x"
    with pytest.raises(SettingInvalid, match="regoin"):
        world.plan()


def test_a_folder_by_url_keeps_the_files_too(world: World, tmp_path: Path) -> None:
    world.environ["BOOKWARD_FILES"] = f"file://{tmp_path}/kept"
    world.many(5)
    plan = world.run().run.plan
    found = {str(p.relative_to(tmp_path / "kept")) for p in (tmp_path / "kept").rglob("*") if p.is_file()}
    assert found == kept(world, plan)
    forget_this_machine(world)
    assert world.run().run.counts["calls"] == 0
