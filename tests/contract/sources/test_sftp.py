"""Files over SFTP: from a host that proves itself, whole and unchanged; what goes wrong, in words."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import SecretStr, ValidationError

from bookward.errors import ExtraMissing, SourceFailed, SourceUnreachable
from bookward.sources.sftp import SftpSource, SftpSpec
from bookward.sources.ssh import HostUnproven
from tests.peers.openssh import PASSPHRASE, OpenSsh
from tests.peers.relay import Relay, relaying
from tests.peers.sshpassword import PASSWORD, USER, running_password_server

CSV = "id,code\n1,0200\n2,0310\n"
LONG = 60_000  # lines; some megabytes, so that something can happen while they are read
A_KEY = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@pytest.fixture
def server(openssh: OpenSsh) -> OpenSsh:
    return openssh


@pytest.fixture
def folder(server: OpenSsh) -> Path:
    made = server.files / str(random.getrandbits(64))
    made.mkdir()
    return made


def source(server: OpenSsh, path: str, **changes: Any) -> SftpSource:
    given = {
        "host": server.host,
        "port": server.port,
        "user": server.user,
        "private_key": SecretStr(server.keys["ed25519"]),
        "host_key": server.host_keys["ed25519"],
        "tables": {"t": path},
    }
    return SftpSource("exports", SftpSpec(**(given | changes)))


def rows(of: SftpSource, query: str = "SELECT * FROM t ORDER BY ALL") -> list[dict[str, Any]]:
    with of.read(query) as found:
        return pa.Table.from_batches(found.batches, schema=found.schema).to_pylist()


def long_file(folder: Path) -> Path:
    file = folder / "long.csv"
    file.write_text("id,noise\n" + "".join(f"{n},{random.getrandbits(128)}\n" for n in range(LONG)))
    return file


def test_the_files_of_a_pattern_are_one_table(server: OpenSsh, folder: Path) -> None:
    (folder / "a-1.csv").write_text(CSV)
    (folder / "a-2.csv").write_text("id,code\n3,0400\n")
    (folder / ".a-3.csv").write_text("id,code\n4,being written\n")
    (folder / "b.csv").write_text("other\n1\n")
    (folder / "a-folder.csv").mkdir()
    (folder / "a-nothing.csv").symlink_to(folder / "gone.csv")
    both = source(server, f"{folder}/a-*.csv")
    assert [row["code"] for row in rows(both)] == ["0200", "0310", "0400"]
    assert [(step.name, step.ok) for step in both.check()] == [
        ("reach", True), ("host key", True), ("sign in", True), ("read t", True),
    ]  # fmt: skip
    (listed,) = both.tables()
    assert [column.name for column in listed.columns] == ["id", "code"]


def test_patterns_go_through_folders_and_files_of_several_formats_are_joined(
    server: OpenSsh, folder: Path
) -> None:
    for year in (2025, 2026):
        (folder / f"year={year}").mkdir()
        pq.write_table(pa.table({"amount": [year]}), folder / f"year={year}" / "part.parquet")
    for pattern in ("**/*.parquet", "year=*/*.parquet"):
        lake = source(server, "", tables={"t": {"path": f"{folder}/{pattern}", "partitions": True}})
        assert rows(lake) == [{"amount": 2025, "year": "2025"}, {"amount": 2026, "year": "2026"}]
    (folder / "names.json").write_text('[{"amount": 2026, "name": "now"}]')
    tables = {"t": f"{folder}/year=2026/part.parquet", "names": f"{folder}/names.json"}
    joined = source(server, "", tables=tables)
    assert rows(joined, "SELECT name FROM t JOIN names ON names.amount = t.amount::VARCHAR") == [
        {"name": "now"}
    ]


@pytest.mark.parametrize("pinned", ["ed25519", "rsa", "fingerprint"])
@pytest.mark.parametrize("key", ["ed25519", "ecdsa", "rsa", "locked"])
def test_keys_of_all_kinds_sign_in_where_the_pinned_key_is_shown(
    server: OpenSsh, folder: Path, key: str, pinned: str
) -> None:
    (folder / "a.csv").write_text(CSV)
    with pytest.raises(HostUnproven) as unpinned:
        rows(source(server, f"{folder}/a.csv", host_key=None))
    told = unpinned.value.remedy.partition("host_key: ")[2]
    opened = source(
        server,
        f"{folder}/a.csv",
        private_key=SecretStr(server.keys[key]),
        passphrase=SecretStr(PASSPHRASE) if key == "locked" else None,
        host_key=told if pinned == "fingerprint" else server.host_keys[pinned],
    )
    assert len(rows(opened)) == 2


def test_a_host_that_shows_another_key_is_sent_nothing(server: OpenSsh, folder: Path) -> None:
    (folder / "a.csv").write_text(CSV)
    before = (server.folder / "log").read_text().count("Accepted")
    other = source(server, f"{folder}/a.csv", host_key=A_KEY)
    with pytest.raises(HostUnproven, match=rf"showed SHA256:\S+ \(ssh-ed25519\), and pinned is {A_KEY}"):
        rows(other)
    assert [(step.name, step.ok) for step in other.check()] == [("reach", True), ("host key", False)]
    assert (server.folder / "log").read_text().count("Accepted") == before


@pytest.mark.parametrize("text", ["SHA512:x", "ssh-ed25519 AAAA!", "yes"])
def test_a_host_key_that_is_none_is_said(text: str) -> None:
    with pytest.raises(ValidationError, match="`host_key` is a fingerprint"):
        SftpSpec(host="h", user="u", password="p", host_key=text, tables={"t": "a.csv"})
    with pytest.raises(ValidationError, match="`password` or `private_key` is needed"):
        SftpSpec(host="h", user="u", tables={"t": "a.csv"})


def test_a_sign_in_that_is_wrong_and_a_server_that_is_not_there_are_told_apart(
    server: OpenSsh, tmp_path: Path
) -> None:
    for change in ({"user": "nobody-here"}, {"password": SecretStr("guessed"), "private_key": None}):
        wrong = source(server, "a.csv", **change)
        with pytest.raises(SourceFailed, match="refused the sign-in") as failed:
            rows(wrong)
        assert "guessed" not in failed.value.message
        assert [step.ok for step in wrong.check()] == [True, True, False]
    away = source(server, "a.csv", port=1)
    with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1:1\) cannot be reached"):
        rows(away)
    assert [(step.name, step.ok) for step in away.check()] == [("reach", False)]


def test_a_private_key_may_come_on_one_line(server: OpenSsh, folder: Path) -> None:
    (folder / "a.csv").write_text(CSV)
    one_line = SecretStr(server.keys["rsa"].replace("\n", "\\n"))
    assert len(rows(source(server, f"{folder}/a.csv", private_key=one_line))) == 2


@pytest.mark.parametrize("text", ["", "no key", "locked"])
def test_a_private_key_that_cannot_be_read_is_never_shown(server: OpenSsh, text: str) -> None:
    key = server.keys["locked"] if text == "locked" else text
    with pytest.raises(SourceFailed, match=r"the private key cannot be read\.$"):
        rows(source(server, "a.csv", private_key=SecretStr(key)))


def test_a_password_signs_in(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CSV)
    with running_password_server(tmp_path) as (port, key):
        given = {"host": "127.0.0.1", "port": port, "user": USER, "host_key": key, "tables": {"t": "a.csv"}}
        assert len(rows(SftpSource("exports", SftpSpec(**given, password=SecretStr(PASSWORD))))) == 2
        with pytest.raises(SourceFailed, match="refused the sign-in of 'ann'"):
            rows(SftpSource("exports", SftpSpec(**given, password=SecretStr("guessed"))))


@contextmanager
def through(server: OpenSsh, path: Path) -> Iterator[tuple[Relay, SftpSource]]:
    with relaying(server.port) as relay:
        yield relay, source(server, str(path), port=relay.port)


def test_a_connection_cut_in_the_middle_never_looks_like_a_short_file(server: OpenSsh, folder: Path) -> None:
    file = long_file(folder)
    with through(server, file) as (relay, exports):
        assert rows(exports, "SELECT count(*) AS n FROM t") == [{"n": LONG}]
        relay.once(file.stat().st_size // 2)
        with pytest.raises(SourceUnreachable, match="cannot be read whole"):
            rows(exports)
        assert relay.came > file.stat().st_size


def longer(file: Path) -> None:
    with file.open("a") as opened:
        opened.write("one,more\n")


def shorter(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 4)


def touched(file: Path) -> None:
    os.utime(file, (1, 1))


def replaced(file: Path) -> None:
    other = file.with_suffix(".new")
    other.write_text(CSV)
    other.rename(file)


@pytest.mark.parametrize("change", [longer, shorter, touched, replaced, Path.unlink])
def test_a_file_that_changes_while_it_is_read_is_not_read(
    server: OpenSsh, folder: Path, change: Callable[[Path], None]
) -> None:
    file = long_file(folder)
    with through(server, file) as (relay, exports):
        relay.once(file.stat().st_size // 2, lambda: change(file))
        with pytest.raises((SourceFailed, SourceUnreachable), match=r"changed while|cannot be read whole"):
            rows(exports)


def test_what_is_not_there_not_allowed_or_too_much_is_told(server: OpenSsh, folder: Path) -> None:
    (folder / "a.csv").write_text(CSV)
    (folder / "closed.csv").write_text(CSV)
    (folder / "closed").mkdir()
    for path in (folder / "closed.csv", folder / "closed"):
        path.chmod(0)
    for pattern in ("gone.csv", "gone-*.csv", "gone/*.csv"):
        with pytest.raises(SourceUnreachable, match=rf"no file at sftp://127\.0\.0\.1:\d+/{folder}/gone"):
            rows(source(server, f"{folder}/{pattern}"))
    for pattern in ("closed.csv", "closed/*.csv"):
        with pytest.raises(SourceFailed, match=f"may not be read by '{server.user}'"):
            rows(source(server, f"{folder}/{pattern}"))
    with pytest.raises(SourceFailed, match="more than 10"):
        rows(source(server, f"{folder}/a.csv", most_bytes=10))


def test_a_missing_library_is_named_with_the_command_that_installs_it(
    server: OpenSsh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "paramiko", None)
    with pytest.raises(ExtraMissing) as missing:
        rows(source(server, "a.csv"))
    assert missing.value.remedy == "Run: pip install 'bookward[sftp]'"
    assert [step.ok for step in source(server, "a.csv").check()] == [False]
