"""Sealing of secrets at rest."""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bookward.disk import sync
from bookward.errors import StoreFailed
from bookward.settings import Settings


class Seal:
    """Seals small secrets with the first of its keys and opens them with any; none stands beside them."""

    def __init__(self, key: str | bytes) -> None:
        """Use ``key`` (Fernet: 32 bytes in URL-safe base64), or several with commas between them.

        Raises:
            StoreFailed: the key is malformed.
        """
        try:
            text = key.decode() if isinstance(key, bytes) else key
            self._fernet = MultiFernet([Fernet(each.strip()) for each in text.split(",")])
        except ValueError as error:
            raise StoreFailed(
                "The key that seals tokens is malformed.",
                remedy="BOOKWARD_KEY, or the key file, must hold 32 bytes in URL-safe base64; several keys "
                "have commas between them.",
            ) from error

    @classmethod
    def from_settings(cls, settings: Settings) -> Seal:
        """Use the key of the environment, else of the key file, which is made when there is none."""
        return cls(settings.key or _key_of(settings.key_file))

    def close(self, secret: bytes) -> bytes:
        """Return ``secret`` sealed."""
        return self._fernet.encrypt(secret)

    def reseal(self, sealed: bytes) -> bytes:
        """Return what was sealed with any key sealed with the first.

        Raises:
            StoreFailed: it was sealed with another key.
        """
        return self.close(self.open(sealed))

    def open(self, sealed: bytes) -> bytes:
        """Return what was sealed.

        Raises:
            StoreFailed: it was sealed with another key.
        """
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as error:
            raise StoreFailed(
                "What is stored was sealed with another key.",
                remedy="Bring back the old key (BOOKWARD_KEY or the key file), or connect again and set the "
                "secrets anew.",
            ) from error


def _key_of(path: Path) -> bytes:
    try:
        if not path.exists():
            _make(path)
        return path.read_bytes().strip()
    except OSError as error:
        raise StoreFailed(
            f"The key file {path} cannot be used: {error.strerror}.",
            remedy="Set BOOKWARD_KEY, or BOOKWARD_KEY_FILE to a place that can be written.",
        ) from error


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{path.name}-{uuid.uuid4().hex}")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(Fernet.generate_key())
        sync(partial)
        # When two processes start at once, the key of one is taken by both, and is whole when it is there.
        with suppress(FileExistsError):
            path.hardlink_to(partial)
        sync(path.parent)
    finally:
        partial.unlink(missing_ok=True)
