"""What is told of one kind of source."""

from __future__ import annotations

from dataclasses import dataclass

HOW = (
    "real server", "real files", "real engine", "compatible server", "emulator", "protocol stub",
    "nothing to test",
)  # fmt: skip
"""What a kind of source can be tested against, the surest first."""


@dataclass(frozen=True, kw_only=True)
class About:
    """A kind of source."""

    title: str
    extra: str = ""  #: of the package; "" where the driver comes along
    how: str  #: it is tested: one of HOW, or several
    tests: str  #: the file of its own tests
    tested: str  #: against what exactly
    notes: tuple[str, ...] = ()  #: how its types are read, where that is not plain


TUNNEL = """With `ssh`, the server is reached through an SSH host, whose key is pinned (`host_key`; without it
the error shows the one that was seen). `pip install 'bookward[sftp]'` brings what it needs. Certificates
go on being held against the server's own name."""

PAGES = """A column has the type that holds all of its values exactly: whole
numbers and others together are decimals, values that do not go together are text, and what is nested is JSON
(`customer ->> '$.name'` takes it apart). Decimals of more than 38 digits are exact text."""
