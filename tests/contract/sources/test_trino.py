"""What Trino alone can do, and can do to us, at a stub that speaks its protocol to its own client."""

from __future__ import annotations

import base64
import math
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pydantic import SecretStr, ValidationError

from bookward.errors import ExtraMissing, SourceFailed, SourceUnreachable
from bookward.sources.shape import kind_of
from bookward.sources.trino import TrinoSource, TrinoSpec, types
from tests.contract.sources.conftest import Warehouse
from tests.peers.certificates import write_certificate
from tests.peers.http import Answer, Asked, Stub, serving
from tests.peers.trino import Trino, running_trino

MANY = "CREATE TABLE many AS SELECT n AS id, repeat('x', 40) AS filler FROM generate_series(1, 20000) AS t(n)"
NEVER = "SELECT count(*) AS n FROM many AS a, many AS b, many AS c WHERE sin(a.id + b.id + c.id) = 2"
ENDLESS = "SELECT a.id FROM many AS a, many AS b, many AS c"


@pytest.fixture
def warehouse(trino_warehouse: Warehouse) -> Warehouse:
    return trino_warehouse


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    write_certificate(file)
    return file


@pytest.fixture(scope="module")
def secured(certificate: Path) -> Iterator[Trino]:
    with running_trino(certificate) as server:
        yield server


def altered(warehouse: Warehouse, **changes: Any) -> TrinoSource:
    return TrinoSource("warehouse", warehouse.spec.model_copy(update=changes))


def encrypted(server: Trino, certificate: Path, **more: Any) -> TrinoSource:
    settings = {"host": "localhost", "sslrootcert": str(certificate)} | more
    return TrinoSource(
        "warehouse", TrinoSpec(port=server.port, user=server.user, catalog="memory", **settings)
    )


def test_no_server_is_named_with_host_port_and_catalog(warehouse: Warehouse) -> None:
    source = altered(warehouse, port=1)
    with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1:1/memory.*refused"), source.read("SELECT 1"):
        pass
    assert [(step.name, step.ok) for step in source.check()] == [("reach", False)]


@pytest.mark.parametrize("shown", ["password", "token", "certificate"])
def test_one_signs_in_by_password_token_or_certificate(secured: Trino, certificate: Path, shown: str) -> None:
    settings: dict[str, dict[str, Any]] = {
        "password": {"password": SecretStr(secured.password)},
        "token": {"token": SecretStr(secured.token)},
        "certificate": {"sslcert": str(certificate), "sslkey": str(certificate)},
    }
    assert [step.ok for step in encrypted(secured, certificate, **settings[shown]).check()] == [True] * 3


class Provider(Stub):
    """Gives one client tokens of one scope (RFC 6749, 4.4)."""

    token = ""

    def answer(self, asked: Asked) -> Answer:
        given = base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")).decode()
        if given != "books:a+secret%2F":
            said = {"error": "invalid_client", "error_description": "Unknown client."}
            return Answer(said, 401)
        if asked.body != b"grant_type=client_credentials&scope=trino":
            return Answer({"error": "invalid_scope"}, 400)
        return Answer({"access_token": self.token, "token_type": "Bearer"})


CLIENT = {"oauth_client_id": "books", "oauth_client_secret": "a secret/", "oauth_scope": "trino"}


def test_a_client_gets_a_token_from_a_provider_and_signs_in_with_it(
    secured: Trino, certificate: Path
) -> None:
    with serving(Provider()) as provider:
        provider.token = secured.token
        client = CLIENT | {"oauth_token_url": f"{provider.url}/token"}
        assert [step.ok for step in encrypted(secured, certificate, **client).check()] == [True] * 3
        for wrong, said in (
            ({"oauth_client_secret": "gu'essed"}, "Unknown client."),
            ({"oauth_scope": None}, "invalid_scope"),
            ({"oauth_token_url": "http://127.0.0.1:1/token"}, "refused"),
        ):
            source = encrypted(secured, certificate, **client | wrong)
            with pytest.raises(SourceFailed, match=f"got no token from .*{said}") as failed:
                source.read("SELECT 1").__enter__()
            assert "gu'ess" not in failed.value.message
        provider.token = "of-another"
        assert [step.ok for step in encrypted(secured, certificate, **client).check()] == [True, False]
    with pytest.raises(ValidationError, match="together"):
        encrypted(secured, certificate, oauth_client_id="books")


@pytest.mark.parametrize("shown", [{"password": "gu'essed"}, {"token": "gu'essed"}, {}])
def test_a_refused_sign_in_gives_the_words_of_the_server(
    secured: Trino, certificate: Path, shown: dict[str, str]
) -> None:
    source = encrypted(secured, certificate, **shown)
    with pytest.raises(SourceFailed, match=r"refused the sign-in: error 401.*Invalid cred") as failed:  # noqa: SIM117
        with source.read("SELECT 1"):
            pass
    assert "gu'ess" not in failed.value.message
    assert [(step.name, step.ok) for step in source.check()] == [("reach", True), ("sign in", False)]


def test_no_secret_goes_out_in_the_open() -> None:
    with pytest.raises(ValidationError, match="over TLS only"):
        TrinoSpec(host="trino", user="me", catalog="c", password=SecretStr("planted"), sslmode="disable")


@pytest.mark.parametrize(
    ("settings", "refused"),
    [
        ({"sslmode": "require", "host": "127.0.0.1", "sslrootcert": None}, None),
        ({"sslrootcert": None}, "self-signed"),
        ({"host": "127.0.0.1"}, "doesn't match|mismatch|not valid for"),
    ],
)
def test_who_does_not_prove_to_be_the_server_gets_no_sign_in(
    secured: Trino, certificate: Path, settings: dict[str, Any], refused: str | None
) -> None:
    before = len(secured.asked)
    source = encrypted(secured, certificate, password=SecretStr(secured.password), **settings)
    if refused is None:
        assert [step.ok for step in source.check()] == [True] * 3
    else:
        with pytest.raises(SourceFailed, match=f"refused the sign-in.*({refused})"):  # noqa: SIM117
            with source.read("SELECT 1"):
                pass
        assert len(secured.asked) == before


def test_the_environment_does_not_say_who_is_trusted_where_the_file_does(
    secured: Trino, certificate: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "nobody.pem"))
    source = encrypted(secured, certificate, token=SecretStr(secured.token))
    assert [step.ok for step in source.check()] == [True] * 3


def test_a_file_of_certificates_that_is_none_is_said(secured: Trino, tmp_path: Path) -> None:
    source = encrypted(secured, tmp_path / "none.pem")
    with pytest.raises(SourceFailed, match=r"none\.pem"), source.read("SELECT 1"):
        pass


@contextmanager
def breaking(server: Trino, what: str, page: int) -> Iterator[None]:
    setattr(server, what, page)
    try:
        yield
    finally:
        setattr(server, what, None)


@pytest.mark.parametrize("what", ["cut_at", "forget_at"])
@pytest.mark.parametrize("page", [1, 3])
def test_a_page_that_does_not_come_never_looks_like_the_end(
    warehouse: Warehouse, trino: Trino, what: str, page: int
) -> None:
    warehouse.load(MANY)
    sizes: list[int] = []
    with breaking(trino, what, page):  # noqa: SIM117
        with pytest.raises(SourceFailed, match="lost while reading"):
            with warehouse.source.read("SELECT * FROM many") as rows:
                sizes.extend(batch.num_rows for batch in rows.batches)
    assert (sum(sizes) > 0) == (page > 1)
    assert sum(sizes) < 20_000


@pytest.mark.parametrize("query", [NEVER, ENDLESS])
def test_a_query_that_takes_too_long_is_given_up_before_and_while_it_answers(
    warehouse: Warehouse, query: str
) -> None:
    warehouse.load(MANY)
    source = altered(warehouse, statement_timeout=1)
    with pytest.raises(SourceFailed, match="gave the query up") as failed:  # noqa: SIM117
        with source.read(query) as rows:
            deque(rows.batches, maxlen=0)
    assert "statement_timeout" in failed.value.remedy


def test_leaving_early_cancels_the_query_at_the_server(warehouse: Warehouse, trino: Trino) -> None:
    warehouse.load(MANY)
    before = len(trino.cancelled)
    with warehouse.source.read(ENDLESS) as rows:
        next(rows.batches)
    assert len(trino.cancelled) == before + 1


def test_the_server_is_told_who_asks_and_what_for(warehouse: Warehouse, trino: Trino) -> None:
    source = altered(
        warehouse, client_tags=["books"], session_properties={"query_max_memory": "1GB"}, statement_timeout=5
    )
    with source.read("SELECT 1 AS one") as rows:
        assert [batch.to_pylist() for batch in rows.batches] == [[{"one": 1}]]
        headers = trino.asked[-1]
    assert headers["X-Trino-Source"] == "bookward"
    assert headers["X-Trino-Client-Tags"] == "books"
    assert headers["X-Trino-Session"] == "query_max_run_time=5s,query_max_memory=1GB"
    assert headers["X-Trino-Transaction-Id"]
    # Nor is it asked to spool: rows would lie in a storage that Bookward may not reach.
    assert "X-Trino-Query-Data-Encoding" not in headers


@pytest.mark.parametrize(
    ("type_", "arrow", "kind", "value", "read"),
    [
        ("TINYINT", pa.int8(), None, "-128", -128),
        ("FLOAT", pa.float32(), None, "0.5", 0.5),
        ("DOUBLE", pa.float64(), None, "'-Infinity'", -math.inf),
        ("DECIMAL(38,12)", pa.decimal128(38, 12), None, "1.5", Decimal("1.500000000000")),
        ("DATE", pa.date32(), None, "'0001-01-01'", date(1, 1, 1)),
        ("TIME", pa.time64("us"), None, "'23:59:59.999999'", time(23, 59, 59, 999999)),
        ("TIMESTAMP_NS", pa.timestamp("us"), None, "'2026-03-29 02:30:00.123456789'",
         datetime.fromisoformat("2026-03-29T02:30:00.123456")),
        ("TIMESTAMPTZ", pa.timestamp("us", "UTC"), None, "'2026-10-25 00:30:00+00'",
         datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("TIMESTAMPTZ", pa.timestamp("us", "UTC"), None, "'2026-10-25 01:30:00.5+00'",
         datetime(2026, 10, 25, 1, 30, 0, 500000, tzinfo=UTC)),
        ("BLOB", pa.binary(), None, "'\\x00\\xFF'", b"\x00\xff"),
        ("UUID", pa.string(), "uuid", "'8d0f1c7e-5e0f-4a4e-9d3a-2f5b7f0c1a11'",
         "8d0f1c7e-5e0f-4a4e-9d3a-2f5b7f0c1a11"),
        ("JSON", pa.string(), "json", "'[1.10]'", "[1.10]"),
        ("VARCHAR[]", pa.list_(pa.string()), None, "['a', NULL]", ["a", None]),
        ("DATE[]", pa.list_(pa.date32()), None, "['2026-01-31']", [date(2026, 1, 31)]),
        ("INTEGER[][]", pa.string(), "json", "[[1], NULL]", "[[1], null]"),
        ("STRUCT(name VARCHAR, paid DECIMAL(9,2)[])", pa.string(), "json",
         "{'name': 'Ünï', 'paid': [1.50]}", '{"name": "Ünï", "paid": ["1.50"]}'),
        ("MAP(VARCHAR, INTEGER)", pa.string(), "json", "MAP {'k': 1}", '{"k": 1}'),
    ],
)  # fmt: skip
def test_types_arrive_as_a_person_would_read_them(
    warehouse: Warehouse, type_: str, arrow: pa.DataType, kind: str | None, value: str, read: object
) -> None:
    warehouse.load(f"CREATE TABLE exotic (value {type_}); INSERT INTO exotic VALUES (NULL), ({value})")
    found = warehouse.table("SELECT value FROM exotic")
    assert (found.schema.types, kind_of(found.schema.field(0))) == ([arrow], kind)
    assert found["value"].to_pylist() == [None, read]


def test_days_beyond_the_calendar_become_its_first_or_last() -> None:
    day = types.column({"name": "day", "typeSignature": {"rawType": "date", "arguments": []}})
    texts = ["-0044-03-15", "0000-12-31", "9999-12-31", "+10000-01-01", "10000-01-01", None]
    first, last = date.min, date.max
    assert day.build(texts).to_pylist() == [first, first, last, last, last, None]


def test_a_missing_driver_is_named_with_the_command_that_installs_it(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "trino", None)
    with pytest.raises(ExtraMissing) as missing, warehouse.source.read("SELECT 1"):
        pass
    assert missing.value.remedy == "Run: pip install 'bookward[trino]'"
    assert [step.ok for step in warehouse.source.check()] == [False]


def test_a_certificate_is_held_against_the_name_that_a_server_has(secured: Trino, certificate: Path) -> None:
    known = {"password": SecretStr(secured.password)}
    source = encrypted(secured, certificate, host="127.0.0.1", tls_host="localhost", **known)
    with source.read("SELECT 1 AS one") as rows:
        assert [row for batch in rows.batches for row in batch.to_pylist()] == [{"one": 1}]
    other = encrypted(secured, certificate, host="localhost", tls_host="trino.example.com", **known)
    with pytest.raises(SourceFailed, match=r"(?s)SSL.*trino\.example\.com"), other.read("SELECT 1 AS one"):
        pass
