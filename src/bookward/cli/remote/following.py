"""Asks a server for work, and follows it to its end."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from bookward.app import Ticket, TicketState
from bookward.cli.remote.client import Client
from bookward.cli.remote.reading import ticket_of
from bookward.errors import Cancelled
from bookward.ports import OnProgress, Progress

_NAP = 0.5  # seconds between two looks


class Following:
    """The work that this process has asked a server for; one piece at a time."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._unwanted = False

    def cancel(self) -> bool:
        """Let the work end cleanly at the next look; safe to be called from a signal handler."""
        self._unwanted = True
        return True

    def ended(
        self, path: str, wishes: Mapping[str, Any], on_progress: OnProgress, *, through_pauses: bool
    ) -> Ticket:
        """Ask for work and return its ticket once it has ended.

        Args:
            path: of the route that takes the wish.
            wishes: what is wanted.
            on_progress: is told where the work stands.
            through_pauses: follow a run that pauses, too, until it is done; otherwise it is left to go on.

        Raises:
            Cancelled: a person has ended it before anything was done.
        """
        ticket = ticket_of(self._client.post(path, wishes))
        asked = False
        while ticket.state in (TicketState.WAITING, TicketState.WORKING):
            if self._unwanted and not asked:
                asked = True
                ticket = ticket_of(self._client.post(f"/tickets/{ticket.id}/cancel", {}))
                continue
            if not through_pauses and self._has_paused(ticket):
                return ticket
            on_progress(_progress(ticket))
            time.sleep(_NAP)
            ticket = ticket_of(self._client.get(f"/tickets/{ticket.id}"))
        if ticket.state is TicketState.CANCELLED and ticket.run is None:
            raise Cancelled("It was cancelled before it began.")
        return ticket

    def _has_paused(self, ticket: Ticket) -> bool:
        """Return whether a ticket is back in the line because its run has paused, not its worker stopped."""
        if ticket.state is not TicketState.WAITING or ticket.run is None:
            return False
        return bool(ticket.not_before > datetime.now(UTC)) and (
            self._client.get(f"/runs/{ticket.run}")["state"] == "paused"
        )


def _progress(ticket: Ticket) -> Progress:
    if ticket.state is TicketState.WAITING:
        return Progress(phase="waiting", wait_until=ticket.not_before)
    return msgspec.convert({"phase": "starting"} | dict(ticket.progress or {}), Progress)
