"""What lets in whoever bears it: a random text that is shown once and kept as a hash."""

from __future__ import annotations

import hashlib
import secrets

_BYTES = 32


def new_bearer(prefix: str) -> str:
    """Return a new one; the prefix tells people and secret scanners what it is."""
    return f"{prefix}_{secrets.token_urlsafe(_BYTES)}"


def hash_of(bearer: str) -> str:
    """Return what is kept of one. It has 256 random bits, so that a plain hash is enough."""
    return hashlib.sha256(bearer.encode("utf-8", "surrogatepass")).hexdigest()
