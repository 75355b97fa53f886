"""An object storage, or whatever else pyarrow reaches by URL: files that are put whole, known to be so."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import msgspec

from bookward.disk import sync
from bookward.errors import SettingInvalid, StorageRefused, StorageUnreachable, StoreFailed
from bookward.failpoints import failpoint
from bookward.heavy import pa, pafs
from bookward.records import CheckStep

_MANIFEST = "whole.json"
_CHUNK = 2**20
_LATER = (
    "NETWORK_CONNECTION",
    "SLOW_DOWN",
    "THROTTLING",
    "SERVICE_UNAVAILABLE",
    "REQUEST_TIMEOUT",
    "INTERNAL",
)


class Part(NamedTuple):
    """One file of what was put."""

    name: str
    size: int  #: in bytes
    sha256: str  #: in hexadecimal


class Manifest(msgspec.Struct, frozen=True):
    """What was put under a name. It is written last: what has none is a half, and never read."""

    folder: bool
    parts: tuple[Part, ...]


class Objects:
    """Files and folders under names, each the files below ``URL/NAME/`` and a manifest of them.

    Every method raises

    - StorageUnreachable: the storage does not answer.
    - StorageRefused: there is no such bucket, or the keys do not let us.
    - SettingInvalid: the URL makes no sense.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        parts = urlsplit(url)
        endpoint = parse_qs(parts.query).get("endpoint_override")
        at = f" at {endpoint[0]}" if endpoint else ""
        self.shown = f"{parts.scheme}://{parts.netloc}{parts.path}{at}"

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        try:
            storage, root = pafs.FileSystem.from_uri(self._url)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise SettingInvalid(
                f"BOOKWARD_FILES cannot be used: {error}", remedy="Correct the URL in BOOKWARD_FILES."
            ) from error
        return storage, root.rstrip("/")

    def reach(self) -> None:
        """Make sure that the storage answers, and knows our keys: a list of names says more than any read."""
        with self._translated():
            storage, root = self._opened
            storage.get_file_info(pafs.FileSelector(root, allow_not_found=True))

    def check(self) -> Iterator[CheckStep]:
        """Test the storage, step by step; what is written for that is removed again."""
        self.reach()
        probe = f"check-{secrets.token_hex(8)}"
        self.write(f"{probe}/{probe}", b"bookward check")
        self.delete(probe)
        yield CheckStep(name="use", ok=True, detail="it answers, and lets files be written and removed")

    def put(self, made: Path, name: str) -> None:
        """Put a file or folder, whole: it counts when this has returned, and never otherwise."""
        files = sorted(made.iterdir()) if made.is_dir() else [made]
        with self._translated():
            parts = tuple(self._put_part(file, f"{name}/{file.name}") for file in files)
        failpoint("while-putting")
        manifest = Manifest(folder=made.is_dir(), parts=parts)
        self.write(f"{name}/{_MANIFEST}", msgspec.json.encode(manifest))
        failpoint("after-put")

    def get(self, name: str, into: Path) -> bool:
        """Bring a file or folder to this machine, as it was put; return whether there is one.

        Raises:
            StoreFailed: it is not what was put, or the disk is full.
        """
        manifest = self._manifest(name)
        if manifest is None:
            return False
        if manifest.folder:
            into.mkdir()
        for part in manifest.parts:
            self._get_part(name, part, into / Path(part.name).name if manifest.folder else into)
        return True

    def has(self, name: str) -> bool:
        """Return whether there is a whole file or folder of a name."""
        return self._manifest(name) is not None

    def delete(self, name: str) -> None:
        """Remove a file or folder, or a half of one, if it is there.

        Its manifest goes first: what is cut off in between is a half.
        """
        with self._translated():
            storage, _ = self._opened
            with suppress(FileNotFoundError):
                storage.delete_file(self._path(f"{name}/{_MANIFEST}"))
            with suppress(FileNotFoundError):
                storage.delete_dir(self._path(name))

    def names(self, folder: str, *, whole: bool = False) -> set[str]:
        """Return the names of what lies in a folder: everything, or only what is whole."""
        with self._translated():
            storage, _ = self._opened
            selector = pafs.FileSelector(self._path(folder), allow_not_found=True, recursive=True)
            paths = [Path(found.path) for found in storage.get_file_info(selector) if found.is_file]
        return {f"{folder}/{path.parent.name}" for path in paths if not whole or path.name == _MANIFEST}

    def read(self, path: str) -> bytes | None:
        """Return the content of a small file, None when there is none."""
        with self._translated(), suppress(FileNotFoundError):
            storage, _ = self._opened
            with storage.open_input_stream(self._path(path)) as file:
                return bytes(file.read())
        return None

    def write(self, path: str, content: bytes) -> None:
        """Write a small file."""
        with self._translated(), self._new(path) as file:
            file.write(content)

    def _path(self, name: str) -> str:
        return f"{self._opened[1]}/{name}"

    @contextmanager
    def _new(self, name: str) -> Iterator[Any]:
        storage, _ = self._opened
        path = self._path(name)
        if isinstance(storage, pafs.LocalFileSystem):  # elsewhere a folder is but a part of the name
            storage.create_dir(path.rpartition("/")[0], recursive=True)
        with storage.open_output_stream(path) as file:
            yield file

    def _put_part(self, file: Path, name: str) -> Part:
        digest, size = hashlib.sha256(), 0
        with file.open("rb") as content, self._new(name) as out:
            while chunk := content.read(_CHUNK):
                digest.update(chunk)
                size += out.write(chunk)
        return Part(file.name, size, digest.hexdigest())

    def _get_part(self, name: str, part: Part, path: Path) -> None:
        digest, size = hashlib.sha256(), 0
        with self._translated():
            storage, _ = self._opened
            try:
                stored = storage.open_input_stream(self._path(f"{name}/{part.name}"))
            except FileNotFoundError as error:
                raise self._damaged(f"{name}/{part.name} is missing") from error
            with stored as content, path.open("wb") as out:
                while chunk := content.read(_CHUNK):
                    digest.update(chunk)
                    size += out.write(chunk)
            sync(path)
        if (size, digest.hexdigest()) != (part.size, part.sha256):
            raise self._damaged(f"{name}/{part.name} is not what was put there")

    def _manifest(self, name: str) -> Manifest | None:
        said = self.read(f"{name}/{_MANIFEST}")
        try:
            return None if said is None else msgspec.json.decode(said, type=Manifest)
        except msgspec.MsgspecError as error:
            raise self._damaged(f"{name}/{_MANIFEST} cannot be read ({error})") from error

    def _damaged(self, what: str) -> StoreFailed:
        return StoreFailed(
            f"{what}, in {self.shown}.",
            remedy="Bring back an earlier version of it, or a backup of the state; without one, "
            f"{StoreFailed.last_resort}",
        )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Say clearly what the storage says: pyarrow has one exception for everything, and its words."""
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            if error.errno is not None:
                raise StoreFailed(f"{self.shown} could not be read or written: {error}") from error
            raise self._said(str(error)) from error

    def _said(self, text: str) -> StorageUnreachable | StorageRefused:
        if any(word in text for word in _LATER):
            return StorageUnreachable(f"{self.shown} does not answer: {text}")
        for words, (what, remedy) in _REFUSALS.items():
            if any(word in text for word in words):
                return StorageRefused(f"{self.shown} cannot be used: {what}. It said: {text}", remedy=remedy)
        return StorageRefused(f"{self.shown} cannot be used: {text}")


_REFUSALS = {
    ("NO_SUCH_BUCKET", "InvalidBucketName"): (
        "there is no such bucket",
        "Make the bucket, or correct its name in BOOKWARD_FILES.",
    ),
    ("INVALID_ACCESS_KEY_ID", "SIGNATURE_DOES_NOT_MATCH", "InvalidAccessKeyId", "SignatureDoesNotMatch"): (
        "the keys are wrong",
        "Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, or the machine's role.",
    ),
    ("ACCESS_DENIED", "AccessDenied"): (
        "the keys are wrong, or do not allow this",
        "Allow reading, writing, listing and deleting below that URL, or give other keys in the environment.",
    ),
}
