"""The sample warehouse: a DuckDB file with the data of a made-up software company, made on first use."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import Annotated, ClassVar, Literal
from uuid import uuid4

from pydantic import Field

from bookward.heavy import duckdb, pa
from bookward.records import CheckStep
from bookward.sources import sample_data as words
from bookward.sources.duckdb_file import DuckdbSource, DuckdbSpec, opened_file, unopened
from bookward.spec.source import SourceSpec


class SampleSpec(SourceSpec):
    """The sample warehouse, for trying Bookward without a database."""

    type: Literal["sample"] = "sample"
    """The sample warehouse."""
    path: str = "sample.duckdb"
    """The DuckDB file; made on first use, left alone when it exists."""
    users: Annotated[int, Field(ge=1_000, le=1_000_000)] = 1_000
    """How many users the company has when the file is made."""


class SampleSource(DuckdbSource):
    """Reads the sample warehouse."""

    spec_class: ClassVar[type[SourceSpec]] = SampleSpec

    def __init__(self, name: str, spec: SampleSpec) -> None:
        super().__init__(name, DuckdbSpec(path=spec.path))
        self._users = spec.users

    def check(self) -> Iterator[CheckStep]:
        reached = f"{self._path}{'' if self._path.exists() else ', just made'}"
        yield from self._duck.check("SELECT count(*) FROM users", reached, "{:,} users".format)

    @contextmanager
    def _opened(self) -> Iterator[duckdb.DuckDBPyConnection]:
        if not self._path.exists():
            try:
                generate(self._path, self._users)
            except (duckdb.Error, OSError) as error:
                raise unopened(self._name, self._path, error) from error
        with opened_file(self._name, self._path) as connection:
            yield connection


def generate(path: Path, users: int) -> None:
    """Make the sample warehouse at ``path``, unless it is there already.

    The file appears whole or not at all; of two processes that make it at once, the first one's is kept.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with duckdb.connect(str(unfinished)) as connection:
            _fill(connection, users)
        _publish(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
        unfinished.with_name(f"{unfinished.name}.wal").unlink(missing_ok=True)


def _publish(unfinished: Path, path: Path) -> None:
    with suppress(FileExistsError):
        try:
            os.link(unfinished, path)  # unlike renaming, it refuses when somebody else was first
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            if not path.exists():
                unfinished.replace(path)


def _fill(connection: duckdb.DuckDBPyConnection, users: int) -> None:
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET memory_limit = '512MB'")
    connection.execute("SET preserve_insertion_order = false")
    # The joins stand in a good order; DuckDB 1.4 finds one that multiplies the word lists with each other.
    connection.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    connection.execute(f"SET VARIABLE users = {users:d}")
    for name, table in _word_lists().items():
        connection.register(name, table)
    script = files("bookward.sources").joinpath("sample_data.sql").read_text(encoding="utf-8")
    for statement in connection.extract_statements(script):
        connection.execute(statement)
    for name in _word_lists():
        connection.unregister(name)


def _word_lists() -> dict[str, pa.Table]:
    return {
        "first_names": _listed(words.FIRST_NAMES),
        "last_names": _listed(words.LAST_NAMES),
        "company_first": _listed(words.COMPANY_FIRST),
        "company_second": _listed(words.COMPANY_SECOND),
        "company_third": _listed(words.COMPANY_THIRD),
        "street_list": _listed(words.STREETS),
        "special_list": _table(["name"], [(name,) for name in words.SPECIAL_COMPANIES]),
        "place_list": _table(
            [
                "city",
                "region",
                "country",
                "country_code",
                "area_code",
                "postal_code",
                "tax_number",
                "currency",
            ],
            words.PLACES,
        ),
        "plan_list": _table(["code", "name", "cents"], words.PLANS),
        "product_list": _table(["code", "name", "price", "account"], words.PRODUCTS),
        "account_list": _table(["code", "name", "type", "tax_type"], words.ACCOUNTS),
    }


def _listed(names: Sequence[str]) -> pa.Table:
    return _table(["word", "letters"], [(name, words.ascii_letters(name)) for name in names])


def _table(columns: Sequence[str], rows: Sequence[tuple[object, ...]]) -> pa.Table:
    places = [{"place": place, **dict(zip(columns, row, strict=True))} for place, row in enumerate(rows)]
    return pa.Table.from_pylist(places)
