"""Secrets are sealed by the command line, found by the project, never shown, and sealed anew."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.integration.editing.edited import FILES, git

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def bookward(root: Path, *words: str, key: str = OLD, typed: str = "") -> tuple[int, str]:
    program = Path(sys.executable).with_name("bookward")
    done = subprocess.run(
        [program, "-C", root, *words],
        input=typed,
        env=os.environ | {"BOOKWARD_KEY": key},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_secret_is_set_found_listed_and_removed(root: Path) -> None:
    assert bookward(root, "check")[0] == 1
    assert bookward(root, "secret", "set", "XERO_SECRET", typed="hunter2\n") == (
        0,
        "XERO_SECRET is sealed.\n",
    )
    assert bookward(root, "check")[0] == 0
    code, said = bookward(root, "secret", "list", "--json")
    (known,) = json.loads(said)["secrets"]
    assert (code, known["name"], "hunter2" in said) == (0, "XERO_SECRET", False)
    assert b"hunter2" not in (root / ".bookward/state.db").read_bytes()
    assert bookward(root, "secret", "remove", "XERO_SECRET") == (0, "XERO_SECRET is forgotten.\n")
    assert bookward(root, "secret", "remove", "XERO_SECRET")[0] == 2
    assert bookward(root, "check")[0] == 1


@pytest.mark.parametrize(("words", "typed", "code"), [
    (["set"], "x", 2), (["list", "X"], "", 2), (["set", "A-B"], "x", 1), (["set", "A"], "", 1),
    (["set", "BOOKWARD_PASSWORD"], "x", 1),
])  # fmt: skip
def test_what_cannot_be_set_is_refused(root: Path, words: list[str], typed: str, code: int) -> None:
    assert bookward(root, "secret", *words, typed=typed)[0] == code


def test_what_the_environment_sets_is_not_sealed_in_vain(root: Path) -> None:
    assert bookward(root, "secret", "set", "XERO_SECRET", typed="hunter2")[0] == 0
    assert "Not used" not in bookward(root, "secret", "list")[1]
    (root / ".env").write_text("XERO_SECRET=another\n")
    code, said = bookward(root, "secret", "set", "XERO_SECRET", typed="hunter3")
    assert (code, "sets XERO_SECRET, which goes before what is sealed" in " ".join(said.split())) == (1, True)
    (known,) = json.loads(bookward(root, "secret", "list", "--json")[1])["secrets"]
    assert (known["name"], known["set_outside"]) == ("XERO_SECRET", True)
    assert "Not used" in bookward(root, "secret", "list")[1]


def test_all_is_sealed_anew_with_the_first_key(root: Path) -> None:
    bookward(root, "secret", "set", "XERO_SECRET", typed="hunter2")
    assert bookward(root, "rotate-key", key=NEW)[0] == 1
    assert bookward(root, "check", key=f"{NEW},{OLD}")[0] == 0
    code, said = bookward(root, "rotate-key", "--json", key=f"{NEW}, {OLD}")
    assert (code, json.loads(said)) == (0, {"sealed": 1})
    assert bookward(root, "check", key=NEW)[0] == 0
    code, said = bookward(root, "check", key=OLD)
    assert (code, "sealed with another key" in said) == (1, True)


def test_the_log_of_a_file_says_who_changed_it(root: Path) -> None:
    assert bookward(root, "log", "syncs/users")[1] == (
        "No history: The project's folder is not in git: `git init` in it keeps versions.\n"
    )
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "First")
    code, said = bookward(root, "log", "models/users.sql", "--json")
    (version,) = json.loads(said)["versions"]
    assert (code, version["author"]["name"], version["message"]) == (0, "Cy", "First")
    assert version["files"] == ["models/users.yaml", "models/users.sql"]
    assert "First" in bookward(root, "log", "syncs/users")[1]
    assert bookward(root, "log", "sync/users")[0] == 2


def test_what_needs_no_sealed_secret_leaves_the_state_alone(root: Path) -> None:
    (root / ".env").write_text("XERO_SECRET=hunter2\n")
    (root / ".bookward").mkdir()
    (root / ".bookward/state.db").write_bytes(b"no database")
    code, said = bookward(root, "preview", "users")
    assert code == 0, said
    assert (root / ".bookward/state.db").read_bytes() == b"no database"
