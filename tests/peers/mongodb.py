"""A server that speaks MongoDB's protocol: SecantusDB, which is GPL, in a process of its own."""

from __future__ import annotations

import os
import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymongo
import pytest
from pymongo.errors import PyMongoError

from tests.leaks import Grep
from tests.peers.postgres import free_port, wait_until
from tests.planting import DATABASE_PASSWORD, PLANTED, refuse

_PROGRAM = Path(__file__).parents[2] / ".venv" / "peers" / "secantusdb" / "bin" / "secantusd-py"


class MongoDB:
    """One private server; ``user`` may read one database, ``owner`` may do everything."""

    host = "127.0.0.1"
    database = "books"
    user, owner = "reader", "owner"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.password = f"{DATABASE_PASSWORD}-{secrets.token_urlsafe(12)}"
        self.options: tuple[str, ...] = ()
        self.client_options: dict[str, Any] = {}
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, port: int | None = None) -> str:
        # Not as the set that it says it is: a client would go to where the set says, past any wire between.
        return f"mongodb://{self.host}:{port or self.port}/?directConnection=true"

    def client(self, *, signed_in: bool = True) -> pymongo.MongoClient[Any]:
        as_owner = {"username": self.owner, "password": self.password} if signed_in else {}
        return pymongo.MongoClient(
            self.url(), serverSelectionTimeoutMS=1000, **as_owner, **self.client_options
        )

    def create(self) -> None:
        """Make the users, who sign in from the next start on."""
        self.start(lets_everybody_in=True)
        with self.client(signed_in=False) as client:
            for name, role in ((self.owner, "root"), (self.user, {"role": "read", "db": self.database})):
                client.admin.command("createUser", name, pwd=self.password, roles=[role])
        self.stop()

    def start(self, *, lets_everybody_in: bool = False) -> None:
        if not _PROGRAM.exists():
            pytest.fail("These tests need SecantusDB: `make peers` installs it.", pytrace=False)
        gate = () if lets_everybody_in else ("--auth",)
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    _PROGRAM, f"--host={self.host}", f"--port={self.port}",
                    f"--storage-path={self.folder}/data", "--cache-size=512M", *gate, *self.options,
                ],
                stdout=log, stderr=log, cwd=self.folder, env={"PATH": os.environ.get("PATH", "")},
            )  # fmt: skip
        wait_until(lambda: self._answers(not lets_everybody_in), "SecantusDB did not start", seconds=60)

    def stop(self) -> None:
        """End the server so that it keeps what it has."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:  # it may wait for a client that spoke TLS to it
                self.kill9()

    def kill9(self) -> None:
        """End the server as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=20)

    def restart(self) -> None:
        """Start the server on the same port and data, whatever became of it."""
        self.stop()
        self.start()

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def _answers(self, signed_in: bool) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"SecantusDB ended while starting:\n{self.log()}")
        try:
            with self.client(signed_in=signed_in) as client:
                client.admin.command("ping")
        except PyMongoError:
            return False
        return True


@contextmanager
def running_mongodb() -> Iterator[MongoDB]:
    """Give a fresh server that is stopped and removed at the end."""
    with tempfile.TemporaryDirectory(prefix="bookward-mongodb-") as folder:
        server = MongoDB(Path(folder))
        try:
            server.create()
            server.start()
            yield server
            refuse(list(Grep(PLANTED).in_bytes("MongoDB's log", server.log().encode())))
        finally:
            server.kill9()
