"""Files in a bucket: those of a pattern, whole, for who may read them; and what goes wrong, in words."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import SecretStr, ValidationError

from bookward.errors import SourceFailed, SourceUnreachable
from bookward.sources.s3 import S3Source, S3Spec
from tests.peers.http import serving
from tests.peers.lentkeys import (
    EXTERNAL,
    LENT,
    LENT_SECRET,
    LENT_TOKEN,
    OWNER,
    OWNER_SECRET,
    ROLE,
    LentKeys,
)
from tests.peers.objectstore import READER, WRITER, ObjectStore, running_object_store
from tests.peers.relay import relaying

CSV = b"id,code\n1,0200\n2,0310\n"


@pytest.fixture(scope="module")
def objects() -> Iterator[ObjectStore]:
    with running_object_store() as server:
        put(server, "exports/a-1.csv", CSV)
        put(server, "exports/a-2.csv.gz", gzip.compress(b"id,code\n3,0400\n", mtime=0))
        put(server, "exports/cut.csv.gz", gzip.compress(CSV * 1000, mtime=0)[:-50])
        for year in (2025, 2026):
            sink = pa.BufferOutputStream()
            pq.write_table(pa.table({"amount": [year]}), sink)
            put(server, f"lake/year={year}/part.parquet", sink.getvalue().to_pybytes())
        yield server


def put(server: ObjectStore, name: str, content: bytes) -> None:
    with server._opened().open_output_stream(f"bookward/{name}", compression=None) as file:
        file.write(content)


def source(server: ObjectStore, role: dict[str, str] | None = None, **changes: Any) -> S3Source:
    role = READER if role is None else role
    given = {
        "bucket": "bookward",
        "endpoint_url": f"http://127.0.0.1:{server.ports[3]}",
        "access_key_id": role["AWS_ACCESS_KEY_ID"],
        "secret_access_key": SecretStr(role["AWS_SECRET_ACCESS_KEY"]),
        "tables": {"t": {"path": "exports/a-*", "format": "csv"}},
    }
    return S3Source("lake", S3Spec(**(given | changes)))


def rows(of: S3Source, query: str = "SELECT * FROM t ORDER BY ALL") -> list[dict[str, Any]]:
    with of.read(query) as found:
        return pa.Table.from_batches(found.batches, schema=found.schema).to_pylist()


def test_the_objects_of_a_pattern_are_one_table(objects: ObjectStore) -> None:
    assert rows(source(objects)) == [
        {"id": "1", "code": "0200"},
        {"id": "2", "code": "0310"},
        {"id": "3", "code": "0400"},
    ]
    assert [step.detail for step in source(objects).check()] == ["3 rows, read-only"]
    (listed,) = source(objects, WRITER).tables()
    assert [column.name for column in listed.columns] == ["id", "code"]


def test_parts_of_a_path_become_columns_of_parquet_files(objects: ObjectStore) -> None:
    lake = source(objects, tables={"t": {"path": "lake/**/*.parquet", "partitions": True}})
    assert rows(lake) == [{"amount": 2025, "year": "2025"}, {"amount": 2026, "year": "2026"}]


def test_what_is_not_there_and_what_is_cut_off_is_told(objects: ObjectStore) -> None:
    with pytest.raises(SourceUnreachable, match=r"no file at s3://bookward/exports/nothing-\*\.csv"):
        rows(source(objects, tables={"t": "exports/nothing-*.csv"}))
    with pytest.raises(SourceUnreachable, match=r"no file at s3://bookward/gone\.csv"):
        rows(source(objects, tables={"t": "gone.csv"}))
    with pytest.raises(SourceFailed, match=r"(?i)end-of-stream|unexpected end"):
        rows(source(objects, tables={"t": "exports/cut.csv.gz"}))
    with pytest.raises(SourceFailed, match="more than 10"):
        rows(source(objects, most_bytes=10))


def test_a_connection_cut_in_the_middle_never_looks_like_a_short_file(objects: ObjectStore) -> None:
    lines = 200_000
    put(objects, "exports/long.csv", b"id,code\n" + b"".join(b"%d,%032d\n" % (n, n) for n in range(lines)))
    with relaying(objects.ports[3]) as relay:
        long = source(
            objects, tables={"t": "exports/long.csv"}, endpoint_url=f"http://127.0.0.1:{relay.port}"
        )
        assert rows(long, "SELECT count(*) AS n FROM t") == [{"n": lines}]
        relay.once(4_000_000)
        with pytest.raises(SourceUnreachable, match="cannot be read"):
            rows(long)
        assert relay.came > 10_000_000


class Pausing:
    """A storage that lets something happen once a first piece of an object has come."""

    def __init__(self, storage: Any, then: Callable[[], None]) -> None:
        self._storage = storage
        self._then = [then]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    @contextmanager
    def open_input_stream(self, path: str, **ways: Any) -> Iterator[Any]:
        with self._storage.open_input_stream(path, **ways) as stream:
            yield SimpleNamespace(metadata=stream.metadata, read=partial(self._read, stream))

    def _read(self, stream: Any, size: int) -> bytes:
        piece: bytes = stream.read(size)
        while self._then:
            self._then.pop()()
        return piece


def test_an_object_that_is_replaced_while_it_is_read_is_no_mixture(objects: ObjectStore) -> None:
    lines = range(200_000)
    old, new = (
        b"id,code\n" + b"".join(b"%07d,%s\n" % (n, code * 40) for n in lines) for code in (b"a", b"b")
    )
    put(objects, "exports/moving.csv", old)
    moving = source(objects, tables={"t": "exports/moving.csv"})
    vars(moving)["_storage"] = Pausing(moving._storage, lambda: put(objects, "exports/moving.csv", new))
    with pytest.raises(
        SourceFailed, match=r"s3://bookward/exports/moving\.csv was changed while it was read"
    ):
        rows(moving, "SELECT DISTINCT code FROM t")
    assert rows(moving, "SELECT DISTINCT code FROM t") == [{"code": "b" * 40}]


def test_keys_that_are_wrong_and_servers_that_are_not_there_are_told_apart(objects: ObjectStore) -> None:
    wrong = {"AWS_ACCESS_KEY_ID": "READER", "AWS_SECRET_ACCESS_KEY": "a-wrong-secret"}
    with pytest.raises(SourceFailed, match="refuses the sign-in") as failed:
        rows(source(objects, wrong))
    assert "a-wrong-secret" not in failed.value.message
    with pytest.raises(SourceUnreachable, match="cannot be read"):
        rows(source(objects, endpoint_url="http://127.0.0.1:1"))


def test_nobody_signs_where_the_bucket_is_said_to_be_open(
    objects: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in READER.items():  # which would let it in
        monkeypatch.setenv(name, value)
    nobody: dict[str, Any] = {"access_key_id": None, "secret_access_key": None}
    assert len(rows(source(objects, **nobody))) == 3
    with pytest.raises(SourceFailed, match="refuses the sign-in"):
        rows(source(objects, **nobody, anonymous=True))


@pytest.fixture
def lent(objects: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[LentKeys]:
    """Let what the machine has be the key of somebody who may take a role on."""
    with serving(LentKeys(objects)) as gate:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", gate.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", OWNER)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", OWNER_SECRET)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield gate


def through(gate: LentKeys, **ways: Any) -> S3Source:
    tables = {"t": {"path": "exports/a-*", "format": "csv"}}
    given = {"bucket": "bookward", "endpoint_url": gate.url, "region": "us-east-1", "tables": tables}
    return S3Source("lake", S3Spec(**given, **ways))


def test_a_role_is_taken_on_and_its_keys_read(lent: LentKeys) -> None:
    assert len(rows(through(lent, role_arn=ROLE, external_id=EXTERNAL))) == 3
    assert set(lent.sessions) == {"bookward"}
    for wrong in ({"role_arn": ROLE, "external_id": "theirs"}, {"role_arn": f"{ROLE}-2"}):
        with pytest.raises(SourceFailed, match="refuses the sign-in"):
            rows(through(lent, **wrong))


def test_a_temporary_key_signs_with_its_token(lent: LentKeys) -> None:
    key = {"access_key_id": LENT, "secret_access_key": SecretStr(LENT_SECRET)}
    assert len(rows(through(lent, **key, session_token=SecretStr(LENT_TOKEN)))) == 3
    for wrong in (key, key | {"session_token": SecretStr("gu'essed")}):
        with pytest.raises(SourceFailed, match="refuses the sign-in") as failed:
            rows(through(lent, **wrong))
        assert "gu'essed" not in failed.value.message
        assert LENT_SECRET not in failed.value.message


def test_one_way_in_is_said() -> None:
    tables = {"t": "a.csv"}
    with pytest.raises(ValidationError, match="go together"):
        S3Spec(bucket="bookward", tables=tables, access_key_id="A")
    with pytest.raises(ValidationError, match="say one of"):
        S3Spec(bucket="bookward", tables=tables, role_arn="arn:aws:iam::1:role/x", anonymous=True)
    with pytest.raises(ValidationError, match="at least 3 characters"):
        S3Spec(bucket="ab", tables=tables)
