from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from bookward.project.project import Project
from bookward.project.secrets import Secrets
from tests.unit.project.folders import GOOD, ServerSpec, XeroSpec, load, said, write

Build = Callable[..., Project]

SERVER = "type: server\nhost: db\n"


def server(project: Project) -> ServerSpec:
    spec = project.sources["server"]
    assert isinstance(spec, ServerSpec)
    return spec


def test_a_name_comes_from_the_environment(project_with: Build) -> None:
    files = {"sources/server.yaml": SERVER + "port: ${PORT}\npassword: ${PW}\nregion: ${WHERE}\n"}
    project = project_with(files, {"PORT": "6000", "PW": "hunter2", "WHERE": "us"})
    assert project.problems == ()
    spec = server(project)
    assert (spec.port, spec.password, spec.region) == (6000, SecretStr("hunter2"), "us")


def test_names_stand_anywhere_in_a_text_and_in_lists(project_with: Build) -> None:
    files = {"sources/server.yaml": "type: server\nhost: ${A}.${B}.com\ntags: [x, 'y-${A}']\n"}
    spec = server(project_with(files, {"A": "db", "B": "example"}))
    assert (spec.host, spec.tags) == ("db.example.com", ["x", "y-db"])


def test_project_yaml_takes_names_too(project_with: Build) -> None:
    project = project_with({"project.yaml": "name: ${N}\nkeep:\n  calls: ${D}\n"}, {"N": "x", "D": "7"})
    assert project.spec is not None
    assert (project.spec.name, project.spec.keep.calls) == ("x", 7)


def test_syncs_and_models_are_taken_literally(project_with: Build) -> None:
    sync = GOOD["syncs/users.yaml"] + "description: ${NOT_SET}\n"
    project = project_with({"syncs/users.yaml": sync, "models/users.sql": "SELECT '${NOT_SET}'"})
    assert project.problems == ()
    assert project.syncs["users"].description == "${NOT_SET}"


def test_the_environment_wins_over_the_file(project_with: Build) -> None:
    files = {"sources/server.yaml": SERVER + "password: ${PW}\n", ".env": "PW=from-file\n"}
    assert server(project_with(files)).password == SecretStr("from-file")
    assert server(project_with({}, {"PW": "from-env"})).password == SecretStr("from-env")


def test_the_file_is_not_put_into_the_environment(
    project_with: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BW_ONLY_HERE", raising=False)
    project_with({".env": "BW_ONLY_HERE=1\n"})
    assert "BW_ONLY_HERE" not in os.environ


def test_the_file_is_read_as_dotenv_is_but_values_stay_as_they_are(tmp_path: Path) -> None:
    write(tmp_path, {".env": "\ufeffexport A='x y' # why\nB=\"l1\\nl2\"\r\nC=a${HOME}b\n\n# D=1\nE\n"})
    secrets = Secrets.read(tmp_path, {})
    assert secrets.problems == ()
    assert dict(secrets.dotenv) == {"A": "x y", "B": "l1\nl2", "C": "a${HOME}b"}


def test_what_a_name_stands_for_is_not_looked_at_again(project_with: Build) -> None:
    files = {"sources/server.yaml": SERVER + "password: ${A}\n"}
    assert server(project_with(files, {"A": "${B} $${C}"})).password == SecretStr("${B} $${C}")


def test_two_dollars_are_taken_literally(project_with: Build) -> None:
    files = {"sources/server.yaml": SERVER + "password: a$${B}c$d${A}\n"}
    assert server(project_with(files, {"A": "x"})).password == SecretStr("a${B}c$dx")


def test_a_missing_name_says_where_and_what_to_set(project_with: Build) -> None:
    files = {
        "destinations/xero.yaml": "type: xero\nclient_id: ${XERO_CLIENT_ID}\n",
        ".env": "XERO_CLIENTID=1",
    }
    [problem] = project_with(files).problems
    assert (problem.path, problem.line, problem.column, problem.field) == (
        "destinations/xero.yaml",
        2,
        12,
        "client_id",
    )
    assert problem.message == (
        "${XERO_CLIENT_ID} is not set, neither in the environment nor in .env. Did you mean 'XERO_CLIENTID'?"
    )
    assert "XERO_CLIENT_ID=..." in problem.remedy


@pytest.mark.parametrize(
    ("environ", "place"), [({"PORT": ""}, "the environment"), ({}, ".env")], ids=["environment", "file"]
)
def test_an_empty_value_is_as_good_as_none(project_with: Build, environ: dict[str, str], place: str) -> None:
    files = {"sources/server.yaml": SERVER + "port: ${PORT}\n", ".env": "PORT=\n"}
    assert said(project_with(files, environ)) == [f"sources/server.yaml:3:7: ${{PORT}} is empty in {place}."]


@pytest.mark.parametrize("text", ["${", "${}", "${A-B}", "${A:-hunter2}", "${A", "${1}"])
def test_a_malformed_reference_is_a_problem(project_with: Build, text: str) -> None:
    project = project_with({"sources/server.yaml": SERVER + f"password: '{text}'\n"}, {"A": "x"})
    assert said(project) == [
        "sources/server.yaml:3:11: A reference that begins with ${ here is not of the form ${NAME}."
    ]


@pytest.mark.parametrize("name", ["BOOKWARD_KEY", "BOOKWARD_DATABASE_URL", "bookward_key", "BOOKWARD_"])
def test_bookwards_own_settings_are_taken_into_no_file(project_with: Build, name: str) -> None:
    files = {
        "project.yaml": f"name: '${{{name}}}'\n",
        "sources/server.yaml": SERVER + f"password: 'x${{{name}}}'\n",
        "destinations/xero.yaml": f"type: xero\nclient_id: ${{{name}}}\n",
        "alerts/mine.yaml": f"type: webhook\nurl: https://mine.example/${{{name}}}\nsecret: x\n",
        ".env": f"{name}=from-env-file\n",
    }
    for environ in ({name: "hunter2"}, {}):
        project = project_with(files, environ)
        assert [(p.path, p.message) for p in project.problems] == [
            (path, f"${{{name}}} is one of Bookward's own settings, which no file takes.")
            for path in ("alerts/mine.yaml", "destinations/xero.yaml", "project.yaml", "sources/server.yaml")
        ]
        assert all("another name" in p.remedy for p in project.problems)
        assert "hunter2" not in repr(project)
        assert "from-env-file" not in repr(project)


def test_a_name_that_only_looks_like_one_of_bookwards_own_is_taken(project_with: Build) -> None:
    files = {"sources/server.yaml": SERVER + "password: ${_BOOKWARD_PW}${BOOKWARDPW}\n"}
    project = project_with(files, {"_BOOKWARD_PW": "a", "BOOKWARDPW": "b"})
    assert server(project).password == SecretStr("ab")


def test_a_missing_name_is_told_once_for_a_text(project_with: Build) -> None:
    project = project_with({"sources/server.yaml": SERVER + "password: ${A}${A}${B}${A}\n"})
    assert [p.message[:4] for p in project.problems] == ["${A}", "${B}"]


def test_a_missing_name_makes_no_second_problem(project_with: Build) -> None:
    project = project_with({"sources/server.yaml": SERVER + "port: ${NOPE}\ntags: ['${NOPE2}']\n"})
    assert [p.line for p in project.problems] == [3, 4]


def test_a_type_that_is_missing_makes_no_second_problem(project_with: Build) -> None:
    project = project_with({"sources/server.yaml": "type: ${NOPE}\nhost: x\nport: 1\n"})
    assert [p.field for p in project.problems] == ["type"]


def test_a_broken_line_of_the_file_is_placed_and_the_others_count(project_with: Build) -> None:
    files = {"sources/server.yaml": SERVER + "password: ${PW}\n", ".env": "PW=x\n'broken\nQ=hunter2\n"}
    project = project_with(files)
    assert said(project) == [".env:2:1: This line is not NAME=value."]
    assert server(project).password == SecretStr("x")


def test_a_file_that_is_no_text_is_a_problem(project_with: Build) -> None:
    assert said(project_with({".env": b"A=\xff\n"})) == [".env:1:3: Byte 0xff is not UTF-8."]


def test_a_virtual_environment_of_that_name_is_no_problem(tmp_path: Path) -> None:
    write(tmp_path, {**GOOD, ".env/bin/x": ""})
    assert load(tmp_path).problems == ()


@pytest.mark.parametrize(
    "line",
    [
        "port: ${S}",
        "region: ${S}",
        "host: '${S} x'",
        "ratio: ${S}",
        "share: ${S}",
        "tls: {verify: '${S}'}",
        "tls: ${S}",
        "tags: ${S}",
        "type: ${S}",
        "${S}: x",
        "password: [${S}]",
    ],
)
def test_no_problem_tells_a_secret(project_with: Build, line: str) -> None:
    key = line.partition(":")[0]
    rest = "".join(part for part in ("type: server\n", "host: db\n") if not part.startswith(f"{key}:"))
    project = project_with({"sources/server.yaml": f"{rest}{line}\n"}, {"S": "hunter2-value"})
    assert project.problems
    assert "hunter2" not in repr(project)


def test_no_repr_tells_a_secret(project_with: Build) -> None:
    files = {"sources/server.yaml": SERVER + "api_key: ${S}\n", ".env": "S=hunter2\n"}
    project = project_with(files)
    assert server(project).api_key == "hunter2"
    assert "hunter2" not in repr(project)
    assert "hunter2" not in repr(Secrets.read(project.root, {"T": "hunter2"}))


@pytest.mark.parametrize(
    "line",
    ["password: 12345", "api_key: [12345]", "api_key: 12345", "password: {a: 12345}", "password: true"],
)
def test_a_secret_written_into_the_file_is_not_repeated(project_with: Build, line: str) -> None:
    project = project_with({"sources/server.yaml": SERVER + line + "\n"})
    assert project.problems
    assert "12345" not in repr(project)


def test_a_password_in_an_address_is_not_repeated(project_with: Build) -> None:
    project = project_with({"sources/server.yaml": SERVER + "port: postgres://me:hunter2@db/x\n"})
    assert "hunter2" not in repr(project)
    assert "postgres://***@db/x" in said(project)[0]


def test_a_filled_secret_reaches_the_destination(project_with: Build) -> None:
    files = {"destinations/xero.yaml": "type: xero\nclient_id: a\nclient_secret: ${S}\n"}
    spec = project_with(files, {"S": "x"}).destinations["xero"]
    assert isinstance(spec, XeroSpec)
    assert spec.client_secret == SecretStr("x")
