from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bookward.app import CheckReport, Connection
from bookward.cli.backend import Backend
from bookward.errors import ConfigError, NotConnected
from bookward.records import CheckStep, Organisation, Problem, SignedOut
from tests.unit.cli.fake_app import FakeApp, FakeBackend
from tests.unit.cli.samples import HOSTILE

PROBLEM = Problem(
    path="models/customers.yaml",
    line=3,
    column=15,
    field="primary_key",
    message="'customer_idd' is not a column; did you mean 'customer_id'?",
    remedy="Correct the name.",
)
BROKEN = CheckReport(
    problems=(PROBLEM,),
    connections=(
        Connection(
            kind="destination",
            slug="xero",
            steps=(
                CheckStep(name="reach", ok=True, detail="api.xero.com"),
                CheckStep(name="sign in", ok=False, detail="never connected", remedy="Run connect."),
            ),
        ),
    ),
    counts={"sources": 1, "syncs": 2},
)


def test_init_lists_the_files_and_the_next_steps(bookward) -> None:
    result = bookward("init", "my-books")
    assert result.exit_code == 0
    assert "my-books/syncs/contacts.yaml" in result.stdout
    assert "2 files written." in result.stdout
    assert "bookward check" in result.stdout


def test_init_as_json(bookward) -> None:
    assert json.loads(bookward("init", "b", "--json").stdout) == {
        "folder": "b",
        "files": ["b/project.yaml", "b/syncs/contacts.yaml"],
    }


def test_init_refused(bookward, backend: FakeBackend) -> None:
    backend.starter = ConfigError("b already has project.yaml.", remedy="Name another folder.")
    result = bookward("init", "b")
    assert result.exit_code == 1
    assert "already has project.yaml" in result.stderr


def test_schemas_go_into_the_project_unless_told_otherwise(bookward, tmp_path: Path) -> None:
    assert (
        str(tmp_path / ".schemas" / "sync.json") in bookward("-C", str(tmp_path), "schema", "--json").stdout
    )
    assert "elsewhere/sync.json" in bookward("schema", "--out", "elsewhere").stdout


def test_check_all_well(bookward, app: FakeApp) -> None:
    result = bookward("check")
    assert result.exit_code == 0
    assert result.stdout == "All well: 2 models, 1 sync.\n"
    assert app.asked == [("check", False)]


def test_check_shows_place_value_and_remedy_of_every_problem(bookward, app: FakeApp) -> None:
    app.report = BROKEN
    result = bookward("check", "--connect")
    assert result.exit_code == 1
    assert "models/customers.yaml:3:15" in result.stdout
    assert "'customer_idd' is not a column" in result.stdout
    assert "Correct the name." in result.stdout
    assert "To do: Run connect." in result.stdout
    assert "1 problem in 1 file, 1 connection failed" in result.stdout
    assert app.asked == [("check", True)]


def test_check_as_json(bookward, app: FakeApp) -> None:
    app.report = BROKEN
    result = bookward("check", "--json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert document["ok"] is False
    assert document["problems"] == [
        {
            "path": "models/customers.yaml",
            "line": 3,
            "column": 15,
            "field": "primary_key",
            "message": PROBLEM.message,
            "remedy": "Correct the name.",
        }
    ]
    assert document["connections"][0]["ok"] is False
    assert document["connections"][0]["steps"][1]["name"] == "sign in"
    assert document["counts"] == {"sources": 1, "syncs": 2}


def test_connect_opens_the_browser_and_never_shows_a_token(bookward, backend: FakeBackend) -> None:
    result = bookward("connect", "xero")
    assert result.exit_code == 0
    assert result.stdout == "Connected: xero writes to Demo Company.\n"
    assert ("connect", "xero", 8765) in backend.app.asked
    assert backend.browsed[0].startswith("https://login.xero.com/")
    assert backend.browsed[0] in result.stderr.splitlines()
    assert "secret" not in result.output


def test_connect_without_a_browser_prints_the_address_on_one_line(bookward, backend: FakeBackend) -> None:
    result = bookward("connect", "xero", "--no-browser", "--port", "9000")
    assert result.exit_code == 0
    assert not backend.browsed
    assert any(line.endswith("s" * 200) for line in result.stderr.splitlines())
    assert ("connect", "xero", 9000) in backend.app.asked


def test_connect_as_json(bookward) -> None:
    result = bookward("connect", "xero", "--json")
    assert json.loads(result.stdout) == {
        "destination": "xero",
        "organisation": {"id": "0f1e", "name": "Demo Company"},
        "scope": "offline_access",
        "expires_at": "2026-11-02T09:00:00Z",
    }


class TestSeveralOrganisations:
    @pytest.fixture(autouse=True)
    def _several(self, app: FakeApp) -> None:
        app.organisations = [Organisation(id="1", name="Alpha"), Organisation(id="2", name="Beta")]

    @pytest.mark.parametrize("wanted", ["beta", "2"])
    def test_one_is_named(self, wanted: str, bookward) -> None:
        assert "writes to Beta" in bookward("connect", "xero", "--organisation", wanted).stdout

    def test_one_is_named_that_is_not_there(self, bookward) -> None:
        result = bookward("connect", "xero", "--organisation", "Gamma")
        assert result.exit_code == 2
        assert "It reaches: Alpha, Beta." in result.stderr

    def test_two_have_the_name(self, bookward, app: FakeApp) -> None:
        app.organisations.append(Organisation(id="3", name="Beta"))
        result = bookward("connect", "xero", "--organisation", "Beta")
        assert result.exit_code == 2
        assert "Use the id: 2, 3." in result.stderr

    def test_nobody_is_asked_when_nobody_is_there(self, bookward) -> None:
        result = bookward("connect", "xero")
        assert result.exit_code == 2
        assert "--organisation" in result.stderr

    def test_a_person_chooses(self, bookward, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bookward.cli.verbs.connect.is_interactive", lambda: True)
        result = bookward("connect", "xero", typed="9\n2\n")
        assert result.stdout == "Connected: xero writes to Beta.\n"
        assert "1  Alpha" in result.stderr


def test_connect_shows_hostile_names_harmless(bookward, app: FakeApp) -> None:
    app.organisations = [Organisation(id="1", name=HOSTILE)]
    shown = bookward("connect", "xero").stdout
    assert "\x1b" not in shown
    assert "[red]" in shown


DONE = SignedOut(
    organisation=Organisation(id="0f1e", name="Demo Company"),
    connection_ended=True,
    sign_in_revoked=True,
    remarks=(),
)


def test_disconnect_says_what_it_did_and_what_is_left(bookward, app: FakeApp) -> None:
    app.signed_out = DONE
    result = bookward("disconnect", "xero", "--yes")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "Disconnected: xero from Demo Company.",
        "  The connection was ended at the destination.",
        "  The sign-in was revoked, and with it all that its user gave the app.",
        "  The tokens are forgotten. History, snapshots and plans are kept.",
        "Go on later:  bookward connect xero",
    ]


def test_disconnect_says_what_was_not_ended(bookward, app: FakeApp) -> None:
    app.signed_out = replace(DONE, connection_ended=False, sign_in_revoked=False, remarks=("It is dead.",))
    shown = bookward("disconnect", "xero", "--yes").stdout
    assert "  It is dead.\n" in shown
    assert "was ended" not in shown
    assert "was revoked" not in shown


def test_disconnect_as_json(bookward, app: FakeApp) -> None:
    app.signed_out = DONE
    assert json.loads(bookward("disconnect", "xero", "--yes", "--json").stdout) == {
        "destination": "xero",
        "organisation": {"id": "0f1e", "name": "Demo Company"},
        "connection_ended": True,
        "sign_in_revoked": True,
        "remarks": [],
    }


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_disconnect_needs_a_yes_where_nobody_is_there(words: tuple[str, ...], bookward, app: FakeApp) -> None:
    result = bookward("disconnect", "xero", *words)
    assert result.exit_code == 2
    assert "say --yes" in result.output
    assert app.asked == []


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 130), ("", 130)])
def test_disconnect_asks(
    answer: str, code: int, bookward, app: FakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bookward.cli.verbs.disconnect.is_interactive", lambda: True)
    app.signed_out = DONE
    result = bookward("disconnect", "xero", typed=f"{answer}\n")
    assert result.exit_code == code
    assert "Disconnect xero from Demo Company [y/N]:" in result.stderr
    assert (app.asked == [("disconnect", "xero")]) == (code == 0)
    if code:
        assert "Stopped. The destination is still connected." in result.stderr


def test_disconnect_when_nobody_is_signed_in(bookward, app: FakeApp) -> None:
    app.signed_out = NotConnected("The destination 'xero' is not connected.", remedy="Run connect.")
    result = bookward("disconnect", "xero", "--yes")
    assert result.exit_code == 1
    assert "is not connected" in result.stderr


def test_demo_passes_its_options_on(bookward, backend: FakeBackend) -> None:
    assert bookward("demo").exit_code == 0
    assert bookward("demo", "--once", "--users", "5000", "--port", "8080").exit_code == 0
    assert bookward("demo", "--again").exit_code == 0
    assert backend.demos == [(False, False, 1000, 0), (True, False, 5000, 8080), (False, True, 1000, 0)]
    assert bookward("demo", "--once", "--again").exit_code == 2
    assert bookward("demo", "--users", "5").exit_code == 2


@pytest.mark.parametrize(
    "url", ["books.example.com", "https://books.example.com/sub", "ftp://books.example.com"]
)
def test_an_address_that_is_none_is_wrong_usage(url: str, bookward) -> None:
    for words in (["serve"], ["user", "reset", "ana@example.com"]):
        refused = bookward(*words, "--url", url, "--json")
        assert refused.exit_code == 2
        said = json.loads(refused.stdout)["error"]["message"]
        assert f"--url is '{url}'" in said
        assert "--url=https://books.example.com" in said


def test_an_address_is_taken_without_its_last_slash(
    bookward, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[str | None] = []
    monkeypatch.setattr(backend, "serve", lambda app, **how: served.append(how["url"]))
    assert bookward("serve", "--url", "https://books.example.com/").exit_code == 0
    assert bookward("serve").exit_code == 0
    assert served == ["https://books.example.com", None]


def test_a_missing_extra_names_the_install_command(monkeypatch: pytest.MonkeyPatch, bookward) -> None:
    monkeypatch.setattr(FakeBackend, "demo", Backend.demo)
    monkeypatch.delitem(sys.modules, "bookward.demo.story", raising=False)
    monkeypatch.setitem(sys.modules, "starlette", None)
    for name in list(sys.modules):
        if name.startswith(("bookward.demo.", "starlette.")):
            monkeypatch.delitem(sys.modules, name)
    result = bookward("demo", "--once")
    assert result.exit_code == 1
    assert "pip install 'bookward[demo]'" in " ".join(result.stderr.split())


def test_a_warning_is_shown_and_leaves_all_well(bookward, app: FakeApp) -> None:
    warning = Problem(
        path="sources/warehouse.yaml",
        line=3,
        column=1,
        field="url",
        message="A secret stands in the file itself.",
        remedy="Write ${WAREHOUSE_PASSWORD}.",
    )
    app.report = CheckReport(problems=(), warnings=(warning,), connections=(), counts={"syncs": 1})
    result = bookward("check")
    assert result.exit_code == 0
    shown = " ".join(result.stdout.split())
    assert "sources/warehouse.yaml:3:1 url Warning A secret stands in the file itself." in shown
    assert "All well: 1 sync." in shown
    document = json.loads(bookward("check", "--json").stdout)
    assert (document["ok"], document["warnings"][0]["line"]) == (True, 3)
