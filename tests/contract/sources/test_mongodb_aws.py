"""MongoDB by Amazon's IAM: the driver's own signature, at a gate that makes it anew."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from bookward.errors import ExtraMissing, SourceFailed
from bookward.sources.mongodb import MongodbSource, MongodbSpec
from tests.peers.mongodb import MongoDB
from tests.peers.mongodbaws import KEY, KEY_SECRET, KEY_TOKEN, SignedByAmazon
from tests.peers.mongodbgate import running_gate

KEYS = {"access_key_id": KEY, "secret_access_key": KEY_SECRET, "session_token": KEY_TOKEN}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    server = MongoDB(tmp_path_factory.mktemp("mongodb"))
    server.start(lets_everybody_in=True)
    try:
        with server.client(signed_in=False) as client:
            client[server.database].invoices.insert_many([{"_id": n, "due": n * 10} for n in range(3)])
        with running_gate(SignedByAmazon, server.port) as gate:
            yield gate
    finally:
        server.kill9()


def source(port: int, **changes: Any) -> MongodbSource:
    url = SecretStr(f"mongodb://127.0.0.1:{port}/?directConnection=true")
    spec = MongodbSpec(url=url, database="books", connect_timeout=5, iam=KEYS | changes)
    return MongodbSource("books", spec)


def test_a_key_of_amazons_signs_in(port: int) -> None:
    with source(port).read("SELECT _id, due FROM invoices ORDER BY _id") as rows:
        found = [row for batch in rows.batches for row in batch.to_pylist()]
    assert found == [{"_id": 0, "due": 0}, {"_id": 1, "due": 10}, {"_id": 2, "due": 20}]
    assert [step.ok for step in source(port).check()] == [True, True, True]


@pytest.mark.parametrize(
    "wrong",
    [{"secret_access_key": "gu'essed"}, {"session_token": "gu'essed"}, {"access_key_id": "AKIDOTHER"}],
)
def test_a_refused_signature_is_told_without_its_key(port: int, wrong: dict[str, str]) -> None:
    refused = pytest.raises(SourceFailed, match="refused the sign-in: Authentication failed")
    with refused as failed, source(port, **wrong).read("SELECT * FROM invoices"):
        pass
    assert not any(secret in failed.value.message for secret in ("gu'ess", KEY_SECRET, KEY_TOKEN))
    assert [(step.name, step.ok) for step in source(port, **wrong).check()] == [
        ("reach", True), ("sign in", False),
    ]  # fmt: skip


def test_what_it_takes_is_named(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymongo_auth_aws", None)
    with pytest.raises(ExtraMissing) as missing, source(port).read("SELECT * FROM invoices"):
        pass
    assert missing.value.remedy == "Run: pip install 'bookward[aws]'"


def test_one_way_to_sign_in_is_said() -> None:
    with pytest.raises(ValidationError, match="say one of `user` and `iam`"):
        MongodbSpec(url="mongodb://host", database="books", user="me", iam={})
