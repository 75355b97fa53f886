"""Finds secrets in whatever was left behind: written plainly, encoded, compressed, or in files of tables."""

from __future__ import annotations

import base64
import html
import io
import json
import sqlite3
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from psycopg.types.string import TextLoader

# Infinity, 24:00, 4713 BC.
_BEYOND_PYTHON = ("date", "time", "timetz", "timestamp", "timestamptz", "interval")
_COMPRESSED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bz2", b"\x04\x22\x4d\x18": "lz4"}
_DEPTH = 4  # a compressed file in an archive in a column; deeper is nothing that Bookward makes


@dataclass(frozen=True, slots=True)
class Leak:
    """A secret where none may be; the secret itself is not told."""

    place: str
    secret: str  #: what it is, such as "database password"

    def __str__(self) -> str:
        return f"{self.place} holds the {self.secret}"


class Grep:
    """Looks for secrets, in all the forms that they may have."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        """Look for ``secrets``, each by the name that it is told by."""
        self._needles = [(name, needle) for name, text in secrets.items() for needle in _forms(text)]

    def in_bytes(self, place: str, data: bytes, depth: int = _DEPTH) -> Iterator[Leak]:
        """Yield the leaks in ``data``, and in what it holds if it is an archive or a file of tables."""
        yield from {Leak(place, name) for name, needle in self._needles if needle in data}
        if depth:
            for inner in _within(data):
                yield from self.in_bytes(place, inner, depth - 1)

    def in_folder(self, folder: Path, allowed: Sequence[Path] = ()) -> Iterator[Leak]:
        """Yield the leaks in all files below a folder, but for those where secrets are meant to be."""
        for path in sorted(folder.rglob("*")):
            place = str(path.relative_to(folder))
            yield from self.in_bytes(f"The name of {place}", path.name.encode("utf-8", "surrogateescape"), 0)
            if path.is_symlink() or not path.is_file() or path in allowed:
                continue
            try:
                data = path.read_bytes()
            except OSError:  # a pipe's other end, or a file that a process still takes away
                continue
            yield from self.in_bytes(place, data)
            if data.startswith(b"SQLite format 3\0"):
                yield from self._in_sqlite(place, path)

    def in_postgres(self, url: str) -> Iterator[Leak]:
        """Yield the leaks in all tables of a database."""
        tables = (
            "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        with psycopg.connect(url, autocommit=True) as connection:
            for kind in _BEYOND_PYTHON:
                connection.adapters.register_loader(kind, TextLoader)
            for (table,) in connection.execute(tables).fetchall():
                rows = connection.execute(f"SELECT * FROM {table}".encode())
                yield from self._in_values(f"The table {table}", rows)

    def _in_sqlite(self, place: str, path: Path) -> Iterator[Leak]:
        # In the file a long value stands in pieces, page by page.
        try:
            with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as database:
                database.text_factory = bytes
                named = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
                for (name,) in named:
                    quoted = name.decode().replace('"', '""')
                    rows = database.execute(f'SELECT * FROM "{quoted}"')
                    yield from self._in_values(f"{place}, table {name.decode()}", rows)
        except sqlite3.DatabaseError:
            return  # damaged by its test, or cut off: its bytes were looked at

    def _in_values(self, place: str, rows: Iterable[Sequence[object]]) -> Iterator[Leak]:
        values = [_bytes(value) for row in rows for value in row if not isinstance(value, int | float | None)]
        yield from self.in_bytes(place, b"\n".join(values), 0)  # at once: the forms are many
        for value in values:
            for inner in _within(value):
                yield from self.in_bytes(place, inner, _DEPTH - 1)


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else _text(value).encode()


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)


def _forms(secret: str) -> set[bytes]:
    """Return how a secret looks in text, in JSON, in JSON within JSON, in URLs, in HTML, and encoded."""
    raw = secret.encode()
    escaped = json.dumps(secret)[1:-1]
    texts = {secret, escaped, json.dumps(escaped)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    texts |= {quote(secret, safe=""), quote(secret), quote_plus(secret), html.escape(secret)}
    texts |= {raw.hex(), raw.hex().upper()}
    forms = {text.encode() for text in texts} | {secret.encode("utf-16-le")}
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            # Only what does not depend on the bytes beside it.
            begins, ends = -(-8 * before // 6), 8 * (before + len(raw)) // 6
            forms.add(encode(b"\0" * before + raw)[begins:ends])
    return forms


def _within(data: bytes) -> Iterator[bytes]:
    """Yield what is in compressed data, in an archive, or in a Parquet file; nothing for other data."""
    try:
        if data.startswith(b"PAR1"):
            yield _columns(data)
        elif data.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for name in archive.namelist():
                    yield archive.read(name)
        elif data[:1] == b"\x78":  # as git keeps its objects
            yield zlib.decompressobj().decompress(data)
        else:
            kind = next((kind for magic, kind in _COMPRESSED.items() if data.startswith(magic)), None)
            if kind:
                with pa.CompressedInputStream(pa.BufferReader(data), kind) as stream:
                    yield stream.read()
    except (OSError, pa.ArrowException, zipfile.BadZipFile, zlib.error):
        return  # cut off by a crash, or only looks like it


def _columns(data: bytes) -> bytes:
    """Return the values of a Parquet file one behind the other, and its metadata."""
    table, sink = pq.read_table(io.BytesIO(data)), pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())
