"""Which server a command line speaks to, and with which token."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import rich_click as click


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server's address, with the token that lets in."""

    url: str
    token: str = field(repr=False)

    @property
    def is_open_to_readers(self) -> bool:
        """Whether the token goes over a network in plain text."""
        parts = urlsplit(self.url)
        return parts.scheme == "http" and not _is_this_machine(parts.hostname or "")


def server_of(url: str | None, token: str | None, token_file: Path | None) -> Server | None:
    """Return the server that options and variables name, None where they name none.

    Raises:
        click.UsageError: the address is none, or there is no token that could be sent.
    """
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        raise click.UsageError("--server is an address such as https://books.example.com.")
    token = (_read(token_file) if token_file else token or "").strip()
    if not token:
        raise click.UsageError("A server wants a token: set BOOKWARD_TOKEN, or say --token-file FILE.")
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise click.UsageError("The token has characters that no token has; copy it again.")
    return Server(url=url.rstrip("/"), token=token)


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"The token's file {str(file)!r} cannot be read.") from error
