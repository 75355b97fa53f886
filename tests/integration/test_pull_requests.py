"""The workflow of docs/how-to/pull-requests.md: its steps are run as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.integration.world import World

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "pull-requests.md").read_text(encoding="utf-8")
JOB: dict[str, Any] = YAML(typ="safe").load(PAGE.partition("```yaml\n")[2].partition("```")[0])["jobs"][
    "plan"
]
STEPS = [step["run"] for step in JOB["steps"] if "run" in step]


@pytest.fixture
def invoices(world: World) -> World:
    """Have a sync of the page's name."""
    world.many(3)
    (world.root / "syncs/customers.yaml").rename(world.root / "syncs/invoices.yaml")
    return world


def done(world: World, script: str) -> tuple[int, str]:
    """Run a step as GitHub does; return its exit code, and what it has commented."""
    commented = world.root / "commented"
    commented.unlink(missing_ok=True)
    script = re.sub(r"\$\{\{ github\.event\.number \}\}", "7", script)
    gh = f'gh() {{ test "$1 $2 $3" = "pr comment 7" && cat "$5" > {commented}; }}\n'
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    process = subprocess.run(
        ["bash", "-e", "-c", gh + script],
        env=os.environ | world.environ | {"PATH": path},
        cwd=world.root,
        capture_output=True,
        text=True,
        check=False,
    )
    said = process.stdout + process.stderr
    return process.returncode, commented.read_text(encoding="utf-8") if commented.exists() else said


def test_every_step_knows_the_state_and_has_its_packages() -> None:
    assert {"BOOKWARD_KEY", "BOOKWARD_DATABASE_URL", "BOOKWARD_FILES"} <= JOB["env"].keys()
    assert not any("env" in step for step in JOB["steps"])
    install = next(step for step in STEPS if step.startswith("pip install"))
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = install.partition("[")[2].partition("]")[0].split(",")
    packages = " ".join(package for name in named for package in extras[name])
    assert {"psycopg", "adbc-driver-postgresql"} <= set(re.findall(r"[a-z-]+", packages))


def test_a_plan_is_commented_also_where_rows_are_refused(invoices: World) -> None:
    *_, check, plan = STEPS
    code, said = done(invoices, check)
    assert code == 0, said
    assert done(invoices, plan) == (
        0,
        "### Plan of invoices\n\n| operation | rows |\n|---|--:|\n| insert | 3 |\n\nMoney: \n",
    )
    invoices.customers((4, "Customer 1"))  # the name is taken: refused
    code, said = done(invoices, plan)
    assert (code, "| reject | 2 |" in said) == (0, True), said


def test_where_there_is_no_plan_the_comment_says_why_and_the_job_fails(invoices: World) -> None:
    invoices.edit("models/customers.sql", "customers", "nothing")
    code, said = done(invoices, STEPS[-1])
    assert (code != 0, said.startswith("### No plan\n\n")) == (True, True), said
