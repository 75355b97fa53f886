"""When a sync runs by itself, and when none may begin."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from bookward.spec.base import Spec, as_list, shaped

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_INTERVAL = re.compile(r"^([1-9]\d{0,3})\s*([mhd])$")
_ANY_MOMENT = datetime(2026, 1, 1)  # noqa: DTZ001  an expression is good or not whatever the zone
LONGEST_INTERVAL = timedelta(days=366)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"There is no time zone {name!r}; one is Pacific/Auckland, for example") from error
    return name


def _cron(expression: str) -> str:
    if len(expression.split()) != 5:
        raise ValueError("A cron expression has five parts: minute, hour, day, month, weekday")
    try:
        CronSim(expression, _ANY_MOMENT)
    except CronSimError as error:
        raise ValueError(f"{expression!r} is no cron expression: {error}") from error
    return expression


def _interval(text: str) -> str:
    if _INTERVAL.match(text) is None or interval_of(text) > LONGEST_INTERVAL:
        raise ValueError("It must be a number of minutes, hours or days such as 15m, 2h or 1d")
    return text


def interval_of(text: str) -> timedelta:
    """Return how long an interval such as `15m` is."""
    found = _INTERVAL.match(text)
    assert found is not None
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


Zone: TypeAlias = Annotated[str, AfterValidator(_zone)]
"""The name of a time zone, such as `Pacific/Auckland`."""
Cron: TypeAlias = Annotated[str, AfterValidator(_cron)]
"""Five parts: minute, hour, day of the month, month, weekday; `L` is the last day of a month."""
TimeOfDay: TypeAlias = Annotated[str, shaped(r"^([01]\d|2[0-3]):[0-5]\d$", "a time of day such as 06:30")]
"""A time of day such as `"06:30"`."""
_Listed = BeforeValidator(as_list, json_schema_input_type=str | list[str])
_TRIGGERS = ("every", "cron", "at", "after", "after_dbt_cloud")


JobEnd: TypeAlias = Literal["success", "error", "cancelled"]
"""How a run of a job of dbt Cloud can end."""


def _success() -> list[JobEnd]:
    return ["success"]


class AfterDbtCloud(Spec):
    """A job of dbt Cloud that a sync waits for; `dbt_cloud` in project.yaml names the account."""

    job: Annotated[int, Field(ge=1)]
    """The number of the job; it stands in the address of its page behind `jobs/`."""
    ended: Annotated[list[JobEnd], BeforeValidator(as_list), Field(min_length=1)] = Field(
        default_factory=_success
    )
    """How a run of the job must have ended to count; `success` when left out."""


class Schedule(Spec):
    """When a sync runs by itself: one of `every`, `cron`, `at`, `after` and `after_dbt_cloud`."""

    every: Annotated[str, AfterValidator(_interval)] | None = None
    """An interval such as `15m`, `2h` or `1d`. Syncs of one interval are spread over it, each at a moment of
    its own; for a certain time of day use `at`."""
    cron: Cron | None = None
    """A cron expression, such as `0 6 * * 1-5`. A time that is left out when clocks go forward is made up for
    right then; one that comes twice when they go back counts once, unless the hour is a star."""
    at: Annotated[list[TimeOfDay], _Listed, Field(min_length=1)] | None = None
    """Times of day, such as `["06:00", "18:30"]`."""
    days: (
        Annotated[
            list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]], _Listed, Field(min_length=1)
        ]
        | None
    ) = None
    """With `at`, the days of the week; all when left out."""
    after: Annotated[list[str], _Listed, Field(min_length=1)] | None = None
    """Other syncs, such as `[contacts]`: this one runs when all of them have ended well since it
    last began."""
    after_dbt_cloud: AfterDbtCloud | None = None
    """A job of dbt Cloud, such as `{job: 4711}`: the sync runs once for each run of the job that ends well
    from now on, and once for several that ended before anybody looked."""
    timezone: Zone = "UTC"
    """The time zone of `cron` and `at`."""
    missed: Literal["run", "skip"] = "run"
    """What happens when the time has passed because Bookward was not running or the books were closed: `run`
    once as soon as that is over, or `skip` to the next time."""

    @model_validator(mode="after")
    def _one_trigger(self) -> Self:
        given = [name for name in _TRIGGERS if getattr(self, name) is not None]
        if len(given) != 1:
            said = " and ".join(given) + " stand side by side" if given else "None of them is there"
            raise ValueError(f"A schedule has one of {', '.join(_TRIGGERS)}. {said}")
        if self.days is not None and self.at is None:
            raise ValueError("The days go with the times in at. For an expression, name them in cron")
        return self


def manual_is_none(value: object) -> object:
    """Return the absence of a schedule that the word `manual` stands for."""
    return None if value == "manual" else value


class Blackout(Spec):
    """A time in which no scheduled run begins, such as the close of a period: once, or again and again."""

    begins: datetime | None = None
    """When it begins, once, such as `2026-11-30 18:00`, in the time zone below unless it names one."""
    ends: datetime | None = None
    """When it ends."""
    cron: Cron | None = None
    """When it begins, again and again, such as `0 18 L * *`: at 18:00 on the last day of every month."""
    hours: Annotated[float, Field(gt=0, le=24 * 31)] | None = None
    """With `cron`, how long it lasts."""
    timezone: Zone = "UTC"
    """The time zone of `begins`, `ends` and `cron`."""
    reason: str = ""
    """What people are told, such as `Month-end close`."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        once, often = (self.begins, self.ends), (self.cron, self.hours)
        if not (all(once) and not any(often)) and not (all(often) and not any(once)):
            raise ValueError("A blackout has begins and ends, or cron and hours")
        if (
            self.begins is not None
            and self.ends is not None
            and self.instant(self.ends) <= self.instant(self.begins)
        ):
            raise ValueError("A blackout ends after it begins")
        return self

    def instant(self, moment: datetime) -> datetime:
        """Return a moment of the file with its zone."""
        return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(self.timezone))
