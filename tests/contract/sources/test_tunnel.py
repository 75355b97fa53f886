"""Servers behind a real SSH host: reached as themselves, certificates and all, and never half read."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from bookward.errors import SourceFailed, SourceUnreachable
from bookward.sources.base import Source, open_source
from bookward.sources.mysql import MysqlSpec
from bookward.sources.postgres import PostgresSpec
from bookward.sources.ssh import HostUnproven, SshSpec
from tests.contract.sources.conftest import Warehouse
from tests.peers.certificates import write_certificate
from tests.peers.mariadb import MariaDB
from tests.peers.openssh import OpenSsh
from tests.peers.postgres import Postgres, wait_until
from tests.peers.relay import relaying

ROWS = 200_000
WIDE = (
    f"CREATE TABLE wide AS SELECT n AS id, repeat('x', 400) AS filler FROM generate_series(1, {ROWS}) AS t(n)"
)
SERVERS = ["postgres", "mysql"]


@pytest.fixture(params=SERVERS)
def warehouse(request: pytest.FixtureRequest) -> Warehouse:
    found: Warehouse = request.getfixturevalue(f"{request.param}_warehouse")
    return found


def ssh(server: OpenSsh, **changes: Any) -> SshSpec:
    given = {
        "host": server.host,
        "port": server.port,
        "user": server.user,
        "private_key": SecretStr(server.keys["ed25519"]),
        "host_key": server.host_keys["ed25519"],
    }
    return SshSpec(**(given | changes))


def behind(warehouse: Warehouse, through: SshSpec, **changes: Any) -> Source:
    return open_source("warehouse", warehouse.spec.model_copy(update={"ssh": through, **changes}))


def count(source: Source, query: str = "SELECT id, filler FROM wide") -> int:
    with source.read(query) as rows:
        return sum(batch.num_rows for batch in rows.batches)


def test_a_server_is_read_through_a_tunnel(warehouse: Warehouse, openssh: OpenSsh) -> None:
    warehouse.load(WIDE)
    # As long as only the far end knows the name of the server, nothing but the tunnel can lead there.
    with relaying(openssh.port) as relay:
        source = behind(warehouse, ssh(openssh, port=relay.port))
        assert count(source) == ROWS
        assert relay.came > ROWS * 400
        assert "wide" in {table.name for table in source.tables()}
        steps = list(source.check())
    assert [(step.name, step.ok) for step in steps] == [
        ("tunnel", True), ("reach", True), ("sign in", True), ("read", True),
    ]  # fmt: skip
    assert steps[0].detail == f"through 127.0.0.1:{relay.port} as {openssh.user}"


@pytest.mark.parametrize("kind", ["redshift", "clickhouse", "sqlserver", "trino"])
def test_every_other_server_is_reached_through_a_tunnel(
    kind: str, openssh: OpenSsh, request: pytest.FixtureRequest
) -> None:
    warehouse: Warehouse = request.getfixturevalue(f"{kind}_warehouse")
    warehouse.load("CREATE TABLE few AS SELECT 1 AS id, 'a' AS filler")
    with relaying(openssh.port) as relay:
        source = behind(warehouse, ssh(openssh, port=relay.port))
        assert count(source, "SELECT id, filler FROM few") == 1
        came = relay.came
        assert next((step.name, step.ok) for step in source.check()) == ("tunnel", True)
        assert relay.came > came > 0


def test_a_reader_may_leave_early_and_come_again(warehouse: Warehouse, openssh: OpenSsh) -> None:
    warehouse.load(WIDE)
    source = behind(warehouse, ssh(openssh))
    for _ in range(3):
        with source.read("SELECT * FROM wide") as rows:
            assert next(rows.batches).num_rows > 0


@pytest.mark.parametrize("end", ["the wire", "the session"])
def test_what_is_cut_in_the_middle_never_looks_like_a_short_result(
    warehouse: Warehouse, openssh: OpenSsh, postgres: Postgres, mariadb: MariaDB, end: str
) -> None:
    warehouse.load(WIDE)
    cuts: dict[str, Callable[[], object]] = {"postgres": postgres.kill9, "mysql": mariadb.kill9}
    sizes: list[int] = []
    with relaying(openssh.port) as relay:
        cut = relay.cut if end == "the wire" else cuts[warehouse.kind]
        try:
            failure = pytest.raises(SourceFailed, match="lost while reading")
            with behind(warehouse, ssh(openssh, port=relay.port)).read("SELECT * FROM wide") as rows, failure:
                sizes.append(next(rows.batches).num_rows)
                cut()
                sizes.extend(batch.num_rows for batch in rows.batches)
        finally:
            postgres.restart()
            mariadb.restart()
    assert 0 < sum(sizes) < ROWS


def test_what_is_compared_in_the_warehouse_goes_through_the_tunnel(
    postgres_warehouse: Warehouse, openssh: OpenSsh
) -> None:
    with relaying(openssh.port) as relay:
        pushdown = behind(postgres_warehouse, ssh(openssh, port=relay.port)).pushdown()
        assert pushdown is not None
        pushdown.check()
        assert relay.came > 0
    with pytest.raises(SourceUnreachable, match="The tunnel of source 'warehouse'"):
        pushdown.check()


def test_what_is_wrong_with_the_tunnel_is_its_own_step(warehouse: Warehouse, openssh: OpenSsh) -> None:
    wrong: list[tuple[Source, type[Exception], str]] = [
        (behind(warehouse, ssh(openssh, port=1)), SourceUnreachable, "cannot be reached"),
        (behind(warehouse, ssh(openssh, host_key=None)), HostUnproven, "it showed SHA256:"),
        (behind(warehouse, ssh(openssh, user="nobody-here")), SourceFailed, "refused the sign-in"),
        (behind(warehouse, ssh(openssh), port=1), SourceUnreachable, r"does not lead to 127\.0\.0\.1:1"),
    ]
    for source, error, said in wrong:
        with pytest.raises(error, match=f"The tunnel of source 'warehouse'.*{said}"):
            count(source)
        assert [(step.name, step.ok) for step in source.check()] == [("tunnel", False)]


def test_a_sign_in_that_the_server_refuses_is_not_the_tunnels(warehouse: Warehouse, openssh: OpenSsh) -> None:
    source = behind(warehouse, ssh(openssh), password=SecretStr("guessed"))
    assert [(step.name, step.ok) for step in source.check()] == [
        ("tunnel", True), ("reach", True), ("sign in", False),
    ]  # fmt: skip


def test_nothing_of_a_tunnel_is_left_when_the_read_is_done(warehouse: Warehouse, openssh: OpenSsh) -> None:
    before = set(threading.enumerate())
    source = behind(warehouse, ssh(openssh))
    assert count(source, "SELECT 1 AS one") == 1
    assert all(step.ok for step in source.check())
    wait_until(lambda: set(threading.enumerate()) <= before, "a tunnel is still open")


@pytest.fixture
def certificate(warehouse: Warehouse, postgres: Postgres, mariadb: MariaDB, tmp_path: Path) -> Iterator[str]:
    """Let the servers encrypt, and return the file with their certificate, which is for ``localhost``."""
    file = tmp_path / "both.pem"
    write_certificate(file)
    kept = postgres.data / "both.pem"
    shutil.copy(file, kept)
    kept.chmod(0o600)
    shutil.chown(kept, postgres.data.owner(), postgres.data.group())
    for name in ("ssl_cert_file", "ssl_key_file"):
        postgres.execute(f"ALTER SYSTEM SET {name} = '{kept}'")
    postgres.execute("ALTER SYSTEM SET ssl = on")
    mariadb.options = (f"--ssl-cert={file}", f"--ssl-key={file}")
    postgres.restart()
    mariadb.restart()
    yield str(file)
    postgres.execute("ALTER SYSTEM RESET ALL")
    mariadb.options = ()
    postgres.restart()
    mariadb.restart()


def test_certificates_go_on_being_held_against_the_name_of_the_server(
    warehouse: Warehouse, openssh: OpenSsh, certificate: str
) -> None:
    proven = {"sslmode": "verify-full", "sslrootcert": certificate}
    # The near end is 127.0.0.1 either way: what counts is the name of the far one.
    assert count(behind(warehouse, ssh(openssh), host="localhost", **proven), "SELECT 1 AS one") == 1
    with pytest.raises((SourceFailed, SourceUnreachable), match=r"(?i)does not match|mismatch"):
        count(behind(warehouse, ssh(openssh), host="127.0.0.1", **proven), "SELECT 1 AS one")


def test_a_certificate_may_have_another_name_than_is_dialled(
    mysql_warehouse: Warehouse, postgres_warehouse: Warehouse, certificate: str
) -> None:
    proven = {"sslmode": "verify-full", "sslrootcert": certificate}
    for warehouse, names in (
        (mysql_warehouse, {"host": "127.0.0.1", "tls_host": "localhost"}),
        (postgres_warehouse, {"host": "localhost", "hostaddr": "127.0.0.1"}),
    ):
        spec = warehouse.spec.model_copy(update={**proven, **names})
        assert count(open_source("warehouse", spec), "SELECT 1 AS one") == 1


def test_a_tunnel_leads_to_a_host(openssh: OpenSsh) -> None:
    with pytest.raises(ValidationError, match="give the server's `host`"):
        PostgresSpec(url=SecretStr("postgresql://h/d"), ssh=ssh(openssh))
    with pytest.raises(ValidationError, match="give the server's `host`"):
        PostgresSpec(host="/run/postgresql", database="d", ssh=ssh(openssh))
    with pytest.raises(ValidationError, match="`password` or `private_key` is needed"):
        MysqlSpec(host="h", user="u", ssh={"host": "b", "user": "u"})  # type: ignore[arg-type]
