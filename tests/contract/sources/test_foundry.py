"""Foundry: what it gives exactly, what it can do to us, and that a part is never taken for the whole."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pydantic import SecretStr, ValidationError

from bookward.errors import SourceFailed, SourceUnreachable
from bookward.sources.foundry import FoundrySource, FoundrySpec, client
from bookward.sources.shape import kind_of
from tests.contract.sources import memory
from tests.peers.foundry import FoundryStub, running_foundry

MANY = "CREATE TABLE many AS SELECT i AS id, repeat('x', 40) AS filler FROM generate_series(1, 25000) AS t(i)"


@pytest.fixture(scope="module")
def server() -> Iterator[FoundryStub]:
    with running_foundry() as stub:
        yield stub


@pytest.fixture
def branch(server: FoundryStub) -> str:
    return server.data.new_schema()


@pytest.fixture
def source(server: FoundryStub, branch: str) -> FoundrySource:
    return FoundrySource("warehouse", server.spec(branch))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask again at once."""
    monkeypatch.setattr(client, "_POLL", 0.01)


def altered(source: FoundrySource, **changes: Any) -> FoundrySource:
    return FoundrySource("warehouse", source._spec.model_copy(update=changes))


def table(source: FoundrySource, query: str) -> pa.Table:
    with source.read(query) as rows:
        return pa.Table.from_batches(list(rows.batches), rows.schema)


def test_types_arrive_exact(server: FoundryStub, source: FoundrySource, branch: str) -> None:
    server.data.load(
        """CREATE TABLE typed AS SELECT 9007199254740993::BIGINT AS big, 12.30::DECIMAL(12,2) AS amount,
        12345678901234567890123456.123456789012::DECIMAL(38,12) AS large, TRUE AS yes, 'é' AS text,
        DATE '2026-02-28' AS day, TIMESTAMPTZ '2026-02-28 12:00:00.123456+13' AS moment,
        {'a': 1.10::DECIMAL(4,2)} AS nested, [1, 2] AS list, NULL::VARCHAR AS nothing""",
        branch,
    )
    found = table(source, "SELECT * FROM typed")
    (row,) = found.to_pylist()
    assert (row["big"], row["amount"]) == (9007199254740993, Decimal("12.30"))
    assert row["large"] == Decimal("12345678901234567890123456.123456789012")
    assert (row["yes"], row["text"], row["nothing"], row["list"]) == (True, "é", None, [1, 2])
    assert row["moment"].isoformat() == "2026-02-27T23:00:00.123456+00:00"
    assert (row["nested"], kind_of(found.schema.field("nested"))) == ('{"a": "1.10"}', "json")


@pytest.mark.parametrize("late", [False, True])
def test_all_rows_come_in_batches(
    server: FoundryStub, source: FoundrySource, branch: str, impatient: None, late: bool
) -> None:
    server.data.load(MANY, branch)
    server.late = late
    try:
        found = table(source, "SELECT id FROM many -- all of them")
    finally:
        server.late = False
    assert sorted(found.column("id").to_pylist()) == list(range(1, 25_001))


def test_an_application_signs_in_and_again_when_that_runs_out(
    server: FoundryStub, source: FoundrySource, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = SecretStr(server.client_secret)
    application = altered(source, token=None, client_id="application", client_secret=secret)
    steps = list(application.check())
    assert [(step.name, step.ok) for step in steps] == [("reach", True), ("sign in", True), ("read", True)]
    monkeypatch.setattr(server, "granted", "granted anew")
    assert table(application, "SELECT 1 AS n").to_pylist() == [{"n": 1}]


def test_a_refused_sign_in_is_told_without_its_secret(source: FoundrySource) -> None:
    guessed = SecretStr("gu'essed")
    for changes in ({"token": guessed}, {"token": None, "client_id": "a", "client_secret": guessed}):
        other = altered(source, **changes)
        with pytest.raises(SourceFailed, match="refused the sign-in") as failed, other.read("SELECT 1"):
            pass
        assert "gu'ess" not in failed.value.message
        assert [(step.name, step.ok) for step in other.check()] == [("reach", True), ("sign in", False)]


def test_no_server_is_told(source: FoundrySource) -> None:
    other = altered(source, host="http://127.0.0.1:1")
    with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1:1"), other.read("SELECT 1"):
        pass
    assert [(step.name, step.ok) for step in other.check()] == [("reach", False)]


@pytest.mark.parametrize("how", ["cut", "without_end"])
def test_a_result_that_breaks_off_is_never_a_short_one(
    server: FoundryStub, source: FoundrySource, branch: str, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    server.data.load(MANY, branch)
    monkeypatch.setattr(server, how, True)
    sizes: list[int] = []
    with pytest.raises(SourceFailed, match="lost while reading"):  # noqa: SIM117
        with source.read("SELECT * FROM many") as rows:
            sizes.extend(batch.num_rows for batch in rows.batches)
    assert 0 < sum(sizes) < 25_000


def test_more_rows_than_foundry_gives_out_are_an_error(
    server: FoundryStub, source: FoundrySource, branch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.data.load(MANY, branch)
    monkeypatch.setattr(server, "most_rows", 10_000)
    with pytest.raises(SourceFailed, match="10,000 of 25,000 rows came"):  # noqa: SIM117
        with source.read("SELECT * FROM many") as rows:
            list(rows.batches)


@pytest.mark.parametrize("query", ["SELECT * FROM nowhere", "DELETE FROM many", "SELECT 1; SELECT 2"])
def test_what_foundry_does_not_run_is_told_in_its_words(source: FoundrySource, query: str) -> None:
    with pytest.raises(SourceFailed, match="refused the query: syntax or analysis"), source.read(query):
        pass


def test_a_query_that_takes_too_long_is_cancelled(
    server: FoundryStub, source: FoundrySource, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "late", True)
    slow = altered(source, statement_timeout=1)
    endless = "SELECT sum(a.id * b.id) AS n FROM range(1000000) AS a(id), range(1000000) AS b(id)"
    with pytest.raises(SourceFailed, match="gave the query up: it took more than 1 seconds"):  # noqa: SIM117
        with slow.read(endless):
            pass
    assert server.cancelled.is_set()


@pytest.mark.parametrize("application", [False, True])
def test_memory_does_not_grow_with_the_result(server: FoundryStub, branch: str, application: bool) -> None:
    server.data.load(
        "CREATE TABLE wide AS SELECT i, repeat('x', 400) AS t FROM range(200000) AS r(i)", branch
    )
    ways = {"client_id": "application", "client_secret": server.client_secret}
    spec = {"host": server.url, "branches": [branch], **(ways if application else {"token": server.token})}
    rows, grown = memory.measured("foundry", spec, "SELECT * FROM wide")
    assert (rows, grown < 60) == (200_000, True), grown


@pytest.mark.parametrize(
    "given",
    [
        {"host": "https://a.example.com"},
        {"host": "http://a.example.com", "token": "t"},
        {"host": "https://a.example.com", "token": "t", "client_id": "c", "client_secret": "s"},
        {"host": "https://a.example.com", "client_id": "c"},
    ],
)
def test_settings_that_do_not_go_together_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FoundrySpec(**given)
