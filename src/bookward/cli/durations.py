"""How long something lasts, as a person types it."""

from __future__ import annotations

from datetime import timedelta

import rich_click as click

from bookward.spec.triggers import duration_of


def duration(_: click.Context, __: click.Parameter, text: str | None) -> timedelta | None:
    """Return the time that an option says, None where it is not given."""
    try:
        return duration_of(text) if text is not None else None
    except AssertionError:
        raise click.BadParameter("give a number of minutes, hours or days: 30m, 4h, 2d") from None
