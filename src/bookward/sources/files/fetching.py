"""Where the files of a table are on this machine; what has an address is fetched first."""

from __future__ import annotations

import glob
from pathlib import Path

import httpx

from bookward.errors import SourceFailed, SourceUnreachable
from bookward.sources.files.spec import ADDRESSES, FileTable

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
        target = folder / f"{len(list(folder.iterdir()))}{'.gz' if _is_packed(spec.path) else spec.ending}"
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
    where = f"Table {table!r} of source {source!r} ({httpx.URL(address).copy_with(query=None)})"
    try:
        with httpx.stream("GET", address, follow_redirects=True, timeout=_TIMEOUT) as answer:
            if not answer.is_success:
                raise SourceUnreachable(
                    f"{where} is answered with {answer.status_code} {answer.reason_phrase}.",
                    remedy="Check the address, and what it asks for to let somebody in.",
                )
            # Raw, so that the bytes are those that were announced: httpx refuses fewer.
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
            if answer.headers.get("content-encoding", "identity") not in ("identity", ""):
                target.rename(target.with_suffix(".gz"))
    except httpx.HTTPError as error:
        raise SourceUnreachable(f"{where} cannot be fetched whole: {error}") from error


def _is_packed(address: str) -> bool:
    return httpx.URL(address).path.lower().endswith(".gz")
