from __future__ import annotations

import importlib.util
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest

from bookward.app import App
from bookward.destinations.xero.checking import OBJECTS
from bookward.errors import BookwardError
from bookward.project.starter import write_starter
from bookward.sources.base import source_classes

ROOT = Path(__file__).parents[2]


def _load() -> ModuleType:
    sys.path.insert(0, str(ROOT / "scripts"))
    spec = importlib.util.spec_from_file_location("reference", ROOT / "scripts" / "reference.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BATTERY = "tests/contract/sources/test_battery.py"
DATABASES = (
    "sample", "duckdb", "postgres", "mysql", "clickhouse", "sqlserver", "trino", "redshift", "firebolt",
    "snowflake", "bigquery", "databricks", "athena",
)  # fmt: skip
reference = _load()
example = sys.modules["object_pages"].example
PAGES: dict[str, str] = reference.pages()
LEAVES: list[type[BookwardError]] = [leaf for group in reference.groups() for leaf in reference.leaves(group)]


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_says_what_the_code_says(name: str) -> None:
    page = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")
    assert page == PAGES[name], "stale: run `make docs`"


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_every_error_says_what_happened_and_what_to_do(leaf: type[BookwardError]) -> None:
    assert "code" in vars(leaf)
    assert leaf.__doc__
    assert leaf.remedy.endswith(".")


def test_error_codes_are_unique_and_look_alike() -> None:
    codes = [leaf.code for leaf in LEAVES]
    assert len(set(codes)) == len(codes)
    assert all(code.replace("_", "").isalpha() and code.islower() for code in codes)


def test_the_drawing_of_the_tree_names_every_error_in_its_place() -> None:
    from bookward import errors

    drawn = [line.split("── ")[1].split()[0] for line in (errors.__doc__ or "").splitlines() if "── " in line]
    assert drawn == [
        cls.__name__ for group in reference.groups() for cls in (group, *reference.leaves(group))
    ]


@pytest.mark.parametrize("object_", OBJECTS)
def test_the_example_of_an_object_is_a_sync_without_problems(object_: str, tmp_path: Path) -> None:
    write_starter(tmp_path)
    name = object_.replace("-", "_")
    (tmp_path / "models" / f"{name}.yaml").write_text("source: warehouse\nprimary_key: id\n")
    (tmp_path / "models" / f"{name}.sql").write_text("SELECT 1 AS id\n")
    (tmp_path / "syncs" / f"{name}.yaml").write_text(example(object_))
    environ = {"XERO_CLIENT_ID": "x", "XERO_CLIENT_SECRET": "y"}
    with closing(App(tmp_path, environ=environ)) as app:
        assert app.check().problems == ()


def test_every_kind_of_source_says_how_it_is_tested_and_where() -> None:
    facts = sys.modules["source_facts"]
    rows = _source_rows()
    assert len(rows) > 20
    assert rows.keys() == set(source_classes()) == set(facts.ABOUT)
    for how, tests, against in rows.values():
        assert all(each in facts.HOW for each in how.split(", ")), how
        assert (ROOT / tests).is_file(), tests
        assert against.strip()


def test_the_tests_that_the_table_of_sources_names_run_on_every_landing() -> None:
    files = {tests for _, tests, _ in _source_rows().values()}
    listing = (sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider")
    done = subprocess.run(
        [*listing, "-m", "not nightly", *files, BATTERY], cwd=ROOT, capture_output=True, text=True, check=True
    )
    collected = done.stdout.splitlines()
    assert {each.partition("::")[0] for each in collected if "::" in each} == files | {BATTERY}
    # Whoever answers SQL goes through the battery: one kind of row without it would be a promise too many.
    battery = {each.partition("[")[2] for each in collected if each.startswith(BATTERY)}
    for kind in DATABASES:
        assert any(each.removesuffix("]").split("-")[0] == kind for each in battery), kind


def _source_rows() -> dict[str, tuple[str, str, str]]:
    """Return how each kind in the table of sources is tested, in which file, and against what."""
    lines = PAGES["sources/index.md"].splitlines()
    rows = [line.split(" | ") for line in lines if line.startswith("| [`")]
    return {row[0].split("`")[1]: (row[3], row[4].strip("`"), row[5].removesuffix(" |")) for row in rows}
