"""Where dbt's artefacts are: in a folder here, or at a URL of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx

from bookward.dbt.artefacts import Artefacts, artefacts
from bookward.errors import ModelRefused, SourceUnreachable
from bookward.heavy import pa, pafs
from bookward.settings import without_keys

_TIMEOUT = httpx.Timeout(60, connect=10)
_MOST = 512 * 1024 * 1024  # bytes; the manifests of thousands of models have a tenth of that


@dataclass(frozen=True, kw_only=True)
class Folder:
    """The folder that dbt calls its target."""

    shown: str  #: as people may see it
    file: Callable[[str], bytes | None]  #: is given a file's name; None where there is no such file
    look: Callable[[], None] = lambda: None  #: what is done before files are taken
    bad_end: Callable[[], str] = lambda: ""  #: says how the run ended that wrote them, where that was badly

    def artefacts(self) -> Artefacts:
        """Return what is in it now.

        Raises:
            ModelRefused: there is no manifest, or none that dbt wrote.
            SourceUnreachable, JobsUnreachable, JobsRefused: it cannot be looked at.
        """
        self.look()
        manifest = self.file("manifest.json")
        if manifest is None:
            raise ModelRefused(
                f"There is no manifest.json of dbt in {self.shown}.",
                remedy="Name the folder that dbt writes to (`target: ../dbt/target`), and run dbt before.",
            )
        return artefacts(manifest, self.file("run_results.json"), self.shown, self.bad_end())


def here(path: Path) -> Folder:
    """Return a folder of this machine."""

    def file(name: str) -> bytes | None:
        try:
            return (path / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SourceUnreachable(f"{path / name} cannot be read: {error.strerror}.") from error

    return Folder(shown=str(path), file=file)


def at(url: str) -> Folder:
    """Return a folder at a URL: https, or a storage that pyarrow knows (s3://, gs://, abfs://).

    Raises:
        ModelRefused: it is no URL.
    """
    try:
        shown = _shown(url)
        file = _over_http(url) if url.startswith(("https://", "http://")) else _in_storage(url)
    except (ValueError, httpx.InvalidURL) as error:
        raise ModelRefused("The address of dbt's files is no URL.", remedy="Correct it.") from error
    return Folder(shown=shown, file=file)


def _shown(url: str) -> str:
    """Return a URL as people may see it: without keys, which stand before the host or behind the path."""
    parts = urlsplit(without_keys(url))
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _over_http(url: str) -> Callable[[str], bytes | None]:
    folder = httpx.URL(url)

    def file(name: str) -> bytes | None:
        address = folder.copy_with(path=f"{folder.path.rstrip('/')}/{name}")
        try:
            answer = httpx.get(address, follow_redirects=True, timeout=_TIMEOUT)
        except httpx.HTTPError as error:
            raise SourceUnreachable(f"{name} of dbt cannot be fetched: {type(error).__name__}.") from error
        if answer.status_code == 404:
            return None
        if not answer.is_success:
            raise SourceUnreachable(f"{name} of dbt is answered with {answer.status_code}.")
        return answer.content

    return file


def _in_storage(url: str) -> Callable[[str], bytes | None]:
    def file(name: str) -> bytes | None:
        try:
            storage, root = pafs.FileSystem.from_uri(url)
            with storage.open_input_stream(f"{root.rstrip('/')}/{name}") as stream:
                content: bytes = stream.read(_MOST)
                return content
        except FileNotFoundError:
            return None
        except (OSError, pa.ArrowException) as error:
            shown = _shown(url)
            said = " ".join(str(error).replace(url, shown).split())
            raise SourceUnreachable(f"{name} of dbt cannot be read from {shown}: {said}") from error

    return file
