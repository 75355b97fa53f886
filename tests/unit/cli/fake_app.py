"""The app as the command line sees it, with answers set by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from bookward.app import CheckReport
from bookward.cli.backend import Backend
from bookward.errors import BookwardError, NameUnknown
from bookward.meter import Attended
from bookward.model import Preview
from bookward.ports import OnProgress, Progress, Tokens
from bookward.records import ApiCall, ListedTable, Organisation, SignedOut
from bookward.run import RunReport
from bookward.settings import LogSettings
from bookward.settling import UncertainRow
from bookward.store.doubts import Decision
from bookward.store.rowstates import SyncRow
from bookward.store.runs import Run, RunRow
from bookward.suggestions import SuggestedSync
from bookward.trial import WHOLE, Trial
from tests.unit.cli.samples import LISTED, NOW, PREVIEW_COLUMNS, PREVIEW_ROWS, SUGGESTED, SamplePlan


class FakeAlerts:
    """Has nobody to tell."""

    def turn(self) -> None:
        """Do nothing."""


class FakeApp:
    """Answers what it was told to; an answer that is an exception is raised."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.closed = False
        self.alerts = FakeAlerts()
        self.logs = LogSettings()
        self.report: Any = CheckReport(problems=(), connections=(), counts={"models": 2, "syncs": 1})
        self.previewed: Any = Preview(columns=PREVIEW_COLUMNS, rows=list(PREVIEW_ROWS), seconds=0.25)
        self.suggested: Any = SUGGESTED
        self.listed: Any = LISTED
        self.planned: Any = SamplePlan()
        self.progress: list[Progress] = []
        self.ordered: Any = ()
        self.runs: dict[str, Any] = {}
        self.past: Sequence[Run] = ()
        self.call_list: list[ApiCall] = []
        self.row_list: list[RunRow] = []
        self.row_states: dict[str, list[SyncRow]] = {}
        self.retried: Any = ()
        self.in_doubt: Any = ()
        self.decided: Sequence[Decision] = ()
        self.signed_out: Any = None
        self.on_run: OnProgress = lambda _: None
        self.organisations = [Organisation(id="0f1e", name="Demo Company")]

    def check(self, *, connect: bool = False) -> CheckReport:
        return self._answer(self.report, "check", connect)

    def preview(self, model: str, limit: int = 100) -> Preview:
        return self._answer(self.previewed, "preview", model, limit)

    def tables(self, source: str) -> Sequence[ListedTable]:
        return self._answer(self.listed, "tables", source)

    def suggest(self, model: str, object_: str, destination: str | None = None) -> SuggestedSync:
        return self._answer(self.suggested, "suggest", model, object_, destination)

    def syncs(self) -> Sequence[str]:
        return self._answer(self.ordered, "syncs")

    def plan(
        self,
        sync: str,
        on_progress: OnProgress = lambda _: None,
        *,
        allow_empty: bool = False,
        full: bool = False,
        new_key: bool = False,
        assume: bool = False,
        as_new: bool = False,
        reconcile: bool = False,
        remove: Collection[str] = (),
        attended: Attended | None = None,
    ) -> Any:
        self._tell(on_progress)
        given = {"full": full, "new_key": new_key, "assume": assume, "as_new": as_new, "reconcile": reconcile}
        how = [*(name for name in given if given[name]), *remove]
        return self._answer(self.planned, "plan", sync, allow_empty, *how)

    def run(
        self,
        sync: str,
        on_progress: OnProgress = lambda _: None,
        *,
        plan: str | None = None,
        allow_empty: bool = False,
        approved: bool = False,
        confirmed: bool = False,
        trial: Trial = WHOLE,
        full: bool = False,
        wait: bool = False,
        as_new: bool = False,
        attended: Attended | None = None,
    ) -> RunReport:
        self._tell(on_progress)
        self.on_run(Progress(phase="sending"))
        answer = self._answer(
            self.runs.get(sync, NameUnknown(f"There is no sync {sync!r}.")),
            *("run", sync, plan),
            *(["approved"] if approved else []),
            *(["confirmed"] if confirmed else []),
            *([trial] if trial != WHOLE else []),
            *(["wait"] if wait else []),
            *(["as_new"] if as_new else []),
        )
        return answer if isinstance(answer, RunReport) else RunReport(run=answer, plan=None, recovered=())

    def cancel(self) -> bool:
        return self._answer(True, "cancel")

    def open_plan(self, plan: str, sync: str) -> Any:
        return self._answer(self.planned, "open_plan", plan, sync)

    def history(self, sync: str | None = None, limit: int = 20) -> Sequence[Run]:
        return [run for run in self.past if sync in (None, run.sync)][:limit]

    def find_run(self, id_: str) -> Run:
        for run in self.past:
            if id_ == "last" or run.id.startswith(id_):
                return run
        raise NameUnknown(f"There is no run {id_!r}.", remedy="`bookward history` lists the runs.")

    def run_or_plan(self, id_: str) -> str:
        return self.find_run(id_).id

    def calls(
        self, run: str, *, status: int | None = None, failed: bool = False, text: str = "", after: int = 0
    ) -> Iterator[tuple[int, ApiCall]]:
        self.asked.append(("calls", run, status, failed, text))
        return iter(list(enumerate(self.call_list, 1)))

    def rows(
        self,
        run: str,
        *,
        status: str | None = None,
        search: str = "",
        reason: str | None = None,
        after: int = -1,
        limit: int | None = None,
        named: bool = True,
    ) -> Iterator[RunRow]:
        self.asked.append(("rows", run, status, search, limit))
        return iter([row for row in self.row_list if status in (None, row.status)][:limit])

    def has_sync(self, name: str) -> bool:
        return name in self.row_states

    def row_counts(self, sync: str) -> Mapping[str, int]:
        return Counter(row.state.value for row in self.row_states[sync])

    def sync_rows(
        self,
        sync: str,
        *,
        states: Collection[str] = (),
        search: str = "",
        after: str | None = None,
        limit: int | None = None,
        in_words: bool = True,
        named: bool = True,
    ) -> Iterator[SyncRow]:
        self.asked.append(("sync_rows", sync, list(states), search, limit))
        return iter([row for row in self.row_states[sync] if not states or row.state in states][:limit])

    def retry(self, sync: str, keys: Collection[str] | None = None) -> Sequence[str]:
        return self._answer(self.retried, "retry", sync, keys)

    def uncertain(self, sync: str) -> Sequence[UncertainRow]:
        return self._answer(self.in_doubt, "uncertain", sync)

    def settle(self, sync: str, key: str, booked_as: str | None = None) -> Decision:
        return self._answer(self.decided[0], "settle", sync, key, booked_as)

    def decisions(self, sync: str, limit: int | None = None) -> Sequence[Decision]:
        return self.decided[:limit]

    def connect(
        self,
        destination: str,
        show: Callable[[str], None],
        choose: Callable[[Sequence[Organisation]], Organisation],
        port: int = 0,
    ) -> Tokens:
        show("https://login.xero.com/identity/connect/authorize?state=" + "s" * 200)
        chosen = choose(self.organisations)
        self.asked.append(("connect", destination, port))
        return Tokens(
            access_token="secret-access",
            refresh_token="secret-refresh",
            expires_at=NOW,
            scope="offline_access",
            tenant_id=chosen.id,
            tenant_name=chosen.name,
        )

    def disconnect(self, destination: str, confirm: Callable[[Organisation], None]) -> SignedOut:
        confirm(self.organisations[0])
        return self._answer(self.signed_out, "disconnect", destination)

    def repoint(self, source: str, new: str) -> Sequence[str]:
        self._answer(None, "repoint", source, new)
        return ["customers", "invoices"]

    def rename(self, sync: str, new: str) -> None:
        self._answer(None, "rename", sync, new)

    def backup(self, file: Path) -> int:
        return self._answer(1234, "backup", file)

    def restore(self, file: Path) -> None:
        self._answer(None, "restore", file)

    def write_schemas(self, folder: Path) -> Sequence[Path]:
        return [folder / "sync.json"]

    def close(self) -> None:
        self.closed = True

    def _tell(self, on_progress: OnProgress) -> None:
        for progress in self.progress:
            on_progress(progress)

    def _answer(self, answer: Any, *asked: Any) -> Any:
        self.asked.append(asked)
        if isinstance(answer, BaseException):
            raise answer
        return answer


class FakeBackend(Backend):
    """Hands out a fake app, and opens no browser."""

    def __init__(self, app: FakeApp) -> None:
        self.app = app
        self.browsed: list[str] = []
        self.starter: BookwardError | None = None
        self.demos: list[tuple[bool, bool, int, int]] = []

    def open(self, project: Path, *, followed: bool = False) -> Any:
        self.project = project
        return self.app

    def init(self, folder: Path) -> Sequence[Path]:
        if self.starter:
            raise self.starter
        return [folder / "project.yaml", folder / "syncs/contacts.yaml"]

    def demo(self, console: Console, *, once: bool, again: bool, users: int, port: int) -> int:
        self.demos.append((once, again, users, port))
        return 0

    def browse(self, address: str) -> None:
        self.browsed.append(address)
