"""PostgreSQL over TLS: a real server with a certificate, and one that wants to see a certificate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bookward.errors import SourceFailed
from bookward.sources.postgres import PostgresSource
from bookward.sources.postgres.address import PostgresSpec
from tests.peers.certificates import write_certificate
from tests.peers.postgres import Postgres, encrypt, running_postgres

QUERY = "SELECT current_user::text AS who, ssl, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()"


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a certificate for ``localhost`` and its key."""
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    write_certificate(file)
    file.chmod(0o600)
    return file


@pytest.fixture(scope="module")
def server(pem: Path) -> Iterator[Postgres]:
    with running_postgres() as server:
        # Who is called as the certificate says, signs in by it; the others with their passwords.
        encrypt(server, pem, "hostssl all localhost all cert")
        server.execute("CREATE ROLE localhost LOGIN")
        yield server


def source(server: Postgres, **more: Any) -> PostgresSource:
    given = {
        "host": "localhost", "port": server.port, "database": server.database, "user": server.user,
        "password": server.password,
    }  # fmt: skip
    return PostgresSource("warehouse", PostgresSpec(**given | more))


def seen(found: PostgresSource) -> dict[str, Any]:
    with found.read(QUERY) as rows:
        (row,) = [row for batch in rows.batches for row in batch.to_pylist()]
    return dict(row)


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
def test_a_connection_is_encrypted_as_its_sslmode_says(server: Postgres, pem: Path, mode: str) -> None:
    trusted = None if mode == "require" else str(pem)
    assert seen(source(server, sslmode=mode, sslrootcert=trusted))["ssl"] is True
    assert seen(source(server, sslmode="disable"))["ssl"] is False


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"sslmode": "verify-full", "host": "127.0.0.1"}, "does not match"),
        ({"sslmode": "verify-full", "sslrootcert": "/nowhere.pem"}, "does not exist"),
    ],
)
def test_a_server_that_does_not_prove_who_it_is_gets_no_sign_in(
    server: Postgres, pem: Path, more: dict[str, Any], said: str
) -> None:
    with pytest.raises(SourceFailed, match=said):
        seen(source(server, **{"sslrootcert": str(pem)} | more))


def test_a_server_of_another_certificate_is_not_trusted(server: Postgres, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    write_certificate(other)
    for mode in ("verify-ca", "verify-full"):
        with pytest.raises(SourceFailed, match="certificate verify failed"):
            seen(source(server, sslmode=mode, sslrootcert=str(other)))


def test_a_certificate_signs_in_where_the_server_wants_one(server: Postgres, pem: Path) -> None:
    shown = {"sslcert": str(pem), "sslkey": str(pem)}
    found = seen(source(server, user="localhost", password=None, sslmode="require", **shown))
    assert found == {"who": "localhost", "ssl": True, "client_dn": "/CN=localhost"}
    with pytest.raises(SourceFailed, match=r"refused the sign-in.*certificate"):
        seen(source(server, user="localhost", password=None, sslmode="require"))
