"""Rows of a run as documents: all that is known of one, and why many were not synced."""

from __future__ import annotations

from dataclasses import asdict

from bookward.documents import Document, native, row_document
from bookward.reasons import Reason
from bookward.serving import RowStory


def story_document(story: RowStory) -> Document:
    """Return everything that is known of one row of a run."""
    operation = story.operation
    return row_document(story.row) | {
        "source": None if story.source is None else native(story.source),
        "former": None if story.former is None else native(story.former),
        "payload": operation.payload if operation else None,
        "at": story.at,
        "calls": list(story.calls),
    }


def reason_document(reason: Reason) -> Document:
    """Return why some rows were not synced."""
    return asdict(reason)
