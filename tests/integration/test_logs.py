"""What processes log: each line says of which run and sync it is, and none holds a secret."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.integration.test_worker import ended
from tests.integration.world import World

BOOKWARD = Path(sys.executable).with_name("bookward")


def environ(world: World, **more: str) -> dict[str, str]:
    return os.environ | world.environ | {"BOOKWARD_LOG_FORMAT": "json", "BOOKWARD_LOG_LEVEL": "debug"} | more


@contextmanager
def started(world: World, *words: str, **more: str) -> Iterator[subprocess.Popen[str]]:
    command, pipe = [BOOKWARD, "-C", world.root, *words], subprocess.PIPE
    with subprocess.Popen(
        command, env=environ(world, **more), stdout=pipe, stderr=pipe, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def logged(said: str) -> list[dict[str, Any]]:
    """Return the lines that are logged; a worker says to people what it does, too."""
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


def test_a_run_tells_its_phases_its_calls_and_its_end_each_with_its_names(world: World) -> None:
    world.many(3)
    with started(world, "run", "customers", "--json") as process:
        shown, said = process.communicate(timeout=60)
    run = json.loads(shown)["syncs"][0]["run"]
    lines = logged(said)
    assert len(lines) == len(said.splitlines())
    ours = [line for line in lines if line["logger"] == "bookward.run"]
    assert {(line["run"], line["sync"]) for line in ours} == {(run["id"], "customers")}
    end = ours[-1]
    assert (ours[0]["event"], end["event"]) == ("The run begins.", "The run ended.")
    assert (end["state"], end["rows_accepted"], end["calls"]) == ("done", 3, run["counts"]["calls"])
    assert len({line.get("organisation") for line in ours if line["event"] == "Called."}) == 1
    phases = [line["phase"] for line in ours if "phase" in line]
    assert phases == ["reading", "comparing", "mapping", "matching", "sending", "folding", "done"]
    sent = [line for line in ours if line.get("purpose") == "send contacts"]
    assert [(line["method"], line["path"][-9:], line["status"], line["rows"]) for line in sent] == [
        ("PUT", "/Contacts", 200, 3)
    ]


def test_a_run_that_fails_warns_and_nothing_else_is_said_by_default(world: World) -> None:
    world.edit("models/customers.sql", "customers", "nothing")
    with started(world, "run", "customers", "--json", BOOKWARD_LOG_LEVEL="") as process:
        _, said = process.communicate(timeout=60)
    (line,) = logged(said)
    assert (line["level"], line["sync"], line["code"]) == ("warning", "customers", "source_failed")


def test_a_worker_and_a_server_tell_what_they_do(world: World) -> None:
    world.many(2)
    with closing(world.app()) as app:
        ticket = app.queue.ask("customers", who="ann@example.com")
        with started(world, "worker") as worker:
            done = ended(app, ticket)
            worker.send_signal(signal.SIGTERM)
            _, said = worker.communicate(timeout=60)
    took, *_, end = [line for line in logged(said) if "sync" in line]
    assert (took["event"], took["ticket"], took["reason"]) == (
        "Took what was asked for.",
        ticket.id,
        "by hand",
    )
    assert (end["event"], end["run"], end["state"]) == ("The run ended.", done.run, "done")
    assert "ann@example.com" not in said

    with started(world, "serve", "--port", "0", "--runs", "0", "--json") as server:
        assert server.stdout is not None
        address = json.loads("".join(server.stdout.readline() for _ in range(4)))["url"]
        with urlopen(f"{address}/healthz", timeout=20) as answer:
            assert answer.status == 200
        server.send_signal(signal.SIGTERM)
        _, said = server.communicate(timeout=60)
    lines = logged(said)
    assert "The server listens." in [line["event"] for line in lines]
    asked = [
        (line["method"], line["route"], line["status"]) for line in lines if line["event"] == "Answered."
    ]
    assert asked == [("GET", "/healthz", 200)]


def test_a_setting_that_is_none_is_refused(world: World) -> None:
    with started(world, "check", "--json", BOOKWARD_LOG_FORMAT="xml") as process:
        shown, _ = process.communicate(timeout=60)
    assert json.loads(shown)["error"]["code"] == "setting_invalid"
