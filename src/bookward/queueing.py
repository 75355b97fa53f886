"""The line of what is to be done: for those who ask, and for those who do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bookward.errors import BookwardError, EditRefused, NameUnknown
from bookward.ports import Progress
from bookward.project.explain import first_of
from bookward.schedule import closed
from bookward.scheduling import LOOK_AGAIN, Scheduler, Upcoming, times, upcoming
from bookward.spec.schedule import Schedule
from bookward.store.runs import Run
from bookward.store.tickets import Ticket, Tickets, TicketState
from bookward.timetables import timetable
from bookward.waiting import Waiting
from bookward.wiring import Wiring

if TYPE_CHECKING:
    from bookward.jobwatch import JobWatch


class Queue:
    """The tickets of one project."""

    def __init__(self, wiring: Wiring) -> None:
        """Use the state of ``wiring``; it is opened when it is first needed."""
        self._wiring = wiring

    # For those who ask

    def ask(
        self, sync: str, work: str = "run", *, wishes: Mapping[str, Any] = MappingProxyType({}), who: str = ""
    ) -> Ticket:
        """Ask for a run or a plan of a sync.

        Args:
            sync: its name.
            work: "run" or "plan".
            wishes: options of ``App.run`` or ``App.plan``; of a trial, ``limit`` and ``keys``.
            who: asks, by what is kept of a person.

        Raises:
            NameUnknown, ProjectInvalid: there is no such sync, or its file is broken.
            PlanStale: its plan is to be executed already.
        """
        self._wiring.named("syncs", sync)
        self._wiring.publish()  # whoever takes the ticket sees what the asker saw
        return self._tickets.ask(sync, work, wishes=wishes, asked_by=who)

    def get(self, id_: str) -> Ticket:
        """Return one ticket; see ``Tickets.get``."""
        return self._tickets.get(id_)

    def list(
        self,
        *,
        sync: str | None = None,
        states: Sequence[TicketState] = (),
        before: int | None = None,
        limit: int = 50,
    ) -> Sequence[Ticket]:
        """Return tickets, the newest first; see ``Tickets.list``."""
        return self._tickets.list(sync=sync, states=states, before=before, limit=limit)

    def cancel(self, id_: str) -> Ticket:
        """Let the work of a ticket end; see ``Tickets.cancel``."""
        return self._tickets.cancel(id_)

    def upcoming(self, count: int = 5) -> Sequence[Upcoming]:
        """Return when every sync runs next; see ``scheduling.upcoming``."""
        with self._wiring.steady():
            return upcoming(self._wiring, count)

    def times(self, sync: str, schedule: Mapping[str, Any], destination: str | None) -> Sequence[datetime]:
        """Return when a sync would run next by a schedule as its file would say it; see ``scheduling.times``.

        Raises:
            EditRefused: it is none.
        """
        try:
            said = Schedule.model_validate(schedule)
        except ValidationError as error:
            raise EditRefused(first_of(error), remedy="Correct the schedule.") from None
        with self._wiring.steady():
            return times(self._wiring, sync, said, destination)

    # For those who do it

    def scheduler(self) -> Scheduler:
        """Return what asks for runs when their time has come."""
        return Scheduler(self._wiring)

    def job_watch(self) -> JobWatch:
        """Return what asks how jobs elsewhere ended that syncs wait for."""
        from bookward.jobwatch import JobWatch  # only whoever works needs an HTTP client for it

        return JobWatch(self._wiring)

    def work(self) -> None:
        """Be known as somebody who works; see ``Tickets.work``."""
        self._tickets.work()

    def take(self) -> Ticket | None:
        """Take the next ticket, None when there is nothing to do.

        What a schedule asked for waits while its books are closed.
        """
        ticket = self._tickets.take()
        if ticket is None or ticket.asked_by is not None:
            return ticket
        table = timetable(self._wiring.project, ticket.sync)
        shut = closed(table.blackouts, self._wiring.clock.now()) if table else None
        if shut is None:
            return ticket
        said = f"The books are closed: {shut.reason or 'blackout'}."
        until = shut.until or self._wiring.clock.now() + LOOK_AGAIN
        self._tickets.postpone(ticket.id, until, said, ticket.pauses)
        return None

    def took(self, ticket: Ticket, run: str) -> None:
        """Write down which run is at work for a ticket."""
        self._tickets.took(ticket.id, run)

    def tell(self, ticket: Ticket, progress: Progress) -> None:
        """Write down how far the work is."""
        shown = {name: value for name in Progress.__dataclass_fields__ if (value := getattr(progress, name))}
        shown = {
            name: value.isoformat() if isinstance(value, datetime) else value for name, value in shown.items()
        }
        self._tickets.tell(ticket.id, shown)

    def pause(self, ticket: Ticket, run: Run) -> bool:
        """Put a ticket back into the line if its run has paused; return whether it has.

        One that a person has stopped meanwhile does not go on by itself.
        """
        if ticket.id in self._tickets.to_be_cancelled():
            return False
        waiting = Waiting(self._wiring.clock, ticket.pauses)
        until = waiting.until(run)
        if until is None:
            return False
        self._tickets.postpone(ticket.id, until, f"{run.error_message}", waiting.pauses)
        return True

    def begun(self, ticket: Ticket) -> Run | None:
        """Return the run that has begun to execute the plan of a ticket, None where none has.

        A plan is executed once: what a run leaves of it is planned anew.
        """
        if "plan" not in ticket.wishes or ticket.run is None:
            return None
        with suppress(NameUnknown):  # it ended before it was written down
            run = self._wiring.store.runs.get(ticket.run)
            return run if run.plan is not None else None
        return None

    def give_back(self, ticket: Ticket, said: str, after: timedelta = timedelta()) -> None:
        """Put a ticket back into the line, to be taken again ``after`` a while at the earliest."""
        self._tickets.postpone(ticket.id, self._wiring.clock.now() + after, said, ticket.pauses)

    def end(self, ticket: Ticket, said: str | None = None, error: BookwardError | None = None) -> None:
        """Write down that the work of a ticket has ended, and why if no run tells."""
        kept = {"code": error.code, "message": error.message, "remedy": error.remedy} if error else None
        self._tickets.end(ticket.id, said, kept)

    def to_be_cancelled(self) -> set[str]:
        """Return the ids of the tickets of this process that a person wants to end."""
        return self._tickets.to_be_cancelled()

    def at_work(self) -> set[str]:
        """Return the ids of the tickets that this process has; see ``Tickets.at_work``."""
        return self._tickets.at_work()

    def take_back(self) -> int:
        """Put back into the line what processes that are gone were working on."""
        return self._tickets.take_back()

    @property
    def _tickets(self) -> Tickets:
        return self._wiring.store.tickets
