"""The project's files are read and written through the app: checked, whole, and in git where there is one."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

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
from bookward.project.writing import editing_lock
from tests.integration.editing.edited import ANA, BEN, FILES, open_app, values_of

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


@pytest.mark.parametrize("wrong", ["model: b\n", "  bad: [\n", "\xe9".encode("latin-1")])
def test_only_the_text_of_a_file_is_edited_whose_yaml_is_wrong(
    app: App, root: Path, wrong: str | bytes
) -> None:
    values, _ = values_of(app, "syncs", "users")
    file = root / "syncs/users.yaml"
    broken = file.read_bytes() + (wrong if isinstance(wrong, bytes) else wrong.encode())
    file.write_bytes(broken)
    found = app.files.get("syncs", "users")
    assert found.values is None
    with pytest.raises(EditRefused, match=re.escape(found.problems[0].message)):
        app.files.replace("syncs", "users", ANA, found.etag, values=values)
    assert file.read_bytes() == broken
    app.files.replace("syncs", "users", ANA, found.etag, text=FILES["syncs/users.yaml"])
    assert values_of(app, "syncs", "users")[0] == values


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
    assert saved.not_committed == "The project's folder is not in git: `git init` in it keeps versions."


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


@pytest.mark.parametrize("slug", ["project", "orders"])
def test_there_is_one_project_yaml_whatever_it_is_called(app: App, slug: str) -> None:
    with pytest.raises(FilesInTheWay, match=r"There is a project\.yaml already"):
        app.files.create("project", slug, ANA, values={"name": "Another"})


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


def test_a_secret_in_project_yaml_is_refused_likewise(app: App, root: Path) -> None:
    values, etag = values_of(app, "project", "project")
    logs = {"type": "postgres", "url": "postgresql://ann:hunter2@localhost/books"}
    said = {"dbt_cloud": {"account": 7, "token": "hunter2"}, "logs": logs}
    with pytest.raises(EditRefused, match="A secret stands in the file itself, under 'token'") as refused:
        app.files.replace("project", "project", ANA, etag, values=values | said)
    places = [(each.path, each.field, each.remedy[:33]) for each in refused.value.problems]
    assert places == [
        ("project.yaml", "dbt_cloud.token", "Write ${DBT_CLOUD_TOKEN} in its p"),
        ("project.yaml", "logs.url", "Write ${LOGS_PASSWORD} in its pla"),
    ]
    said["dbt_cloud"]["token"] = "${TOKEN}"
    said["logs"] = logs | {"url": "postgresql://ann:${PASSWORD}@localhost/books"}
    sealed = {"TOKEN": "hunter2", "PASSWORD": "hunter2"}
    assert app.files.replace("project", "project", ANA, etag, values=values | said, secrets=sealed).files
    assert "hunter2" not in (root / "project.yaml").read_text()


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
from concurrent.futures import ThreadPoolExecutor
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


def test_who_waits_for_an_edit_does_not_keep_it_from_ending(app: App) -> None:
    wiring = app._wiring
    state = wiring.settings.state
    with ThreadPoolExecutor(2) as pool, editing_lock(wiring.root, state):
        (state / "pending-edit.json").write_text("{}")  # as between the first file and the last
        reading = pool.submit(lambda: wiring.project.syncs)
        with pytest.raises(TimeoutError):
            reading.result(0.5)
        (state / "pending-edit.json").unlink()
        pool.submit(wiring.look_anew).result(20)
        assert list(wiring.project.syncs) == ["users"]
    assert list(reading.result(20)) == ["users"]
