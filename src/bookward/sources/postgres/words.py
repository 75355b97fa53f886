"""Names and texts as PostgreSQL reads them in a statement."""

from __future__ import annotations

from bookward.sources import select


def quoted(name: str) -> str:
    """Return an exact name as an identifier."""
    return select.quoted(name, "postgres")


def literal(text: str) -> str:
    """Return a text as a string, whatever the server takes a backslash for."""
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f"E'{escaped}'" if "\\" in text else f"'{escaped}'"
