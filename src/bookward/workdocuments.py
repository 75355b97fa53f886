"""What waits, and what runs next, as JSON documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bookward.app import Ticket, Upcoming
    from bookward.documents import Document


def upcoming_document(one: Upcoming) -> Document:
    """Return when a sync runs next, and what of it waits or is under way."""
    return {
        "sync": one.sync,
        "schedule": one.schedule.model_dump(exclude_none=True) if one.schedule else None,
        "next": list(one.times),
        "problem": one.problem,
        "closed": {"until": one.closed.until, "reason": one.closed.reason} if one.closed else None,
        "tickets": [ticket_document(ticket) for ticket in one.tickets],
    }


def ticket_document(ticket: Ticket) -> Document:
    """Return one piece of work that was asked for."""
    return {
        "id": ticket.id,
        "sync": ticket.sync,
        "work": ticket.work,
        "wishes": dict(ticket.wishes),
        "reason": ticket.reason,
        "asked_by": ticket.asked_by,
        "asked_at": ticket.asked_at,
        "not_before": ticket.not_before,
        "state": str(ticket.state),
        "run": ticket.run,
        "said": ticket.said,
        "error": dict(ticket.error) if ticket.error else None,
        "progress": dict(ticket.progress) if ticket.progress else None,
        "ended_at": ticket.ended_at,
    }
