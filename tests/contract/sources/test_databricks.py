"""What Databricks alone can do, and can do to us."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pydantic import SecretStr, ValidationError

from bookward import __version__
from bookward.errors import SourceFailed, SourceUnreachable
from bookward.sources.databricks import DatabricksSource, DatabricksSpec, client
from bookward.sources.shape import kind_of
from tests.contract.sources.conftest import Warehouse
from tests.peers.certificates import write_certificate
from tests.peers.databricks import DatabricksStub, running_databricks
from tests.peers.http import Answer, Asked, Stub, serving

MANY = "CREATE TABLE many AS SELECT i AS id, repeat('x', 40) AS filler FROM generate_series(1, 25000) AS t(i)"


@pytest.fixture
def warehouse(databricks_warehouse: Warehouse) -> Warehouse:
    return databricks_warehouse


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask again at once."""
    monkeypatch.setattr(client, "_POLL", 0.01)


def altered(of: Warehouse, **changes: Any) -> DatabricksSource:
    return DatabricksSource("warehouse", of.spec.model_copy(update=changes))


def principal(stub: DatabricksStub, secret: str) -> DatabricksSource:
    spec = stub.spec("main", client_id="principal", client_secret=SecretStr(secret))
    return DatabricksSource("warehouse", spec)


def test_a_service_principal_signs_in(databricks: DatabricksStub) -> None:
    steps = list(principal(databricks, databricks.client_secret).check())
    assert [(step.name, step.ok) for step in steps] == [("reach", True), ("sign in", True), ("read", True)]
    assert steps[1].detail == "as principal"


def test_databricks_is_told_who_asks(warehouse: Warehouse, databricks: DatabricksStub) -> None:
    assert warehouse.row("SELECT 1 AS one") == {"one": 1}
    assert databricks.agents[-1] == f"bookward/{__version__}"


def test_a_sign_in_that_runs_out_is_renewed_while_reading(
    warehouse: Warehouse, databricks: DatabricksStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.load(MANY)
    changes = {"token": None, "client_id": "principal", "client_secret": SecretStr(databricks.client_secret)}
    with altered(warehouse, **changes).read("SELECT * FROM many") as rows:
        came = next(rows.batches).num_rows
        monkeypatch.setattr(databricks, "granted", "granted anew")
        came += sum(batch.num_rows for batch in rows.batches)
    assert came == 25_000


def test_a_refused_sign_in_is_told_without_its_secret(
    warehouse: Warehouse, databricks: DatabricksStub
) -> None:
    for source in (altered(warehouse, token=SecretStr("gu'essed")), principal(databricks, "gu'essed")):
        with pytest.raises(SourceFailed, match="refused the sign-in") as failed, source.read("SELECT 1"):
            pass
        assert "gu'ess" not in failed.value.message
        assert [(step.name, step.ok) for step in source.check()] == [("reach", True), ("sign in", False)]


def test_no_server_and_no_warehouse_are_told(warehouse: Warehouse) -> None:
    source = altered(warehouse, host="http://127.0.0.1:1")
    with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1:1/books"), source.read("SELECT 1"):
        pass
    assert [(step.name, step.ok) for step in source.check()] == [("reach", False)]
    with pytest.raises(SourceFailed, match="Warehouse w2 does not exist"):  # noqa: SIM117
        with altered(warehouse, warehouse_id="w2").read("SELECT 1"):
            pass


class Website(Stub):
    """Answers everything with the same page."""

    def answer(self, asked: Asked) -> Answer:
        return Answer(b"<html>Welcome</html>", 200, {"Content-Type": "text/html"})


@pytest.mark.parametrize(
    "sign_in", [{}, {"token": None, "client_id": "principal", "client_secret": SecretStr("secret")}]
)
def test_another_service_at_the_address_is_told(warehouse: Warehouse, sign_in: dict[str, Any]) -> None:
    with serving(Website()) as website:
        elsewhere = altered(warehouse, host=website.url, **sign_in)
        *_, last = elsewhere.check()
    assert (last.name, last.ok) == ("sign in", False)
    assert "answers with something else than it should: JSONDecodeError" in last.detail
    assert "another service may answer there" in last.remedy


def test_one_way_in_is_said_and_no_secret_goes_in_the_open() -> None:
    usual = {"warehouse_id": "w", "catalog": "c", "host": "https://x.cloud.databricks.com"}
    with pytest.raises(ValidationError, match="say one of"):
        DatabricksSpec(**usual)
    with pytest.raises(ValidationError, match="say one of"):
        DatabricksSpec(**usual, token="t", client_id="i", client_secret="s")
    with pytest.raises(ValidationError, match="go together"):
        DatabricksSpec(**usual, token="t", client_id="i")
    with pytest.raises(ValidationError, match="host"):
        DatabricksSpec(**usual | {"host": "http://elsewhere.example"}, token="t")


def test_a_server_proves_who_it_is_before_it_is_told_a_secret(tmp_path: Path) -> None:
    certificate = tmp_path / "both.pem"
    write_certificate(certificate)
    with running_databricks(certificate) as secured:
        ways = ({"token": secured.token}, {"client_id": "principal", "client_secret": secured.client_secret})
        for way in ways:
            proven = secured.spec("main", sslrootcert=str(certificate), **way)
            trusting = DatabricksSource("warehouse", proven)
            with trusting.read("SELECT 1 AS one") as rows:  # whose rows lie behind a link
                assert [batch.to_pylist() for batch in rows.batches] == [[{"one": 1}]]
            asked = len(secured.agents)
            for change, said in (
                ({"sslrootcert": None}, "certificate verify failed"),
                ({"host": secured.url.replace("localhost", "127.0.0.1")}, "mismatch"),
            ):
                spec = proven.model_copy(update=change)
                with pytest.raises(SourceUnreachable, match=said):
                    DatabricksSource("warehouse", spec).read("SELECT 1 AS one").__enter__()
            assert len(secured.agents) == asked


def test_a_file_of_certificates_that_is_none_is_said(warehouse: Warehouse, tmp_path: Path) -> None:
    source = altered(warehouse, sslrootcert=str(tmp_path / "none.pem"))
    with pytest.raises(SourceFailed, match=r"none\.pem"), source.read("SELECT 1"):
        pass


@pytest.mark.usefixtures("impatient")
def test_a_result_that_comes_later_is_waited_for(
    warehouse: Warehouse, databricks: DatabricksStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databricks, "late", True)
    warehouse.load(MANY)
    assert warehouse.table("SELECT * FROM many").num_rows == 25_000
    with pytest.raises(SourceFailed, match=r"refused the query.*nowhere"):
        warehouse.table("SELECT * FROM nowhere")


@pytest.mark.usefixtures("impatient")
def test_a_query_that_takes_too_long_is_cancelled(warehouse: Warehouse, databricks: DatabricksStub) -> None:
    source = altered(warehouse, statement_timeout=1)
    endless = "SELECT COUNT(*) AS n FROM range(100000000) AS a CROSS JOIN range(100000000) AS b"
    with pytest.raises(SourceFailed, match=r"gave the query up.*more than 1 second") as failed:  # noqa: SIM117
        with source.read(endless):
            pass
    assert "statement_timeout" in failed.value.remedy
    assert databricks.cancelled.is_set()


def test_a_chunk_that_is_cut_is_an_error(
    warehouse: Warehouse, databricks: DatabricksStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databricks, "cut", True)
    warehouse.load(MANY)
    sizes: list[int] = []
    failure = pytest.raises(SourceFailed, match="lost while reading")
    with failure as failed, warehouse.source.read("SELECT * FROM many") as rows:
        for batch in rows.batches:
            sizes.append(batch.num_rows)  # noqa: PERF401
    assert sum(sizes) == 8_000
    assert "s3cret" not in failed.value.message


def test_chunks_that_are_missing_are_noticed(
    warehouse: Warehouse, databricks: DatabricksStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databricks, "forgets", True)
    warehouse.load(MANY)
    failure = pytest.raises(SourceFailed, match=r"lost while reading: 16,000 of 25,000 rows came")
    with failure, warehouse.source.read("SELECT * FROM many") as rows:
        list(rows.batches)


def test_a_result_that_databricks_cuts_off_is_none(
    warehouse: Warehouse, databricks: DatabricksStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databricks, "truncates", True)
    failure = pytest.raises(SourceFailed, match="larger than Databricks gives out")
    with failure, warehouse.source.read("SELECT 1 AS id"):
        pass


@pytest.mark.parametrize(
    ("type_", "arrow", "kind", "value", "read"),
    [
        ("TINYINT", pa.int8(), None, "-128", -128),
        ("FLOAT", pa.float32(), None, "0.5", 0.5),
        ("DECIMAL(38, 10)", pa.decimal128(38, 10), None, "'-1.0000000001'", Decimal("-1.0000000001")),
        ("INTEGER[]", pa.string(), "json", "[1, 2]", [1, 2]),
        ("STRUCT(a DECIMAL(5, 2), b VARCHAR)", pa.string(), "json", "{'a': 1.10, 'b': 'x'}",
         {"a": "1.10", "b": "x"}),
        ("BLOB", pa.binary(), None, r"'\x00\xFF'::BLOB", b"\x00\xff"),
    ],
)  # fmt: skip
def test_richer_types_arrive_as_a_person_would_read_them(
    warehouse: Warehouse, type_: str, arrow: pa.DataType, kind: str | None, value: str, read: object
) -> None:
    warehouse.load(f"CREATE TABLE rich (value {type_}); INSERT INTO rich VALUES ({value})")
    with warehouse.source.read("SELECT value FROM rich") as rows:
        assert rows.schema.types == [arrow]
        assert kind_of(rows.schema.field(0)) == kind
        (found,) = [row["value"] for batch in rows.batches for row in batch.to_pylist()]
    assert (json.loads(found) if kind == "json" else found) == read
