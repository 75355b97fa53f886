"""What is shipped beside the code is what its own tools take for good, and says what it has to."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from tests.integration.web.test_process import secret_of, serving

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent
EXPOSED = 20  # of 100: so far systemd says "OK"


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    assert run(TOOLS / "hadolint", "Dockerfile") == ""


def test_the_compose_file_is_one_by_the_published_schema() -> None:
    run(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")


def test_server_and_worker_run_without_rights_and_end_gracefully() -> None:
    compose: dict[str, Any] = YAML(typ="safe").load((ROOT / "compose.yaml").read_text())
    for name in ("server", "worker"):
        service = compose["services"][name]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["stop_grace_period"] == "90s"
        assert service["depends_on"]["database"]["condition"] == "service_healthy"
    assert compose["services"]["server"]["ports"] == ["127.0.0.1:8000:8000"]
    images = [each.get("image", "") for each in compose["services"].values()]
    assert not [image for image in images if image.endswith(":latest") or ":" not in image]
    assert "USER 10001" in (ROOT / "Dockerfile").read_text()


def test_what_is_mounted_belongs_to_the_user_of_the_image() -> None:
    """A new volume is owned as the image's folder is; without that it is root's, and cannot be written."""
    compose: dict[str, Any] = YAML(typ="safe").load((ROOT / "compose.yaml").read_text())
    image = (ROOT / "Dockerfile").read_text()
    made = re.search(r"--directory --owner bookward --group bookward ([/a-z ]+)", image)
    assert made
    for name in ("server", "worker"):
        mounted = {volume.split(":")[1] for volume in compose["services"][name]["volumes"]}
        assert mounted <= set(made[1].split())


def test_no_value_of_a_secret_is_in_the_files_for_containers() -> None:
    example = (ROOT / "packaging" / "compose.env.example").read_text()
    given = dict(
        line.split("=", 1) for line in example.splitlines() if "=" in line and not line.startswith("#")
    )
    assert {name for name, value in given.items() if value} == {"BOOKWARD_DATABASE_URL"}
    assert "THE-SAME-PASSWORD" in given["BOOKWARD_DATABASE_URL"]
    assert "/compose.env" in (ROOT / ".gitignore").read_text().splitlines()


def test_the_unit_is_hardened_and_what_systemd_takes(tmp_path: Path) -> None:
    text = (ROOT / "packaging" / "bookward.service").read_text()
    unit = RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(text)
    service = unit["Service"]
    for name in ("NoNewPrivileges", "PrivateTmp", "ProtectHome"):
        assert service[name] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert int(service["TimeoutStopSec"]) > 30  # a request to Xero may take as long
    assert "serve" in service["ExecStart"]
    analyze = shutil.which("systemd-analyze")
    if analyze:  # it comes with systemd, which a container need not have
        file = tmp_path / "bookward.service"
        file.write_text(text.replace("/opt/bookward/bin/bookward", shutil.which("true") or ""))
        run(analyze, "verify", file)
        run(analyze, "security", "--offline=yes", f"--threshold={EXPOSED}", "--no-pager", file)


def test_commands_beside_the_service_are_shown_with_its_user_and_variables() -> None:
    unit = (ROOT / "packaging" / "bookward.service").read_text()
    deployment = (ROOT / "docs" / "deployment.md").read_text()
    shown = deployment.partition("bookward_here() {")[2].partition("\n}")[0]
    variables = re.findall(r"^Environment=(.*)$", unit, re.MULTILINE)
    assert len(variables) > 1
    for variable in variables:
        assert f"--setenv={variable} " in shown
    (file,) = re.findall(r"^EnvironmentFile=.*$", unit, re.MULTILINE)
    assert f"--property={file} " in shown
    (user,) = re.findall(r"^User=(.*)$", unit, re.MULTILINE)
    assert f"--uid={user} " in shown


def pins(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==([^ ;\\]+)", text, re.MULTILINE))


RULED_OUT = {
    "asyncssh": "its licences are the EPL and the GPL",
    "connectorx": "it cuts digits off, and panics",
    "google-api-python-client": "it is of 100 MB, for one address",
    "mssql-python": "the driver within may not be passed on",
    "mysql-connector-python": "its licence is the GPL",
    "pymongoarrow": "it takes one version of pyarrow only",
    "sshfs": "SFTP would silently become asyncssh",
}
"""What must not come with Bookward, whatever brings it, and why."""


def test_nothing_comes_along_that_was_ruled_out_and_pyarrow_stays_free() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(each for extra in extras for each in extra)]
    (pyarrow,) = [each for each in wanted if each.startswith("pyarrow")]
    assert re.fullmatch(r"pyarrow>=\d+", pyarrow)
    shipped = (ROOT / "requirements" / "server.txt").read_text(encoding="utf-8")
    names = {found.lower() for found in re.findall(r"^([\w.-]+)==", shipped, re.MULTILINE)}
    assert {"pyarrow", "python-tds", "pymysql"} <= names
    assert names & RULED_OUT.keys() == set()


@pytest.mark.parametrize("name", ["build", "server"])
def test_an_image_has_the_versions_that_are_tested(name: str) -> None:
    tested = pins("dev")
    assert {each: version for each, version in pins(name).items() if tested.get(each) != version} == {}


def test_an_image_has_all_that_the_server_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["server"]]
    names = {re.split(r"[\[<>=]", each)[0].replace(".", "-") for each in needed}
    assert names <= pins("server").keys()


def test_every_file_of_the_container_has_a_word_in_the_docs() -> None:
    said = (ROOT / "docs" / "deployment.md").read_text()
    for name in ("Dockerfile", "compose.yaml", "packaging/compose.env.example", "packaging/bookward.service"):
        assert name in said


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_the_steps_of_the_dockerfile_make_a_server(tmp_path: Path) -> None:
    """Do what the Dockerfile says, step by step, where there is no Docker."""
    context = tmp_path / "context"
    for name in taken_into_the_image():
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, context / name, **ignoring(copy))
    build, final = tmp_path / "build", tmp_path / "final"
    for place, pinned in ((build, "build"), (final, "server")):
        run(sys.executable, "-m", "venv", place)
        run(
            place / "bin" / "pip",
            "install",
            "--require-hashes",
            "-r",
            f"requirements/{pinned}.txt",
            cwd=context,
        )
    wheels = tmp_path / "wheels"
    run(
        build / "bin" / "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        wheels,
        ".",
        cwd=context,
    )
    run(final / "bin" / "pip", "install", "--no-deps", *wheels.glob("*.whl"))
    run(final / "bin" / "bookward", "init", tmp_path / "project")
    with serving(tmp_path / "project", bookward=str(final / "bin" / "bookward")) as server:
        assert httpx.get(f"{server.url}/readyz").json() == {"status": "ready"}
        assert '<div id="root">' in httpx.get(server.url).text
        assert secret_of(server.first_admin)


def taken_into_the_image() -> Iterator[str]:
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line.startswith("!"):
            yield line.removeprefix("!")


def ignoring(copy: Any) -> dict[str, Any]:
    if copy is not shutil.copytree:
        return {}
    left: Sequence[str] = ("__pycache__", "node_modules", "static")
    return {"ignore": shutil.ignore_patterns(*left)}
