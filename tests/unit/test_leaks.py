"""The grep for planted secrets finds one in every form that it may have, and tells it by name only."""

from __future__ import annotations

import base64
import bz2
import gzip
import html
import json
import sqlite3
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, quote_plus

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bookward.access.bearers import new_bearer
from bookward.demo.xero.options import WEB_APP
from tests import planting
from tests.leaks import Grep

SECRET = 'plänted "secret"/+\\ of & tests'
GREP = Grep({"password": SECRET})
JSON = json.dumps({"a": [SECRET]}, ensure_ascii=False)
AROUND = f"<<{JSON}>>" * 3
COLUMN = ["x" * 40, SECRET, None] * 200

ENCODED: dict[str, bytes] = {
    "plain": SECRET.encode(),
    "json": json.dumps([SECRET]).encode(),
    "json, not only ASCII": JSON.encode(),
    "json within json": json.dumps(json.dumps([SECRET])).encode(),
    "url": quote(SECRET, safe="").encode(),
    "url with slashes": quote(SECRET).encode(),
    "form": quote_plus(SECRET).encode(),
    "html": html.escape(SECRET).encode(),
    "hex": SECRET.encode().hex().encode(),
    "utf-16": SECRET.encode("utf-16"),
    "gzip": gzip.compress(SECRET.encode()),
    "bz2": bz2.compress(SECRET.encode()),
    "zlib": zlib.compress(SECRET.encode()),
    "gzip twice": gzip.compress(gzip.compress(SECRET.encode())),
    "zstd": bytes(pa.compress(AROUND.encode(), codec="zstd", asbytes=True)),
    **{f"base64 behind {n}": base64.b64encode(b"a" * n + SECRET.encode() + b"z") for n in range(3)},
    **{f"base64 of URLs behind {n}": base64.urlsafe_b64encode(b"a" * n + SECRET.encode()) for n in range(3)},
}


@pytest.mark.parametrize("form", ENCODED)
def test_a_leak_is_found_in_text(tmp_path: Path, form: str) -> None:
    (tmp_path / "left.bin").write_bytes(ENCODED[form])
    assert {str(leak) for leak in GREP.in_folder(tmp_path)} == {"left.bin holds the password"}


def parquet(path: Path) -> None:
    pq.write_table(pa.table({"a": COLUMN}), path, compression="zstd")


def parquet_metadata(path: Path) -> None:
    table = pa.table({"a": [1]}).replace_schema_metadata({"from": SECRET})
    pq.write_table(table, path, compression="snappy")


def sqlite(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute('CREATE TABLE "a ""b" (c)')
        database.execute('INSERT INTO "a ""b" VALUES (?)', (zlib.compress(SECRET.encode()),))
        database.commit()


def sqlite_in_pieces(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE a (b)")
        for before in range(4000, 4200, 5):  # one of them stands where a page ends
            database.execute("INSERT INTO a VALUES (?)", ("x" * before + SECRET,))
        database.commit()


def archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("inner.gz", gzip.compress(SECRET.encode()))


@pytest.mark.parametrize("write", [parquet, parquet_metadata, sqlite, sqlite_in_pieces, archive])
def test_a_leak_is_found_in_files_of_tables(tmp_path: Path, write: Callable[[Path], None]) -> None:
    write(tmp_path / "left")
    assert {leak.secret for leak in GREP.in_folder(tmp_path)} == {"password"}


def test_what_was_not_yet_moved_into_the_database_is_found(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "state.db")) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE a (b)")
        database.execute("INSERT INTO a VALUES (?)", (SECRET,))
        database.commit()
        assert {leak.place for leak in GREP.in_folder(tmp_path)} == {"state.db-wal", "state.db, table a"}


def test_names_of_files_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / quote(SECRET, safe="")).touch()
    assert [leak.secret for leak in GREP.in_folder(tmp_path)] == ["password"]


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"x" * 9999)[:20])
    (tmp_path / "cut.parquet").write_bytes(b"PAR1 and no more")
    (tmp_path / "damaged.db").write_bytes(b"SQLite format 3\0" + b"?" * 5000)
    (tmp_path / ".env").write_text(SECRET)
    (tmp_path / "plain.txt").write_text("password secret of tests")
    assert list(GREP.in_folder(tmp_path, allowed=[tmp_path / ".env"])) == []


def in_a_file(folder: Path) -> None:
    (folder / "left").write_text(new_bearer("bws"))


def by_a_process(_folder: Path) -> None:
    subprocess.run([sys.executable, "-c", f"print({WEB_APP.secret!r})"], capture_output=True, check=True)


def of_the_key(folder: Path) -> None:
    (folder / "left").write_bytes((folder / "key").read_bytes())


@pytest.mark.parametrize(
    ("leak", "printed", "place"),
    [
        (in_a_file, "", "left"),
        (by_a_process, "", "What a process said"),
        (of_the_key, "", "left"),
        (lambda _folder: None, planting.REFRESH_TOKEN, "The test's stdout"),
    ],
)
def test_a_test_that_leaks_fails_and_does_not_say_the_secret(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    leak: Callable[[Path], None],
    printed: str,
    place: str,
) -> None:
    key = tmp_path / "key"
    key.write_text("a-key-of-the-tests-own")
    monkeypatch.setenv("BOOKWARD_KEY_FILE", str(key))
    monkeypatch.setattr(request.node, "_report_sections", [("call", "stdout", printed)])
    with pytest.raises(pytest.fail.Exception) as failed:
        _leaking(tmp_path, request.node, leak)
    headline, found = str(failed.value).splitlines()
    assert headline == "Secrets were left where none may be:"
    assert found.startswith(f"  {place} holds the ")
    secrets = (planting.BEARER, planting.REFRESH_TOKEN, str(WEB_APP.secret), key.read_text())
    assert not any(secret in found for secret in secrets)


def _leaking(folder: Path, test: pytest.Item, leak: Callable[[Path], None]) -> None:
    with planting.nothing_leaks(folder, test):
        leak(folder)
