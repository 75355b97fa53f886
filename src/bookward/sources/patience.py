"""How long to wait for a service that takes no more for now, and what it says so with."""

from __future__ import annotations

import httpx

LATER = {429, 503}
TRIES = 6
"""How often a service is asked again."""

_MOST_WAIT = 60  # seconds


def wait(answer: httpx.Response, usual: float) -> float:
    """Return the seconds that an answer asks to wait, a minute at most; ``usual`` where it says nothing."""
    said = answer.headers.get("Retry-After", "")
    return min(float(said), _MOST_WAIT) if said.isdecimal() else usual
