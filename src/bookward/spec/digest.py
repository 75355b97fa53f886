"""A digest: what was synced since the one before, told at certain times."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from bookward.spec.base import Spec, as_list
from bookward.spec.schedule import TimeOfDay, Zone


class DigestSpec(Spec):
    """When a recipient is told what was synced, and of which syncs.

    Each digest begins where the one before has ended. What is missed because Bookward was not running is
    made up for by one digest of the whole time.
    """

    at: TimeOfDay = "07:00"
    """The time of day at which it ends and is sent."""
    days: (
        Annotated[
            list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]],
            BeforeValidator(as_list, json_schema_input_type=str | list[str]),
            Field(min_length=1),
        ]
        | None
    ) = None
    """The days of the week; all when left out, and `mon` for one digest a week."""
    timezone: Zone = "UTC"
    """The time zone of both, in which the times within the digest are told as well."""
    syncs: Annotated[
        list[str] | None,
        BeforeValidator(as_list, json_schema_input_type=str | list[str] | None),
        Field(min_length=1),
    ] = None
    """Only of these syncs; of all when left out."""
    when_quiet: Literal["send", "skip"] = "send"
    """When nothing was run and nothing waits: `send` a digest that says so, or `skip` it."""
