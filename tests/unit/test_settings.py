from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from bookward.errors import SettingInvalid
from bookward.settings import Settings, without_keys


@pytest.mark.parametrize("size", ["64MB", "1GB", "1.5 GiB", "512mb", "2TB", " 1GB "])
def test_an_amount_of_memory_is_one_that_duckdb_takes(tmp_path: Path, size: str) -> None:
    said = Settings.read(tmp_path, {"BOOKWARD_MEMORY_LIMIT": size}).memory_limit
    with duckdb.connect(config={"memory_limit": said}) as connection:
        assert connection.execute("SELECT sum(range) FROM range(1000)").fetchall() == [(499_500,)]


@pytest.mark.parametrize("size", ["1", "1XB", "much", "-1GB", "0GB", "16MB", "80%", "1GB;"])
def test_no_amount_of_memory_is_refused_by_the_name_of_its_variable(tmp_path: Path, size: str) -> None:
    with pytest.raises(SettingInvalid, match=f"BOOKWARD_MEMORY_LIMIT is '{size}'") as caught:
        Settings.read(tmp_path, {"BOOKWARD_MEMORY_LIMIT": size})
    assert "BOOKWARD_MEMORY_LIMIT=2GB" in caught.value.remedy


def test_projects_that_share_a_work_folder_do_not_meet_in_it(tmp_path: Path) -> None:
    work = {"BOOKWARD_WORK": str(tmp_path / "spill")}
    one, other = (Settings.read(tmp_path / name, work).work for name in ("one", "other"))
    assert one != other
    assert {one.parent, other.parent} == {tmp_path / "spill"}
    assert Settings.read(tmp_path / "one", {}).work == tmp_path / "one" / ".bookward" / "work"


OPENID = {"BOOKWARD_OIDC_ISSUER": "https://id.example.com", "BOOKWARD_OIDC_CLIENT_ID": "bookward"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOOKWARD_OIDC_ISSUER", "http://id.example.com"),
        ("BOOKWARD_OIDC_ISSUER", "id.example.com"),
        ("BOOKWARD_OIDC_CLIENT_ID", ""),
        ("BOOKWARD_OIDC_ROLES", "groups"),
        ("BOOKWARD_OIDC_ROLES", "groups: it"),
        ("BOOKWARD_OIDC_ROLES", "groups: =admin"),
        ("BOOKWARD_PASSWORDS", "maybe"),
        ("BOOKWARD_URL", "books.example.com"),
        ("BOOKWARD_URL", "https://books.example.com/sub"),
        ("BOOKWARD_URL", "https://u:p@books.example.com"),
    ],
)
def test_ways_in_that_make_no_sense_are_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingInvalid, match=name):
        Settings.read(tmp_path, OPENID | {name: value})


def test_without_passwords_there_is_another_way_in(tmp_path: Path) -> None:
    with pytest.raises(SettingInvalid, match="there is no other way in"):
        Settings.read(tmp_path, {"BOOKWARD_PASSWORDS": "off"})
    assert Settings.read(tmp_path, {}).sign_in.passwords
    said = OPENID | {
        "BOOKWARD_PASSWORDS": "Off",
        "BOOKWARD_OIDC_CLIENT_SECRET": "s3cret",
        "BOOKWARD_OIDC_DOMAINS": " @Example.com,example.org ",
        "BOOKWARD_OIDC_ROLES": "groups: CN=It=admin, Finance team = Approver",
    }
    ways = Settings.read(tmp_path, said).sign_in
    assert (ways.passwords, "s3cret" in repr(ways)) == (False, False)
    assert ways.openid is not None
    assert ways.openid.domains == ("example.com", "example.org")
    assert (ways.openid.claim, ways.openid.roles) == (
        "groups",
        {"CN=It": "admin", "Finance team": "approver"},
    )


def test_settings_that_are_printed_hold_no_key(tmp_path: Path) -> None:
    assert "sealing" not in repr(Settings.read(tmp_path, {"BOOKWARD_KEY": "sealing"}))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("s3://bucket/logs", "s3://bucket/logs"),
        ("s3://AKIA:secret@bucket/logs", "s3://bucket/logs"),
        ("s3://AKIA:se/cr?et@x@bucket/logs?region=y", "s3://bucket/logs"),
        ("s3://AKIA@bucket/me@home", "s3://bucket/me@home"),
        ("s3://bucket/logs?secret_key=hidden", "s3://bucket/logs"),
        (
            "abfs://container@account.dfs.core.windows.net/a",
            "abfs://container@account.dfs.core.windows.net/a",
        ),
        ("abfs://account:se/cret@container/a", "abfs://container/a"),
        ("file:///home/me@home", "file:///home/me@home"),
    ],
)
def test_the_url_of_a_storage_is_shown_without_keys(url: str, shown: str) -> None:
    assert without_keys(url) == shown
