"""Addresses that secrets are sent to."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from bookward.spec.base import shaped

_SAFE = (
    r"(https://[^/@\s]+|http://(localhost|127\.0\.0\.1)(:\d+)?)"  # secrets go to no other place in the open
)
_SAID = "an address that begins with https://, or with http:// on this machine"

SafeAddress: TypeAlias = Annotated[str, shaped(rf"^{_SAFE}/?$", _SAID)]
"""Where a service is reached: encrypted, or on this machine."""
SafeUrl: TypeAlias = Annotated[str, shaped(rf"^{_SAFE}(/\S*)?$", _SAID)]
"""The same with a path."""
