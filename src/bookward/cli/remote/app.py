"""One project, and what can be done with it, behind a server: what the verbs use of ``bookward.app.App``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, cast
from urllib.parse import quote

import msgspec
import rich_click as click

from bookward.app import (
    CheckReport,
    Plan,
    PlanHeader,
    Run,
    RunReport,
    RunRow,
    SyncRow,
    Ticket,
    Trial,
    Upcoming,
)
from bookward.cli.remote import reading
from bookward.cli.remote.client import Client, leaf_of
from bookward.cli.remote.following import Following
from bookward.errors import BookwardError, NameUnknown, WorkFailed
from bookward.ports import OnProgress
from bookward.records import ApiCall, Finding, Operation, OperationKind
from bookward.trial import WHOLE

_WHOLE_CALL = ("request_headers", "request_body", "response_headers", "response_body")


class RemoteApp:
    """The project of a server."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._following = Following(client)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def cancel(self) -> bool:
        """Let what this process has asked for end cleanly; see ``Following.cancel``."""
        return self._following.cancel()

    # Planning and running

    def plan(
        self,
        sync: str,
        on_progress: OnProgress = lambda _: None,
        *,
        allow_empty: bool = False,
        full: bool = False,
        new_key: bool = False,
        as_new: bool = False,
    ) -> Plan:
        """Let the server make a plan, and return it. Raises what kept it from that."""
        _refuse(new_key=new_key, as_new=as_new)
        wishes = _said(full=full, allow_empty=allow_empty)
        path = f"/syncs/{quote(sync, '')}/plans"
        ticket = self._following.ended(path, wishes, on_progress, through_pauses=True)
        if ticket.run is None or ticket.said:
            raise _failure(ticket, "The server has not made the plan.")
        return self.open_plan(ticket.run, sync)

    def run(
        self,
        sync: str,
        on_progress: OnProgress = lambda _: None,
        *,
        plan: str | None = None,
        allow_empty: bool = False,
        approved: bool = False,
        trial: Trial = WHOLE,
        wait: bool = False,
        as_new: bool = False,
    ) -> RunReport:
        """Let the server run a sync, and return how it ended. Raises what kept it from that."""
        _refuse(as_new=as_new, allow_empty=allow_empty)
        keys = sorted(trial.keys) if trial.keys is not None else None
        wishes = _said(plan=plan) if approved else _said(plan=plan, limit=trial.limit, keys=keys)
        path = f"/syncs/{quote(sync, '')}/{'approvals' if approved else 'runs'}"
        ticket = self._following.ended(path, wishes, on_progress, through_pauses=wait)
        try:
            run = self.find_run(ticket.run or "")
        except NameUnknown as error:
            raise _failure(ticket, "The server has not begun the run.") from error
        return RunReport(run=run, plan=self._plan_of(run), recovered=())

    def syncs(self) -> Sequence[str]:
        """Refuse: in which order syncs run, the server does not say."""
        raise click.UsageError("With --server, name the syncs; they run in the order given.")

    # Looking

    def check(self, *, connect: bool = False) -> CheckReport:
        """Return what is wrong in the server's project."""
        _refuse(connect=connect)
        return reading.check_of(self._client.get("/check"))

    def history(self, sync: str | None = None, limit: int = 20) -> Sequence[Run]:
        """Return the newest runs, newest first."""
        runs = [reading.run_of(each) for each in self._client.pages("/runs", {"sync": sync}, limit)]
        if sync is not None and not runs:
            self._require_sync(sync)
        return runs

    def find_run(self, id_: str) -> Run:
        """Return one run by its id, the beginning of it, or "last"."""
        if not id_:
            raise NameUnknown("There is no run without an id.", remedy="`bookward history` lists them.")
        return reading.run_of(self._client.get(f"/runs/{quote(id_, '')}"))

    def run_or_plan(self, id_: str) -> str:
        """Return the whole id of a run, or the id of a plan."""
        try:
            return self.find_run(id_).id
        except NameUnknown:
            return id_

    def rows(
        self, run: str, *, status: str | None = None, search: str = "", limit: int | None = None
    ) -> Iterator[RunRow]:
        """Yield the rows of a run in the order of its plan."""
        query = {"status": status, "search": search}
        return map(reading.row_of, self._client.pages(f"/runs/{quote(run, '')}/rows", query, limit))

    def calls(
        self, run: str, *, status: int | None = None, failed: bool = False, text: str = ""
    ) -> Iterator[tuple[int, ApiCall]]:
        """Yield the API calls of a run or a plan with their numbers; bodies are fetched when looked at."""
        path = f"/runs/{quote(run, '')}/calls"
        for each in self._client.pages(path, {"status": status, "failed": failed, "search": text}):
            yield each["number"], cast("ApiCall", _Call(self._client, path, each))

    def has_sync(self, name: str) -> bool:
        """Return whether a sync of the project has this name."""
        try:
            self._require_sync(name)
        except NameUnknown:
            return False
        return True

    def row_counts(self, sync: str) -> Mapping[str, int]:
        """Return how many rows of a sync are in which state."""
        return Counter(each["state"] for each in self._client.pages(_rows_of(sync), {"named": False}))

    def sync_rows(
        self, sync: str, *, states: Collection[str] = (), search: str = "", limit: int | None = None
    ) -> Iterator[SyncRow]:
        """Yield where the rows of a sync stand, in the order of their keys."""
        query = {"state": list(states), "search": search}
        return map(reading.sync_row_of, self._client.pages(_rows_of(sync), query, limit))

    def retry(self, sync: str, keys: Collection[str] | None = None) -> Sequence[str]:
        """Let rows that the destination refused be sent again by the next run; return their keys."""
        said = _said(keys=list(keys) if keys is not None else None)
        found: list[str] = self._client.post(f"/syncs/{quote(sync, '')}/retry", said)["keys"]
        return found

    def open_plan(self, plan: str, sync: str) -> Plan:
        """Return a plan made before."""
        return cast("Plan", _Plan(self._client, f"/syncs/{quote(sync, '')}/plans/{quote(plan, '')}"))

    @property
    def queue(self) -> RemoteApp:
        """What waits and what is to come; here the same thing."""
        return self

    def upcoming(self) -> Sequence[Upcoming]:
        """Return when every sync runs next."""
        return [reading.upcoming_of(each) for each in self._client.get("/schedule")["items"]]

    def _require_sync(self, name: str) -> None:
        self._client.get(_rows_of(name), {"limit": 1})

    def _plan_of(self, run: Run) -> Plan | None:
        if run.plan is None:
            return None
        try:
            return self.open_plan(run.plan, run.sync)
        except NameUnknown:  # forgotten since
            return None


class _Plan:
    """A plan that a server keeps; its header is read at once, its operations when they are looked at."""

    def __init__(self, client: Client, path: str) -> None:
        self._client = client
        self._path = path
        self.header: PlanHeader = reading.header_of(client.get(path))

    def operations(self, kinds: Collection[OperationKind] | None = None) -> Iterator[list[Operation]]:
        for each in self._client.pages(f"{self._path}/operations", {"kind": sorted(kinds or ())}):
            yield [reading.operation_of(each)]

    def findings(self) -> Iterator[Finding]:
        return iter(())  # a plan made from here looks for none


class _Call:
    """A call that a server keeps; headers and bodies are read when they are looked at."""

    def __init__(self, client: Client, path: str, document: Mapping[str, Any]) -> None:
        self._client = client
        self._path = f"{path}/{document['number']}"
        kept_there: dict[str, Any] = {"run": None, "request_headers": {}, "response_headers": {}}
        bodies = {"request_body": b"", "response_body": b""}
        self._glance = msgspec.convert({**document, **kept_there, **bodies}, ApiCall)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._complete if name in _WHOLE_CALL else self._glance, name)

    @cached_property
    def _complete(self) -> ApiCall:
        document = self._client.get(self._path)
        bodies = {name: document[name].encode() for name in ("request_body", "response_body")}
        return msgspec.convert({**document, **bodies, "run": None}, ApiCall)


def _failure(ticket: Ticket, otherwise: str) -> BookwardError:
    """Return what kept a server from its work: the same error as beside the project."""
    known = leaf_of(**ticket.error) if ticket.error else None
    return known or WorkFailed(ticket.said or otherwise)


def _rows_of(sync: str) -> str:
    return f"/syncs/{quote(sync, '')}/rows"


def _said(**wishes: Any) -> dict[str, Any]:
    return {name: value for name, value in wishes.items() if value not in (None, False)}


def _refuse(**options: bool) -> None:
    for name, given in options.items():
        if given:
            raise click.UsageError(f"--{name.replace('_', '-')} cannot be used with --server.")
