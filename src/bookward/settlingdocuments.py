"""Uncertain rows as documents: what the books show of them, and what persons said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bookward.documents import Document, rejection_document
from bookward.records import BookedRecord

if TYPE_CHECKING:
    from bookward.app import Decision, UncertainRow


def booked_document(record: BookedRecord) -> Document:
    """Return a record in the books, as much of it as tells it from others."""
    return {
        "id": record.remote_id,
        "called": record.called,
        "live": record.live,
        "day": record.day,
        "currency": record.currency,
        "total": record.total,
    }


def uncertain_document(row: UncertainRow) -> Document:
    """Return an uncertain row with the records that may be its own, as the books show them now."""
    return {
        "key": row.doubt.key,
        "run": row.doubt.run,
        "rejection": rejection_document(row.doubt.rejection),
        "candidates": [booked_document(record) for record in row.candidates],
    }


def decision_document(decision: Decision) -> Document:
    """Return what a person said of an uncertain row."""
    return {
        "key": decision.key,
        "run": decision.run,
        "at": decision.at,
        "booked_as": decision.booked_as,
        "candidates": list(decision.candidates),
        "message": decision.message,
    }
