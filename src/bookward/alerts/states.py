"""The state machine of alerts: what a verdict makes of a state, and what of it one recipient is told.

Nothing here looks at a clock or keeps anything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bookward.standings import Change, Level, Standing, Told, Verdict


def step(standing: Standing | None, verdict: Verdict, now: datetime) -> tuple[Standing | None, Change | None]:
    """Return the state after a verdict, and the change if it is one.

    An episode begins when a state leaves OK and ends when it is OK again; what is OK and was never anything
    else has no state at all.

    Args:
        standing: the state before; None where it was always OK.
        verdict: of the same subject and trigger.
        now: this moment.
    """
    before = standing.level if standing else Level.OK
    if verdict.level == before:
        if standing is None or before is Level.OK:
            return standing, None
        # The same trouble, in the words of the newest run.
        return replace(standing, said=verdict.said, remedy=verdict.remedy, run=verdict.run), None
    if standing is None or before is Level.OK:
        began, episode = now, f"{verdict.trigger}@{verdict.subject}@{now:%Y%m%dT%H%M%S.%fZ}"
    else:
        began, episode = standing.began, standing.episode
    after = Standing(
        subject=verdict.subject,
        trigger=verdict.trigger,
        level=verdict.level,
        since=now,
        episode=episode,
        began=began,
        said=verdict.said,
        remedy=verdict.remedy,
        run=verdict.run,
    )
    return after, Change(before=before, now=after)


def seen(level: Level, least: Level) -> Level:
    """Return a level as somebody sees it who only hears of what is at least so bad."""
    return level if level.rank >= least.rank else Level.OK


@dataclass(frozen=True, slots=True)
class Todo:
    """What a change makes of the messages of one recipient."""

    tell: Level | None = None  #: the level of a new message; None for none
    drop: bool = False  #: whether what is held back has no meaning any more


def todo(told: Told, level: Level, least: Level) -> Todo:
    """Return what is to be done about a state that has become another.

    A recipient is told when what it sees differs from what it was told last. Whatever is held back gives way
    to what is newer, so that at the end of a night there is one message for each subject, or none.

    Args:
        told: what the recipient was told so far.
        level: of the state now.
        least: what the recipient only hears of.
    """
    now = seen(level, least)
    return Todo(tell=now if now is not told.level else None, drop=told.held)
