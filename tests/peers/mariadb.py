"""A real MariaDB server of the tests' own, started from the binaries of this machine."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymysql
import pytest

from tests.leaks import Grep
from tests.peers.postgres import free_port, wait_until
from tests.planting import DATABASE_PASSWORD, PLANTED, refuse

HOW_TO_INSTALL = (
    "These tests need MariaDB's server programs (mariadbd, mariadb-install-db). Install them with "
    "`sudo apt-get install mariadb-server-core mariadb-client-core`, or let `make test` do it."
)


class MariaDB:
    """One private server; ``user`` may do everything."""

    host = "127.0.0.1"
    user = "bookward"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.password = f"{DATABASE_PASSWORD}-{secrets.token_urlsafe(12)}"
        self.port = free_port()
        self.options: tuple[str, ...] = ()
        self._process: subprocess.Popen[bytes] | None = None

    def connect(self, database: str | None = None) -> Any:
        return pymysql.connect(
            host=self.host, port=self.port, user=self.user, password=self.password, database=database,
            charset="utf8mb4", autocommit=True, connect_timeout=10, ssl_disabled=True,
        )  # fmt: skip

    def execute(self, sql: str, database: str | None = None) -> list[tuple[Any, ...]]:
        """Run one statement as ANSI SQL has it, and return its rows."""
        with self.connect(database) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def create(self) -> None:
        done = subprocess.run(
            [
                _program("mariadb-install-db"), "--no-defaults", f"--datadir={self.folder}/data",
                "--auth-root-authentication-method=normal", "--skip-test-db", *_as_root(),
            ],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"mariadb-install-db failed:\n{done.stdout}{done.stderr}")
        user = f"'{self.user}'@'%' IDENTIFIED BY '{self.password}' WITH GRANT OPTION"
        (self.folder / "first.sql").write_text(f"FLUSH PRIVILEGES;\nGRANT ALL ON *.* TO {user};\n")

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    _program("mariadbd"), "--no-defaults", f"--datadir={self.folder}/data",
                    f"--port={self.port}", "--bind-address=127.0.0.1", f"--socket={self.folder}/s",
                    f"--init-file={self.folder}/first.sql", "--skip-log-bin", "--skip-name-resolve",
                    "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M",
                    "--innodb-log-file-size=8M", "--character-set-server=utf8mb4", "--performance-schema",
                    *self.options, *_as_root(),
                ],
                stdout=log, stderr=log, cwd=self.folder,
            )  # fmt: skip
        wait_until(self._answers, "MariaDB did not start", seconds=60)

    def kill9(self) -> None:
        """End the server as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=20)

    def restart(self) -> None:
        """Start the server on the same port and data, whatever became of it."""
        self.kill9()
        self.start()

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"MariaDB ended while starting:\n{self.log()}")
        try:
            self.connect().close()
        except pymysql.OperationalError:
            return False
        return True


@contextmanager
def running_mariadb() -> Iterator[MariaDB]:
    """Give a fresh server that is stopped and removed at the end."""
    with tempfile.TemporaryDirectory(prefix="bookward-mariadb-") as home:
        server = MariaDB(Path(home))
        server.create()
        try:
            server.start()
            yield server
            refuse(list(Grep(PLANTED).in_bytes("MariaDB's log", server.log().encode())))
        finally:
            server.kill9()


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.fail(HOW_TO_INSTALL, pytrace=False)
    return found


def _as_root() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []
