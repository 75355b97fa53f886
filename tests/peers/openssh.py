"""A real OpenSSH server of the tests' own, started from the binaries of this machine."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from tests.peers.postgres import free_port, wait_until

HOW_TO_INSTALL = "These tests need OpenSSH's server (sshd): `make peers` unpacks it beside the environment."
PASSPHRASE = "what opens the key"
_UNPACKED = Path(__file__).parents[2] / ".venv" / "peers" / "usr"
_KINDS = {
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ecdsa": lambda: ec.generate_private_key(ec.SECP256R1()),
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
}
_CONFIGURATION = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host-ed25519
HostKey {folder}/host-rsa
PidFile none
AuthorizedKeysFile {folder}/authorised
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
Subsystem sftp internal-sftp
"""


class OpenSsh:
    """One private server; ``user`` signs in with any of ``keys``, and reads and forwards what it may.

    As root it runs as `postgres`, like the tests' PostgreSQL: it would need more of the system else.
    It lets nobody in by password: for that it would have to read the system's.
    """

    host = "127.0.0.1"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = folder / "files"
        self.files.mkdir()
        self.user = "postgres" if _is_root() else pwd.getpwuid(os.geteuid()).pw_name
        self.port = 0
        self.keys: dict[str, str] = {}
        self.host_keys: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None

    def create(self) -> None:
        shutil.copy(_program(), self.folder / "sshd")
        authorised = []
        for kind in _KINDS:
            self.keys[kind], public = _key(kind, b"")
            authorised.append(public)
        self.keys["locked"], public = _key("ed25519", PASSPHRASE.encode())
        (self.folder / "authorised").write_text("\n".join([*authorised, public, ""]))
        for kind in ("ed25519", "rsa"):
            private, self.host_keys[kind] = _key(kind, b"")
            (self.folder / f"host-{kind}").write_text(private)
        if _is_root():
            for path in (self.folder, *self.folder.iterdir()):
                shutil.chown(path, self.user)
        for kind in ("ed25519", "rsa"):
            (self.folder / f"host-{kind}").chmod(0o600)

    def start(self) -> None:
        self.port = self.port or free_port()
        (self.folder / "config").write_text(_CONFIGURATION.format(port=self.port, folder=self.folder))
        libraries = os.pathsep.join(map(str, (_UNPACKED / "lib").glob("*-linux-gnu")))
        for_user: dict[str, Any] = {"user": self.user, "group": "postgres", "extra_groups": []}
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.folder / "sshd", "-D", "-e", "-f", self.folder / "config"],
                stdout=log, stderr=log, cwd=self.folder, env={"LD_LIBRARY_PATH": libraries},
                start_new_session=True, **(for_user if _is_root() else {}),
            )  # fmt: skip
        wait_until(self._answers, f"sshd did not start:\n{(self.folder / 'log').read_text()}")

    def stop(self) -> None:
        """End the server, and take no more; connections go on."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=20)

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"sshd ended while starting:\n{(self.folder / 'log').read_text()}")
        with socket.socket() as probe:
            return probe.connect_ex((self.host, self.port)) == 0


@contextmanager
def running_openssh() -> Iterator[OpenSsh]:
    """Give a fresh server that is stopped and removed at the end."""
    with tempfile.TemporaryDirectory(prefix="bookward-openssh-") as folder:
        server = OpenSsh(Path(folder))
        server.create()
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _key(kind: str, passphrase: bytes) -> tuple[str, str]:
    """Return a new key, private and public, as OpenSSH writes them."""
    made: Any = _KINDS[kind]()
    lock = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    private = made.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, lock)
    public = made.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    return private.decode(), public.decode()


def _program() -> str:
    places = [os.environ.get("PATH", ""), "/usr/sbin", str(_UNPACKED / "sbin")]
    found = shutil.which("sshd", path=os.pathsep.join(places))
    if found is None:
        pytest.fail(HOW_TO_INSTALL, pytrace=False)
    return found


def _is_root() -> bool:
    return os.geteuid() == 0
