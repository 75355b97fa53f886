"""What BigQuery alone can do, and can do to us."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from google.api_core.exceptions import Forbidden
from google.cloud.bigquery import SchemaField
from google.cloud.bigquery.table import RowIterator
from pydantic import SecretStr, ValidationError

from bookward.errors import ExtraMissing, SourceFailed, SourceUnreachable
from bookward.sources import arrowtables
from bookward.sources.bigquery import BigQuerySource, BigQuerySpec, types
from bookward.sources.bigquery import source as module
from bookward.sources.shape import kind_of
from tests.contract.sources.conftest import Warehouse
from tests.peers.bigquery import BigQueryStub

MANY = "CREATE TABLE many AS SELECT i AS id, repeat('x', 40) AS filler FROM generate_series(1, 25000) AS t(i)"


@pytest.fixture
def warehouse(bigquery_warehouse: Warehouse) -> Warehouse:
    return bigquery_warehouse


def altered(of: Warehouse, **changes: Any) -> BigQuerySource:
    return BigQuerySource("warehouse", of.spec.model_copy(update=changes))


def test_what_the_machine_has_signs_in(
    warehouse: Warehouse, bigquery: BigQueryStub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "key.json"
    file.write_text(bigquery.account())
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    steps = list(altered(warehouse, service_account_key=None).check())
    assert [(step.name, step.ok) for step in steps] == [("reach", True), ("sign in", True), ("read", True)]
    assert steps[1].detail == "as bookward@books.example"


def test_a_machine_elsewhere_signs_in_by_what_its_own_provider_says_of_it(
    warehouse: Warehouse, bigquery: BigQueryStub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Workload identity federation: no key of Google's is on the machine."""
    file, token = tmp_path / "federated.json", tmp_path / "token"
    file.write_text(bigquery.federated(str(token)))
    token.write_text("vouched")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    source = altered(warehouse, service_account_key=None)
    assert [(step.name, step.ok) for step in source.check()] == [
        ("reach", True), ("sign in", True), ("read", True),
    ]  # fmt: skip
    token.write_text("gu'essed")
    other = altered(warehouse, service_account_key=None)
    with pytest.raises(SourceFailed, match=r"refused the sign-in.*Bad subject") as failed:  # noqa: SIM117
        with other.read("SELECT 1"):
            pass
    assert "gu'essed" not in failed.value.message


def test_a_machine_without_a_sign_in_is_told_what_to_set(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    with pytest.raises(SourceFailed, match="no sign-in at Google") as failed:
        next(altered(warehouse, service_account_key=None).tables())
    assert "`service_account_key`" in failed.value.remedy


def test_a_refused_sign_in_is_told_without_its_key(warehouse: Warehouse, bigquery: BigQueryStub) -> None:
    other = bigquery.account(rsa.generate_private_key(65537, 2048))
    source = altered(warehouse, service_account_key=SecretStr(other))
    with pytest.raises(SourceFailed, match=r"refused the sign-in.*Invalid JWT") as failed:  # noqa: SIM117
        with source.read("SELECT 1"):
            pass
    assert "PRIVATE KEY" not in failed.value.message
    assert [(step.name, step.ok) for step in source.check()] == [("reach", True), ("sign in", False)]


def test_a_person_who_has_agreed_signs_in_until_it_is_taken_back(
    warehouse: Warehouse, bigquery: BigQueryStub
) -> None:
    person = {"service_account_key": None, "user_credentials": SecretStr(bigquery.agreed())}
    assert [step.ok for step in altered(warehouse, **person).check()] == [True] * 3
    gone = altered(warehouse, **person | {"user_credentials": SecretStr(bigquery.agreed("1//taken-back"))})
    with pytest.raises(SourceFailed, match=r"refused the sign-in.*Token was revoked") as failed:
        next(gone.tables())
    assert "taken-back" not in failed.value.message
    unread = altered(warehouse, **person | {"user_credentials": SecretStr("planted")})
    with pytest.raises(SourceFailed, match=r"`user_credentials`.* is not what Google writes") as none:
        next(unread.tables())
    assert none.value.__cause__ is None
    with pytest.raises(ValidationError, match="say one of"):
        BigQuerySpec(project="p", service_account_key="{}", user_credentials="{}")


@pytest.mark.parametrize("key", ["secret-words", "[]", '{"type": "secret-words"}'])
def test_a_key_that_is_none_is_told_without_it(warehouse: Warehouse, key: str) -> None:
    source = altered(warehouse, service_account_key=SecretStr(key))
    with pytest.raises(SourceFailed, match="is not the JSON of a service account") as failed:
        next(source.tables())
    assert "secret-words" not in failed.value.message + failed.value.remedy


def test_no_server_is_told_apart(warehouse: Warehouse) -> None:
    source = altered(warehouse, url="http://127.0.0.1:1", connect_timeout=1)
    with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1:1/books"), source.read("SELECT 1"):
        pass
    assert [(step.name, step.ok) for step in source.check()] == [("reach", False)]


def test_no_key_goes_in_the_open() -> None:
    with pytest.raises(ValidationError, match="url"):
        BigQuerySpec(project="p", url="http://elsewhere.example")


def test_a_query_is_marked_as_the_file_says(warehouse: Warehouse, bigquery: BigQueryStub) -> None:
    source = altered(warehouse, labels={"team": "ledger"}, statement_timeout=7, location="US")
    with source.read("SELECT 1 AS one") as rows:
        assert [batch.num_rows for batch in rows.batches] == [1]
    *_, job = bigquery.jobs.values()
    assert job["configuration"]["labels"] == {"team": "ledger"}
    assert job["configuration"]["jobTimeoutMs"] == "7000"
    assert job["jobReference"]["location"] == "US"


def test_a_page_that_is_cut_is_an_error(
    warehouse: Warehouse, bigquery: BigQueryStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bigquery, "cut", True)
    warehouse.load(MANY)
    sizes: list[int] = []
    failure = pytest.raises(SourceFailed, match="lost while reading")
    with failure, altered(warehouse, connect_timeout=1).read("SELECT * FROM many") as rows:
        for batch in rows.batches:
            sizes.append(batch.num_rows)  # noqa: PERF401
    assert sum(sizes) == 5_000


def test_pages_that_are_missing_are_noticed(
    warehouse: Warehouse, bigquery: BigQueryStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bigquery, "forgets", True)
    warehouse.load(MANY)
    failure = pytest.raises(SourceFailed, match=r"lost while reading: 10,000 of 25,000 rows came")
    with failure, warehouse.source.read("SELECT * FROM many") as rows:
        list(rows.batches)


def test_pages_are_read_where_the_storage_api_is_not_allowed(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing:
        def create_read_session(self, *_: Any, **__: Any) -> Any:
            raise Forbidden("no bigquery.readsessions.create")

    monkeypatch.setattr(module._Query, "storage", lambda _: Refusing())
    warehouse.load(MANY)
    assert warehouse.table("SELECT id FROM many").num_rows == 25_000


def test_the_storage_api_is_read_one_piece_after_the_other(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client by itself reads all streams at once, and queues what nobody has taken yet."""
    storage: object = object()
    asked: list[dict[str, Any]] = []
    pages = RowIterator.to_arrow_iterable

    def streamed(rows: RowIterator, **options: Any) -> Any:
        asked.append(options)
        return pages(rows)

    monkeypatch.setattr(RowIterator, "to_arrow_iterable", streamed)
    monkeypatch.setattr(module._Query, "storage", lambda _: storage)
    warehouse.load(MANY)
    assert warehouse.table("SELECT id FROM many").num_rows == 25_000
    assert asked == [{"bqstorage_client": storage, "max_queue_size": 2, "max_stream_count": 1}]
    with altered(warehouse, storage_api=False).read("SELECT id FROM many") as rows:
        assert sum(batch.num_rows for batch in rows.batches) == 25_000
    assert asked[1:] == [{}]


def test_several_statements_are_none_that_reads(warehouse: Warehouse) -> None:
    warehouse.load("CREATE TABLE safe (id INTEGER)")
    failure = pytest.raises(SourceFailed, match=r"read-only.*SCRIPT")
    with failure, warehouse.source.read("SELECT 1; DROP TABLE safe"):
        pass
    assert warehouse.ask("SELECT count(*) FROM safe") == [(0,)]


def test_a_query_that_takes_too_long_is_given_up(warehouse: Warehouse) -> None:
    source = altered(warehouse, statement_timeout=1)
    endless = "SELECT COUNT(*) AS n FROM range(100000000) AS a CROSS JOIN range(100000000) AS b"
    with pytest.raises(SourceFailed, match=r"gave the query up.*timed out") as failed:  # noqa: SIM117
        with source.read(endless):
            pass
    assert "statement_timeout" in failed.value.remedy


def test_a_query_that_would_cost_too_much_is_told_with_the_limit(warehouse: Warehouse) -> None:
    warehouse.load(MANY)
    source = altered(warehouse, maximum_bytes_billed=1000)
    with pytest.raises(SourceFailed, match=r"too many bytes.*1000") as failed:  # noqa: SIM117
        with source.read("SELECT * FROM many"):
            pass
    assert "maximum_bytes_billed" in failed.value.remedy


@pytest.mark.parametrize(
    ("type_", "arrow", "kind", "value", "read"),
    [
        ("DECIMAL(38, 10)", pa.decimal128(38, 10), None, "'-1.0000000001'", Decimal("-1.0000000001")),
        ("INTEGER[]", pa.list_(pa.int64()), None, "[1, 2]", [1, 2]),
        ("STRUCT(a DECIMAL(5, 2), b VARCHAR)", pa.string(), "json", "{'a': 1.10, 'b': 'x'}",
         {"a": "1.100000000", "b": "x"}),
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


def test_large_numbers_are_exact_text_unless_their_column_says_how_many_digits_they_have() -> None:
    def read(*digits: int) -> list[Any]:
        taken = types.column(SchemaField("c", "BIGNUMERIC", precision=digits[0] if digits else None,
                                         scale=digits[1] if digits else None))  # fmt: skip
        arrays = pa.array([Decimal("1.50"), Decimal("1e-38"), None], pa.decimal256(76, 38))
        (batch,) = arrowtables.batches([pa.table({"c": arrays[:1] if digits else arrays})], [taken])
        return batch["c"].to_pylist()

    assert read() == ["1.5", "0." + "0" * 37 + "1", None]
    assert read(30, 2) == [Decimal("1.50")]


def test_a_missing_driver_is_named_with_the_command_that_installs_it(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "google.cloud.bigquery", None)
    monkeypatch.delattr("google.cloud.bigquery")
    with pytest.raises(ExtraMissing) as missing, warehouse.source.read("SELECT 1"):
        pass
    assert missing.value.remedy == "Run: pip install 'bookward[bigquery]'"
    assert [step.ok for step in warehouse.source.check()] == [False]


def test_a_dataset_of_bookwards_that_is_elsewhere_than_the_data_is_refused(
    bigquery: BigQueryStub, bigquery_warehouse: Warehouse
) -> None:
    pushdown = bigquery_warehouse.source.pushdown()
    assert pushdown is not None
    pushdown.check()
    bigquery.locations["bookward"] = "US"
    with pytest.raises(SourceFailed, match="is in US, and the data are in EU"):
        pushdown.check()
    bigquery.locations.clear()
