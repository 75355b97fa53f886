"""Real sockets: answers that are cut, that drip, that never come."""

from __future__ import annotations

import gzip
import socket
import time
from threading import Event

import pytest

from bookward.destinations.xero.client import Unavailable
from bookward.errors import AnswerLost
from tests.unit.xero_client.fakes import World
from tests.unit.xero_client.servers import Manner, head, misbehaving, read_request

SOON = 0.25


def answering(answer: bytes) -> Manner:
    def manner(connection: socket.socket, over: Event) -> None:
        read_request(connection)
        connection.sendall(answer)

    return manner


def dripping(first: bytes, drop: bytes) -> Manner:
    def manner(connection: socket.socket, over: Event) -> None:
        read_request(connection)
        connection.sendall(first)
        while not over.wait(0.02):
            connection.sendall(drop)

    return manner


def silent(connection: socket.socket, over: Event) -> None:
    over.wait(30)


def post(manner: Manner, body: bytes = b"{}", **settings):
    with misbehaving(manner) as base:
        world = World(base_url=base, **settings)
        try:
            return world, world.post(body)
        finally:
            world.client.close()


JSON = "Content-Type: application/json"


def test_a_whole_answer_arrives_unpacked():
    packed = gzip.compress(b'{"Contacts":[]}')
    world, answer = post(answering(head(len(packed), JSON, "Content-Encoding: gzip") + packed))
    assert answer.json() == {"Contacts": []}
    assert answer.headers["content-type"] == "application/json"
    assert world.calls.made[0].response_body == b'{"Contacts":[]}'


def test_a_connection_is_used_again():
    connections: list[int] = []

    def manner(connection: socket.socket, over: Event) -> None:
        connections.append(1)
        for _ in range(3):
            read_request(connection)
            connection.sendall(head(2, JSON) + b"{}")

    with misbehaving(manner) as base:
        world = World(base_url=base)
        for _ in range(3):
            world.get()
        world.client.close()
    assert connections == [1]


@pytest.mark.parametrize(
    "manner",
    [
        pytest.param(dripping(b"", b"H"), id="status line"),
        pytest.param(dripping(b"HTTP/1.1 200 OK\r\n", b"X-Drop: 1\r\n"), id="headers"),
        pytest.param(dripping(head(10_000_000, JSON), b" "), id="body"),
        pytest.param(dripping(head(None, "Transfer-Encoding: chunked"), b"1\r\n \r\n"), id="chunks"),
        pytest.param(silent, id="nothing"),
    ],
)
def test_an_answer_that_drips_is_cut_off_at_the_deadline(manner):
    begun = time.monotonic()
    with pytest.raises(AnswerLost):
        post(manner, timeout_seconds=SOON)
    assert time.monotonic() - begun < SOON + 5


def test_a_body_that_nobody_takes_is_cut_off_at_the_deadline():
    with pytest.raises(AnswerLost):
        post(silent, body=b"x" * 30_000_000, timeout_seconds=SOON)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        pytest.param(b"", None, id="closed at once"),
        pytest.param(b"HTTP/1.1 20", None, id="in the status line"),
        pytest.param(head(100, JSON) + b'{"Contacts":[', 200, id="in the body"),
        pytest.param(head(None, "Transfer-Encoding: chunked") + b'5\r\n{"Con', 200, id="in a chunk"),
        pytest.param(head(9, "Content-Encoding: gzip") + b"not gzip.", 200, id="not what it says"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", None, id="not HTTP"),
    ],
)
def test_a_cut_answer_is_lost_and_recorded_as_far_as_it_came(answer, status):
    with misbehaving(answering(answer)) as base:
        world = World(base_url=base)
        with pytest.raises(AnswerLost):
            world.post()
        world.client.close()
    [call] = world.calls.made
    assert call.status == status
    assert call.error
    if status and b"Contacts" in answer:
        assert call.response_body == b'{"Contacts":['


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(head(14, JSON) + b'{"Contacts":[{', id="framed as whole"),
        pytest.param(head(None, JSON, "Connection: close") + b'{"Contacts":[{', id="until the end"),
        pytest.param(
            head(None, JSON, "Content-Encoding: gzip", "Connection: close")
            + gzip.compress(b"[1,2,3]" * 99)[:20],
            id="packed",
        ),
    ],
)
def test_json_cut_in_half_shows_when_it_is_read(answer):
    _, received = post(answering(answer))
    with pytest.raises(AnswerLost):
        received.json()


def test_nobody_listening_means_nothing_was_sent():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    world = World(base_url=f"http://127.0.0.1:{port}")
    with pytest.raises(Unavailable, match="No connection to 127") as caught:
        world.post()
    assert caught.value.status is None
    world.client.close()


def test_an_unknown_host_means_nothing_was_sent(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    world = World(base_url="http://no-such-host.invalid")
    with pytest.raises(Unavailable) as caught:
        world.post()
    assert caught.value.status is None
    world.client.close()


def test_a_secret_in_a_broken_header_line_is_not_in_the_error():
    broken = b"HTTP/1.1 200 OK\r\nX Echo access-token-0001: 1\r\n\r\n"
    with misbehaving(answering(broken)) as base:
        world = World(base_url=base)
        with pytest.raises(AnswerLost) as caught:
            world.post()
        world.client.close()
    assert "access-token-0001" not in str(caught.value)
    assert "access-token-0001" not in str(world.calls.made)


def test_a_proxy_from_the_environment_is_used_except_for_this_machine(monkeypatch):
    proxied = answering(head(2, JSON) + b"{}")
    with misbehaving(proxied) as proxy:
        monkeypatch.setenv("http_proxy", proxy.removeprefix("http://"))
        monkeypatch.delenv("no_proxy", raising=False)
        world = World(base_url="http://api.xero.invalid")
        assert world.get().json() == {}
        world.client.close()
        _, answer = post(answering(head(1, JSON) + b"1"))
        assert answer.json() == 1
