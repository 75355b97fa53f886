"""MongoDB's documents as tables: exact, whole or not at all, and nothing written."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import bson
import pyarrow as pa
import pytest
from bson import Decimal128, Int64, MaxKey, ObjectId, Regex
from bson.codec_options import CodecOptions
from bson.datetime_ms import DatetimeMS
from pydantic import SecretStr, ValidationError
from pymongo.collection import Collection

from bookward.errors import ExtraMissing, SourceFailed, SourceUnreachable
from bookward.sources.mongodb import MongodbSource, MongodbSpec
from bookward.sources.shape import kind_of
from tests.contract.sources import memory
from tests.contract.sources.conftest import LEAVES_SOCKETS_OPEN
from tests.peers.certificates import write_certificate
from tests.peers.mongodb import MongoDB, running_mongodb
from tests.peers.relay import relaying

pytestmark = LEAVES_SOCKETS_OPEN

MANY = 20_000
OF_STANDARD = CodecOptions[dict[str, Any]](uuid_representation=4)


@pytest.fixture(scope="module")
def server() -> Iterator[MongoDB]:
    with running_mongodb() as started:
        yield started


@pytest.fixture
def invoices(server: MongoDB) -> Iterator[Collection[dict[str, Any]]]:
    with server.client() as client:
        collection = client.get_database(server.database, OF_STANDARD).invoices
        collection.drop()
        yield collection
        collection.drop()


def source(server: MongoDB, port: int | None = None, **changes: Any) -> MongodbSource:
    given = {
        "url": SecretStr(server.url(port)),
        "user": server.user,
        "password": SecretStr(server.password),
        "database": server.database,
        "connect_timeout": 2,
    }
    return MongodbSource("books", MongodbSpec(**(given | changes)))


def table(of: MongodbSource, query: str = "SELECT * FROM invoices") -> pa.Table:
    with of.read(query) as found:
        return pa.Table.from_batches(found.batches, schema=found.schema)


def test_values_arrive_exact_and_as_what_they_are(server: MongoDB, invoices: Any) -> None:
    key, moment = ObjectId(), datetime(2026, 3, 28, 13, 30, 0, 123000, tzinfo=UTC)
    uuid = UUID("8d0f1c7e-5e0f-4a4e-9d3a-2f5b7f0c1a11")
    invoices.insert_many([
        {
            "_id": key, "due": Decimal128("1234567890.10"), "lines": 3, "big": Int64(2**62), "rate": 0.1,
            "paid": True, "made": moment, "note": "株式会社 👩‍👧", "id": uuid, "raw": b"\x00\xff",
            "customer": {"name": "Ann", "owes": [Decimal128("1.10"), key, moment, None]}, "odd": Regex("a"),
            "mixed": 1, "sum": 1, "none": None, "most": Decimal128("9.999999999999999999999999999999999"),
        },
        {"_id": ObjectId(), "due": Decimal128("-0.001"), "mixed": "x", "sum": 2.5, "most": Int64(10**8)},
    ])  # fmt: skip
    found = table(source(server), "SELECT * FROM invoices ORDER BY lines")
    assert {name: str(type_) for name, type_ in zip(found.schema.names, found.schema.types, strict=True)} == {
        "_id": "string", "due": "decimal128(13, 3)", "lines": "int64", "big": "int64", "rate": "double",
        "paid": "bool", "made": "timestamp[us, tz=UTC]", "note": "string", "id": "string", "raw": "string",
        "customer": "string", "odd": "string", "mixed": "string", "sum": "decimal128(2, 1)",
        "none": "string", "most": "string",
    }  # fmt: skip
    assert kind_of(found.schema.field("customer")) == "json"
    first, second = found.to_pylist()
    assert first == {
        "_id": str(key), "due": Decimal("1234567890.10"), "lines": 3, "big": 2**62, "rate": 0.1, "paid": True,
        "made": moment, "note": "株式会社 👩‍👧", "id": str(uuid), "raw": "00ff",
        "customer": f'{{"name": "Ann", "owes": [1.10, "{key}", "{moment.isoformat()}", null]}}',
        "odd": "Regex('a', 0)", "mixed": "1", "sum": Decimal("1.0"), "none": None,
        "most": "9.999999999999999999999999999999999",
    }  # fmt: skip
    assert (second["due"], second["mixed"], second["sum"]) == (Decimal("-0.001"), "x", Decimal("2.5"))


def test_days_beyond_the_calendar_become_its_first_or_last(server: MongoDB) -> None:
    # The server of the tests does not take them, MongoDB does.
    raw = bson.encode({"late": DatetimeMS(10**15), "early": DatetimeMS(-(10**15)), "end": MaxKey()})
    with source(server)._database() as database:
        (row,) = bson.decode_all(raw, database.codec_options)
    assert (row["late"].year, row["early"].year) == (9999, 1)


def test_collections_are_joined_filtered_and_aggregated(server: MongoDB, invoices: Any) -> None:
    invoices.insert_many([
        {"customer": "c1", "due": Decimal128("10.50"), "made": datetime(2026, 1, day, tzinfo=UTC)}
        for day in (1, 2, 3)
    ])  # fmt: skip
    customers = invoices.database.customers
    customers.insert_one({"_id": "c1", "name": "Ann"})
    tables = {
        "everybody": "customers",
        "late": {"collection": "invoices", "filter": '{"made": {"$gt": {"$date": "2026-01-01T00:00:00Z"}}}'},
        "sums": {
            "collection": "invoices",
            "pipeline": '[{"$group": {"_id": "$customer", "due": {"$sum": "$due"}}}]',
        },
    }
    books = source(server, tables=tables)
    query = """
        SELECT name, sums.due, (SELECT count(*) FROM late) AS late
        FROM everybody JOIN sums USING (_id)
    """
    assert table(books, query).to_pylist() == [{"name": "Ann", "due": Decimal("31.50"), "late": 2}]
    assert {each.name: each.primary_key for each in books.tables()} == {
        "everybody": ("_id",), "late": ("_id",), "sums": (),
    }  # fmt: skip
    assert [step.name for step in books.check()] == [
        "reach", "sign in", "read everybody", "read late", "read sums",
    ]  # fmt: skip
    # Without settings, every collection is a table.
    assert [each.name for each in source(server).tables()] == ["customers", "invoices"]
    customers.drop()


def test_a_filter_is_read_in_an_order_that_no_change_of_a_field_moves_a_document_in(
    server: MongoDB, invoices: Any
) -> None:
    invoices.insert_many([{"_id": n, "due": 9 - n, "at": [0, n]} for n in range(9)])
    invoices.create_index("due")
    found: dict[str, list[int]] = {}
    for kind, asked in (
        ("filter", '{"due": {"$gte": 1}}'),
        ("pipeline", '[{"$match": {"due": {"$gte": 1}}}]'),
    ):
        read = table(source(server, tables={"invoices": {kind: asked}}))
        found[kind] = read["_id"].to_pylist()
    # The second is how the server itself would read it.
    assert found == {"filter": list(range(9)), "pipeline": list(range(8, -1, -1))}


def test_a_filter_that_only_an_index_answers_is_left_to_it(
    server: MongoDB, invoices: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoices.insert_one({"n": 1})
    asked: list[Any] = []
    find = Collection.find_raw_batches

    def finding(of: Any, _: Any, **more: Any) -> Any:
        asked.append(more["hint"])
        return find(of, {}, **more)  # the server of the tests has no such operator

    monkeypatch.setattr(Collection, "find_raw_batches", finding)
    for filter_ in ('{"$and": [{"n": 1}, {"$text": {"$search": "a"}}]}', '{"n": {"$in": [1]}}'):
        assert table(source(server, tables={"invoices": {"filter": filter_}})).num_rows == 1
    assert asked == [None, [("$natural", 1)]]


def test_an_empty_collection_has_its_key_and_a_missing_one_is_told(server: MongoDB, invoices: Any) -> None:
    invoices.insert_one({"a": 1})
    invoices.delete_many({})
    assert table(source(server)).to_pydict() == {"_id": []}
    gone = source(server, tables={"invoices": "invoises"})
    with pytest.raises(SourceUnreachable, match="no collection 'invoises' that the user may read"):
        table(gone)


def filled(invoices: Any, size: int = 1_000) -> None:
    for start in range(0, MANY, 2_000):
        rows = [{"n": n, "filler": "x" * size} for n in range(start, start + 2_000)]
        invoices.insert_many(rows)


@pytest.mark.parametrize("end", ["the wire", "kill -9"])
def test_a_connection_lost_in_the_middle_never_looks_like_a_short_result(end: str) -> None:
    with running_mongodb() as server, relaying(server.port) as relay:
        with server.client() as client:
            filled(client[server.database].invoices)
        books = source(server, relay.port)
        assert table(books, "SELECT count(*) AS n FROM invoices").to_pylist() == [{"n": MANY}]
        relay.once(8_000_000, None if end == "the wire" else server.kill9)
        lost = pytest.raises((SourceFailed, SourceUnreachable), match=r"lost while reading|cannot be reached")
        with lost as failed:
            table(books)
        assert "able 'invoices' of source 'books'" in failed.value.message


@pytest.mark.parametrize(
    ("code", "said"), [(50, "was given up"), (43, "lost while reading"), (237, "refused the query")]
)
def test_an_error_in_the_middle_never_looks_like_a_short_result(
    server: MongoDB, invoices: Any, code: int, said: str
) -> None:
    filled(invoices, 10)
    server.options = ("--enable-test-commands",)
    server.restart()
    try:
        with server.client() as client:
            fails = {"failCommands": ["getMore"], "errorCode": code}
            client.admin.command("configureFailPoint", "failCommand", mode={"skip": 2}, data=fails)
        with pytest.raises(SourceFailed, match=said):
            table(source(server))
    finally:
        server.options = ()
        server.restart()


@pytest.mark.parametrize(("seconds", "limit"), [(7, 7_000), (0, None)])
def test_the_server_is_told_how_long_it_may_work_and_for_whom(
    server: MongoDB, invoices: Any, monkeypatch: pytest.MonkeyPatch, seconds: int, limit: int | None
) -> None:
    invoices.insert_one({"n": 1})
    asked: list[Any] = []
    find, aggregate = Collection.find_raw_batches, Collection.aggregate_raw_batches

    def finding(of: Any, *given: Any, **more: Any) -> Any:
        asked.extend((more["max_time_ms"], of.database.client.options.pool_options.appname))
        return find(of, *given, **more)

    def aggregating(of: Any, *given: Any, **more: Any) -> Any:
        asked.append(more.get("maxTimeMS"))
        return aggregate(of, *given, **more)

    monkeypatch.setattr(Collection, "find_raw_batches", finding)
    monkeypatch.setattr(Collection, "aggregate_raw_batches", aggregating)
    tables: list[dict[str, Any]] = [{}, {"invoices": {"pipeline": "[]"}}]
    for each in tables:
        assert table(source(server, tables=each, statement_timeout=seconds)).num_rows == 1
    assert asked == [limit, "bookward", limit]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": SecretStr("gu'essed")}, "refused the sign-in"),
        ({"user": None, "password": None}, r"sign-in|may not be read"),
        ({"user": "nobody"}, "refused the sign-in"),
    ],
)
def test_a_refused_sign_in_is_told(server: MongoDB, change: dict[str, Any], said: str) -> None:
    books = source(server, **change)
    with pytest.raises(SourceFailed, match=said) as failed:
        table(books, "SELECT 1 AS one FROM invoices")
    assert "gu'ess" not in failed.value.message
    assert [(step.name, step.ok) for step in books.check()] == [("reach", True), ("sign in", False)]


def test_an_address_that_cannot_be_used_is_never_shown(server: MongoDB) -> None:
    wrong = source(server, url=SecretStr("mongodb://ann:pa@ss@host"))
    with pytest.raises(SourceUnreachable, match=r"The url or the certificates of source 'books'") as failed:
        table(wrong)
    assert "pa@ss" not in f"{failed.value.message} {failed.value.__cause__}"
    away = source(server, url=SecretStr("mongodb://ann:pass@127.0.0.1:1"))
    with pytest.raises(SourceUnreachable, match=r"\(mongodb://127\.0\.0\.1:1/books\) cannot be reached"):
        table(away)
    assert [(step.name, step.ok) for step in away.check()] == [("reach", False)]


def test_a_query_that_the_server_refuses_is_told_in_its_words(server: MongoDB, invoices: Any) -> None:
    invoices.insert_one({"a": 1})
    wrong = source(server, tables={"invoices": {"filter": '{"$bad": 1}'}})
    with pytest.raises(SourceFailed, match=r"refused the query: .*\$bad"):
        table(wrong)
    with pytest.raises(SourceFailed, match=r"cannot be read"):
        table(source(server, tables={"invoices": {"filter": '{"_id": {"$oid": "short"}}'}}))
    with pytest.raises(SourceFailed, match=r"(?i)refused the query.*nowhere"):
        table(source(server), "SELECT * FROM nowhere")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"filter": "{", "pipeline": None}, "`filter` is no JSON"),
        ({"filter": "[]"}, "`filter` is a JSON object"),
        ({"pipeline": "{}"}, "`pipeline` is a JSON list"),
        ({"pipeline": '[{"$match": {}}, {"$out": "stolen"}]'}, r"\$out writes"),
        ({"pipeline": '[{"$merge": {"into": "stolen"}}]'}, r"\$merge writes"),
        ({"pipeline": "[]", "filter": "{}"}, "say one of"),
    ],
)
def test_a_table_only_reads(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        MongodbSpec(url=SecretStr("mongodb://h"), database="d", tables={"t": settings})


@pytest.fixture
def certificate(server: MongoDB, tmp_path: Path) -> Iterator[str]:
    file = tmp_path / "both.pem"
    write_certificate(file)
    server.options = (f"--tls-cert-file={file}", f"--tls-key-file={file}")
    server.client_options = {"tls": True, "tlsAllowInvalidCertificates": True}
    server.restart()
    yield str(file)
    server.options, server.client_options = (), {}
    server.restart()


def test_a_server_proves_who_it_is(server: MongoDB, invoices: Any, certificate: str) -> None:
    with server.client() as client:
        client[server.database].invoices.insert_one({"a": 1})
    named = SecretStr(f"{server.url().replace('127.0.0.1', 'localhost')}&tls=true")
    assert table(source(server, url=named, sslrootcert=certificate)).num_rows == 1
    for url, trusted, said in (
        (named, None, "certificate verify failed"),
        (SecretStr(f"{server.url()}&tls=true"), certificate, "mismatch|doesn't match|not valid for"),
    ):
        with pytest.raises(SourceUnreachable, match=said):
            table(source(server, url=url, sslrootcert=trusted))


def test_memory_does_not_grow_with_the_collection(server: MongoDB, invoices: Any) -> None:
    filled(invoices, 8_000)  # 160 MB
    spec = {
        "url": server.url(), "user": server.user, "password": server.password, "database": server.database,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, memory.__file__, "mongodb", json.dumps(spec), "SELECT * FROM invoices"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout)
    assert measured["rows"] == MANY
    assert measured["grown"] < 150  # of which a batch of the server's may have 16, as it comes and decoded


def test_a_missing_driver_is_named_with_the_command_that_installs_it(
    server: MongoDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pymongo", None)
    with pytest.raises(ExtraMissing) as missing:
        table(source(server))
    assert missing.value.remedy == "Run: pip install 'bookward[mongodb]'"
    assert [step.ok for step in source(server).check()] == [False]
