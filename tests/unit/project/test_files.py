"""Files that are not what they seem."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bookward.project.project import Project
from bookward.project.text import MOST_BYTES, read_text
from bookward.records import Problem
from tests.unit.project.folders import GOOD, load, said, write

Build = Callable[..., Project]


def only(project: Project) -> Problem:
    [problem] = project.problems
    return problem


def test_a_folder_with_the_name_of_a_file_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (tmp_path / "syncs" / "odd.yaml").mkdir()
    project = load(tmp_path)
    assert said(project) == ["syncs/odd.yaml:1:1: syncs/odd.yaml is a folder, not a file."]
    assert set(project.syncs) == {"users"}


def test_a_link_to_itself_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (tmp_path / "syncs" / "loop.yaml").symlink_to("loop.yaml")
    assert "link that leads back to itself" in only(load(tmp_path)).message


def test_a_link_to_nothing_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (tmp_path / "syncs" / "gone.yaml").symlink_to("nowhere.yaml")
    assert "link to a file that does not exist" in only(load(tmp_path)).message


def test_a_loop_of_folders_does_not_hang(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (tmp_path / "syncs" / "again").symlink_to(tmp_path)
    assert load(tmp_path).problems == ()


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    os.mkfifo(tmp_path / "syncs" / "pipe.yaml")
    assert "a device or a pipe" in only(load(tmp_path)).message


def test_a_file_that_fails_while_it_is_read_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (tmp_path / "syncs" / "broken.yaml").symlink_to("/proc/self/mem")
    assert only(load(tmp_path)).message.startswith("syncs/broken.yaml cannot be read: ")


@contextmanager
def nobody() -> Iterator[None]:
    """Be an ordinary user for a while: root may read everything."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_file_without_read_permission_is_a_problem() -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        write(root, GOOD)
        (root / "syncs" / "users.yaml").chmod(0)
        with nobody():
            assert "may not be read by this user" in only(load(root)).message


def test_a_file_too_large_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "huge.yaml"
    with file.open("wb") as stream:
        stream.truncate(4_000_000_000)  # sparse: takes no room on the disk
    problem = read_text(file, "huge.yaml")
    assert isinstance(problem, Problem)
    assert problem.message == f"huge.yaml is larger than {MOST_BYTES:,} bytes."


@pytest.mark.parametrize(
    ("raw", "line", "column", "message"),
    [
        (b"name: ok\nother: caf\xe9\n", 2, 11, "Byte 0xe9 is not UTF-8."),
        (b"\xef\xbb\xbfname: \xff", 1, 7, "Byte 0xff is not UTF-8."),
        ("name: x".encode("utf-16"), 1, 1, "project.yaml is UTF-16, not UTF-8."),
        (b"name: a\x00b", 1, 8, "The control character U+0000 may not stand in a text file."),
        (b"a: b\r\nc: \x1b[31m", 2, 4, "The control character U+001B may not stand in a text file."),
    ],
)
def test_bytes_that_are_no_text_are_placed(
    project_with: Build, raw: bytes, line: int, column: int, message: str
) -> None:
    problem = only(project_with({"project.yaml": raw}))
    assert (problem.line, problem.column, problem.message) == (line, column, message)


def test_a_byte_order_mark_is_left_out(project_with: Build) -> None:
    project = project_with({name: b"\xef\xbb\xbf" + text.encode() for name, text in GOOD.items()})
    assert project.problems == ()
    assert project.models["users"].sql == GOOD["models/users.sql"]


def test_windows_line_ends_change_nothing(project_with: Build, tmp_path: Path) -> None:
    windows = {name: text.replace("\n", "\r\n") for name, text in GOOD.items()}
    crlf = project_with(windows)
    assert crlf.problems == ()
    other = load(write(tmp_path / "unix", GOOD))
    assert (crlf.syncs, crlf.models) == (other.syncs, other.models)


def test_lines_are_counted_right_with_windows_line_ends(project_with: Build) -> None:
    project = project_with({"project.yaml": "# one\r\n# two\r\nname: x\r\nnmae: y\r\n"})
    assert said(project) == ["project.yaml:4:1: Unknown key 'nmae'. Did you mean 'name'?"]


@pytest.mark.parametrize(
    ("name", "message", "remedy"),
    [
        ("Users", "The file name 'Users' is not a slug.", "'users'"),
        ("my sync", "The file name 'my sync' is not a slug.", "'my-sync'"),
        ("-x", "The file name '-x' is not a slug.", "'x'"),
        ("zażółć", "The file name 'zażółć' is not a slug.", "'za'"),
        ("a\nb", "The file name 'a\\\\nb' is not a slug.", "'a-b'"),
        ("nul", "The file name 'nul' is reserved on Windows.", "another name"),
        ("com1", "The file name 'com1' is reserved on Windows.", "another name"),
        ("a" * 120, "The file name has 120 characters.", "at most 100"),
        ("users.old", "The file name 'users.old' is not a slug.", "'users-old'"),
    ],
)
def test_odd_file_names_are_problems(project_with: Build, name: str, message: str, remedy: str) -> None:
    project = project_with({f"sources/{name}.yaml": "type: sample\n"})
    problem = only(project)
    assert problem.message == message
    assert remedy in problem.remedy
    assert set(project.sources) == {"warehouse"}


def test_a_name_that_is_not_utf8_can_be_printed(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (tmp_path / "sources" / os.fsdecode(b"caf\xe9.yaml")).write_text("type: sample\n")
    problem = only(load(tmp_path))
    assert problem.path == "sources/caf\\xe9.yaml"
    problem.message.encode()


def test_other_files_are_left_alone(project_with: Build) -> None:
    files = {"syncs/.#users.yaml": "\t", "syncs/README.md": "x", "syncs/users.yaml~": "\t", "syncs/x.sql": ""}
    assert project_with({**files, "models/deeper/x.yaml": "\t", "notes/x.yaml": "\t"}).problems == ()


def test_yml_is_yaml_too(project_with: Build) -> None:
    project = project_with({"sources/other.yml": "type: sample\n", "sources/OTHER2.YAML": "type: sample\n"})
    assert set(project.sources) == {"warehouse", "other"}
    assert "not a slug" in only(project).message


def test_two_endings_of_one_slug_are_a_problem(project_with: Build) -> None:
    project = project_with({"sources/warehouse.yml": "type: sample\n"})
    assert said(project) == [
        (
            "sources/warehouse.yml:1:1: sources/warehouse.yml and sources/warehouse.yaml "
            "have the same slug 'warehouse'."
        )
    ]


def test_a_file_in_the_place_of_a_folder_is_one_problem(tmp_path: Path) -> None:
    write(tmp_path, {"project.yaml": "name: x\n", "syncs": "oops"})
    assert said(load(tmp_path)) == ["syncs:1:1: syncs is a file, not a folder."]


def test_project_yaml_may_be_a_broken_link(tmp_path: Path) -> None:
    (tmp_path / "project.yaml").symlink_to("nowhere")
    assert "link to a file that does not exist" in only(load(tmp_path)).message


@pytest.mark.parametrize("root", ["", "missing", "file.txt"])
def test_what_is_no_project_says_how_to_make_one(tmp_path: Path, root: str) -> None:
    write(tmp_path, {"file.txt": "x", "syncs/broken.yaml": "\t"})
    project = load(tmp_path / root)
    problem = only(project)
    assert "is not a project folder" in problem.message
    assert "bookward init" in problem.remedy
    assert project.spec is None
