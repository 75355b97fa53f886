"""Whatever happens in whatever order, each accepted amount is told by one digest, and by no other."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bookward import digesting
from bookward.app import App
from bookward.bookings import Booked, Posting
from bookward.digesting import Digester
from bookward.digests import Digest
from bookward.records import (
    ChangeKind,
    Operation,
    OperationKind,
    Organisation,
    Outcome,
    OutcomeStatus,
    Rejection,
)
from bookward.store.refusals import Patience
from bookward.store.runs import RunState
from tests.integration.editing.edited import FILES, open_app
from tests.integration.world import moving

HOOK = "type: webhook\nurl: http://127.0.0.1:9\nsecret: ${XERO_SECRET}\ndigest: {at: '07:00'}\n"
BOOKS = Organisation(id="o", name="Books")
UNSURE = Rejection(code="booking_uncertain", message="Xero's answer was lost.")


class Story:
    """Runs of one sync, each of one row, and the digests of one recipient."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._store = app._wiring.store
        self._clock = moving(app.clock)
        self._accepted = Decimal()
        self._amounts: dict[str, Decimal] = {}  #: by run
        self._given_up = 0  # uncertain rows that a person said are not booked

    def end(self) -> None:
        """Settle all that is left, let the last digests be made, and compare."""
        self._recover()
        while self._store.doubts("users").open():
            self._settle(booked=True)
        self._clock.jump(days=30)  # it may have been set back
        self._digest()
        told = [posted.message for posted in self._store.outbox.open("team")]
        sums = [one for digest in told if isinstance(digest, Digest) for one in digest.sums]
        assert {(one.organisation, one.object, one.currency) for one in sums} <= {
            ("Books", "invoices ACCREC", "NZD")
        }
        # Each amount is a power of three: a sum says how often each of them is in it.
        assert sum((one.inserted for one in sums), Decimal()) == self._accepted
        rows = [done.inserted for digest in told if isinstance(digest, Digest) for done in digest.syncs]
        assert sum(rows) == len(self._amounts) - self._given_up

    def _run(
        self, status: OutcomeStatus = OutcomeStatus.ACCEPTED, *, folds: bool = True, ends: bool = True
    ) -> None:
        self._recover()
        id_ = f"run-{len(self._amounts)}"
        amount = self._amounts[id_] = Decimal(3) ** len(self._amounts)
        config = '{"sync": {"object": "invoices", "fields": {"Type": {"value": "ACCREC"}}}}'
        runs = self._store.runs
        runs.begin(id_, "users", self._clock.now(), config)
        runs.plan(id_, id_, BOOKS)
        row = Operation(seq=0, key=id_, change=ChangeKind.ADDED, kind=OperationKind.INSERT)
        unsure = UNSURE if status is OutcomeStatus.UNCERTAIN else None
        known = Outcome(seq=0, key=id_, status=status, remote_id=f"r-{id_}", rejection=unsure)
        self._store.journal(id_).expect([row], [known])
        if status is OutcomeStatus.ACCEPTED:
            self._accepted += amount
        if folds:
            self._fold(id_)
        if ends:
            state = RunState.DONE if folds else RunState.PAUSED
            runs.end(id_, state, self._clock.now(), {})

    def _recover(self, late: timedelta = timedelta()) -> None:
        for run in self._store.runs.left_running("users"):
            self._store.runs.end(run.id, RunState.INTERRUPTED, self._clock.now(), {})
        for run in self._store.runs.unfolded("users"):
            self._fold(run.id, late)

    def _recover_late(self) -> None:
        self._recover(late=timedelta(hours=30))

    def _fold(self, id_: str, late: timedelta = timedelta()) -> None:
        if self._store.runs.outcome_counts(id_).get("accepted"):
            booked = Booked(
                kind="insert", account="200", currency="NZD", postings=1, amount=self._amounts[id_]
            )
            self._store.runs.book(id_, [booked])
        patience = Patience(at=self._clock.now() - late, park_after=8)
        self._store.sync("users").fold(id_, BOOKS.id, id_, patience, whole=False)

    def _settle(self, *, booked: bool = True) -> None:
        doubts = self._store.doubts("users")
        doubt = next(iter(doubts.open().values()), None)
        if doubt is not None:
            amount = self._amounts[doubt.run]
            self._accepted += amount if booked else 0
            self._given_up += not booked
            postings = [Posting("200", "NZD", amount)]
            doubts.decide(doubt, f"r-{doubt.run}" if booked else None, self._clock.now(), postings)

    def _digest(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        compose = digesting.compose

        def slowly(*words: object, **options: object) -> Digest:
            made = compose(*words, **options)  # type: ignore[arg-type]
            meanwhile()
            return made

        with patch.object(digesting, "compose", slowly):
            Digester(self._app._wiring).turn()

    def _next_digest(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        self._clock.jump(hours=25)
        self._digest(meanwhile)

    def _digest_killed(self) -> None:
        killed = patch.object(self._store.digests, "take", side_effect=KeyboardInterrupt)
        with killed, suppress(KeyboardInterrupt):
            Digester(self._app._wiring).turn()


STEPS: dict[str, Callable[[Story], None]] = {
    "run": lambda story: story._run(),
    "run that pauses": lambda story: story._run(folds=False),
    "run that is killed": lambda story: story._run(folds=False, ends=False),
    "run that is uncertain": lambda story: story._run(status=OutcomeStatus.UNCERTAIN),
    "recover": lambda story: story._recover(),
    "recover slowly": lambda story: story._recover_late(),
    "booked": lambda story: story._settle(booked=True),
    "not booked": lambda story: story._settle(booked=False),
    "digest": lambda story: story._digest(),
    "digest meets a recovery": lambda story: story._next_digest(story._recover_late),
    "digest meets a settling": lambda story: story._next_digest(story._settle),
    "digest is killed": lambda story: story._digest_killed(),
    "an hour": lambda story: story._clock.jump(hours=1),
    "a day": lambda story: story._clock.jump(hours=25),
    "clock set back": lambda story: story._clock.misset(hours=-13),
}


@settings(max_examples=settings().max_examples // 3)
@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=14))
@example(["run that pauses", "a day", "digest", "recover"])
@example(["run that pauses", "digest meets a recovery"])
@example(["run that is killed", "a day", "digest is killed", "digest", "recover slowly"])
@example(["run", "run that is uncertain", "a day", "digest", "clock set back", "booked", "digest"])
@example(["run that is uncertain", "not booked", "run", "digest meets a settling"])
def test_every_accepted_amount_is_told_once(steps: list[str]) -> None:
    with TemporaryDirectory() as folder:
        for name, text in (FILES | {"alerts/team.yaml": HOOK}).items():
            file = Path(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        with closing(open_app(Path(folder))) as app:
            Digester(app._wiring).turn()
            story = Story(app)
            for step in steps:
                STEPS[step](story)
            story.end()
