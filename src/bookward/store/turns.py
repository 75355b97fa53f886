"""How far each schedule was seen to, so that a time is seen to once however many processes look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, update

from bookward import tracing
from bookward.clock import SKEW
from bookward.store.database import Database
from bookward.store.runs import RunState
from bookward.store.tables import epochs, runs, schedules
from bookward.store.tickets import ALONE, Tickets
from bookward.store.upserts import insert


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The time of one sync that has come."""

    sync: str
    since: datetime  #: up to when the schedule was seen to when its turn came
    until: datetime  #: up to when it is seen to by this turn
    reason: str  #: why the sync is to run


WHAT_SCHEDULES_SAY = "what schedules say"
"""What is written alone: how far the schedule of a name was seen to that was not known before."""

_MOVE = (
    update(schedules)
    .where(schedules.c.sync == bindparam("of"), schedules.c.since == bindparam("seen"))
    .values(since=bindparam("until"))
)
# One look into the index for each sync, however many runs it had; whoever has run has an epoch.
_LAST_END = (
    select(func.max(runs.c.finished_at))
    .where(
        runs.c.sync == epochs.c.sync,
        runs.c.state == RunState.DONE,
        runs.c.finished_at <= bindparam("now"),
    )
    .correlate(epochs)
    .scalar_subquery()
)
_ENDED_WELL = select(epochs.c.sync, _LAST_END).where(epochs.c.sync.in_(bindparam("of", expanding=True)))


class Turns:
    """The turns of all schedules."""

    def __init__(self, database: Database, tickets: Tickets) -> None:
        self._database = database
        self._tickets = tickets

    def since(self, said: Mapping[str, str], now: datetime) -> Mapping[str, datetime]:
        """Return, by sync, up to when each schedule was seen to; a new or edited one begins now.

        So does one that was seen to up to a moment to come, by a clock that was ahead.

        Args:
            said: by sync, what its schedule says.
            now: this moment.
        """
        known = self._known(said)
        new = {sync: text for sync, text in said.items() if sync not in known}
        ahead = {sync: since for sync, since in known.items() if since > now + SKEW}
        if new or ahead:
            with self._database.writing(alone=WHAT_SCHEDULES_SAY) as connection:
                for sync, text in sorted(new.items()):
                    line = insert(connection, schedules).values(sync=sync, said=text, since=now)
                    other = schedules.c.said != text
                    connection.execute(
                        line.on_conflict_do_update(
                            index_elements=[schedules.c.sync], set_={"said": text, "since": now}, where=other
                        )
                    )
                for sync, since in sorted(ahead.items()):
                    connection.execute(_MOVE, {"of": sync, "seen": since, "until": now})
            known = self._known(said)
        return known

    def take(self, turns: Sequence[Turn]) -> set[str]:
        """Ask for runs, unless another process has seen to these turns; return whose turns were ours.

        All of them in one transaction, since many syncs are due in the same second.
        """
        ours = set()
        with self._database.writing(alone=ALONE) as connection:
            for turn in sorted(turns, key=lambda turn: turn.sync):
                moved = {"of": turn.sync, "seen": turn.since, "until": turn.until}
                if connection.execute(_MOVE, moved).rowcount:
                    with tracing.span(f"schedule {turn.sync}", kind="producer") as span:
                        span.set(bookward__sync=turn.sync, bookward__reason=turn.reason)
                        self._tickets.ask_once(connection, turn.sync, turn.reason)
                    ours.add(turn.sync)
        return ours

    def ended_well(self, syncs: Sequence[str], now: datetime) -> Mapping[str, datetime]:
        """Return when a run of each sync last ended with all of its rows seen to.

        One whose end is still to come counts from then on: whose clock ended it was ahead of the one of now.
        """
        with self._database.reading() as connection:
            found = connection.execute(_ENDED_WELL, {"of": syncs, "now": now}).all()
        return {sync: at for sync, at in found if at is not None}

    def forget(self, sync: str) -> None:
        """Forget how far the schedule of a sync was seen to that is gone."""
        with self._database.writing(alone=WHAT_SCHEDULES_SAY) as connection:
            connection.execute(delete(schedules).where(schedules.c.sync == sync))

    def _known(self, said: Mapping[str, str]) -> dict[str, datetime]:
        with self._database.reading() as connection:
            lines = connection.execute(select(schedules).where(schedules.c.sync.in_(said))).all()
        return {line.sync: line.since for line in lines if said.get(line.sync) == line.said}
