"""Addresses that secrets are sent to."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

_SAFE = (
    r"(https://[^/@\s]+|http://(localhost|127\.0\.0\.1)(:\d+)?)"  # secrets go to no other place in the open
)

SafeAddress: TypeAlias = Annotated[str, Field(pattern=rf"^{_SAFE}/?$")]
"""Where a service is reached: encrypted, or on this machine."""
SafeUrl: TypeAlias = Annotated[str, Field(pattern=rf"^{_SAFE}(/\S*)?$")]
"""The same with a path."""
