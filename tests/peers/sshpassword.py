"""An SSH server by paramiko that lets somebody in by password, and serves one folder."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import paramiko
from paramiko import SFTPAttributes, SFTPHandle, SFTPServer, SFTPServerInterface

USER, PASSWORD = "ann", "open sesame"


class _Gate(paramiko.ServerInterface):
    def check_auth_password(self, username: str, password: str) -> int:
        right = (username, password) == (USER, PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _Files(SFTPServerInterface):
    def __init__(self, server: Any, folder: Path) -> None:
        super().__init__(server)
        self._folder = folder

    def stat(self, path: str) -> Any:
        file = self._folder / path.lstrip("/")
        return SFTPAttributes.from_stat(file.stat()) if file.exists() else paramiko.SFTP_NO_SUCH_FILE

    def open(self, path: str, flags: int, attr: Any) -> Any:
        handle: Any = SFTPHandle(flags)
        handle.readfile = (self._folder / path.lstrip("/")).open("rb")
        handle.stat = lambda: self.stat(path)
        return handle


@contextmanager
def running_password_server(folder: Path) -> Iterator[tuple[int, str]]:
    """Give the port of a server, and its key."""
    key = paramiko.ECDSAKey.generate()

    def serve() -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(near)
            transport.add_server_key(key)
            transport.set_subsystem_handler("sftp", SFTPServer, _Files, folder)
            transport.start_server(server=_Gate())

    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1], f"{key.get_name()} {key.get_base64()}"
        listener.shutdown(socket.SHUT_RDWR)
