"""What the parts of alerting tell each other: how bad things are, since when, and what people are told."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bookward.spec.triggers import Trigger


class Level(StrEnum):
    """How bad something is."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """A number that is greater the worse it is."""
        return list(Level).index(self)


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """What a state is of: a sync, or what many syncs share, so that one cause is told once."""

    kind: str  #: "syncs", "destinations", "sources" or "alerts", as the project's folders are called
    slug: str

    @classmethod
    def parse(cls, text: str) -> Subject:
        """Return the subject that a text such as `syncs/invoices` names; a lone slug is a sync's."""
        kind, _, slug = text.rpartition("/")
        return cls(kind or "syncs", slug)

    def __str__(self) -> str:
        """Return the path of its file without the ending."""
        return f"{self.kind}/{self.slug}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is found about a trigger at one moment."""

    subject: Subject
    trigger: Trigger
    level: Level
    said: str = ""  #: a sentence that says what is wrong; "" when nothing is
    remedy: str = ""
    run: str | None = None  #: id of the run that shows it


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a trigger of a subject stands."""

    subject: Subject
    trigger: Trigger
    level: Level
    since: datetime  #: at this level
    episode: str  #: tells this time that it was not well from all others; the last one's where it is well
    began: datetime  #: the episode
    said: str = ""
    remedy: str = ""
    run: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A state that became another."""

    before: Level
    now: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A person wants to hear nothing of a subject for some time (snooze), or until further notice (mute)."""

    subject: Subject
    trigger: Trigger | None  #: None for all of them
    until: datetime | None  #: None for a mute
    by: str
    at: datetime

    def covers(self, subject: Subject, trigger: Trigger, now: datetime) -> bool:
        """Return whether it keeps a message back now."""
        same = self.subject == subject and self.trigger in (None, trigger)
        return same and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True)
class Told:
    """What a recipient was told of one subject and trigger, and what is held back from it."""

    level: Level = Level.OK  #: of the last message that went out, or is on its way
    held: bool = False  #: whether a message waits for quiet hours or a silence to end
    episode: str | None = None  #: of the newest message that was not dropped, also of one that failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one recipient is told of one change."""

    id: str
    alert: str  #: slug of the recipient
    level: Level  #: as the recipient sees it: OK also where only what it hears of is over
    actual: Level  #: of the state
    before: Level  #: what it was told last
    subject: Subject
    trigger: Trigger
    said: str  #: what is wrong; where all is well again, what was
    remedy: str
    at: datetime  #: of the change
    began: datetime  #: of the episode
    episode: str
    run: str | None = None
    link: str | None = None  #: where the run, or else the subject, is shown
    concerns: tuple[str, ...] = ()  #: names of the syncs that share the trouble
    acknowledged_by: str = ""  #: who silenced it, and so knows; "" where nothing is acknowledged
    test: bool = False  #: somebody tries whether messages arrive

    @property
    def weight(self) -> Level:
        """The worse of what it tells and of what was told before."""
        return max(self.level, self.before, key=lambda level: level.rank)

    def plain(self) -> dict[str, Any]:
        """Return it as JSON can hold it; ``of_plain`` reads it back."""
        times = {"at": self.at.isoformat(), "began": self.began.isoformat()}
        return asdict(self) | {"subject": str(self.subject), "concerns": list(self.concerns)} | times

    @classmethod
    def of_plain(cls, plain: dict[str, Any]) -> Message:
        """Return what ``plain`` was made of."""
        read: dict[str, Any] = {
            "level": Level(plain["level"]),
            "actual": Level(plain["actual"]),
            "before": Level(plain["before"]),
            "subject": Subject.parse(plain["subject"]),
            "trigger": Trigger(plain["trigger"]),
            "at": datetime.fromisoformat(plain["at"]),
            "began": datetime.fromisoformat(plain["began"]),
            "concerns": tuple(plain["concerns"]),
        }
        return cls(**plain | read)
