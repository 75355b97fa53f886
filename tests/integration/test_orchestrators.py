"""Cron's line of docs/orchestrators.md, and what its Python starts, are run as they stand there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from bookward.cli.main import load
from tests.integration.test_remote import Remote, remote
from tests.integration.world import World

PAGE = (Path(__file__).parents[2] / "docs" / "orchestrators.md").read_text(encoding="utf-8")


def test_python_compiles() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        compile(block, "orchestrators.md", "exec")


def test_command_lines_are_taken() -> None:
    lines = re.findall(r"\bbookward ((?:run|plan|check) [^`\"\n|]*)", PAGE)
    listed = [json.replace('", "', " ") for json in re.findall(r'"bookward", "([^\]]*)"\]', PAGE)]
    assert (len(lines), len(listed)) == (4, 2)
    for line in lines + listed:
        name, *words = shlex.split(line)
        context = load(name).make_context(name, words, resilient_parsing=False)
        assert (context.params["syncs"], context.params["wait"]) == (("contacts",), True)


@pytest.fixture
def customers(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Have a sync of the pages' name, and three customers to send."""
    for name, value in world.environ.items():
        monkeypatch.setenv(name, value)
    world.many(3)
    (world.root / "syncs/customers.yaml").rename(world.root / "syncs/contacts.yaml")
    return world


def test_cron_s_line_runs_as_cron_runs_it(customers: World, tmp_path: Path) -> None:
    line = re.search(r"```cron\n(.*)\n```", PAGE)
    assert line
    *when, command = line[1].split(maxsplit=5)
    assert (len(when), "%" in command) == (5, False)  # cron would read % as the end of the line
    token = tmp_path / "token"
    with remote(customers) as far:
        token.write_text(far.environ["BOOKWARD_TOKEN"])
        token.chmod(0o600)
        command = command.replace("https://books.example.com", far.url)
        done = bare(command.replace("/etc/bookward/token", str(token)), tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(customers.contacts()) == 3


@pytest.mark.parametrize("place", [0, 1], ids=["dagster", "prefect"])
def test_what_other_pages_start_runs(customers: World, tmp_path: Path, place: int) -> None:
    body = re.findall(r"-> None:\n    (subprocess\.run\(.*\))\n", PAGE)[place]
    with remote(customers) as far:
        script = f"import subprocess; {body}"
        done = bare(shlex.join([sys.executable, "-c", script]), tmp_path, far)
    assert (done.returncode, len(customers.contacts())) == (0, 3), done.stderr


def bare(command: str, home: Path, far: Remote | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command with what cron gives it, or with a token besides."""
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    environ = {"SHELL": "/bin/sh", "PATH": path, "HOME": str(home), "LOGNAME": "ana"}
    if far:
        environ |= {name: far.environ[name] for name in ("BOOKWARD_SERVER", "BOOKWARD_TOKEN")}
    words = ["/bin/sh", "-c", command]
    return subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
