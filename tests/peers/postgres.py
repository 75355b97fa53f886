"""A real PostgreSQL server of the tests' own, started from the binaries of this machine."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from tests.leaks import Grep
from tests.planting import DATABASE_PASSWORD, PLANTED, refuse

HOW_TO_INSTALL = (
    "These tests need PostgreSQL's server programs (initdb, postgres), which were found neither in PATH nor "
    "in /usr/lib/postgresql/*/bin. Install them with `sudo apt-get install postgresql` "
    "(macOS: `brew install postgresql`), or let `make test` do it."
)

CONFIGURATION = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
shared_buffers = 32MB
max_connections = 30
max_parallel_workers_per_gather = 0
search_path = 'public'
"""


class Postgres:
    """One private cluster; ``user`` is its superuser."""

    host = "127.0.0.1"
    database = "postgres"
    user = "bookward"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.password = f"{DATABASE_PASSWORD}-{secrets.token_urlsafe(12)}"
        self.port = 0
        self._programs = _programs()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://{self.user}:{quote(self.password)}@{self.host}:{self.port}/{self.database}"

    def connect(self, database: str | None = None) -> psycopg.Connection[Any]:
        return psycopg.connect(
            self.url, dbname=database or self.database, autocommit=True, connect_timeout=10
        )

    def execute(
        self, sql: str, parameters: Sequence[object] | None = None, database: str | None = None
    ) -> list[tuple[Any, ...]]:
        """Run one or more statements, committed at once, and return the rows of the last one."""
        with self.connect(database) as connection:
            cursor = connection.execute(sql.encode(), parameters)
            while cursor.nextset():
                pass
            return cursor.fetchall() if cursor.description else []

    def create(self) -> None:
        passwords = self.folder / "password"
        passwords.write_text(self.password)
        _give_to_server_user(self.folder, passwords)
        self._call(
            "initdb", "--pgdata", self.data, "--username", self.user, "--pwfile", passwords, "--no-sync",
            "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C",
        )  # fmt: skip
        with (self.data / "postgresql.conf").open("a") as configuration:
            configuration.write(CONFIGURATION)

    def start(self) -> None:
        self.port = self.port or free_port()
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self.data, "-p", str(self.port)],
                stdout=log, stderr=log, cwd=self.folder, env=_environment(), **_server_user(),
            )  # fmt: skip
        wait_until(self._answers, f"PostgreSQL did not start:\n{self.log()}")

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # PostgreSQL's "fast shutdown"
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill9()

    def kill9(self) -> None:
        """End the server and all its backends as a power cut would."""
        if self._process is None:
            return
        pids = [self._process.pid, *_children(self._process.pid)]
        for pid in pids:
            _kill(pid)
        self._process.wait(timeout=20)
        wait_until(lambda: not any(map(_alive, pids)), "PostgreSQL's backends did not die")

    def restart(self) -> None:
        """Stop the server if it still runs, and start it on the same port and data."""
        self.stop()
        self.start()

    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended while starting:\n{self.log()}")
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _call(self, program: str, *arguments: object) -> None:
        done = subprocess.run(
            [self._programs / program, *map(str, arguments)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
            cwd=self.folder, env=_environment(), **_server_user(),
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stdout}")


@contextmanager
def running_postgres(folder: Path | None = None) -> Iterator[Postgres]:
    """Give a fresh cluster that is stopped and removed at the end.

    Args:
        folder: where it is made; the system's temporary folder when None or when, as root, the user
            `postgres` could not enter it (pytest's folders are private to root).
    """
    place = folder if folder and not _is_root() else None
    with tempfile.TemporaryDirectory(prefix="bookward-postgres-", dir=place) as home:
        server = Postgres(Path(home))
        server.create()
        try:
            server.start()
            yield server
            refuse(list(Grep(PLANTED).in_bytes("PostgreSQL's log", server.log().encode())))
        finally:
            server.stop()


def encrypt(server: Postgres, certificate: Path, rule: str) -> None:
    """Restart a cluster with a certificate and its key, from one file, and one more rule of sign-in.

    Whoever shows a certificate has to show this very one.
    """
    own = server.data / "both.pem"
    own.write_bytes(certificate.read_bytes())
    own.chmod(0o600)
    _give_to_server_user(own)
    names = ("ssl_cert_file", "ssl_key_file", "ssl_ca_file")
    with (server.data / "postgresql.conf").open("a") as configuration:
        configuration.write("".join(f"{name} = 'both.pem'\n" for name in names) + "ssl = on\n")
    rules = server.data / "pg_hba.conf"
    rules.write_text(f"{rule}\n{rules.read_text()}")
    server.restart()


def _programs() -> Path:
    """Return the folder of the newest server programs."""
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(installed, key=lambda path: float(path.parts[-3]), default=None)
    found = newest or shutil.which("initdb")
    if found is None:
        pytest.fail(HOW_TO_INSTALL, pytrace=False)
    return Path(found).resolve().parent


def _is_root() -> bool:
    return os.geteuid() == 0


def _server_user() -> dict[str, Any]:
    """Return how to start the server's programs: it refuses to run as root."""
    return {"user": "postgres", "group": "postgres", "extra_groups": []} if _is_root() else {}


def _give_to_server_user(*paths: Path) -> None:
    if _is_root():
        entry = pwd.getpwnam("postgres")
        for path in paths:
            os.chown(path, entry.pw_uid, entry.pw_gid)


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _children(parent: int) -> list[int]:
    # Not by ps: a bare Debian has none.
    pids = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if (status := _status(pid)) and int(status[1]) == parent]


def _status(pid: int) -> tuple[str, str] | None:
    """Return a process's state and its parent, None when there is no such process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, parent, *_ = text.rpartition(")")[2].split()
    return state, parent


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _alive(pid: int) -> bool:
    """Whether a process still runs; one that is dead but not yet collected by its parent does not."""
    status = _status(pid)
    return status is not None and status[0] != "Z"


def wait_until(condition: Callable[[], bool], otherwise: str, seconds: float = 30) -> None:
    """Return as soon as ``condition`` holds; raise with ``otherwise`` when it does not within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(otherwise)
        time.sleep(0.02)
