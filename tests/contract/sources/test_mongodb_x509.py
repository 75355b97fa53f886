"""MongoDB by a certificate: what the driver shows, to a gate that demands one and lets its owner in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bookward.errors import SourceFailed, SourceUnreachable
from bookward.sources.mongodb import MongodbSource, MongodbSpec
from tests.contract.sources.conftest import LEAVES_SOCKETS_OPEN
from tests.peers.certificates import write_certificate
from tests.peers.mongodb import MongoDB
from tests.peers.mongodbgate import running_gate
from tests.peers.mongodbx509 import shown_certificate

pytestmark = LEAVES_SOCKETS_OPEN


@dataclass(frozen=True)
class Door:
    """A gate, whose certificate is trusted; ``known`` may sign in, ``other`` is trusted and nobody's."""

    port: int
    own: Path
    known: Path
    other: Path

    def source(self, **changes: Any) -> MongodbSource:
        given = {
            "url": f"mongodb://localhost:{self.port}/?directConnection=true", "database": "books",
            "connect_timeout": 2, "sslrootcert": str(self.own), "sslcert": str(self.known),
        }  # fmt: skip
        return MongodbSource("books", MongodbSpec(**given | changes))


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("mongodb")
    own, known, other = (folder / f"{name}.pem" for name in ("localhost", "bookward", "somebody"))
    for file in (own, known, other):
        write_certificate(file, file.stem)
    trusted = folder / "trusted.pem"
    trusted.write_bytes(known.read_bytes() + other.read_bytes())
    server = MongoDB(folder)
    server.start(lets_everybody_in=True)
    try:
        with server.client(signed_in=False) as client:
            client[server.database].invoices.insert_many([{"_id": n, "due": n * 10} for n in range(3)])
        with running_gate(shown_certificate(own, trusted, known.stem), server.port) as port:
            yield Door(port, own, known, other)
    finally:
        server.kill9()


def test_a_certificate_signs_in(door: Door) -> None:
    with door.source().read("SELECT _id, due FROM invoices ORDER BY _id") as rows:
        found = [row for batch in rows.batches for row in batch.to_pylist()]
    assert found == [{"_id": 0, "due": 0}, {"_id": 1, "due": 10}, {"_id": 2, "due": 20}]
    assert [(step.name, step.ok) for step in door.source().check()] == [
        ("reach", True), ("sign in", True), ("read invoices", True),
    ]  # fmt: skip


def test_whose_certificate_is_no_users_is_refused(door: Door) -> None:
    other = door.source(sslcert=str(door.other))
    said = 'refused the sign-in: Could not find user "CN=somebody"'
    with pytest.raises(SourceFailed, match=said), other.read("SELECT * FROM invoices"):
        pass
    assert [(step.name, step.ok) for step in other.check()] == [("reach", True), ("sign in", False)]


def test_who_shows_no_certificate_or_one_that_is_not_trusted_does_not_get_in(door: Door) -> None:
    for shown in (None, str(door.own)):
        with (
            pytest.raises(SourceUnreachable, match="cannot be reached"),
            door.source(sslcert=shown).read("SELECT * FROM invoices"),
        ):
            pass


def test_a_file_that_is_no_certificate_is_said(door: Door, tmp_path: Path) -> None:
    unread = door.source(sslcert=str(tmp_path / "none.pem"))
    with pytest.raises(SourceUnreachable, match="certificates of source 'books' cannot be used") as failed:
        unread.read("SELECT * FROM invoices").__enter__()
    assert "sslcert" in failed.value.remedy


@pytest.mark.parametrize(
    ("who", "url"), [({"user": "ann", "password": "pa"}, "localhost"), ({}, "ann:pa@localhost")]
)
def test_a_certificate_beside_a_user_only_opens_the_way(door: Door, who: dict[str, str], url: str) -> None:
    """The gate knows nothing of passwords: it says so to whoever begins to sign in by one."""
    named = door.source(url=f"mongodb://{url}:{door.port}/?directConnection=true", **who)
    with pytest.raises(SourceFailed, match="command requires authentication"):
        named.read("SELECT * FROM invoices").__enter__()
