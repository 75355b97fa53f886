"""Where the files of a table are on this machine; what has an address is fetched first."""

from __future__ import annotations

import glob
from pathlib import Path

import httpx

from bookward.errors import SourceFailed, SourceUnreachable
from bookward.sources.files.spec import ADDRESSES, FileTable

_AS_IT_IS = {"Accept-Encoding": "identity"}
_TIMEOUT = httpx.Timeout(60, connect=10)


def files_of(source: str, table: str, spec: FileTable, folder: Path, most: int) -> list[Path]:
    """Return the files of a table, sorted by name.

    Args:
        source: its name, for errors.
        table: likewise.
        spec: of the table.
        folder: of what is fetched.
        most: bytes to be fetched.

    Raises:
        SourceUnreachable: there is none.
        SourceFailed: what came is not whole, or too much.
    """
    if spec.path.startswith(ADDRESSES):
        target = folder / f"fetched{'.gz' if _is_packed(spec.path) else spec.ending}"
        _fetch(source, table, spec.path, target, most)
        return [target]
    exact = Path(spec.path)
    matched = [spec.path] if exact.is_file() else glob.glob(spec.path, recursive=True)  # noqa: PTH207
    found = sorted(map(Path, matched))
    files = [path for path in found if path.is_file()]
    if not files:
        raise SourceUnreachable(
            f"Table {table!r} of source {source!r} has no file at {spec.path}.",
            remedy="Check the path or the pattern in the source's file; it begins at the project's folder.",
        )
    return files


def _fetch(source: str, table: str, address: str, target: Path, most: int) -> None:
    where = f"Table {table!r} of source {source!r}"
    try:
        url = httpx.URL(address)
        where += f" ({url.copy_with(query=None, userinfo=b'')})"
        with httpx.stream("GET", url, headers=_AS_IT_IS, follow_redirects=True, timeout=_TIMEOUT) as answer:
            _refuse(where, answer)
            with target.open("wb") as file:
                got = 0
                for piece in answer.iter_raw():
                    got += len(piece)
                    if got > most:
                        raise SourceFailed(
                            f"{where} has more than {most:,} bytes.",
                            remedy="Raise `most_bytes` in the source's file.",
                        )
                    file.write(piece)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceUnreachable(f"{where} cannot be fetched whole: {error}") from error
    except OSError as error:
        raise SourceFailed(f"{where} cannot be kept while it is read: {error}") from error


def _refuse(where: str, answer: httpx.Response) -> None:
    """Refuse an answer that is none, or of which nobody could tell that it is whole."""
    if not answer.is_success:
        raise SourceUnreachable(
            f"{where} is answered with {answer.status_code} {answer.reason_phrase}.",
            remedy="Check the address, and what it asks for to let somebody in.",
        )
    headers = answer.headers
    # httpx refuses fewer bytes than were announced, so they have to be.
    if "content-length" not in headers and "chunked" not in headers.get("transfer-encoding", ""):
        raise SourceUnreachable(
            f"{where} does not say how long it is, so a part could not be told from the whole.",
            remedy="Fetch the file by other means, and name its path.",
        )
    if headers.get("content-encoding", "identity") != "identity":
        raise SourceUnreachable(
            f"{where} comes packed as {headers['content-encoding']!r} although it was asked for as it is.",
            remedy="Fetch the file by other means, and name its path.",
        )


def _is_packed(address: str) -> bool:
    return httpx.URL(address).path.lower().endswith(".gz")
