"""What Firebolt alone can do, and can do to us, at a stub that speaks its protocol to its own SDK."""

from __future__ import annotations

import math
import socket
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pydantic import SecretStr, ValidationError

from bookward import __version__
from bookward.errors import ExtraMissing, SourceFailed, SourceUnreachable
from bookward.sources.firebolt import FireboltSource, FireboltSpec
from bookward.sources.shape import kind_of
from tests.contract.sources.conftest import LEAVES_SOCKETS_OPEN, Warehouse
from tests.peers.firebolt import Firebolt
from tests.peers.postgres import wait_until

pytestmark = LEAVES_SOCKETS_OPEN

MANY = "CREATE TABLE many AS SELECT n AS id, repeat('x', 40) AS filler FROM generate_series(1, 20000) AS t(n)"
NEVER = "SELECT count(*) AS n FROM many AS a, many AS b, many AS c WHERE sin(a.id + b.id + c.id) = 2"
ENDLESS = "SELECT a.id FROM many AS a, many AS b, many AS c"


@pytest.fixture
def warehouse(firebolt_warehouse: Warehouse) -> Warehouse:
    return firebolt_warehouse


def altered(warehouse: Warehouse, **changes: Any) -> FireboltSource:
    return FireboltSource("warehouse", warehouse.spec.model_copy(update=changes))


@pytest.fixture
def account(warehouse: Warehouse, firebolt: Firebolt, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return the settings of an account; whoever looks for the hosts of it finds this machine."""
    found = socket.getaddrinfo

    def here(host: Any, *more: Any, **named: Any) -> Any:
        return found("127.0.0.1" if str(host).endswith(".firebolt.test") else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", here)
    return {
        "client_id": firebolt.client_id,
        "client_secret": SecretStr(firebolt.secret),
        "account": firebolt.account,
        "engine": firebolt.engine,
        "database": warehouse.spec.database,
        "api_endpoint": f"http://api.firebolt.test:{firebolt.port}",
    }


def test_no_server_is_named_with_its_address() -> None:
    source = FireboltSource("warehouse", FireboltSpec(url="http://127.0.0.1:1"))
    with pytest.raises(SourceUnreachable, match=r"http://127\.0\.0\.1:1.*refused"), source.read("SELECT 1"):
        pass
    assert [(step.name, step.ok) for step in source.check()] == [("reach", False)]


@pytest.mark.parametrize("settings", [{}, {"url": "http://core", "account": "books"}, {"account": "books"}])
def test_it_is_an_account_or_core(settings: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="or the url of Firebolt Core alone"):
        FireboltSpec(**settings)


def test_an_account_signs_in_and_its_engine_answers_and_is_told_who_asks(
    warehouse: Warehouse, firebolt: Firebolt, account: dict[str, Any]
) -> None:
    warehouse.load("CREATE TABLE t AS SELECT 1 AS id")
    source = FireboltSource("warehouse", FireboltSpec(**account))
    assert [step.ok for step in source.check()] == [True] * 3
    for asked in (source, FireboltSource("warehouse", warehouse.spec)):
        firebolt.agents.clear()
        with asked.read("SELECT id FROM t") as rows:
            assert [batch.to_pylist() for batch in rows.batches] == [[{"id": 1}]]
        *_, agent = firebolt.agents
        assert f"bookward/{__version__}" in agent


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"client_secret": SecretStr("gu'essed")}, "uthoriz"),
        ({"client_id": "somebody"}, "uthoriz"),
        ({"account": "nosuch"}, "nosuch"),
        ({"engine": "nosuch"}, "Engine 'nosuch' does not exist"),
    ],
)
def test_a_refused_sign_in_says_what_is_wrong(
    account: dict[str, Any], change: dict[str, Any], said: str
) -> None:
    source = FireboltSource("warehouse", FireboltSpec(**(account | change)))
    with pytest.raises(SourceFailed, match=f"refused the sign-in.*{said}") as failed:  # noqa: SIM117
        with source.read("SELECT 1"):
            pass
    assert "gu'ess" not in failed.value.message
    assert [(step.name, step.ok) for step in source.check()] == [("reach", True), ("sign in", False)]


@contextmanager
def breaking(server: Firebolt, after: int, at: float, *, cleanly: bool) -> Iterator[None]:
    server.cut_after, server.cut_at, server.cut_cleanly = after, at, cleanly
    try:
        yield
    finally:
        server.cut_after = None


@pytest.mark.parametrize("cleanly", [True, False])
@pytest.mark.parametrize(("after", "at"), [(1, 0.0), (1, 0.5), (4, 0.0), (4, 0.5), (21, 0.5)])
def test_an_answer_without_its_end_is_never_taken_for_a_short_one(
    warehouse: Warehouse, firebolt: Firebolt, after: int, at: float, cleanly: bool
) -> None:
    warehouse.load(MANY)
    sizes: list[int] = []
    with warehouse.source.read("SELECT * FROM many") as rows:
        assert sum(batch.num_rows for batch in rows.batches) == 20_000
    with breaking(firebolt, after, at, cleanly=cleanly):  # noqa: SIM117
        with pytest.raises(SourceFailed, match="lost while reading"):
            with warehouse.source.read("SELECT * FROM many") as rows:
                sizes.extend(batch.num_rows for batch in rows.batches)
    assert (sum(sizes) > 0) == (after > 1)
    assert sum(sizes) <= 20_000


@pytest.mark.parametrize("query", [NEVER, ENDLESS])
def test_a_query_that_takes_too_long_is_given_up_before_and_while_it_answers(
    warehouse: Warehouse, query: str
) -> None:
    warehouse.load(MANY)
    source = altered(warehouse, statement_timeout=1)
    with pytest.raises(SourceFailed, match="gave the query up: there was no end after 1") as failed:  # noqa: SIM117
        with source.read(query) as rows:
            deque(rows.batches, maxlen=0)
    assert "statement_timeout" in failed.value.remedy


def test_leaving_early_ends_the_query_at_the_server(warehouse: Warehouse, firebolt: Firebolt) -> None:
    warehouse.load(MANY)
    before = firebolt.left
    with warehouse.source.read(ENDLESS) as rows:
        next(rows.batches)
    wait_until(lambda: firebolt.left == before + 1, "the query still runs")


@pytest.mark.parametrize(
    ("type_", "arrow", "kind", "value", "read"),
    [
        ("BIGINT", pa.int64(), None, "9223372036854775807", 2**63 - 1),
        ("FLOAT", pa.float32(), None, "0.5", 0.5),
        ("DOUBLE", pa.float64(), None, "'-Infinity'", -math.inf),
        ("DOUBLE", pa.float64(), None, "0.1", 0.1),
        ("DECIMAL(38,9)", pa.decimal128(38, 9), None, "1.5", Decimal("1.500000000")),
        ("DATE", pa.date32(), None, "'0001-01-01'", date(1, 1, 1)),
        ("TIMESTAMP", pa.timestamp("us"), None, "'2026-03-29 02:30:00.123456'",
         datetime.fromisoformat("2026-03-29T02:30:00.123456")),
        ("TIMESTAMPTZ", pa.timestamp("us", "UTC"), None, "'2026-03-29 02:30:00+13'",
         datetime(2026, 3, 28, 13, 30, tzinfo=UTC)),
        ("BLOB", pa.binary(), None, "'\\x00\\xFF'", b"\x00\xff"),
        ("VARCHAR", pa.string(), None, "'a' || chr(8232) || 'b' || chr(133)", "a\u2028b\x85"),
        ("VARCHAR[]", pa.list_(pa.string()), None, "['a', NULL]", ["a", None]),
        ("INTEGER[][]", pa.string(), "json", "[[1], NULL]", "[[1], null]"),
        ("STRUCT(name VARCHAR)", pa.string(), "json", "{'name': 'Ünï'}", '{"name": "Ünï"}'),
        ("TIME", pa.string(), None, "'12:00:00'", "12:00:00"),
    ],
)  # fmt: skip
def test_types_arrive_as_a_person_would_read_them(
    warehouse: Warehouse, type_: str, arrow: pa.DataType, kind: str | None, value: str, read: object
) -> None:
    warehouse.load(f"CREATE TABLE exotic (value {type_}); INSERT INTO exotic VALUES (NULL), ({value})")
    found = warehouse.table("SELECT value FROM exotic")
    assert (found.schema.types, kind_of(found.schema.field(0))) == ([arrow], kind)
    assert found["value"].to_pylist() == [None, read]


def test_a_missing_driver_is_named_with_the_command_that_installs_it(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "firebolt.client.auth", None)
    with pytest.raises(ExtraMissing) as missing, warehouse.source.read("SELECT 1"):
        pass
    assert missing.value.remedy == "Run: pip install 'bookward[firebolt]'"
    assert [step.ok for step in warehouse.source.check()] == [False]
