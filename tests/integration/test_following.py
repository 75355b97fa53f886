"""Workers without a folder of the project: a server publishes its files, and they do what it is asked."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from filelock import FileLock, Timeout

from bookward import publishing
from bookward.app import App
from bookward.errors import NotPublished, SettingInvalid
from bookward.project import writing
from bookward.project.bundle import Bundle, bundle
from bookward.project.writing import editing_lock, write_files
from bookward.worker import Worker
from tests.crash.machines import ask, folder_of, on_machine, shared_state
from tests.integration.world import MODEL, SYNC, World
from tests.peers.postgres import wait_until


class Ended(BaseException):
    """The process, between two files of an edit."""


@pytest.fixture
def shared(world: World) -> Iterator[World]:
    with shared_state(world):
        yield world


@contextmanager
def elsewhere(world: World, without: Collection[str] = ()) -> Iterator[App]:
    """Give the app of a machine that has no folder of the project, nor some of its variables."""
    nowhere = world.root.parent / "nowhere"
    nowhere.mkdir(exist_ok=True)
    state = {"BOOKWARD_STATE": str(folder_of(world, "elsewhere"))}
    environment = {name: value for name, value in world.environ.items() if name not in without} | state
    with closing(App(nowhere, clock=world.clock, environ=environment, followed=True)) as app:
        yield app


def ended(app: App, id_: str) -> None:
    wait_until(lambda: app.queue.get(id_).ended_at is not None, "the ticket has not ended")
    assert app.queue.get(id_).said is None


def test_what_is_asked_of_a_server_is_done_where_there_is_no_folder(shared: World) -> None:
    shared.customers((1, "Ann"), (2, "Bob"))
    with closing(shared.app()) as server, elsewhere(shared) as app:
        ticket = server.queue.ask("customers")
        worker = Worker(app, runs=1)
        worker.start()
        try:
            ended(server, ticket.id)
            # What is asked for after an edit is done as the edit says, and nothing of before is left there.
            shared.write("syncs/people.yaml", SYNC)
            (shared.root / "syncs/customers.yaml").unlink()
            shared.customers((3, "Cy"))
            shared.edit("models/customers.sql", "customers", "customers WHERE id <> 2")
            people = server.queue.ask("people", wishes={"as_new": True})
            ended(server, people.id)
            assert list(app.syncs()) == ["people"]
        finally:
            worker.stop()
    assert {contact["Name"] for contact in shared.contacts().values()} == {"Ann", "Bob", "Cy"}
    assert not (shared.root.parent / "nowhere" / ".bookward").exists()


def test_secrets_are_resolved_where_the_worker_is(shared: World) -> None:
    secrets = {"XERO_CLIENT_SECRET", "WAREHOUSE_URL"}
    (shared.root / ".env").write_text("XERO_CLIENT_SECRET=only here\n")
    with closing(shared.app()) as server, elsewhere(shared, secrets) as app:
        server.publish()
        report = app.check()
        said = {problem.path for problem in report.problems}
        assert said == {"destinations/xero.yaml", "sources/warehouse.yaml"}
        server.secrets.set("WAREHOUSE_URL", shared.environ["WAREHOUSE_URL"], "ann@example.com")
        assert {problem.path for problem in app.check().problems} == {"destinations/xero.yaml"}
    assert b"only here" not in _published(shared)


def test_a_broken_file_is_broken_there_too_and_the_good_ones_are_worked_on(shared: World) -> None:
    shared.write("syncs/half.yaml", "model: [")
    with closing(shared.app()) as server, elsewhere(shared) as app:
        server.publish()
        assert {problem.path for problem in app.check().problems} == {"syncs/half.yaml"}
        assert set(app.syncs()) == {"customers", "half"}


def test_the_same_files_are_published_once(shared: World) -> None:
    with closing(shared.app()) as server:
        server.publish()
        before = ask(shared, "SELECT digest, at FROM published_project")
        (shared.root / "models" / "customers.sql").touch()
        server.publish()
        assert ask(shared, "SELECT digest, at FROM published_project") == before
        shared.write("models/customers.sql", "SELECT id, name FROM customers\n")
        server.publish()
        assert ask(shared, "SELECT digest FROM published_project") != before


def cut_off(_place: str) -> None:
    raise Ended


def test_an_edit_is_published_whole_though_it_was_cut_off_or_is_under_way(
    shared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = folder_of(shared, "one")
    new = {"models/customers.yaml": MODEL.encode() + b"# new\n", "models/customers.sql": b"SELECT 1 AS id\n"}
    with closing(shared.app()) as server:
        server.publish()
        with monkeypatch.context() as patched, editing_lock(shared.root, state):
            patched.setattr(writing, "failpoint", cut_off)
            with pytest.raises(Ended):
                write_files(shared.root, state, new)

        def alone(root: Path) -> Bundle:
            with pytest.raises(Timeout):
                FileLock(state / "locks" / "project-files.lock", timeout=0).acquire()
            return bundle(root)

        monkeypatch.setattr(publishing, "bundle", alone)
        server.publish()
    with ZipFile(BytesIO(_published(shared))) as archive:
        assert {name: archive.read(name) for name in new} == new


def test_nothing_to_follow_is_told(shared: World) -> None:
    with elsewhere(shared) as app, pytest.raises(NotPublished, match="No project is published"):
        app.syncs()
    with pytest.raises(SettingInvalid, match="BOOKWARD_DATABASE_URL is not set"):
        App(shared.root.parent, environ={}, followed=True)


def test_a_worker_process_waits_for_the_project_and_then_works(shared: World) -> None:
    shared.customers((1, "Ann"))
    nowhere = shared.root.parent / "nowhere"
    nowhere.mkdir()
    on_machine(shared, "elsewhere")
    process = subprocess.Popen(
        [Path(sys.executable).with_name("bookward"), "worker", "--follow", "--runs", "1"],
        cwd=nowhere,
        env=os.environ | shared.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        assert "No project is published" in process.stderr.readline()
        on_machine(shared, "one")
        with closing(shared.app()) as server:
            ended(server, server.queue.ask("customers").id)
    finally:
        process.terminate()
        process.communicate()
    assert process.returncode == 0
    assert [contact["Name"] for contact in shared.contacts().values()] == ["Ann"]


def _published(world: World) -> Any:
    return bytes(ask(world, "SELECT files FROM published_project")[0][0])
