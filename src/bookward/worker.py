"""Does what is asked for: threads that take tickets, one that looks at the clock, more that wait."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from threading import Event, Lock, Thread
from typing import Any

from bookward import tracing
from bookward.app import App, Attended, Run, Ticket, Trial
from bookward.errors import BookwardError, Cancelled, RetryLater, SyncBusy
from bookward.ports import Progress

_LOG = logging.getLogger(__name__)
_NAP = 0.5  # seconds; so often an idle thread looks for something to do
_TURN = 1.0  # seconds; so often the clock is looked at, progress is told, and cancelling is noticed
_TURNS_BETWEEN_SEARCHES = 5  # for what dead processes left
_UNREACHABLE = timedelta(minutes=1)  # and one that has to settle what cannot be settled now
_BUSY = timedelta(seconds=5)  # so long a ticket waits whose sync another process is running
_TRIAL = ("limit", "keys")


class Worker:
    """Runs the syncs of one project, some at a time, until it is stopped."""

    def __init__(self, app: App, *, runs: int = 2) -> None:
        """Work for the project of ``app``.

        Args:
            app: is closed by whoever opened it, after ``stop``.
            runs: how many runs are under way at a time at most.
        """
        self._app = app
        self._queue = app.queue
        self._stopping = Event()
        self._lock = Lock()
        self._at_work: dict[str, Event] = {}
        self._progress: dict[str, tuple[Ticket, Progress]] = {}
        self._strays: set[str] = set()
        self._threads = [Thread(target=self._take_turns, name=f"run-{number + 1}") for number in range(runs)]
        self._threads.append(Thread(target=self._keep_time, name="scheduler"))
        self._threads.append(Thread(target=self._keep_telling, name="alerts"))
        self._threads.append(Thread(target=self._watch_jobs, name="jobs"))  # it waits for others' answers
        self._threads.append(Thread(target=self._forget, name="retention"))  # it goes through everything

    def start(self) -> None:
        """Begin to work."""
        self._queue.work()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let what is in flight be finished, give back what is not done, and return."""
        self._stopping.set()
        with self._lock:
            for cancelled in self._at_work.values():
                cancelled.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    # The threads

    def _take_turns(self) -> None:
        while not self._stopping.is_set():
            if not self._guarded(self._take_one):
                self._stopping.wait(_NAP)

    def _keep_time(self) -> None:
        scheduler, turn = self._queue.scheduler(), 0
        while not self._stopping.is_set():
            if turn % _TURNS_BETWEEN_SEARCHES == 0:
                self._guarded(self._queue.take_back)
                self._guarded(self._give_back_strays)
            self._guarded(scheduler.tick)
            self._guarded(self._tell)
            self._guarded(self._cancel)
            self._stopping.wait(_TURN)
            turn += 1

    def _keep_telling(self) -> None:
        """Tell people what is wrong; on a thread of its own, for it waits for strangers."""
        while not self._stopping.is_set():
            self._guarded(self._app.alerts.turn)
            self._stopping.wait(_TURN)

    def _watch_jobs(self) -> None:
        watch = self._queue.job_watch()
        while not self._stopping.wait(_TURN):
            self._guarded(watch.look)

    def _forget(self) -> None:
        while not self._stopping.is_set():
            self._guarded(self._app.forget)
            self._stopping.wait(_TURN)

    def _guarded(self, work: Any) -> Any:
        """Do one thing; a state that cannot be reached now may be reached at the next turn."""
        try:
            return work()
        except BookwardError as error:
            _LOG.warning("%s %s", error.message, error.remedy, extra={"code": error.code})
        except Exception:  # noqa: BLE001  one fault must not end the thread and all that waits
            _LOG.exception("A fault in Bookward itself.")
        return None

    def _take_one(self) -> bool:
        ticket = self._queue.take()
        if ticket is None:
            return False
        cancelled = Event()
        with self._lock:
            self._at_work[ticket.id] = cancelled
            if self._stopping.is_set():
                cancelled.set()
        try:
            self._do(ticket, cancelled)
        finally:
            with self._lock:
                del self._at_work[ticket.id]
                self._progress.pop(ticket.id, None)
        return True

    def _do(self, ticket: Ticket, cancelled: Event) -> None:
        about = {"ticket": ticket.id, "sync": ticket.sync, "work": ticket.work, "reason": ticket.reason}
        _LOG.info("Took what was asked for.", extra=about)
        with tracing.span(f"work {ticket.sync}", parent=ticket.traceparent, kind="consumer") as span:
            span.set(bookward__ticket=ticket.id, bookward__sync=ticket.sync, bookward__reason=ticket.reason)
            self._work_on(ticket, cancelled)

    def _work_on(self, ticket: Ticket, cancelled: Event) -> None:
        attended = Attended(
            cancelled=cancelled,
            began=lambda run: self._queue.took(ticket, run),
            asked_by=ticket.asked_by,
            reason=ticket.reason,
        )
        try:
            if ticket.work == "plan":
                self._app.plan(ticket.sync, self._follow(ticket), attended=attended, **ticket.wishes)
                self._queue.end(ticket)
            else:
                self._run(ticket, attended)
        except SyncBusy as error:
            self._queue.give_back(ticket, error.message, _BUSY)
        except Cancelled as error:
            self._ended(ticket, error.message, error)
        except BookwardError as error:
            self._queue.end(ticket, f"{error.message} {error.remedy}".strip(), error)
        except Exception:  # noqa: BLE001  the ticket would be taken again and again
            _LOG.exception("A fault in Bookward itself.", extra={"sync": ticket.sync, "ticket": ticket.id})
            self._queue.end(ticket, "A fault in Bookward itself; the log of the worker tells where.")

    def _run(self, ticket: Ticket, attended: Attended) -> None:
        if (begun := self._queue.begun(ticket)) is not None:
            self._tie_up(ticket, begun, attended)
            return
        wishes = _with_trial(ticket.wishes)
        run = self._app.run(ticket.sync, self._follow(ticket), attended=attended, **wishes).run
        if run.folded and "plan" in wishes and run.plan is not None:
            self._end_with(ticket, run)
        elif not self._queue.pause(ticket, run):
            self._ended(ticket, run.error_message)

    def _tie_up(self, ticket: Ticket, begun: Run, attended: Attended) -> None:
        """Settle what the run of a plan left open; nobody goes on with that plan."""
        try:
            run = self._app.tie_up(ticket.sync, begun.id, attended.cancelled)
        except RetryLater as error:
            self._queue.give_back(ticket, error.message, error.wait or _UNREACHABLE)
        else:
            self._end_with(ticket, run)

    def _end_with(self, ticket: Ticket, run: Run) -> None:
        said = f"{run.error_message} {run.error_remedy or ''}".strip() if run.error_message else None
        self._queue.end(ticket, said)

    def _ended(self, ticket: Ticket, said: str | None, error: BookwardError | None = None) -> None:
        """End a ticket, or give it back where the work was ended only because this process ends."""
        unfinished = said is not None and self._stopping.is_set()
        if unfinished and ticket.id not in self._queue.to_be_cancelled():
            self._queue.give_back(ticket, "Its worker was stopped.")
        else:
            self._queue.end(ticket, said, error)

    # What the clock's thread does for the others

    def _follow(self, ticket: Ticket) -> Any:
        def keep(progress: Progress) -> None:
            self._progress[ticket.id] = (ticket, progress)

        return keep

    def _tell(self) -> None:
        with self._lock:
            told = list(self._progress.values())
            self._progress.clear()
        for ticket, progress in told:
            self._queue.tell(ticket, progress)

    def _give_back_strays(self) -> None:
        """Give back tickets of which the end could not be written down: the state was not to be reached then.

        One that was seen so twice; at the first look, a thread may be just about to begin with it.
        """
        mine = self._queue.at_work()
        with self._lock:
            strays = mine - self._at_work.keys()
        for id_ in strays & self._strays:
            self._queue.give_back(self._queue.get(id_), "What became of it could not be written down.")
        self._strays = strays

    def _cancel(self) -> None:
        if self._at_work:
            unwanted = self._queue.to_be_cancelled()
            with self._lock:
                for id_ in unwanted & self._at_work.keys():
                    self._at_work[id_].set()


def _with_trial(wishes: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in wishes.items() if name not in _TRIAL}
    if any(name in wishes for name in _TRIAL):
        keys = wishes.get("keys")
        given["trial"] = Trial(limit=wishes.get("limit"), keys=frozenset(keys) if keys is not None else None)
    return given
