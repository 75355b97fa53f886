"""What Snowflake alone can do, and can do to us."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from types import ModuleType
from typing import Any

import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from pydantic import SecretStr, ValidationError

from bookward.errors import ExtraMissing, SourceFailed, SourceUnreachable
from bookward.sources import arrowtables
from bookward.sources.shape import kind_of
from bookward.sources.snowflake import SnowflakeSource, SnowflakeSpec, types
from bookward.sources.snowflake import source as module
from tests.contract.sources.conftest import Warehouse
from tests.peers.snowflake import SnowflakeStub

MANY = "SELECT i AS id, repeat('x', 400) AS filler FROM generate_series(1, 50000) AS t(i)"


@pytest.fixture
def warehouse(snowflake_warehouse: Warehouse) -> Warehouse:
    return snowflake_warehouse


def altered(of: Warehouse, **changes: Any) -> SnowflakeSource:
    return SnowflakeSource("warehouse", of.spec.model_copy(update=changes))


def ways(stub: SnowflakeStub) -> dict[str, dict[str, Any]]:
    oauth = {"oauth_client_id": "bookward", "oauth_token_url": f"{stub.url}/oauth/token"}
    sealed = stub.key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"pass")
    ).decode()
    return {
        "key pair": {"user": stub.user, "private_key": stub.pem.replace("\n", "\\n")},
        "sealed key": {"user": stub.user, "private_key": sealed, "private_key_passphrase": "pass"},
        "token": {"user": stub.user, "token": stub.token},
        "oauth": {**oauth, "oauth_client_secret": stub.client_secret},
        "password": {"user": stub.user, "password": stub.password},
    }


@pytest.mark.parametrize("way", ["key pair", "sealed key", "token", "oauth", "password"])
def test_every_way_in_leads_in(warehouse: Warehouse, snowflake: SnowflakeStub, way: str) -> None:
    source = SnowflakeSource("warehouse", snowflake.spec("main", **ways(snowflake)[way]))
    assert [(step.name, step.ok) for step in source.check()] == [
        ("reach", True), ("sign in", True), ("read", True),
    ]  # fmt: skip


@pytest.mark.parametrize("way", ["key pair", "token", "oauth", "password"])
def test_a_refused_sign_in_is_told_without_its_secret(
    warehouse: Warehouse, snowflake: SnowflakeStub, way: str
) -> None:
    other = SnowflakeStub(rsa.generate_private_key(65537, 2048), url=snowflake.url)
    source = SnowflakeSource("warehouse", snowflake.spec("main", **ways(other)[way]))
    with pytest.raises(SourceFailed, match="refused the sign-in") as failed, source.read("SELECT 1"):
        pass
    for secret in (other.pem, other.token, other.client_secret, other.password):
        assert secret not in failed.value.message
    assert [(step.name, step.ok) for step in source.check()] == [("reach", True), ("sign in", False)]


def test_a_private_key_that_is_none_is_told_without_it(warehouse: Warehouse) -> None:
    source = altered(warehouse, private_key=SecretStr("no-such-key"))
    with pytest.raises(SourceFailed, match="private key of source 'warehouse' cannot be read") as failed:
        next(source.tables())
    assert "no-such-key" not in failed.value.message + failed.value.remedy


def test_no_server_is_told_apart(warehouse: Warehouse) -> None:
    source = altered(warehouse, url="http://127.0.0.1:1", connect_timeout=1)
    with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1:1/books"), source.read("SELECT 1"):
        pass
    assert [(step.name, step.ok) for step in source.check()] == [("reach", False)]


def test_one_way_in_is_said_and_no_secret_goes_in_the_open() -> None:
    usual = {"account": "a", "database": "d", "user": "u"}
    with pytest.raises(ValidationError, match="say one of"):
        SnowflakeSpec(**usual)
    with pytest.raises(ValidationError, match="say one of"):
        SnowflakeSpec(**usual, password="p", token="t")
    with pytest.raises(ValidationError, match="`user` is needed"):
        SnowflakeSpec(account="a", database="d", password="p")
    with pytest.raises(ValidationError, match="needs `oauth_client_id`"):
        SnowflakeSpec(**usual, oauth_client_secret="s")
    with pytest.raises(ValidationError, match="url"):
        SnowflakeSpec(**usual, password="p", url="http://elsewhere.example")


def test_a_session_is_as_the_file_says(warehouse: Warehouse, snowflake: SnowflakeStub) -> None:
    source = altered(warehouse, query_tag="ledger", role="READER", warehouse="SMALL", statement_timeout=7)
    with source.read("SELECT 1 AS one") as rows:
        assert [batch.num_rows for batch in rows.batches] == [1]
    asked = snowflake.signed_in
    assert (asked["QUERY_TAG"], asked["TIMEZONE"]) == ("ledger", "UTC")
    assert int(asked["STATEMENT_TIMEOUT_IN_SECONDS"]) == 7
    assert (asked["roleName"], asked["warehouse"]) == ("READER", "SMALL")


def test_a_connection_lost_in_the_middle_never_looks_like_a_short_result(
    warehouse: Warehouse, snowflake: SnowflakeStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    monkeypatch.setattr(snowflake, "cut", True)
    failure = pytest.raises(SourceFailed, match="lost while reading")
    warehouse.load(f"CREATE TABLE many AS {MANY}")
    with failure, warehouse.source.read("SELECT * FROM many") as rows:
        for batch in rows.batches:
            sizes.append(batch.num_rows)  # noqa: PERF401
    assert 0 < sum(sizes) < 50_000


def test_chunks_that_are_missing_are_noticed(
    warehouse: Warehouse, snowflake: SnowflakeStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snowflake, "forgets", 3)
    warehouse.load(f"CREATE TABLE many AS {MANY}")
    failure = pytest.raises(SourceFailed, match=r"lost while reading: 26,000 of 50,000 rows came")
    with failure, warehouse.source.read("SELECT * FROM many") as rows:
        list(rows.batches)


def test_a_query_that_takes_too_long_is_given_up(warehouse: Warehouse) -> None:
    source = altered(warehouse, statement_timeout=1)
    endless = "SELECT COUNT(*) AS n FROM range(100000000) AS a CROSS JOIN range(100000000) AS b"
    with pytest.raises(SourceFailed, match=r"gave the query up.*timeout of 1 second") as failed:  # noqa: SIM117
        with source.read(endless):
            pass
    assert "statement_timeout" in failed.value.remedy


def test_no_warehouse_is_told_with_where_to_name_one(warehouse: Warehouse, snowflake: SnowflakeStub) -> None:
    source = altered(warehouse, warehouse="NONE")
    with pytest.raises(SourceFailed, match="nothing to compute with") as failed, source.read("SELECT 1"):
        pass
    assert "`warehouse`" in failed.value.remedy


@pytest.mark.parametrize(
    ("type_", "arrow", "kind", "value", "read"),
    [
        ("DECIMAL(18, 2)", pa.decimal128(18, 2), None, "'-9999999999999999.99'",
         Decimal("-9999999999999999.99")),
        ("INTEGER[]", pa.string(), "json", "[1, 2]", "[1, 2]"),
        ("STRUCT(a INTEGER)", pa.string(), "json", "{'a': 1}", '{"a": 1}'),
        ("BLOB", pa.binary(), None, r"'\x00\xFF'::BLOB", b"\x00\xff"),
        ("UUID", pa.string(), None, "'8d0f1c7e-5e0f-4a4e-9d3a-2f5b7f0c1a11'",
         "8d0f1c7e-5e0f-4a4e-9d3a-2f5b7f0c1a11"),
    ],
)  # fmt: skip
def test_richer_types_arrive_as_a_person_would_read_them(
    warehouse: Warehouse, type_: str, arrow: pa.DataType, kind: str | None, value: str, read: object
) -> None:
    warehouse.load(f"CREATE TABLE rich (value {type_}); INSERT INTO rich VALUES (NULL), ({value})")
    with warehouse.source.read("SELECT value FROM rich") as rows:
        assert rows.schema.types == [arrow]
        assert kind_of(rows.schema.field(0)) == kind
        assert [row["value"] for batch in rows.batches for row in batch.to_pylist()] == [None, read]


class Described:
    """A column as the driver describes it."""

    name, precision, scale = "c", 38, 2

    def __init__(self, type_code: int) -> None:
        self.type_code = type_code


def test_amounts_that_come_as_floats_are_refused() -> None:
    batches = arrowtables.batches([pa.table({"c": [0.1]})], [types.column(Described(0))])
    with pytest.raises(pa.ArrowInvalid, match="as floats"):
        next(batches)


def test_types_that_nobody_knows_are_text() -> None:
    nested = pa.table(
        {"c": pa.array([[("k", Decimal("1.10"))], None], pa.map_(pa.string(), pa.decimal128(5, 2)))}
    )
    (batch,) = arrowtables.batches([nested], [types.column(Described(17))])
    assert [json.loads(value) if value else value for value in batch["c"].to_pylist()] == [
        [["k", "1.10"]],
        None,
    ]
    (batch,) = arrowtables.batches([pa.table({"c": [7]})], [types.column(Described(99))])
    assert batch["c"].to_pylist() == ["7"]


@pytest.mark.parametrize(("version", "new"), [("4.8.1", False), ("4.12.0", False), ("5.2.0", True)])
def test_only_drivers_that_know_an_option_are_given_it(version: str, new: bool) -> None:
    driver: Any = ModuleType("snowflake.connector")
    driver.__version__ = version
    given = module._quiet(driver)
    assert ("enable_server_session_keep_alive_auto_detection" in given) == new


def test_a_missing_driver_is_named_with_the_command_that_installs_it(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "snowflake.connector", None)
    with pytest.raises(ExtraMissing) as missing, warehouse.source.read("SELECT 1"):
        pass
    assert missing.value.remedy == "Run: pip install 'bookward[snowflake]'"
    assert [step.ok for step in warehouse.source.check()] == [False]
