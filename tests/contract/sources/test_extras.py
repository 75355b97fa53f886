"""`pip install bookward[NAME]` alone is enough for a source: each extra in an environment of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from bookward.spec.source import SourceSpec
from tests.contract.sources import installed, test_google_sheets, test_mongodb, test_sftp
from tests.peers.google_sheets import GoogleSheets
from tests.peers.http import serving
from tests.peers.mongodb import running_mongodb
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
NOBODY = 1  # a port at which nobody answers

Environment = Callable[[str], Path]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Make an environment with one extra, or none, and nothing else."""

    def made(extra: str) -> Path:
        folder = tmp_path_factory.mktemp(f"extra-{extra}")
        _run(UV, "venv", "--quiet", "--clear", "--python", sys.executable, folder)
        python = folder / "bin" / "python"
        what = f"bookward[{extra}] @ file://{wheel}" if extra else f"bookward @ file://{wheel}"
        _run(UV, "pip", "install", "--quiet", "--python", python, what)
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


@pytest.mark.parametrize("extra", DATABASES)
def test_a_database_is_read_with_its_extra_alone(
    extra: str, environment: Environment, summary: dict[str, str], request: pytest.FixtureRequest
) -> None:
    warehouse = request.getfixturevalue(f"{extra}_warehouse")
    warehouse.load("CREATE TABLE few (id INTEGER); INSERT INTO few VALUES (1), (2), (3)")
    python = environment(extra)
    summary[extra] = _read(python, extra, warehouse.spec, warehouse.words("SELECT id FROM few"), rows=3)
    nobody = _nobody(extra, warehouse.spec)
    said = _said(python, extra, nobody, "SELECT 1 AS one")
    assert said.get("error") in ("source_unreachable", "source_failed"), said
    summary[extra] += f"; where nobody answers: {said['message'][:90]}"


@pytest.mark.parametrize("extra", OTHERS)
def test_what_is_no_database_is_read_with_its_extra_alone(
    extra: str,
    environment: Environment,
    summary: dict[str, str],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    python = environment(extra)
    if extra == "mongodb":
        with running_mongodb() as server, server.client() as client:
            client.get_database(server.database).invoices.insert_many([{"n": n} for n in range(3)])
            spec = test_mongodb.source(server)._spec
            summary[extra] = _read(python, extra, spec, "SELECT * FROM invoices", rows=3)
    elif extra == "google":
        with serving(GoogleSheets()) as sheets:
            sheets.sheets = {"Ann's ledger": [["Account", "Amount"], ["0200", 1]], "Names": []}
            spec = test_google_sheets.source(sheets)._spec
            summary[extra] = _read(python, "google_sheets", spec, "SELECT * FROM ledger", rows=1)
    elif extra == "sftp":
        openssh: OpenSsh = request.getfixturevalue("openssh")
        few = openssh.files / "few.csv"
        few.write_text("id\n1\n2\n", encoding="utf-8")
        spec = test_sftp.source(openssh, str(few))._spec
        summary[extra] = _read(python, extra, spec, "SELECT * FROM t", rows=2)
    else:
        book = Workbook()
        assert book.active is not None
        book.active.append(["id"])
        book.active.append([1])
        book.save(tmp_path / "few.xlsx")
        given = {"tables": {"few": str(tmp_path / "few.xlsx")}}
        summary[extra] = _read(python, "files", given, "SELECT * FROM few", rows=1)


def test_without_an_extra_the_one_that_is_missing_is_named(
    environment: Environment, summary: dict[str, str], request: pytest.FixtureRequest
) -> None:
    python = environment("")
    for extra in DATABASES:
        warehouse = request.getfixturevalue(f"{extra}_warehouse")
        said = _said(python, extra, warehouse.spec, "SELECT 1 AS one")
        assert said.get("error") == "extra_missing", said
        assert f"bookward[{extra}]" in said["remedy"]
    warehouse = request.getfixturevalue("databricks_warehouse")
    summary["no extra"] = _read(python, "databricks", warehouse.spec, "SELECT 1 AS one", rows=1)


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
    assert said == {"rows": rows}
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
