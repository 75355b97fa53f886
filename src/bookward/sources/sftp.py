"""Files on a server that speaks SFTP: fetched whole, then queried as files are."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, Literal

from bookward.errors import BookwardError, SourceFailed, SourceUnreachable
from bookward.records import CheckStep
from bookward.sources.base import failed
from bookward.sources.files.elsewhere import Store, Stored, StoredFilesSource
from bookward.sources.files.spec import TablesSpec
from bookward.sources.ssh import HostUnproven, SshSpec, connected, driver, one_line
from bookward.spec.source import SourceSpec

_SILENCE = 60  # seconds
# Every request waits for its answer: paramiko's reading ahead holds what comes in memory. A server that
# gives less at once may.
_PIECE = 128 * 1024


class SftpSpec(SshSpec, TablesSpec):
    """CSV, Parquet, JSON or Excel files on a server that speaks SFTP, queried with SQL.

    What is said of files holds here too: columns of CSV and Excel files are text as it is written. A path
    that does not begin with `/` begins in the folder in which the user arrives.
    """

    first: ClassVar[tuple[str, ...]] = ("host", "port", "user", "password", "private_key", "host_key")

    type: Literal["sftp"] = "sftp"
    """SFTP."""


class SftpSource(StoredFilesSource):
    """Reads files on a server as tables."""

    spec_class: ClassVar[type[SourceSpec]] = SftpSpec

    def __init__(self, name: str, spec: SftpSpec) -> None:
        super().__init__(name, spec)
        self._server = spec

    def check(self) -> Iterator[CheckStep]:
        spec, passed = self._server, ["reach", "host key", "sign in"]
        try:
            with self.store(f"Source {self._name!r}"):
                wrong = None
        except SourceUnreachable as error:
            wrong, passed = failed("reach", error), []
        except HostUnproven as error:
            wrong, passed = failed("host key", error), ["reach"]
        except SourceFailed as error:
            wrong, passed = failed("sign in", error), ["reach", "host key"]
        except BookwardError as error:
            wrong, passed = failed("driver", error), []
        details = {
            "reach": f"{spec.host}:{spec.port} answers",
            "host key": "the pinned one",
            "sign in": f"as {spec.user}",
        }
        yield from (CheckStep(name=step, ok=True, detail=details[step]) for step in passed)
        if wrong is None:
            yield from super().check()
        else:
            yield wrong

    @contextmanager
    def store(self, where: str) -> Iterator[Store]:
        ssh = driver()
        with connected(self._server, where) as transport:
            try:
                opened = ssh.SFTPClient.from_transport(transport)
            except (OSError, EOFError, ssh.SSHException) as error:
                raise SourceFailed(
                    f"{where}: {self._server.host} gives no SFTP: {one_line(error)}",
                    remedy="Let the server's administrator allow it for this user.",
                ) from error
            opened.get_channel().settimeout(_SILENCE)
            with closing(opened):
                yield _Server(ssh, where, self._server, opened)


class _Server:
    """The files of a server, as one connection sees them."""

    def __init__(self, ssh: ModuleType, where: str, spec: SftpSpec, opened: Any) -> None:
        self._ssh = ssh
        self._where = where
        self._spec = spec
        self._opened = opened

    def address(self, path: str) -> str:
        return f"sftp://{self._spec.host}:{self._spec.port}/{path}"

    def one(self, path: str) -> Iterator[Stored]:
        found = self._state(path)
        if found is None or not stat.S_ISREG(_mode(found)):
            return
        if found.st_size is None or found.st_mtime is None:
            raise SourceFailed(
                f"{self._where}: the server does not say how long {self.address(path)} is, and since when.",
                remedy="Fetch the file by other means: a part could not be told from the whole.",
            )
        yield Stored(path, found.st_size)

    def below(self, folder: str, pattern: str) -> Iterator[Stored]:
        root = "/" if pattern.startswith("/") and not folder else folder
        rest = pattern.removeprefix(root).lstrip("/")
        return self._walk(root, -1 if "**" in rest else rest.count("/"))

    def fetch(self, file: Stored, target: Path) -> None:
        with self._translated(file.path), self._opened.open(file.path, "rb") as remote:
            remote.MAX_REQUEST_SIZE = _PIECE
            before = remote.stat()
            with target.open("wb") as written:
                while piece := remote.read(_PIECE):
                    written.write(piece)
            # By its name: it may have been put in the place of the one that was read.
            after = self._opened.stat(file.path)
        if (before.st_size, before.st_mtime) != (after.st_size, after.st_mtime):
            raise SourceFailed(
                f"{self._where}: {self.address(file.path)} was changed while it was read.",
                remedy="Run again when it is written; best is to write under another name and rename it.",
            )

    def _walk(self, folder: str, levels: int) -> Iterator[Stored]:
        """Yield the files of a folder, and of those in it as deep as asked; -1 for all."""
        with self._translated(folder or "."):
            entries = self._opened.listdir_attr(folder or ".") if self._is_folder(folder) else []
        for entry in entries:
            if entry.filename.startswith("."):
                continue  # as everywhere, hidden: what is being uploaded often is
            path = f"{folder.rstrip('/')}/{entry.filename}" if folder else entry.filename
            if stat.S_ISDIR(_mode(entry)):
                if levels:
                    yield from self._walk(path, levels - 1)
            else:
                yield from self.one(path)  # a link leads to a file, perhaps

    def _is_folder(self, path: str) -> bool:
        found = self._state(path or ".")
        return found is not None and stat.S_ISDIR(_mode(found))

    def _state(self, path: str) -> Any:
        with self._translated(path):
            try:
                return self._opened.stat(path)
            except FileNotFoundError:
                return None

    @contextmanager
    def _translated(self, path: str) -> Iterator[None]:
        try:
            yield
        except PermissionError as error:
            raise SourceFailed(
                f"{self._where}: {self.address(path)} may not be read by {self._spec.user!r}.",
                remedy="Let the server's administrator allow it, or correct the path.",
            ) from error
        except (OSError, EOFError, self._ssh.SSHException) as error:
            raise SourceUnreachable(
                f"{self._where}: {self.address(path)} cannot be read whole: {one_line(error)}",
                remedy="See why the server or the network went away, then run again; nothing was sent.",
            ) from error


def _mode(found: Any) -> int:
    """Return what sort of entry it is: a file, where the server does not say."""
    return stat.S_IFREG if found.st_mode is None else int(found.st_mode)
