from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bookward import __version__
from bookward.cli.backend import Backend
from bookward.cli.command import Verb
from bookward.cli.exitcodes import ExitCode
from bookward.cli.main import VERBS, command_line, load
from bookward.cli.session import Session
from tests.unit.cli.fake_app import FakeApp, FakeBackend

NAMES = [name for verbs in VERBS.values() for name in verbs]

HEAVY = {"pyarrow", "duckdb", "pydantic", "sqlalchemy", "sqlglot", "httpx", "ruamel", "liquid"}


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["plan", "--help"], ["run", "--help"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    script = (
        "import sys\n"
        "from bookward.cli.main import command_line\n"
        f"command_line.main({words!r}, standalone_mode=False)\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stderr.split())


def test_the_list_names_every_verb_file() -> None:
    import bookward.cli.verbs as package

    files = {file.stem for file in Path(package.__file__).parent.glob("*.py")} - {"__init__"}
    assert files == {name.replace("-", "_") for name in NAMES}


def test_help_lists_the_verbs(bookward) -> None:
    shown = bookward("--help").stdout
    for verbs in VERBS.values():
        for name, line in verbs.items():
            assert f"{name} " in shown
            assert line in " ".join(shown.split())


@pytest.mark.parametrize("name", NAMES)
def test_every_verb_teaches_itself(name: str, bookward) -> None:
    verb = load(name)
    assert isinstance(verb, Verb)
    assert verb.name == name
    assert verb.help
    assert "\n\n" in verb.help
    assert 2 <= len(verb.examples) <= 3
    assert ExitCode.OK in verb.exits
    assert all(option.help for option in verb.params if option.param_type_name == "option")
    shown = bookward(name, "--help")
    assert shown.exit_code == 0
    assert "Examples:" in shown.stdout
    assert "Exit codes:" in shown.stdout


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_a_verb_are_well_formed(name: str) -> None:
    verb = load(name)
    for words, _ in verb.examples:
        given = shlex.split(words)
        if given[0] == name:
            verb.make_context(name, given[1:], obj=Session(Backend()))


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"demo", "worker"}))
def test_every_verb_that_prints_data_has_json(name: str) -> None:
    assert any("--json" in param.opts for param in load(name).params)


def test_version(bookward) -> None:
    assert bookward("--version").stdout == f"bookward {__version__}\n"


def test_an_unknown_verb_is_wrong_usage_with_a_suggestion(bookward) -> None:
    result = bookward("plann")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "plan" in result.stderr
    assert "bookward --help" in result.stderr


def test_no_words_at_all_show_the_help_as_wrong_usage(bookward) -> None:
    result = bookward()
    assert result.exit_code == 2
    assert "Usage: bookward" in result.stdout


def test_the_project_comes_from_the_option_then_the_environment(
    backend: FakeBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.setenv("BOOKWARD_PROJECT", str(other))
    CliRunner().invoke(command_line, ["check"], obj=backend)
    assert backend.project == other
    CliRunner().invoke(command_line, ["-C", str(tmp_path), "check"], obj=backend)
    assert backend.project == tmp_path


def test_a_folder_that_is_typed_wins_over_the_environment_s_server(
    bookward, backend: FakeBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOKWARD_SERVER", "https://books.example.com")  # without a token: it is not asked
    assert bookward("-C", str(tmp_path), "check").exit_code == 0
    assert backend.project == tmp_path
    both = bookward("-C", str(tmp_path), "--server", "https://books.example.com", "check")
    assert both.exit_code == 2
    assert "-C and --server exclude each other" in both.stderr


def test_a_project_folder_that_does_not_exist(bookward, tmp_path: Path) -> None:
    result = bookward("-C", str(tmp_path / "nope"), "check")
    assert result.exit_code == 2
    assert "There is no folder" in result.stderr


def test_the_app_is_closed_whatever_happens(bookward, app: FakeApp) -> None:
    app.report = RuntimeError("a fault")
    bookward("check")
    assert app.closed
