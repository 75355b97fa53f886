"""What is saved through the app in git: commits by the person, versions, other names."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from bookward.app import App
from bookward.errors import (
    EditConflict,
    EditRefused,
    FilesInTheWay,
    NameUnknown,
    ObjectInUse,
    ProjectInvalid,
)
from tests.integration.editing.edited import ANA, BEN, FILES, git, values_of


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


def test_what_looks_like_another_object_has_no_part_in_its_past(app: App, repository: Path) -> None:
    values, _ = values_of(app, "syncs", "users")
    app.files.create("syncs", "people", ANA, values=values | {"guards": {"max_changes": 5}})
    (created,) = app.files.history("syncs", "people").versions
    assert (created.message, created.files) == ("Create syncs/people", ("syncs/people.yaml",))
    first = app.files.history("syncs", "users").versions[-1].id
    with pytest.raises(NameUnknown):
        app.files.revert("syncs", "people", first, BEN, app.files.get("syncs", "people").etag)


def test_what_names_a_file_follows_it_to_another_name(app: App, repository: Path) -> None:
    source, model = (
        app.files.get(kind, slug).etag for kind, slug in (("sources", "warehouse"), ("models", "users"))
    )
    app.files.rename("sources", "warehouse", "lake", ANA, source)
    assert (
        repository / "models/users.yaml"
    ).read_text() == "# who pays\nsource: lake   # ours\nprimary_key: id\n"
    with pytest.raises(EditConflict):
        app.files.rename("models", "users", "people", ANA, model)
    saved = app.files.rename("models", "users", "people", ANA, app.files.get("models", "users").etag)
    assert set(saved.files) == {
        f"{name}.{ending}" for name in ("models/users", "models/people") for ending in ("yaml", "sql")
    } | {"syncs/users.yaml"}
    assert (repository / "models/people.sql").read_text() == FILES["models/users.sql"]
    assert (repository / "syncs/users.yaml").read_text() == FILES["syncs/users.yaml"].replace(
        "model: users", "model: people"
    )
    assert app.check().problems == ()
    assert git(repository, "status", "--short") == ""
    assert app.files.history("models", "people").versions[0].message == "Rename models/users to people"


def test_a_rename_leaves_all_else_in_a_broken_file_as_it_is(app: App, root: Path) -> None:
    broken = (
        "# ours\nmodel: users # whose\nfields:\n  Name: !x name # the whole\n  <<: {}\n  Name: other\n"
        "model: b\n"
    )
    (root / "syncs/users.yaml").write_bytes(broken.replace("\n", "\r\n").encode())
    assert app.files.get("syncs", "users").values is None
    app.files.rename("models", "users", "people", ANA, app.files.get("models", "users").etag)
    now = (root / "syncs/users.yaml").read_bytes().decode()
    assert now == broken.replace("users # whose", "people # whose").replace("\n", "\r\n")


def test_a_rename_that_a_broken_file_cannot_follow_is_refused_by_its_name(app: App, root: Path) -> None:
    broken = "model: m\nalerts: &them [ops]\nalerts: []\nschedule: {after: *them}\n"
    (root / "syncs/users.yaml").write_text(broken)
    (root / "alerts").mkdir()
    (root / "alerts/ops.yaml").write_text("type: email\n")
    with pytest.raises(ProjectInvalid, match=r"syncs/users\.yaml"):
        app.files.rename("alerts", "ops", "finance", ANA, app.files.get("alerts", "ops").etag)
    assert (root / "syncs/users.yaml").read_text() == broken
    assert list(app.files.slugs("alerts")) == ["ops"]


def test_an_alert_is_renamed_wherever_it_is_named(app: App, root: Path) -> None:
    said = {"type": "webhook", "url": "https://example.com/hook", "secret": "${XERO_SECRET}"}
    app.files.create("alerts", "ops", ANA, values=said)
    (root / "project.yaml").write_text("name: Books\nalerts: [ops]\n")
    values, etag = values_of(app, "syncs", "users")
    app.files.replace("syncs", "users", ANA, etag, values=values | {"alerts": ["ops"]})
    app.files.rename("alerts", "ops", "finance", ANA, app.files.get("alerts", "ops").etag)
    assert (root / "project.yaml").read_text() == "name: Books\nalerts: [finance]\n"
    assert values_of(app, "syncs", "users")[0]["alerts"] == ["finance"]
    assert list(app.files.slugs("alerts")) == ["finance"]


@pytest.mark.parametrize(
    ("kind", "slug", "new", "error"),
    [
        ("models", "users", "Not a slug", EditRefused),
        ("models", "users", "users", FilesInTheWay),
        ("destinations", "xero", "books", ObjectInUse),
    ],
)
def test_a_name_that_cannot_be_given_is_refused(
    app: App, kind: str, slug: str, new: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        app.files.rename(kind, slug, new, ANA, app.files.get(kind, slug).etag)


def test_a_repository_of_another_user_is_told_with_what_lets_git_read_it(
    app: App, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, anothers = shutil.which("git"), tmp_path / "bin/git"
    anothers.parent.mkdir()
    anothers.write_text(f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {real} "$@"\n')
    anothers.chmod(0o755)
    monkeypatch.setenv("PATH", str(anothers.parent), prepend=os.pathsep)
    missing = app.files.history("syncs", "users").missing
    assert missing.startswith("The git repository around the project's folder belongs to another user")
    assert f"`git config --global --add safe.directory {repository}`" in missing
    values, etag = values_of(app, "syncs", "users")
    saved = app.files.replace("syncs", "users", ANA, etag, values=values | {"description": "new"})
    assert (saved.commit, saved.not_committed) == (None, missing)


def test_in_the_middle_of_a_merge_a_save_is_not_committed_and_says_so(app: App, repository: Path) -> None:
    (repository / ".git/MERGE_HEAD").write_text(git(repository, "rev-parse", "HEAD"))
    values, etag = values_of(app, "syncs", "users")
    saved = app.files.replace("syncs", "users", ANA, etag, values=values | {"description": "x"})
    assert (saved.commit, saved.not_committed) == (None, "The repository is in the middle of a merge.")
    assert "description: x" in (repository / "syncs/users.yaml").read_text()


def test_a_folder_without_versions_says_why_and_how_to_get_them(app: App, root: Path) -> None:
    around, how = root.parent, "keeps versions."
    missing = f"The project's folder is not in git: `git init` in it {how}"
    assert app.files.history("syncs", "users").missing == missing
    git(around, "init", "--quiet")
    assert app.files.history("syncs", "users").missing == "No version yet: the next save keeps one."
    (around / ".gitignore").write_text(f"{root.name}/\n")
    ignored = "The git repository around the project's folder ignores it: `git init` in it"
    assert app.files.history("syncs", "users").missing == f"{ignored} {how}"
    git(root, "init", "--quiet")
    values, etag = values_of(app, "syncs", "users")
    assert app.files.replace("syncs", "users", ANA, etag, values=values | {"description": "x"}).commit
    saved, before = app.files.history("syncs", "users").versions
    assert (saved.author, before.message) == (ANA, "As it was when git was begun")
    assert app.files.texts_of("syncs", "users", before.id)[0] == FILES["syncs/users.yaml"]


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
