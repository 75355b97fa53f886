"""The keeper of the benches' results, which is no part of the package."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture
def results(tmp_path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_results", BENCH / "results.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.FILE = tmp_path / "RESULTS.md"
    return module


def test_a_section_replaces_only_itself(results):
    results.keep("One", "python one.py", "first")
    results.keep("One and more", "python more.py", "kept \\1")
    results.keep("One", "python one.py", "second")
    text = results.FILE.read_text()
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["One", "One and more"]
    assert text.count("second") == 1
    assert "first" not in text
    assert text.endswith("kept \\1\n")


def test_a_section_says_when_where_and_with_what(results):
    results.keep("One", "python one.py")
    line = results.FILE.read_text().splitlines()[-1]
    where = r"`python one.py` on \d{4}-\d\d-\d\d, .+, \d+ cores, \d+ GB memory"
    what = r"Python 3\.\S+, bookward \S+, duckdb \S+, pyarrow \S+, httpx \S+, xero-python \S+\."
    assert re.fullmatch(f"{where}, {what}", line)


def test_figures_stand_to_the_right(results):
    table = results.table(["name", "n"], [("long name", "1"), ("b", "100")])
    assert table.splitlines() == [
        "| name      |   n |",
        "| --------- | --: |",
        "| long name |   1 |",
        "| b         | 100 |",
    ]
