"""`bookward serve` as a process: from the first link to an invited person, killed, started again, stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from tests.integration.web.site import PASSWORD, code_of

BOOKWARD = str(Path(sys.executable).with_name("bookward"))
ANA = {"email": "ana@example.com", "password": PASSWORD}


@dataclass
class Process:
    running: subprocess.Popen[bytes]
    url: str
    first_admin: str | None

    def end(self, number: int) -> int:
        self.running.send_signal(number)
        return self.running.wait(60)


@contextmanager
def serving(root: Path, *words: str, bookward: str = BOOKWARD) -> Iterator[Process]:
    command = [bookward, "-C", str(root), "serve", "--port", "0", "--json", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        try:
            assert running.stdout
            said = b"".join(iter(running.stdout.readline, b"}\n")) + b"}"
            told = json.loads(said)
            yield Process(running, told["url"], told["first_admin"])
        finally:
            running.kill()


def user(root: Path, *words: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [BOOKWARD, "-C", str(root), "user", *words, "--json"], capture_output=True, check=False, timeout=60
    )
    return done.returncode, json.loads(done.stdout)


def secret_of(link: str | None) -> str:
    assert link
    return link.partition("#")[2]


def test_from_the_first_link_to_an_invited_person_across_a_kill(root: Path) -> None:
    with serving(root) as process, httpx.Client(base_url=process.url) as client:
        said = {"secret": secret_of(process.first_admin), "name": "Ana Ito"} | ANA
        assert client.post("/api/v1/join", json=said).status_code == 201
        assert code_of(client.post("/api/v1/join", json=said)) == (410, "link_dead")
        me = client.post("/api/v1/session", json=ANA).json()
        assert (me["name"], me["role"]) == ("Ana Ito", "admin")
        client.headers["X-CSRF-Token"] = me["csrf"]
        invited = client.post("/api/v1/invitations", json={"email": "ben@example.com", "role": "editor"})
        cookies, csrf = client.cookies, me["csrf"]
        assert process.end(signal.SIGKILL) == -signal.SIGKILL

    with serving(root) as process, httpx.Client(base_url=process.url, cookies=cookies) as client:
        assert process.first_admin is None
        assert client.get("/api/v1/session").json()["csrf"] == csrf
        link = invited.json()["url"]
        assert link.startswith("http://localhost:")
        joined = {"secret": secret_of(link), "name": "Ben", "password": PASSWORD}
        assert httpx.post(f"{process.url}/api/v1/join", json=joined).json()["role"] == "editor"
        people = client.get("/api/v1/people").json()["items"]
        assert [each["email"] for each in people] == ["ana@example.com", "ben@example.com"]
        log = client.get("/api/v1/audit").json()["items"]
        assert [(line["action"], line["who"]) for line in reversed(log)][1:] == [
            ("person.join", "ana@example.com"),
            ("session.begin", "ana@example.com"),
            ("link.make", "ana@example.com"),
            ("person.join", "ben@example.com"),
        ]
        assert log[-1]["via"] == "shell"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_at_work_ends_before_the_server_stops(root: Path, number: int) -> None:
    with serving(root) as process:
        address, body = httpx.URL(process.url), json.dumps({"secret": "none"})
        with closing(HTTPConnection(address.host, address.port or 0, timeout=60)) as connection:
            connection.putrequest("POST", "/api/v1/join/look")
            headers = {
                "Content-Type": "application/json",
                "Content-Length": len(body),
                "Expect": "100-continue",
            }
            for name, value in headers.items():
                connection.putheader(name, str(value))
            connection.endheaders()
            assert connection.sock.recv(len(b"HTTP/1.1 100")) == b"HTTP/1.1 100"  # so the request is at work
            process.running.send_signal(number)
            connection.send(body.encode())
            with connection.sock.makefile("rb") as answer:
                said = answer.read().decode()
        assert " 410 " in said
        assert '"link_dead"' in said
        assert process.running.wait(60) == 0


def test_it_stops_with_a_connection_open_that_is_idle(root: Path) -> None:
    with serving(root) as process, httpx.Client(base_url=process.url) as client:
        assert client.get("/healthz").status_code == 200
        assert process.end(signal.SIGTERM) == 0


def test_a_port_that_is_taken_is_said(root: Path) -> None:
    with serving(root) as process:
        port = process.url.rpartition(":")[2]
        done = subprocess.run(
            [BOOKWARD, "-C", str(root), "serve", "--port", port, "--json"],
            capture_output=True, check=False, timeout=60,
        )  # fmt: skip
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "setting_invalid"


def test_behind_a_proxy_it_knows_its_name_and_who_asks(root: Path) -> None:
    with serving(root, "--url", "https://books.example.com", "--host-name", "books.lan") as process:
        assert process.url == "https://books.example.com"
        assert process.first_admin
        assert process.first_admin.startswith("https://books.example.com/join#")
    with serving(root, "--host-name", "books.lan") as process:
        for host, status in (("books.lan", 200), ("localhost", 200), ("books.example.com", 421)):
            assert httpx.get(f"{process.url}/healthz", headers={"host": host}).status_code == status


def test_links_in_messages_lead_to_the_address_that_it_is_started_with(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_SECRET", "a word to sign with")
    (root / "alerts").mkdir()
    hook = "type: webhook\nurl: http://localhost:9/hook\nsecret: ${HOOK_SECRET}\n"
    (root / "alerts/team.yaml").write_text(hook)

    with serving(root) as process, httpx.Client(base_url=f"{process.url}/api/v1", timeout=30) as client:
        said = {"secret": secret_of(process.first_admin), "name": "Ana Ito"} | ANA
        client.post("/join", json=said).raise_for_status()
        client.post("/session", json=ANA).raise_for_status()
        (alert,) = client.get("/alerts").raise_for_status().json()["items"]
    assert (alert["links_to"], alert["links_open"]) == (process.url, "here")


def test_people_are_kept_from_the_machines_own_shell(root: Path) -> None:
    assert user(root, "list")[1]["error"]["code"] == "state_missing"
    assert not (root / ".bookward").exists()
    code, said = user(root, "add", "Ben@example.com", "--role", "admin", "--url", "https://b.example.com/")
    assert (code, said["email"]) == (0, "ben@example.com")
    with serving(root) as process:
        joined = {"secret": secret_of(said["link"]), "name": "Ben", "password": PASSWORD}
        assert httpx.post(f"{process.url}/api/v1/join", json=joined).status_code == 201
        ben = {"email": "ben@example.com", "password": PASSWORD}
        with httpx.Client(base_url=process.url) as client:
            assert client.post("/api/v1/session", json=ben).status_code == 201
            code, said = user(root, "reset", "ben@example.com")
            assert client.get("/api/v1/session").status_code == 200
            again = {"secret": secret_of(said["link"]), "password": "another one altogether"}
            assert client.post("/api/v1/join", json=again).status_code == 201
            assert code_of(client.get("/api/v1/session")) == (401, "sign_in_needed")
            assert code_of(client.post("/api/v1/session", json=ben)) == (401, "sign_in_refused")
    assert user(root, "disable", "ben@example.com")[1]["error"]["code"] == "last_admin"
    assert user(root, "list")[1]["people"] == [
        {"email": "ben@example.com", "name": "Ben", "role": "admin", "is_disabled": False}
    ]
    assert user(root, "reset", "nobody@example.com")[1]["error"]["code"] == "name_unknown"
    assert user(root, "add", "nobody")[1]["error"]["code"] == "request_invalid"


def test_links_for_people_lead_where_the_environment_says_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(*words: str) -> str:
        said: str = user(root, *words)[1]["link"]
        return said.partition("#")[0]

    assert link("add", "ben@example.com", "--role", "admin") == "http://localhost:8000/join"
    monkeypatch.setenv("BOOKWARD_URL", "https://books.example.com/")
    assert link("add", "cleo@example.com") == "https://books.example.com/join"
    assert link("add", "dan@example.com", "--url", "https://b.example.com") == "https://b.example.com/join"


def test_two_servers_of_one_project_share_people_and_sessions(root: Path) -> None:
    with serving(root) as one, serving(root) as two, httpx.Client() as client:
        # The link of the server that was started first is dead: there is but one.
        said = {"secret": secret_of(one.first_admin), "name": "Ana"} | ANA
        assert code_of(client.post(f"{two.url}/api/v1/join", json=said)) == (410, "link_dead")
        said["secret"] = secret_of(two.first_admin)
        answers: list[int] = []

        def join(url: str) -> None:
            answers.append(httpx.post(f"{url}/api/v1/join", json=said, timeout=60).status_code)

        threads = [Thread(target=join, args=[url]) for url in (one.url, two.url)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [201, 410]
        client.post(f"{one.url}/api/v1/session", json=ANA)
        assert client.get(f"{two.url}/api/v1/session").json()["email"] == "ana@example.com"


def test_the_text_is_short_and_the_link_is_whole(root: Path) -> None:
    command = [BOOKWARD, "-C", str(root), "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"COLUMNS": "40"}) as running:
        assert running.stdout
        lines = [running.stdout.readline().decode().rstrip() for _ in range(3)]
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 0
    assert lines[0].startswith("Bookward serves books at http://localhost:")
    assert len(lines[2].partition("/join#bwl_")[2]) == 43
