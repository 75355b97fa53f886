"""`pip install bookward[NAME]` alone is enough for a source: each extra in an environment of its own.

Each twice: with the newest versions of what it brings, and with the lowest that the project says will do.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from bookward.sources.base import source_classes
from bookward.spec.source import SourceSpec
from tests.contract.sources import (
    installed,
    test_airtable,
    test_elasticsearch,
    test_google_sheets,
    test_looker,
    test_metabase,
    test_mongodb,
    test_s3,
    test_sftp,
)
from tests.peers.airtable import Airtable
from tests.peers.elasticsearch import Gate, running_engine
from tests.peers.foundry import running_foundry
from tests.peers.google_sheets import GoogleSheets
from tests.peers.http import serving
from tests.peers.looker import Look, Looker
from tests.peers.metabase import Metabase
from tests.peers.mongodb import running_mongodb
from tests.peers.objectstore import running_object_store
from tests.peers.openssh import OpenSsh

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(1200)]

ROOT = Path(__file__).parents[3]
UV = Path(sys.executable).with_name("uv")
DATABASES = (
    "postgres", "mysql", "clickhouse", "sqlserver", "athena", "bigquery", "snowflake", "trino", "redshift",
    "firebolt",
)  # fmt: skip
OTHERS = {"mongodb": "mongodb", "google": "google_sheets", "sftp": "sftp", "excel": "files"}
"""By their extra, the kinds of source that are no database."""
NO_SOURCE = {"server", "demo", "alerts", "aws", "otel"}
VERSIONS = ["newest", "lowest"]
NOBODY = 1  # a port at which nobody answers

IMPORTED = """
import importlib, pkgutil, bookward
for module in pkgutil.walk_packages(bookward.__path__, "bookward."):
    if module.name != "bookward.otel" and ".migrations." not in module.name:
        importlib.import_module(module.name)
"""
"""Imports all that needs no extra."""
DUCKDB_FILE = "import duckdb, sys; duckdb.connect(sys.argv[1]).execute('CREATE TABLE few AS SELECT 1 AS id')"
FEW = """CREATE TABLE few (id BIGINT, due DECIMAL(12, 2), name TEXT, made TIMESTAMP);
INSERT INTO few VALUES (1, 10.50, 'Ünï', '2026-01-31 12:00:00'), (2, NULL, NULL, NULL)"""
FEW_ROWS = [["1", "10.50", "Ünï", "2026-01-31 12:00:00"], ["2", "None", "None", "None"]]

Environment = Callable[..., Path]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Make an environment with one extra, or none, and nothing else."""

    def made(extra: str, versions: str = "newest") -> Path:
        folder = tmp_path_factory.mktemp(f"extra-{extra}")
        _run(UV, "venv", "--quiet", "--clear", "--python", sys.executable, folder)
        python = folder / "bin" / "python"
        install = (UV, "pip", "install", "--quiet", "--python", python)
        if versions == "lowest":
            wanted = ("--extra", extra) if extra else ()
            _run(*install, "--resolution", "lowest-direct", "-r", ROOT / "pyproject.toml", *wanted)
            _run(*install, "--no-deps", wheel)
        else:
            _run(*install, f"bookward[{extra}] @ file://{wheel}" if extra else f"bookward @ file://{wheel}")
        return python

    return made


@pytest.fixture(scope="module", autouse=True)
def summary() -> Iterator[dict[str, str]]:
    """What came of each extra, printed at the end (`pytest -s`)."""
    found: dict[str, str] = {}
    yield found
    width = max(map(len, found), default=0)
    sys.stdout.write("\n" + "".join(f"{name:{width}}  {said}\n" for name, said in found.items()))


def test_every_extra_of_a_source_is_tried() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {*DATABASES, *OTHERS} == set(project["optional-dependencies"]) - NO_SOURCE


@pytest.mark.parametrize("versions", VERSIONS)
@pytest.mark.parametrize("extra", DATABASES)
def test_a_database_is_read_with_its_extra_alone(
    extra: str,
    versions: str,
    environment: Environment,
    summary: dict[str, str],
    request: pytest.FixtureRequest,
) -> None:
    warehouse = request.getfixturevalue(f"{extra}_warehouse")
    warehouse.load(FEW)
    python = environment(extra, versions)
    said = _said(python, extra, warehouse.spec, "SELECT id, due, name, made FROM few")
    assert sorted([str(value).removesuffix("+00:00") for value in row] for row in said["rows"]) == FEW_ROWS
    nobody = _nobody(extra, warehouse.spec)
    said = _said(python, extra, nobody, "SELECT 1 AS one")
    assert said.get("error") in ("source_unreachable", "source_failed"), said
    summary[f"{extra}, {versions}"] = f"2 rows read; where nobody answers: {said['message'][:90]}"


@pytest.mark.parametrize("versions", VERSIONS)
@pytest.mark.parametrize("extra", OTHERS)
def test_what_is_no_database_is_read_with_its_extra_alone(
    extra: str,
    versions: str,
    environment: Environment,
    summary: dict[str, str],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    python, name = environment(extra, versions), f"{extra}, {versions}"
    if extra == "mongodb":
        with running_mongodb() as server, server.client() as client:
            client.get_database(server.database).invoices.insert_many([{"n": n} for n in range(3)])
            spec = test_mongodb.source(server)._spec
            summary[name] = _read(python, extra, spec, "SELECT * FROM invoices", rows=3)
    elif extra == "google":
        with serving(GoogleSheets()) as sheets:
            sheets.sheets = {"Ann's ledger": [["Account", "Amount"], ["0200", 1]], "Names": []}
            spec = test_google_sheets.source(sheets)._spec
            summary[name] = _read(python, "google_sheets", spec, "SELECT * FROM ledger", rows=1)
    elif extra == "sftp":
        openssh: OpenSsh = request.getfixturevalue("openssh")
        few = openssh.files / "few.csv"
        few.write_text("id\n1\n2\n", encoding="utf-8")
        spec = test_sftp.source(openssh, str(few))._spec
        summary[name] = _read(python, extra, spec, "SELECT * FROM t", rows=2)
    else:
        book = Workbook()
        assert book.active is not None
        book.active.append(["id"])
        book.active.append([1])
        book.save(tmp_path / "few.xlsx")
        given = {"tables": {"few": str(tmp_path / "few.xlsx")}}
        summary[name] = _read(python, "files", given, "SELECT * FROM few", rows=1)


@pytest.mark.parametrize("versions", VERSIONS)
def test_what_needs_no_extra_is_read_with_none(
    versions: str,
    environment: Environment,
    summary: dict[str, str],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    python = environment("", versions)
    with ExitStack() as stack:
        given = {**_services(stack), **_files(stack, tmp_path)}
        warehouse = request.getfixturevalue("databricks_warehouse")
        warehouse.load("CREATE TABLE few AS SELECT 1 AS id")
        given["databricks"] = warehouse.spec, "SELECT * FROM few"
        # A file of a newer DuckDB is none that an older one reads.
        _run(python, "-c", DUCKDB_FILE, tmp_path / "few.duckdb")
        given["duckdb"] = {"path": str(tmp_path / "few.duckdb")}, "SELECT * FROM few"
        given["sample"] = {"path": str(tmp_path / "sample.duckdb")}, "SELECT id FROM users LIMIT 1"
        for kind, (spec, query) in given.items():
            summary[f"{kind}, {versions}"] = _read(python, kind, spec, query, rows=1)
    others = {*DATABASES, *OTHERS.values(), "rockset"} - {"files"}
    assert given.keys() == source_classes().keys() - others


def _services(stack: ExitStack) -> dict[str, tuple[Any, str]]:
    """Start what answers over HTTP and takes no driver; return a specification and a query for each kind."""
    airtable = stack.enter_context(serving(Airtable()))
    airtable.add("Few", ("Name", "singleLineText"))
    airtable.fill("Few", {"Name": "a"})
    engine = stack.enter_context(running_engine())
    engine.fill("few", ['{"id": 1}'])
    gate = stack.enter_context(serving(Gate(engine)))
    metabase = stack.enter_context(serving(Metabase()))
    stack.enter_context(metabase.connection)
    metabase.questions = {4: "SELECT 1 AS id"}
    looker = stack.enter_context(serving(Looker()))
    stack.enter_context(looker.connection)
    looker.looks = [Look("42", 'SELECT 1 AS "few.id"', ["few.id"])]
    foundry = stack.enter_context(running_foundry())
    foundry.data.load("CREATE TABLE few AS SELECT 1 AS id", branch := foundry.data.new_schema())
    return {
        "airtable": (test_airtable.source(airtable, tables={})._spec, "SELECT * FROM Few"),
        "elasticsearch": (test_elasticsearch.source(gate)._spec, "SELECT * FROM few"),
        "metabase": (test_metabase.source(metabase)._spec, "SELECT * FROM invoices"),
        "looker": (test_looker.source(looker)._spec, "SELECT * FROM invoices"),
        "foundry": (foundry.spec(branch), "SELECT * FROM few"),
    }


def _files(stack: ExitStack, folder: Path) -> dict[str, tuple[Any, str]]:
    """Make files, here and in a storage; return a specification and a query for each kind."""
    (folder / "few.csv").write_text("id\n1\n", encoding="utf-8")
    with closing(sqlite3.connect(folder / "few.db")) as connection:
        connection.executescript("CREATE TABLE few AS SELECT 1 AS id")
    objects = stack.enter_context(running_object_store())
    test_s3.put(objects, "few.csv", b"id\n1\n")
    return {
        "files": ({"tables": {"few": str(folder / "few.csv")}}, "SELECT * FROM few"),
        "sqlite": ({"path": str(folder / "few.db")}, "SELECT * FROM few"),
        "s3": (test_s3.source(objects, tables={"few": "few.csv"})._spec, "SELECT * FROM few"),
    }


def test_the_lowest_versions_are_enough_for_the_rest(environment: Environment, tmp_path: Path) -> None:
    python = environment("", "lowest")
    _run(python, "-I", "-c", IMPORTED)
    program = python.with_name("bookward")
    _run(program, "init", tmp_path / "books")
    _run(program, "--project", tmp_path / "books", "preview", "users")


def test_without_an_extra_the_one_that_is_missing_is_named(
    environment: Environment, request: pytest.FixtureRequest
) -> None:
    python = environment("")
    for extra in DATABASES:
        warehouse = request.getfixturevalue(f"{extra}_warehouse")
        said = _said(python, extra, warehouse.spec, "SELECT 1 AS one")
        assert said.get("error") == "extra_missing", said
        assert f"bookward[{extra}]" in said["remedy"]


def _nobody(kind: str, spec: SourceSpec) -> SourceSpec:
    """Return a source like another one, where nobody answers; it is not tried for long."""
    names = type(spec).model_fields
    changes: dict[str, Any] = {"connect_timeout": 2} if "connect_timeout" in names else {}
    changes |= {"port": NOBODY} if "port" in names else {}
    for name in ("url", "endpoint_url"):
        if getattr(spec, name, None) is not None:
            changes[name] = f"http://127.0.0.1:{NOBODY}"
    return spec.model_copy(update=changes)


def _read(python: Path, kind: str, spec: Any, query: str, rows: int) -> str:
    said = _said(python, kind, spec, query)
    assert len(said.get("rows", ())) == rows, said
    return f"{rows} rows read"


def _said(python: Path, kind: str, spec: Any, query: str) -> dict[str, Any]:
    """Return what came of reading a query in an environment."""
    fields = spec if isinstance(spec, dict) else dict(spec)
    given = json.dumps({name: _plain(value) for name, value in fields.items()}, default=_plain)
    done = subprocess.run(
        [python, "-I", installed.__file__, kind, given, query], capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _plain(value: Any) -> Any:
    if hasattr(value, "get_secret_value"):
        return value.get_secret_value()
    return value.model_dump(exclude_none=True) if hasattr(value, "model_dump") else value


def _run(*command: str | Path) -> None:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
