"""What Athena alone can do, and can do to us."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pyarrow as pa
import pytest
from pydantic import SecretStr, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bookward.errors import ExtraMissing, SourceFailed, SourceUnreachable
from bookward.sources import arrowtables
from bookward.sources.athena import AthenaSource, AthenaSpec, types
from tests.contract.sources.conftest import Warehouse
from tests.integration.web.site import listening
from tests.peers.athena import AthenaStub
from tests.peers.awssigned import signed
from tests.peers.objectstore import READER


@pytest.fixture
def warehouse(athena_warehouse: Warehouse) -> Warehouse:
    return athena_warehouse


def altered(of: Warehouse, **changes: Any) -> AthenaSource:
    return AthenaSource("warehouse", of.spec.model_copy(update=changes))


def test_checking_names_who_signs_in(warehouse: Warehouse) -> None:
    assert [(step.name, step.ok, step.detail) for step in warehouse.source.check()][1:] == [
        ("sign in", True, "as READER"), ("read", True, "Athena, read-only"),
    ]  # fmt: skip


@pytest.mark.parametrize("change", [{"secret_access_key": "gu'essed"}, {"access_key_id": "NOBODY"}])
def test_a_refused_sign_in_is_told_without_its_secret(warehouse: Warehouse, change: dict[str, str]) -> None:
    key = change.get("secret_access_key")
    source = altered(warehouse, **change | ({"secret_access_key": SecretStr(key)} if key else {}))
    with pytest.raises(SourceFailed, match=r"refused the sign-in.*signature") as failed:  # noqa: SIM117
        with source.read("SELECT 1"):
            pass
    assert "gu'ess" not in failed.value.message
    assert [(step.name, step.ok) for step in source.check()] == [("reach", True), ("sign in", False)]


def test_a_machine_without_a_sign_in_is_told(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    source = altered(warehouse, access_key_id=None, secret_access_key=None)
    with pytest.raises(SourceFailed, match=r"refused the sign-in.*credentials"), source.read("SELECT 1"):
        pass


def test_athena_is_told_who_asks(warehouse: Warehouse, athena: AthenaStub) -> None:
    assert warehouse.row("SELECT 1 AS one") == {"one": 1}
    assert athena.agents[-1].endswith(" app/bookward")
    assert athena.history[-1].startswith("/* bookward */ SELECT")


@pytest.fixture
def lender(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, str]]]:
    """Let the OWNER of a key take a role on, which is the reader's; give what was asked for."""
    asked: list[dict[str, str]] = []
    lent = f"""<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
        <Credentials><AccessKeyId>{READER["AWS_ACCESS_KEY_ID"]}</AccessKeyId>
        <SecretAccessKey>{READER["AWS_SECRET_ACCESS_KEY"]}</SecretAccessKey><SessionToken>lent</SessionToken>
        <Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""

    async def answer(request: Request) -> Response:
        body = await request.body()
        if not signed(request, body, url, "OWNER", "owner-secret", "sts"):
            return Response("<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>", 403)
        asked.append(dict(parse_qsl(body.decode())))
        return Response(lent, media_type="text/xml")

    with listening(lambda _: Starlette(routes=[Route("/", answer, methods=["POST"])])) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        yield asked


def test_a_role_is_taken_on(warehouse: Warehouse, lender: list[dict[str, str]]) -> None:
    role = {"role_arn": "arn:aws:iam::123456789012:role/books", "external_id": "ours"}
    owner = {"access_key_id": "OWNER", "secret_access_key": SecretStr("owner-secret")}
    warehouse.load("CREATE TABLE few (id INTEGER)")
    assert "few" in {table.name for table in altered(warehouse, **owner, **role).tables()}
    assert {(each["RoleArn"], each["ExternalId"]) for each in lender} == {tuple(role.values())}
    guessed = owner | {"secret_access_key": SecretStr("gu'essed")}
    with pytest.raises(SourceFailed, match=r"refused the sign-in: AccessDenied"):
        list(altered(warehouse, **guessed, **role).tables())


def test_no_server_and_no_result_are_told(warehouse: Warehouse) -> None:
    source = altered(warehouse, endpoint_url="http://127.0.0.1:1", connect_timeout=1)
    with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1:1/AwsDataCatalog"), source.read("SELECT 1"):
        pass
    assert [(step.name, step.ok) for step in source.check()] == [("reach", False)]
    gone = altered(warehouse, s3_endpoint_url="http://127.0.0.1:1", connect_timeout=1)
    with pytest.raises(SourceFailed, match="lost while reading"), gone.read("SELECT 1 AS id") as rows:
        list(rows.batches)


def test_what_is_said_of_the_sign_in_is_whole_and_no_key_goes_in_the_open() -> None:
    with pytest.raises(ValidationError, match="go together"):
        AthenaSpec(access_key_id="A")
    with pytest.raises(ValidationError, match="endpoint_url"):
        AthenaSpec(endpoint_url="http://elsewhere.example")


def test_a_result_that_is_cut_is_an_error(warehouse: Warehouse, athena: AthenaStub) -> None:
    failure = pytest.raises(SourceFailed, match="lost while reading")
    with failure, altered(warehouse, s3_endpoint_url=athena.url).read("SELECT 1 AS id") as rows:
        list(rows.batches)


def test_a_query_that_takes_too_long_is_stopped(warehouse: Warehouse, athena: AthenaStub) -> None:
    source = altered(warehouse, statement_timeout=1)
    endless = "SELECT COUNT(*) AS n FROM range(100000000) AS a CROSS JOIN range(100000000) AS b"
    with pytest.raises(SourceFailed, match=r"gave the query up.*more than 1 second") as failed:  # noqa: SIM117
        with source.read(endless):
            pass
    assert "statement_timeout" in failed.value.remedy
    assert athena.stopped


def test_nothing_and_an_empty_text_are_told_apart(warehouse: Warehouse) -> None:
    warehouse.load("CREATE TABLE t (x TEXT); INSERT INTO t VALUES ('a'), (NULL), (''), ('\n'), ('\"')")
    found = warehouse.table("SELECT x FROM t")["x"].to_pylist()
    assert found == ["a", None, "", "\n", '"']


def test_a_line_that_is_too_long_is_an_error_and_one_that_is_not_comes_whole(warehouse: Warehouse) -> None:
    """Lines may go on over the pieces in which a result is read, as may the texts in them."""
    warehouse.load("CREATE TABLE t AS SELECT i AS id, repeat('é\n', 80000) AS x FROM range(9) AS r(i)")
    found = warehouse.table("SELECT id, x FROM t")["x"].to_pylist()
    assert found == ["é\n" * 80_000] * 9
    with pytest.raises(SourceFailed, match=r"failed while it was read.*straddl"):
        warehouse.table("SELECT id, x || x || x AS x FROM t")


def test_two_columns_may_have_one_name(warehouse: Warehouse) -> None:
    assert warehouse.table("SELECT 1 AS a, 'b' AS b").to_pylist() == [{"a": 1, "b": "b"}]


@pytest.mark.parametrize(
    ("type_", "arrow", "value", "read"),
    [
        ("TINYINT", pa.int8(), "-128", -128),
        ("FLOAT", pa.float32(), "0.5", 0.5),
        ("DECIMAL(38, 10)", pa.decimal128(38, 10), "'-1.0000000001'", Decimal("-1.0000000001")),
        ("INTEGER[]", pa.string(), "[1, 2]", "[1, 2]"),
        ("BLOB", pa.binary(), r"'\x00\xFF'::BLOB", b"\x00\xff"),
    ],
)
def test_richer_types_arrive_as_a_person_would_read_them(
    warehouse: Warehouse, type_: str, arrow: pa.DataType, value: str, read: object
) -> None:
    warehouse.load(f"CREATE TABLE rich (value {type_}); INSERT INTO rich VALUES ({value}), (NULL)")
    with warehouse.source.read("SELECT value FROM rich") as rows:
        assert rows.schema.types == [arrow]
        assert [row["value"] for batch in rows.batches for row in batch.to_pylist()] == [read, None]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-29 02:30:00.123 UTC", datetime(2026, 3, 29, 2, 30, 0, 123000, tzinfo=UTC)),
        ("2026-03-29 02:30:00.123 Pacific/Auckland", datetime(2026, 3, 28, 13, 30, 0, 123000, tzinfo=UTC)),
        ("2026-03-29 02:30:00.123 +13:00", datetime(2026, 3, 28, 13, 30, 0, 123000, tzinfo=UTC)),
        ("2026-03-29 02:30:00.123 -05:30", datetime(2026, 3, 29, 8, 0, 0, 123000, tzinfo=UTC)),
    ],
)
def test_moments_are_read_in_utc_whatever_their_zone(text: str, utc: datetime) -> None:
    described = {"Name": "at", "Type": "timestamp with time zone", "Precision": 3, "Scale": 0}
    texts = pa.table({"at": pa.array([text, None], pa.string())})
    (batch,) = arrowtables.batches([texts], [types.column(described)])
    assert batch["at"].to_pylist() == [utc, None]


def test_a_zone_that_is_not_known_here_is_told(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse.load("CREATE TABLE t AS SELECT TIMESTAMPTZ '2026-03-29 02:30:00+00' AS at")
    monkeypatch.setattr("tests.peers.athena.ZONE", "Pacific/Atlantis")
    with pytest.raises(SourceFailed, match=r"failed while it was read.*Pacific/Atlantis"):
        warehouse.table("SELECT at FROM t")


def test_an_hour_that_comes_twice_is_refused(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse.load("CREATE TABLE t AS SELECT TIMESTAMPTZ '2026-04-05 02:30:00+00' AS at")
    monkeypatch.setattr("tests.peers.athena.ZONE", "Pacific/Auckland")  # where it is set back at 03:00
    with pytest.raises(SourceFailed, match=r"02:30:00.* stands for two moments; write `AT TIME ZONE 'UTC'`"):
        warehouse.table("SELECT at FROM t")


def test_all_databases_are_listed_page_by_page(warehouse: Warehouse, athena: AthenaStub) -> None:
    schemas = [athena.data.new_schema() for _ in range(7)]
    for schema in schemas:
        athena.data.load("CREATE TABLE t (id INTEGER)", schema)
    assert set(schemas) <= {table.schema for table in warehouse.source.tables()}


def test_a_missing_driver_is_named_with_the_command_that_installs_it(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(ExtraMissing) as missing, warehouse.source.read("SELECT 1"):
        pass
    assert missing.value.remedy == "Run: pip install 'bookward[athena]'"
