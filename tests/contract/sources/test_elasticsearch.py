"""Indices as tables: every document of a point in time, or an error; in either product's words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import elasticsearch
import pyarrow as pa
import pytest
from pydantic import SecretStr, ValidationError

from bookward.errors import SourceFailed, SourceUnreachable
from bookward.sources.elasticsearch import ElasticsearchSource, ElasticsearchSpec
from bookward.sources.shape import kind_of
from tests.contract.sources import memory
from tests.peers.certificates import write_certificate
from tests.peers.elasticsearch import (
    API_KEY,
    KEY,
    KEY_SECRET,
    PASSWORD,
    USER,
    Engine,
    Gate,
    running_engine,
)
from tests.peers.http import serving

MANY = 2_345
PROPERTIES = {"n": {"type": "long"}, "due": {"type": "scaled_float", "scaling_factor": 100}}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with running_engine() as started:
        started.fill("invoices", [f'{{"n": {n}, "due": {n}.50}}' for n in range(MANY)], PROPERTIES)
        started.fill("empty", [], PROPERTIES)
        yield started


@pytest.fixture(params=["elasticsearch", "opensearch"])
def gate(engine: Engine, request: pytest.FixtureRequest) -> Iterator[Gate]:
    with serving(Gate(engine, request.param)) as stub:
        yield stub


def source(gate: Gate, **changes: Any) -> ElasticsearchSource:
    given = {"url": gate.url, "api_key": SecretStr(API_KEY)}
    return ElasticsearchSource("search", ElasticsearchSpec(**(given | changes)))


def table(of: ElasticsearchSource, query: str = "SELECT * FROM invoices") -> pa.Table:
    with of.read(query) as found:
        return pa.Table.from_batches(found.batches, schema=found.schema)


@pytest.mark.parametrize("size", [1_000, 2_345, 10_000])
def test_every_document_comes_once_page_by_page(gate: Gate, size: int) -> None:
    found = table(source(gate, page_size=size))
    assert found.schema.field("due").type == pa.decimal128(6, 2)
    rows = sorted(found.to_pylist(), key=lambda row: row["n"])
    assert [row["n"] for row in rows] == list(range(MANY))
    assert rows[1] == {"_index": "invoices", "_id": "1", "n": 1, "due": Decimal("1.50")}
    searches = [each for each in gate.asked if each.path == "/_search"]
    assert len(searches) == -(-MANY // size) + 1
    assert {each.json["timeout"] for each in searches} == {"600s"}
    assert {each.query["allow_partial_search_results"] for each in searches} == {"false"}
    # What was asked to be kept is given back.
    assert gate.asked[-1].method == "DELETE"


def test_values_are_those_that_were_indexed(gate: Gate, engine: Engine) -> None:
    first = """
        {"money": 12345678901234567890.10, "whole": 9007199254740993, "ok": true, "made": "2026-01-31",
        "customer": {"name": "Ann", "owes": [1.10, null]}, "tags": ["a"], "text": "株式会社 👩‍👧",
        "none": null}
    """
    engine.fill("odd", [" ".join(first.split()), '{"money": 1, "whole": "7"}'], {"none": {"type": "text"}})
    odd = table(source(gate), "SELECT * FROM odd ORDER BY _id")
    assert odd.to_pylist()[0] == {
        "_index": "odd", "_id": "0", "money": Decimal("12345678901234567890.10"),
        "whole": "9007199254740993", "ok": True, "made": "2026-01-31", "none": None, "tags": '["a"]',
        "customer": '{"name": "Ann", "owes": [1.10, null]}', "text": "株式会社 👩‍👧",
    }  # fmt: skip
    assert kind_of(odd.schema.field("customer")) == "json"
    few = source(gate, tables={"odd": {"fields": ["money", "customer.name"]}})
    assert table(few, "SELECT * EXCLUDE (_index, _id) FROM odd ORDER BY money DESC").to_pylist()[0] == {
        "money": Decimal("12345678901234567890.10"), "customer": '{"name": "Ann"}',
    }  # fmt: skip


def test_fields_that_sql_takes_for_one_are_told(gate: Gate, engine: Engine) -> None:
    engine.fill("odd", ['{"Name": "a", "name": "b"}'])
    with pytest.raises(SourceFailed, match=r"'odd'.* has columns 'Name' and 'name', which SQL takes for one"):
        table(source(gate), "SELECT * FROM odd")
    one = source(gate, tables={"odd": {"fields": "name"}})
    assert table(one, "SELECT name FROM odd").to_pylist() == [{"name": "b"}]


def test_indices_are_joined_filtered_and_listed(gate: Gate) -> None:
    tables = {"few": {"index": "invoices", "query": '{"range": {"n": {"lt": 3}}}'}, "all": "inv*"}
    search = source(gate, tables=tables)
    query = 'SELECT sum(f.due) AS due, count(*) AS n FROM few AS f JOIN "all" USING (_id)'
    assert table(search, query).to_pylist() == [{"due": Decimal("4.50"), "n": 3}]
    assert [step.name for step in search.check()] == ["reach", "sign in", "read few", "read all"]
    listed = {each.name: each for each in source(gate).tables()}
    assert [column.name for column in listed["empty"].columns] == ["_index", "_id", "due", "n"]
    assert listed["invoices"].primary_key == ("_index", "_id")
    assert table(source(gate), "SELECT * FROM empty").num_rows == 0


def test_an_index_that_is_closed_is_no_table(gate: Gate, engine: Engine) -> None:
    engine.fill("closed", ['{"n": 1}'])
    engine.client.post("/closed/_close").raise_for_status()
    try:
        search = source(gate)
        assert [step for step in search.check() if not step.ok] == []
        assert "closed" not in {each.name for each in search.tables()}
    finally:
        engine.client.delete("/closed").raise_for_status()


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"timed_out": True}, "gave the query up after 600 seconds"),
        ({"_shards": {"total": 5, "successful": 4, "failed": 1,
                      "failures": [{"reason": {"type": "disk", "reason": "gone"}}]}},
         "1 of 5 shards failed: disk: gone"),
        ({"hits": {"total": {"value": MANY}, "hits": []}}, f"1,000 of {MANY} documents came"),
    ],
)  # fmt: skip
def test_a_part_is_never_taken_for_the_whole(gate: Gate, other: dict[str, Any], said: str) -> None:
    gate.changed = {2: other}
    with pytest.raises(SourceFailed, match=said):
        table(source(gate))
    assert gate.asked[-1].method == "DELETE"


@pytest.mark.parametrize("chunked", [False, True])
def test_an_answer_that_is_cut_off_never_looks_like_a_short_result(gate: Gate, chunked: bool) -> None:
    gate.chunked, gate.whole = chunked, 4
    with pytest.raises(SourceFailed, match=r"table 'invoices' of source 'search'.* was lost while reading"):
        table(source(gate))
    assert sum(each.path == "/_search" for each in gate.asked) > 0


def test_a_service_that_is_busy_is_asked_again_when_it_says(gate: Gate) -> None:
    gate.busy = 3
    assert table(source(gate)).num_rows == MANY
    gate.busy = 99
    with pytest.raises(SourceUnreachable, match="takes no more for now: 429"):
        table(source(gate))


@pytest.mark.parametrize(
    "change",
    [
        {"api_key": SecretStr("guessed-key")},
        {"api_key": None},
        {"api_key": None, "user": USER, "password": SecretStr("guessed-key")},
    ],
)
def test_a_refused_sign_in_is_told(gate: Gate, change: dict[str, Any]) -> None:
    search = source(gate, **change)
    with pytest.raises(SourceFailed, match=r"refuses the sign-in.*unable to authenticate") as failed:
        table(search)
    assert "guessed-key" not in failed.value.message
    assert [(step.name, step.ok) for step in search.check()] == [("reach", True), ("sign in", False)]
    right = source(gate, api_key=None, user=USER, password=SecretStr(PASSWORD))
    assert table(right, "SELECT n FROM invoices WHERE n = 7").to_pylist() == [{"n": 7}]


def test_a_password_in_the_address_signs_in_and_is_never_shown(
    gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    address = gate.url.replace("://", f"://{USER}:{PASSWORD}@")
    right = source(gate, api_key=None, url=address, tables={"few": "invoices"})
    steps = list(right.check())
    assert [step.ok for step in steps] == [True] * 3
    with pytest.raises(SourceFailed, match="no such index") as failed:
        table(source(gate, api_key=None, url=address, tables={"invoices": "gone"}))
    told = [*map(str, steps), failed.value.message]
    for wrong in (f"http://{USER}:{PASSWORD}@127.0.0.1:1", f"http://{USER}:1/{PASSWORD}@h", "http://h:x"):
        with pytest.raises(SourceUnreachable, match="ource 'search'") as away:
            table(source(gate, api_key=None, url=wrong))
        told += [away.value.message, repr(away.value.__cause__)]
    assert PASSWORD not in f"{told} {caplog.text}"
    # What signs in beside the address goes before what stands in it.
    assert table(source(gate, url=address.replace(PASSWORD, "guessed"))).num_rows == MANY


def test_what_is_not_there_is_told(gate: Gate) -> None:
    with pytest.raises(SourceFailed, match=r"no such index \[gone\]"):
        table(source(gate, tables={"invoices": "gone"}))
    with pytest.raises(SourceFailed, match="refused the query: 400"):
        table(source(gate, tables={"invoices": {"query": '{"nonsense": {}}'}}))
    away = source(gate, url="http://127.0.0.1:1")
    with pytest.raises(SourceUnreachable, match=r"\(http://127\.0\.0\.1:1\) cannot be reached"):
        table(away)
    assert [(step.name, step.ok) for step in away.check()] == [("reach", False)]


def test_a_server_proves_who_it_is(engine: Engine, tmp_path: Path) -> None:
    certificate = tmp_path / "both.pem"
    write_certificate(certificate)
    with serving(Gate(engine), certificate) as gate:
        assert table(source(gate, sslrootcert=str(certificate))).num_rows == MANY
        for url, trusted, said in (
            (gate.url, None, "certificate verify failed"),
            (gate.url.replace("localhost", "127.0.0.1"), str(certificate), "IP address mismatch"),
        ):
            with pytest.raises(SourceUnreachable, match=said):
                table(source(gate, url=url, sslrootcert=trusted))


def test_requests_are_signed_for_amazons_service(gate: Gate, engine: Engine, monkeypatch: Any) -> None:
    keys = {"region": "ap-southeast-2", "access_key_id": KEY, "secret_access_key": SecretStr(KEY_SECRET)}
    books = source(gate, api_key=None, iam=keys, tables={"invoices": "invoice*"}, page_size=1_000)
    assert table(books).num_rows == MANY
    assert [step.ok for step in books.check()] == [True, True, True]
    given = [each.headers["authorization"] for each in gate.asked]
    assert all("SignedHeaders=host;x-amz-content-sha256;x-amz-date" in each for each in given)
    assert all("/ap-southeast-2/es/aws4_request" in each for each in given)
    other = source(gate, api_key=None, iam=keys | {"secret_access_key": SecretStr("guessed")})
    with pytest.raises(SourceFailed, match="refuses the sign-in") as failed:
        table(other)
    assert "guessed" not in failed.value.message
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SourceFailed, match=r"got no sign-in from Amazon.*Unable to locate credentials"):
        table(source(gate, api_key=None, iam={"region": "ap-southeast-2"}))


@pytest.mark.nightly
@pytest.mark.timeout(2400)
def test_memory_does_not_grow_with_the_index(engine: Engine) -> None:
    documents = [f'{{"n": {n}, "due": {n}.50}}' for n in range(100_000)]
    names = [f"long{number}" for number in range(10)]  # this engine sorts all of an index for each page
    for name in names:
        engine.fill(name, documents, dynamic="false")  # kept and not searched in
    query = " UNION ALL ".join(f"SELECT * FROM {name}" for name in names)
    try:
        with serving(Gate(engine)) as gate:
            spec = {"url": gate.url, "api_key": API_KEY, "page_size": 10_000}
            rows, grown = memory.measured("elasticsearch", spec, query)
    finally:
        for name in names:
            engine.client.delete(f"/{name}")
    assert (rows, grown < 150) == (1_000_000, True), grown


def test_elastics_own_client_is_answered_alike(engine: Engine) -> None:
    with serving(Gate(engine)) as gate, elasticsearch.Elasticsearch(gate.url, api_key=API_KEY) as client:
        point = client.open_point_in_time(index="invoices", keep_alive="1m")["id"]
        asked = {"pit": {"id": point, "keep_alive": "1m"}, "sort": [{"_shard_doc": "asc"}], "size": 2_000}
        first = client.search(**asked)["hits"]["hits"]
        rest = client.search(**asked, search_after=first[-1]["sort"])["hits"]["hits"]
        assert len(first) + len(rest) == MANY
        assert client.close_point_in_time(id=point)
        with pytest.raises(elasticsearch.AuthenticationException):
            client.options(api_key="guessed").search(index="invoices")


def test_settings_fit_together() -> None:
    for given, said in (
        ({"api_key": "k", "user": "u", "password": "p"}, "say one of"),
        ({"api_key": "k", "iam": {"region": "r"}}, "say one of"),
        ({"user": "u"}, "go together"),
        ({"page_size": 10_001}, "less than or equal to 10000"),  # the most that an index gives at once
        ({"tables": {"t": {"query": "{"}}}, "`query` is no JSON"),
        ({"tables": {"t": {"query": "[]"}}}, "`query` is a JSON object"),
    ):
        with pytest.raises(ValidationError, match=said):
            ElasticsearchSpec(url="https://h", **json.loads(json.dumps(given)))
