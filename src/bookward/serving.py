"""What a server needs of a project: who may use it, connections one by one, and what is behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from threading import Lock

from bookward.access.access import Access
from bookward.access.answers import Answer, Answers
from bookward.access.caller import Caller, shell
from bookward.access.departures import Departure
from bookward.access.people import Member
from bookward.access.roles import Role
from bookward.access.sessions import csrf_of
from bookward.access.tokens import Token
from bookward.checking import Connection
from bookward.clock import Clock
from bookward.connecting import Connecting, SignInState, Standing
from bookward.destinations.base import ObjectType
from bookward.lookback import Lookback
from bookward.model import Mappable
from bookward.objectfiles import ProjectObject
from bookward.planstanding import Offer
from bookward.probing import probe
from bookward.project.hiding import hidden_text, hidden_values
from bookward.records import ListedTable
from bookward.rehearsing import Rehearsal, objects_of
from bookward.rowstory import RowStory
from bookward.sampling import Sample
from bookward.settings import LogSettings
from bookward.sources import select
from bookward.store.listings import Listings
from bookward.store.plans import PlanStanding, PlanState
from bookward.wiring import Wiring, steady

__all__ = [
    "Access",
    "Answer",
    "Answers",
    "Caller",
    "Connecting",
    "Departure",
    "Listings",
    "Mappable",
    "Member",
    "ObjectType",
    "Offer",
    "PlanStanding",
    "PlanState",
    "ProjectObject",
    "Rehearsal",
    "Role",
    "RowStory",
    "Sample",
    "Serving",
    "SignInState",
    "Standing",
    "Token",
    "csrf_of",
    "hidden_text",
    "hidden_values",
    "shell",
]


class Serving(Lookback):
    """The verbs of a server."""

    def __init__(self, wiring: Wiring) -> None:
        """Open nothing yet."""
        super().__init__(wiring)
        self._access: Access | None = None
        self._opening_access = Lock()

    @property
    def access(self) -> Access:
        """Who may use the server, and who has done what."""
        store = self._store
        with self._opening_access:
            if self._access is None:
                ways = self._wiring.settings.sign_in
                self._access = Access(store.database, self._wiring.clock, store.seal, ways=ways)
            return self._access

    def require_state(self) -> None:
        """Make sure that there is a state before it is looked into; see ``Wiring.require_state``."""
        self._wiring.require_state()

    @property
    def connecting(self) -> Connecting:
        """The sign-ins of destinations, through a person's browser."""
        self._wiring.require_project()
        return Connecting(self._wiring, self.access)

    @property
    def url(self) -> str | None:
        """Where people reach the server, where the environment says it."""
        return self._wiring.settings.url

    def listen_at(self, url: str) -> None:
        """Take it that people reach the server there; what this process tells them leads there."""
        self._wiring.settings = replace(self._wiring.settings, url=url)

    @property
    def logs(self) -> LogSettings:
        """How the log is to be written, as the environment says it."""
        return self._wiring.settings.logs

    @property
    def clock(self) -> Clock:
        """What tells the time here."""
        return self._wiring.clock

    @property
    def listings(self) -> Listings:
        """Long lists of the state, page by page."""
        return self._store.listings

    def outcome_counts(self, run: str) -> Mapping[str, int]:
        """Return how many rows of a run had which outcome until now; "pending" are those without one."""
        return self._store.runs.outcome_counts(self.find_run(run).id)

    def publish(self) -> None:
        """Give the project to the workers that have no folder of it; see ``Wiring.publish``."""
        self._wiring.publish()

    @steady
    def objects(self, destination: str) -> Sequence[ObjectType]:
        """Return what can be written to a destination; see ``rehearsing.objects_of``."""
        return objects_of(self._wiring, destination)

    @steady
    def sample(self, model: str) -> Sample:
        """Return the first rows of a model; see ``Samples.of``."""
        return self._wiring.sample(model)

    @steady
    def probe(self, kind: str, slug: str) -> Connection:
        """Test the connection of one source or destination; see ``probing.probe``."""
        return probe(self._wiring, kind, slug)

    @steady
    def tables(self, source: str) -> Sequence[ListedTable]:
        """Return the tables and views that a source lists, by schema and name.

        Raises:
            NameUnknown, ProjectInvalid, ExtraMissing, SourceUnreachable, SourceFailed
        """
        return list(self._wiring.source(source).tables())

    @steady
    def quotes(self, source: str) -> str:
        """Return what stands before and after an exact name in a source's SQL; see ``select.quotes``."""
        return select.quotes(self._wiring.source(source).dialect)
