"""The project's files are read and written through the app: checked, whole, and in git where there is one."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bookward.app import App
from bookward.errors import (
    EditConflict,
    EditRefused,
    FilesInTheWay,
    NameUnknown,
    ObjectInUse,
    ProjectReadOnly,
)
from bookward.records import Person
from tests.fakes import FakeClock

ANA = Person(name="Ana Ito", email="ana@example.com")
BEN = Person(name="Ben <Roe>", email="ben@example.com")
FILES = {
    "project.yaml": "name: Books\n",
    "sources/warehouse.yaml": "type: sample\n",
    "models/users.yaml": "# who pays\nsource: warehouse   # ours\nprimary_key: id\n",
    "models/users.sql": "SELECT *\nFROM users\n",
    "destinations/xero.yaml": "type: xero\nclient_id: abc\nclient_secret: ${XERO_SECRET}\n",
    "syncs/users.yaml": (
        "model: users\ndestination: xero\nobject: contacts\nmatch: {ContactNumber: id}\n"
        "fields:\n  # as they sign\n  Name: name   # the whole\n"
    ),
    ".gitignore": ".bookward/\n.env\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "books"
    for name, text in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    return folder


@pytest.fixture
def app(root: Path) -> Iterator[App]:
    with closing(open_app(root)) as opened:
        yield opened


def open_app(root: Path) -> App:
    environ = {"XERO_SECRET": "s3cret", "BOOKWARD_KEY_FILE": os.environ["BOOKWARD_KEY_FILE"]}
    return App(root, clock=FakeClock(), environ=environ)


def git(root: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=Cy", "-c", "user.email=cy@example.com", *words],
        cwd=root, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


@pytest.fixture
def repository(root: Path) -> Path:
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "First")
    return root


def values_of(app: App, kind: str, slug: str) -> tuple[dict[str, Any], str]:
    found = app.files.get(kind, slug)
    assert found.values is not None
    return dict(found.values), found.etag


# Reading


def test_an_object_is_shown_as_its_files_have_it(app: App) -> None:
    found = app.files.get("destinations", "xero")
    assert found.values == {"type": "xero", "client_id": "abc", "client_secret": "${XERO_SECRET}"}
    assert (found.path, found.problems, found.changed) == ("destinations/xero.yaml", (), None)
    assert "s3cret" not in repr(found)
    model = app.files.get("models", "users")
    assert (model.sql_path, model.sql) == ("models/users.sql", FILES["models/users.sql"])
    assert model.values == {"source": "warehouse", "primary_key": "id", "sql": FILES["models/users.sql"]}
    assert app.files.slugs("models") == ["users"]
    assert app.files.schema("syncs")["title"] == "SyncSpec"


def test_a_broken_file_is_shown_with_its_problems(app: App, root: Path) -> None:
    (root / "syncs/users.yaml").write_text("model: users\n  bad: [\n")
    found = app.files.get("syncs", "users")
    assert found.values is None
    assert found.text == "model: users\n  bad: [\n"
    assert [(each.path, each.line) for each in found.problems] == [("syncs/users.yaml", 2)]


@pytest.mark.parametrize("slug", ["nobody", "../project", "", "Users"])
def test_what_is_not_there_has_no_files(app: App, slug: str) -> None:
    with pytest.raises(NameUnknown):
        app.files.get("syncs", slug)
    with pytest.raises(NameUnknown):
        app.files.get("sync", "users")


# Writing


def test_a_save_of_values_keeps_what_a_person_wrote(app: App, root: Path) -> None:
    values, etag = values_of(app, "syncs", "users")
    values["fields"] = {"Name": "full_name", "EmailAddress": "email"}
    saved = app.files.replace("syncs", "users", ANA, etag, values=values)
    assert (root / "syncs/users.yaml").read_text() == FILES["syncs/users.yaml"].replace(
        "Name: name   # the whole\n", "Name: full_name   # the whole\n  EmailAddress: email\n"
    )
    assert saved.object is not None
    assert saved.object.values == values
    assert saved.object.etag != etag
    assert (saved.files, saved.commit) == (("syncs/users.yaml",), None)
    assert saved.not_committed == "The project's folder is not in a git repository."


def test_a_model_is_created_with_its_query_and_deleted_with_it(app: App, root: Path) -> None:
    values = {"source": "warehouse", "primary_key": "id", "sql": "SELECT 1 AS id\n"}
    saved = app.files.create("models", "ones", ANA, values=values)
    assert (root / "models/ones.yaml").read_text() == "source: warehouse\nprimary_key: id\n"
    assert (root / "models/ones.sql").read_text() == "SELECT 1 AS id\n"
    with pytest.raises(FilesInTheWay):
        app.files.create("models", "ones", ANA, values=values)
    assert saved.object is not None
    app.files.delete("models", "ones", ANA, saved.object.etag)
    assert sorted(file.name for file in (root / "models").iterdir()) == ["users.sql", "users.yaml"]


def test_a_whole_text_is_saved_in_the_line_ends_of_the_file(app: App, root: Path) -> None:
    file = root / "models/users.yaml"
    file.write_bytes(FILES["models/users.yaml"].replace("\n", "\r\n").encode())
    found = app.files.get("models", "users")
    text = found.text.replace("who pays", "payers")
    saved = app.files.replace("models", "users", ANA, found.etag, text=text, sql=found.sql)
    assert file.read_bytes() == text.replace("\n", "\r\n").encode()
    assert saved.files == ("models/users.yaml",)


def test_what_is_wrong_is_not_written(app: App, root: Path) -> None:
    values, etag = values_of(app, "syncs", "users")
    values |= {"mode": "sometimes", "model": "nobody"}
    with pytest.raises(EditRefused) as refused:
        app.files.replace("syncs", "users", ANA, etag, values=values)
    assert [(each.path, each.field) for each in refused.value.problems] == [
        ("syncs/users.yaml", "model"),
        ("syncs/users.yaml", "mode"),
    ]
    assert (root / "syncs/users.yaml").read_text() == FILES["syncs/users.yaml"]
    with pytest.raises(EditRefused, match="not a slug"):
        app.files.create("syncs", "../x", ANA, values=values)


def test_other_broken_files_do_not_keep_one_from_saving(app: App, root: Path) -> None:
    (root / "syncs/other.yaml").write_text("model: [\n")
    values, etag = values_of(app, "syncs", "users")
    assert app.files.replace("syncs", "users", ANA, etag, values=values | {"description": "x"}).files


def test_a_secret_is_refused_in_the_file_and_sealed_beside_it(app: App, root: Path) -> None:
    values, etag = values_of(app, "destinations", "xero")
    with pytest.raises(EditRefused, match="A secret stands in the file itself"):
        app.files.replace("destinations", "xero", ANA, etag, values=values | {"client_secret": "hunter2"})
    values["client_secret"] = "${NEW_SECRET}"
    with pytest.raises(EditRefused, match="NEW_SECRET} is not set"):
        app.files.replace("destinations", "xero", ANA, etag, values=values)
    app.files.replace("destinations", "xero", ANA, etag, values=values, secrets={"NEW_SECRET": "hunter2"})
    assert [(each.name, each.set_by) for each in app.secrets.list()] == [("NEW_SECRET", "ana@example.com")]
    assert app.check().ok
    for file in root.rglob("*"):
        assert not file.is_file() or b"hunter2" not in file.read_bytes()


def test_what_others_refer_to_is_not_deleted(app: App) -> None:
    with pytest.raises(ObjectInUse, match=r"models/users is in use by syncs/users\."):
        app.files.delete("models", "users", ANA, app.files.get("models", "users").etag)
    app.files.delete("syncs", "users", ANA, app.files.get("syncs", "users").etag)
    app.files.delete("models", "users", ANA, app.files.get("models", "users").etag)
    assert app.files.slugs("models") == []


def test_of_two_editors_the_second_is_told(root: Path, app: App) -> None:
    values, etag = values_of(app, "syncs", "users")
    with closing(open_app(root)) as other:
        saved = other.files.replace("syncs", "users", BEN, etag, values=values | {"description": "Ben's"})
    with pytest.raises(EditConflict) as conflict:
        app.files.replace("syncs", "users", ANA, etag, values=values | {"description": "Ana's"})
    assert saved.object is not None
    assert conflict.value.etag == saved.object.etag == app.files.get("syncs", "users").etag
    assert values_of(app, "syncs", "users")[0]["description"] == "Ben's"


def test_a_folder_that_is_not_there_refuses_edits(tmp_path: Path) -> None:
    with closing(open_app(tmp_path / "elsewhere")) as app, pytest.raises(ProjectReadOnly):
        app.files.create("models", "x", ANA, values={})


def test_a_file_keeps_its_rights_and_a_link_stays_one(app: App, root: Path) -> None:
    real = root / "users-real.yaml"
    (root / "syncs/users.yaml").rename(real)
    real.chmod(0o640)
    (root / "syncs/users.yaml").symlink_to(real)
    values, etag = values_of(app, "syncs", "users")
    app.files.replace("syncs", "users", ANA, etag, values=values | {"description": "x"})
    assert (root / "syncs/users.yaml").is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert "description: x" in real.read_text()


# In several processes

EDITOR = """
import sys
from pathlib import Path
from bookward.app import App
from bookward.errors import EditConflict
from bookward.records import Person
app, who = App(Path(sys.argv[1])), Person(name="Di", email="di@example.com")
done = 0
while done < 10:
    found = app.files.get("models", "users")
    mark = f"{sys.argv[2]} {done}\\n"
    text, sql = f"{found.text}# {mark}", f"{found.sql}-- {mark}"
    try:
        app.files.replace("models", "users", who, found.etag, text=text, sql=sql)
    except EditConflict:
        continue
    done += 1
"""


def editor(root: Path, name: str, failpoint: str = "") -> subprocess.Popen[bytes]:
    environ = os.environ | {"XERO_SECRET": "x", "BOOKWARD_FAILPOINT": failpoint}
    return subprocess.Popen([sys.executable, "-c", EDITOR, root, name], env=environ)


def test_two_processes_that_edit_at_once_lose_nothing(root: Path) -> None:
    editors = [editor(root, name) for name in ("one", "two")]
    assert [each.wait(60) for each in editors] == [0, 0]
    for file, mark in (("models/users.yaml", "# "), ("models/users.sql", "-- ")):
        added = (root / file).read_text().removeprefix(FILES[file]).splitlines()
        assert sorted(added) == sorted(f"{mark}{name} {n}" for name in ("one", "two") for n in range(10))


@pytest.mark.parametrize("kills", [1, 4])
def test_a_save_killed_between_two_files_is_whole_for_whoever_comes_next(root: Path, kills: int) -> None:
    assert editor(root, "one", f"between-edited-files:{kills}").wait(60) == -signal.SIGKILL
    with closing(open_app(root)) as app:
        found = app.files.get("models", "users")
    assert found.sql is not None
    assert found.text.count("# one") == found.sql.count("-- one") == kills


def test_a_killed_save_does_not_undo_what_a_person_wrote_since(root: Path) -> None:
    assert editor(root, "one", "between-edited-files").wait(60) == -signal.SIGKILL
    (root / "models/users.sql").write_text("SELECT 2 AS id\n")
    with closing(open_app(root)) as app:
        assert app.files.get("models", "users").sql == "SELECT 2 AS id\n"


def test_what_is_edited_outside_is_seen_at_once(app: App, root: Path) -> None:
    assert app.syncs() == ["users"]
    (root / "syncs/more.yaml").write_text(FILES["syncs/users.yaml"])
    assert app.syncs() == ["more", "users"]
    (root / "syncs/more.yaml").write_text(FILES["syncs/users.yaml"].replace("model: users", "model: nobod"))
    assert [each.message for each in app.check().problems] == ["There is no model 'nobod'."]
    (root / "syncs/more.yaml").write_text("model: us")
    report = app.check()
    assert not report.ok
    assert report.counts["syncs"] == 1


def test_a_secret_set_by_another_process_is_seen_at_once(app: App, root: Path) -> None:
    (root / "destinations/xero.yaml").write_text("type: xero\nclient_id: abc\nclient_secret: ${LATER}\n")
    assert not app.check().ok
    with closing(open_app(root)) as other:
        other.secrets.set("LATER", "hunter2", "ben")
    assert app.check().ok


# In git


def test_a_save_is_a_commit_of_its_files_by_the_person(app: App, repository: Path) -> None:
    (repository / "sources/warehouse.yaml").write_text("type: sample\ndescription: staged\n")
    git(repository, "add", "sources")
    (repository / "syncs/users.yaml").write_text(FILES["syncs/users.yaml"] + "# by hand\n")
    found = app.files.get("models", "users")
    saved = app.files.replace("models", "users", BEN, found.etag, text=found.text, sql="SELECT 1 AS id\n")
    assert saved.not_committed == ""
    assert git(repository, "log", "-1", "--format=%H|%an|%ae|%cn|%s", "--name-only").split("\n\n") == [
        f"{saved.commit}|Ben  Roe|ben@example.com|Bookward|Change models/users",
        "models/users.sql\n",
    ]
    assert git(repository, "status", "--short") == "M  sources/warehouse.yaml\n M syncs/users.yaml\n"


def test_new_and_deleted_files_are_committed_too(app: App, repository: Path) -> None:
    values = {"source": "warehouse", "primary_key": "id", "sql": "SELECT 1 AS id\n"}
    saved = app.files.create("models", "ones", ANA, values=values)
    assert saved.commit
    assert saved.object is not None
    assert saved.object.changed is not None
    assert saved.object.changed.author == ANA
    assert app.files.delete("models", "ones", ANA, saved.object.etag).commit
    assert git(repository, "status", "--short") == ""
    history = app.files.history("models", "ones")
    assert [(each.message, each.files) for each in history.versions] == [
        ("Delete models/ones", ()),
        ("Create models/ones", ("models/ones.yaml", "models/ones.sql")),
    ]
    app.files.revert("models", "ones", history.versions[1].id, BEN, None)
    assert values_of(app, "models", "ones")[0] == values


def test_a_version_is_shown_and_brought_back(app: App, repository: Path) -> None:
    values, etag = values_of(app, "syncs", "users")
    app.files.replace("syncs", "users", ANA, etag, values=values | {"description": "new"})
    newest, first = app.files.history("syncs", "users").versions
    assert [newest.author, newest.message, first.message] == [ANA, "Change syncs/users", "First"]
    assert "+description: new\n" in app.files.diff("syncs", "users", newest.id)
    assert app.files.texts_of("syncs", "users", first.id) == (FILES["syncs/users.yaml"], None)
    with pytest.raises(EditConflict):
        app.files.revert("syncs", "users", first.id, BEN, etag)
    now = app.files.get("syncs", "users").etag
    saved = app.files.revert("syncs", "users", first.id, BEN, now)
    assert (repository / "syncs/users.yaml").read_text() == FILES["syncs/users.yaml"]
    assert saved.commit == app.files.history("syncs", "users").versions[0].id
    with pytest.raises(NameUnknown):
        app.files.revert("syncs", "users", "HEAD", BEN, etag)


def test_history_goes_on_under_another_name(app: App, repository: Path) -> None:
    saved = app.files.rename_sync("users", "people", ANA, app.files.get("syncs", "users").etag)
    assert saved.commit
    assert git(repository, "status", "--short") == ""
    assert [each.files for each in app.files.history("syncs", "people").versions] == [
        ("syncs/people.yaml",),
        ("syncs/users.yaml",),
    ]


def test_in_the_middle_of_a_merge_a_save_is_not_committed_and_says_so(app: App, repository: Path) -> None:
    (repository / ".git/MERGE_HEAD").write_text(git(repository, "rev-parse", "HEAD"))
    values, etag = values_of(app, "syncs", "users")
    saved = app.files.replace("syncs", "users", ANA, etag, values=values | {"description": "x"})
    assert (saved.commit, saved.not_committed) == (None, "The repository is in the middle of a merge.")
    assert "description: x" in (repository / "syncs/users.yaml").read_text()


def test_without_git_a_save_is_not_committed_and_says_so(
    app: App, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(repository))
    values, etag = values_of(app, "syncs", "users")
    saved = app.files.replace("syncs", "users", ANA, etag, values=values | {"description": "x"})
    assert (saved.commit, saved.not_committed) == (None, "git is not installed.")
    assert app.files.history("syncs", "users").missing == "git is not installed."


def test_an_ignored_file_is_saved_and_not_committed(app: App, repository: Path) -> None:
    (repository / ".gitignore").write_text("models/\n.bookward/\n")
    values = {"source": "warehouse", "primary_key": "id", "sql": "SELECT 1 AS id\n"}
    saved = app.files.create("models", "ones", ANA, values=values)
    assert saved.commit is None
    assert saved.not_committed.startswith("git: The following paths are ignored")
    assert git(repository, "status", "--short") == " M .gitignore\n"


def test_no_hook_of_the_repository_runs(app: App, repository: Path) -> None:
    hook = repository / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    values, etag = values_of(app, "syncs", "users")
    assert app.files.replace("syncs", "users", ANA, etag, values=values | {"description": "x"}).commit
