from __future__ import annotations

from pathlib import Path

import pytest

from bookward.errors import ConfigError
from bookward.project.starter import write_starter
from tests.unit.project.folders import load, said

FILES = [
    ".env.example",
    ".gitignore",
    "README.md",
    "alerts/team.yaml",
    "destinations/xero.yaml",
    "models/users.sql",
    "models/users.yaml",
    "project.yaml",
    "sources/warehouse.yaml",
    "syncs/users-to-contacts.yaml",
]


def names(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def test_the_starter_is_written_whole_and_its_files_are_returned(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "books"
    written = write_starter(folder)
    assert names(folder) == FILES
    assert written == sorted(folder / name for name in FILES)


def test_the_starter_has_no_problem_once_its_client_is_named(tmp_path: Path) -> None:
    write_starter(tmp_path)
    project = load(tmp_path, {"XERO_CLIENT_ID": "x", "XERO_CLIENT_SECRET": "y"})
    assert project.problems == ()
    assert set(project.syncs) == {"users-to-contacts"}
    assert project.syncs["users-to-contacts"].match == {"ContactNumber": "id"}


@pytest.mark.parametrize("copy_example", [False, True])
def test_before_that_only_the_client_is_missing(tmp_path: Path, copy_example: bool) -> None:
    write_starter(tmp_path)
    if copy_example:
        (tmp_path / ".env").write_bytes((tmp_path / ".env.example").read_bytes())
    project = load(tmp_path)
    id_, secret = said(project)
    assert id_.startswith("destinations/xero.yaml:7:12: ${XERO_CLIENT_ID} is ")
    assert secret.startswith("destinations/xero.yaml:10:16: ${XERO_CLIENT_SECRET} is ")
    assert set(project.sources) == {"warehouse"}
    assert set(project.models) == {"users"}


def test_secrets_and_state_are_ignored_by_git(tmp_path: Path) -> None:
    write_starter(tmp_path)
    lines = (tmp_path / ".gitignore").read_text().splitlines()
    assert {".env", ".bookward/"} <= set(lines)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "users.sql").write_text("mine")
    (tmp_path / ".gitignore").symlink_to("nowhere")
    with pytest.raises(
        ConfigError, match=r"already has \.gitignore, models/users\.sql; nothing is overwritten"
    ) as caught:
        write_starter(tmp_path)
    assert "Name another folder" in caught.value.remedy
    assert names(tmp_path) == ["models/users.sql"]


def test_other_files_are_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    write_starter(tmp_path)
    assert names(tmp_path) == sorted([*FILES, "notes.txt"])


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigError, match="file"):
        write_starter(tmp_path / "file")
    with pytest.raises(ConfigError, match="cannot be written"):
        write_starter(tmp_path / "file" / "below")
