"""Passwords, kept as argon2id hashes."""

from __future__ import annotations

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bookward.errors import PasswordWeak

LEAST = 12
MOST = 200
_LEAST_DIFFERENT = 4

_AT_ONCE = BoundedSemaphore(2)
"""Each takes 64 MB while it is worked out: many sign-ins at once must not fill the memory."""


class Passwords:
    """Hashes passwords, and tells whether one is right."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """Use argon2-cffi's own defaults (RFC 9106), or another hasher; for tests."""
        self._hasher = hasher or PasswordHasher()
        self._nobodys = self.hash("the password of nobody")

    def hash(self, password: str) -> str:
        """Return what is kept of a password."""
        with _AT_ONCE:
            return self._hasher.hash(password.encode("utf-8", "surrogatepass"))

    def right(self, kept: str | None, password: str) -> bool:
        """Return whether a password is the one of which ``kept`` is kept.

        For None or nothing, of nobody or of who has none, it takes as long and is never right: who asks does
        not learn who is there.
        """
        try:
            with _AT_ONCE:
                said = password.encode("utf-8", "surrogatepass")
                self._hasher.verify(kept or self._nobodys, said)
        except (VerificationError, InvalidHashError):
            return False
        return bool(kept)


def require_strong(password: str, email: str) -> None:
    """Make sure that a password is not easy to guess.

    Raises:
        PasswordWeak: it is.
    """
    if not LEAST <= len(password) <= MOST:
        raise PasswordWeak(f"A password has {LEAST} to {MOST} characters.")
    if len(set(password)) < _LEAST_DIFFERENT:
        raise PasswordWeak("The password repeats the same few characters.")
    if password.casefold() == email.casefold():
        raise PasswordWeak("The password is the e-mail.")
