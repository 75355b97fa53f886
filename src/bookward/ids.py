"""Ids of plans and runs, and of what nobody reads."""

from __future__ import annotations

import secrets
from datetime import datetime


def new_id(now: datetime) -> str:
    """Return an id that sorts by time and can be said aloud: ``20261102-090000-3f9c21``."""
    return f"{id_of(now)}-{secrets.token_hex(3)}"


def id_of(moment: datetime) -> str:
    """Return what the ids of that moment begin with."""
    return f"{moment:%Y%m%d-%H%M%S}"


def new_token() -> str:
    """Return an id that nothing else has, for what no person has to name."""
    return secrets.token_hex(8)
