"""PKCE (RFC 7636): who comes with an authorisation code proves to be the one who asked for it."""

from __future__ import annotations

import base64
import hashlib
import secrets


def new_verifier() -> str:
    """Return a fresh code verifier."""
    return secrets.token_urlsafe(64)


def challenge(verifier: str) -> str:
    """Return the S256 challenge of a verifier."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
