"""What dbt writes down, committed in a git repository: its newest commit counts, however git gets there."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from bookward.errors import BookwardError, ModelRefused, SettingInvalid, SourceUnreachable
from bookward.spec.model import DbtSpec
from bookward.spec.project import DbtGitSpec
from tests.integration.test_dbt_models import manifest, results
from tests.integration.test_run_all import bookward
from tests.integration.world import PROJECT, World
from tests.leaks import Grep
from tests.peers.certificates import write_certificate
from tests.peers.githttp import serving_git
from tests.peers.openssh import running_openssh
from tests.planting import DBT_GIT_TOKEN, PLANTED, refuse

MODEL = "source: warehouse\nprimary_key: id\ndbt: {model: customers, git: shop/target}\n"


class Committed:
    """A work tree, and the bare repository that it is pushed to."""

    def __init__(self, tree: Path, bare: Path) -> None:
        self.tree, self.bare = tree, bare
        bare.parent.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--bare", "--initial-branch=main", str(bare), cwd=bare.parent)
        self.git("init", "--quiet", "--initial-branch=main", str(tree), cwd=bare.parent)

    def write(self, at: datetime, status: str = "success", branch: str = "main", **node: str) -> str:
        """Commit what dbt has written, push it, and return the commit."""
        target = self.tree / "shop" / "target"
        target.mkdir(parents=True, exist_ok=True)
        (target / "manifest.json").write_text(json.dumps(manifest(at, **node)))
        (target / "run_results.json").write_text(json.dumps(results(at, model=status, test="pass")))
        self.git("add", ".")
        self.git("commit", "--quiet", "--allow-empty", f"--message=dbt said {status} for {node}")
        self.git("push", "--quiet", "--force", str(self.bare), f"HEAD:refs/heads/{branch}")
        return self.git("rev-parse", "HEAD").strip()

    def git(self, *words: str, cwd: Path | None = None) -> str:
        person = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgSign=false")
        done = subprocess.run(
            ["git", *person, *words], cwd=cwd or self.tree, capture_output=True, text=True, check=True
        )
        return done.stdout


@pytest.fixture
def shop(world: World) -> World:
    """Have a model of dbt's in a repository beside the project's files."""
    world.many(3)
    (world.root / "models/customers.sql").unlink()
    world.write("models/customers.yaml", MODEL)
    world.write("project.yaml", f"{PROJECT}dbt_git: {{url: dbt.git}}\n")
    return world


@pytest.fixture
def committed(shop: World, tmp_path: Path) -> Committed:
    made = Committed(tmp_path / "tree", shop.root / "dbt.git")
    made.write(shop.clock.now())
    return made


def names(world: World) -> list[str]:
    with closing(world.app()) as app:
        return [name for name, _ in app.preview("customers").columns]


def refused(world: World, kind: type[BookwardError]) -> BookwardError:
    with closing(world.app()) as app, pytest.raises(kind) as caught:
        app.preview("customers")
    return caught.value


def test_the_newest_commit_is_read_each_time(shop: World, committed: Committed) -> None:
    shop.run()
    assert len(shop.contacts()) == 3
    committed.write(shop.clock.now(), "error")
    with closing(shop.app()) as app:
        run = app.run("customers").run
    assert run.error_code == "build_unfit"
    assert run.error_message == "dbt has not built 'customers': error: it says why."
    listed = json.loads(bookward(shop, "dbt", "--git", "shop/target", "--json").stdout)
    assert [(model["name"], model["trouble"]) for model in listed["models"]] == [
        ("customers", "error: it says why")
    ]


def test_a_branch_a_tag_and_a_commit_stay_what_they_are(shop: World, committed: Committed) -> None:
    shop.warehouse.execute("CREATE VIEW only_ids AS SELECT id FROM customers")
    try:
        first = committed.write(shop.clock.now(), branch="stable", relation_name='"public"."only_ids"')
        committed.git("push", "--quiet", str(committed.bare), "HEAD:refs/tags/v1")
        committed.git("config", "uploadpack.allowAnySHA1InWant", "true", cwd=committed.bare)
        committed.write(shop.clock.now(), relation_name='"public"."customers"')
        for ref in ("stable", "v1", first):
            shop.write("project.yaml", f"{PROJECT}dbt_git: {{url: dbt.git, ref: {ref}}}\n")
            assert names(shop) == ["id"]
        shop.write("project.yaml", f"{PROJECT}dbt_git: {{url: dbt.git}}\n")
        assert "name" in names(shop)
    finally:
        shop.warehouse.execute("DROP VIEW only_ids")


def test_what_a_killed_git_left_behind_is_made_anew(shop: World, committed: Committed) -> None:
    assert "name" in names(shop)
    (kept,) = [path for path in (shop.root / ".bookward/work/.dbt").iterdir() if path.is_dir()]
    (kept / "shallow.lock").touch()
    (kept / "HEAD").unlink()
    committed.write(shop.clock.now(), relation_name='"public"."customers"')
    assert "name" in names(shop)


def test_what_is_not_there_is_told(shop: World, committed: Committed, tmp_path: Path) -> None:
    shop.edit("models/customers.yaml", "shop/target", "elsewhere")
    said = refused(shop, ModelRefused)
    assert "no manifest.json of dbt in elsewhere of" in said.message
    shop.write("project.yaml", f"{PROJECT}dbt_git: {{url: dbt.git, ref: nowhere}}\n")
    assert "couldn't find remote ref nowhere" in refused(shop, SourceUnreachable).message
    shop.write("project.yaml", f"{PROJECT}dbt_git: {{url: gone.git}}\n")
    assert "`dbt_git`" in refused(shop, SourceUnreachable).remedy
    shop.write("project.yaml", f"{PROJECT}dbt_git: {{url: {tmp_path}/tree}}\n")
    assert "not in the project's folder" in refused(shop, SettingInvalid).message
    shop.write("project.yaml", PROJECT)
    assert "names no git repository" in refused(shop, SettingInvalid).message


def test_a_token_signs_in_over_https_and_is_nowhere_seen(
    shop: World, committed: Committed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = tmp_path / "both.pem"
    write_certificate(certificate)
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(f"[http]\n\tsslCAInfo = {certificate}\n")
    monkeypatch.setenv("HOME", str(home))
    with serving_git(shop.root, certificate, DBT_GIT_TOKEN) as url:
        asked = f"url: {url}/dbt.git, token: '${{DBT_GIT_TOKEN}}'"
        shop.write("project.yaml", f"{PROJECT}dbt_git: {{{asked}}}\n")
        shop.environ["DBT_GIT_TOKEN"] = DBT_GIT_TOKEN
        assert "name" in names(shop)
        header = base64.b64encode(f"x-access-token:{DBT_GIT_TOKEN}".encode()).decode()
        sent = Grep({**PLANTED, "what is sent": header})
        kept = [path for path in (shop.root / ".bookward").rglob("*") if path.is_file()]
        refuse([leak for path in kept for leak in sent.in_bytes(path.name, path.read_bytes())])
        shop.environ["DBT_GIT_TOKEN"] = "planted-elsewhere"
        said = refused(shop, SourceUnreachable)
    assert f"HEAD of {url}/dbt.git cannot be fetched" in said.message
    assert "planted" not in said.message


def test_the_keys_of_the_machine_sign_in_over_ssh(
    shop: World, committed: Committed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_openssh() as server:
        shutil.copytree(committed.bare, server.files / "dbt.git")
        for path in (server.files, *server.files.rglob("*")):
            shutil.chown(path, server.user)
        key = tmp_path / "key"
        key.write_text(server.keys["ed25519"])
        key.chmod(0o600)
        known = tmp_path / "known_hosts"
        known.write_text(f"[127.0.0.1]:{server.port} {server.host_keys['ed25519']}\n")
        ssh = f"ssh -F none -oBatchMode=yes -i {key} -oUserKnownHostsFile={known}"
        monkeypatch.setenv("GIT_SSH_COMMAND", ssh)
        url = f"ssh://{server.user}@127.0.0.1:{server.port}{server.files}/dbt.git"
        shop.write("project.yaml", f"{PROJECT}dbt_git: {{url: '{url}'}}\n")
        assert "name" in names(shop)
        known.write_text("")
        assert "Host key verification failed" in refused(shop, SourceUnreachable).message


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c id",
        "https://user:secret@host/x.git",
        "http://host/x.git",
        "file:///etc",
        "--upload-pack=touch x",
        "ssh://-oProxyCommand=id/x",
        "git@-oProxyCommand=id:x",
    ],
)
def test_an_address_runs_no_command_and_holds_no_password(shop: World, url: str) -> None:
    try:
        spec = DbtGitSpec(url=url)
    except ValidationError:
        return
    assert spec.is_here  # so it is a path, which leads nowhere
    shop.write("project.yaml", f"{PROJECT}dbt_git: {{url: '{url}'}}\n")
    assert refused(shop, SourceUnreachable)


def test_settings_fit_together() -> None:
    with pytest.raises(ValidationError, match="https address only"):
        DbtGitSpec(url="git@host:x.git", token="t")
    with pytest.raises(ValidationError, match="ref"):
        DbtGitSpec(url="https://h/x.git", ref="--upload-pack=id")
    for given in ({}, {"git": "target", "target": "target"}):
        with pytest.raises(ValidationError, match="say one of target, job and git"):
            DbtSpec(model="m", **given)
    for path in ("/etc", "../x", "-x", "a:b"):
        with pytest.raises(ValidationError, match="git"):
            DbtSpec(model="m", git=path)
