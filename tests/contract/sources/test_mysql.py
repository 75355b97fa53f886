"""What MySQL and MariaDB alone can do, and can do to us."""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pymysql
import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import SecretStr

from bookward.errors import ExtraMissing, SourceFailed, SourceUnreachable
from bookward.sources.mysql import MysqlSource, MysqlSpec, types
from bookward.sources.shape import kind_of
from tests.contract.sources.conftest import Warehouse
from tests.peers.certificates import write_certificate
from tests.peers.mariadb import MariaDB
from tests.peers.postgres import wait_until

MANY = "SELECT seq AS id, repeat('x', 400) AS filler FROM seq_1_to_300000"
SLOW = "SELECT seq AS id, repeat('x', 4000) AS filler, sleep(0.002) AS slept FROM seq_1_to_300000"


@pytest.fixture
def warehouse(mysql_warehouse: Warehouse) -> Warehouse:
    return mysql_warehouse


def altered(warehouse: Warehouse, **changes: Any) -> MysqlSource:
    return MysqlSource("warehouse", warehouse.spec.model_copy(update=changes))


@contextmanager
def typed_in(mariadb: MariaDB, warehouse: Warehouse) -> Iterator[Callable[[str], Any]]:
    """Give what runs statements as they stand, one after the other in one session that is not strict."""
    with mariadb.connect(warehouse.spec.database) as connection, connection.cursor() as cursor:
        cursor.execute("SET sql_mode = ''")
        yield cursor.execute


def test_no_server_is_named_with_host_port_and_database(warehouse: Warehouse) -> None:
    source = altered(warehouse, port=1, database="books")
    with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1:1/books"), source.read("SELECT 1"):
        pass
    assert [(step.name, step.ok) for step in source.check()] == [("reach", False)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": SecretStr("gu'essed")}, "Access denied"),
        ({"password": None}, "Access denied"),
        ({"database": "no'such"}, "Unknown database"),
        ({"sslmode": "require"}, "SSL is required"),
    ],
)
def test_a_refused_sign_in_gives_the_words_of_the_server(
    warehouse: Warehouse, change: dict[str, Any], said: str
) -> None:
    source = altered(warehouse, **change)
    with pytest.raises(SourceFailed, match=said) as failed, source.read("SELECT 1"):
        pass
    assert "gu'ess" not in failed.value.message
    assert [(step.name, step.ok) for step in source.check()] == [("reach", True), ("sign in", False)]


def test_the_server_is_told_who_asks(warehouse: Warehouse) -> None:
    own = "WHERE PROCESSLIST_ID = CONNECTION_ID() AND ATTR_NAME = 'program_name'"
    asked = f"SELECT ATTR_VALUE AS who FROM performance_schema.session_connect_attrs {own}"
    assert warehouse.row(asked) == {"who": "bookward"}


@pytest.mark.parametrize("end", ["kill the session", "kill -9"])
def test_a_connection_lost_in_the_middle_never_looks_like_a_short_result(
    warehouse: Warehouse, mariadb: MariaDB, end: str
) -> None:
    def kill_session() -> None:
        for (session,) in mariadb.execute(
            "SELECT id FROM information_schema.processlist WHERE info LIKE '%seq_1_to_300000%' "
            "AND info NOT LIKE '%processlist%'"
        ):
            mariadb.execute(f"KILL CONNECTION {session}")

    ends: dict[str, Callable[[], None]] = {"kill the session": kill_session, "kill -9": mariadb.kill9}
    sizes: list[int] = []
    try:
        failure = pytest.raises(SourceFailed, match="lost while reading")
        with warehouse.source.read(MANY) as rows, failure as failed:
            sizes.append(next(rows.batches).num_rows)
            ends[end]()
            sizes.extend(batch.num_rows for batch in rows.batches)
    finally:
        mariadb.restart()
    assert 0 < sum(sizes) < 300_000
    assert f"{mariadb.host}:{mariadb.port}" in failed.value.message


@pytest.mark.parametrize("query", ["SELECT sleep(60)", SLOW])
def test_a_query_that_takes_too_long_is_given_up_before_and_while_it_answers(
    warehouse: Warehouse, query: str
) -> None:
    source = altered(warehouse, statement_timeout=1)
    with pytest.raises(SourceFailed, match="max_statement_time") as failed:  # noqa: SIM117
        with source.read(query) as rows:
            list(rows.batches)
    assert "statement_timeout" in failed.value.remedy


def test_a_reader_may_take_its_time(warehouse: Warehouse) -> None:
    """The server hangs up on who takes nothing for net_write_timeout, by itself a minute."""
    with warehouse.source.read("SELECT @@SESSION.net_write_timeout AS seconds") as rows:
        assert [batch.to_pylist() for batch in rows.batches] == [[{"seconds": 3600}]]


def test_mysqls_own_words_are_used_where_mariadb_has_others(warehouse: Warehouse) -> None:
    source = altered(warehouse, statement_timeout=7)
    limits = {
        version: [each for each in source._settings(version) if "max_" in each]
        for version in ("8.4.3", "10.11.19-MariaDB-0+deb12u1")
    }
    assert limits == {
        "8.4.3": ["SET SESSION max_execution_time = 7000"],
        "10.11.19-MariaDB-0+deb12u1": ["SET SESSION max_statement_time = 7"],
    }
    said = "Query execution was interrupted, maximum statement execution time exceeded"
    assert "gave the query up" in source.failure("refused", pymysql.OperationalError(3024, said)).message
    assert "lost while reading" in source.failure("failed", pymysql.OperationalError(3169, "Killed")).message
    # MariaDB keeps JSON as text; MySQL has a type of it.
    described = SimpleNamespace(name="j", type_code=245, flags=0, length=0, scale=0, charsetnr=63)
    assert kind_of(types.column(described).field) == "json"


def test_a_password_goes_out_sealed_where_mysql_8_wants_it_and_nothing_is_encrypted() -> None:
    """MariaDB has no caching_sha2_password, by which users of MySQL 8 sign in: it is played here."""
    key, salt, passwords = rsa.generate_private_key(65537, 2048), b"s" * 20, []
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    greeting = (
        b"\x0a8.4.3\0" + struct.pack("<I", 1) + salt[:8] + b"\0\x00\x82\x2d\x02\0\x08\0\x15" + bytes(10)
        + salt[8:] + b"\0caching_sha2_password\0"
    )  # fmt: skip
    refusal = b"\xff" + struct.pack("<H", 1045) + b"#28000Access denied"

    def serve(listener: socket.socket) -> None:
        wire = listener.accept()[0]
        with wire, wire.makefile("rb") as heard:
            for number, said in ((0, greeting), (2, b"\x01\x04"), (4, b"\x01" + pem), (6, refusal)):
                wire.sendall(struct.pack("<I", len(said))[:3] + bytes([number]) + said)
                if said is not refusal:
                    sent = heard.read(int.from_bytes(heard.read(4)[:3], "little"))
            sealed = key.decrypt(sent, padding.OAEP(padding.MGF1(SHA1()), SHA1(), None))
            passwords.append(bytes(letter ^ salt[place % 20] for place, letter in enumerate(sealed)))

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        done = pool.submit(serve, listener)
        port = listener.getsockname()[1]
        spec = MysqlSpec(host="127.0.0.1", port=port, user="u", password=SecretStr("gu'essed"))
        with pytest.raises(SourceFailed, match="refused the sign-in: Access denied"):  # noqa: SIM117
            with MysqlSource("warehouse", spec).read("SELECT 1"):
                pass
        done.result()
    assert passwords == [b"gu'essed\0"]


def test_leaving_early_ends_the_query_at_the_server(warehouse: Warehouse, mariadb: MariaDB) -> None:
    with warehouse.source.read(f"SELECT m.* FROM ({MANY}) AS m CROSS JOIN seq_1_to_1000") as rows:
        next(rows.batches)
    running = "SELECT id FROM information_schema.processlist WHERE info LIKE '%CROSS JOIN seq%' AND id <> "
    wait_until(lambda: not mariadb.execute(f"{running} connection_id()"), "the query still runs")


def test_a_function_with_side_effects_is_stopped_by_the_read_only_session(
    warehouse: Warehouse, mariadb: MariaDB
) -> None:
    warehouse.load("CREATE TABLE safe (id INTEGER); INSERT INTO safe VALUES (1)")
    with typed_in(mariadb, warehouse) as run:
        run("CREATE FUNCTION steal() RETURNS INT MODIFIES SQL DATA BEGIN DELETE FROM safe; RETURN 1; END")
    with pytest.raises(SourceFailed, match="READ ONLY"), warehouse.source.read("SELECT steal()") as rows:
        list(rows.batches)
    assert warehouse.ask("SELECT id FROM safe") == [(1,)]


@pytest.mark.parametrize(
    ("type_", "arrow", "value", "read"),
    [
        ("bigint unsigned", pa.uint64(), "18446744073709551615", 2**64 - 1),
        ("tinyint unsigned", pa.uint8(), "255", 255),
        ("mediumint", pa.int32(), "-8388608", -8388608),
        ("year", pa.int16(), "2026", 2026),
        ("float", pa.float32(), "0.5", 0.5),
        ("decimal(5,2) unsigned", pa.decimal128(5, 2), "123.45", Decimal("123.45")),
        ("decimal(39,0)", pa.string(), "100", "100"),
        ("decimal(50,3)", pa.string(), "'123.450'", "123.45"),
        ("decimal(50,3)", pa.string(), "'-100.000'", "-100"),
        ("datetime(6)", pa.timestamp("us"), "'2026-03-29 02:30:00.123456'",
         datetime.fromisoformat("2026-03-29T02:30:00.123456")),
        ("datetime", pa.timestamp("us"), "'0000-00-00'",
         datetime.fromisoformat("0001-01-01")),
        ("date", pa.date32(), "'0000-00-00'", date(1, 1, 1)),
        ("time", pa.string(), "'-100:00:01'", "-100:00:01"),
        ("enum('fine', 'sad')", pa.string(), "'fine'", "fine"),
        ("set('a', 'b')", pa.string(), "'a,b'", "a,b"),
        ("json", pa.string(), "'[1.10]'", "[1.10]"),
        ("varbinary(4)", pa.binary(), "x'00ff'", b"\x00\xff"),
        ("bit(9)", pa.binary(), "b'100000001'", b"\x01\x01"),
        ("inet6", pa.string(), "'::1'", "::1"),
    ],
)  # fmt: skip
def test_exotic_types_arrive_as_a_person_would_read_them(
    warehouse: Warehouse, mariadb: MariaDB, type_: str, arrow: pa.DataType, value: str, read: object
) -> None:
    with typed_in(mariadb, warehouse) as run:
        run(f"CREATE TABLE exotic (value {type_})")
        run(f"INSERT INTO exotic VALUES (NULL), ({value})")
    with warehouse.source.read("SELECT value FROM exotic") as rows:
        assert rows.schema.types == [arrow]
        is_text = type_.startswith("decimal") and arrow == pa.string()
        assert kind_of(rows.schema.field(0)) == ("decimal" if is_text else None)
        assert [row["value"] for batch in rows.batches for row in batch.to_pylist()] == [None, read]


def test_moments_are_read_in_utc_whatever_the_zone_of_the_server(
    warehouse: Warehouse, mariadb: MariaDB
) -> None:
    with typed_in(mariadb, warehouse) as run:
        run("CREATE TABLE made (at timestamp(6) NULL)")
        run("SET time_zone = '+13:00'")
        run("INSERT INTO made VALUES ('2026-03-29 02:30:00.123456')")
    assert warehouse.row("SELECT at FROM made") == {
        "at": datetime(2026, 3, 28, 13, 30, 0, 123456, tzinfo=UTC)
    }


def test_only_tables_that_the_user_can_read_are_listed(warehouse: Warehouse, mariadb: MariaDB) -> None:
    warehouse.load("CREATE TABLE open (id INTEGER); CREATE TABLE closed (id INTEGER)")
    mariadb.execute("CREATE OR REPLACE USER looker IDENTIFIED BY 'looks'")
    mariadb.execute(f"GRANT SELECT ON `{warehouse.spec.database}`.open TO looker")
    source = altered(warehouse, user="looker", password=SecretStr("looks"))
    assert [table.name for table in source.tables()] == ["open"]


def test_a_missing_driver_is_named_with_the_command_that_installs_it(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)
    with pytest.raises(ExtraMissing) as missing, warehouse.source.read("SELECT 1"):
        pass
    assert missing.value.remedy == "Run: pip install 'bookward[mysql]'"
    assert [step.ok for step in warehouse.source.check()] == [False]


@pytest.fixture(scope="module")
def certificate(mariadb: MariaDB, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Let the server encrypt, and return the file with its certificate, which is for ``localhost``."""
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    write_certificate(file)
    mariadb.options = (f"--ssl-cert={file}", f"--ssl-key={file}")
    mariadb.restart()
    yield str(file)
    mariadb.options = ()
    mariadb.restart()


@pytest.mark.parametrize(
    ("mode", "host", "trusted", "encrypted"),
    [
        ("disable", "127.0.0.1", False, False),
        ("prefer", "127.0.0.1", False, True),
        ("require", "127.0.0.1", False, True),
        ("verify-ca", "127.0.0.1", True, True),
        ("verify-full", "localhost", True, True),
    ],
)
def test_a_connection_is_encrypted_as_its_sslmode_says(
    warehouse: Warehouse, certificate: str, mode: str, host: str, trusted: bool, encrypted: bool
) -> None:
    source = altered(warehouse, host=host, sslmode=mode, sslrootcert=certificate if trusted else None)
    query = "SELECT variable_value <> '' AS used FROM information_schema.session_status WHERE "
    with source.read(f"{query} variable_name = 'Ssl_cipher'") as rows:
        assert [row["used"] for batch in rows.batches for row in batch.to_pylist()] == [encrypted]


@pytest.mark.parametrize(
    ("mode", "trusted", "said"), [("verify-ca", False, "self-signed"), ("verify-full", True, "mismatch")]
)
def test_a_server_that_does_not_prove_who_it_is_gets_no_sign_in(
    warehouse: Warehouse, certificate: str, mode: str, trusted: bool, said: str
) -> None:
    source = altered(warehouse, sslmode=mode, sslrootcert=certificate if trusted else None)
    with pytest.raises(SourceFailed, match=f"refused the sign-in.*{said}"), source.read("SELECT 1"):
        pass


def test_a_file_of_certificates_that_is_none_is_said(warehouse: Warehouse, tmp_path: Path) -> None:
    source = altered(warehouse, sslmode="verify-full", sslrootcert=str(tmp_path / "none.pem"))
    with pytest.raises(SourceFailed, match=r"none\.pem"), source.read("SELECT 1"):
        pass
