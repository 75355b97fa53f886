"""The command line with `--server`: real processes on both sides, and a local Xero."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from bookward.cli.backend import Backend
from bookward.cli.main import command_line
from bookward.demo.xero.faults import Fault, FaultKind
from tests.integration.web.test_process import ANA, BOOKWARD, Process, secret_of, serving
from tests.integration.world import World
from tests.peers.postgres import wait_until


@pytest.fixture
def port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return str(listener.getsockname()[1])


class Remote:
    """The command line of somebody who has a token of a server."""

    def __init__(self, process: Process, role: str = "approver") -> None:
        self.environ = os.environ | {"BOOKWARD_SERVER": process.url}
        self.environ["BOOKWARD_TOKEN"] = _token(process, role)
        self.url = process.url

    def start(self, *words: str, **environ: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [BOOKWARD, *words],
            env=self.environ | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def said(self, *words: str, **environ: str) -> tuple[int, str, str]:
        done = CliRunner().invoke(command_line, words, env=self.environ | environ, obj=Backend())
        return done.exit_code, done.stdout, done.stderr

    def json(self, *words: str, **environ: str) -> tuple[int, dict[str, Any]]:
        code, out, err = self.said(*words, "--json", **environ)
        assert out, err
        return code, json.loads(out)


def _token(process: Process, role: str) -> str:
    with httpx.Client(base_url=f"{process.url}/api/v1") as client:
        if process.first_admin:
            said = {"secret": secret_of(process.first_admin), "name": "Ana"} | ANA
            client.post("/join", json=said).raise_for_status()
        session = client.post("/session", json=ANA).raise_for_status().json()
        client.headers["X-CSRF-Token"] = session["csrf"]
        made = client.post("/tokens", json={"name": "ci", "role": role}).raise_for_status().json()
    token: str = made["token"]
    return token


@pytest.fixture
def project(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    for name, value in world.environ.items():
        monkeypatch.setenv(name, value)
    return world


@contextmanager
def remote(world: World, *words: str) -> Iterator[Remote]:
    with serving(world.root, *words) as process:
        yield Remote(process)


def here(world: World, *words: str) -> dict[str, Any]:
    done = CliRunner().invoke(command_line, ["-C", str(world.root), *words, "--json"], obj=Backend())
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_what_is_shown_from_afar_is_what_is_shown_here(project: World) -> None:
    project.many(3)
    project.customers((4, "Customer 1"))  # the name is taken: refused
    with remote(project) as far:
        code, planned = far.json("plan", "customers", "--all")
        assert (code, project.contacts()) == (3, {})
        shown = here(project, "plan", "customers", "--show", planned["plan"]["id"], "--all")
        assert planned["plan"] == shown["plan"]
        assert planned["operations"] == shown["operations"]
        code, ran = far.json("run", "customers", "--plan", planned["plan"]["id"])
        assert (code, len(project.contacts())) == (3, 2)
        (sync,) = ran["syncs"]
        assert (sync["run"]["state"], sync["run"]["counts"]["rows_accepted"]) == ("done", 2)
        for words in (
            ("history",),
            ("rows", "last"),
            ("rows", "customers", "--waiting"),
            ("calls", "last", "--full"),
            ("check",),
            ("schedule",),
        ):
            assert far.json(*words) == (0, here(project, *words)), words
        code, text, _ = far.said("run", "customers")
        assert code == 3
        assert "Test company" not in text
        assert "See why:  bookward rows 2" in text
        code, text, _ = far.said("calls", "last")
        assert (code, text != "") == (0, True)


def test_a_trial_a_guard_and_an_approval(project: World) -> None:
    project.many(4)
    project.edit("syncs/customers.yaml", "model:", "guards: {max_changes: 1}\nmodel:")
    with remote(project) as far:
        assert far.json("run", "customers", "--rows", "1")[0] == 0
        code, parked = far.json("run", "customers")
        plan = parked["syncs"][0]["run"]["id"]  # a parked plan has the name of its run
        assert (code, parked["syncs"][0]["run"]["state"]) == (4, "parked")
        editor = _as(far, "editor")
        code, refused = editor.json("run", "customers", "--approve", plan)
        assert (code, refused["error"]["code"]) == (1, "role_too_low")
        assert far.json("run", "customers", "--approve", plan)[0] == 0
    assert len(project.contacts()) == 4


def test_what_keeps_a_plan_from_being_made_is_told_as_beside_the_project(project: World) -> None:
    project.many(1)
    with remote(project) as far:
        assert far.json("run", "customers")[0] == 0
        project.edit("models/customers.yaml", "primary_key: id", "primary_key: name")
        code, said = far.json("plan", "customers")
        assert (code, said) == (1, here(project, "plan", "customers"))
        assert (said["error"]["code"], said["error"]["remedy"] != "") == ("key_changed", True)
        code, said = far.json("run", "customers")
        assert (code, said["syncs"][0]["run"]["error"]["code"]) == (1, "key_changed")
        project.edit("models/customers.yaml", "primary_key: name", "primary_key: id")
        project.xero.faults.add(Fault(kind=FaultKind.RATE_LIMIT, seconds=4_000, problem="day"))
        code, said = far.json("plan", "customers", "--full")
        assert (code, said["error"]["code"]) == (4, "rate_limited")


def _as(far: Remote, role: str) -> Remote:
    return Remote(Process(running=None, url=far.url, first_admin=None), role)  # type: ignore[arg-type]  # asked only


def test_a_server_that_is_started_again_is_waited_for_and_runs_once(project: World, port: str) -> None:
    project.many(3)
    with serving(project.root, "--port", port, "--runs", "0") as idle:
        far = Remote(idle)
        running = far.start("run", "customers", "--wait")
        assert running.stderr
        assert b"customers" in running.stderr.readline()  # it was told that its ticket waits
        idle.end(signal.SIGKILL)
    with running, serving(project.root, "--port", port):
        out, err = running.communicate(timeout=60)
    assert (running.returncode, b"customers  done" in out) == (0, True), out + err
    assert b"does not answer" in err
    assert len(project.contacts()) == 3
    assert len(here(project, "history")["runs"]) == 1


def test_ctrl_c_cancels_on_the_server(project: World) -> None:
    project.many(1)
    with remote(project, "--runs", "0") as far:
        running = far.start("run", "customers", "--wait")
        wait_until(
            lambda: bool(here(project, "schedule")["syncs"][0]["tickets"]), "nothing was asked for", 30
        )
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)
        assert running.returncode == 130
        assert b"Asking the server to end it cleanly" in err
        assert here(project, "schedule")["syncs"][0]["tickets"] == []


def test_each_trouble_is_one_clear_error(project: World, port: str, tmp_path: Path) -> None:
    with remote(project) as far:
        file = tmp_path / "token"
        file.write_text(far.environ["BOOKWARD_TOKEN"] + "\n")
        assert far.json("--token-file", str(file), "history", BOOKWARD_TOKEN="") == (0, {"runs": []})
        viewer = _as(far, "viewer")
        code, said = far.json("history", BOOKWARD_TOKEN="bwt_wrong")
        assert (code, said["error"]["code"]) == (1, "sign_in_needed")
        code, said = viewer.json("run", "customers")
        assert (code, said["error"]["code"]) == (1, "role_too_low")
        code, said = far.json("run", "custmers")
        assert (code, said["error"]["code"]) == (2, "name_unknown")
        for words in (
            ("backup", "x"),
            ("check", "--connect"),
            ("run", "--all"),
            ("run", "customers", "--as-new"),
        ):
            code, said = far.json(*words)
            assert (code, said["error"]["code"]) == (2, "usage"), words
            assert "server" in said["error"]["message"]
        code, said = far.json("history", BOOKWARD_TOKEN="")
        assert (code, said["error"]["code"]) == (2, "usage")
        code, said = far.json("history", BOOKWARD_SERVER=f"http://127.0.0.1:{port}")
        assert (code, said["error"]["code"]) == (4, "server_unreachable")
        code, said = far.json("history", BOOKWARD_SERVER=project.xero.url)
        assert (code, said["error"]["code"]) == (1, "server_unlike")
        code, _, err = far.said("history", BOOKWARD_SERVER=f"http://0.0.0.0:{port}")
        assert "Plain http" in err
