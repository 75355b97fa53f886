"""What people are told of: the triggers of alerts, and how bad each is from where on."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from bookward.spec.base import Spec
from bookward.spec.guards import Share

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"^(\d{1,4})\s*([mhd])$")


_NOTHING_SAID = "It needs warning or critical, or both. To hear nothing of it, write off"


class Trigger(StrEnum):
    """What an alert may be about."""

    RUN_FAILED = "run_failed"
    ROWS_REJECTED = "rows_rejected"
    APPROVAL_WAITS = "approval_waits"
    SLOWER = "slower"
    NOTHING_CHANGED = "nothing_changed"
    ROWS_DROPPED = "rows_dropped"
    SCHEDULE_MISSED = "schedule_missed"
    SIGN_IN = "sign_in"
    QUOTA = "quota"
    SOURCE_UNREACHABLE = "source_unreachable"
    ALERT_UNDELIVERED = "alert_undelivered"


def _duration(text: str) -> str:
    if _DURATION.match(text) is None:
        raise ValueError("It must be a number of minutes, hours or days such as 0m, 90m, 4h or 2d")
    return text


def duration_of(text: str) -> timedelta:
    """Return how long a duration such as `90m` is."""
    found = _DURATION.match(text)
    assert found is not None
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def share_of(text: str) -> Decimal:
    """Return a share such as `5%` as a part of one."""
    return Decimal(text.removesuffix("%")) / 100


Duration: TypeAlias = Annotated[str, AfterValidator(_duration)]
"""So long, such as `0m`, `90m`, `4h` or `2d`."""
Count: TypeAlias = Annotated[int, Field(ge=1)]


class _Levels(Spec):
    @model_validator(mode="after")
    def _one_at_least(self) -> Self:
        warning, critical = getattr(self, "warning", None), getattr(self, "critical", None)
        if warning is None and critical is None:
            raise ValueError(_NOTHING_SAID)
        if warning is not None and critical is not None and _wrong_way(warning, critical):
            raise ValueError("critical must not come before warning")
        return self


def _wrong_way(warning: Any, critical: Any) -> bool:
    values = [_measure(warning), _measure(critical)]
    same_kind = type(values[0]) is type(values[1])
    return same_kind and bool(values[0] > values[1])


def _measure(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return share_of(value) if value.endswith("%") else duration_of(value)


class CountLevels(_Levels):
    """From how many on."""

    warning: Count | None = None
    """So many are a warning."""
    critical: Count | None = None
    """So many are critical."""


class RowLevels(_Levels):
    """From how many rows on, or from which share of the rows read."""

    warning: Count | Share | None = None
    """So many rows, or such a share of those read, are a warning."""
    critical: Count | Share | None = None
    """So many rows, or such a share of those read, are critical."""


class ShareLevels(_Levels):
    """From which share on."""

    warning: Share | None = None
    """Such a share is a warning."""
    critical: Share | None = None
    """Such a share is critical."""


class DurationLevels(_Levels):
    """From how long on."""

    warning: Duration | None = None
    """So long is a warning."""
    critical: Duration | None = None
    """So long is critical."""


class LeftLevels(Spec):
    """From how little time left on."""

    warning: Duration | None = None
    """So little left is a warning."""
    critical: Duration | None = None
    """So little left is critical."""

    @model_validator(mode="after")
    def _nearer_is_worse(self) -> Self:
        if self.warning is None and self.critical is None:
            raise ValueError(_NOTHING_SAID)
        if self.warning and self.critical and duration_of(self.critical) > duration_of(self.warning):
            raise ValueError("critical must not come before warning")
        return self


class CallsLeft(Spec):
    """From how few calls left on."""

    warning: Count | None = None
    """So few left are a warning."""
    critical: Count | None = None
    """So few left are critical."""

    @model_validator(mode="after")
    def _fewer_is_worse(self) -> Self:
        if self.warning is None and self.critical is None:
            raise ValueError(_NOTHING_SAID)
        if self.warning and self.critical and self.critical > self.warning:
            raise ValueError("critical must not come before warning")
        return self


class FactorLevels(_Levels):
    """From how many times as much on."""

    warning: Annotated[float, Field(gt=1)] | None = None
    """So many times as much is a warning."""
    critical: Annotated[float, Field(gt=1)] | None = None
    """So many times as much is critical."""


Off: TypeAlias = Literal["off"]


class Triggers(Spec):
    """What people are told of, and from where on; what is left out is as the file above this one has it.

    The sync's file counts first, then its destination's, then `project.yaml`, then Bookward's own defaults.
    """

    run_failed: CountLevels | Off | None = None
    """How many runs in a row have failed. By default 1 is critical."""
    rows_rejected: RowLevels | Off | None = None
    """How many rows of a run were not synced: a number, or a share of the rows. By default 1 is a warning,
    and 10% are critical."""
    approval_waits: DurationLevels | Off | None = None
    """How long a plan that a guard has parked waits for approval. By default a warning at once, and critical
    after a day."""
    slower: FactorLevels | Off | None = None
    """How many times as long as usual a run took: usual is the median of the ten runs before it, of five at
    least. A run of less than a minute is never slow. By default off."""
    nothing_changed: DurationLevels | Off | None = None
    """How long no run of the sync has found a change. By default off."""
    rows_dropped: ShareLevels | Off | None = None
    """By which share the model returned fewer rows than usual: than the median of the ten runs before. By
    default 50% is a warning."""
    schedule_missed: DurationLevels | Off | None = None
    """How long after its scheduled time the sync has not run, or not to its end. By default a warning after
    an hour, and critical after six."""
    sign_in: LeftLevels | Off | None = None
    """How soon the sign-in to the destination ends unless a run renews it. By default seven days before is a
    warning. A sign-in that is lost is critical in any case."""
    quota: CallsLeft | Off | None = None
    """How few are left of the calls that the destination allows in a day. By default 150 are a warning."""
    source_unreachable: CountLevels | Off | None = None
    """How many runs in a row could not reach the source. By default 1 is critical."""


DEFAULTS = Triggers(
    run_failed=CountLevels(critical=1),
    rows_rejected=RowLevels(warning=1, critical="10%"),
    approval_waits=DurationLevels(warning="0m", critical="1d"),
    slower="off",
    nothing_changed="off",
    rows_dropped=ShareLevels(warning="50%"),
    schedule_missed=DurationLevels(warning="1h", critical="6h"),
    sign_in=LeftLevels(warning="7d"),
    quota=CallsLeft(warning=150),
    source_unreachable=CountLevels(critical=1),
)
"""What counts where no file says anything."""
